"""Raw: what the cells were of a row that could not be read, once somebody has filled them from its `_raw`.

A spreadsheet changes them like any others when it saves the file, and no `_was` says what they were: they were empty.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from backfill.fields import parse_number
from backfill.fields.column import Locale
from backfill.fields.mend import trim, unguarded
from backfill.fields.spreadsheet import fragile, made_by_spreadsheet
from backfill.fields.typed import bare
from backfill.files.csv_lines import cells_of
from backfill.files.format import Layout

_DELIMITERS = ",;\t|"
_MOST = 1_000  # cells: more are other rows, which a quote has swallowed


def before_in(raw: str, now: Mapping[str, str], layout: Layout, locale: Locale) -> Iterator[tuple[str, str | None]]:
    """Each column whose cell a spreadsheet may have made of what is in the raw text, and what that is.

    None stands for several that it may be.
    """
    cells, own = _split(raw, layout)[:_MOST], layout.own
    places = {name: own.index(at) for name, at in zip(layout.columns, layout.positions, strict=True) if at in own}
    filled = {name: bare(now[name]) for name in places if now.get(name)}
    more = len(cells) - len(own)
    shifts = range(min(more, 0), max(more, 0) + 1)  # by how many places a row's cells may have moved

    def at(name: str, shift: int) -> str:
        place = places[name] + shift
        return cells[place] if 0 <= place < len(cells) else ""

    whole = [by for by in shifts if all(_may_be(at(name, by), text) for name, text in filled.items())][:1]
    for name, text in filled.items():
        near = [one for by in whole or shifts if _may_be(one := at(name, by), text)]
        found = near or [one for one in cells if _may_be(one, text)]
        if olds := _others(text, dict.fromkeys(found), name in layout.numbers, locale):
            yield name, olds[0] if len(olds) == 1 else None


def _split(raw: str, layout: Layout) -> list[str]:
    """A row's cells, by the delimiter that it was written with: the file may have been saved with another."""
    marks = dict.fromkeys((layout.delimiter, *_DELIMITERS))
    ways = [cells_of(raw, replace(layout, delimiter=mark)) for mark in marks]
    ways += [raw.replace('"', "").split(mark) for mark in marks]  # a stray quote has glued some together
    cells = min(ways, key=lambda cells: abs(len(cells) - len(layout.own)))
    return [unguarded(trim(cell)) for cell in cells]


def _may_be(old: str, text: str) -> bool:
    return bool(old) and (old == text or made_by_spreadsheet(old, text))


def _others(text: str, olds: Mapping[str, None], is_number: bool, locale: Locale) -> list[str]:
    """What a cell may have been but for what it is, where that is not what the raw text has."""
    if text in olds and fragile(text):
        return []  # a spreadsheet would have changed it
    found = [one for one in olds if one == text or text not in olds or fragile(one)]
    if is_number:
        values = {parse_number(one, locale) for one in found}
        found = found[:1] if len(values) == 1 else found
        if None in values and parse_number(text, locale) is not None:
            return []  # that could not be read, and somebody has mended it
    return [] if found == [text] else found
