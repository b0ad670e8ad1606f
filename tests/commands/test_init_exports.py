"""Drafts of whole exports that no preset knows: which columns are read, under which conditions, and what is asked."""

import re
from dataclasses import dataclass, field

import pytest
from test_init import drafted, live, sample

from backfill.commands.init.draft import draft
from backfill.commands.init.statuses import is_paid
from backfill.files.jsonl import JSONL
from backfill.mapping import Mapping, load_text

UUID = "-5c1e-ef11-9f89-000000001eef"
PEOPLE = ["ann@shop.test", "bo@shop.test", "cas@shop.test", "dan@shop.test", "eva@shop.test", "fay@shop.test"]


@dataclass(frozen=True)
class Export:
    """An export: its header, and for each row its cells, with @ for an address that is another in each row."""

    header: str
    rows: tuple[str, ...]
    fields: dict[str, str]
    where: dict[str, str] = field(default_factory=dict)  # column -> what its condition takes, or how it begins
    event: str = "purchase"
    total: str | None = None  # what is added up over an order's rows
    asks: tuple[str, ...] = ()


EXPORTS = {
    "deals on their way to be won": Export(
        "Record Id,Deal Owner,Amount,Deal Name,Closing Date,Stage,Contact Name,Email,Created Time",
        (
            "zcrm_1,Pat,2400,First,2024-05-01,Closed Won,Ann Lee,@,2024-01-01T09:00:00Z",
            "zcrm_2,Pat,2520,Second,2024-05-02,Qualification,Bo Lee,@,2024-01-02T09:00:00Z",
            "zcrm_3,Pat,2600,Third,2024-05-03,Negotiation/Review,Cas Lee,@,2024-01-03T09:00:00Z",
            "zcrm_4,Pat,2700,Fourth,2024-05-04,Closed Lost,Dan Lee,@,2024-01-04T09:00:00Z",
        ),
        {
            "order_id": "Record Id",
            "order_name": "Deal Name",
            "email": "Email",
            "full_name": "Contact Name",
            "amount": "Amount",
            "event_time": "Closing Date",
        },
        {"Stage": "Closed Won"},
        asks=("source.timezone",),
    ),
    "invoices, which have a number once they are paid": Export(
        "Factuurnummer,Voornaam,Achternaam,E-mailadres,Bedrag incl. btw,Betaalstatus,Betaald op",
        (
            "2024-401,Ann,Lee,@,49.50,Betaald,2024-05-10T09:21:00Z",
            ",Bo,Lee,@,49.50,Openstaand,",
            ",Cas,Lee,@,59.50,Mislukt,",
            "2024-402,Dan,Lee,@,97.50,Betaald,2024-05-13T09:21:00Z",
        ),
        {
            "order_id": "Factuurnummer",
            "email": "E-mailadres",
            "first_name": "Voornaam",
            "last_name": "Achternaam",
            "amount": "Bedrag incl. btw",
            "event_time": "Betaald op",
        },
        {"Betaalstatus": "Betaald"},
    ),
    "an order's own address beside its ticket's": Export(
        "Order ID,Order Date,Order Email,Ticket Created Date,Ticket First Name,Ticket Last Name,Ticket Email,Total",
        (
            "901,2024-05-10T09:21:00Z,@,2024-05-10T09:22:00Z,Ann,Lee,x1@shop.test,49.50",
            "902,2024-05-11T09:21:00Z,@,2024-05-11T09:22:00Z,Bo,Lee,x2@shop.test,49.50",
            "903,2024-05-12T09:21:00Z,@,2024-05-12T09:22:00Z,Cas,Lee,x3@shop.test,97.50",
        ),
        {"order_id": "Order ID", "email": "Order Email", "amount": "Total", "event_time": "Order Date"},
    ),
    "a platform's id beside that of the payment, and a credit note": Export(
        "date,type,item total,acme transaction id,paypal transaction id,buyer email,gateway response,status",
        (
            "2024-05-10T09:21:00Z,Sales invoice,49.50,91,7PX1,@,Approved,Paid",
            "2024-05-11T09:21:00Z,Sales credit note,49.50,92,7PX2,@,Approved,Paid",
            "2024-05-12T09:21:00Z,Sales invoice,97.50,93,7PX3,@,Do not honour,Failed",
            "2024-05-13T09:21:00Z,Sales invoice,97.50,94,7PX4,@,Declined,Failed",
        ),
        {"order_id": "acme transaction id", "email": "buyer email", "amount": "item total", "event_time": "date"},
        {"status": "Paid", "type": "Sales invoice"},
    ),
    "people, of whom a few bought, with their jobs": Export(
        "ID,First Name,Last Name,Title,Email,Stage,Deal Price,Date Added",
        (
            "1,Ann,Lee,Owner,@,Lead,,2024-05-10T09:21:00Z",
            "2,Bo,Lee,Head of Sales,@,Closed,415000,2024-05-11T09:21:00Z",
            "3,Cas,Lee,,@,Nurture,,2024-05-12T09:21:00Z",
            "4,Dan,Lee,Nurse,@,Hot Prospect,,2024-05-13T09:21:00Z",
        ),
        {
            "order_id": "ID",
            "email": "Email",
            "first_name": "First Name",
            "last_name": "Last Name",
            "event_time": "Date Added",
        },
        event="lead_generated",
    ),
    "what was authorized beside what was settled": Export(
        "Transaction ID,Customer Email,Amount Authorized,Amount Submitted For Settlement,Transaction Status,Created at",
        (
            "t1,@,50.00,49.50,settled,2024-05-10T09:21:00Z",
            "t2,@,64.00,,voided,2024-05-11T09:21:00Z",
            "t3,@,97.50,97.50,settled,2024-05-12T09:21:00Z",
        ),
        {
            "order_id": "Transaction ID",
            "email": "Customer Email",
            "amount": "Amount Submitted For Settlement",
            "event_time": "Created at",
        },
        {"Transaction Status": "settled"},
    ),
    "an account's age beside its payment's time": Export(
        "tx_id,created_at,customer.created_at,customer.email,amount,currency",
        (
            "t1,2024-05-10T09:21:00Z,2022-05-10T09:22:00Z,@,49.50,EUR",
            "t2,2024-05-11T09:21:00Z,2022-05-11T09:22:00Z,@,59.50,EUR",
            "t3,2024-05-12T09:21:00Z,2022-05-12T09:22:00Z,@,97.50,EUR",
        ),
        {"order_id": "tx_id", "email": "customer.email", "amount": "amount", "event_time": "created_at"},
    ),
    "a word that another one explains": Export(
        "N° de commande,Date de commande,État,Prénom,Nom,E-mail,Sous-total,Total TTC",
        (
            "2001,2024-02-12T14:00:00Z,Terminée,Ann,Lee,@,40.90,45.80",
            "2002,2024-02-13T14:00:00Z,En cours,Bo,Lee,@,41.90,46.80",
            "2003,2024-02-14T14:00:00Z,En attente de paiement,Cas,Lee,@,42.90,47.80",
            "2004,2024-02-15T14:00:00Z,Échouée,Dan,Lee,@,43.90,48.80",
        ),
        {
            "order_id": "N° de commande",
            "email": "E-mail",
            "first_name": "Prénom",
            "last_name": "Nom",
            "amount": "Total TTC",
            "event_time": "Date de commande",
        },
        {"État": "Terminée En cours"},
    ),
    "kinds of transactions in German": Export(
        "Transaktions-ID,Transaktionsart,Datum,Uhrzeit,Vorname,Nachname,E-Mail,Produktname,Bruttobetrag,Nettobetrag",
        (
            "991,Zahlung,13.06.2024,10:05:09,Ann,Lee,@,Kurs,1197.50,1006.30",
            "992,Rückgabe,14.06.2024,11:05:09,Bo,Lee,@,Kurs,1198.50,1007.30",
            "993,Zahlung,15.06.2024,12:05:09,Cas,Lee,@,Kurs,1199.50,1008.30",
        ),
        {
            "order_id": "Transaktions-ID",
            "order_name": "Produktname",
            "email": "E-Mail",
            "first_name": "Vorname",
            "last_name": "Nachname",
            "amount": "Bruttobetrag",
            "event_time": "Datum Uhrzeit",
        },
        {"Transaktionsart": "Zahlung"},
        asks=("source.timezone",),
    ),
    "sales, credits and a zone of their own": Export(
        "Transaction ID,Transaction Type,Transaction Status,Created Datetime,Created Timezone,Total,Customer Email",
        (
            "bt1,sale,settled,03/13/2024 10:00:00,UTC,49.00,@",
            "bt2,credit,settled,03/14/2024 10:00:00,UTC,50.00,@",
            "bt3,sale,processor_declined,03/15/2024 10:00:00,UTC,51.00,@",
            "bt4,sale,settling,03/16/2024 10:00:00,UTC,52.00,@",
        ),
        {
            "order_id": "Transaction ID",
            "email": "Customer Email",
            "amount": "Total",
            "event_time": "Created Datetime Created Timezone",
        },
        {"Transaction Type": "sale", "Transaction Status": "settled settling"},
    ),
    "sales that were given back, with no status": Export(
        "sale_id,purchased_at,student_email,student_name,course_name,has_chargeback,final_price,amount_refunded",
        (
            "551,2024-05-01T10:00:00Z,@,Ann Lee,Course,false,99.00,0",
            "552,2024-05-02T10:00:00Z,@,Bo Lee,Course,false,98.00,98.00",
            "553,2024-05-03T10:00:00Z,@,Cas Lee,Course,true,97.00,0",
            "554,2024-05-04T10:00:00Z,@,Dan Lee,Course,false,97.00,20.00",
        ),
        {
            "order_id": "sale_id",
            "email": "student_email",
            "full_name": "student_name",
            "amount": "final_price",
            "order_name": "course_name",
            "event_time": "purchased_at",
        },
        {"has_chargeback": "not true", "amount_refunded": "not all of final_price"},
    ),
    "names written together": Export(
        "OrderID,CustomerEmail,CustomerFirstName,CustomerLastName,OrderTotal,OrderDate,OrderTime,PaymentStatus,IsTestOrder",
        (
            "A1,@,Ann,Lee,45.80,2024-02-12,1:15 PM,Paid,FALSE",
            "A2,@,Bo,Lee,46.80,2024-02-13,2:15 PM,Voided,FALSE",
            "A3,@,Cas,Lee,47.80,2024-02-14,3:15 PM,Paid,TRUE",
        ),
        {
            "order_id": "OrderID",
            "email": "CustomerEmail",
            "first_name": "CustomerFirstName",
            "last_name": "CustomerLastName",
            "amount": "OrderTotal",
            "event_time": "OrderDate OrderTime",
        },
        {"PaymentStatus": "Paid", "IsTestOrder": "not true"},
        asks=("source.timezone",),
    ),
    "a form in German": Export(
        "Zeitstempel,E-Mail-Adresse,Vor- und Nachname,Telefonnummer,Wie groß ist dein Team?",
        ("13.05.2024 10:20:30,@,Ann Lee,+49305550101,1-5", "14.05.2024 10:20:30,@,Bo Lee,+49305550102,1-5"),
        {
            "email": "E-Mail-Adresse",
            "full_name": "Vor- und Nachname",
            "phone": "Telefonnummer",
            "event_time": "Zeitstempel",
        },
        event="lead_generated",
        asks=("source.timezone",),
    ),
    "leads with a test among them": Export(
        "Lead ID,First Name,Last Name,Email Address,Submitted At (UTC),Form Name,Test Lead",
        (
            "9001,Ann,Lee,@,2024-05-01 10:00:00,Form,No",
            "9002,Bo,Lee,@,2024-05-02 10:00:00,Form,Yes",
            "9003,Cas,Lee,@,2024-05-03 10:00:00,Form,No",
        ),
        {
            "order_id": "Lead ID",
            "order_name": "Form Name",
            "email": "Email Address",
            "first_name": "First Name",
            "last_name": "Last Name",
            "event_time": "Submitted At (UTC)",
        },
        {"Test Lead": "not yes"},
        event="lead_generated",
    ),
    "charges that are no leads": Export(
        "id,user_email,plan,amount_cents,currency,created,refunded",
        (
            "ch_01,@,pro,1900,usd,1735689600,false",
            "ch_02,@,pro,1900,usd,1735776000,true",
            "ch_03,@,pro,4900,usd,1735862400,false",
        ),
        {
            "order_id": "id",
            "order_name": "plan",
            "email": "user_email",
            "amount": "amount_cents currency",
            "event_time": "created",
        },
        {"refunded": "not true"},
    ),
    "sales in Portuguese, whose invoice is the order": Export(
        "Fatura;Produto;Status;Data de Criação;Data de Pagamento;Cliente / Nome;Cliente / E-mail;Cliente / Fones;"
        "Valor da Venda;Ganho Líquido".replace(";", ","),
        (
            "6601,Curso,Paga,12/02/2024 14:05:00,13/02/2024 15:05:00,Ann Lee,@,+5511555001,R$ 1200.50,R$ 990.00",
            "6602,Curso,Aguardando Pagamento,13/02/2024 14:05:00,,Bo Lee,@,+5511555002,R$ 1201.50,R$ 990.00",
            "6603,Curso,Reembolsada,14/02/2024 14:05:00,15/02/2024 15:05:00,Cas Lee,@,+5511555003,R$ 1202.50,R$ 990.00",
        ),
        {
            "order_id": "Fatura",
            "order_name": "Produto",
            "email": "Cliente / E-mail",
            "full_name": "Cliente / Nome",
            "phone": "Cliente / Fones",
            "amount": "Valor da Venda",
            "event_time": "Data de Pagamento Data de Criação",
        },
        {"Status": "Paga"},
        asks=("source.timezone",),
    ),
    "deals in Spanish": Export(
        "ID de oportunidad,Nombre de la oportunidad,Contacto,Correo electrónico,Importe,Etapa,Fecha de creación",
        (
            "OP-1,Trato uno,Ann Lee,@,1500.50,Ganada,2024-02-12T09:00:00Z",
            "OP-2,Trato dos,Bo Lee,@,1600.50,Abierta,2024-02-13T09:00:00Z",
            "OP-3,Trato tres,Cas Lee,@,1700.50,Propuesta enviada,2024-02-14T09:00:00Z",
            "OP-4,Trato cuatro,Dan Lee,@,1800.50,Perdida,2024-02-15T09:00:00Z",
        ),
        {
            "order_id": "ID de oportunidad",
            "order_name": "Nombre de la oportunidad",
            "email": "Correo electrónico",
            "full_name": "Contacto",
            "amount": "Importe",
            "event_time": "Fecha de creación",
        },
        {"Etapa": "Ganada"},
    ),
    "a total, and what was paid of it": Export(
        "Id,Order Date,Contact Email,Order Total,Total Paid,Balance Due,Pay Status",
        (
            "9000,2024-01-13T15:00:00Z,@,197.00,197.00,0.00,Paid",
            "9002,2024-01-14T15:00:00Z,@,198.00,0.00,198.00,Unpaid",
            "9004,2024-01-15T15:00:00Z,@,199.00,199.00,0.00,Paid",
        ),
        {"order_id": "Id", "email": "Contact Email", "amount": "Order Total", "event_time": "Order Date"},
        {"Pay Status": "Paid"},
    ),
    "a test among kinds is no sale": Export(
        "Date,Receipt,Txn Type,Amount,Email",
        (
            "2024-05-01T10:00:00Z,R1,SALE,37.00,@",
            "2024-05-02T10:00:00Z,R2,TEST_SALE,38.00,@",
            "2024-05-03T10:00:00Z,R3,REFUND,39.00,@",
        ),
        {"order_id": "Receipt", "email": "Email", "amount": "Amount", "event_time": "Date"},
        {"Txn Type": "SALE"},
    ),
    "payments that share an order at other times": Export(
        "Référence commande,Référence paiement,Montant total,Date du paiement,Statut du paiement,Nom payeur,"
        "Prénom payeur,Email payeur,Nom,Prénom",
        (
            "81,51,45.50,2024-04-03T18:23:13Z,Payé,Lee,Ann,@,Kid,Cy",
            "82,52,46.50,2024-04-04T18:23:13Z,Refusé,Lee,Bo,@,Kid,Di",
            "82,53,46.50,2024-04-04T18:29:13Z,Payé,Lee,Cas,@,Kid,Ed",
            "83,54,47.50,,Contesté,Lee,Dan,@,Kid,Flo",
        ),
        {
            "order_id": "Référence paiement",
            "order_name": "Référence commande",
            "email": "Email payeur",
            "first_name": "Prénom payeur",
            "last_name": "Nom payeur",
            "amount": "Montant total",
            "event_time": "Date du paiement",
        },
        {"Statut du paiement": "Payé"},
    ),
    "tickets of one order, each with its price": Export(
        "Numéro de commande,ID participant,Date de commande,Statut de la commande,Prix,Prénom,Nom,Email acheteur",
        (
            "C1,901,2024-06-12T19:02:00Z,Payée,25.50,Ann,Lee,a@shop.test",
            "C1,902,2024-06-12T19:02:00Z,Payée,25.50,Bo,Lee,a@shop.test",
            "C2,903,2024-06-13T19:02:00Z,Annulée,25.50,Cas,Lee,c@shop.test",
        ),
        {
            "order_id": "Numéro de commande",
            "email": "Email acheteur",
            "first_name": "Prénom",
            "last_name": "Nom",
            "amount": "Prix",
            "event_time": "Date de commande",
        },
        {"Statut de la commande": "Payée"},
        total="Prix",
    ),
    "tickets with a quantity that is always one, and those who come": Export(
        "Order Reference,Ticket ID,Buyer Email,Attendee Email,Ordered at,Ticket price,Quantity",
        (
            "C1,901,a@shop.test,@,2024-06-12T19:02:00Z,25.50,1",
            "C1,902,a@shop.test,@,2024-06-12T19:02:00Z,15.50,1",
            "C2,903,c@shop.test,@,2024-06-13T19:02:00Z,25.50,1",
        ),
        {
            "order_id": "Order Reference",
            "email": "Buyer Email",
            "amount": "Ticket price",
            "event_time": "Ordered at",
        },
        total="Ticket price",
    ),
    "an invoice that a date of payment shows as paid": Export(
        "Invoice Number,Invoice Date,Invoice Status,Customer Name,Primary Contact EmailID,Total,Balance,"
        "Last Payment Date,Env",
        (
            "INV-1,2024-01-08T10:00:00Z,Closed,Ann Lee,@,1770.50,0.00,2024-01-30T10:00:00Z,production",
            "INV-2,2024-01-09T10:00:00Z,PartiallyPaid,Bo Lee,@,708.50,0.00,2024-01-30T10:00:00Z,production",
            "INV-3,2024-01-10T10:00:00Z,Overdue,Cas Lee,@,531.50,531.50,,production",
            "INV-4,2024-01-11T10:00:00Z,Closed,Dan Lee,@,531.50,0.00,2024-01-30T10:00:00Z,sandbox",
        ),
        {
            "order_id": "Invoice Number",
            "email": "Primary Contact EmailID",
            "full_name": "Customer Name",
            "amount": "Total",
            "event_time": "Invoice Date",
        },
        {"Invoice Status": "Closed PartiallyPaid", "Env": "not sandbox"},
    ),
    "gifts that came and went, under a vendor's own id": Export(
        "Kiosk ID,When,From,Received,Given,Currency,Kind of sale,BuyerEmail,deleted_at",
        (
            "k1,2024-05-14T10:02:00Z,Ann,5.00,,EUR,Donation,@,",
            "k2,2024-05-15T10:02:00Z,Bo,,3.00,EUR,Donation,@,",
            "k3,2024-05-16T10:02:00Z,Cas,12.00,,EUR,Commission,@,2024-06-01T10:00:00Z",
        ),
        {"order_id": "Kiosk ID", "email": "BuyerEmail", "amount": "Received"},
        {"Given": "empty", "deleted_at": "empty"},
        asks=("event_time",),
    ),
    "opportunities with an id of their own": Export(
        "(Do Not Modify) Opportunity,Topic,Contact,Email,Est. Revenue,Actual Revenue,Actual Close Date,Status,"
        "Created On",
        (
            f"00000001{UUID},Forty seats,Ann Lee,@,3500.00,3522.00,2024-06-16T10:00:00Z,Won,2024-05-10T10:00:00Z",
            f"00000002{UUID},Two seats,Bo Lee,@,1200.00,,,Proposal sent,2024-05-11T10:00:00Z",
            f"00000003{UUID},No seats,Cas Lee,@,900.00,0.00,2024-06-18T10:00:00Z,Lost,2024-05-12T10:00:00Z",
            f"00000004{UUID},Six seats,Dan Lee,@,900.00,940.50,2024-06-18T10:00:00Z,Won,2024-05-13T10:00:00Z",
        ),
        {
            "order_id": "(Do Not Modify) Opportunity",
            "email": "Email",
            "full_name": "Contact",
            "amount": "Actual Revenue",
            "event_time": "Actual Close Date",
        },
        {"Status": "Won"},
    ),
    "a price, and the seller's part of it": Export(
        "id,created_at,email,product_name,price,Your Revenue,status",
        (
            "7001,2024-05-01T10:00:00Z,@,Course,19.50,12.10,complete",
            "7008,2024-05-02T10:00:00Z,@,Course,29.50,22.10,refunded",
            "7015,2024-05-03T10:00:00Z,@,Course,39.50,32.10,complete",
        ),
        {
            "order_id": "id",
            "order_name": "product_name",
            "email": "email",
            "amount": "price",
            "event_time": "created_at",
        },
        {"status": "complete"},
    ),
    "a member's login is no name": Export(
        "id,user_email,username,membership,total,status,created_at",
        (
            "31,@,user1,Gold,48.00,complete,2024-01-01T08:00:00Z",
            "32,@,user2,Gold,49.00,failed,2024-01-02T08:00:00Z",
        ),
        {
            "order_id": "id",
            "order_name": "membership",
            "email": "user_email",
            "amount": "total",
            "event_time": "created_at",
        },
        {"status": "complete"},
    ),
}


