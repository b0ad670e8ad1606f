"""What people report of the exports that presets are for: a small file each, and what must become of it."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from checking import as_csv

import backfill

Made = list[tuple[str, ...]]


@pytest.fixture
def check(tmp_path: Path) -> Callable[..., backfill.Result]:
    def run(text: str | bytes, mapping: str, **options: Any) -> backfill.Result:
        path = tmp_path / "export.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        found = backfill.check(path, state=tmp_path, **options)
        assert found.summary["mapping"] == mapping
        return found

    return run


def made(result: backfill.Result, *fields: str) -> Made:
    """The events' fields as they are sent, amounts as numbers."""
    return [tuple(str(event[field]) for field in fields) for event in result.events.to_dict("records")]


# PayPal, whose columns, words, numbers and days are those of the account's language

PAYPAL = {
    "English": (
        "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,To Email Address,Transaction ID,"
        "Invoice Number,Contact Phone Number",
        "07/29/2024|07/30/2024|1,234.56|-1,234.56|Express Checkout Payment|Subscription Payment|Payment Refund|"
        "General Withdrawal|Completed|Pending",
    ),
    "German": (
        "Datum,Uhrzeit,Zeitzone,Name,Typ,Status,Währung,Brutto,Gebühr,Netto,Absender E-Mail-Adresse,"
        "Empfänger E-Mail-Adresse,Transaktionscode,Rechnungsnummer,Telefon",
        "29.07.2024|30.07.2024|1.234,56|-1.234,56|PayPal Express-Zahlung|Abonnementzahlung|Rückzahlung|"
        "Allgemeine Abbuchung|Abgeschlossen|Ausstehend",
    ),
    "French": (
        "Date,Heure,Fuseau horaire,Nom,Type,État,Devise,Avant commission,Commission,Net,De l'adresse email,"
        "À l'adresse email,Numéro de transaction,Numéro de facture,Numéro de téléphone du contact",
        "29/07/2024|30/07/2024|1\u202f234,56|-1\u202f234,56|Paiement Express Checkout|Paiement d'abonnement|"
        "Remboursement de paiement|Retrait initié par l'utilisateur|Terminé|En attente",
    ),
    "Spanish": (
        "Fecha,Hora,Zona horaria,Nombre,Tipo,Estado,Divisa,Bruto,Comisión,Neto,Correo electrónico del remitente,"
        "Correo electrónico del destinatario,Id. de transacción,Número de factura,Número de teléfono de contacto",
        "29/07/2024|30/07/2024|1.234,56|-1.234,56|Pago exprés|Pago de suscripción|Reembolso de pago|Retirada general|"
        "Completado|Pendiente",
    ),
    "Italian": (
        "Data,Orario,Fuso orario,Nome,Tipo,Stato,Valuta,Lordo,Tariffa,Netto,Indirizzo email mittente,"
        "Indirizzo email destinatario,Codice transazione,N° ordine commerciante,Telefono",
        "29/07/2024|30/07/2024|1.234,56|-1.234,56|Pagamento Express Checkout|Pagamento abbonamento|"
        "Rimborso di pagamento|Prelievo generico|Completata|In sospeso",
    ),
    "Dutch": (
        "Datum,Tijd,Tijdzone,Naam,Type,Status,Valuta,Bruto,Kosten,Net,Van e-mailadres,Naar e-mailadres,"
        "Transactiereferentie,Factuurnummer,Telefoonnummer contactpersoon",
        "29-07-2024|30-07-2024|1.234,56|-1.234,56|Express Checkout-betaling|Abonnementsbetaling|Terugbetaling|"
        "Algemene opname|Voltooid|In behandeling",
    ),
}


@pytest.mark.parametrize("language", PAYPAL)
def test_paypal_in_the_languages_of_its_accounts(language: str, check: Callable[..., backfill.Result]) -> None:
    header, words = PAYPAL[language]
    day, later, gross, given_back, express, subscription, refund, withdrawal, done, waiting = words.split("|")
    shop = "shop@example.com"

    def row(at: str, zone: str, kind: str, status: str, amount: str, who: str, number: str) -> list[str]:
        whom = who if amount.startswith("-") else shop
        return [*at.split(), zone, "Ann Lee", kind, status, "EUR", amount, "0", amount, who, whom, number, "R-1", ""]

    rows = [
        row(f"{day} 14:02:11", "CEST", express, done, gross, "ann@example.com", "1AB"),
        row(f"{later} 09:00:00", "Europe/Berlin", subscription, done, gross, "ben@example.com", "2AB"),
        row(f"{later} 09:00:00", "CEST", express, waiting, gross, "cat@example.com", "3AB"),
        row(f"{later} 10:00:00", "CEST", refund, done, given_back, shop, "4AB"),
        row(f"{later} 10:00:00", "CEST", withdrawal, done, given_back, shop, "5AB"),
        row(f"{later} 10:00:00", "CEST", express, done, given_back, shop, "6AB"),  # bought, not sold
    ]
    found = check("\ufeff" + as_csv(header.split(","), rows), "paypal_activity")
    assert made(found, "order_id", "email", "amount", "event_time", "order_name") == [
        ("1AB", "ann@example.com", "1234.56", "2024-07-29T12:02:11Z", "R-1"),
        ("2AB", "ben@example.com", "1234.56", "2024-07-30T07:00:00Z", "R-1"),
    ]
    assert (found.without_event, found.codes) == (4, {})


