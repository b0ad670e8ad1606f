"""Drafted mappings: what is recognised, what is guessed, what is asked; and that every draft can be loaded."""

import csv
import io
import json
import os
import pty
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from full_disk import little_room
from hypothesis import given, settings
from hypothesis import strategies as st

from backfill.cli import main
from backfill.commands.init import init
from backfill.commands.init.draft import draft
from backfill.commands.init.naming import naming, words
from backfill.commands.init.near import near_fit
from backfill.commands.init.questions import answered
from backfill.commands.init.sample import Column, Sample, sample_of
from backfill.convert.layout import format_of
from backfill.errors import SourceError, UsageError
from backfill.files.csv import CSV
from backfill.files.encoding import detect_encoding
from backfill.files.format import Format
from backfill.files.formats import FORMATS
from backfill.files.head import place
from backfill.files.open import open_parts
from backfill.mapping import FieldSource, Mapping, load, load_text, presets
from backfill.mapping.draft import Draft
from backfill.mapping.yaml_text import scalar, shown

ORDERS = [
    "Order ID,Email,First Name,Last Name,Phone,Subtotal,Shipping total,Total,Email consent,Created at,Status",
    "1001,ann@shop.test,Ann,Archer,+49 30 1234567,10.00,2.50,12.50,yes,2024-01-05T10:00:00Z,paid",
    "1002,bob@shop.test,Bob,Baker,+49 30 7654321,20.00,2.50,22.50,no,2024-01-06T10:00:00Z,pending",
    "1003,cas@shop.test,Cas,Cooper,+49 30 1112223,30.00,2.50,32.50,no,2024-01-07T10:00:00Z,paid",
]


def sample(header: list[str], *rows: list[str], form: Format = CSV) -> Sample:
    columns = [Column(name, np.array([row[at] for row in rows], dtype=object)) for at, name in enumerate(header)]
    return Sample(form, tuple(columns), tuple(range(1, len(rows) + 1)), tuple(header))


def drafted(*lines: str) -> tuple[Draft, Mapping]:
    header, *rows = csv.reader(lines)
    made = draft(sample(header, *rows), "drafted", "orders.csv")
    return made, load_text(made.text, "the draft")


def live(mapping: Mapping) -> dict[str, tuple[str, ...]]:
    """The fields of the first event, without those that are left to fill in."""
    fields = {name: cell.names for name, cell in mapping.events[0].fields.items()}
    return {name: names for name, names in fields.items() if not any(name.startswith("FILL IN") for name in names)}


def write(folder: Path, text: str, name: str = "orders.csv", encoding: str = "utf-8") -> str:
    (folder / name).write_bytes(text.encode(encoding))
    return str(folder / name)


def made_of(folder: Path, text: str, name: str = "orders.csv", encoding: str = "utf-8") -> tuple[str, Mapping]:
    output = folder / "made.yaml"
    assert init(write(folder, text, name, encoding), output) == 0
    written = output.read_text("utf-8")
    return written, load_text(written, "made")


def test_an_encoding_may_be_stated(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "id,email,total,at,Größe\n1,a@x.de,2,2024-05-01T10:00:00Z,3\n"
    assert init(write(tmp_path, text, encoding="cp850"), tmp_path / "made.yaml", "cp850") == 0
    assert "Größe" in (tmp_path / "made.yaml").read_text("utf-8")
    assert "--encoding cp850" in capsys.readouterr().out


# --- names


@pytest.mark.parametrize(
    ("name", "taken_apart"),
    [
        ("createdAt", ("created", "at")),
        ("amazon-order-id", ("amazon", "order", "id")),
        ("N° de commande", ("n", "de", "commande")),
        ("Order #", ("order", "no")),
        ("OrderID", ("order", "id")),
        ("Währung", ("wahrung",)),
        ("Imię", ("imie",)),
        ("płatność", ("platnosc",)),
        ("💶", ()),
    ],
)
def test_words(name: str, taken_apart: tuple[str, ...]) -> None:
    assert words(name) == taken_apart


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("email", "Customer E-Mail"),
        ("email", "billing_details.email"),
        ("email", "Correo electrónico"),
        ("order_id", "Bestell-Nr."),
        ("order_id", "Numéro de commande"),
        ("order_id", "Order #"),
        ("amount", "Gesamtbetrag (EUR)"),
        ("amount", "totalPriceSet.shopMoney.amount"),
        ("amount", "Importo totale"),
        ("amount", "Kwota"),
        ("amount", "Order Total (inc tax)"),
        ("amount", "Valor de compra com impostos"),
        ("amount", "Sale Price ($)"),
        ("email", "customeremail"),
        ("phone", "Phone number (WhatsApp)"),
        ("first_name", "Name (First)"),
        ("email", "Email do(a) Comprador(a)"),
        ("order_id", "orderid"),
        ("event_time", "JoinedDate"),
        ("event_time", "OPTIN_TIME"),
        ("event_time", "Timestamp"),
        ("event_time", "Date Scheduled"),
        ("event_time", "Created date (UTC)"),
        ("event_time", "Data de criação"),
        ("event_time", "Besteldatum"),
        ("first_name", "Förnamn"),
        ("last_name", "Billing Last Name"),
        ("phone", "Número de teléfono"),
        ("status", "Zahlungsstatus"),
        ("email", "Primary Contact EmailID"),
        ("email", "customerInfo.email"),
        ("full_name", "Nom payeur"),
        ("order_id", "Référence paiement"),
        ("order_id", "Zahlungs-ID"),
        ("amount", "Total com acréscimo"),
        ("amount", "customerPaid.value"),
        ("event_time", "Date du paiement"),
        ("event_time", "Data de Aprovação"),
        ("event_time", "acceptedOn"),
        ("event_time", "Spendendatum"),
        ("event_time", "Data da primeira conversão"),
        ("event_time", "Patronage Since Date"),
        ("event_time", "Datum Abgeschickt"),
        ("event_time", "Inquiry Date"),
        ("event_time", "Tijd van voltooien"),
        ("event_time", "Payment Date (America/New_York)"),
        ("order_id", "Belegnummer"),
        ("amount", "Bezahlter Gesamtbetrag"),
        ("amount", "total_paid_tax_incl"),
    ],
)
def test_names_that_mean_a_field(field: str, name: str) -> None:
    found = naming(field, name)
    assert found and found.plain


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("email", "Email consent"),
        ("email", "Owner email"),
        ("email", "user_id.email"),
        ("amount", "Your Revenue"),
        ("amount", "Shipping total"),
        ("amount", "Subtotal"),
        ("amount", "Total Quantity"),
        ("amount", "Order Total (ex tax)"),
        ("amount", "Shipping Discount"),
        ("amount", "Faturamento bruto (sem impostos)"),
        ("amount", "Total Spent"),
        ("event_time", "update"),
        ("event_time", "Start Time"),
        ("order_id", "Customer ID"),
        ("order_id", "Order status"),
        ("event_time", "Updated at"),
        ("event_time", "Last Payment Date"),
        ("event_time", "Expected close date"),
        ("event_time", "Date Shipped"),
        ("order_id", "Purchase Order Number"),
        ("order_id", "Number of bookings"),
        ("amount", "Total Orders"),
        ("amount", "Montant reçu"),
        ("full_name", "Company name"),
        ("status", "Fulfillment Status"),
    ],
)
def test_similar_names_never_mean_a_field(field: str, name: str) -> None:
    found = naming(field, name)
    assert found is None or not found.plain


