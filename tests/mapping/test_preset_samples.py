"""Each preset's sample, through the real command: the events that a person reads out of it, and no others.

`PYTHONPATH=tests/support python -m tests.mapping.test_preset_samples` writes the golden files anew; what is in them is
checked against the tables below, which were written by hand from the samples.
"""

import csv
import io
import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from preset_readings import READINGS, Event
from preset_readings.headers import STRANGERS, VERSIONS

from backfill import BackfillError, check
from backfill.cli import main
from backfill.convert.lookup import open_lookups
from backfill.mapping import detect, load, presets
from backfill.sandbox import SandboxThread

SAMPLES = Path(__file__).parents[2] / "sample_data" / "presets"
GOLDEN = SAMPLES.parent / "golden" / "presets"
ELSEWHERE = {"shopify_orders", "hubspot_contacts"}  # their samples are one folder up, with planted faults
REFUSED = {  # recognised only to say why they can't be used
    "adyen_payments",
    "amazon_orders",
    "ebay_orders",
    "etsy_orders",
    "google_ads_conversions",
    "klaviyo_events",
    "mollie_payments",
    "prestashop_orders",
    "woocommerce_analytics",
}
NOT_COUNTS = ("run", "command", "space", "files", "started", "seconds", "rejects_file", "resume")


def sample(name: str) -> Path:
    return next(path for path in SAMPLES.glob(f"{name}.*") if path.stem == name)


def preset(name: str) -> str:
    return READINGS[name].preset or name


def flags(name: str) -> list[str]:
    """The options that the command needs with the sample."""
    reading = READINGS[name]
    joined = ["--lookup", f"{reading.lookup}={SAMPLES / f'{name}.{reading.lookup}.csv'}"] if reading.lookup else []
    return [*reading.flags, *joined]


def header(path: Path) -> list[str]:
    if path.suffix == ".jsonl":
        return list(paths(json.loads(path.read_text("utf-8").splitlines()[0])))
    reading = READINGS.get(path.stem)
    encoding, delimiter = (reading.encoding, reading.delimiter) if reading else ("utf-8-sig", ",")
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return next(islice(csv.reader(file, delimiter=delimiter), reading.above if reading else 0, None))


def paths(found: Event, prefix: str = "") -> Iterator[str]:
    """The names of an object's values, those within objects dotted."""
    for name, value in found.items():
        yield from paths(value, f"{prefix}{name}.") if isinstance(value, dict) else [prefix + name]


def backfill(folder: Path, url: str, *arguments: str) -> Event:
    """Run a command here; return its summary."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMETLY_API_URL", url)
        patch.setenv("COMETLY_API_KEY", "sandbox")
        rejects = f"rejects{Path(arguments[1]).suffix}"
        names = {"--state": "state", "--rejects": rejects, "--summary": "summary.json"}
        places = {option: folder / name for option, name in names.items()}
        code = main([*arguments, "--quiet", *(str(part) for pair in places.items() for part in pair)])
    summary: Event = json.loads((folder / "summary.json").read_text("utf-8"))
    assert summary["exit_code"] == code
    return summary


def counts(summary: Event) -> Event:
    """The summary without what differs from run to run."""
    kept = {name: value for name, value in summary.items() if name not in NOT_COUNTS}
    return kept | {"inferred": without_files(kept["inferred"])}


def without_files(found: Event) -> Event:
    """What was inferred, a clue a setting or, by column, several; without the files, which have another path here."""
    return {k: without_files(v) if isinstance(v, dict) else v for k, v in found.items() if k != "file"}


def uploaded(name: str, folder: Path) -> dict[str, str]:
    """The golden files' names and texts, from a run."""
    with SandboxThread(rate=None) as sandbox:
        summary = backfill(folder, sandbox.url, "upload", str(sample(name)), "--yes", *flags(name))
        bodies = sorted((json.loads(arrival.raw) for arrival in sandbox.arrivals), key=lambda b: b["idempotency_key"])
    return {
        f"{name}.events.jsonl": "".join(json.dumps(b, sort_keys=True, ensure_ascii=False) + "\n" for b in bodies),
        f"{name}.summary.json": json.dumps(counts(summary), indent=2) + "\n",
    }


