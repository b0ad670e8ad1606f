"""Zones as exports name them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backfill.fields import cities, zones
from backfill.fields.cities import zone_hint
from backfill.fields.zones import zone_note, zone_of

NOON = datetime(2024, 7, 1, 12)


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("Europe/Berlin", 2),
        ("America/New_York", -4),
        ("Eastern Time (US & Canada)", -4),
        ("(GMT-05:00) Eastern Time (US & Canada)", -4),
        ("Central Time - US & Canada", -5),
        ("pacific time (us & canada)", -7),
        ("PST", -8),
        ("PDT", -7),
        ("CEST", 2),
        ("GMT+02:00", 2),
        ("UTC-3", -3),
        ("+0530", 5.5),
        ("UTC", 0),
        ("New Delhi", 5.5),
        ("(UTC-05:00) Eastern Time (US & Canada)", -4),
        ("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna", 2),
        ("(UTC) Coordinated Universal Time", 0),
        ("Eastern Standard Time", -4),  # as Windows means it: with its summer time
        ("eastern daylight time", -4),
        ("W. Europe Standard Time", 2),
        ("GMT Standard Time", 1),
        ("India Standard Time", 5.5),
        ("us/eastern", -4),
        ("UTC−3", -3),
        ("ET", -4),
    ],
)
def test_known(name: str, hours: float) -> None:
    zone = zone_of(name)
    assert zone is not None
    assert NOON.replace(tzinfo=zone).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize("name", ["", "IST", "Mars/Olympus", "../../etc/passwd", "localtime", "GMT+99", "12:30", "\0"])
def test_unknown(name: str) -> None:
    assert zone_of(name) is None


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("New York", "nearest: America/New_York"),
        ("Eastern Standard Time", "nearest: America/New_York"),
        ("(UTC+01:00) Amsterdam, Berlin", "nearest: Europe/Amsterdam"),
        ("europe/berlin", "nearest: Europe/Berlin"),
        ("Europe\\Berlin", "nearest: Europe/Berlin"),
        ("New-York", "nearest: America/New_York"),
        ("NYC", "nearest: America/New_York"),
        ("San Francisco, CA", "nearest: America/Los_Angeles"),
        ("São Paulo", "nearest: America/Sao_Paulo"),
        ("Sydney, NSW", "nearest: Australia/Sydney"),
        ("München", "nearest: Europe/Berlin"),
        ("Moskau", "nearest: Europe/Moscow"),
        ("Warszawa", "nearest: Europe/Warsaw"),
        ("Łódź", "nearest: Europe/Warsaw"),
        ("Kiev", "nearest: Europe/Kiev"),
        ("Kyiv", "nearest: Europe/Kyiv"),
        ("Frankreich", "nearest: Europe/Paris"),
        ("Europe/Amsterdm", "nearest: Europe/Amsterdam"),
        ("PST", "nearest: America/Los_Angeles"),
        ("IST", "nearest: Europe/Dublin, Asia/Jerusalem, Asia/Kolkata"),
        ("xyzzy", "write a name such as Europe/Berlin, America/New_York or UTC"),
        ("localtime", "write a name such as Europe/Berlin, America/New_York or UTC"),
    ],
)
def test_what_to_write_instead(name: str, hint: str) -> None:
    assert zone_hint(name) == hint


@pytest.mark.parametrize(
    ("offset", "zone"),
    [("GMT+1", "Etc/GMT-1"), ("UTC-03:00", "Etc/GMT+3"), ("+02:00", "Etc/GMT-2"), ("UTC+0", "UTC"), ("+0530", "")],
)
def test_an_offset_is_no_place_and_iana_reverses_its_sign(offset: str, zone: str) -> None:
    hint = zone_hint(offset)
    assert "Europe/Berlin, which has its summer time" in hint and zone in hint and ("Etc" in hint) == ("Etc" in zone)
    if zone:
        assert ZoneInfo(zone).utcoffset(NOON) == zone_of(offset).utcoffset(NOON)  # type: ignore[union-attr]


@pytest.mark.parametrize("zone", sorted(cities._MEANT))
def test_every_zone_that_may_be_meant_is_one(zone: str) -> None:
    assert ZoneInfo(zone)


@pytest.mark.parametrize(("name", "hours"), [("EST", -5), ("MST", -7), ("Etc/GMT+5", -5), ("Etc/GMT-14", 14)])
def test_a_zone_that_may_not_be_what_it_seems_is_reported(name: str, hours: int) -> None:
    assert NOON.replace(tzinfo=ZoneInfo(name)).utcoffset() == timedelta(hours=hours)
    note = zone_note(name)
    assert note and f"{abs(hours)} hours {'behind' if hours < 0 else 'ahead of'} UTC" in note
    assert not any(map(zone_note, ["America/New_York", "EST5EDT", "UTC", "Etc/UTC", "HST", "None"]))


@pytest.mark.parametrize("label", sorted(zones._LABELS))
def test_every_label_is_a_zone(label: str) -> None:
    zone = zone_of(label.title())
    assert zone is not None
    assert NOON.replace(tzinfo=UTC).astimezone(zone)


@given(st.text(max_size=40))
def test_no_text_raises(name: str) -> None:
    zone_of(name)