# --- drafts


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        ("Bestellnummer,E-Mail,Vorname,Name,Gesamtbetrag,Bestelldatum", "first_name last_name"),
        ("Número de pedido,Correo electrónico,Nombre,Apellidos,Importe total,Fecha de pedido", "first_name last_name"),
        ("N° de commande,Adresse e-mail,Prénom,Nom,Montant total,Date de commande", "first_name last_name"),
        ("Numero ordine,Indirizzo email,Nome,Cognome,Totale,Data ordine", "first_name last_name"),
        ("Número do pedido,E-mail,Nome,Sobrenome,Valor total,Data do pedido", "first_name last_name"),
        ("Bestelnummer,E-mailadres,Voornaam,Achternaam,Totaalbedrag,Besteldatum", "first_name last_name"),
        ("Numer zamówienia,Adres e-mail,Imię,Nazwisko,Wartość zamówienia,Data zamówienia", "first_name last_name"),
        ("Ordernummer,E-postadress,Förnamn,Efternamn,Totalbelopp,Orderdatum", "first_name last_name"),
        ("Order ID,Customer Email,First Name,Last Name,Grand Total,Order Date", "first_name last_name"),
    ],
)
def test_languages(header: str, fields: str) -> None:
    made, mapping = drafted(header, "A-1,ann@shop.test,Ann,Archer,12.50,2024-01-05 10:00:00 +0100")
    names = header.split(",")
    wanted = dict(zip(("order_id", "email", *fields.split(), "amount", "event_time"), names, strict=True))
    assert live(mapping) == {field: (name,) for field, name in wanted.items()}
    assert made.event == mapping.events[0].event_name.value == "purchase"
    assert not made.asks


def test_what_is_sure_is_used_and_the_rest_is_reported() -> None:
    made, mapping = drafted(*ORDERS)
    assert live(mapping) == {
        "order_id": ("Order ID",),
        "email": ("Email",),
        "first_name": ("First Name",),
        "last_name": ("Last Name",),
        "phone": ("Phone",),
        "amount": ("Total",),
        "event_time": ("Created at",),
    }
    assert [(c.column, c.one_of) for c in mapping.where] == [("Status", ("paid",))]
    table = made.text.partition('"Status", each value')[2].partition("sure")[0]
    assert [line.split()[1:] for line in table.splitlines()[1:3]] == [
        ['"paid"', "2", "45.00", "counts"],
        ['"pending"', "1", "22.50", "does", "not", "count"],
    ]
    assert 'passed over: "Subtotal"' in made.text and 'passed over: "Shipping total"' in made.text
    unused = made.text.partition("not used (3):")[2]
    assert unused.split() == ["#", '"Subtotal",', '"Shipping', 'total",', '"Email', 'consent"']


def test_no_draft_shows_a_person() -> None:
    text = drafted(*ORDERS)[0].text
    assert not [cell for line in ORDERS[1:] for cell in line.split(",")[1:5] if cell in text]


@pytest.mark.parametrize(
    ("lines", "field"),
    [
        (["id,Email,Grand Total,Total Amount,Date", "1,a@b.test,5,6,2024-01-05T10:00Z"], "amount"),
        (["Order ID,Email,Total,Grand Total,Date", "1,a@b.test,5.00,6.00,2024-01-05T10:00Z"], "amount"),
        (["Order ID,Email,Total,Date", *(f"{n},a@b.test,{n}99,2024-01-05T10:00Z" for n in range(1, 9))], "amount"),
        (["Order ID,Email,Total,Date", "1,a@b.test,five,2024-01-05T10:00Z"], "amount"),
        (["Order ID,Owner email,Total,Date", "1,a@b.test,5.00,2024-01-05T10:00Z"], "email"),
        (["Order ID,Email,Total,Date", *(f"{n},a@b.test,5.00,2024-01-05T10:00Z" for n in range(40))], "email"),
        (["Order ID,Email,Total,Closing date", "1,a@b.test,5.00,2024-01-05T10:00Z"], "event_time"),
        (["Customer ID,Email,Total,Date", "1,a@b.test,5.00,2024-01-05T10:00Z"], "order_id"),
        (["Order ID,Email,Total,Date", "5.40E+12,a@b.test,5.00,2024-01-05T10:00Z"], "order_id"),
        (["Order ID,Email,Total,Date"], "email"),
        (["Payment ID,id,Email,Total,Date", "1,2,a@b.test,5.00,2024-01-05T10:00Z"], "order_id"),
        (["Email,Contact Email,id,Total,Date", "a@b.test,c@b.test,2,5.00,2024-01-05T10:00Z"], "email"),
    ],
)  # fmt: skip
def test_what_is_not_sure_stops_a_check(lines: list[str], field: str) -> None:
    made, mapping = drafted(*lines)
    assert field not in live(mapping)
    event = mapping.events[0]
    stops = [*event.fields.values(), event.event_name]
    assert any(name.startswith("FILL IN") for cell in stops for name in cell.names)
    assert made.asks


def test_equal_candidates_are_one() -> None:
    made, mapping = drafted("Order ID,Email,Total,Grand Total,Date", "1,a@b.test,5.00,5.00,2024-01-05T10:00Z")
    assert live(mapping)["amount"] == ("Total",) and 'passed over: "Grand Total"' in made.text


def test_a_later_time_and_a_billing_address_fill_in() -> None:
    _, mapping = drafted(
        "Order ID,Billing Email,Email,Total,Created at,Paid at",
        "1,a@b.test,,5.00,2024-01-05T10:00Z,2024-01-05T11:00Z",
        "2,b@b.test,c@b.test,5.00,2024-01-05T10:00Z,",
    )
    assert live(mapping)["event_time"] == ("Paid at", "Created at")
    assert live(mapping)["email"] == ("Email", "Billing Email")


def test_date_clock_and_zone_are_put_together() -> None:
    _, mapping = drafted("Order ID,Email,Total,Date,Time,Time Zone", "1,a@b.test,5.00,2024-01-05,10:15 AM,Europe/Paris")
    cell = mapping.events[0].fields["event_time"]
    assert cell.template == (("column", "Date"), ("text", " "), ("column", "Time"))
    assert cell.timezone_column == "Time Zone"


@pytest.mark.parametrize(
    ("header", "cells", "event"),
    [
        ("Record ID,Email,Create Date", "9,a@b.test,2024-01-05T10:00Z", "lead_generated"),
        ("Email,Name,Date added", "a@b.test,Ann Archer,2024-01-05T10:00Z", "lead_generated"),
        ("Order ID,Email,Total,Create Date", "9,a@b.test,5.00,2024-01-05T10:00Z", "purchase"),
        ("Email,Birthday", "a@b.test,1990-01-05", None),
        ("Invitee Email,Invitee Name,Date Scheduled", "a@b.test,Ann Archer,2024-01-05", "schedule"),
        ("Email,Registration Time,Approval Status", "a@b.test,2024-01-05T10:00Z,approved", "webinar_registration"),
        ("Email,JoinedDate,Tier,Invited By", "a@b.test,2024-01-05T10:00Z,vip,", "sign_up"),
        ("Timestamp,Email,What do you need?", "2024-01-05T10:00Z,a@b.test,Ads", "lead_generated"),
        ("Email,MEMBER_RATING,OPTIN_TIME", "a@b.test,3,2024-01-05T10:00Z", "lead_generated"),
        ("Email,Amount,Create Date", "a@b.test,5.00,2024-01-05T10:00Z", None),
        (
            "Email,created_at,sign_up_ip,last_sign_in_at,trial_ends_at",
            "a@b.test,2024-01-05T10:00Z,,2024-01-06T10:00Z,",
            "sign_up",
        ),
        (
            "Email,Amount,created_at,user_signup_at,user_last_login",
            "a@b.test,4.50,2024-01-05T10:00Z,2024-01-05T10:00Z,2024-01-06T10:00Z",
            None,
        ),
        ("Email,Signup date,Trial", "a@b.test,2024-01-05T10:00Z,", None),
        ("Email,Date added,Last login", "a@b.test,2024-01-05T10:00Z,2024-01-06T10:00Z", "lead_generated"),
        ("Booking ID,Attendee Email,Start Time,End Time", "9,a@b.test,2024-01-05 10:00,2024-01-05 11:00", "schedule"),
        ("Booking ID,Email,Start Time,End Time", "9,a@b.test,2024-01-05 10:00,2024-01-05 11:00", None),
    ],
)
def test_event(header: str, cells: str, event: str | None) -> None:
    made, mapping = drafted(header, cells)
    assert mapping.events[0].event_name.value == event
    assert any(ask.startswith("event_name") for ask in made.asks) is (event is None)
    assert ("order_id" in live(mapping)) is ("ID" in header.split(",")[0])


