"""Rows of several kinds in one file, and marks, roles and statuses which say that some of them do not count."""

import pytest
from test_init import drafted, live
from test_init_exports import said

from backfill.commands.init.statuses import paid_among, sale_among

AT = "2024-05-0{n}T10:00:00Z"
SALE, PERSON = "Order ID,Email,Total,Date", "ID,Email,Created at"
SOLD, JOINED = "A{n},p{n}@x.test,4{n}.50," + AT, "7{n},p{n}@x.test," + AT
ANSWERS = "Entry ID,Email,Created at,What is it?,How big?,Completion Status"
ASKED = "FILL IN the values that count"
TICKET = "Order ID,Ticket ID,Email,Buyer email,Ticket price,Ticket status,Date"


def filled(line: str, *ends: str) -> list[str]:
    return [f"{line},{end}".replace("{n}", str(at)) for at, end in enumerate(ends, 1)]


WHO_COUNTS = {  # what a column says at the end of each row, and which condition is in force
    "money that went out, beside a zero": (f"{SALE},Given", filled(SOLD, "0", "0", "0"), {}),
    "a mark called a status": (f"{SALE},Void Status", filled(SOLD, "false", "true"), {"Void Status": "not true"}),
    "a mark of an item": (f"{SALE},Ticket Voided", filled(SOLD, "0", "1"), {"Ticket Voided": "not 1"}),
    "a mark of what is valid": (f"{SALE},valid", filled(SOLD, "1", "0"), {"valid": "not 0"}),
    "a mark beside a status that is not known": (
        f"{SALE},Statut,Paid",
        filled(SOLD, "Abc,1", "Def,0"),
        {"Statut": "FILL IN the values that mean paid for", "Paid": "not 0"},
    ),
    "a mark that says what the status says": (
        f"{SALE},Status,Paid",
        filled(SOLD, "completed,1", "failed,0"),
        {"Status": "completed"},
    ),
    "a mark that contradicts the status": (
        f"{SALE},Status,Paid",
        filled(SOLD, "completed,1", "completed,0", "failed,0"),
        {"Status": "completed", "Paid": "FILL IN the values that mean paid for"},
    ),
    "goods, and money that went out": (
        f"{SALE},Item type",
        filled(SOLD, "album", "track", "payout"),
        {"Item type": "FILL IN the values that are purchases"},
    ),
    "a kind that never has an amount": (
        "ID,Email,Amount,Date,Event type",
        [
            f"{n},p{n}@x.test,{end}".replace("AT", AT).replace("{n}", str(n))
            for n, end in enumerate(("49.50,AT,ticket.paid", ",AT,course.completed", "-9.50,AT,ticket.refunded"), 1)
        ],
        {"Event type": "ticket.paid"},
    ),
    "a kind of another word, with an amount": (
        f"{SALE},Event type",
        filled(SOLD, "ticket.paid", "course.completed", "ticket.refunded"),
        {"Event type": "FILL IN the values that are purchases"},
    ),
    "a status that only rows of another kind have": (
        f"{SALE},Type,Status",
        filled(SOLD, "transaction,captured", "transaction,declined", "updateinfo,verified"),
        {"Status": "captured", "Type": "transaction"},
    ),
    "a status that a sale has as well": (
        f"{SALE},Type,Status",
        filled(SOLD, "transaction,captured", "transaction,verified", "updateinfo,verified"),
        {"Status": "FILL IN the values that mean paid for", "Type": "transaction"},
    ),
    "what was paid is ticked, and the rest is blank": (f"{SALE},Paid", filled(SOLD, "x", "", "x"), {"Paid": "x"}),
    "yes for what was paid, and the rest is blank": (
        f"{SALE},Bezahlt",
        filled(SOLD, "ja", "", "ja"),
        {"Bezahlt": "ja"},
    ),
    "few rows are ticked as paid": (
        f"{SALE},Paid",
        filled(SOLD, "✓", "", ""),
        {"Paid": "FILL IN the values that mean paid for"},
    ),
    "a cross at what was cancelled, and a tick at a test": (
        f"{SALE},Cancelled,Test",
        filled(SOLD, "X,", ",checked", ","),
        {"Cancelled": "not x", "Test": "not checked"},
    ),
    "a status behind its number": (
        f"{SALE},Status",
        filled(SOLD, "2 - Paid", "1 - New", "3 - Refunded"),
        {"Status": "2 - Paid"},
    ),
    "a blank beside yes and no": (
        f"{SALE},Paid",
        filled(SOLD, "yes", "no", ""),
        {"Paid": "FILL IN the values that mean paid for"},
    ),
    "a payment, under its bare name": (f"{SALE},Payment", filled(SOLD, "done", "pending"), {"Payment": "done"}),
    "a payment, or by what means": (
        f"{SALE},Zahlung",
        filled(SOLD, "bar", "offen", "überwiesen"),
        {"Zahlung": "FILL IN the values that mean paid for"},
    ),
    "by what means alone": (f"{SALE},Payment", filled(SOLD, "cash", "card"), {}),
    "documents, under any name": (f"{SALE},Document", filled(SOLD, "Invoice", "Credit memo"), {"Document": "Invoice"}),
    "short names of invoices and credit notes": (f"{SALE},Tipo", filled(SOLD, "FAC", "NC"), {"Tipo": "FAC"}),
    "when something was refunded, perhaps in part": (
        f"{SALE},Refund date",
        filled(SOLD, AT, ""),
        {"Refund date": "FILL IN empty, or take this line out"},
    ),
    "when something was refunded, beside how much": (
        f"{SALE},Refunded at,Amount refunded",
        filled(SOLD, f"{AT},41.50", ",0", f"{AT},5.00"),
        {"Amount refunded": "not all of Total"},
    ),
    "when something was refunded, as the status says": (
        f"{SALE},Status,Refunded at",
        filled(SOLD, f"refunded,{AT}", "paid,", f"paid,{AT}"),
        {"Status": "paid"},
    ),
    "a gateway that is called a test": (f"{SALE},Gateway", filled(SOLD, "Stripe", "Test"), {"Gateway": "not test"}),
    "a kind of lead that is called a test": (
        f"{PERSON},Lead Type",
        filled(JOINED, "Standard", "Test Lead"),
        {"Lead Type": "not test lead"},
    ),
    "a kind that may be an exam": (f"{PERSON},Service type", filled(JOINED, "Course", "Test"), {"Service type": ASKED}),
    "a test that a campaign makes": (f"{PERSON},utm_channel", filled(JOINED, "social", "test lead"), {}),
    "goods for tests": (f"{SALE},Product type", filled(SOLD, "Course", "Test data"), {}),
    "a draft of an answer": (f"{PERSON},Draft", filled(JOINED, "0", "1"), {"Draft": "not 1"}),
    "money that came in, or half of it": (
        f"{SALE},Money in?",
        filled(SOLD, "yes", "no", "half"),
        {"Money in?": "FILL IN the values that mean paid for"},
    ),
    "bookings, of which none says paid": (
        f"{SALE},Status",
        filled(SOLD, "Booked", "Declined", "Tentative", "Open"),
        {"Status": "Booked"},
    ),
    "a refund that is ticked": (f"{SALE},Refund?", filled(SOLD, "yes", ""), {"Refund?": "not yes"}),
    "old versions of a row": (
        f"{SALE},Version,Is current",
        filled(SOLD, "1,true", "1,false", "2,true"),
        {"Is current": "not false"},
    ),
    "a row that is current, of no version": (f"{SALE},Is current", filled(SOLD, "true", "false"), {}),
    "what a bank refused, beside what was captured": (
        f"{SALE},Action Type,Response",
        filled(SOLD, "Capture,Approved", "Capture,Blocked by risk", "Void,Approved"),
        {"Action Type": "Capture", "Response": "not blocked by risk"},
    ),
    "what a check for fraud stopped": (
        f"{SALE},Status,Fraud Status",
        filled(SOLD, "capture,accept", "capture,challenge", "deny,accept"),
        {"Status": "capture", "Fraud Status": "not challenge"},
    ),
    "a bank's answer that is not known": (
        f"{SALE},Status,Response",
        filled(SOLD, "captured,Approved", "captured,Declined", "captured,Abc"),
        {"Status": "captured", "Response": "FILL IN the values that count"},
    ),
    "a check for fraud that stopped nothing": (
        f"{SALE},Status,Fraud Status",
        filled(SOLD, "captured,accept", "captured,Abc", "failed,deny"),
        {"Status": "captured"},
    ),
    "invoices, and credit notes among them": (
        f"{SALE},Paid status,Invtype",
        filled(SOLD, "PAID,INV", "OPEN,INV", "PAID,CRN"),
        {"Paid status": "PAID", "Invtype": "INV"},
    ),
    "yes, no, and what became of it": (
        f"{SALE},Pagato",
        filled(SOLD, "sì", "no", "rimborsato"),
        {"Pagato": "sì"},
    ),
    "yes, no, and a deposit": (
        f"{SALE},Bezahlt",
        filled(SOLD, "ja", "nein", "Anzahlung"),
        {"Bezahlt": "FILL IN the values that mean paid for"},
    ),
    "a mark of the staff's orders": (
        f"{SALE},is_staff_order",
        filled(SOLD, "false", "true"),
        {"is_staff_order": "FILL IN the values that count"},
    ),
    "answers that were never sent": (
        ANSWERS,
        filled(JOINED, "Roof,big,1", "Wall,small,1", ",,0"),
        {"Completion Status": "not 0"},
    ),
    "answers that were, to other questions": (ANSWERS, filled(JOINED, "Roof,big,1", "Wall,,1", "Wall,,0"), {}),
    "a course that was done": (
        "Member ID,Email,Created at,Certificate,Grade,Completed",
        filled(JOINED, "c1,A,1", "c2,B,1", ",,0"),
        {},
    ),
    "kinds of goods": (f"{SALE},Item type", filled(SOLD, "album", "track", "package"), {}),
    "a return": (f"{SALE},Transaction Type", filled(SOLD, "order", "return"), {"Transaction Type": "order"}),
    "who runs a platform": (f"{PERSON},User role", filled(JOINED, "user", "admin"), {"User role": "user"}),
    "a role that is not known": (
        f"{PERSON},Role",
        filled(JOINED, "student", "instructor", "beta"),
        {"Role": "FILL IN the values that count"},
    ),
    "what people do for a living": (f"{PERSON},Role", filled(JOINED, "owner", "manager", "developer"), {}),
    "a mark of people who are the shop's own": (
        f"{PERSON},Users Is Internal (Yes / No)",
        filled(JOINED, "No", "Yes", "No"),
        {"Users Is Internal (Yes / No)": "FILL IN the values that count"},
    ),
    "a mark of staff": (
        f"{PERSON},is_staff",
        filled(JOINED, "f", "t", "f"),
        {"is_staff": "FILL IN the values that count"},
    ),
    "how it was paid": (
        f"{SALE},Status,payment_type",
        filled(SOLD, "paid,card", "paid,bank_transfer", "failed,ussd"),
        {"Status": "paid"},
    ),
    "how it was paid, and money that went back": (
        f"{SALE},Status,Type",
        filled(SOLD, "paid,card", "paid,bank transfer", "paid,Refund"),
        {"Status": "paid", "Type": "FILL IN the values that are purchases"},
    ),
    "a subscription that ended since": (
        f"{SALE},Payment Status,Subscription Status",
        filled(SOLD, "paid,active", "paid,cancelled", "failed,past due"),
        {"Payment Status": "paid"},
    ),
    "how a subscription stands, and nothing else": (
        f"{SALE},Subscription Status",
        filled(SOLD, "active", "unpaid", "past due"),
        {"Subscription Status": "FILL IN the values that count"},
    ),
    "why it failed": (
        f"{SALE},State,Failure Code",
        filled(SOLD, "succeeded,", "failed,card_declined", "failed,abandoned"),
        {"State": "succeeded"},
    ),
    "a mark of what succeeded": (f"{SALE},success", filled(SOLD, "true", "false"), {"success": "not false"}),
    "goods that came back": (
        f"{SALE},Order Status,Seller Status",
        filled(SOLD, "paid,shipped", "paid,returned", "paid,cancelled"),
        {"Order Status": "paid", "Seller Status": "not returned cancelled"},
    ),
    "goods that came back, beside money that did": (
        f"{SALE},Payment Status,Order Status",
        filled(SOLD, "paid,sent", "paid,returned", "refunded,returned"),
        {"Payment Status": "paid", "Order Status": "FILL IN the values that count"},
    ),
    "a status that only says what was cancelled": (
        f"{SALE},Status",
        filled(SOLD, "", "", "Canceled"),
        {"Status": "not canceled"},
    ),
    "times of payment, and no status": (
        f"{SALE},Paid On Date",
        filled(SOLD, AT, AT, ""),
        {"Paid On Date": "present"},
    ),
    "times of few payments, and no status": (
        f"{SALE},Paid On Date",
        filled(SOLD, AT, "", ""),
        {"Paid On Date": "FILL IN present, or take this line out"},
    ),
    "times of payment beside a status": (
        f"{SALE},Status,Paid at",
        filled(SOLD, f"paid,{AT}", "paid,"),
        {"Status": "paid"},
    ),
    "what somebody stopped, though it was paid": (
        f"{SALE},Status,Paid at",
        filled(SOLD, f"paid,{AT}", f"blocked,{AT}", "unpaid,"),
        {"Status": "FILL IN the values that mean paid for"},
    ),
    "times of payment that stay where money went back": (
        f"{SALE},Status,Paid at",
        filled(SOLD, f"paid,{AT}", f"Abc,{AT}", "unpaid,", f"refunded,{AT}"),
        {"Status": "FILL IN the values that mean paid for"},
    ),
    "what is due beside what is paid": (
        f"{SALE},Transaction Status,State",
        filled(SOLD, "completed,paid", "pending,due", "completed,paid", "failed,due", ",deleted"),
        {"Transaction Status": "completed", "State": "paid"},
    ),
    "a payment that came although it is due": (
        f"{SALE},Transaction Status,State",
        filled(SOLD, "completed,paid", "completed,due", "failed,deleted"),
        {"Transaction Status": "completed", "State": "not deleted"},
    ),
    "a stage in which a lead was lost": (f"{PERSON},Phase", filled(JOINED, "New", "Rejected", "Accepted"), {}),
    "a stage of what is no lead": (f"{PERSON},Phase", filled(JOINED, "New", "Spam", "Rejected"), {"Phase": "not spam"}),
    "a channel that is called a test": (f"{PERSON},chan", filled(JOINED, "WEB", "FB", "TEST"), {"chan": "not test"}),
    "what was sold beside what is held": (
        f"{SALE},line_status",
        filled(SOLD, "SOLD", "HELD", "VOID", "REFUNDED"),
        {"line_status": "SOLD"},
    ),
    "an address that reaches nobody": (
        f"{PERSON},Status",
        filled(JOINED, "active", "inactive", "invalid", "pending"),
        {"Status": "not invalid"},
    ),
}


