"""Findings: what a survey met besides verdicts, for a person to look at: damaged columns, rejects all alike."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
import pyarrow.compute as pc

from backfill.convert import Batch
from backfill.convert.damage import CURRENCIES, CUT_SECONDS
from backfill.convert.nameless import NAMELESS
from backfill.convert.records import Records
from backfill.convert.rejection import INSIST, RESTORED
from backfill.convert.repeats import ALIKE, APART, COPY, ELSEWHERE, LESS, NEARLY, TWICE
from backfill.errors import SourceError, counted
from backfill.event import Problem, Row
from backfill.fields.arrow import Flags, Places, flags_of, listed, pick, present, texts_of
from backfill.fields.mend import GUARDED
from backfill.fields.time_evidence import ASIDE, HIGH_LONG, HIGH_SHORT, LOW_LONG, LOW_SHORT, SHORT
from backfill.files.marks import HELD
from backfill.files.part import Part
from backfill.survey.cures import Cluster
from backfill.survey.currencies import are_currencies, borne, borne_by_files, is_currency

IDENTITIES = ("email", "comet_token", "fingerprint", "tracking_id")
CROWD = 20  # records of one and the same person, and
SHARE = 0.05  # of all that name one, are too many
FEW, PARTED = 3, 0.1  # rows, and of all, that name no order: fewer may be totals, or one slip each
KEPT = 200  # values that may still be so many; the others are forgotten

_REPEATED = {
    ELSEWHERE: "are in another file too, equal in every cell; under source.sum they were added up once",
    TWICE: "are in their file once more, equal in every cell; under source.sum they were added up each time",
    NEARLY: "are in another file too but for columns that the mapping does not read; under source.sum they were "
    "added up each time, which is wrong where the files overlap",
    LESS: "are in another file too, with more cells filled there; under source.sum they were added up once",
    APART: "are of orders of which another file has other rows; under source.sum all of these were added up, which is "
    "wrong where the files overlap",
    ALIKE: "were rejected, and say by now what rows of another file say; under source.sum they were added up once",
    COPY: "repeat rows that were rejected; under source.sum each row was added up once, as it was mended",
}
_SHEET_TIME = "are times of the sheet's own, which have no zone: if the export had one, write it in an editor"
_DOUBTFUL = (
    "are other numbers or days than they were, and nobody can tell whether a person or a spreadsheet made them so; to "
    "have one as it is now, empty {0} in its row; to have it as it was, write it in an editor as {0} has it"
)


@dataclass(slots=True)
class _Damage:
    """One finding in one column: how many cells, and the first."""

    cells: int
    row: int
    file: str
    part: int = 0


@dataclass(slots=True)
class Findings:
    """Gathered over one pass, a batch at a time."""

    parts: list[Part]
    columns: Sequence[str] = ()  # of the input that are read
    currency: str = ""  # the column that has it,
    paid_in: list[set[int]] = field(default_factory=list)  # and the templates of each amount column that is in it
    stated: dict[str, list[str]] = field(default_factory=dict)  # amount column -> the currency that each file says
    rows: Counter[int] = field(default_factory=Counter)  # part -> rows
    clusters: Counter[Cluster] = field(default_factory=Counter)
    lookups: dict[str, Counter[str]] = field(default_factory=dict)
    _damage: dict[tuple[str, str], _Damage] = field(default_factory=dict)
    _doubts: dict[tuple[str, str], _Damage] = field(default_factory=dict)
    _currencies: dict[tuple[str, int], dict[str, _Damage]] = field(
        default_factory=dict
    )  # (column, which of `paid_in`, -1 for another's) -> sign -> its cells
    _layouts: dict[str, dict[str, _Damage]] = field(default_factory=dict)  # column -> layout of its dates -> its cells
    _crowds: dict[str, Counter[str]] = field(default_factory=dict)  # identity field -> value -> records
    _named: Counter[str] = field(default_factory=Counter)  # identity field -> records that have it
    _repeats: dict[str, _Damage] = field(default_factory=dict)  # what becomes of rows that come twice -> those rows
    _fits: dict[str, dict[int, Counter[bool]]] = field(default_factory=dict)  # column -> part -> cells read or not

    def add(self, batch: Batch, ready: Flags) -> None:
        """Take in what a batch's columns showed, and the currencies of events that are ready."""
        parts, counts = np.unique(batch.records.rows.parts, return_counts=True)
        self.rows.update(dict(zip(parts.tolist(), counts.tolist(), strict=True)))
        for (column, finding), records in batch.clues.damage.items():
            self._enter(self._damage, (column, finding), records, batch)
        for at, place in sorted(batch.records.rows.guarded):
            if (column := self.columns[place]) not in HELD:
                self._count(self._damage, (column, GUARDED), 1, partial(batch.records.row, at))
        for (column, sign), bearing in batch.clues.currencies.items():
            self._enter(self._currencies.setdefault((column, -1), {}), sign, bearing, batch)
        for number, templates in enumerate(self.paid_in):
            for sign, bearing in borne(batch, ready, self.currency, templates):
                self._enter(self._currencies.setdefault((self.currency, number), {}), sign, bearing, batch)
        for column, codes in self.stated.items():
            for sign, bearing in borne_by_files(batch, ready, codes):
                self._enter(self._currencies.setdefault((column, -1), {}), sign, bearing, batch)
        for (column, layout), (cells, record) in batch.clues.layouts.items():
            places = self._layouts.setdefault(column, {})
            self._count(places, layout, cells, partial(_first_row, batch, record))
        self._count_people(batch)
        self._count_repeats(batch.records)
        for (column, part), fits in batch.clues.fits.items():
            self._fits.setdefault(column, {}).setdefault(part, Counter()).update(fits)

    def _count_people(self, batch: Batch) -> None:
        """Count how often each value of an identity comes; those that are rare so far are no crowd, and forgotten."""
        firsts = np.diff(batch.record, prepend=-1) != 0
        for name in IDENTITIES:
            named = pick(batch.column(name), firsts & present(batch.column(name)))
            values, counts = (found := named.value_counts()).field("values"), found.field("counts").to_numpy()
            self._named[name] += len(named)
            crowd = self._crowds.setdefault(name, Counter())
            known = flags_of(pc.is_in(values, texts_of(list(crowd))))
            likely = np.union1d(np.argsort(-counts, kind="stable")[:KEPT], np.flatnonzero(known))
            crowd.update(dict(zip(listed(pick(values, likely)), counts[likely].tolist(), strict=True)))
            if len(crowd) > KEPT:
                self._crowds[name] = Counter(dict(crowd.most_common(KEPT)))

    def _count_repeats(self, records: Records) -> None:
        for mark, what in _REPEATED.items():
            places = [] if records.repeats is None else np.flatnonzero(records.repeats == mark).tolist()
            if places:
                row = records.row(places[0])
                self._repeats.setdefault(what, _Damage(0, row.number, self.parts[row.part].label)).cells += len(places)

    def restore(self, column: str, part: int, row: int, sure: bool | None, mark: str) -> None:
        """Take in a cell of a reject file that is read as its mark says it was before a spreadsheet changed it, or may.

        None stands for a sheet's own time, of which nobody knows what it was.
        """
        doubtful = _DOUBTFUL.format(mark)
        finding = _SHEET_TIME if sure is None else f"{RESTORED} {INSIST.format(mark)}" if sure else doubtful
        damages = self._doubts if sure is False else self._damage
        damages.setdefault((column, finding), _Damage(0, row, self.parts[part].label)).cells += 1

    def refuse_doubts(self) -> None:
        """Raise SourceError where nobody can tell whether a person or a spreadsheet changed a cell."""
        for (column, finding), damage in self._doubts.items():
            raise SourceError(f"column {column}: {_cells(damage, self.parts)} {_of(damage.cells, finding)}")

    def refuse_nameless(self) -> None:
        """Raise SourceError where so many rows name no order that the orders above them are in parts."""
        for (column, finding), damage in self._damage.items():
            if finding == NAMELESS and damage.cells >= max(FEW, PARTED * self.rows.total()):
                raise SourceError(f"column {column}: {_cells(damage, self.parts)} {finding}")

    def reject(self, problems: Iterable[Problem], count: int = 1) -> None:
        """Take in why events or rows were rejected, so many for the same reasons."""
        for cluster in dict.fromkeys((p.code, p.field, p.reason.partition(" (key ")[0]) for p in problems):
            self.clusters[cluster] += count

    def sentences(self, months_first: Collection[str] = ()) -> Iterator[str]:
        """One sentence for each damaged column and finding; `months_first` are columns that write days so."""
        for (column, finding), damage in self._damage.items():
            yield f"column {column}: {_cells(damage, self.parts)} {_of(damage.cells, finding)}"
        for what, damage in self._repeats.items():
            yield f"{_counted(damage, self.parts, 'row')} {_of(damage.cells, what)}"
        for (column, number), signs in self._currencies.items():
            if not are_currencies(signs):
                continue
            if number >= 0 and len(signs) > 1:
                signs = {sign: damage for sign, damage in signs.items() if is_currency(sign)}
            if len(signs) > 1:
                (usual, _), *others = sorted(signs.items(), key=lambda item: -item[1].cells)
                first = min((damage for _, damage in others), key=lambda damage: (damage.part, damage.row))
                several = replace(first, cells=sum(damage.cells for _, damage in others))
                named = f"{', '.join(sign for sign, _ in others)} among {usual}"
                yield f"column {column}: {_cells(several, self.parts)} ({named}) {_of(several.cells, CURRENCIES)}"
        for column, found in self._layouts.items():
            layouts = _layouts_in(found)
            if SHORT in found:
                cut = found[SHORT]
                yield f"column {column}: {_cells(cut, self.parts)} {_of(cut.cells, CUT_SECONDS)}"
            if len(layouts) > 1:
                each = " and ".join(
                    f"{_cells(damage, self.parts)} like {_month_first(of) if column in months_first else of}"
                    for of, damage in layouts.items()
                )
                yield (
                    f"column {column}: dates are written in several layouts, {each}; a spreadsheet may have turned day "
                    "and month of some, export again"
                )
        for name, crowd in self._crowds.items():
            for _, records in crowd.most_common():
                if records >= CROWD and records >= SHARE * self._named[name]:
                    of = counted(self._named[name], "record")
                    yield (
                        f"{name}: {records:,} of {of} have one and the same; if it is a "
                        "placeholder, leave it out: their events would all be one person's"
                    )
        yield from self._drifts()
        for name, counts in self.lookups.items():
            if counts["unmatched"] or counts["ambiguous"]:
                yield (
                    f"lookup {name}: {counted(counts['matched'], 'record')} found, {counts['unmatched']:,} not found, "
                    f"{counts['ambiguous']:,} ambiguous (the first was taken)"
                )

    def _drifts(self) -> Iterator[str]:
        """Columns whose cells can be read in one file and hardly in another: the same header, another meaning."""
        for column, files in self._fits.items():
            shares = {part: fits[True] / fits.total() for part, fits in files.items() if fits.total() >= 5}
            if shares and max(shares.values()) >= 0.9 and min(shares.values()) <= 0.5:
                good, bad = max(shares, key=shares.__getitem__), min(shares, key=shares.__getitem__)
                yield (
                    f"column {column}: {shares[good]:.0%} of its cells can be read in {self.parts[good].label}, and "
                    f"{shares[bad]:.0%} in {self.parts[bad].label}; it may mean something else there"
                )

    def _enter(self, found: dict[Any, _Damage], key: object, records: set[int] | Places, batch: Batch) -> None:
        self._count(found, key, len(records), lambda: _first_row(batch, int(min(records))))

    def _count(self, found: dict[Any, _Damage], key: object, cells: int, first: Callable[[], Row]) -> None:
        if key not in found:
            row = first()
            found[key] = _Damage(0, row.number, self.parts[row.part].label, row.part)
        found[key].cells += cells