TIMES = [
    (["2024-01-05 10:00:00 +0100"], None, []),
    (["2024-01-05 10:00:00"], None, ["timezone"]),
    (["2024-01-05 10:00:00"] * 30 + ["soon"], None, ["timezone"]),
    (["2024-01-05 10:00:00"] * 30 + ["2024-01-05T10:00:00Z"], None, []),
    (["01/02/2024 10:00", "02/13/2024 10:00"], "mdy", ["timezone"]),
    (["01.02.2024 10:00", "13.02.2024 10:00"], "dmy", ["timezone"]),
    (["01/02/2024 10:00"], None, ["timezone", "date_order"]),
    (["13/02/2024 10:00"] * 30 + ["02/13/2024 10:00"], None, ["timezone", "date_order"]),
]


@pytest.mark.parametrize(("texts", "order", "asked"), TIMES)
def test_zone_and_order_are_never_guessed(texts: list[str], order: str | None, asked: list[str]) -> None:
    rows = [f"{n},a{n}@b.test,5.00,{text}" for n, text in enumerate(texts)]
    made, mapping = drafted("Order ID,Email,Total,Date", *rows)
    assert (mapping.source.timezone, mapping.source.date_order) == (None, order)
    assert [ask.partition(":")[0] for ask in made.asks] == [f"source.{name}" for name in asked]


def test_a_name_with_utc_is_no_guess() -> None:
    made, mapping = drafted("id,Customer Email,Amount,Created date (UTC)", "ch_1,a@b.test,5.00,2024-01-05 10:00:00")
    assert mapping.source.timezone == "UTC" and not made.asks


def test_a_zone_in_a_name_is_no_guess() -> None:
    header = "Receipt No,Email,Amount,Payment Date (America/New_York)"
    made, mapping = drafted(header, "R-1,a@b.test,5.00,2024-01-05 10:00:00")
    assert mapping.source.timezone == "America/New_York" and not made.asks


def test_decimal_and_nulls() -> None:
    header, *rows = [["Order ID", "Email", "Total", "Date"], ["1", "a@b.test", "1.012,50", "2024-01-05T10:00Z"]]
    made = draft(sample(header, *rows), "drafted", "x.csv")
    assert load_text(made.text, "").source.decimal == ","


# --- only what the values prove is sure

IDS = {  # columns with their values from row to row, and which of them is the order's id for sure
    "an own id before the number that people see": ({"Order Number": "1 2 3", "Purchase ID": "x y z"}, "Purchase ID"),
    "an id before an invoice's number": ({"Invoice No": "R1 R2 R3", "Transaction code": "a b c"}, "Transaction code"),
    "a payment's id next to the order's number": ({"Order Number": "1 2 3", "Transaction ID": "x y z"}, None),
    "a payment's id that some orders lack": ({"Order Number": "1 2 3", "Transaction ID": "x - z"}, "Order Number"),
    "an order's id that some payments lack": ({"id": "a b c", "order_id": "1 - 2"}, "id"),
    "one id that comes again later": ({"Order ID": "1 2 1"}, None),
    "a ticket's number, of which an order may have several": ({"Ticket Number": "1 2 3"}, None),
    "one id that is not there in each row": ({"Order ID": "1 - 2"}, None),
    "one id that one of many lacks": ({"Order ID": " ".join([*map(str, range(70, 90)), "-"])}, "Order ID"),
    "one id that one of many shares": ({"Order ID": " ".join([*map(str, range(500, 700)), "570"])}, "Order ID"),
    "an id that counts the rows": ({"ID": "1 2 3 4 5"}, None),
    "a date": ({"Order Date": "2024-01-05 2024-01-06 2024-01-07"}, None),
    "rows with ids of their own below one order": ({"order_id": "1 1 2", "event_id": "a b c"}, None),
    "an id in the first of an order's rows": ({"Order No": "1 1 2", "Order ID": "a - b"}, "Order ID"),
    "in Spanish": ({"Número de orden": "1 1 2", "Identificador de la orden": "a - b"}, "Identificador de la orden"),
    "in Italian": ({"Codice transazione": "a b c", "Codice transazione di rif.": "- a -"}, "Codice transazione"),
}  # fmt: skip


def table(columns: dict[str, str]) -> list[str]:
    """Columns of an order's id, then an address, an amount and a time in each row."""
    cells = [["" if text == "-" else text for text in texts.split()] for texts in columns.values()]
    rows = [",".join([*row, f"p{n}@b.test,{n}.50,2024-01-05T10:00Z"]) for n, row in enumerate(zip(*cells, strict=True))]
    return [",".join([*columns, "Email,Total,Date"]), *rows]


@pytest.mark.parametrize("kind", IDS)
def test_an_order_id_is_sure_where_its_values_prove_it(kind: str) -> None:
    columns, wanted = IDS[kind]
    _, mapping = drafted(*table(columns))
    assert live(mapping).get("order_id") == ((wanted,) if wanted else None)


@pytest.mark.parametrize(
    ("header", "rows", "taken"),
    [
        ("Email,Owner's email", [",a@b.test", ",c@b.test", "d@b.test,d@b.test"], None),
        ("Email,Email (Work)", [",a@b.test", ",c@b.test", "d@b.test,d@b.test"], ("Email (Work)",)),
        ("User Email,Invitee Email", ["s@b.test,a@b.test", "s@b.test,c@b.test"], ("Invitee Email",)),
        ("Purchase Email,Buyer Email", ["a@b.test,", "c@b.test,c@b.test", "d@b.test,"], ("Purchase Email",)),
        ("Email,Giftee Email", ["a@b.test,", "c@b.test,x@b.test", "d@b.test,"], ("Email",)),
        ("Email mittente,Email destinatario", ["a@b.test,s@b.test"] * 3, ("Email mittente",)),
    ],
)  # fmt: skip
def test_an_address_is_sure_where_none_is_filled_more_often(
    header: str, rows: list[str], taken: tuple[str, ...] | None
) -> None:
    _, mapping = drafted(
        f"{header},Order ID,Total,Date", *(f"{row},{n},5.00,2024-01-05T10:00Z" for n, row in enumerate(rows))
    )
    assert live(mapping).get("email") == taken


@pytest.mark.parametrize(
    ("header", "cells", "source"),
    [
        ("Date,Purchase Time (UTC timezone)", "2024-01-05,2024-01-05 10:15:00", "Purchase Time (UTC timezone)"),
        ("Date,Captured", "2024-01-05,2024-01-05T10:15:00Z", None),
        ("Date,Shipped at", "2024-01-05,2024-01-09T10:15:00Z", "Date"),
        ("Data,Orario,Fuso orario", "5/10/2024,10:15:00,CEST", "{Data} {Orario}"),
        ("date_submitted,time_submitted", "2024-10-05,02:21 PM UTC", "{date_submitted} {time_submitted}"),
        ("Besteldatum,Besteltijd", "05-10-2024,10:15", "{Besteldatum} {Besteltijd}"),
        ("Fecha,Fecha de la cita,Hora", "2024-05-10,2031-06-10,10:15", "Fecha"),
        ("Datum,Zeit,Zeitzone", "05.10.2024,10:15:00,CEST", "{Datum} {Zeit}"),
    ],
)  # fmt: skip
def test_a_bare_date_is_not_sure_next_to_its_time_of_day(header: str, cells: str, source: str | None) -> None:
    made, mapping = drafted(f"Order ID,Email,Total,{header}", *(f"{n},p{n}@b.test,5.00,{cells}" for n in range(3)))
    found = mapping.events[0].fields["event_time"]
    written = "".join(f"{{{text}}}" if kind == "column" else text for kind, text in found.template or ())
    assert (written or live(mapping).get("event_time", (None,))[0]) == source, made.text


