"""Files to rows: whatever holds them, with true row numbers; a broken row is a reject, never the end of the file."""

from collections.abc import Callable, Iterator

from backfill.errors import counted
from backfill.files.format import Layout
from backfill.files.marks import KEY
from backfill.files.part import Part
from backfill.files.rows import FRAME_ROWS, Rows


def read_rows(
    parts: list[Part],
    layouts: list[Layout],
    progress: Callable[[int], None] = lambda _: None,
    frame: int = FRAME_ROWS,
) -> Iterator[Rows]:
    """Every row of the input, in order, at most about `frame` at a time; `progress` gets the bytes consumed."""
    for index, (part, layout) in enumerate(zip(parts, layouts, strict=True)):
        reported = 0
        layout.passed.clear()
        with part.text() as text:
            for found in layout.format.rows(text, layout, index, part.label, frame):
                position = part.position()
                progress(max(0, position - reported))
                reported = max(reported, position)
                yield found
        part.check_unchanged()


def remarks(parts: list[Part], layouts: list[Layout]) -> Iterator[str]:
    """What a pass over all rows found that a person should know of."""
    for part, layout in zip(parts, layouts, strict=True):
        if layout.passed:
            rows = counted(len(layout.passed), "row repeats", "rows repeat")
            yield f"{part.label}: {rows} the header (first row {layout.passed[0]:,}): passed over"
        if layout.marks and KEY not in layout.marks:
            yield (
                f"{part.label}: a reject file without {KEY}: nobody can tell what a spreadsheet has changed in its ids "
                "and times, and what was undelivered may have been taken: check the export again instead"
            )
