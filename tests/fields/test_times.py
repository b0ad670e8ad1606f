"""Times: the grammar as a table, clock changes as tables, and laws that the two ways of reading agree."""

import re
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import product
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_datetime
from hypothesis import example, given
from hypothesis import strategies as st

from backfill.event import Code
from backfill.fields import Locale, Parsed, date_order_evidence, parse, read_time
from backfill.fields.arrow import Texts, texts_of

NOW = 1_767_225_600  # 2026-01-01T00:00:00Z
LATE = 253_402_128_000  # two days before the year 10000: nothing is in the future
ABROAD = Locale(NOW)
BERLIN = Locale(NOW, ZoneInfo("Europe/Berlin"))
ZONES = [
    "America/New_York",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Europe/Dublin",
    "Asia/Kolkata",
]


def column(*texts: str) -> Texts:
    return texts_of(texts)


def cells(*lines: str) -> list[str]:
    return [text for line in lines for text in line.split(" | ")]


def times(reading: Locale, *texts: str) -> Parsed:
    return parse("event_time", column(*texts), reading)


def code_of(parsed: Parsed) -> Code | None:
    return parsed.problems[0].code if parsed.problems else None


OF_THEMSELVES = [
    ("2024-01-15T10:30:00Z", "2024-01-15T10:30:00Z"),
    ("2024-01-15t10:30:00z", "2024-01-15T10:30:00Z"),
    ("2024-01-15T10:30Z", "2024-01-15T10:30:00Z"),
    ("2024-01-15T10:30:00.999999999Z", "2024-01-15T10:30:00Z"),
    ("2024-01-15T10:30:00,5Z", "2024-01-15T10:30:00Z"),
    ("2024-01-15T10:30:00.1234567890123Z", "2024-01-15T10:30:00Z"),
    ("2025-12-06 10:37:33 -0500", "2025-12-06T15:37:33Z"),
    ("2025-12-06 10:37:33 −05:00", "2025-12-06T15:37:33Z"),
    ("2024-01-15T10:30:00+05:30", "2024-01-15T05:00:00Z"),
    ("2024-01-15 10:30:00-05", "2024-01-15T15:30:00Z"),
    ("2024-01-15 10:30 UTC", "2024-01-15T10:30:00Z"),
    ("2024-01-15   10:30:00 GMT", "2024-01-15T10:30:00Z"),
    ("2024-01-15 10:30:00 GMT+02:00", "2024-01-15T08:30:00Z"),
    ("2024/01/15 10:30:00Z", "2024-01-15T10:30:00Z"),
    ("2024.1.5 1:30:00Z", "2024-01-05T01:30:00Z"),
    ("2025-03-03 11:00 am Z", "2025-03-03T11:00:00Z"),
    ("20240115T103000Z", "2024-01-15T10:30:00Z"),
    ("20240115T1030+0100", "2024-01-15T09:30:00Z"),
    ("20240115 103000.25Z", "2024-01-15T10:30:00Z"),
    ("Thu, 05 Jan 2023 10:22:33 +0000", "2023-01-05T10:22:33Z"),
    ("Thursday, January 5, 2023 10:22 AM UTC", "2023-01-05T10:22:00Z"),
    ("Thu Jan 05 2023 10:22:33 GMT-0500 (Eastern Standard Time)", "2023-01-05T15:22:33Z"),
    ("1705314600", "2024-01-15T10:30:00Z"),
    ("1705314600999", "2024-01-15T10:30:00Z"),
    ("13/05/2024 10:00 Z", "2024-05-13T10:00:00Z"),
    ("05/13/2024 10:00 Z", "2024-05-13T10:00:00Z"),
    ("05/05/2024 10:00 Z", "2024-05-05T10:00:00Z"),
    ("1970-01-01T23:30:00-01:00", "1970-01-02T00:30:00Z"),
    ("/Date(1705314600000+0100)/", "2024-01-15T10:30:00Z"),
    ("15 de setiembre de 2024, 10:00 UTC", "2024-09-15T10:00:00Z"),
    ("1705314600.0", "2024-01-15T10:30:00Z"),
    ("1705314600.75", "2024-01-15T10:30:00Z"),
    ("1705314600123456", "2024-01-15T10:30:00Z"),
    ("2024-02-28T24:00:00Z", "2024-02-29T00:00:00Z"),
    ("31/12/2023 24:00 UTC", "2024-01-01T00:00:00Z"),
    ("01/15/2024 03:30:00 PM US/Eastern", "2024-01-15T20:30:00Z"),
    ("2024/05/01 10:00:00 AM GMT+2", "2024-05-01T08:00:00Z"),
    ("May 1, 2024 12:03:14 AM PDT", "2024-05-01T07:03:14Z"),
    ("2024-05-01T10:00:00+02:00[Europe/Berlin]", "2024-05-01T08:00:00Z"),
    ("2024-05-01T08:00Z[UTC]", "2024-05-01T08:00:00Z"),
    ("2024-05-01 10:00 (UTC)", "2024-05-01T10:00:00Z"),
    ("2024-05-01 10:00 Eastern Standard Time", "2024-05-01T14:00:00Z"),
    ("2024-05-01 10:00:00 +0200 CEST", "2024-05-01T08:00:00Z"),
    ("2024-05-01 10:00 +1", "2024-05-01T09:00:00Z"),
    ("Wed May 01 2024 10:00:00 GMT+0200 (Mitteleuropäische Sommerzeit)", "2024-05-01T08:00:00Z"),
    ("Thu Jan  5 10:22:33 EST 2023", "2023-01-05T15:22:33Z"),
    ("Thu Jan 05 10:22:33 +0000 2023", "2023-01-05T10:22:33Z"),
    ("20:12:59 Jan 13, 2009 PST", "2009-01-14T04:12:59Z"),
    ("05/Jan/2023:10:22:33 +0000", "2023-01-05T10:22:33Z"),
]


