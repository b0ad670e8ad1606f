"""The plan: what is about to be sent, on one screen of eighty columns."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from checking import HEADER, MAPPING, mapping_of, orders, surveyed, write

from backfill.report.plan import COLUMNS, plan, sparks
from backfill.run.options import Options


def planned(folder: Path, text: str, mapping: str = MAPPING, notes: tuple[str, ...] = (), **options: object) -> str:
    asked = Options.of("upload", ("orders.csv",), (), base_url="https://a.test", **options)  # type: ignore[arg-type]
    with surveyed(write(folder, {"orders.csv": text}), mapping) as survey:
        return plan(
            survey, f"space {asked.space.name} at {asked.space.url}", asked.sending.limit, asked.sending.share, notes
        )


def test_what_it_says(tmp_path: Path) -> None:
    text = planned(tmp_path, orders(1, 1, 2) + "3,nobody,5,2024-06-01T10:00:00Z\n", space="acme")
    lines = text.splitlines()
    assert lines[0] == "Plan for space acme at https://a.test"
    assert "  to send       2 events: 2 purchase" in lines
    assert "  amount        4.00" in lines
    assert "  event times   2024-05-01T10:00:00Z to 2024-05-01T10:00:00Z" in lines
    assert "  by month      all in 2024-05 (UTC)" in lines
    assert "  left out      1 duplicate" in lines
    assert "  rejects       1 (invalid_email 1)" in lines
    assert "                invalid_email 1: not one e-mail address" in lines
    assert "  duration      about 1 s at 1,000 requests a minute" in lines


@pytest.mark.parametrize(
    ("rate", "reserve", "share", "seconds"), [(1000, 200, 800, 8), (300, 200, 300, 20), (900, 990, 10, 600)]
)
def test_the_duration_counts_the_reserve(tmp_path: Path, rate: int, reserve: int, share: int, seconds: int) -> None:
    text = planned(tmp_path, orders(*range(100)), rate=rate, reserve=reserve)
    duration = f"{seconds} s" if seconds < 90 else f"{seconds // 60} min"
    assert f"  duration      about {duration} at {share:,} requests a minute" in text.splitlines()


def test_a_limit_shows_the_part_that_is_sent(tmp_path: Path) -> None:
    text = planned(tmp_path, orders(*range(30)), limit=10)
    assert "10 events (of 30 ready: --limit): 30 purchase" in text and "(all that are ready)" in text


@pytest.mark.parametrize("months", [1, 14, 120])
def test_it_stays_on_one_screen_and_cuts_no_note(tmp_path: Path, months: int) -> None:
    rows = [HEADER.replace("\n", ",Currency\n")]
    for n in range(600):
        at = datetime(2014, 1, 1) + timedelta(days=n * 30.4 * months / 600)
        bad = [f"{n},x,5,{at}Z", f"{n},,5,{at}Z", f",a@example.com,5,{at}Z", f"{n},a@example.com,-5,never", "1,2"]
        rows.append((bad[n // 9 % 5] if n % 9 == 0 else f"{n},p{n}@example.com,{n}.5,{at}Z") + ",USD\n")
    notes = tuple(f"something that a person should know before agreeing, number {n}" for n in range(9))
    text = planned(tmp_path, "".join(rows), notes=notes)
    lines = text.splitlines()
    assert len(lines) <= 20 + 2 * len(notes)
    assert all(note in " ".join(text.split()) for note in notes)
    assert all(len(line) <= COLUMNS for line in lines)
    assert any(line.startswith("  duration") for line in lines)


def test_a_night_full_of_orders_is_asked_about(tmp_path: Path) -> None:
    rows = "".join(f"{n},p{n}@example.com,5,2024-05-01 03:00\n" for n in range(60))
    text = " ".join(planned(tmp_path, HEADER + rows, mapping_of(timezone="Europe/Berlin")).split())
    assert "100% from 0 to 6: is the time zone right? (Europe/Berlin)" in text


def test_nothing_to_send_is_a_plan_too(tmp_path: Path) -> None:
    assert "  to send       0 events" in planned(tmp_path, HEADER)


def test_bars_keep_their_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert sparks([0, 1, 50, 100]) in ("_▁▄█", "_.=@", "_.+@")
    assert sparks([]) == "" and sparks([0, 0]) == "__"