@pytest.mark.parametrize(
    ("titles", "out"),
    [(("TEST do not call", "Roof", "Testing kit"), True), (("TEST DRIVE", "ROOF", "HOUSE"), False)],
)
def test_a_title_that_begins_with_test_in_capitals_is_of_a_test(titles: tuple[str, ...], out: bool) -> None:
    for name in ("Deal title", "Account: Name"):
        mapping = drafted(f"{SALE},{name}", *filled(SOLD, *titles))[1]
        assert [condition.column for condition in mapping.where] == [name] * out


@pytest.mark.parametrize("name", WHO_COUNTS)
def test_which_rows_count(name: str) -> None:
    header, lines, wanted = WHO_COUNTS[name]
    assert said(drafted(header, *lines)[1]) == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [("0.00 0.00 9.00", "at most 0"), ("- - 9.00", "empty"), ("- 0 9", "nothing but zeros"), ("0.00 1.00 9.00", None)],
)
def test_money_that_went_out(given: str, wanted: str | None) -> None:
    pairs = enumerate(zip((text.strip("-") for text in given.split()), ("5.00", "6.00", "0.00"), strict=True), 1)
    lines = [f"T{n},p{n}@x.test,{came},{out},2024-05-0{n}T10:00:00Z" for n, (out, came) in pairs]
    found = [c for c in drafted("Transaction ID,Email,Received,Given,Date", *lines)[1].where if c.column == "Given"]
    kinds = ["at most 0" if c.at_most == 0 else "empty" if c.empty else "nothing but zeros" for c in found]
    assert kinds == ([wanted] if wanted else [])
    assert all(c.matches.search("0.00") and not c.matches.search("9") for c in found if c.matches)


