"""Evidence in columns of times: in which order they have day, month and year, and in which layouts they are written."""

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from backfill.fields.arrow import Flags, Places, Texts, flags_of, listed, matches, pick, places_of, shapes_of
from backfill.fields.calendar import tongue_of
from backfill.fields.column import Order
from backfill.fields.grammar import Said, decipher, numbered_days

_LEAD = r"(?:[^\d\n]{1,20}|\d\d?:\d\d[^\n]{0,12} )?"  # a weekday or a clock
_year_last = re.compile(rf"{_LEAD}(\d\d?)([-/]|\. ?)(\d\d?)\2(\d{{4}}|\d\d)(?!\d)", re.ASCII).match

_words = re.compile(r"[^\W\d_]{3,}").findall
SHORT = "1/5/24 9:30"  # as a spreadsheet saves a time, whatever seconds it had: 01/05/24 09:30, 1/5/2024 9:30
_short = re.compile(
    r"(?:\d\d?[-/.]\d\d?[-/.]\d\d|(?=\d[-/.]|\d\d[-/.]\d[-/.])\d\d?[-/.]\d\d?[-/.]\d{4}) \d\d?:\d\d(?: [AP]M)?",
    re.ASCII,
).fullmatch
# Days up to the twelfth and others, with two digits of the year and with four. A spreadsheet writes anew the days that
# its language understands, and leaves the others as texts.
_HALVES = LOW_SHORT, HIGH_SHORT, LOW_LONG, HIGH_LONG = ("01/02/24", "31/12/24", "01/02/2024", "31/12/2024")
YEAR_FIRST = "2024-01-31"
EARLY = "2024-01-12"  # those of YEAR_FIRST, where all of them are of the first twelve days of a month
_FEW = 50  # cells, most of whose days come later in a month
ASIDE = frozenset((SHORT, EARLY, *_HALVES))  # layouts of which the cells are in another one, too
_early = r"[0-9]{4}(?:[-/.][0-9]{1,2}[-/.]|[0-9]{2})(?:0?[1-9]|1[0-2])(?:[^0-9].*)?"
_year_first = re.compile(r"\d{4}[-/.]?\d\d?", re.ASCII).match
_NAMED, _named = "31-Jan-2024", re.compile(r"\d\d?[-/. ] ?[^\W\d_]{3,}|[^\W\d_]{3,}\.?[-/ ]\d\d?(?!\d)").match


def date_order_evidence(cells: Texts) -> dict[str, int]:
    """Find, for each order of day, month and year, the first cell that can be read in that order alone."""
    return time_evidence(cells)[0]


def time_evidence(cells: Texts) -> tuple[dict[str, int], dict[str, tuple[int, int]], dict[str, int]]:
    """What shows the order of day, month and year, and how dates are written, where some are in numbers.

    The first is each order with the first cell that can be read in that order alone; the second each layout, as an
    example, with the number of its cells and the first of them; the third each language that names months as another
    names others, with the first cell that is in that one alone, and 'shared' with the first that may be in both.
    """
    shapes = shapes_of(cells)
    known, of = listed(shapes.dictionary), shapes.indices.to_numpy()
    tongues = _tongues(shapes, known)
    last = {number: found for number, shape in enumerate(known) if (found := _year_last(shape))}
    years = _begin_with_a_year(cells) if any(shape[:2] == "99" for shape in known) else np.zeros(len(cells), bool)
    if not last:
        return {}, _counted({YEAR_FIRST: years, EARLY: _early_days(cells, years)}), tongues
    first = np.array(
        [number not in last and _year_first(shape) is not None for number, shape in enumerate(known)], bool
    )
    named = np.array([number not in last and _named(shape) is not None for number, shape in enumerate(known)], bool)
    led = first[of] & years
    layouts = {YEAR_FIRST: led, EARLY: _early_days(cells, led), _NAMED: named[of]}
    for number, found in last.items():
        mark = found[2].strip()
        layout = f"31{mark}01{mark}2024"
        for one in (layout, SHORT) if _short(known[number]) else (layout,):
            layouts[one] = layouts.get(one, np.zeros(len(cells), bool)) | (of == number)
    orders, halves = _orders(cells, shapes, last)
    return orders, _counted(layouts | halves), tongues


def _tongues(shapes: pa.DictionaryArray, known: list[str]) -> dict[str, int]:
    """The first cell that names a month in one of the languages alone, and in both."""
    of = {number: tongue for number, shape in enumerate(known) if (tongue := _tongue(shape))}
    found: dict[str, int] = {}
    for number, places in places_of(shapes, [*of]):
        found[of[number]] = min(found.get(of[number], len(shapes)), int(places[0]))
    return found


def _tongue(shape: str) -> str | None:
    return next(filter(None, map(tongue_of, _words(shape))), None) if "9" in shape else None


def _early_days(cells: Texts, led: Flags) -> Flags:
    """The cells that begin with a year, if all days are up to the twelfth; a few mostly show that they aren't."""
    places = np.flatnonzero(led)
    if all(matches(pick(cells, some), _early).all() for some in (places[:_FEW], places[_FEW:])):
        return led
    return np.zeros(len(cells), bool)


def _counted(layouts: dict[str, Flags]) -> dict[str, tuple[int, int]]:
    """The number of each layout's cells and the first of them, by which they are in order."""
    counted = {layout: (int(where.sum()), int(where.argmax())) for layout, where in layouts.items() if where.any()}
    return dict(sorted(counted.items(), key=lambda item: item[1][1]))


def _begin_with_a_year(cells: Texts) -> Flags:
    return flags_of(pc.starts_with(cells, "20")) | flags_of(pc.starts_with(cells, "19"))


def _orders(
    cells: Texts, shapes: pa.DictionaryArray, last: dict[int, re.Match[str]]
) -> tuple[dict[str, int], dict[str, Flags]]:
    """Each order with the first cell that can be read in it alone, and the cells of each of the `_HALVES`.

    `last` are the shapes with the year last.
    """
    possible: dict[Order, list[Places]] = {"dmy": [], "mdy": [], "ymd": []}
    halves = {half: np.zeros(len(cells), bool) for half in _HALVES}
    for number, places in places_of(shapes, [*last]):
        found = last[number]
        dates = pc.utf8_slice_codeunits(pick(cells, places), found.start(1), found.end()).dictionary_encode()
        parts = [match.group(1, 3, 4) for text in listed(dates.dictionary) if (match := _year_last(text))]
        days = [numbered_days(*part) for part in parts]
        low = np.array([int(one) < 13 and int(other) < 13 for one, other, _ in parts], bool)[dates.indices.to_numpy()]
        short = len(found[4]) == 2
        halves[LOW_SHORT if short else LOW_LONG][places[low]] = True
        halves[HIGH_SHORT if short else HIGH_LONG][places[~low]] = True
        led = found.start(1) > 0  # by a weekday, which may decide
        for order, some in possible.items():
            telling = np.array([order in each and (led or len(each) == 1) for each in days], bool)
            some.append(places[telling[dates.indices.to_numpy()]])
    firsts = {
        order: next(
            (at for at in np.sort(np.concatenate(some)).tolist() if _said_in(cells[at].as_py()) == {order}), None
        )
        for order, some in possible.items()
    }
    return {order: at for order, at in firsts.items() if at is not None}, halves


def _said_in(text: str) -> set[Order | None]:
    said = decipher(text)
    return {order for order in said.days if order in ("dmy", "mdy", "ymd", None)} if isinstance(said, Said) else set()
