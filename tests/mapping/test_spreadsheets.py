"""Each preset's sample, opened in a spreadsheet and saved again: the same events, or what was lost is said."""

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from place import Place
from preset_readings import READINGS, Event
from resaving import ROOT, SAVINGS, SOUND, samples, save, unpack

import backfill
from backfill.sandbox import SandboxThread

GOLDEN = ROOT / "golden" / "presets"
NAMES = [name for name in (*READINGS, *SOUND) if (ROOT / "presets" / f"{name}.csv").exists() or name in SOUND]
ZONES = {"hubspot_contacts": "Europe/Berlin"}


@dataclass(frozen=True)
class Lost:
    """What a saving cost: events that are no longer there, others instead of them, and fields that differ."""

    why: str
    lost: int = 0
    new: int = 0
    changed: dict[str, int] = field(default_factory=dict)  # field -> in how many events
    said: str = ""  # in a warning, or as the error that ends the check


TURNED = "days up to the twelfth were read month first, and written as dates; the others stayed texts"
UNSURE = "years of two digits: no day of the file is above the twelfth and no year above the thirty-first"
POWER = "4086918E-0001 was taken for a number"
SECONDS = "times are saved to the minute, and these are part of the key"
OTHER_IDS = "zeros of ids that only their shop knows the length of"
AS_WRITTEN = "there is no id but the cells as they are written"

ZONES_OFF = "a Z was taken off"

_gnumeric = "as Gnumeric saves them"
_layouts = "dates are written in several layouts"
_turned = "all have days up to the twelfth"
_fraction = "3 cells (first in row 1) are numbers with a fraction"
_short = "are times as a spreadsheet saves them"
_order = "set source.date_order (or --date-order ORDER)"
# By sample and saving, or by sample where each costs the same.
LOST = {
    "bigcommerce_orders french": Lost(UNSURE, 7, said=_order),
    "bigcommerce_orders workbook": Lost(TURNED, 7, said=_turned),
    "gohighlevel_contacts gnumeric": Lost(ZONES_OFF, 2, said=_gnumeric),
    "gohighlevel_opportunities gnumeric": Lost(ZONES_OFF, 10, said="a time zone is never guessed"),
    "gohighlevel_orders": Lost(AS_WRITTEN, 3, 3, said="ids are made of these cells"),
    "gohighlevel_orders workbook": Lost(TURNED, 3, said=_turned),
    "hubspot_deals gnumeric": Lost("midnight is a day alone", changed={"event_time": 1}, said=_gnumeric),
    "kajabi_transactions gnumeric": Lost(ZONES_OFF, 6, said="a time zone is never guessed"),
    "meta_offline_events gnumeric": Lost(ZONES_OFF, 2, said=_gnumeric),
    "salesforce_opportunities gnumeric": Lost(ZONES_OFF, changed={"event_time": 5}, said=_gnumeric),
    "salesforce_opportunities_weekly gnumeric": Lost(
        "midnight is a day alone", changed={"event_time": 1}, said=_gnumeric
    ),
    "salesforce_report gnumeric": Lost(TURNED, changed={"event_time": 3}, said=_gnumeric),
    "shopify_orders gnumeric": Lost(
        "an amount that was counted in binary", changed={"amount": 1}, said="more decimals"
    ),
    "hotmart_sales workbook": Lost(TURNED, 5, said=_turned),
    "magento_orders us": Lost(SECONDS, changed={"event_time": 3}, said=_short),
    "paypal_activity_europe french": Lost(UNSURE, 5, said=_order),
    "paypal_activity_europe workbook": Lost(TURNED, 5, said=_turned),
    "salesforce_report workbook": Lost(TURNED, changed={"event_time": 4}, said=_layouts),
    "stripe_payments": Lost(POWER, changed={"order_name": 3}, said="are numbers in scientific notation"),
    "stripe_payments gnumeric": Lost(POWER, changed={"order_name": 3}, said=_fraction),
    "stripe_payments workbook": Lost(POWER, changed={"order_name": 3}, said=_fraction),
    "wicked_reports_orders": Lost(OTHER_IDS, 4, 4, said="are plain numbers: zeros in front"),
    "zoom_registrations french": Lost(SECONDS, 3, 3, said=_short),
    "zoom_registrations us": Lost(SECONDS, 4, 4, said=_short),
    "zoom_registrations_attendees us": Lost(SECONDS, 2, 2, said=_short),
}


