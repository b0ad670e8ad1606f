"""Column profiles: what a frame shows of how its columns are written, and which settings they lack to be read."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow.compute as pc

from backfill.convert.damage import currency_in, damage_in
from backfill.convert.expressions import Blanks
from backfill.fields import Kind, Parsed, decimal_evidence, shapes_of, time_evidence
from backfill.fields.arrow import Flags, Places, Texts, filled, flags_of, holds, listed, matches, pick, put, texts_of
from backfill.fields.mend import FLOAT, GROUPED_FLOAT, GROUPED_IDS, GROUPS, NOTHING, WHOLE_FLOAT, ungrouped

MEASURED = {Kind.AMOUNT, Kind.NUMBER}
TIMED = {Kind.TIME, Kind.DATE}


@dataclass(slots=True)
class ColumnProfile:
    """A label is a cell's first column, or a condition's; positions are records."""

    evidence: dict[tuple[str, str, str], int] = field(default_factory=dict)  # (setting, label, value) -> record
    readable: Counter[str] = field(default_factory=Counter)  # label -> cells read
    lacking: Counter[tuple[str, str]] = field(default_factory=Counter)  # (label, setting) -> cells that only lack it
    ids: Counter[tuple[str, int]] = field(default_factory=Counter)  # (label, part) -> order ids
    float_ids: Counter[tuple[str, int]] = field(default_factory=Counter)  # (label, part) -> those that end in .0
    float_marks: dict[str, str] = field(default_factory=dict)  # label -> what separates thousands of those
    grouped_ids: Counter[str] = field(default_factory=Counter)  # label -> order ids with thousands commas or the like
    comma_ids: Counter[str] = field(default_factory=Counter)  # label -> order ids with other commas
    grouped_parts: Counter[str] = field(default_factory=Counter)  # column -> parts of ids with thousands commas
    damage: dict[tuple[str, str], set[int]] = field(default_factory=dict)  # (label, finding) -> records
    currencies: dict[tuple[str, str], Places] = field(default_factory=dict)  # (label, sign) -> records
    layouts: dict[tuple[str, str], tuple[int, int]] = field(
        default_factory=dict
    )  # (label, layout) -> cells, first record
    fits: dict[tuple[str, int], Counter[bool]] = field(default_factory=dict)  # (label, part) -> cells read or not

    def weigh(self, kind: Kind, label: str, texts: Texts, owner: Places | None = None) -> None:
        """Note the first record whose text can be read in one way alone; `owner` says whose it is, if it is a row's."""
        if kind in TIMED:
            orders, layouts, tongues = time_evidence(texts)
            for layout, (cells, first) in layouts.items():
                self.layouts[label, layout] = cells, first if owner is None else int(owner[first])
            for order, at in orders.items():
                self.evidence.setdefault(("date_order", label, order), at if owner is None else int(owner[at]))
            for tongue, at in tongues.items():
                self.evidence.setdefault(("months", label, tongue), at if owner is None else int(owner[at]))
        elif kind in MEASURED:
            for mark, at in decimal_evidence(texts).items():
                if mark in (",", ".") or kind is Kind.AMOUNT:
                    self.evidence.setdefault(("decimal", label, mark), at if owner is None else int(owner[at]))

    def count(self, label: str, parsed: Parsed, read: Flags) -> None:
        """Count what was read, and what was not because a setting is missing."""
        self.readable[label] += int(read.sum())
        for setting, positions in parsed.needs.items():
            self.lacking[label, setting] += len(positions)

    def fit(self, kind: Kind, label: str, texts: Texts, read: Flags, parts: Places) -> None:
        """Note in which file how many cells could be read; `parts` are those of the texts."""
        if kind not in MEASURED | TIMED | {Kind.EMAIL}:
            return
        some = np.bincount(parts[filled(texts)])
        good = np.bincount(parts[read], minlength=len(some))
        for part in np.flatnonzero(some).tolist():
            self.fits[label, part] = Counter({True: int(good[part]), False: int(some[part] - good[part])})

    def look(
        self, kind: Kind, label: str, texts: Texts, read: Flags, records: Places, *, year_first: bool = False
    ) -> None:
        """Note what is damaged, and which currencies an amount column has; `records` are those of the texts."""
        self.note(label, dict(damage_in(kind, texts, read, year_first)), records)
        if kind is Kind.AMOUNT:
            # A cell that reads as no amount may hold anything, and is not to be repeated.
            shapes = shapes_of(texts)
            signs = [_sign(shape) for shape in listed(shapes.dictionary)]
            if any(signs):
                self.bear(label, texts_of(signs).take(pick(shapes.indices, read)), records[read])

    def bear(self, label: str, signs: Texts, records: Places) -> None:
        """Note the currencies of an amount column's records, "" where a cell has none."""
        coded = signs.dictionary_encode()
        codes = coded.indices.to_numpy()
        for code, sign in enumerate(listed(coded.dictionary)):
            if sign:
                known = self.currencies.get((label, sign), records[:0])
                self.currencies[label, sign] = np.union1d(known, records[codes == code])

    def note(self, label: str, mended: Mapping[str, list[int] | Places], records: Places) -> None:
        """Note what was not taken as it is: finding -> positions; `records` are those of the texts."""
        for finding, places in mended.items():
            self.damage.setdefault((label, finding), set()).update(records[places].tolist())

    def blank(self, label: str, blanks: Blanks | None, records: Places) -> None:
        """Note the cells that hold a word for nothing."""
        for name, found in ((label, blanks.found), *blanks.columns.items()) if blanks is not None else ():
            if found:
                self.note(name, {NOTHING: sorted(found)}, records)

    def ungroup(self, label: str, texts: Texts, records: Places) -> Texts:
        """Ids without thousands commas and the like; ids with other commas are counted as evidence against them."""
        if not holds(texts, *GROUPS):
            return texts
        marked = np.flatnonzero(flags_of(pc.match_substring_regex(texts, f"[{GROUPS}]")))
        made = list(map(ungrouped, listed(pick(texts, marked))))
        grouped = [at for at, text in zip(marked.tolist(), made, strict=True) if text.isdigit()]
        self.note(label, {GROUPED_IDS: grouped} if grouped else {}, records)
        self.grouped_ids[label] += len(grouped)
        self.comma_ids[label] += sum("," in text for text in made)
        return put(texts, marked, made)

    def count_ids(self, label: str, texts: Texts, parts: Places, floats: str = FLOAT) -> None:
        """Count ids, and of them those that end in .0, in each file; `parts` are those of the texts."""
        self.ids.update(_by_part(label, parts[filled(texts)]))
        if holds(texts, ".0", ",0"):
            found = matches(texts, floats)
            self.float_ids.update(_by_part(label, parts[found]))
            grouped = listed(pick(texts, found & matches(texts, GROUPED_FLOAT)).slice(0, 1))
            self.float_marks.update((label, next(filter(GROUPS.__contains__, text))) for text in grouped)

    def count_parts(self, column: str, texts: Texts, parts: Places) -> None:
        """Count the numbers that ids are, but for the words around them, which a spreadsheet has written."""
        self.count_ids(column, texts, parts, f"{WHOLE_FLOAT}|{GROUPED_FLOAT}")
        likely = np.flatnonzero(matches(texts, "[0-9,]+")) if holds(texts, ",") else np.empty(0, np.int64)
        self.grouped_parts[column] += sum(ungrouped(text) != text for text in listed(pick(texts, likely)))


def _by_part(label: str, parts: Places) -> dict[tuple[str, int], int]:
    found = np.bincount(parts)
    return {(label, part): int(found[part]) for part in np.flatnonzero(found).tolist()}


def _sign(shape: str) -> str:
    return "" if shape[:1].isdigit() and shape[-1:].isdigit() else currency_in(shape)
