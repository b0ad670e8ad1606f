"""Zones as exports name them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backfill.fields import zones
from backfill.fields.zones import zone_hint, zone_of

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
        ("+02:00", "write a name such as Europe/Berlin, America/New_York or UTC"),
    ],
)
def test_what_to_write_instead(name: str, hint: str) -> None:
    assert zone_hint(name) == hint


@pytest.mark.parametrize("label", sorted(zones._LABELS))
def test_every_label_is_a_zone(label: str) -> None:
    zone = zone_of(label.title())
    assert zone is not None
    assert NOON.replace(tzinfo=UTC).astimezone(zone)


@given(st.text(max_size=40))
def test_no_text_raises(name: str) -> None:
    zone_of(name)
