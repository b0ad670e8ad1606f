"""The gate for nightly files: a file that shrank is a broken export until somebody says that it is not."""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from backfill.errors import ThresholdStop, shown
from backfill.files.open import Part
from backfill.files.rows import Layout
from backfill.ledger import Input, Ledger

RUNS = 10  # of the past that a file is measured by
SHRUNK = 5  # a file with under a fifth of the usual rows


def inputs_of(parts: list[Part], layouts: list[Layout], rows: Counter[int]) -> list[Input]:
    """The input's files as the ledger keeps them; the members of a zip count together."""
    found: dict[str, Input] = {}
    for at, (part, layout) in enumerate(zip(parts, layouts, strict=True)):
        if part.label == "standard input" or layout.reject_file:
            continue
        name = shown(part.path.name)
        before = found.get(name, Input(name, 0, layout.header))
        found[name] = Input(name, before.rows + rows[at], before.header)
    return list(found.values())


def refuse_shrunk(inputs: list[Input], ledger: Ledger, mapping: str) -> None:
    """Raise ThresholdStop where a file has under a fifth of the median rows of its last runs."""
    for one in inputs:
        past = [before.rows for before in ledger.inputs(mapping, one.name, RUNS)]
        if shrunk(one.rows, past):
            runs = f"the median of its last {len(past)} runs" if past[1:] else "its last run"
            raise ThresholdStop(
                f"{one.name}: {one.rows:,} rows, where {runs} had {median(past):,.0f}; "
                "if that is right, say --allow-shrink",
                "--allow-shrink",
            )


def shrunk(rows: int, past: Sequence[int]) -> bool:
    """Whether so few rows are no ordinary night, after the runs before."""
    return bool(past) and rows * SHRUNK < median(past)


def new_columns(inputs: list[Input], ledger: Ledger, mapping: str) -> Iterator[str]:
    """Say which columns a file has that it did not have when it was last read."""
    for one in inputs:
        past = ledger.inputs(mapping, one.name, 1)
        if past and (new := [name for name in one.header if name.strip() and name not in past[0].header]):
            yield f"{one.name}: new column{'s' if len(new) > 1 else ''} since the last run: {shown(', '.join(new))}"