def said(mapping: Mapping) -> dict[str, str]:
    found = {}
    for condition in mapping.where:
        if condition.one_of is not None:
            found[condition.column] = " ".join(condition.one_of)
        elif condition.none_of is not None:
            found[condition.column] = f"not {' '.join(condition.none_of)}".lower()
        elif condition.empty:
            found[condition.column] = "empty"
        elif condition.empty is False and condition.column != live(mapping)["email"][0]:
            found[condition.column] = "present"
        elif condition.not_all_of is not None:
            found[condition.column] = f"not all of {condition.not_all_of}"
    return found


@pytest.mark.parametrize("name", EXPORTS)
def test_a_draft_of(name: str) -> None:
    export = EXPORTS[name]
    rows = [row.replace("@", PEOPLE[at]) for at, row in enumerate(export.rows)]
    made, mapping = drafted(export.header, *rows)
    assert made.event == export.event
    assert {one: " ".join(names) for one, names in live(mapping).items()} == export.fields
    assert said(mapping) == export.where
    assert mapping.source.sum == ((export.total,) if export.total else ())
    assert [ask.partition(":")[0] for ask in made.asks] == list(export.asks)


@pytest.mark.parametrize("name", EXPORTS)
def test_a_draft_of_what_cost_nothing_can_be_loaded(name: str) -> None:
    export = EXPORTS[name]
    rows = [
        re.sub(r"(?<=,)[$€]?\d+\.\d\d(?=,|$)", "0.00", row.replace("@", PEOPLE[at]))
        for at, row in enumerate(export.rows)
    ]
    drafted(export.header, *rows)


