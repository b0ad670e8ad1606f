"""Steps on what was read: minor units by the currency's exponent, times with a zone column, quotes, trailers."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from checking import Desk, events_of, surveyed, write
from hypothesis import given
from hypothesis import strategies as st

from backfill.convert.expressions import text_of
from backfill.convert.steps import exponent_of, in_major_units, parse_by_zone, scaled
from backfill.fields import Locale, Parsed, parse
from backfill.fields.arrow import Texts, listed, texts_of
from backfill.mapping import FieldSource

READING = Locale(now=1_800_000_000)
WHOLE = Decimal("0.01")


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def column(*texts: str | None) -> Texts:
    return texts_of(texts)


def mapping(fields: dict[str, Any], **source: Any) -> str:
    made = {"order_id": "id", "email": "email", "event_time": "at"} | fields
    event = {"event_name": "purchase", "fields": made}
    return json.dumps({"mapping": 1, "name": "steps", "source": source, "events": [event]})


# Texts replaced


@pytest.mark.parametrize(
    ("cell", "texts", "made"),
    [
        ("2026-07-05T10:00:00Z UTC-06:00", {"Z UTC": ""}, "2026-07-05T10:00:00-06:00"),
        ("o\\'brien", {"\\": ""}, "o'brien"),
        ("a.b.c", {".": "-"}, "a-b-c"),  # a text, and no pattern
        ("one two", {"one": "two", "two": "one"}, "two one"),  # what was put in is not looked at again
        ("abc", {"a": "1", "ab": "2"}, "2c"),  # the longest text that fits
        ("EUR 5", {"EUR": ""}, "5"),
        ("eur 5", {"EUR": ""}, "eur 5"),
        ("EUR", {"EUR": ""}, ""),
        ("", {"EUR": ""}, ""),
    ],
)
def test_texts_replaced(cell: str, texts: dict[str, str], made: str) -> None:
    source = FieldSource(columns=("c",), replace=tuple(texts.items()))
    assert listed(text_of(source, {"c": column(cell)}, 1)[0]) == [made]


@pytest.mark.parametrize(
    ("cell", "separators", "made"),
    [
        ("a@x.co, b@x.co", (",", ";"), "a@x.co"),
        (" ;a@x.co; b@x.co", (",", ";"), "a@x.co"),
        ("a@x.co and b@x.co", (" and ",), "a@x.co"),
        ("a@x.co", (",",), "a@x.co"),
        (",;", (",", ";"), ""),
    ],
)
def test_the_first_of_several_values(cell: str, separators: tuple[str, ...], made: str) -> None:
    source = FieldSource(columns=("c",), separator=separators)
    assert text_of(source, {"c": column(cell)}, 1)[0].tolist() == [made]


def test_several_values_are_counted(desk: Desk) -> None:
    made = mapping({"email": {"column": "email", "separator": [",", ";"]}, "amount": "total"})
    rows = [f'{n},"{email}",5,2024-05-01T10:00:00Z' for n, email in enumerate(["a@x.co", "b@x.co, c@x.co", "d@x.co;"])]
    found = desk.check("\n".join(["id,email,total,at", *rows]), made)
    assert found["ready"] == 3
    assert "column email: 1 cell (first in row 2) holds several values, of which the first was taken" in found.said


@pytest.mark.parametrize(
    ("cell", "made"),
    [
        ("123", "000000123"),
        ("2000000017", "2000000017"),
        ("000123", "000123"),  # it has its zeros, and was never longer
        ("A123", "A123"),
        ("1.5", "1.5"),
        ("0", "0"),
        ("", ""),
    ],
)
def test_zeros_in_front_put_back(cell: str, made: str) -> None:
    source = FieldSource(columns=("c",), digits=9)
    assert text_of(source, {"c": column(cell)}, 1)[0].to_pylist() == [made]


def test_zeros_put_back_are_counted(desk: Desk) -> None:
    made = mapping({"order_id": {"column": "id", "digits": 4}, "email": "email", "amount": "total"})
    found = desk.check("id,email,total,at\n0007,a@x.co,5,2024-05-01T10:00:00Z\n7,b@x.co,5,2024-05-01T10:00:00Z\n", made)
    assert found["codes"] == {"conflicting_duplicate": 2}
    assert "column id: 1 cell (first in row 2) had lost zeros in front" in found.said


def test_ids_that_may_have_lost_zeros_are_said(desk: Desk) -> None:
    """Where nobody knows how many digits they have: one with a zero, and one that is no number, has lost none."""
    made = mapping({"order_id": {"column": "id", "digits": "varies"}, "email": "email", "amount": {"value": "1"}})
    rows = [f"{order},p{n}@x.co,5,2024-05-0{n}T10:00:00Z" for n, order in enumerate(("007", "A7", "7", "0"), 1)]
    assert (
        "column id: 1 cell (first in row 3) is a plain number: zeros in front of it"
        in desk.check("\n".join(["id,email,total,at", *rows]) + "\n", made).said
    )
    assert "plain number" not in desk.check("\n".join(["id,email,total,at", *rows[:2]]) + "\n", made).said


def test_steps_come_in_the_order_of_the_guide(tmp_path: Path) -> None:
    steps: dict[str, Any] = {"column": "name", "strip": "'", "replace": {"'": "", "_": " "}, "separator": "/"}
    steps |= {"extract": "([a-z ]+)", "case": "title"}
    files = write(tmp_path, {"a.csv": "id,email,name,at\n1,a@example.com,/'o'ann_lee7/x',2024-05-01T10:00:00Z\n"})
    made = mapping({"full_name": steps, "amount": {"value": "1"}})
    assert [event["full_name"] for event in events_of(files, made)] == ["Oann Lee"]


# Minor units


@pytest.mark.parametrize(
    ("currency", "exponent"),
    [
        ("USD", 2),
        ("eur", 2),
        (" gbp ", 2),
        ("JPY", 0),
        ("KRW", 0),
        ("CLP", 0),
        ("VND", 0),
        ("KWD", 3),
        ("BHD", 3),
        ("TND", 3),
        ("CLF", 4),
        ("", None),
        ("XAU", None),  # gold has no minor unit
        ("EURO", None),
        ("€", None),
        ("ZZZ", None),
    ],
)
def test_how_many_decimals_a_currency_has(currency: str, exponent: int | None) -> None:
    assert exponent_of(currency) == exponent


@pytest.mark.parametrize(
    ("cents", "currency", "sent"),
    [
        ("1999", "usd", "19.99"),
        ("1999", "jpy", "1999"),
        ("1999", "kwd", "1.999"),
        ("0", "usd", "0.00"),
        ("5", "usd", "0.05"),
        ("123456789012345678901234567890", "usd", "1234567890123456789012345678.90"),
        ("1999", "points", "invalid_amount"),
        ("1999", "", "invalid_amount"),
        ("", "usd", "missing_amount"),
        ("-5", "usd", "invalid_amount"),
        ("19.99", "eur", "invalid_amount"),
        ("1.5", "jpy", "invalid_amount"),
        ("1.99", "kwd", "invalid_amount"),
        ("1999.00", "eur", "19.99"),
    ],
)
def test_cents_of_any_currency(desk: Desk, cents: str, currency: str, sent: str) -> None:
    made = mapping({"amount": {"column": "cents", "minor_units": "currency"}})
    text = f"id,email,cents,currency,at\n1,a@example.com,{cents},{currency},2024-05-01T10:00:00Z\n"
    found = desk.check(text, made)
    if found.code == 3:
        assert found.codes == {"1": sent}
        assert cents == "" or cents not in found.rejects[0]["_reason"]
    else:
        assert Decimal(found["amount"]["ready"]) == Decimal(sent)
        assert f'"amount":{sent}'.rstrip("0").rstrip(".") in _body(desk, made)


def _body(desk: Desk, made: str) -> str:
    with surveyed([str(desk.folder / "orders.csv")], made) as survey:
        return next(survey.events(1, None)).body.decode()


def test_a_default_amount_is_in_major_units() -> None:
    parsed = parse("amount", column("1999", "5"), READING)
    parsed = in_major_units("amount", parsed, column("usd", ""), np.array([False, True]))
    assert listed(parsed.values) == ["19.99", "5"]
    assert not parsed.problems


@pytest.mark.parametrize(
    ("amount", "scale", "says"),
    [
        ("1.99", "0.01", True),
        ("199", "0.01", False),
        ("199.0", "0.01", False),
        ("1.5", "0.001", True),
        ("1.99", "0.85", False),
    ],
)
def test_fractions_of_cents_are_said(desk: Desk, amount: str, scale: str, says: bool) -> None:
    """A factor of 0.85 is no unit: it may turn any amount into another."""
    made = mapping({"amount": {"column": "total", "scale": scale}}, decimal=".")
    found = desk.check(f"id,email,total,at\n1,a@example.com,{amount},2024-05-01T10:00:00Z\n", made)
    said = "column total: 1 cell (first in row 1) has a fraction, though scale takes them for cents"
    assert (found["ready"], said in found.said) == (1, says), found.said


@given(st.integers(0, 10**25), st.sampled_from(["USD", "JPY", "KWD", "CLF"]))
def test_no_digit_is_lost_on_the_way_to_major_units(cents: int, currency: str) -> None:
    parsed = parse("amount", column(str(cents)), READING)
    parsed = in_major_units("amount", parsed, column(currency), np.array([False]))
    assert Decimal(parsed.values[0].as_py()).scaleb(exponent_of(currency)) == cents


@given(st.decimals(0, 10**20, places=6), st.decimals("0.000001", 10**6, places=6))
def test_a_factor_is_exact(amount: Decimal, factor: Decimal) -> None:
    text = format(amount, "f")
    made = listed(scaled(column(text, None, text), factor, np.array([False, False, True])))
    assert Decimal(made[0]) / factor == amount
    assert made[1:] == [None, text]


def test_two_currencies_with_minor_units_are_reported(desk: Desk) -> None:
    rows = [f"{n},a@example.com,100,{'usd' if n < 9 else 'EUR'},2024-05-01T10:00:00Z" for n in range(1, 11)]
    made = mapping({"amount": {"column": "cents", "minor_units": "currency"}})
    found = desk.check("\n".join(["id,email,cents,currency,at", *rows, ""]), made)
    assert found.code == 0
    assert "column cents: 2 cells (first in row 9) (EUR among USD) bear another currency" in found.said


# Zones in a column next to the times


@pytest.mark.parametrize(
    ("zone", "sent"),
    [
        ("America/New_York", "2024-05-01T14:00:00Z"),
        ("Eastern Time (US & Canada)", "2024-05-01T14:00:00Z"),
        ("(GMT-05:00) Eastern Time (US & Canada)", "2024-05-01T14:00:00Z"),
        ("Central Time - US & Canada", "2024-05-01T15:00:00Z"),
        ("PDT", "2024-05-01T17:00:00Z"),
        ("PST", "2024-05-01T18:00:00Z"),
        ("CEST", "2024-05-01T08:00:00Z"),
        ("GMT+02:00", "2024-05-01T08:00:00Z"),
        ("utc", "2024-05-01T10:00:00Z"),
        ("", "2024-05-01T08:00:00Z"),  # the source's own
    ],
)
def test_each_row_in_its_own_zone(zone: str, sent: str) -> None:
    from zoneinfo import ZoneInfo

    reading = Locale(READING.now, ZoneInfo("Europe/Berlin"))
    parsed = parse_by_zone("event_time", column("2024-05-01 10:00"), column(zone), reading)
    assert (listed(parsed.values), parsed.problems, parsed.needs) == ([sent], {}, {})


def test_zones_may_be_mixed_and_a_written_offset_comes_first(desk: Desk) -> None:
    rows = [
        ("1", "2024-05-01 10:00", "America/New_York"),
        ("2", "2024-05-01 10:00", "UTC"),
        ("3", "2024-05-01 10:00+01:00", "America/New_York"),
        ("4", "2024-05-01 10:00", "IST"),
        ("5", "soon", "UTC"),
        ("6", "2024-05-01 10:00", ""),
        ("7", "2024-01-01 10:00", "America/New_York"),
    ]
    text = "id,email,at,zone\n" + "".join(f"{n},a@example.com,{at},{zone}\n" for n, at, zone in rows)
    made = mapping({"event_time": {"column": "at", "timezone_column": "zone"}})
    found = desk.check(text, made)
    assert found.codes == dict.fromkeys("456", "invalid_time")
    reasons = {row["_row"]: row["_reason"] for row in found.rejects}
    assert reasons["4"] == "its zone is none that this tool knows"
    assert "IST" not in found.said + reasons["4"]
    sent = [body["event_time"][11:16] for body in events_of([str(desk.folder / "orders.csv")], made)]
    assert sent == ["14:00", "10:00", "09:00", "15:00"]


def test_where_no_row_has_a_zone_one_is_asked_for(desk: Desk) -> None:
    made = mapping({"event_time": {"column": "at", "timezone_column": "zone"}})
    found = desk.check("id,email,at,zone\n1,a@example.com,2024-05-01 10:00,\n", made)
    assert (found.code, "source.timezone" in found.said) == (2, True)
    unknown = desk.check("id,email,at,zone\n1,a@example.com,2024-05-01 10:00,IST\n", made)
    assert (unknown.code, unknown.codes) == (3, {"1": "invalid_time"})  # no setting would make it readable


TIMES = ["2024-05-01 10:00", "2024-05-01", "1714557600", "31/12/2023", "01/02/2023", "2024-05-01T10:00:00Z", "x", ""]
ZONES = ["", "UTC", "PST", "America/New_York", "IST", "no zone"]


@given(st.lists(st.tuples(st.sampled_from(TIMES), st.sampled_from(ZONES)), min_size=1, max_size=12))
def test_a_cell_is_read_as_if_it_were_alone(cells: list[tuple[str, str]]) -> None:
    together = parse_by_zone("event_time", column(*(t for t, _ in cells)), column(*(z for _, z in cells)), READING)
    for at, (text, zone) in enumerate(cells):
        alone = parse_by_zone("event_time", column(text), column(zone), READING)
        assert together.values[at] == alone.values[0]
        assert together.problems.get(at) == alone.problems.get(0)
        assert {n for n, places in together.needs.items() if at in places} == alone.needs.keys()
    assert isinstance(together, Parsed)


# Quotes that are characters, and lines below the data

PLAIN = (
    'id\temail\tat\tnote\n1\ta@example.com\t2024-05-01T10:00:00Z\t"6 inch\n2\tb@example.com\t2024-05-01T10:00:00Z\t\n'
)


def test_a_quote_can_be_a_character(tmp_path: Path) -> None:
    made = mapping({"amount": {"value": 1}, "full_name": "note"}, quoting="none")
    sent = events_of(write(tmp_path, {"orders.tsv": PLAIN}), made)
    assert [body.get("full_name") for body in sent] == ['"6 inch', None]


def test_a_reject_file_without_quotes_can_be_read_again(desk: Desk) -> None:
    made = mapping({"amount": {"value": 1}, "full_name": "note"}, quoting="none")
    broken = '3\tc@example.com\tsoon\tsays "hi\n4\t"too\tmany\tcells\there\n5\t"few\n'
    found = desk.check({"orders.tsv": PLAIN + broken}, made)
    assert (found["ready"], found["unreadable"], found["codes"]) == (2, 2, {"invalid_time": 1, "unreadable": 2})
    rejects = Path(found["rejects_file"])
    again = desk.run("check", str(rejects), mapping=made)
    assert again["codes"] == found["codes"]
    twice = [line.split("\t") for line in Path(again["rejects_file"]).read_text().splitlines()]
    once = [line.split("\t") for line in rejects.read_text().splitlines()]
    assert [line[6:] for line in twice] == [line[6:] for line in once]
    rejects.write_text(rejects.read_text().replace("soon", "2024-05-02T10:00:00Z"))
    mended = desk.run("check", str(rejects), mapping=made)
    assert (mended["ready"], mended["unreadable"]) == (1, 2)


TRAILED = "id,email,total,at\n1,a@example.com,5,2024-05-01T10:00:00Z\n"


@pytest.mark.parametrize(
    ("below", "rows"),
    [
        ("Grand Totals,,,\n", 1),
        ("\n,,Grand Totals (1),\n", 1),
        ('"Copyright (c) 2024 Acme"\n', 1),
        ("Grand Totals,,5,\n", 1),  # a sum
        ('Grand Totals (2),,"€ 1.234,50",12.5%\n', 1),
        ("Copyright (c) Acme, inc. All rights reserved\n", 1),  # of two cells, where the header has four
        ("Grand Totals GmbH,ann,5,\n", 2),  # more than sums: it is data
        ("b@example.com,Grand Totals,5,\n", 2),
        ("Total,,,\n", 2),
        ("grand totals,,,\n", 2),
        (",,,\n", 2),
    ],
)
def test_lines_below_the_data(desk: Desk, below: str, rows: int) -> None:
    made = mapping({"amount": "total"}, trailer=["Grand Totals", "Copyright"])
    found = desk.check(TRAILED + below, made)
    assert (found["rows"], found["ready"]) == (rows, 1)
    assert desk.check(TRAILED + below, mapping({"amount": "total"}))["rows"] == (2 if below.strip() else 1)


def test_without_a_trailer_stated_such_a_line_is_a_reject(desk: Desk) -> None:
    found = desk.check(TRAILED + '"Copyright (c) 2024 Acme"\n', mapping({"amount": "total"}))
    assert (found.code, found["unreadable"]) == (3, 1)