@pytest.mark.parametrize(("text", "expected"), OF_THEMSELVES)
def test_a_complete_text_needs_no_setting(text: str, expected: str) -> None:
    parsed = times(ABROAD, text)
    assert parsed.values.to_pylist() == [expected]
    assert not parsed.problems and not parsed.needs


LOCAL = [  # Berlin: an hour ahead in winter
    ("2024-06-07 02:38:54", None, "2024-06-07T00:38:54Z"),
    ("2025-12-31 14:30", None, "2025-12-31T13:30:00Z"),
    ("2024-01-15", None, "2024-01-15T11:00:00Z"),
    ("Jan 5, 2023 10:22:33 AM", None, "2023-01-05T09:22:33Z"),
    ("Jan. 5, 2023, 10:22 p.m.", None, "2023-01-05T21:22:00Z"),
    ("SEPT 5 2023 1:22\u202fPM", None, "2023-09-05T11:22:00Z"),
    ("5 January 2023", None, "2023-01-05T11:00:00Z"),
    ("05-Jan-2023 10:22", None, "2023-01-05T09:22:00Z"),
    ("05-Jan-23", None, "2023-01-05T11:00:00Z"),
    ("15:22", None, None),
    ("2023-01-05 12:00 AM", None, "2023-01-04T23:00:00Z"),
    ("2023-01-05 12:00 PM", None, "2023-01-05T11:00:00Z"),
    ("2023-01-05 15:22:33 PM", None, "2023-01-05T14:22:33Z"),
    ("2023-01-05 15:22 AM", None, None),
    ("2023-01-05 00:22 PM", None, None),
    ("10/5/2020 9:07", "mdy", "2020-10-05T07:07:00Z"),
    ("10/5/2020 9:07", "dmy", "2020-05-10T07:07:00Z"),
    ("10/29/2020, 9:07:01 PM", "mdy", "2020-10-29T20:07:01Z"),
    ("10-05-2020", "dmy", "2020-05-10T10:00:00Z"),
    ("10.05.20 9:07", "dmy", "2020-05-10T07:07:00Z"),
    ("10/05/20", "ymd", "2010-05-20T10:00:00Z"),
    ("01/02/68", "dmy", None),  # 2068: readable, and in the future
    ("01/02/69", "dmy", None),  # 1969: before the first second
    ("01/02/70", "dmy", "1970-02-01T11:00:00Z"),
    ("09/28/25", None, "2025-09-28T10:00:00Z"),
    ("05/05/05", None, "2005-05-05T10:00:00Z"),
    ("2024-01-15", "mdy", "2024-01-15T11:00:00Z"),
    ("2024-01-31 24:00:00", None, "2024-01-31T23:00:00Z"),
    ("20240115", None, "2024-01-15T11:00:00Z"),
    ("20240115103000", None, "2024-01-15T09:30:00Z"),
    ("202401151030", None, "2024-01-15T09:30:00Z"),
    ("20240115 10:30", None, "2024-01-15T09:30:00Z"),
    ("May 1st 2024", None, "2024-05-01T10:00:00Z"),
    ("Jun 3rd, 2024 at 10:15 am", None, "2024-06-03T08:15:00Z"),
    ("May 5, 2024 @ 10:15 am", None, "2024-05-05T08:15:00Z"),
    ("May 5, 2024 10 p.\u00a0m.", None, "2024-05-05T20:00:00Z"),
    ("May  1 2024 10:22:33:123PM", None, "2024-05-01T20:22:33Z"),
    ("15/Jul/2024", None, "2024-07-15T10:00:00Z"),
    ("Jul-25-25", None, "2025-07-25T10:00:00Z"),
    ("2024-May-01", None, "2024-05-01T10:00:00Z"),
    ("7.1.2025 klo 2.08", None, "2025-01-07T01:08:00Z"),
    ("ma 6.5.2024 klo 10.30", None, "2024-05-06T08:30:00Z"),
    ("Mittwoch, den 1. Mai 2024 um 14:30 Uhr", None, "2024-05-01T12:30:00Z"),
    ("Mi, 01.05.2024 14:30", None, "2024-05-01T12:30:00Z"),  # no other order gives a Wednesday
    ("1er mai 2024 à 14h30", None, "2024-05-01T12:30:00Z"),
    ("5 de mayo de 2024, 10:30 a. m.", None, "2024-05-05T08:30:00Z"),
    ("segunda-feira, 6 de maio de 2024 às 10:30", None, "2024-05-06T08:30:00Z"),
    ("den 5 maj 2024 kl. 10.30", None, "2024-05-05T08:30:00Z"),
    ("5 maja 2024 r.", None, "2024-05-05T10:00:00Z"),
    ("2024. május 1. 10:30", None, "2024-05-01T08:30:00Z"),
    ("5 мая 2024 г., 10:30", None, "2024-05-05T08:30:00Z"),
    ("2024年5月1日 下午2:30", None, "2024-05-01T12:30:00Z"),
    ("7. 1. 2025 10:30", "dmy", "2025-01-07T09:30:00Z"),
    ("\u200e5/\u200e13/\u200e2024 \u200e10:30", None, "2024-05-13T08:30:00Z"),
    ("Mrz 5 2024", None, "2024-03-05T11:00:00Z"),
    ("12 AOUT 2024", None, "2024-08-12T10:00:00Z"),
    ("10:30 13.05.2024", None, "2024-05-13T08:30:00Z"),
    ("01/05/2024 14.30.15", "dmy", "2024-05-01T12:30:15Z"),
    ("13/05/2024", "mdy", None),
    ("13/05/2024", "ymd", None),
]


