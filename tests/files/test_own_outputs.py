"""A file that backfill wrote is no input of a plan's pattern, even if it was renamed or saved again."""

import bz2
import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard
from checking import HEADER, MAPPING, Desk, orders
from place import Place

from backfill.cli import main
from backfill.cli.jobs import settings
from backfill.commands.jobs.plan import Grammar, load_plan
from backfill.files.own_outputs import is_ours
from backfill.run.options import Options

AT = "2024-05-01T10:00:00Z"
BAD = f"8,nobody,5,{AT}\n9,x\n"
SAVED = [
    (",", "utf-8-sig", ""),
    (";", "cp1252", ""),
    ("\t", "utf-16", ""),
    (";", "utf-8", "sep=;\r\n"),
    (",", "utf-8", "\n\n"),
]


def zipped(*members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, data in enumerate(members):
            archive.writestr(f"{number}.csv", data)
    return file.getvalue()


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, capsys)


def test_what_a_run_writes_is_ours_and_an_export_is_not(desk: Desk) -> None:
    own = {name: desk.folder / f"x.{name}" for name in ("report", "metrics")} | {"rejects": desk.folder / "x.csv"}
    found = desk.check(HEADER + BAD, **own)
    rows = list(csv.reader(io.StringIO(own["rejects"].read_text(), newline="")))
    for at, (delimiter, encoding, above) in enumerate(SAVED):
        file = io.StringIO(newline="")
        csv.writer(file, delimiter=delimiter).writerows(rows)
        own[f"saved {at}"] = desk.folder / f"to mend {at}.csv"
        own[f"saved {at}"].write_bytes((above + file.getvalue()).encode(encoding))
    own["summary"] = desk.folder / "summary.json"
    assert [name for name, path in own.items() if not is_ours(path)] == []
    assert found.code == 3 and not is_ours(desk.folder / "orders.csv") and not is_ours(desk.folder / "mapping.yaml")


@pytest.mark.parametrize(
    "pack", [gzip.compress, bz2.compress, lzma.compress, zstandard.ZstdCompressor().compress, zipped]
)
def test_our_output_is_still_ours_when_packed(desk: Desk, pack: Callable[[bytes], bytes]) -> None:
    rejects = desk.folder / "x.rejects.csv"
    desk.check(HEADER + BAD, rejects=rejects)
    for data in (rejects.read_bytes(), rejects.read_bytes().replace(b"_row,_event,_code", b"_ROW,_Event,_Code")):
        (desk.folder / "packed.bin").write_bytes(pack(data))
        assert is_ours(desk.folder / "packed.bin")
    (desk.folder / "packed.bin").write_bytes(pack(orders(1).encode()))
    assert not is_ours(desk.folder / "packed.bin")


def test_an_archive_is_ours_if_all_its_files_are(desk: Desk) -> None:
    rejects = desk.folder / "x.rejects.csv"
    desk.check(HEADER + BAD, rejects=rejects)
    for name, more in (("own.zip", rejects.read_bytes()), ("mixed.zip", orders(1).encode())):
        (desk.folder / name).write_bytes(zipped(rejects.read_bytes(), more))
    assert is_ours(desk.folder / "own.zip") and not is_ours(desk.folder / "mixed.zip")


def test_our_json_is_ours_in_any_shape(desk: Desk) -> None:
    line = json.dumps({"id": 8, "email": "nobody", "total": 5, "at": AT})
    found = desk.check({"o.jsonl": line}, MAPPING)
    (row,) = found.rejects
    other = desk.folder / "other.json"
    for text in (json.dumps(row), json.dumps(row, indent=2), json.dumps([row]), json.dumps([row, row], indent=1)):
        other.write_text(text)
        assert is_ours(other)
    other.write_text(line)
    assert not is_ours(other)


def planned(*files: str, pattern: str = "in/*.jsonl") -> None:
    """A plan's pattern takes these files, and no other."""
    job = f"{{files: '{pattern}', mapping: mapping.yaml, rejects: in/r.jsonl}}"
    Path("plan.yaml").write_text(f"plan: 1\njobs: [{job}]\n")
    (job,) = load_plan(Path("plan.yaml"), Grammar(settings(), Options.of("check")))
    assert [Path(name).name for name in job.options.source.files] == [*files]


def test_a_pattern_takes_neither_mappings_nor_plans(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wrote them: `init`, the page, a person."""
    monkeypatch.chdir(place.folder)
    for name in ("orders.csv", "orders.yaml", "mapping.yaml", "drafted.YML"):
        Path(name).write_text(MAPPING)
    planned("orders.csv", pattern="*")


@pytest.mark.parametrize("options", [[], ["--sandbox"]])
def test_an_output_with_nothing_in_it_is_ours_and_an_empty_export_is_not(
    place: Place, monkeypatch: pytest.MonkeyPatch, options: list[str]
) -> None:
    """Whatever command wrote it, and until another file takes its place."""
    monkeypatch.chdir(place.folder)
    Path("in").mkdir()
    Path("mapping.yaml").write_text(MAPPING)
    Path("in/orders.jsonl").write_text(json.dumps({"id": 8, "email": "a@x.de", "total": 5, "at": AT}))
    words = [
        "upload" if options else "check", "in/orders.jsonl", "-m", "mapping.yaml", "--until", "2020-01-01", *options
    ]  # fmt: skip
    assert main([*words, "--events", "in/e.jsonl", "--changes", "in/c.jsonl", "--rejects", "in/r.jsonl"]) == 0
    assert [Path(f"in/{one}.jsonl").read_bytes() for one in "ecr"] == [b""] * 3
    planned("orders.jsonl")
    assert main(["jobs", "plan.yaml", "--check"]) == 0 and Path("in/r.jsonl").read_bytes() == b""
    planned("orders.jsonl")
    Path("in/e.jsonl").unlink()
    Path("in/e.jsonl").touch()  # an export that went wrong
    Path("in/c.jsonl").rename("in/d.jsonl")
    planned("d.jsonl", "e.jsonl", "orders.jsonl")
    assert main(["jobs", "plan.yaml", "--check"]) == 2


def test_marks_in_another_place_are_columns(desk: Desk) -> None:
    path = desk.folder / "audit.csv"
    path.write_text("id,_row,_event,_code,email,total,at\n" + orders(1, header=""))
    assert not is_ours(path)
