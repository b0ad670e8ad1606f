"""A mapping's cell: the text it has for each record, its steps done."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np

from backfill.convert.patterns import extracted
from backfill.fields import Kind
from backfill.fields.arrow import Flags, Texts, Words, either, filled, listed, put, repeated, texts_of
from backfill.fields.mend import NOTHINGS, trim
from backfill.fields.typed import bare, untyped
from backfill.mapping import FieldSource
from backfill.mapping.model import VARIES

Columns = Mapping[str, Texts]  # by their names
Step = Callable[[list[str]], list[str]]
SAY_NOTHING = {Kind.ORDER_ID, Kind.AMOUNT, Kind.EVENT_NAME}  # where a word for nothing is an error


@dataclass(slots=True)
class Blanks:
    """Cells in which a program wrote a word for nothing: their positions; those of a template's parts by column."""

    found: set[int] = field(default_factory=set)
    columns: dict[str, set[int]] = field(default_factory=dict)
    parts: bool = True  # a template's parts are looked at; those of a key that was sent are not: it would be another

    def of(self, texts: Texts, words: frozenset[str]) -> Texts:
        """A column with those cells empty."""
        there = _words(words).places_in(texts).tolist()
        self.found.update(there)
        return put(texts, there, [""] * len(there))

    def of_part(self, name: str, texts: Texts, words: frozenset[str]) -> Texts:
        """The same for a template's part."""
        own = Blanks()
        made = own.of(untyped(texts), words)
        if own.found:
            self.columns.setdefault(name, set()).update(own.found)
        return made


@lru_cache
def _words(words: frozenset[str]) -> Words:
    return Words(words)


def text_of(
    cell: FieldSource, cells: Columns, count: int, blanks: Blanks | None = None, *, typed: bool = False
) -> tuple[Texts, Flags]:
    """The cell's text for each record, its steps done up to those on numbers; and where the default is in.

    With `blanks`, words for nothing count as empty, and are noted there. What is read as a number is to be `typed`.
    """
    if blanks is not None and (cell.columns or (cell.template and blanks.parts)):
        mapped = {given.strip() for given, _ in cell.map}  # the mapping says itself what such a word means
        words = NOTHINGS - mapped if mapped else NOTHINGS
        if cell.template is None:
            cells = {name: blanks.of(cells[name], words) for name in cell.columns}
        else:
            cells = {name: blanks.of_part(name, cells[name], words) for kind, name in cell.template if kind == "column"}
    if cell.value is not None:
        texts = repeated(cell.value, count)
    elif cell.template is not None:
        texts = _filled(cell.template, cells, count)
        texts = texts if blanks is None else blanks.of(texts, NOTHINGS)
    else:
        texts = cells[cell.columns[0]]
        for name in cell.columns[1:]:
            lacking = ~filled(texts)
            texts = either(lacking, cells[name], texts) if lacking.any() else texts
        texts = texts if typed else untyped(texts)
    for step in _steps(cell):
        texts = _stepped(texts, step)
    absent = ~filled(texts)
    if cell.default is not None and absent.any():
        return either(absent, cell.default, texts), absent
    return texts, np.zeros(count, bool)


def _stepped(texts: Texts, step: Step) -> Texts:
    """The texts with a step done, which is done once for all that are alike.

    A typed number that the step leaves as it is stays one.
    """
    coded = texts.dictionary_encode()
    known = listed(coded.dictionary)
    before = [bare(text) if text else "" for text in known]
    changes = zip(known, before, step(before), strict=True)
    made = [(text if new == old else new) if text else "" for text, old, new in changes]
    return texts_of(made).take(coded.indices)


def _filled(template: tuple[tuple[str, str], ...], cells: Columns, count: int) -> Texts:
    """A template for each record; an empty part leaves no double space, and with no part filled there is no text."""
    parts = [[text] * count if kind == "text" else listed(untyped(cells[text])) for kind, text in template]
    given = [filled(cells[text]) for kind, text in template if kind == "column"]
    some = np.logical_or.reduce(given) if given else np.ones(count, bool)
    return either(some, texts_of([" ".join("".join(row).split()) for row in zip(*parts, strict=True)]), "")


def _steps(cell: FieldSource) -> list[Step]:
    steps: list[Step] = []
    if cell.strip:
        steps.append(_each(lambda text: _stripped(text, cell.strip)))
    if cell.replace:
        steps.append(_each(_replacing(dict(cell.replace))))
    if cell.separator:
        steps.append(_each(lambda text: next(iter(parted(text, cell.separator)), "")))
    if (pattern := cell.extract) is not None:
        steps.append(lambda texts: list(map(trim, extracted(pattern, cell.extract_line, texts))))
    if cell.digits:
        steps.append(_each(_refilled(cell.digits)))
    if cell.map:
        table = {given.strip().casefold(): made for given, made in cell.map}
        steps.append(_each(lambda text: table.get(text.casefold(), text)))
    if cell.case:
        steps.append(_each({"lower": str.lower, "upper": str.upper, "title": str.title}[cell.case]))
    return steps


def _each(step: Callable[[str], str]) -> Step:
    return lambda texts: list(map(step, texts))


def parted(text: str, separators: tuple[str, ...]) -> list[str]:
    """The values in a cell that may hold several, without those that are empty."""
    first, *others = separators
    for other in others:
        text = text.replace(other, first)
    return [part for one in text.split(first) if (part := trim(one))]


def several_in(cell: FieldSource, cells: Columns, count: int) -> list[int]:
    """Where the cell's text holds several values, of which one is taken."""
    whole = text_of(replace(cell, separator=(), extract=None, map=(), case=None, default=None), cells, count)[0]
    return [at for at, text in enumerate(listed(whole)) if len(parted(text, cell.separator)) > 1]


def shortened_in(cell: FieldSource, cells: Columns, count: int) -> list[int]:
    """Where the cell's text is a number that has lost zeros in front, which are put back."""
    refilled = _refilled(cell.digits or VARIES)
    short = text_of(replace(cell, digits=None, map=(), case=None, default=None), cells, count)[0]
    return [at for at, text in enumerate(listed(short)) if refilled(text) != text]


def _refilled(digits: int) -> Callable[[str], str]:
    """Put zeros in front of a number that is too short; one that has a zero there was so from the beginning."""
    number = re.compile("[1-9][0-9]*").fullmatch
    return lambda text: text.zfill(digits) if number(text) else text


def _replacing(texts: dict[str, str]) -> Callable[[str], str]:
    """Replace in one pass, so that what was put in is not looked at again; where several texts fit, the longest."""
    found = re.compile("|".join(map(re.escape, sorted(texts, key=len, reverse=True))))
    return lambda text: trim(found.sub(lambda one: texts[one[0]], text))


def _stripped(text: str, affixes: tuple[str, ...]) -> str:
    for affix in affixes:
        text = text.removeprefix(affix).removesuffix(affix)
    return trim(text)