@pytest.mark.parametrize(
    ("text", "paid"),
    [
        ("Parcialmente reembolsado", True),
        ("Teilweise erstattet", True),
        ("Refund requested", None),
        ("refund_denied", None),
        ("Dispute won", None),
        ("dispute-lost", False),
        ("gateway_rejected", False),
        ("Non payé", False),
        ("Nicht versendet", None),
        ("Not shipped", None),
        ("Freigabe ausstehend", False),
        ("Pendiente de envío", True),
    ],
)
def test_what_a_status_says(text: str, paid: bool | None) -> None:
    assert is_paid(text) is paid


NO_PURCHASES = {
    "baskets that were left": (
        "Id,Name,Email,Total,Currency,Created at,Abandoned checkout URL",
        "38101,#38101,@,40.00,EUR,2024-05-01T10:00:00Z,https://x.test/checkouts/1",
    ),
    "money that went back": (
        "Refund ID,Charge ID,Customer Email,Amount,Currency,Status,Created",
        "re_1,ch_1,@,40.00,usd,succeeded,2024-05-01T10:00:00Z",
    ),
    "subscriptions": (
        "id,Customer Email,Plan,Currency,Interval,Amount,Status,Created,Trial Start,Current Period Start,Canceled At",
        "sub_1,@,price_1,usd,month,29.00,canceled,2024-05-01T10:00:00Z,,2024-06-01T10:00:00Z,2024-07-01T10:00:00Z",
    ),
    "sales whose columns are not known, in a status alone": (
        "ID da compra,Status,E-mail,Data de criação",
        "kw1,refunded,@,2024-05-01T10:00:00Z",
    ),
    "sales whose columns are not known, in a currency alone": (
        "Ref,E-mail,Moeda,Data de criação",
        "kw1,@,BRL,2024-05-01T10:00:00Z",
    ),
    "memberships that renew": (
        "Membership ID,Email,Plan,Status,Created at,Expires at,Renewal price",
        "mem_1,@,Pro,active,2024-05-01T10:00:00Z,2031-05-01T10:00:00Z,19.00",
    ),
    "sales in a language that is not known": (
        "Pesanan No,Surel,Pelanggan,Jumlah,Timestamp",
        "9,@,Ann Lee,40.50,2024-05-01T10:00:00Z",
    ),
    "courses, with their price and whether they are paid": (
        "Buchungs-ID,Gebucht am,Kurs,Teilnehmer E-Mail,Preis,Bezahlt",
        "9,2024-05-01T10:00:00Z,Yoga,@,40.50,Ja",
    ),
    "licences that are taken and given back": (
        "action,activation_email,created,plan",
        "refund,@,2024-05-01T10:00:00Z,3",
    ),
    "tables that are reserved": (
        "Aangemaakt op,Datum reservatie,Naam,E-mail,Personen,Status",
        "2024-05-01T10:00:00Z,2031-05-01,Ann Lee,@,4,Bevestigd",
    ),
    "answers with what was paid among them": (
        "Submission Date,E-mail,My Products: Total,Submission ID",
        "2024-05-01T10:00:00Z,@,40.50,77",
    ),
    "bookings": (
        "id,status,createdAt,start,end,attendee.email,host.email",
        "1,ACCEPTED,2024-05-01T10:00:00Z,2024-06-01T10:00:00Z,2024-06-01T11:00:00Z,@,pat@shop.test",
    ),
}


