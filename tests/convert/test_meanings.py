"""Rows of one record may write the same value in several ways: no conflict, and one event in any order of rows."""

import csv
import io
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from checking import Desk, events_of, write

MAPPING = """
mapping: 1
name: small
source: {group_by: id, timezone: Europe/Berlin, date_order: dmy, decimal: '.', optional: [phone]}
where: {status: paid, bounded: {at_least: 1}, after: {after: 2020-01-01}, here: present}
events:
  - event_name: purchase
    fields:
      order_id: id
      email: {column: email}
      phone: [phone, other]
      amount: {column: total, minor_units: currency}
      event_time: at
      full_name: name
      tracking_id: {column: token, extract: "^(.+)$"}
      fingerprint: device
      ip: ip
      is_upsell: upsell
      url: page
      order_name: {template: "{label}!"}
      profile_field_1: {column: stage, map: {Won: won, Gained: won}}
      profile_field_16: count
      profile_field_26: day
"""
SOUND = {"email": "a@x.de", "phone": "+4930123456", "other": "", "total": "1990", "currency": "EUR", "name": "Ann"}
SOUND |= {"at": "2024-05-01T10:00:00Z", "token": "t", "device": "d", "ip": "::1", "upsell": "true", "count": "5"}
SOUND |= {"page": "https://x.de/", "label": "A", "stage": "won", "day": "2024-05-01", "status": "paid"}
SOUND |= {"bounded": "5", "after": "2024-05-01", "here": "2024-05-01"}
SAME = [
    ("email", "a@x.de", "A@x.de", "a@X.DE", "NULL"),
    ("phone", "+4930123456", "+49 30 123456", "0049 (30) 123-456", "tel:+49.30.123456", "4930123456".join(("+", ".0"))),
    ("phone", "030 123456", "030/123456", "nan"),
    ("total", "1990", "1990.0", "1990.00", "1,990.00", "€ 1990"),
    ("currency", "EUR", "eur", "Eur"),
    ("at", "2024-05-01T10:00:00Z", "2024-05-01 12:00", "01.05.2024 12:00:00", "1714557600", "0000-00-00"),
    ("at", "2024-05-01", "01/05/2024", "2024-05-01T12:00:00+02:00"),
    ("name", "Tom & Jo", "Tom &amp; Jo", "undefined"),
    ("ip", "::1", "0:0:0:0:0:0:0:1"),
    ("upsell", "true", "TRUE", "yes", "1"),
    ("stage", "won", "Won", "gained"),
    ("count", "5", "5.0", "5.00", "NULL"),
    ("day", "2024-05-01", "01.05.2024", "2024-05-01 10:00"),
    ("bounded", "5", "5.0", "5.00"),
    ("after", "2024-05-01", "01.05.2024", "2024-05-01 12:00"),
]
OTHER = [
    ("email", "a@x.de", "a+b@x.de"),
    ("email", "a@x.de", "a@x", "A@x.de"),  # one can't be read
    ("phone", "+4930123456", "030 123456"),  # its country is not known
    ("phone", "+4930123456", "+4930123456 ext 1"),
    ("phone", "+4930123456", "4.93E+11"),
    ("total", "1990", "1991.00"),
    ("total", "1990.00", "1990,00"),  # its decimal mark is not known
    ("total", "1990", "NULL"),
    ("currency", "EUR", "JPY"),
    ("at", "2024-05-01T10:00:00Z", "2024-05-01 10:00"),
    ("at", "2024-05-01 10:00", "2024-05-01 soon"),
    ("name", "Ann", "ann"),
    ("token", "t", "T"),
    ("device", "d", "D"),
    ("page", "https://x.de/", "https://x.de/a"),
    ("label", "A", "a"),
    ("stage", "won", "lost"),
    ("count", "5", "6"),
    ("day", "2024-05-01", "2024-05-02"),
    ("status", "paid", "Paid"),  # a condition's texts
    ("bounded", "5", "6"),
    ("bounded", "5", "NULL"),
    ("after", "2024-05-01", "2024-05-02"),
    ("here", "2024-05-01", "01.05.2024"),
]


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def export(cases: list[tuple[str, ...]]) -> dict[str, str]:
    """A file with a record for each case and order of its texts, and a row for each text; ids name case and order."""
    file = io.StringIO(newline="")
    rows = csv.DictWriter(file, ["id", *SOUND])
    rows.writeheader()
    for case, (column, *texts) in enumerate(cases):
        for order, several in enumerate(list(permutations(texts))[:30]):
            for text in ("", *several):
                rows.writerow(SOUND | {column: text, "id": f"{case}-{order}"})
    return {"orders.csv": file.getvalue()}


def test_values_of_the_same_meaning_give_one_event_in_any_order(tmp_path: Path) -> None:
    made: dict[str, list[dict[str, Any]]] = {}
    for event in events_of(write(tmp_path, export(SAME)), MAPPING):
        case, _, _ = event.pop("order_id").partition("-")
        event.pop("idempotency_key")
        made.setdefault(case, []).append(event)
    for number, case in enumerate(SAME):
        found = made[str(number)]
        assert found == found[:1] * min(30, len(list(permutations(case[1:])))), case


def test_values_of_another_meaning_are_a_conflict(desk: Desk) -> None:
    found = desk.check(export(OTHER), MAPPING)
    assert found["ready"] == found["without_event"] == 0
    reasons = {row["id"].partition("-")[0]: row["_reason"] for row in found.rejects}
    assert reasons == {str(case): f"its rows disagree in {column}" for case, (column, *_) in enumerate(OTHER)}
    assert found["codes"] == {"conflicting_rows": found["records"]}


def test_a_key_is_made_of_what_all_rows_say(desk: Desk) -> None:
    """A value that a key contains unchanged must be written the same way; the case of an email never counts."""
    mapping = """
mapping: 1
name: small
source: {group_by: id}
events: [{event_name: lead_generated, key: [KEY], fields: {email: email, phone: phone, event_time: at}}]
"""
    text = "id,email,phone,at\n1,a@x.de,+49301,2024-05-01T10:00:00Z\n1,A@x.de,+49 301,\n"
    assert desk.check(text, mapping.replace("KEY", "email"))["ready"] == 1
    assert desk.check(text, mapping.replace("KEY", "phone"))["codes"] == {"conflicting_rows": 1}


def test_words_for_nothing_next_to_a_filled_cell_are_counted(desk: Desk) -> None:
    found = desk.check({"orders.csv": export([("email", "a@x.de", "NULL")])["orders.csv"]}, MAPPING)
    assert "column email: 2 cells (first in row 1) hold what a program writes for nothing" in found.said