def loss(name: str, saving: str) -> Lost | None:
    return LOST.get(f"{name} {saving}") or LOST.get(name)


def unsaved(name: str, folder: Path) -> dict[str, Event]:
    """The events of a sample as it was exported."""
    if name in SOUND:
        files = {path.stem: path for path in samples(folder)}
        return by_key(iter(checked(name, files, folder / "none").events.to_dict("records")))
    lines = (GOLDEN / f"{name}.events.jsonl").read_text("utf-8").splitlines()
    return by_key(json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines)


def by_key(events: Iterator[Any]) -> dict[str, Event]:
    return {event["idempotency_key"]: {k: v for k, v in event.items() if v is not None and v == v} for event in events}


def checked(name: str, files: dict[str, Path], state: Path, url: str | None = None) -> backfill.Result:
    reading = READINGS.get(name)
    lookups = {reading.lookup: files[f"{name}.{reading.lookup}"]} if reading and reading.lookup else None
    return backfill.check(files[name], lookups=lookups, state=state, base_url=url, timezone=zone_of(name))


def zone_of(name: str) -> str | None:
    """The zone that a sample's own times lack."""
    return (READINGS[name].flags or (None,))[-1] if name in READINGS else ZONES.get(name)


def found(name: str, files: dict[str, Path], folder: Path) -> Lost | None:
    """What the files lost."""
    folder.mkdir(exist_ok=True)
    before = unsaved(name, folder)
    try:
        result = checked(name, files, folder / "none")
    except backfill.BackfillError as error:
        assert error.exit_code == 2
        return Lost("", lost=len(before), said=str(error))
    after = by_key(iter(result.events.to_dict("records")))
    both = before.keys() & after.keys()
    changed = Counter(
        field for key in both for field in before[key] | after[key] if before[key].get(field) != after[key].get(field)
    )
    made = Lost("", len(before.keys() - both), len(after.keys() - both), dict(changed), "\n".join(result.warnings))
    return made if made.lost or made.new or made.changed else None


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Path]]:
    return {name: unpack(name, tmp_path_factory.mktemp(name)) for name in SAVINGS}


def judge(name: str, saving: str, files: dict[str, Path], folder: Path) -> None:
    made, expected = found(name, files, folder), loss(name, saving)
    if made is None or expected is None:
        assert made == expected
        return
    assert (made.lost, made.new, made.changed) == (expected.lost, expected.new, expected.changed)
    assert expected.said in made.said


@pytest.mark.parametrize("saving", SAVINGS)
@pytest.mark.parametrize("name", NAMES)
def test_a_saved_sample_gives_the_same_events_or_what_it_lost_is_said(
    name: str, saving: str, saved: dict[str, dict[str, Path]], tmp_path: Path
) -> None:
    judge(name, saving, saved[saving], tmp_path)


@pytest.mark.parametrize("name", [name for name, lost in LOST.items() if lost.why in (OTHER_IDS, AS_WRITTEN)])
def test_other_ids_of_what_was_sent_are_likely_doubles(
    name: str, saved: dict[str, dict[str, Path]], place: Place
) -> None:
    sample = shutil.copy(ROOT / "presets" / f"{name}.csv", place.folder)
    with SandboxThread(rate=None) as sandbox:
        sent = place.upload(sandbox.url, str(sample), mapping=name, timezone=zone_of(name))["accepted"]
        for saving, files in saved.items():
            if loss(name, saving) is not LOST[name]:
                continue
            found = checked(name, files, place.folder / "state", sandbox.url)
            assert found.ready == 0, saving
            assert found.already + found.codes["likely_double"] >= sent > 0, saving


def test_what_was_lost_is_said() -> None:
    assert all(lost.said for lost in LOST.values())


def test_every_sample_that_is_a_table_was_saved(saved: dict[str, dict[str, Path]], tmp_path: Path) -> None:
    for files in saved.values():
        assert files.keys() == {path.stem for path in samples(tmp_path)}


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not here")
def test_what_was_saved_is_what_it_saves(tmp_path: Path) -> None:
    names = {"magento_orders", "bigcommerce_orders", "hotmart_sales", "whop_payments"}
    own, made = tmp_path / "own", tmp_path / "made"
    own.mkdir()
    save([path for path in samples(own) if path.stem in names], SAVINGS["german"], made)
    files = {path.stem: path for path in made.iterdir()}
    assert files.keys() == names
    for name in names:
        judge(name, "german", files, tmp_path / "checked")