@pytest.mark.parametrize(("text", "order", "expected"), LOCAL)
def test_a_local_time_is_read_in_the_zone_and_order_of_the_source(text: str, order: str | None, expected: str) -> None:
    reading = Locale(NOW, BERLIN.timezone, order)  # type: ignore[arg-type]
    assert times(reading, text).values.to_pylist() == [expected]


@pytest.mark.parametrize(
    "text",
    cells(
        "24:00:00 | 2024-01-15T24:00:01Z | 2024-01-15 24:01 | 2024-01-15T25:00Z | 2024-01-15T23:59:60Z",
        "2024-02-30T10:00:00Z | 2024-02-30",
        "2024-13-01 | 2024-00-10",
        "1969-12-31T23:59:59Z | 0000-00-00 00:00:00 | 0000-00-00T00:00:00Z | 0001-01-01T00:00:00Z",
        "45384.34789351852 | 45384 | 20241315 | 170531460 | 17053146000 | 0705314600 | -1705314600 | 1705314600,0",
        "1.7053146E9 | 20240115103061 | 0 | yesterday | 10 AM | 10:30 | 5 Foo 2023 | Foo 5, 2023 | May 2024",
        "2024-01-15 10 | 5 Jan 2023 10 | 10:30 2024-01-15 10:30 | lundi 5 mai 2024 | Wed 05/02/2024 | 00/00/0000",
        "Fri, 05 Jan 2023 10:22:33 +0000 | 5-Jan 2023 | 5 Jan | 2024-01-15T10:3:00Z | 2024-01-15T1030:00Z",
        "2024-01-15T10:60Z | 2024-01-15T | 2024-01-15Z | 2024-1-15/5 | 2024-01/15 | 2024-01-15 10:00+24:00",
        "2024-01-15 10:00+01:60 | 2024-01-15 10:00 IST | 2024-01-15 10:00 ZZ | 2024-01-15 10:00:00Z UTC-06:00",
        "٢٠٢٤-٠١-١٥T١٠:٣٠:٠٠Z",
        "２０２４-01-15T10:30:00Z | ١٧٠٥٣١٤٦٠٠",
        "1/2/3 | 123/1/2024 | 1/1/202 | 31/31/2024 | 24-1-5 | 9999-12-31T23:59:59-05:00 | 2024-01-15\n10:30:00Z",
        "2024-01-15T10:30:00Z\nx | T | \x00",
    ),
)
def test_what_is_no_time_is_refused(text: str) -> None:
    parsed = times(BERLIN, text)
    assert parsed.values.to_pylist() == [None]
    assert code_of(parsed) is Code.INVALID_TIME
    assert not parsed.needs
    assert read_time(text, BERLIN) is None