@pytest.mark.parametrize(
    ("header", "texts", "names"),
    [
        ("Event", ["Purchase", "Lead"], {"Purchase": "purchase", "Lead": "lead_generated"}),
        ("What", ["purchase", "SignUp"], {"purchase": "purchase", "SignUp": "sign_up"}),
        ("Conversion name", ["Kauf", "Kauf"], {"Kauf": "purchase"}),
    ],
)  # fmt: skip
def test_a_column_of_event_names_is_the_events_name(header: str, texts: list[str], names: dict[str, str]) -> None:
    rows = [f"{n},p{n}@b.test,5.00,2024-01-05T10:00Z,{text}" for n, text in enumerate(texts)]
    made, mapping = drafted(f"Order ID,Email,Total,Date,{header}", *rows)
    name = mapping.events[0].event_name
    assert (name.names, dict(name.map)) == ((header,), names) and not made.asks


def test_an_event_column_with_another_word_is_asked() -> None:
    rows = [f"{n},p{n}@b.test,5.00,2024-01-05T10:00Z,{text}" for n, text in enumerate(["Purchase", "Mystery"])]
    made, mapping = drafted("Order ID,Email,Total,Date,Event", *rows)
    assert "event_name: what a row means" in made.asks and '"Mystery" 1' in made.text
    assert mapping.events[0].event_name.names[0].startswith("FILL IN")


@pytest.mark.parametrize(
    ("header", "event"), [("Invitee Email", "schedule"), ("Webinar", "webinar_registration"), ("Trial", "start_trial")]
)
def test_a_lead_is_not_sure_where_a_column_says_something_else(header: str, event: str) -> None:
    made, mapping = drafted(f"{header},Email,Created at", "x,a@b.test,2024-01-05T10:00Z")
    assert mapping.events[0].event_name.value is None and f"# event_name: {event}     # likely" in made.text


@pytest.mark.parametrize(
    ("header", "values", "condition"),
    [
        ("Mode (Live|Test)", ["live", "test", "live"], ("none_of", ("test",))),
        ("Fully Refunded?", ["0", "1", "0"], ("none_of", ("1",))),
        ("Disputed?", ["false", "true", "false"], ("none_of", ("true",))),
        ("is_test", ["no", "yes", "no"], ("none_of", ("yes",))),
        ("Outcome", ["Paid", "Refunded", "Paid"], ("none_of", ("Refunded",))),
        ("Outcome", ["Paid", "Refunded", "Mystery"], ("one_of", ("FILL IN the values that count",))),
        ("Payé", ["Oui", "Non", "Oui"], ("none_of", ("non",))),
        ("Refund Status", ["", "Full", "Partial"], ("none_of", ("Full",))),
        ("State", ["Complete", "Cancelled", "Complete"], ("one_of", ("Complete",))),
        ("Testkauf", ["Nein", "Ja", "Nein"], ("none_of", ("ja",))),
        ("Testmodus", ["Nein", "Ja", "Nein"], ("none_of", ("ja",))),
        ("Teilnehmerstatus", ["Teilnehmend", "Nicht teilnehmend", "Teilnehmend"], ("one_of", ("Teilnehmend",))),
        ("Milestone", ["Won", "Bid", "Won"], ("one_of", ("Won",))),
        ("Live", ["true", "false", "true"], ("none_of", ("false",))),
        ("Returned", ["false", "true", "false"], ("none_of", ("true",))),
        ("gateway_environment", ["live", "sandbox", "live"], ("none_of", ("sandbox",))),
        ("Booking page", ["Demo", "Demo", "Demo"], None),
        ("A/B test group", ["0", "1", "0"], None),
        ("Note", ["refunded", "gift wrap", "call first", "blue"], None),
    ],
)
def test_no_sign_of_a_row_without_event_is_ignored(
    header: str, values: list[str], condition: tuple[str, object] | None
) -> None:
    rows = [f"{n},p{n}@b.test,5.00,2024-01-05T10:00Z,{value}" for n, value in enumerate(values)]
    made, mapping = drafted(f"Order ID,Email,Total,Date,{header}", *rows)
    assert [(c.column, getattr(c, condition[0])) for c in mapping.where if condition] == (
        [(header, condition[1])] if condition else []
    )
    assert bool(mapping.where) is bool(condition), made.text


@pytest.mark.parametrize("text", ["<test lead: dummy data for full_name>", "(Example) Sandy"])
def test_rows_that_a_platform_made_itself_are_left_out(text: str) -> None:
    rows = ["a@b.test,Ann Archer,2024-01-05T10:00Z", f"x@b.test,{text},2024-01-05T10:00Z"]
    _, mapping = drafted("Email,full_name,created_time", *rows)
    [found] = mapping.where
    assert found.column == "full_name" and found.matches is not None
    assert [bool(found.matches.search(cell)) for cell in ("Ann Archer", text)] == [True, False]


# --- rows of one order


@pytest.mark.parametrize(
    ("rows", "total", "says"),
    [
        (["1,a@b.test,12.00,2024-01-05T10:00Z"] * 2, ("Total",), "is taken once"),
        (["1,a@b.test,12.00,2024-01-05T10:00Z", "1,,,"], ("Total",), "several rows"),
        (["1,a@b.test,5.00,2024-01-05T10:00Z", "1,a@b.test,7.00,2024-01-05T10:00Z"], ("Total",), "# sum: [Total]"),
    ],
)
def test_line_items(rows: list[str], total: tuple[str], says: str) -> None:
    made, mapping = drafted("Order ID,Email,Total,Date", *rows, "2,b@b.test,3.00,2024-01-05T10:00Z")
    assert mapping.source.group_by == "Order ID" and live(mapping)["amount"] == total
    assert says in made.text and mapping.source.sum == ()
    assert bool(made.asks) is ("sum" in says)


def test_rows_whose_order_is_blank_are_its_items() -> None:
    rows = ["#1,a@b.test,71,paid,12.00,2024-01-05T10:00Z,Mug", "#1,a@b.test,,,,,Cup", "#1,a@b.test,,,,,Jug"]
    _, mapping = drafted(
        "Name,Email,Id,Payment,Total,Created at,Item", *rows, "#2,b@b.test,72,paid,3.00,2024-01-05T10:00Z,Mug"
    )
    assert mapping.source.group_by == "Name"
    assert live(mapping)["order_id"] == ("Id",) and live(mapping)["order_name"] == ("Name",)


def test_rows_of_transactions_are_no_items() -> None:
    rows = [f"{n},7,{kind},a@b.test,12.00,2024-01-05T10:00Z" for n, kind in enumerate(["charge", "charge", "refund"])]
    _, mapping = drafted("event_id,order_id,transaction_type,Email,Total,Date", *rows)
    assert mapping.source.group_by is None and live(mapping)["order_id"] == ("event_id",)


def test_cents_of_a_payment_processor() -> None:
    rows = [[f"ch_{n}", "a@b.test", f"{n}900", "usd", "2024-01-05T10:00Z", "true"] for n in range(1, 5)]
    header = ["id", "email", "amount", "currency", "created", "livemode"]
    text = draft(sample(header, *rows, form=FORMATS["jsonl"]), "drafted", "x").text
    assert load_text(text, "draft").events[0].fields["amount"].minor_units == "currency"
    text = draft(sample(header[:-1], *([row[0][3:], *row[1:-1]] for row in rows), form=FORMATS["jsonl"]), "a", "x").text
    assert "amount: FILL IN" in text, "whole numbers alone do not say that they are cents"


