"""The formats that there are, by their names."""

from pathlib import Path
from typing import Final

from backfill.files.csv import CSV
from backfill.files.format import Format
from backfill.files.jsonl import JSONL
from backfill.files.part import Part
from backfill.files.xlsx import XLSX
from backfill.storage.remote.path import FilePath

FORMATS: Final[dict[str, Format]] = {one.name: one for one in (CSV, JSONL, XLSX)}
BY_SUFFIX: Final = {suffix: one for one in FORMATS.values() for suffix in one.suffixes}


def told_by(start: str) -> Format:
    """The format of a text that begins so, with nothing around it: a table where nothing else is plain."""
    return next((one for one in FORMATS.values() if one.begins(start)), CSV)


COMPRESSED = {".gz", ".bz2", ".xz", ".zst", ".zip"}


def format_named(part: Part) -> Format | None:
    """What a part's name says, or None where it says nothing."""
    return told_by_name(part.member.filename if part.member else part.path.name)


def told_by_name(name: str) -> Format | None:
    suffixes = [s.lower() for s in Path(name).suffixes]
    while suffixes and suffixes[-1] in COMPRESSED:
        suffixes.pop()
    return BY_SUFFIX.get(suffixes[-1]) if suffixes else None


def format_at(path: FilePath, form: Format) -> Format:
    """The format of a file that is written there for an input of this one: tables go into any table."""
    named = BY_SUFFIX.get(path.suffix.lower(), form)
    return form if named.sparse or form.sparse else named