@pytest.mark.parametrize(
    "text", cells("1970-01-01T00:00:00Z | 1970-01-01 01:00:00 | 01/01/1970 | 1970-01-01 00:00 GMT")
)
def test_no_event_is_of_the_first_day_of_1970(text: str) -> None:
    parsed = times(BERLIN, text, "1970-01-02T00:00:00Z")
    assert parsed.values.to_pylist() == [None, "1970-01-02T00:00:00Z"]
    assert code_of(parsed) is Code.INVALID_TIME


@pytest.mark.parametrize(
    ("text", "reading", "needs"),
    [
        ("2024-01-15 10:30", ABROAD, ["timezone"]),
        ("2024-01-15", ABROAD, ["timezone"]),
        ("Jan 5, 2023", ABROAD, ["timezone"]),
        ("03/04/2024 10:00", BERLIN, ["date_order"]),
        ("03/04/2024 10:00Z", ABROAD, ["date_order"]),
        ("29/12/15", BERLIN, ["date_order"]),  # 2015 or 2029
        ("03/04/2024", ABROAD, ["date_order", "timezone"]),
    ],
)
def test_what_a_setting_would_make_readable_names_that_setting(text: str, reading: Locale, needs: list[str]) -> None:
    parsed = times(reading, "", text)
    assert parsed.needs == {need: [1] for need in needs}
    assert parsed.problems[1].code is Code.INVALID_TIME
    assert all(f"source.{need}" in parsed.problems[1].reason for need in needs)
    for what, written in re.findall(r"write (it|the day) as (.*)", parsed.problems[1].reason):
        assert read_time(written if what == "it" else re.sub(r"^[\d/]+", written, text), reading)


DOUBLED_AND_SKIPPED = [
    ("America/New_York", "2024-03-10 01:59:59", "2024-03-10T06:59:59Z"),
    ("America/New_York", "2024-03-10 02:30:00", "2024-03-10T07:30:00Z"),  # 03:30 EDT
    ("America/New_York", "2024-03-10 03:30:00", "2024-03-10T07:30:00Z"),
    ("America/New_York", "2024-11-03 01:30:00", "2024-11-03T05:30:00Z"),  # EDT, the first reading
    ("America/New_York", "2024-11-03 02:00:00", "2024-11-03T07:00:00Z"),
    ("America/New_York", "2024-11-03", "2024-11-03T17:00:00Z"),
    ("Europe/Berlin", "2024-03-31 02:30:00", "2024-03-31T01:30:00Z"),
    ("Europe/Berlin", "2024-10-27 02:30:00", "2024-10-27T00:30:00Z"),
    ("Europe/Berlin", "2024-10-27 03:00:00", "2024-10-27T02:00:00Z"),
    ("Australia/Lord_Howe", "2024-10-06 02:15:00", "2024-10-05T15:45:00Z"),  # half an hour's gap
    ("Australia/Lord_Howe", "2024-10-06 02:30:00", "2024-10-05T15:30:00Z"),
    ("Australia/Lord_Howe", "2024-04-07 01:45:00", "2024-04-06T14:45:00Z"),
    ("Australia/Lord_Howe", "2024-04-07 02:00:00", "2024-04-06T15:30:00Z"),
    ("America/Sao_Paulo", "2018-11-04 00:30:00", "2018-11-04T03:30:00Z"),  # midnight itself is skipped
    ("America/Sao_Paulo", "2018-02-17 23:30:00", "2018-02-18T01:30:00Z"),
    ("Pacific/Apia", "2011-12-30 10:00:00", "2011-12-30T20:00:00Z"),  # a whole day that was skipped
]