@pytest.mark.parametrize(("header", "scale"), [("amount_cents", "0.01"), ("Total (cents)", "0.01"), ("Total", None)])
def test_cents_that_the_name_says(header: str, scale: str | None) -> None:
    _, mapping = drafted(
        f"Order ID,Email,{header},Date", *(f"{n},a@b.test,{n}00,2024-01-05T10:00Z" for n in range(1, 6))
    )
    cell = mapping.events[0].fields["amount"]
    assert (cell.scale and str(cell.scale)) == scale and cell.names[0].startswith("FILL IN") is (scale is None)


def test_cents_that_another_column_has_in_whole_units() -> None:
    rows = [f"{n},a{n}@b.test,{n}900,${n}9.00,2024-01-05T10:00Z" for n in range(1, 6)]
    _, mapping = drafted("Deal ID,Email,value,value_formatted,Date", *rows)
    assert str(mapping.events[0].fields["amount"].scale) == "0.01"


def test_prefixes_and_quotes_are_taken_off() -> None:
    rows = [f"l:{n},a@b.test,p:+4930123456{n},2024-01-05T10:00Z" for n in range(1, 4)]
    _, mapping = drafted("id,email,phone_number,created_time", *rows)
    fields = mapping.events[0].fields
    assert (fields["order_id"].strip, fields["phone"].strip) == (("l:",), ("p:",))


def test_ids_and_amounts_are_those_of_the_purchases() -> None:
    rows = ["Purchase,1,a@b.test,5.00,2024-01-05T10:00Z", "Lead,,b@b.test,,2024-01-05T10:00Z"]
    made, mapping = drafted("event_name,order_id,email,value,event_time", *rows)
    assert not made.asks and live(mapping)["order_id"] == ("order_id",) and live(mapping)["amount"] == ("value",)


def test_a_lead_that_is_there_twice_is_no_order_of_two_rows() -> None:
    rows = ["7,a@b.test,2024-01-05T10:00Z", "7,c@b.test,2024-01-06T10:00Z", "8,d@b.test,2024-01-07T10:00Z"]
    assert drafted("Lead ID,Email,Created Time", *rows)[1].source.group_by is None


def test_a_line_is_no_total() -> None:
    made, mapping = drafted("Order ID,Email,Amount,Date", *["1,a@b.test,12.00,2024-01-05T10:00Z"] * 2)
    assert "amount" not in live(mapping) and "# amount: Amount     # likely" in made.text


def test_rows_with_ids_of_their_own_may_be_payments() -> None:
    rows = [f"{n},7,a@b.test,12.00,2024-01-05T10:00Z" for n in range(3)]
    made, mapping = drafted("ID,Order No.,Email,Total,Date", *rows)
    assert mapping.source.group_by is None
    assert "# group_by: Order No." in made.text
    assert "order_id" not in live(mapping)
    assert made.asks == (
        "order_id: the column with the order's id",
        "source.group_by: whether several rows are one order",
    )


def test_rows_that_may_be_items_are_asked_for() -> None:
    rows = ["a@b.test,s-1,12.00", "a@b.test,s-1,5.00", "b@b.test,s-2,7.00"]
    made, mapping = drafted("Email,Basket,Income,Sold at", *(f"{row},2024-01-05T10:00Z" for row in rows))
    assert mapping.source.group_by is None and "# group_by: Basket" in made.text and "# sum:" in made.text
    assert "source.group_by: whether several rows are one order" in made.asks


# --- conditions


@pytest.mark.parametrize(
    ("header", "values", "condition"),
    [
        ("Financial Status", ["paid", "voided", "partially_refunded"], ("one_of", ("paid", "partially_refunded"))),
        ("Status", ["wc-completed", "wc-on-hold"], ("one_of", ("wc-completed",))),
        ("Estado", ["Pagado", "Pendiente"], ("one_of", ("Pagado",))),
        ("Statut", ["Payée", "Annulée"], ("one_of", ("Payée",))),
        ("Etapa", ["Cierre ganado", "Cierre perdido", "Propuesta enviada"], ("one_of", ("Cierre ganado",))),
        ("Status", ["Sold", "Out-Sold", "Lost"], ("one_of", ("Sold",))),
        (
            "Situação",
            ["Pagamento aprovado", "Em transporte", "Aguardando"],
            ("one_of", ("Pagamento aprovado", "Em transporte")),
        ),
        ("Order Status", ["Shipped", "Confirmed", "Cancelled"], ("one_of", ("Shipped", "Confirmed"))),
        ("Deal Stage", ["Closed Won", "Kick-off"], ("one_of", ("FILL IN the values that mean paid for",))),
        ("Status", ["pending", "voided"], ("one_of", ("FILL IN the values that mean paid for",))),
        ("Cancelled at", ["", "2024-01-05T10:00Z"], ("empty", True)),
        ("Canceled", ["true", "false"], ("none_of", ("true",))),
        ("livemode", ["true", "false"], ("none_of", ("false",))),
        ("Type", ["charge", "refund"], ("one_of", ("charge",))),
        ("Type", ["General Payment", "Payment Refund", "Withdrawal"], ("one_of", ("General Payment",))),
        ("Status", ["Awaiting Shipment", "Awaiting Payment", "Cancelled by guest"], ("one_of", ("Awaiting Shipment",))),
        ("Tipo operación", ["Pago", "Devolución"], ("one_of", ("Pago",))),
        ("Zahlungsstatus", ["Vollständig bezahlt", "Unbezahlt"], ("one_of", ("Vollständig bezahlt",))),
        ("Type", ["charge", "mystery"], ("one_of", ("FILL IN the values that are purchases",))),
    ],
)
def test_conditions(header: str, values: list[str], condition: tuple[str, object]) -> None:
    rows = [f"{n},a@b.test,5.00,2024-01-05T10:00Z,{value}" for n, value in enumerate(values)]
    made, mapping = drafted(f"Order ID,Email,Total,Date,{header}", *rows)
    [found] = mapping.where
    assert (found.column, getattr(found, condition[0])) == (header, condition[1])
    assert any(ask.startswith("where") for ask in made.asks) is ("FILL IN" in str(condition[1]))


def test_what_is_below_zero_is_no_sale() -> None:
    rows = [f"{n},a@b.test,{amount},2024-01-05T10:00Z" for n, amount in enumerate(["5.00", "-5.00", "7.00"])]
    _, mapping = drafted("Order ID,Email,Gross,Date", *rows)
    assert [(c.column, c.at_least) for c in mapping.where] == [("Gross", 0)]


@pytest.mark.parametrize(
    ("header", "values", "condition"),
    [
        ("Approval Status", ["approved", "denied", "cancelled by self"], ("one_of", ("approved",))),
        ("Response Type", ["completed", "partial", "completed"], ("one_of", ("completed",))),
        ("Approval Status", ["approved", "denied", "mystery"], ("one_of", ("FILL IN the values that count",))),
        ("Lead Status", ["New", "Open", ""], None),
    ],
)
def test_conditions_of_people(header: str, values: list[str], condition: tuple[str, object] | None) -> None:
    rows = [f"p{n}@b.test,2024-01-05T10:00Z,{value}" for n, value in enumerate(values)]
    time = "Registration Time" if "Approval" in header else "Created at"
    _, mapping = drafted(f"Email,{time},{header}", *rows)
    assert [(c.column, c.one_of) for c in mapping.where] == ([(header, condition[1])] if condition else [])


def test_people_without_an_address_are_left_out() -> None:
    _, mapping = drafted("Email,Created at", "a@b.test,2024-01-05T10:00Z", ",2024-01-06T10:00Z")
    assert [(c.column, c.empty) for c in mapping.where] == [("Email", False)]


@pytest.mark.parametrize("header", ["State", "Fulfillment Status", "Type"])
def test_columns_that_are_no_condition(header: str) -> None:
    _, mapping = drafted(f"Order ID,Email,Total,Date,{header}", "1,a@b.test,5.00,2024-01-05T10:00Z,Bavaria")
    assert mapping.where == ()


