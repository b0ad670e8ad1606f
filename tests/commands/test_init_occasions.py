"""Drafts of bookings, registrations, lists and answers, which nobody pays for: their event, and which of them count."""

from pathlib import Path

import pytest
from test_init import drafted, made_of

from backfill.commands.init.statuses import is_booked

BOOKING = "ID,Client email,Record date,Date,Start time,End time,Service,Provider,Booked via,Status"
MEETING = "Booking ID,Customer email,Creation time,Meeting time,Status"
LISTED = "Email,Name,Date added,Status"
ANSWER = "Inquiry_Id,Email,Budget,Entry_Status,Entry_DateCreated,Entry_DateSubmitted"
FILL = "FILL IN the values that"
DAY = "2024-05-0{n}T10:00:00Z"


def rows(line: str, *states: str) -> list[str]:
    return [line.replace("@", f"p{n}@x.test").replace("{n}", str(n)).format(state=s) for n, s in enumerate(states, 1)]


BOOKED = "7{n},@," + DAY + ",2031-01-05,10:00,11:00,Massage,Ana,web,{state}"
MET = "B{n},@," + DAY + ",2031-01-05T10:00:00Z,{state}"
ON = "@,Ann Lee," + DAY + ",{state}"


@pytest.mark.parametrize(
    ("header", "lines", "event", "where"),
    [
        (BOOKING, rows(BOOKED, "confirmed", "canceled", "no show", "pending"), "schedule", {"Status": "not canceled"}),
        (BOOKING, rows(BOOKED, "accepted", "rejected", "pending"), "schedule", {"Status": f"{FILL} count"}),
        (MEETING, rows(MET, "Completed", "Canceled", "Rescheduled"), "schedule", {"Status": "not Canceled"}),
        (MEETING, rows(MET, "Completed", "Canceled", "Dreamt of"), "schedule", {"Status": f"{FILL} count"}),
        (MEETING.replace("Status", "Label"), rows(MET, "Confirmed", "Canceled"), "schedule", {"Label": "not Canceled"}),
        (LISTED, rows(ON, "active", "cancelled", "bounced"), "lead_generated", {}),
        (
            "Email,Date added,How many?,What for?,Approval Status",
            rows("@," + DAY + ",5,Tea,{state}", "Approved", "Spam", "Denied"),
            "lead_generated",
            {"Approval Status": "Approved"},
        ),
        ("Email,Name,Registered date,Status", rows(ON, "Attended", "Missed"), "webinar_registration", {}),
        (LISTED, rows(ON, "subscribed", "unsubscribed", "unconfirmed"), "lead_generated", {}),
    ],
    ids=["a host and one who did not come", "a host who declines some", "one that was moved",
         "a word that is not known", "under any name",
         "a list that some left", "answers that were approved", "who came", "a mailing list"],
)  # fmt: skip
def test_who_counts(header: str, lines: list[str], event: str, where: dict[str, str]) -> None:
    made, mapping = drafted(header, *lines)
    assert made.event == event
    found = {c.column: " ".join(c.one_of or ("not", *(c.none_of or ()))) for c in mapping.where}
    assert found == where


def test_a_booking_that_was_moved_may_be_there_twice() -> None:
    lines = rows(MET, "Scheduled", "Canceled", "Rescheduled")
    made, _ = drafted(MEETING, *lines, lines[2].replace("B3", "B4").replace("Rescheduled", "Scheduled"))
    assert [ask for ask in made.asks if ask.startswith("where")]


def test_an_answer_counts_once_it_was_sent_and_a_budget_is_no_payment() -> None:
    lines = [
        "31,a@x.test,$900.00,Submitted,2024-05-01T10:00:00Z,2024-05-01T10:05:00Z",
        "32,b@x.test,$800.00,Incomplete,2024-05-02T10:00:00Z,",
        "33,c@x.test,$700.00,Filed,2024-05-03T10:00:00Z,2024-05-03T10:05:00Z",
    ]
    made, mapping = drafted(ANSWER, *lines)
    assert made.event == "lead_generated"
    assert [(c.column, c.one_of) for c in mapping.where] == [("Entry_Status", ("Submitted", "Filed"))]


