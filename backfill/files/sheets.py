"""Which sheet of a workbook is read: the one that was named, else the one sheet that fits."""

from collections.abc import Callable, Iterator

from backfill.errors import SourceError, shown
from backfill.files.csv import CSV
from backfill.files.part import Part
from backfill.files.rows import fold
from backfill.files.workbook import Workbook

_START = 1 << 18  # bytes: a header


def settle(part: Part, book: Workbook, fits: Callable[[], bool]) -> None:
    """Turn a workbook to the one sheet that fits, unless it is settled already. Raises SourceError where several do.

    Where none does, it stays at the first; `fits` judges the sheet that the workbook is turned to.
    """
    if book.settled:
        return
    found = [name for name in _turned(book) if fits()]
    book.turn_to(found[0] if found else book.visible[0])
    if len(found) > 1:
        raise SourceError(f"{part.label}: the sheets {_list(found)} all fit; say which with --sheet or source.sheet")
    if found:
        _settle(part, book)


def name_sheet(part: Part, name: str) -> None:
    """Turn a workbook to a sheet by its name. Raises SourceError where it has none of that name, or is none.

    But for a reject file's: its sheet is called what the program calls it that saved it last.
    """
    book = part.book
    if book is None:
        raise SourceError(f"{part.label}: no workbook, so without a sheet {shown(name)}; leave --sheet out")
    found = [one for one in book.names if one == name] or [one for one in book.names if fold(one) == fold(name)]
    found = found or [one for one in _turned(book) if _holds_rejects(book)]
    if not found:
        raise SourceError(f"{part.label}: no sheet is called {shown(name)}; it has {_list(book.names)}")
    book.turn_to(found[0])
    _settle(part, book)


def _holds_rejects(book: Workbook) -> bool:
    text = book.sheet.text
    text.seek(0)
    return CSV.has_marks(text.read(_START).decode("utf-8", "replace"))


def others(book: Workbook) -> str:
    """What to say of the sheets that were not the one; "" where there was one alone."""
    hidden = [name for name in book.names if name not in book.visible]
    if hidden:
        return f" (its sheets: {_list(book.visible)}; and hidden, which only --sheet has read: {_list(hidden)})"
    return f" (its sheets: {_list(book.visible)})" if len(book.visible) > 1 else ""


def _turned(book: Workbook) -> Iterator[str]:
    """The sheets with anything in them, the workbook turned to each."""
    for name in book.visible:
        book.turn_to(name)
        if book.sheet.size:
            yield name


def _settle(part: Part, book: Workbook) -> None:
    book.settled = True
    part.warnings += book.sheet.remarks
    if rest := [name for name in book.visible if name != book.current and not book.is_empty(name)]:
        part.warnings.append(f"{part.label}: sheet {shown(book.current)} is read, and not {_list(rest)}")


def _list(names: list[str]) -> str:
    more = f" and {len(names) - 9:,} more" if len(names) > 9 else ""
    return ", ".join(map(shown, names[:9])) + more
