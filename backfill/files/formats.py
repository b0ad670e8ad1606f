"""The formats that there are, by their names."""

from typing import Final

from backfill.files.csv import CSV
from backfill.files.format import Format
from backfill.files.jsonl import JSONL

FORMATS: Final[dict[str, Format]] = {one.name: one for one in (CSV, JSONL)}
BY_SUFFIX: Final = {suffix: one for one in FORMATS.values() for suffix in one.suffixes}


def told_by(start: str) -> Format:
    """The format of a text that begins so, with nothing around it: a table where nothing else is plain."""
    return next((one for one in FORMATS.values() if one.begins(start)), CSV)
