"""The samples, through the real command: the same as a second reading, each event once, every row counted.

`PYTHONPATH=tests/support python -m tests.house.test_samples` writes the golden files again; they are checked
against a reading that shares no code with the program.
"""

import csv
import hashlib
import importlib.util
import io
import json
import re
import shlex
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from place import Place

from backfill.sandbox import SandboxThread

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_data"
GOLDEN = SAMPLES / "golden"
NAMES = ("shopify_orders", "hubspot_contacts", "subscriptions")
FLAGS = {"hubspot_contacts": ["--timezone", "Europe/Berlin"], "subscriptions": ["-m", "subscriptions.yaml"]}
NOT_COUNTS = ("run", "command", "space", "files", "started", "seconds", "rejects_file", "resume")
UNREPAIRED = {"shopify_orders": {"missing_identity": 4}}  # sold in a shop, without an email

Event = dict[str, Any]
Cells = dict[str, str]


def _maker() -> Any:
    spec = importlib.util.spec_from_file_location("make_samples", SAMPLES / "make.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


MAKER = _maker()


# --- the second reading: csv, json, Decimal and zoneinfo, one row after the other


class Unfit(Exception):
    """This record makes no event that may be sent."""


def email(text: str) -> str:
    if not re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", text):
        raise Unfit
    return text


def order_number(text: str) -> str:
    if not text.isdigit():
        raise Unfit
    return text


def amount(text: str) -> Decimal:
    if not re.fullmatch(r"[0-9,]+(\.[0-9]+)?", text):
        raise Unfit
    return Decimal(text.replace(",", ""))


def utc(text: str, form: str, zone: str | None = None) -> str:
    try:
        time = datetime.strptime(text, form)
    except ValueError:
        raise Unfit from None
    if zone:
        time = time.replace(tzinfo=ZoneInfo(zone))
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def event(name: str, key: str, space: str = "", **fields: Any) -> Event:
    filled = {field: value for field, value in fields.items() if value not in ("", None)}
    return filled | {"event_name": name, "idempotency_key": f"{name}{space}:{key}", "do_not_capi": True}


def hashed(*parts: str) -> str:
    text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def rows_of(text: str, broken: Sequence[str]) -> list[Cells]:
    for line in broken:
        assert text.count(line) == 1
        text = text.replace(line, "")
    read = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    return [{name: cell.strip() for name, cell in row.items()} for row in read]


def order_events(text: str, broken: Sequence[str]) -> list[Event]:
    groups: dict[str, list[Cells]] = {}
    for row in rows_of(text, broken):
        groups.setdefault(row["Name"], []).append(row)
    for line in broken:
        groups.pop(line.split(",")[0], None)
    made = []
    for rows in groups.values():
        order = rows[0]
        if order["Financial Status"] in ("paid", "partially_paid", "partially_refunded") and not order["Cancelled at"]:
            with_id = {row["Id"] for row in rows if row["Id"]}
            made += [order] if len(with_id) == 1 else []
    return _fit(order_event, made)


def order_event(row: Cells) -> Event:
    return event(
        "purchase",
        row["Id"],
        order_id=order_number(row["Id"]),
        order_name=row["Name"],
        email=email(row["Email"]),
        phone=row["Phone"] or row["Billing Phone"] or row["Shipping Phone"],
        full_name=row["Billing Name"] or row["Shipping Name"],
        amount=amount(row["Total"]),
        event_time=utc(row["Paid at"] or row["Created at"], "%Y-%m-%d %H:%M:%S %z"),
    )


def contact_events(text: str, broken: Sequence[str]) -> list[Event]:
    return _fit(contact_event, [row for row in rows_of(text, broken) if row["Email"]])


def contact_event(row: Cells) -> Event:
    created = row["Create Date"] if ":" in row["Create Date"] else row["Create Date"] + " 12:00"
    time = utc(created, "%Y-%m-%d %H:%M", "Europe/Berlin")
    number = order_number(row["Record ID"]) if row["Record ID"] else ""
    return event(
        "lead_generated",
        number or hashed("lead_generated", email(row["Email"]).lower(), time),
        order_id=number,
        email=email(row["Email"]),
        first_name=row["First Name"],
        last_name=row["Last Name"],
        phone=row["Phone Number"],
        event_time=time,
    )


def line_events(text: str, broken: Sequence[str]) -> list[Event]:
    lines = [json.loads(line, parse_int=str, parse_float=str) for line in text.splitlines(True) if line not in broken]
    live = [line for line in lines if line["livemode"]]
    paid = [line for line in live if line["type"] in ("invoice.paid", "subscription.activated")]
    paid = [line for line in paid if line["amount"]["total"] != "0" and line["amount"]["currency"] == "EUR"]
    begun = [line for line in live if line["type"] in ("subscription.created", "subscription.activated")]
    return _fit(payment, paid) + _fit(beginning, begun)


def moment(text: str | None) -> str:
    if text and text.isdigit():
        return datetime.fromtimestamp(int(text) // (1000 if len(text) == 13 else 1), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return utc(text or "", "%Y-%m-%dT%H:%M:%S%z")


def phone(line: Event) -> str:
    return (line["customer"]["phone"] or "").removeprefix("tel:").replace("n/a", "")


def payment(line: Event) -> Event:
    plan, client = line["subscription"]["plan"], line["client"] or {}
    pair = client if client.get("fingerprint") and client.get("ip") else {}
    first, last = line["customer"]["name"].split(" ", 1)
    return event(
        "purchase",
        line["id"],
        "@billing",
        order_id=order_number(line["id"]),
        order_name=" ".join(part for part in (plan["name"], plan["interval"]) if part),
        email=email(line["customer"]["email"] or "").lower(),
        first_name=first,
        last_name=last,
        phone=phone(line),
        amount=amount(line["amount"]["total"] or "") / 100,
        event_time=moment(line["created"]),
        is_upsell=line["addon"],
        ip=pair.get("ip"),
        fingerprint=pair.get("fingerprint"),
        url=client.get("url") if str(client.get("url")).startswith("https://") else None,
    )


def beginning(line: Event) -> Event:
    plan, seats = line["subscription"]["plan"], line["subscription"]["seats"]
    who = email(line["customer"]["email"] or "").lower()
    return event(
        "subscribe",
        hashed("subscribe", "billing", who, line["subscription"]["id"]),
        email=who,
        full_name=line["customer"]["name"],
        phone=phone(line),
        event_time=moment(line["created"]),
        profile_field_1={"bas": "Basic", "pro": "Professional", "ent": "Enterprise"}.get(plan["code"], "Unknown"),
        profile_field_16=seats if seats.isdigit() else None,
    )


def _fit(read: Callable[[Any], Event], records: Sequence[Any]) -> list[Event]:
    """The events of the sound records. Of equal events the first is kept; of different ones with one key, none."""
    found: dict[str, list[Event]] = {}
    for record in records:
        try:
            made = read(record)
        except Unfit:
            continue
        if made not in found.setdefault(made["idempotency_key"], []):
            found[made["idempotency_key"]].append(made)
    return [events[0] for events in found.values() if len(events) == 1]


SECOND_READING = {"shopify_orders": order_events, "hubspot_contacts": contact_events, "subscriptions": line_events}


def expected(name: str, sound: bool = False) -> list[Event]:
    """What must arrive of a sample, or of the same sample without its faults."""
    sample = MAKER.SAMPLES[name](sound)
    return sorted(SECOND_READING[name](sample.text, sample.broken), key=lambda made: str(made["idempotency_key"]))


# --- the command


class Literal(str):
    """A JSON number as it was written."""


def body_text(raw: bytes | str) -> str:
    """A body in canonical form: names in order, no blanks, numbers untouched."""
    body = json.loads(raw, parse_float=Literal, parse_int=Literal)
    texts = {k: v if isinstance(v, Literal) else json.dumps(v, ensure_ascii=False) for k, v in sorted(body.items())}
    return "{" + ",".join(f"{json.dumps(name)}:{text}" for name, text in texts.items()) + "}"


def arrived(sandbox: SandboxThread) -> list[str]:
    return [body_text(a.raw) for a in sorted(sandbox.arrivals, key=lambda a: str((a.body or {})["idempotency_key"]))]


def events_of(lines: Sequence[str]) -> list[Event]:
    return [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]


def backfill(folder: Path, sandbox: SandboxThread, *arguments: str) -> tuple[int, Event]:
    """Run the real command; return its exit code and summary."""
    own = str(folder / "elsewhere")
    done = Place(folder).command(*arguments, "--yes", "--json", url=sandbox.url, XDG_STATE_HOME=own)
    assert "Traceback" not in done.stderr
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def upload(name: str, folder: Path, sandbox: SandboxThread) -> tuple[int, Event]:
    for file in (MAKER.SAMPLES[name]().file, "subscriptions.yaml"):
        shutil.copy(SAMPLES / file, folder / file)
    return backfill(
        folder, sandbox, "upload", MAKER.SAMPLES[name]().file, *FLAGS.get(name, []), "--state", str(folder / "state")
    )


def counts(summary: Event) -> Event:
    """The summary without what differs from run to run."""
    kept = {name: value for name, value in summary.items() if name not in NOT_COUNTS}
    inferred = {name: {k: v for k, v in clue.items() if k != "file"} for name, clue in kept["inferred"].items()}
    return kept | {"inferred": inferred}


def outputs(name: str, summary: Event, sandbox: SandboxThread) -> dict[str, str]:
    """The golden files' names and texts."""
    rejects = Path(summary["rejects_file"])
    return {
        f"{name}.events.jsonl": "".join(f"{line}\n" for line in arrived(sandbox)),
        f"{name}.rejects{rejects.suffix}": rejects.read_bytes().decode(),
        f"{name}.summary.json": json.dumps(counts(summary), indent=2) + "\n",
    }


def golden(file: str) -> str:
    return (GOLDEN / file).read_bytes().decode()


# --- repairs


def repair(rejects: Path, name: str) -> None:
    """Give every rejected row the cells of the sound sample; the marks after them stay, as people leave them."""
    sound = MAKER.SAMPLES[name](True).text
    if rejects.suffix == ".jsonl":
        lines, marked = sound.splitlines(), [json.loads(line) for line in rejects.read_text("utf-8").splitlines()]
        mended = [json.loads(lines[row["_row"] - 1]) | {k: row[k] for k in row if k[0] == "_"} for row in marked]
        rejects.write_text("".join(json.dumps(row) + "\n" for row in mended), "utf-8")
        return
    rows = list(csv.DictReader(io.StringIO(sound, newline="")))
    with rejects.open(encoding="utf-8", newline="") as file:
        marked = list(csv.DictReader(file))
    with rejects.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(marked[0]))
        writer.writeheader()
        writer.writerows(row | rows[int(row["_row"]) - 1] for row in marked)


# --- tests


@pytest.mark.parametrize("name", NAMES)
def test_the_maker_writes_the_same_samples_byte_for_byte(name: str) -> None:
    sample = MAKER.SAMPLES[name]()
    assert (SAMPLES / sample.file).read_bytes() == sample.text.encode()


@pytest.mark.parametrize("name", NAMES)
def test_the_golden_events_are_those_of_a_second_reading(name: str) -> None:
    events, summary = events_of(golden(f"{name}.events.jsonl").splitlines()), json.loads(golden(f"{name}.summary.json"))
    assert events == expected(name)
    assert summary["accepted"] == len(events)
    sums: Counter[str] = Counter()
    for made in events:
        sums[made["event_name"]] += made.get("amount", Decimal())
    assert {kind: Decimal(row["amount"]) for kind, row in summary["by_event"].items()} == sums
    times = [made["event_time"] for made in events]
    assert (summary["first_event_time"], summary["last_event_time"]) == (min(times), max(times))


@pytest.mark.parametrize("name", NAMES)
def test_the_golden_rejects_are_the_faults_that_were_planted(name: str) -> None:
    sample, summary = MAKER.SAMPLES[name](), json.loads(golden(f"{name}.summary.json"))
    assert summary["codes"] == sample.codes
    rejects = golden(next(GOLDEN.glob(f"{name}.rejects.*")).name)
    if name == "subscriptions":
        rows = [json.loads(line) for line in rejects.splitlines()]
    else:
        rows = list(csv.DictReader(io.StringIO(rejects, newline="")))
    assert [row["_raw"] for row in rows if row.get("_raw")] == [line.rstrip("\n") for line in sample.broken]
    assert {code for row in rows for code in row["_code"].split("|")} == set(sample.codes)


def test_the_shop_keeps_the_time_of_its_zone_over_both_clock_changes() -> None:
    rows = list(csv.DictReader(io.StringIO(MAKER.SAMPLES["shopify_orders"](True).text, newline="")))
    times = [row["Created at"] for row in rows if row["Created at"]]
    for text in times:
        time = datetime.strptime(text, "%Y-%m-%d %H:%M:%S %z")
        assert time.astimezone(ZoneInfo("America/New_York")).strftime("%Y-%m-%d %H:%M:%S %z") == text
    assert {"2024-11-03 01:30:00 -0400", "2024-11-03 01:30:00 -0500"} <= set(times)


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_arrives_as_its_golden_files_say_and_all_of_it_once_mended(name: str, tmp_path: Path) -> None:
    with SandboxThread(rate=None) as sandbox:
        code, summary = upload(name, tmp_path, sandbox)
        assert code == summary["exit_code"] == 3
        for file, text in outputs(name, summary, sandbox).items():
            assert text == golden(file), file

        repair(Path(summary["rejects_file"]), name)
        program, *resume = shlex.split(summary["resume"])
        left = UNREPAIRED.get(name, {})
        code, second = backfill(tmp_path, sandbox, *resume)
        assert (program, code, second["codes"]) == ("backfill", 3 if left else 0, left)
        assert events_of(arrived(sandbox)) == expected(name, sound=True)
        assert summary["accepted"] + second["accepted"] == len(sandbox.events) == len(sandbox.arrivals)

        _, third = upload(name, tmp_path, sandbox)
        assert (third["accepted"], third["requests"], third["duplicate"]) == (0, 0, 0)
        assert third["already"] >= summary["accepted"] + summary["duplicate"]
        assert len(sandbox.arrivals) == len(sandbox.events)


def _write_golden() -> None:
    for name in NAMES:
        with tempfile.TemporaryDirectory() as folder, SandboxThread(rate=None) as sandbox:
            _, summary = upload(name, Path(folder), sandbox)
            for file, text in outputs(name, summary, sandbox).items():
                (GOLDEN / file).write_bytes(text.encode())


if __name__ == "__main__":
    _write_golden()