# Meta, whose forms ask who somebody is in their own language


@pytest.mark.parametrize(
    "names",
    [
        "full_name,phone_number,email",
        "vollständiger_name,telefonnummer,e-mail-adresse",
        "nom_complet,numéro_de_téléphone,e-mail",
        "nombre_completo,número_de_teléfono,correo_electrónico",
        "nome_completo,telefone,email",
        "nome_e_cognome,numero_di_telefono,e-mail",
        "volledige_naam,telefoonnummer,e-mailadres",
    ],
)
def test_meta_forms_in_other_languages(names: str, check: Callable[..., backfill.Result]) -> None:
    header = ["id", "created_time", "ad_id", "adset_id", "form_id", "form_name", "is_organic", "platform", "city"]
    form = ["ag:1", "as:1", "f:1", "Form", "false", "fb", "Rome"]
    rows = [
        ["l:100", "2026-07-16T00:12:13+03:00", *form, "Ann Lee", "p:+390000000", "ann@example.com"],
        ["l:101", "2026-07-16T03:17:00-05:00", *form, *["<test lead: dummy data for x>"] * 3],
    ]
    found = check(as_csv([*header, *names.split(",")], rows), "meta_leads")
    assert made(found, "order_id", "full_name", "phone", "email", "event_time") == [
        ("100", "Ann Lee", "+390000000", "ann@example.com", "2026-07-15T21:12:13Z")
    ]
    assert (found.without_event, found.codes) == (1, {})


# Zoom, whose reports are several tables in one file


@pytest.mark.parametrize("commas", [0, 8])
def test_zoom_tables_above_and_below(commas: int, check: Callable[..., backfill.Result]) -> None:
    attended = (
        "User Name (Original Name),Email,Join Time,Leave Time,Time in Session (minutes),Is Guest,Country/Region Name"
    )
    other = ["Other Attended", "User Name,Join Time,Leave Time,Time in Session (minutes),Country/Region Name"]
    stay = '"08/30/2026 10:50:00 AM","08/30/2026 02:29:00 PM",219'
    lines = [
        "Attendee Report",
        'Report Generated:,"08/30/2026 02:31:08 PM"',
        "Host Details",
        f"Attended,{attended}",
        f"Yes,Host,host@example.net,{stay},No,India",
        "Panelist Details",
        f"Attended,{attended}",
        f"Yes,Guest,guest@example.net,{stay},No,India",
        "Attendee Details",
        "Attended,User Name (Original Name),First Name,Last Name,Email,Phone,Registration Time,Approval Status,"
        "Join Time,Leave Time,Time in Session (minutes),Is Guest,Country/Region Name",
        f'Yes,Ann,Ann,Elm,ann@example.com,--,"08/28/2026 09:00:00 PM",approved,{stay},No,India',
        f'Yes,B\0b,B\0b,Elm,bob@example.com,--,"08/28/2026 09:30:00 PM",approved,{stay},No,India',
        f"Yes,Cat,Cat,Elm,cat@example.com,--,,,{stay},Yes,India",
        *(line + "," * commas for line in [*other, f"16175550100,{stay},United States"]),
    ]
    found = check("\n".join([*lines, ""]), "zoom_registrations", timezone="Asia/Kolkata")
    assert made(found, "email", "event_time") == [
        ("ann@example.com", "2026-08-28T15:30:00Z"),
        ("bob@example.com", "2026-08-28T16:00:00Z"),
    ]
    assert (found.without_event, found.codes) == (4, {})


# BigCommerce, whose own pattern for days no other program writes


@pytest.mark.parametrize(
    ("days", "first"),
    [
        (["May 1st 2024", "May 22nd 2024", "Jun 3rd 2024"], "2024-05-01T02:00:00Z"),
        (["1st May 2024", "22nd May 2024", "3rd Jun 2024"], "2024-05-01T02:00:00Z"),
        (["01/05/2024", "22/05/2024", "03/06/2024"], "2024-05-01T02:00:00Z"),
        (["05/01/2024", "05/22/2024", "06/03/2024"], "2024-05-01T02:00:00Z"),
        (["2024-05-01", "2024-05-22", "2024-06-03"], "2024-05-01T02:00:00Z"),
    ],
)
@pytest.mark.parametrize("clock", ["", "03:30:00 PM"])
def test_bigcommerce_days(days: list[str], first: str, clock: str, check: Callable[..., backfill.Result]) -> None:
    header = ["Order ID", "Customer Email", "Order Date", "Order Status", "Order Total (inc tax)", "Order Time"]
    rows = [[str(n), f"p{n}@example.com", day, "Shipped", "20.00", clock] for n, day in enumerate(days, 101)]
    found = check(as_csv(header, rows), "bigcommerce_orders", timezone="Australia/Sydney")
    times = [first, "2024-05-22T02:00:00Z", "2024-06-03T02:00:00Z"]
    assert made(found, "event_time") == [(time.replace("02:00", "05:30") if clock else time,) for time in times]