def _layouts_in(found: dict[str, _Damage]) -> dict[str, _Damage]:
    """The layouts of a column's dates; one is two where a spreadsheet has written the days that it understood anew."""
    layouts = {of: damage for of, damage in found.items() if of not in ASIDE}
    if len(layouts) == 1 and {LOW_SHORT, HIGH_LONG} <= found.keys() and not {HIGH_SHORT, LOW_LONG} & found.keys():
        mark = next(iter(layouts))[2]
        return {half.replace("/", mark): found[half] for half in (LOW_SHORT, HIGH_LONG)}
    return layouts


def _month_first(layout: str) -> str:
    """A layout with the month in front of the day, where it begins with one in numbers."""
    return re.sub(r"^(\d\d)(\D)(\d\d)(?=\2)", r"\3\2\1", layout)


def _first_row(batch: Batch, record: int) -> Row:
    return batch.records.rows_of(record)[0]


def _cells(damage: _Damage, parts: list[Part]) -> str:
    return _counted(damage, parts, "cell")


def _of(number: int, finding: str) -> str:
    """A finding as it is said of so many cells or rows: they are written for several."""
    several = next((words for words in _OF_ONE if number == 1 and finding.startswith(words)), "")
    return _OF_ONE.get(several, "") + finding.removeprefix(several)


