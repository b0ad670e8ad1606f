"""The clock: where times bring their offsets, months and hours are those that the shop's clock said."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from checking import HEADER, mapping_of
from hypothesis import example, given, settings
from hypothesis import strategies as st

from backfill.report.page.months import sections
from backfill.run.options import Options
from backfill.survey.statistics import Statistics


def statistics(folder: Path, times: list[str], mapping: str | None = None) -> Statistics:
    from backfill.commands.review.reading import Reading

    rows = "".join(f"{n},p{n}@example.com,1,{time}\n" for n, time in enumerate(times))
    (folder / "orders.csv").write_text(HEADER + rows)
    (folder / "m.yaml").write_text(mapping or mapping_of())
    given = {"mapping": str(folder / "m.yaml"), "state": folder / "state", "base_url": "https://a.test"}
    reading = Reading(Options.of("check", (str(folder / "orders.csv"),), (), **given)).open()
    try:
        reading.take()
        assert not reading.failed, reading.failed
        return reading.survey.account.statistics
    finally:
        reading.close()


ZONES = st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "America/Bogota"])
MOMENTS = st.lists(st.datetimes(datetime(2019, 1, 1), datetime(2025, 12, 31)), min_size=1, max_size=20)
WRITTEN = st.sampled_from(["%Y-%m-%d %H:%M:%S %z", "%Y-%m-%dT%H:%M:%S%:z"])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("clock")


def written(moment: datetime, form: str) -> str:
    offset = f"{moment:%z}"
    return f"{moment:%Y-%m-%d %H:%M:%S} {offset}" if "%:z" not in form else moment.isoformat(timespec="seconds")


@settings(max_examples=15)
@given(ZONES, MOMENTS, WRITTEN)
@example("Europe/Berlin", [datetime(2019, 4, 1), datetime(2021, 10, 31, 1)], "%:z")  # the last day of a month
def test_months_and_hours_are_the_shops(folder: Path, zone: str, moments: list[datetime], form: str) -> None:
    local = [one.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)) for one in moments]
    found = statistics(folder, [written(one, form) for one in local])
    for month, one in found.by(2).items():
        assert one.events == sum(f"{each:%Y-%m}" == month for each in local)
    assert found.hours == [sum(each.hour == hour for each in local) for hour in range(24)]
    for each in local:
        assert each.astimezone(found.zone).utcoffset() == each.utcoffset()


@pytest.mark.parametrize(
    ("times", "name"),
    [
        (["2024-01-31T23:30:00-05:00"], "the file's own time, -0500"),
        (["2024-01-31 23:30:00 -0500", "2024-07-01 01:00:00 -0400"], "the file's own time, -0500 and -0400"),
        (["2024-01-31T23:30:00Z", "2024-01-31 23:30:00 UTC"], "UTC"),
        (["2024-01-31T23:30:00-05:00", "1706758200"], "UTC"),  # some bring none
        (["1706758200"], "UTC"),
    ],
)
def test_what_it_is_called(folder: Path, times: list[str], name: str) -> None:
    assert statistics(folder, times).zone_name == name


def test_a_stated_zone_holds(folder: Path) -> None:
    found = statistics(folder, ["2024-01-31T23:30:00-05:00"], mapping_of(timezone="Asia/Tokyo"))
    assert found.zone_name == "Asia/Tokyo" and found.hours[13] == 1
    kinds, _ = sections(found, lambda amount, sign: str(amount))
    assert [line.label for line in kinds[0].lines] == ["2024-02"]
    assert timedelta(hours=9) == datetime(2024, 2, 1, tzinfo=found.zone).utcoffset()