@pytest.mark.parametrize(("zone", "text", "expected"), DOUBLED_AND_SKIPPED)
def test_a_doubled_time_is_its_first_reading_and_a_skipped_one_is_later(zone: str, text: str, expected: str) -> None:
    assert times(Locale(NOW, ZoneInfo(zone)), text).values.to_pylist() == [expected]


@pytest.mark.parametrize(
    ("text", "zone", "code"),
    [
        ("2026-01-01T00:05:00Z", "UTC", None),
        ("2026-01-01T00:05:01Z", "UTC", Code.FUTURE_TIME),
        ("Jan 1, 2026 00:05:00Z", "UTC", None),
        ("Jan 1, 2026 00:05:01Z", "UTC", Code.FUTURE_TIME),
        ("1767225901", "UTC", Code.FUTURE_TIME),
        ("2026-01-01", "UTC", None),  # today, although noon is later
        ("2026-01-02", "UTC", Code.FUTURE_TIME),
        ("2026-01-01", "America/New_York", Code.FUTURE_TIME),  # still the 31st there
        ("2025-12-31", "America/New_York", None),
        ("2026-01-01 12:00", "UTC", Code.FUTURE_TIME),
        ("2030-06-01 12:00", "Europe/Berlin", Code.FUTURE_TIME),
    ],
)
def test_the_future_begins_after_five_minutes_or_today(text: str, zone: str, code: Code | None) -> None:
    parsed = times(Locale(NOW, ZoneInfo(zone)), text)
    assert code_of(parsed) is code
    assert (parsed.values[0].as_py() is None) is (code is not None)


def test_a_bare_date_means_the_hour_that_is_asked_for() -> None:
    reading = Locale(NOW, ZoneInfo("Asia/Kolkata"), date_hour=7)
    assert times(reading, "2024-01-15").values.to_pylist() == ["2024-01-15T01:30:00Z"]
    assert read_time(" 2024-01-15 ", reading) == "2024-01-15T01:30:00Z"
    assert read_time("2024-01-15", reading, hour=0) == "2024-01-14T18:30:00Z"
    assert read_time("2030-01-15T00:00Z", reading, hour=0) == "2030-01-15T00:00:00Z"


def test_every_cell_keeps_its_place() -> None:
    parsed = times(ABROAD, "", "2024-01-15T10:30:00Z", "x", "2024-01-15", "x", "1705314600", "2090-01-01T00:00:00Z")
    assert parsed.values.to_pylist() == [None, "2024-01-15T10:30:00Z", None, None, None, "2024-01-15T10:30:00Z", None]
    assert sorted(parsed.problems) == [2, 3, 4, 6]
    assert times(ABROAD).values.to_pylist() == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-15", "2024-01-15"),
        ("2024-01-15T23:30:00-05:00", "2024-01-15"),  # the day where it was written
        ("13/05/2024", "2024-05-13"),
        ("Jan 5, 2090 1:00 am", "2090-01-05"),
        ("1965-03-01", "1965-03-01"),  # a birthday
        ("1705363199", "2024-01-15"),
        ("1899-12-30", None),
        ("0000-00-00", None),
        ("2024-01-15 25:00", None),
        ("45384", None),
        ("03/04/2024", None),
    ],
)
def test_a_profile_date_is_the_day_as_written(text: str, expected: str | None) -> None:
    parsed = parse("profile_field_26", column(text), ABROAD)
    assert parsed.values.to_pylist() == [expected]
    assert code_of(parsed) is (None if expected else Code.INVALID_DATE)
    assert parsed.needs == ({"date_order": [0]} if text == "03/04/2024" else {})