_OF_ONE = {
    "are numbers, days or times as a spreadsheet writes them": "is a number, day or time as a spreadsheet writes it",
    "are numbers with a fraction: a spreadsheet may have made them": (
        "is a number with a fraction: a spreadsheet may have made it"
    ),
    "are numbers ": "is a number ",
    "are times of the sheet's own, which have no zone": "is a time of the sheet's own, which has no zone",
    "are days or times as Gnumeric saves them": "is a day or time as Gnumeric saves it",
    "have quotes around them, and go out with these; if they are no part of the id, take them off": (
        "has quotes around it, and goes out with these; if they are no part of the id, take them off"
    ),
    "had quotes around them": "had quotes around it",
    "have ": "has ",
    "are plain numbers: zeros in front of them, if they had some": (
        "is a plain number: zeros in front of it, if it had some"
    ),
    "are phone numbers ": "is a phone number ",
    "are ids ": "is an id ",
    "are objects or lists of JSON, and were left out; name what is in them": (
        "is an object or a list of JSON, and was left out; name what is in it"
    ),
    "are times as a spreadsheet saves them": "is a time as a spreadsheet saves it",
    "are placeholder addresses: their events": "is a placeholder address: its events",
    "are a spreadsheet's day numbers (such as 45384.35), not times": "is a spreadsheet's day number (such as 45384.35)",
    "are in their file once more": "is in its file once more",
    "are other numbers or days than they were, and nobody can tell whether a person or a spreadsheet made them so": (
        "is another number or day than it was, and nobody can tell whether a person or a spreadsheet made it so"
    ),
    "are ": "is ",
    "were changed by a spreadsheet, and are read as they were when the rows were": (
        "was changed by a spreadsheet, and is read as it was when the row was"
    ),
    "may be whole numbers ": "may be a whole number ",
    "look like": "looks like",
    "hold ": "holds ",
    "end ": "ends ",
    "bear ": "bears ",
}


def _counted(damage: _Damage, parts: list[Part], what: str) -> str:
    where = f" of {damage.file}" if len(parts) > 1 else ""
    return f"{counted(damage.cells, what)} (first in row {damage.row}{where})"
