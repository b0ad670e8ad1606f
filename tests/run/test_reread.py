"""`why` of an order that no ledger knows by the word asked for: the files of the latest runs answer."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from place import Place
from reading import space

from backfill.commands.status import Asked, why

SHOP = """
mapping: 1
name: shop
where: {State: [paid]}
events:
  - event_name: purchase
    fields: {order_id: Id, order_name: Name, email: Email, amount: Total, event_time: At}
"""
ROWS = (
    "Id,Name,Email,Total,At,State\n"
    "5001,#1090,a@example.com,5,2024-05-01T10:00:00Z,paid\n"
    "5002,#1091,b@example.com,6,2024-05-02T10:00:00Z,voided\n"
    "5003,#1092,nobody,7,2024-05-03T10:00:00Z,paid\n"
    "5004,#1093,d@example.com,8,2024-05-04T10:00:00Z,paid\n"
)


@pytest.fixture
def sent(place: Place) -> Place:
    """Three rows uploaded until May 4: one accepted, one left out by a condition, one rejected, one by the period."""
    file, mapping = place.folder / "shop.csv", place.folder / "shop.yaml"
    file.write_text(ROWS)
    mapping.write_text(SHOP)
    with space() as sandbox:
        found = place.upload(sandbox.url, str(file), mapping=str(mapping), until="2024-05-04")
        assert (found["accepted"], found["invalid"], found["without_event"]) == (1, 1, 2)
    return place


def said(place: Place, capsys: pytest.CaptureFixture[str], asked: str) -> str:
    capsys.readouterr()
    assert why(Asked(place.folder / "state"), asked) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "printed"),
    [
        ("5001", "first accepted"),
        ("purchase:5001", "first accepted"),
        ("#1090", "first accepted"),
        ("1090", "first accepted"),
        ("shop.csv:1", "first accepted"),
        ("5002", "State is voided"),
        ("#1091", "State is voided"),
        ("shop.csv:2", "State is voided"),
        ("5003", "invalid_email"),
        ("#1092", "invalid_email"),
        ("purchase:5003", "invalid_email"),
        ("shop.rejects.csv:3", "invalid_email"),
        ("shop.csv:3", "invalid_email"),
        ("#1093", "not between --since and --until"),
        ("#1094", "in no ledger"),
        ("shop.csv:9", "in no ledger"),
        ("nowhere.csv:2", "in no ledger"),
        ("shop.csv:\u0662", "in no ledger"),
    ],
)
def test_an_order_is_found_by_any_name_that_a_person_has(
    sent: Place, capsys: pytest.CaptureFixture[str], asked: str, printed: str
) -> None:
    assert printed in said(sent, capsys, asked)


@pytest.mark.parametrize("change", ["gone", "moved", "garbage", "reading"])
def test_a_file_that_can_not_be_read_again_is_passed_over(
    sent: Place, capsys: pytest.CaptureFixture[str], change: str
) -> None:
    if change == "gone":
        (sent.folder / "shop.csv").unlink()
    elif change == "moved":
        (sent.folder / "shop.yaml").unlink()
    elif change == "garbage":
        (sent.folder / "shop.csv").write_bytes(bytes(range(256)) * 9)
    else:
        (path,) = (sent.folder / "state").rglob("default.sqlite")
        with closing(sqlite3.connect(path)) as file, file:
            summary = json.loads(file.execute("SELECT summary FROM runs").fetchone()[0])
            summary["reading"] |= {"route": {"no": "route"}, "what": 1}
            file.execute("UPDATE runs SET summary = ?", (json.dumps(summary),))
    assert "in no ledger" in said(sent, capsys, "#1091")


@pytest.mark.parametrize("asked", ["#1090", "1091", "shop.csv:1"])
@pytest.mark.parametrize("change", ["gone", "moved"])
def test_what_only_a_lost_file_could_show_is_not_denied(
    sent: Place, capsys: pytest.CaptureFixture[str], asked: str, change: str
) -> None:
    (sent.folder / ("shop.csv" if change == "gone" else "shop.yaml")).unlink()
    printed = said(sent, capsys, asked)
    assert f"in no ledger of {sent.folder / 'state'} by this name" in printed and "no upload" not in printed
    assert "space default may have sent it: its ledger knows events by order_id and key" in printed
    assert f"{sent.folder / 'shop.csv'} of run 1 {'is gone' if change == 'gone' else 'can'}" in printed
    assert "ask by the order_id or the key, or put the file back" in printed
    assert "first accepted" in said(sent, capsys, "5001")


def test_a_reject_is_found_by_name_in_its_reject_file(sent: Place, capsys: pytest.CaptureFixture[str]) -> None:
    (sent.folder / "shop.csv").unlink()
    printed = said(sent, capsys, "#1092")
    assert "invalid (invalid_email)" in printed and "shop.rejects.csv row 1" in printed


def test_what_all_files_lack_is_in_none_of_them(sent: Place, capsys: pytest.CaptureFixture[str]) -> None:
    printed = said(sent, capsys, "#1094")
    assert printed.endswith("by this name, nor in the files of its runs that can be read again\n")


def test_a_file_that_changed_says_what_it_says_now(sent: Place, capsys: pytest.CaptureFixture[str]) -> None:
    file = Path(sent.folder / "shop.csv")
    file.write_text(ROWS.replace("voided", "paid"))
    assert "ready, and not sent yet" in said(sent, capsys, "#1091")