def test_evidence_of_the_date_order_is_a_value_that_allows_only_one() -> None:
    assert (
        date_order_evidence(column("", "x", "2024-13-01", "2024-01-13", "03/04/2024", "05/05/2024", "29/12/15")) == {}
    )
    assert date_order_evidence(column("13/05/2024 25:00", "13/05/2024x", "13/05/2024 9:00", "14/5/2024")) == {"dmy": 2}
    assert date_order_evidence(column("9/28/26", "13.05.2024", "31/12/99", "99/12/31")) == {
        "mdy": 0,
        "dmy": 1,
        "ymd": 3,
    }


def test_a_weekday_or_a_clock_in_front_shows_the_order_too() -> None:
    assert date_order_evidence(column("Mi, 01.05.2024 10:00", "10:30 05/13/2024")) == {"dmy": 0, "mdy": 1}
    assert date_order_evidence(column("Mo, 05.05.2024", "28. 1. 2025")) == {"dmy": 1}


# What datetime and the zone's own rules say, against both ways of reading.

moments = st.datetimes(datetime(1970, 1, 3), datetime(2099, 12, 30)).map(  # from the second day of 1970 in any zone
    lambda moment: moment.replace(microsecond=0, fold=0)  # of a double hour the first, as it is read
)
LAYOUTS = [
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S.123",
    "%Y/%m/%d  %H:%M:%S",
    "%Y.%m.%d %I:%M:%S %p",
    "%Y%m%dT%H%M%S",
    "%d/%m/%Y %H:%M:%S",
    "%d.%m.%Y %I:%M:%S%p",
    "%d-%m-%Y, %H:%M:%S %p",
    "%b %d, %Y %I:%M:%S %p",
    "%B %d %Y %H:%M:%S",
    "%a, %d %b %Y %H:%M:%S",
    "%d-%b-%Y %H:%M:%S",
]


@given(moments, st.sampled_from(LAYOUTS), st.integers(-14 * 60, 14 * 60))
def test_a_moment_is_read_from_every_layout(moment: datetime, layout: str, minutes: int) -> None:
    here = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    sign = "-" if minutes < 0 else "+"
    offset = f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    expected = here.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    reading = Locale(LATE, date_order="dmy")
    for text in (moment.strftime(layout) + offset, moment.strftime(layout) + " " + offset.replace(":", "")):
        assert times(reading, text).values.to_pylist() == [expected] == [read_time(text, reading)]


@given(moments, st.sampled_from(LAYOUTS), st.sampled_from(ZONES))
@example(datetime(2008, 2, 16, 23), LAYOUTS[0], "America/Sao_Paulo")
def test_a_local_moment_is_read_from_every_layout(moment: datetime, layout: str, zone: str) -> None:
    expected = moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    reading = Locale(LATE, ZoneInfo(zone), "dmy")
    text = moment.strftime(layout)
    assert times(reading, text).values.to_pylist() == [expected] == [read_time(text, reading)]


LANGUAGES = ["de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs", "sk", "hu", "ro", "tr", "ru", "uk"]


@given(moments, st.sampled_from(LANGUAGES), st.sampled_from(["d. MMMM y HH:mm:ss", "EEEE d MMM y, HH:mm:ss"]))
def test_a_local_moment_is_read_from_every_language(moment: datetime, language: str, layout: str) -> None:
    text = format_datetime(moment, layout, locale=language)
    for written in (text, text.upper(), text.replace("é", "e").replace("ä", "a").replace(".", "")):
        assert read_time(written, Locale(LATE, ZoneInfo("UTC"))) == moment.strftime("%Y-%m-%dT%H:%M:%SZ")


digit_layouts = st.sampled_from(
    [
        f"dddd-dd-dd{between}dd:dd{rest}{offset}"
        for between in "T "
        for rest in ("", ":dd", ":dd.d", ":dd.dddddd", ":dd.ddddddddd")
        for offset in ("", "Z", "+dddd", " -dddd", "+dd:dd", " -dd:dd")
    ]
    + ["d" * 10, "d" * 13]
)


@st.composite
def iso_like(draw: st.DrawFn) -> str:
    """A cell in a common layout, whose numbers need not exist."""
    layout = draw(digit_layouts)
    digits = iter(draw(st.text("0123456789", min_size=32, max_size=32)))
    text = "".join(next(digits) if char == "d" else char for char in layout)
    # Mostly a likely year, month, day and hour: otherwise nearly all would be refused for the same reason.
    likely = draw(
        st.sampled_from(["2024-02-29", "2023-02-29", "1970-01-03", "2024-10-27", "1969-12-31", "9999-12-28", ""])
    )
    return likely + text[len(likely) :] if "-" in layout else text