def golden_events(name: str) -> list[Event]:
    lines = (GOLDEN / f"{name}.events.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]


def golden_summary(name: str) -> Event:
    summary: Event = json.loads((GOLDEN / f"{name}.summary.json").read_text("utf-8"))
    return summary


def fits(names: list[str]) -> list[str]:
    return [mapping.name for mapping in detect(names)]


def folded(names: Iterable[str]) -> set[str]:
    return {name.strip().casefold() for name in names}


def test_every_preset_has_its_sample_and_reading() -> None:
    assert {path.stem for path in SAMPLES.iterdir() if "." not in path.stem} == READINGS.keys() | REFUSED
    assert {preset(name) for name in READINGS} == presets().keys() - ELSEWHERE - REFUSED
    assert {name for name in presets() if load(name).refuse} == REFUSED
    for name in READINGS:
        assert list(load(preset(name)).lookups) == ([READINGS[name].lookup] if READINGS[name].lookup else [])


@pytest.mark.parametrize("name", READINGS)
def test_the_golden_events_are_those_that_a_person_reads_out_of_the_sample(name: str) -> None:
    read, events = READINGS[name].rows(), golden_events(name)
    made = [
        [e["event_name"], e.get("order_id", "-"), e["email"], e["event_time"], e.get("amount", "-")] for e in events
    ]
    expected = [[n, i, who, time, amount if amount == "-" else Decimal(amount)] for n, i, who, amount, time in read]
    assert sorted(made, key=str) == sorted(expected, key=str)
    assert all(e["idempotency_key"] == f"{e['event_name']}:{e['order_id']}" for e in events if "order_id" in e)
    assert all(e["do_not_capi"] is True for e in events)
    for key, fields in READINGS[name].details.items():
        (event,) = [e for e in events if e["idempotency_key"] == key]
        assert {field: event.get(field) for field in fields} == fields


@pytest.mark.parametrize("name", READINGS)
def test_the_golden_summary_accounts_for_every_row(name: str) -> None:
    reading, summary = READINGS[name], golden_summary(name)
    assert {count: summary[count] for count in reading.counts} == reading.counts
    assert (summary["codes"], summary["amount"]["accepted"]) == (reading.codes, reading.amount)
    assert summary["accepted"] == len(reading.rows()) == summary["events"] - summary["invalid"] - summary["duplicate"]
    per_name = Counter(row[0] for row in reading.rows())
    assert {kind: row["accepted"] for kind, row in summary["by_event"].items() if row["accepted"]} == per_name
    assert (summary["mapping"], summary["balanced"]) == (preset(name), True)
    assert summary["exit_code"] == (3 if reading.codes else 0)


@pytest.mark.parametrize("name", READINGS)
def test_a_sample_arrives_as_its_golden_files_say(name: str, tmp_path: Path) -> None:
    for file, text in uploaded(name, tmp_path).items():
        assert text == (GOLDEN / file).read_text("utf-8"), file


@pytest.mark.parametrize("name", READINGS)
def test_order_and_case_of_the_columns_make_no_difference(name: str, tmp_path: Path) -> None:
    path, shuffle = sample(name), random.Random(name)
    text = path.read_text(READINGS[name].encoding)
    if path.suffix == ".jsonl":
        lines = [shuffle.sample(list(json.loads(line).items()), len(json.loads(line))) for line in text.splitlines()]
        text = "".join(json.dumps(dict(line)) + "\n" for line in lines)
    else:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=READINGS[name].delimiter))
        at = READINGS[name].above
        whole = len(rows[at])  # rows of another length are above or below the data
        order = shuffle.sample(range(whole), whole)
        written = io.StringIO(newline="")
        rows[at] = [f" {column.upper()}" for column in rows[at]]
        csv.writer(written, delimiter="|").writerows(
            [row[one] for one in order] if len(row) == whole else row for row in rows
        )
        text = written.getvalue()
    other = tmp_path / path.name
    other.write_bytes(b"\xef\xbb\xbf" + text.encode())
    summary, golden = (
        counts(backfill(tmp_path, "http://127.0.0.1:9", "check", str(other), *flags(name))),
        golden_summary(name),
    )
    same = ("mapping", "rows", "merged", "without_event", "events", "codes", "first_event_time", "last_event_time")
    assert {key: summary[key] for key in same} == {key: golden[key] for key in same}
    assert summary["amount"].get("ready") == golden["amount"]["accepted"]