@pytest.mark.parametrize(
    ("header", "lines", "event"),
    [
        ("Lead ID,Email,Value,Currency,Lead created", ["71,a@x.test,900.50,EUR," + DAY], "lead_generated"),
        ("Deal ID,Email,Value,Currency,Created", ["71,a@x.test,900.50,EUR," + DAY], "purchase"),
        ("Member ID,Email,Fee paid,Currency,Created", ["71,a@x.test,900.50,EUR," + DAY], None),
        ("Booking ID,Email,Created at,Paid amount", ["71,a@x.test," + DAY + ",0.00"], None),
        ("callerid,calleremail,callts", ["71,a@x.test," + DAY], "lead_generated"),
        ("ID,Email,Created,Course,Cost", ["71,a@x.test," + DAY + ",Yoga,$38.50"], None),
        ("Lead ID,Email,Lead Received,Lead Fee", ["71,a@x.test," + DAY + ",$38.50"], "lead_generated"),
        ("Registration ID,Email,Registration date,Checked in", ["71,a@x.test," + DAY + ",No"], None),
        ("usrid,emailaddr,regdt,lastlogindt,plan", [f"71,a@x.test,{DAY},{DAY},free"], "sign_up"),
    ],
    ids=[
        "what a lead may be worth",
        "what a deal is worth",
        "a person's id",
        "nothing was paid",
        "a call",
        "what a course costs",
        "what a lead costs",
        "what people come to",
        "an account",
    ],
)
def test_a_value_is_not_always_money_that_was_paid(header: str, lines: list[str], event: str | None) -> None:
    rows_ = [lines[0].replace("71", f"7{n}").replace("a@", f"p{n}@").replace("{n}", str(n)) for n in range(1, 5)]
    assert drafted(header, *rows_)[1].events[0].event_name.value == event


def test_the_titles_above_a_report_say_what_it_is_about(tmp_path: Path) -> None:
    table = "First Name,Email Address,Registration Date,Registration Status\n"
    table += "Ann,a@x.test,2024-05-01T10:00:00Z,Approved\nBo,b@x.test,2024-05-02T10:00:00Z,Denied\n"
    titled = f"Registration Report\n\nWebinar Name,Webinar ID\nTax moves,612-884\n\n{table}"
    assert made_of(tmp_path, titled, "titled.csv")[1].events[0].event_name.value == "webinar_registration"
    (tmp_path / "made.yaml").unlink()
    assert made_of(tmp_path, table, "bare.csv")[1].events[0].event_name.value is None


@pytest.mark.parametrize(
    ("text", "booked"),
    [("No-show", True), ("Cancelled by us", False), ("Late cancel", False), ("Storniert", False), ("Waitlist", None)],
)  # fmt: skip
def test_what_a_status_says_of_a_booking(text: str, booked: bool | None) -> None:
    assert is_booked(text) is booked


SITE = "event_id,event_name,occurred_at,user_email,order_number,order_value"


@pytest.mark.parametrize(
    ("event", "there", "where"),
    [
        ("page_view", ",", "order_completed"),
        ("order_refunded", "W1,41.50", "order_completed"),
        ("lead_form_submitted", ",", "order_completed"),
        ("order_viewed", "W9,9.50", None),
        ("subscription_renewed", ",", None),
        ("payment_received", ",", None),
        ("mystery", "W9,9.50", None),
    ],
)
def test_the_purchases_among_the_events_of_a_site(event: str, there: str, where: str | None) -> None:
    lines = [f"e{n},order_completed,2024-05-0{n}T10:00:00Z,p{n}@x.test,W{n},4{n}.50" for n in range(1, 5)]
    more = [f"e{n},{event},2024-05-0{n}T10:00:00Z,p{n}@x.test,{there}" for n in range(5, 7)]
    more += [f"e{n},page_scroll,2024-05-0{n}T10:00:00Z,p{n}@x.test,," for n in range(7, 9)]
    _, mapping = drafted(SITE, *lines, *more)
    assert {c.column: c.one_of for c in mapping.where} == ({"event_name": (where,)} if where else {})
    assert (mapping.events[0].event_name.value == "purchase") is (where is not None)