# --- files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_titles_delimiters_and_encodings(tmp_path: Path, encoding: str, delimiter: str) -> None:
    lines = [
        "Größte Bestellungen",
        "",
        "Order ID,E-Mail-Adresse,Total,Date,Größe",
        "1,a@b.test,5.00,2024-01-05T10:00Z,ü",
    ]
    _, mapping = made_of(tmp_path, "\r\n".join(line.replace(",", delimiter) for line in lines), encoding=encoding)
    assert live(mapping)["email"] == ("E-Mail-Adresse",)
    assert main(["check", str(tmp_path / "orders.csv"), "-m", str(tmp_path / "made.yaml"), *quiet(tmp_path)]) == 0


WRITTEN = {  # how another program writes a line of an export
    "in one quoted cell": lambda line: '"' + line.replace('"', '""') + '"',
    "and with its own delimiters behind": lambda line: f'"{line}";;;',
    "with blanks before quotes": lambda line: ", ".join(f'"{cell}"' for cell in line.split(",")),
    "with backslashes": lambda line: line.replace("Ann", r'"Ann \"A, B\""'),
}


@pytest.mark.parametrize("written", WRITTEN)
def test_a_header_is_read_as_a_check_reads_it(tmp_path: Path, written: str) -> None:
    plain = made_of(tmp_path, "\n".join(ORDERS))[0]
    text = "\n".join(map(WRITTEN[written], ORDERS))
    (tmp_path / "made.yaml").unlink()
    assert made_of(tmp_path, text)[0] == plain
    assert main(["check", str(tmp_path / "orders.csv"), "-m", str(tmp_path / "made.yaml"), *quiet(tmp_path)]) == 0


def quiet(folder: Path) -> list[str]:
    return ["--state", str(folder / "state"), "--quiet"]


def test_a_delimiter_that_names_contain_is_written(tmp_path: Path) -> None:
    lines = 'Order ID;Email;Total;Date;"Street, City"', "1;a@b.test;5.00;2024-01-05T10:00Z;x"
    _, mapping = made_of(tmp_path, "\n".join(lines))
    assert mapping.source.delimiter == ";"


@pytest.mark.parametrize(
    "text",
    ["ann@shop.test,Ann,10.00,2024-01-01\nbob@shop.test,Bob,11.00,2024-01-02\n", "1,2,3\n4,5,6\n", "\n\n \n"],
)
def test_a_file_without_a_header_is_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceError) as caught:
        init(write(tmp_path, text), None)
    assert "header" in str(caught.value) and "Ann" not in str(caught.value)
    assert not list(tmp_path.glob("*.yaml"))


def test_json_lines(tmp_path: Path) -> None:
    rows = [
        {"id": f"ch_{n}", "customer": {"email": "a@b.test", "phone": "+49301234567" if n else None}, "amount": "5.00",
         "created": 1704448800, "items": [{"sku": "x"}, {"sku": "y"}], "a.b": {"c.d": 1}}
        for n in range(3)
    ]  # fmt: skip
    written, mapping = made_of(tmp_path, "\n".join(map(json.dumps, rows)), "orders.jsonl")
    assert live(mapping)["email"] == ("customer.email",) and live(mapping)["event_time"] == ("created",)
    assert mapping.source.optional == ("customer.phone",)
    assert '"items.0.sku"' in written and "items.1" not in written and "c.d" not in written
    assert main(["check", str(tmp_path / "orders.jsonl"), "-m", str(tmp_path / "made.yaml"), *quiet(tmp_path)]) == 0


def test_rows_further_down_count(tmp_path: Path) -> None:
    rows = [f"{n},a{n}@b.test,5.00,{13 if n > 4_000 else 1:02}/02/2024 10:00,{'x' * 200}" for n in range(20_000)]
    written, mapping = made_of(tmp_path, "\n".join(["Order ID,Email,Total,Date,Note", *rows]))
    assert mapping.source.date_order == "dmy" and "a row further down" in written


def test_a_sure_draft_passes_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, "\n".join(ORDERS))
    assert init(file, None) == 0
    made = tmp_path / "orders.yaml"
    assert capsys.readouterr().out.splitlines() == [f"wrote {made}: purchase", f"next: backfill check {file} -m {made}"]
    assert main(["check", file, "-m", str(made), "--json", *quiet(tmp_path)]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["ready"], summary["without_event"]) == (2, 1)
    assert float(summary["by_event"]["purchase"]["amount"]) == 45


def test_an_order_without_an_amount_is_no_loss(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    amounts = ["10.00", "-5.00", "", "n/a", "(3.00)", "30.00"]
    rows = "".join(f"{n},a{n}@b.test,{amount},2024-01-05T10:00Z\n" for n, amount in enumerate(amounts, 1001))
    file = write(tmp_path, f"Order ID,Email,Total,Date\n{rows}")
    assert init(file, None) == 0
    capsys.readouterr()
    assert main(["check", file, "-m", str(tmp_path / "orders.yaml"), "--json", *quiet(tmp_path)]) == 3
    summary = json.loads(capsys.readouterr().out)
    assert (summary["ready"], summary["invalid"], summary["without_event"]) == (2, 2, 2)


def test_values_to_fill_in_stop_the_check_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"{n},a{n}@b.test,5.00,2024-01-05T10:00Z,{'Won' if n % 2 else 'Kick-off'}\n" for n in range(8))
    file = write(tmp_path, f"Order ID,Email,Total,Date,Status\n{rows}")
    assert init(file, None) == 0
    assert "fill in where" in capsys.readouterr().out
    assert main(["check", file, "-m", str(tmp_path / "orders.yaml"), *quiet(tmp_path)]) == 2
    assert "still says FILL IN; write its values there" in capsys.readouterr().err