def test_money_that_went_out_is_shown_where_the_amount_is_open() -> None:
    lines = [
        f"T{n},p{n}@x.test,{n}.50,{n}.75,{out},2024-05-0{n}T10:00:00Z" for n, out in ((1, ""), (2, ""), (3, "9.00"))
    ]
    made = drafted("Transaction ID,Email,Total,Grand total,Money out,Date", *lines)[0]
    assert "amount: the column with what was paid" in made.asks and "# Money out: empty" in made.text


@pytest.mark.parametrize("free", ["0.00", "9.00"])
def test_what_an_open_event_leaves_open_is_asked(free: str) -> None:
    people = ("a", "a"), ("b", "a"), ("c", "c"), ("d", "d")
    lines = [
        f"A{buyer},T{n},{one}@x.test,{buyer}@x.test,{free},active,2024-05-01T10:00:00Z"
        for n, (one, buyer) in enumerate(people)
    ]
    made, mapping = drafted(TICKET, *lines)  # a mapping that can be loaded
    if mapping.events[0].event_name.value is None:
        assert not mapping.source.group_by and not {"email", "order_id"} & {*live(mapping)}
        assert "# group_by: Order ID" in made.text and "# email: Buyer email" in made.text


@pytest.mark.parametrize(
    ("name", "marks", "asked"),
    [
        ("Item type", "sale refund sale", False),
        ("Item type", "sale refund refund", True),
        ("Cancelled", "No Yes No", False),
        ("Cancelled", "No Yes Yes", True),
        ("Ticket status", "active cancelled active", False),
        ("Paid", "Yes No Yes", False),
        ("Paid", "Yes No No", True),
    ],
)
def test_what_the_rows_of_an_order_say_of_themselves_is_shown(name: str, marks: str, asked: bool) -> None:
    orders = zip(("A1,a", "A1,a", "A2,b"), marks.split(), strict=True)
    lines = [f"{order}@x.test,4.50,2024-05-01T10:00:00Z,{mark}" for order, mark in orders]
    made, mapping = drafted(f"{SALE},{name}", *lines)
    assert f'"{name}" differs between the rows of an order' in made.text
    assert [c.column for c in mapping.where] == ([name] if asked else [])


@pytest.mark.parametrize(
    ("texts", "text", "paid"),
    [
        (["paid", "processing"], "processing", None),
        (["completed", "processing"], "processing", True),
        (["succeeded", "processing"], "processing", False),
        (["bezahlt", "in Bearbeitung"], "in Bearbeitung", None),
        (["paid_out", "pending_submission", "confirmed"], "confirmed", True),
        (["paid_out", "pending_submission", "submitted"], "submitted", False),
        (["paid_out", "confirmed"], "confirmed", None),
        (["Recibido", "Reintegrado"], "Reintegrado", False),
        (["success", "review"], "review", False),
    ],
)
def test_what_is_under_way_beside_what_is_paid(texts: list[str], text: str, paid: bool | None) -> None:
    assert paid_among(texts)(text) is paid


@pytest.mark.parametrize(("text", "sale"), [("pending sale", False), ("return", False), ("album", None)])
def test_what_a_kind_says_beside_a_sale(text: str, sale: bool | None) -> None:
    assert sale_among(["sale", text])(text) is sale