@pytest.mark.parametrize("name", NO_PURCHASES)
def test_what_may_be_neither_a_purchase_nor_a_lead_is_asked(name: str) -> None:
    header, row = NO_PURCHASES[name]
    made, mapping = drafted(header, *(row.replace("@", one) for one in PEOPLE))
    assert made.asks[0] == "event_name: what a row means"
    assert not mapping.where or "FILL IN" in str(mapping.where)
    assert "amount" not in live(mapping)


def test_customers_are_people_and_no_orders() -> None:
    header = "Customer ID,First Name,Last Name,Email,Total Spent,Total Orders,Created at"
    rows = [f"{n},Ann,Lee,{one},{n * 40}.00,{n},2024-05-01T10:00:00Z" for n, one in enumerate(PEOPLE, 77)]
    made, mapping = drafted(header, *rows)
    assert made.event == "lead_generated" and "amount" not in live(mapping)


def test_a_gift_goes_to_somebody_else() -> None:
    header = "order_no,placed_on,buyer_name,buyer_email,recipient_name,recipient_email,order_total"
    rows = [f"G-{n},2024-05-01T10:00:00Z,,{one},Eva Lee,e@shop.test,3{n}.50" for n, one in enumerate(PEOPLE)]
    rows[0] = rows[0].replace(",,", ",Ann Lee,")
    found = live(drafted(header, *rows)[1])
    assert (found["full_name"], found["email"]) == (("buyer_name",), ("buyer_email",))