@given(st.lists(st.one_of(iso_like(), st.text("0123456789-:./TZ apm+", max_size=26), st.text(max_size=12)), max_size=8))
@example(["2024-01-15T10:30:00.123456789Z", "9999-12-28T10:30:00Z", "2024-01-15T10:30Z"])
@example(["2024-10-27 02:30:00\n", "2024-10-27 02:30:00"])
def test_the_quick_way_and_the_slow_way_agree(texts: list[str]) -> None:
    texts = [text.strip() for text in texts]
    for reading in (Locale(LATE), Locale(LATE, ZoneInfo("Europe/Berlin"), "mdy")):
        parsed = times(reading, *texts)
        read = [read_time(text, reading) for text in texts]
        assert parsed.values.to_pylist() == [None if text and text < "1970-01-02" else text for text in read]
        assert {at for at, text in enumerate(texts) if text and parsed.values[at].as_py() is None} == set(
            parsed.problems
        )


@given(st.dates(date(1970, 1, 2), date(2099, 12, 30)), st.integers(0, 23), st.sampled_from(ZONES))
def test_a_bare_date_is_its_hour_in_the_zone(day: date, hour: int, zone: str) -> None:
    local = datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo(zone))
    parsed = times(Locale(LATE, ZoneInfo(zone), date_hour=hour), day.isoformat())
    assert parsed.values.to_pylist() == [local.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")]


SHARED = [  # a month's name, its month in Croatian, and in Polish and Czech
    ("lip", 6, 7),
    ("srp", 7, 8),
    ("lis", 10, 11),
    ("listopad", 10, 11),
    ("listopada", 10, 11),
    ("LISTOPADA", 10, 11),
]
HOMES = [("Zagreb", 0), ("Sarajevo", 0), ("Warsaw", 1), ("Prague", 1), ("Bratislava", 1)]


@pytest.mark.parametrize(("name", "croatian", "polish"), SHARED)
def test_a_name_of_two_months_is_read_by_the_zone_or_not_at_all(name: str, croatian: int, polish: int) -> None:
    text = f"5. {name} 2023 15:30"
    for home, which in HOMES:
        found = read_time(text, Locale(NOW, ZoneInfo(f"Europe/{home}")))
        assert found is not None and int(found[5:7]) == (croatian, polish)[which]
    for tongue, month in (("hr", croatian), ("pl", polish)):
        found = read_time(text, Locale(NOW, ZoneInfo("UTC"), months=tongue))  # type: ignore[arg-type]
        assert found == f"2023-{month:02}-05T15:30:00Z"
    for reading, offset in product((BERLIN, Locale(NOW, UTC), ABROAD), ("", " +01:00", "Z", " CET", " CEST")):
        parsed = times(reading, text + offset)
        reason = parsed.problems[0].reason
        assert code_of(parsed) is Code.INVALID_TIME and "Croatian" in reason and "write the day as 2024-11-05" in reason
        homeless = reading is ABROAD and not offset  # where there is a zone or an offset, another would move the time
        assert ("zone" in reason, parsed.needs) == (homeless, {"timezone": [0]} if homeless else {})
        for month in (croatian, polish):
            mended = f"2023-{month:02}-05 15:30{offset}"
            assert homeless or not times(reading, mended).problems


@pytest.mark.parametrize("language", ["hr", "pl", "cs"])
@pytest.mark.parametrize("form", ["d. MMMM y. HH:mm", "d MMM y, HH:mm", "d. LLLL y HH:mm"])
def test_who_names_two_months_alike_is_read_as_it_names_them(language: str, form: str) -> None:
    home = ZoneInfo({"hr": "Europe/Zagreb", "pl": "Europe/Warsaw", "cs": "Europe/Prague"}[language])
    for month in range(1, 13):
        at = datetime(2023, month, 5, 15, 30, tzinfo=home)
        text = format_datetime(at, form, tzinfo=home, locale=language)
        assert read_time(text, Locale(NOW, home)) == at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), text


def test_a_day_that_one_of_the_months_lacks_is_the_others() -> None:
    assert read_time("31 listopada 2023 15:30", BERLIN) == "2023-10-31T14:30:00Z"
    assert read_time("nedjelja, 5. listopada 2025. 15:30", BERLIN) == "2025-10-05T13:30:00Z"  # as the weekday has it