def test_an_unsure_draft_stops_the_check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, "Order ID,Owner email,Total,Date\n1,a@b.test,5.00,2024-01-05T10:00Z\n")
    assert init(file, None) == 0
    assert "fill in email: the column with the buyer's e-mail address" in capsys.readouterr().out
    assert main(["check", file, "-m", str(tmp_path / "orders.yaml"), *quiet(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "email still says FILL IN the column with the buyer's e-mail address; write that column's name" in said


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    file = write(tmp_path, "\n".join(ORDERS))
    (tmp_path / "orders.yaml").write_text("mine")
    assert init(file, None) == 0 and init(file, None) == 0
    assert (tmp_path / "orders.yaml").read_text() == "mine"
    assert (tmp_path / "orders-2.yaml").read_text() == (tmp_path / "orders-3.yaml").read_text()
    with pytest.raises(UsageError, match="exists already"):
        init(file, tmp_path / "orders.yaml")
    with pytest.raises(UsageError, match="can't be written"):
        init(file, tmp_path / "nowhere" / "orders.yaml")
    assert (tmp_path / "orders.yaml").read_text() == "mine"


@pytest.mark.parametrize("name", ["draft.csv", "draft.TXT", "draft.jsonl", "draft.xlsx", "draft.csv.gz"])
def test_a_draft_has_no_name_that_a_pattern_of_exports_would_take(tmp_path: Path, name: str) -> None:
    file = write(tmp_path, "\n".join(ORDERS))
    with pytest.raises(UsageError, match="a pattern would take it for one"):
        init(file, tmp_path / name)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("output", [None, "made.yaml"])
def test_a_full_disk_leaves_no_part_of_a_mapping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str | None
) -> None:
    file = write(tmp_path, "\n".join(ORDERS))
    monkeypatch.chdir(tmp_path)
    with little_room(), pytest.raises(UsageError, match="can't be written"):
        init(file, Path(output) if output else None)
    assert list(tmp_path.iterdir()) == [tmp_path / "orders.csv"]


def test_standard_output(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert init(write(tmp_path, "\n".join(ORDERS)), Path("-")) == 0
    assert load_text(capsys.readouterr().out, "").name == "orders"
    assert list(tmp_path.iterdir()) == [tmp_path / "orders.csv"]


# --- presets


def test_a_recognised_export_gets_its_preset(tmp_path: Path) -> None:
    header = "Record ID,First Name,Last Name,Email,Phone Number,Create Date"
    written, mapping = made_of(tmp_path, f"{header}\n9,Ann,Archer,ann@shop.test,,02/13/2024 10:00\n", "contacts.csv")
    assert mapping.name == "hubspot_contacts", "the ledger knows recipes of keys by this name"
    assert mapping.source.date_order == "mdy" and mapping.source.timezone is None
    assert "needed: source.timezone" in written and "HubSpot: CRM, Contacts" in written
    assert "Archer" not in written and "ann@shop.test" not in written and "$schema" not in written


@pytest.mark.parametrize("name", presets())
def test_every_preset_can_be_copied(tmp_path: Path, name: str) -> None:
    for folder in (Path("sample_data"), Path("sample_data/presets")):
        for file in (Path(__file__).parents[2] / folder).glob(f"{name}.*"):
            if file.stem == name and file.suffix in (".csv", ".jsonl", ".tsv", ".txt") and not load(name).refuse:
                assert init(str(file), tmp_path / "made.yaml") == 0
                assert load_text((tmp_path / "made.yaml").read_text("utf-8"), "").name == name
                return


def test_a_preset_below_a_title_and_with_a_column_missing(tmp_path: Path) -> None:
    text = "Contacts\n\nRecord ID;Email;Create Date\n9;ann@shop.test;2024-02-13T10:00:00Z\n"
    written, mapping = made_of(tmp_path, text, "contacts.csv")
    assert mapping.name == "hubspot_contacts" and "needed" not in written.partition("mapping: 1")[0]


def test_a_template_of_a_preset_is_read_for_the_order_of_dates(tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "sample_data/presets/paypal_activity.csv").read_text("utf-8-sig")
    assert made_of(tmp_path, text)[1].source.date_order is not None


NEAR = "Record ID_,First Name,Last Name,Email,Phone-Number,Create date"


@pytest.mark.parametrize(
    ("header", "cells", "changes"),
    [
        (NEAR, "9,Ann,Archer,ann@shop.test,,2024-02-13 10:00", ['"Record ID_"', '"Phone-Number"']),
        (NEAR, "9,Ann,Archer,Archer,,2024-02-13 10:00", None),
        (NEAR.replace("Email,", ""), "9,Ann,Archer,,2024-02-13 10:00", None),
        (NEAR.replace("Record ID_", "Record ID,Deal Name"), "9,x,Ann,Archer,ann@shop.test,,2024-02-13 10:00", None),
    ],
    ids=["two names differ", "no addresses", "no column", "a column of another export"],
)  # fmt: skip
def test_a_header_that_nearly_fits_starts_from_the_preset(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], header: str, cells: str, changes: list[str] | None
) -> None:
    written, mapping = made_of(tmp_path, f"{header}\n{cells}\n", "contacts.csv")
    said = capsys.readouterr().out
    assert (mapping.name == "hubspot_contacts") is ("nearly fits" in written) is (changes is not None)
    assert all(change in written and change in said for change in changes or ())
    if changes:
        files = [str(tmp_path / name) for name in ("contacts.csv", "made.yaml")]
        assert main(["check", files[0], "-m", files[1], "--timezone", "UTC", "--state", str(tmp_path)]) == 0


SAMPLES = {
    path.stem: path
    for folder in ("sample_data/presets", "sample_data")
    for path in sorted((Path(__file__).parents[2] / folder).glob("*.*sv"))
    if path.stem in presets() and not load(path.stem).refuse
}


@settings(max_examples=6)
@given(st.sampled_from(sorted(SAMPLES)), st.data())
def test_a_near_draft_reads_nothing_that_the_file_lacks(name: str, data: st.DataObject) -> None:
    with open_parts([str(SAMPLES[name])]) as (part,):
        detect_encoding(part, None)
        whole = sample_of(part, format_of(part, None))
    mapping, columns = load(name), whole.columns
    known = [column for column in columns if any(place([column.name], one, mapping) for one in mapping.detect)]
    changed = data.draw(st.sampled_from(known), label="renamed")
    others = [column for column in columns if column not in known] or [None]
    gone = data.draw(st.lists(st.sampled_from(others), max_size=4), label="gone")
    left = [column for column in columns if column not in gone]
    renamed = [replace(column, name=f"{column.name}_") if column is changed else column for column in left]
    names = [column.name for column in renamed]
    found = near_fit(replace(whole, columns=tuple(renamed), header=tuple(names)))
    if found is None:
        return  # too much is gone: a draft of the columns
    made = load_text(found.text, "the draft")
    waiting = [column for column in made.columns if column.startswith("FILL IN")]
    assert [c for c in made.columns if not place(names, c, made) and c not in waiting] == []
    assert not made.lookups and len(found.asks) == len({*waiting})
    assert made.name == name and {*made.events[0].fields} <= {*mapping.events[0].fields, *mapping.events[-1].fields}
    lost = {c for c in mapping.columns if not place(names, c, mapping)} & {column.name for column in gone if column}
    kept = {template.event_name for template in made.events}  # with an event go the columns that it alone reads
    idle = [template for template in mapping.events if template.event_name not in kept]
    read = {
        c
        for template in mapping.events
        if template not in idle
        for cell in template.fields.values()
        for c in cell.names
    }
    lost -= {c for template in idle for cell in template.fields.values() for c in cell.names} - read
    assert all(any(shown(column) in change for change in found.changes) for column in lost)


@pytest.mark.parametrize(
    ("header", "cells", "says"),
    [
        (
            "Order ID,Order Status_,Order Date,Order Total (inc tax),Customer Email",
            "1,Completed,2024-05-31,5.00,ann@shop.test",
            ["event_time: Order Date", 'times that have passed)): the file lacks "Order Time"'],
        ),
        (
            "Transaction ID,Payment ID,Total Collected,Event Type,Customer ID_,Date,Time,Time Zone",
            "1,2,$5.00,Payment,9,2024-05-31,10:00:00,Eastern Time (US & Canada)",
            ["email: FILL IN", '"customers.Email Address" is in another file', "no longer joins customers"],
        ),
        (
            "Order ID,Order Date,Order Total (inc tax),Customer Email",
            "1,2024-05-31,5.00,ann@shop.test",
            ['close to the preset bigcommerce_orders, whose files also have "Order Status"'],
        ),
    ],
    ids=["a template", "a join", "too little"],
)
def test_what_a_near_preset_reads_elsewhere(tmp_path: Path, header: str, cells: str, says: list[str]) -> None:
    written = made_of(tmp_path, f"{header}\n{cells}\n")[0]
    assert [text for text in says if text not in written] == [], written


@pytest.mark.parametrize(
    ("lines", "says", "silent"),
    [
        (
            ["Date Submitted,Time Submitted,email", "2024-05-03,10:12:44,a@b.test", "2024-05-04,11:00:00,c@d.test"],
            ['{template: "{Date Submitted} {Time Submitted}"}'],
            [],
        ),
        (
            ["Order Id,Order name,First name,Order email,Total,Date", "1,Ann Archer,Ann,a@b.test,5.00,2024-05-3"],
            ["email: Order email"],
            ["order_name: Order name"],
        ),
        (
            ["Deal ID,Email,Amount,Fase de venta,Created", "1,a@b.test,5.50,Ganada,2024-05-03",
             "2,c@d.test,6.50,Propuesta,2024-05-03"],
            ["Fase de venta: [Ganada]"],
            [],
        ),
        (
            ["Email,Webinar,Registered on,Attended,Revenue", "a@b.test,x,2024-05-03T10:00:00Z,Yes,",
             "c@d.test,x,2024-05-03T10:00:00Z,No,", "e@f.test,x,2024-05-03T10:00:00Z,No,97.00"],
            [],
            ["event_name: purchase\n", "amount: Revenue"],
        ),
    ],
    ids=["a clock named as its date", "an order called by its buyer", "a stage", "a sale among registrations"],
)  # fmt: skip
def test_what_unseen_exports_taught(lines: list[str], says: list[str], silent: list[str]) -> None:
    made = drafted(*lines)[0].text
    assert [text for text in says if text not in made] == [text for text in silent if text in made] == [], made


def test_a_preset_may_be_passed_over(tmp_path: Path) -> None:
    text = "Record ID,Email,Create Date\n9,ann@shop.test,2024-02-13T10:00:00Z\n"
    assert main(["init", write(tmp_path, text, "contacts.csv"), "-o", str(tmp_path / "m.yaml"), "--no-preset"]) == 0
    assert load(str(tmp_path / "m.yaml")).name == "contacts"


QUESTIONS = [
    "Order No,Email,Total,Date,State",
    "1,a@b.test,5.50,03/04/2024 10:00,paid",
    "2,c@b.test,6.50,05/06/2024 10:00,mystery",
]


def test_what_a_file_cannot_answer_is_asked() -> None:
    made, _ = drafted(*QUESTIONS)
    said: list[str] = []
    answers = iter(["Berlin", "Europe/Berlin", "", "1, 9", "2"])
    done = answered(made, lambda question: next(answers), said.append)
    mapping = load_text(done.text, "answered")
    assert (mapping.source.timezone, mapping.source.date_order) == ("Europe/Berlin", None)
    assert mapping.where[0].one_of == ("mystery",)
    assert done.asks == ("source.date_order: dmy, mdy or ymd",)
    assert "no IANA time zone" in said[0] and "numbers from 1 to 2" in said[-1]
    table = [["1", '"paid"', "1", "5.50", "counts"], ["2", '"mystery"', "1", "6.50", "unknown"]]
    assert [line.split() for line in said[2:4]] == table


def test_a_column_that_a_file_cannot_tell_is_asked() -> None:
    lines = ["Order ID,Email,North Sum,South Sum,Date"]
    lines += [f"{n},a{n}@b.test,5.{n}0,6.{n}0,2024-01-05T10:00Z" for n in range(1, 4)]
    made, mapping = drafted(*lines)
    assert "amount" not in live(mapping)
    said: list[str] = []
    done = answered(made, lambda question: "2" if "paid" in question else "", said.append)
    names = [line.split('"')[1] for line in said]
    assert names == ["North Sum", "South Sum"] and all("3 values are numbers" in line for line in said)
    assert live(load_text(done.text, "answered"))["amount"] == (names[1],) and not done.asks


@pytest.mark.parametrize("options", [[], ["--yes"]])
def test_questions_are_for_a_terminal(tmp_path: Path, options: list[str]) -> None:
    write(tmp_path, "\n".join(QUESTIONS))
    terminal, its_end = pty.openpty()
    os.write(terminal, b"Asia/Tokyo\n\n\n")
    line = [sys.executable, "-m", "backfill", "init", "orders.csv", *options]
    done = subprocess.run(line, cwd=tmp_path, stdin=its_end, stderr=its_end, stdout=subprocess.PIPE, timeout=240)
    os.close(its_end)
    os.close(terminal)
    mapping = load(str(tmp_path / "orders.yaml"))
    assert done.returncode == 0 and mapping.source.timezone == (None if options else "Asia/Tokyo")


# --- laws

naughty = st.sampled_from(
    ["", " ", "null", "~", "true", "No", "123", "1e3", "0x1F", "-", "- a", "a: b", "a #b", "#", "'", '"', "{a}", "[a",
     "&x", "*x", "!x", "%x", "@x", "|", ">", "?", "\\", "\t", "a\nb", "\u2028", "\x85", "\ufeffx", "\x00", "😀", "é",
     "Total", "Email", "Email ", "Order ID", "Date", "Time", "Status", "{Date}", "Cancelled at", "_row", "x" * 300,
     "<<", "=", "FILL IN the column with what was paid", "timezone", "empty", "present", "a  b", "\xa0", "\ud800"]
)  # fmt: skip
names = naughty | st.text(max_size=12)
cells = st.sampled_from(
    [
        "",
        "a@b.test",
        "5.00",
        "5,00",
        "2024-01-05",
        "01/02/2024",
        "10:15",
        "paid",
        "refund",
        "NULL",
        "1001",
        "x: #y",
        "true",
    ]
) | st.text(max_size=8)


@st.composite
def samples(draw: st.DrawFn) -> Sample:
    header = draw(
        st.lists(names.filter(lambda n: n.strip() and "\ud800" not in n), min_size=1, max_size=8, unique=True)
    )
    usable = [name for name in header if len(name) <= 200 and not any("\ud800" <= c <= "\udfff" for c in name)]
    rows = draw(st.lists(st.lists(cells, min_size=len(usable), max_size=len(usable)), max_size=4))
    rows = [[cell.strip() for cell in row] for row in rows]
    return sample(usable, *rows, form=draw(st.sampled_from([*FORMATS.values()])))


TOLD = {  # columns that are known, with texts by which some of the rows may be left out before the others are judged
    "Order ID": ["", "71", "72", "73"],
    "Line ID": ["", "1", "2", "3", "4", "5"],
    "Email": ["", "ann@x.test", "bo@x.test"],
    "Date": ["", "2024-05-01T10:00:00Z", "2024-05-02T10:00:00Z"],
    "Event": ["", "purchase", "page_view", "refund"],
    "Row type": ["Order", "Line item", "Payment", ""],
    "Status": ["", "paid", "refunded", "won", "lost", "strange"],
    "Is current": ["Y", "N", ""],
    "Version": ["1", "2"],
    "Total": ["", "9.50", "19.00", "-9.50", "1900"],
    "Line total": ["", "4.50", "9.50"],
}


@st.composite
def dumps(draw: st.DrawFn) -> Sample:
    """Rows of orders, of their items and of what happened before them, in a file of known columns."""
    header = draw(st.lists(st.sampled_from([*TOLD]), min_size=5, unique=True))
    cells_of = st.tuples(*(st.sampled_from(TOLD[name]) for name in header))
    rows = [[*row] for row in draw(st.lists(cells_of, min_size=2, max_size=6)) for _ in range(draw(st.integers(1, 2)))]
    return sample(header, *rows)


@settings(max_examples=80, deadline=None)
@given(st.one_of(samples(), dumps(), dumps(), dumps()))
def test_every_draft_can_be_loaded(found: Sample) -> None:
    mapping = load_text(draft(found, "drafted", "x.csv").text, "the draft")
    known = {column.name for column in found.columns}
    assert all(name in known or name.startswith("FILL IN") for name in mapping.columns)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(names | cells, min_size=1, max_size=6), min_size=1, max_size=6), st.sampled_from(",;\t|"))
def test_every_file_gives_a_mapping_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]],
                                                  delimiter: str) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("init")
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter).writerows(rows)
    file, output = folder / "x: y #.csv", folder / "made.yaml"
    file.write_bytes(text.getvalue().encode("utf-8", "surrogatepass"))
    try:
        assert init(str(file), output) == 0
    except UsageError:
        assert not output.exists()
    else:
        load_text(output.read_text("utf-8"), "made")


@given(names.filter(lambda name: name and not any("\ud800" <= c <= "\udfff" for c in name)))
def test_any_name_is_written_as_itself(name: str) -> None:
    text = f"""# {shown(name)}
mapping: 1
name: a
where:
  {scalar(name)}: [{scalar(name)}]
events:
  - event_name: lead_generated
    fields: {{email: {scalar(name)}, event_time: [{scalar(name)}]}}
"""
    mapping = load_text(text, "written")
    assert mapping.where[0].column == name and mapping.where[0].one_of == (name,)
    assert mapping.events[0].fields["email"] == FieldSource(columns=(name,), line=8)