def test_ids_of_a_payment_processor_show_that_its_numbers_are_cents() -> None:
    header = ["id", "status", "currency_code", "details.totals.total", "customer.email", "billed_at"]
    totals = ["4999", "5999", "9900", "1995"]
    rows = [
        [f"txn_01h{at}", "completed", "USD", total, PEOPLE[at], f"2024-06-0{at + 1}T08:00:00Z"]
        for at, total in enumerate(totals)
    ]
    amounts = {}
    for mark in ("txn_", "order-"):
        marked = [[row[0].replace("txn_", mark), *row[1:]] for row in rows]
        mapping = load_text(draft(sample(header, *marked, form=JSONL), "drafted", "them").text, "the draft")
        amounts[mark] = mapping.events[0].fields.get("amount")
    assert amounts["txn_"] is not None and amounts["txn_"].minor_units == "currency_code"
    assert amounts["order-"] is None or amounts["order-"].minor_units is None


def test_sums_of_cents_are_shown_as_a_shop_shows_them() -> None:
    rows = [f"ch_{n},{one},1900,{'jpy' if n == 3 else 'usd'},1735689600,{n == 3}" for n, one in enumerate(PEOPLE)]
    text = drafted("id,user_email,amount_cents,currency,created,refunded", *rows)[0].text
    table = [line.split()[1:4] for line in text.partition('"refunded", each')[2].splitlines()[1:3]]
    assert table == [['"False"', "5", "95.00"], ['"True"', "1", "1,900.00"]]