@pytest.mark.parametrize("version", VERSIONS)
def test_other_versions_of_an_export_are_known(version: str) -> None:
    mapping, names = load(version.split(",")[0]), VERSIONS[version].split(",")
    assert fits(names) == fits([name.upper() for name in reversed(names)]) == [mapping.name]
    for group in mapping.required:
        spellings = {spelling for name in group for spelling in (name, *mapping.source.aliases.get(name, ()))}
        assert folded(spellings) & folded(names), f"one of {group}"


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_similar_export_is_not_recognised_as_another(stranger: str) -> None:
    assert fits(STRANGERS[stranger].split(",")) == []


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Email,Google Click ID,Conversion Name,Conversion Time", "(google_ads_conversions has no Email;"),
        ("Name,Financial Status,Total", "(shopify_orders lacks Lineitem name)"),
    ],
)
def test_what_keeps_a_header_from_being_a_presets(
    header: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.csv").write_text(f"{header}\n")
    assert said in refusal(capsys, tmp_path, "check", str(tmp_path / "a.csv"))


@pytest.mark.parametrize("name", READINGS)
def test_each_header_is_known_as_one_preset_and_has_all_its_columns(name: str) -> None:
    names = header(sample(name))
    assert fits(names) == [preset(name)]
    if sample(name).suffix == ".csv":
        mapping = load(preset(name))
        lacking = folded(mapping.columns) - folded(names)
        assert lacking <= folded([*mapping.source.optional, *_instead(preset(name))])


@pytest.mark.parametrize("name", READINGS)
def test_columns_that_anybody_adds_make_no_header_doubtful(name: str) -> None:
    common = {"Name", "Email", "Status", "Amount", "Currency", "Total", "Phone", "Created At", "Create Date", "Notes"}
    assert fits([*header(sample(name)), *common]) == [preset(name)]


def test_an_export_to_be_joined_is_not_recognised_as_the_one_it_joins() -> None:
    joined = {path.stem: fits(header(path)) for path in SAMPLES.iterdir() if "." in path.stem}
    assert {stem for stem, found in joined.items() if found} == {"hubspot_deals.contacts"}
    assert joined["hubspot_deals.contacts"] == ["hubspot_contacts"]


def _instead(name: str) -> set[str]:
    """Columns that need not be there because another of their group is."""
    return {column for group in load(name).required if len(group) > 1 for column in group}


@pytest.mark.parametrize("name", READINGS)
def test_a_sample_shows_no_real_person(name: str) -> None:
    for event in golden_events(name):
        assert event["email"].endswith(("@example.com", "@example.org"))
        assert "555-01" in event.get("phone", "555-01")


def refusal(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> str:
    """Run a command that must end with exit code 2 and no event; return its last line."""
    summary = backfill(folder, "http://127.0.0.1:9", *arguments)
    assert (summary["exit_code"], summary["accepted"], summary["requests"]) == (2, 0, 0)
    return capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("command", ["check", "upload"])
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_an_export_that_can_not_be_used_is_refused_with_the_reason(
    name: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reason = load(name).refuse
    assert reason and reason in refusal(capsys, tmp_path, command, str(sample(name)))
    assert reason in refusal(capsys, tmp_path, command, str(sample(name)), "-m", name)
    assert reason in refusal(capsys, tmp_path, command, str(sample("magento_orders")), "-m", name)


@pytest.mark.parametrize("name", [name for name, reading in READINGS.items() if reading.lookup])
def test_a_preset_that_joins_another_export_asks_for_it(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refusal(capsys, tmp_path, "check", str(sample(name)), *READINGS[name].flags)
    assert f"--lookup {READINGS[name].lookup}=FILE" in said


@given(
    st.sampled_from([name for name, reading in READINGS.items() if not reading.lookup]),
    st.floats(0, 1),
    st.integers(0, 40),
    st.sampled_from([b"", b'"', b"\n", b"\r", b",", b";", b"\0", b"\xff", b"\xc3", b"{"]),
)
def test_a_damaged_sample_is_judged_or_refused(
    tmp_path_factory: pytest.TempPathFactory, name: str, at: float, lost: int, put: bytes
) -> None:
    path, data = sample(name), sample(name).read_bytes()
    begin = int(at * len(data))
    damaged = tmp_path_factory.mktemp("damaged") / path.name
    damaged.write_bytes(data[:begin] + put + data[begin + lost :])
    try:
        found = check(damaged, state=damaged.parent, timezone="UTC")
        assert found.summary["balanced"] and len(found.events) == found.ready
    except BackfillError as error:
        assert error.exit_code == 2


def test_what_is_below_a_joined_report_is_no_data() -> None:
    with open_lookups(
        load("salesforce_report"), {"contacts": [str(SAMPLES / "salesforce_report.contacts.csv")]}
    ) as read:
        assert [joined.warnings for joined in read] == [[]]


def test_days_and_months_that_no_row_distinguishes_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = sample("paypal_activity").read_text("utf-8-sig").splitlines(keepends=True)
    doubtful = tmp_path / "doubtful.csv"
    doubtful.write_text("".join(line for line in lines if line.startswith(('"Date"', '"01/'))), "utf-8")
    said = refusal(capsys, tmp_path, "check", str(doubtful))
    assert "date_order" in said and "--date-order" in said


def _write_golden() -> None:
    for name in READINGS:
        with tempfile.TemporaryDirectory() as folder:
            for file, text in uploaded(name, Path(folder)).items():
                (GOLDEN / file).write_bytes(text.encode())


if __name__ == "__main__":
    _write_golden()