# Magento, whose exporter quotes cells that are quoted already


@pytest.mark.parametrize("name", ['"""ID"""', '"ID"', "ID", '\ufeff"ID"', '"""ID"""\u200b'])
def test_magento_names_in_quotes(name: str, check: Callable[..., backfill.Result]) -> None:
    header = f'{name},"Purchase Point","Purchase Date","Grand Total (Base)",Status,"Customer Email"\n'
    row = '000000123,"Main Website\nMain Store","Jan 5, 2023 15:22:33 PM",64.0000,complete,ann@example.com\n'
    found = check(header + row, "magento_orders", timezone="America/Chicago")
    assert made(found, "order_id", "amount", "event_time") == [("000000123", "64", "2023-01-05T21:22:33Z")]


# WooCommerce, whose plugins write HTML into cells


def test_woocommerce_entities(check: Callable[..., backfill.Result]) -> None:
    header = ["Order Number", "Order Status", "Order Date", "First Name (Billing)", "Last Name (Billing)"]
    rows = [
        ["4501", "Processing", "2025-07-03 09:12", "Liam", "O&#039;Brien", "liam@example.com", "&pound;41.50"],
        ["4502", "Completed", "2025-07-03 09:13", "Smith &amp; Sons", "", "smith&amp;sons@example.com", "1,234.50"],
        ["4503", "Completed", "2025-07-03 09:14", "Zo&euml;", "Ng", "zoe@example.com", "12.00&nbsp;&pound;"],
    ]
    text = as_csv([*header, "Email (Billing)", "Order Total Amount"], rows)
    found = check(text, "woocommerce_orders", timezone="Europe/London")
    assert made(found, "first_name", "last_name", "email", "amount") == [
        ("Liam", "O'Brien", "liam@example.com", "41.5"),
        ("Smith & Sons", "nan", "smith&sons@example.com", "1234.5"),
        ("Zoë", "Ng", "zoe@example.com", "12"),
    ]


# Pipedrive, which writes zeros where a deal has no time or no value


@pytest.mark.parametrize("zero", ["0000-00-00 00:00:00", "0000-00-00", "", "-"])
def test_pipedrive_zeros(zero: str, check: Callable[..., backfill.Result]) -> None:
    header = ["Deal - ID", "Deal - Status", "Deal - Value", "Deal - Deal created", "Deal - Won time", "Person - Email"]
    rows = [
        ["11", "won", "0", "2024-05-01 10:00:00", zero, "ann@example.com"],
        ["12", "open", "0", "2024-05-01 11:00:00", zero, "bob@example.com"],
        ["13", "won", "0", "2024-05-01 11:00:00", "2024-05-02 12:00:00", "cat@example.com"],
    ]
    found = check(as_csv(header, rows), "pipedrive_deals", timezone="UTC")
    assert made(found, "event_name", "order_id") == [
        ("lead_generated", "11"),
        ("lead_generated", "12"),
        ("lead_generated", "13"),
        ("purchase", "13"),
    ]
    assert (found.codes, found.amount) == ({"missing_time": 1}, Decimal(0))


# HubSpot, whose exports people put one behind the other

CONTACTS = "Record ID,First Name,Email,Create Date\n1,Ann,ann@example.com,2025-06-01 12:00\n"


@pytest.mark.parametrize(
    ("second", "stopped"),
    [
        ("Record ID,First Name,Email,Create Date\n2,Bob,bob@example.com,2025-06-02 12:00\n", ""),
        ("\ufeffRecord ID,First Name,Email,Create Date\n2,Bob,bob@example.com,2025-06-02 12:00\n", ""),
        ("Email,Record ID,First Name,Create Date\nbob@example.com,2,Bob,2025-06-02 12:00\n", "row 2"),
        ("Record ID,Last Name,Email,Create Date\n2,Lee,bob@example.com,2025-06-02 12:00\n", "row 2"),
        ("Record ID,Email,Create Date\n2,bob@example.com,2025-06-02 12:00\n", "row 2"),
    ],
)
def test_hubspot_files_glued(second: str, stopped: str, check: Callable[..., backfill.Result]) -> None:
    if stopped:
        with pytest.raises(backfill.BackfillError, match=stopped) as caught:
            check(CONTACTS + second, "hubspot_contacts", timezone="UTC")
        assert caught.value.exit_code == 2
        return
    found = check(CONTACTS + second, "hubspot_contacts", timezone="UTC")
    assert made(found, "order_id") == [("1",), ("2",)]
    assert (found.rows, found.without_event, found.codes) == (3, 1, {})