def test_a_members_fees_of_several_years_are_no_items_of_one_order() -> None:
    header = "Identifiant,Email,Libellé,Date de paiement,Montant payé"
    rows = [f"m{n // 2},{PEOPLE[n // 2]},Membre,202{n % 2 + 3}-01-1{n}T10:00:00Z,25.50" for n in range(6)]
    made, mapping = drafted(header, *rows)
    assert (
        mapping.source.group_by is None and "order_id" not in live(mapping) and "# group_by: Identifiant" in made.text
    )


def test_what_a_record_has_goes_before_what_its_parts_have() -> None:
    header = ["id", "status", "total", "email", "created_at", "billed_at", "payments.0.captured_at"]
    header += ["payments.0.status", "product.name", "product.sku", "first_name"]
    rows = [
        [
            str(n),
            "completed",
            "49.50",
            one,
            f"2024-06-0{n}T08:00:00Z",
            "",
            f"2024-06-0{n}T09:00:00Z",
            "captured",
            "Small Lamp",
            f"S-{n}",
            "Ann",
        ]
        for n, one in enumerate(PEOPLE, 1)
    ]
    found = live(load_text(draft(sample(header, *rows, form=JSONL), "drafted", "them").text, "the draft"))
    assert found["event_time"] == ("created_at",) and "full_name" not in found


@pytest.mark.parametrize(("optin", "confirm"), [("", "2024-05-10T09:21:00Z"), ("2024-05-10T09:20:00Z", "")])
def test_of_two_times_the_one_that_each_row_has_is_read(optin: str, confirm: str) -> None:
    rows = [f"{n},{one},2024-05-10T09:20:00Z,2024-05-10T09:21:00Z" for n, one in enumerate(PEOPLE)]
    rows[2] = f"2,{PEOPLE[2]},{optin},{confirm}"
    found = live(drafted("LEID,Email Address,OPTIN_TIME,CONFIRM_TIME", *rows)[1])
    assert found["event_time"][0] == ("CONFIRM_TIME" if confirm else "OPTIN_TIME")
