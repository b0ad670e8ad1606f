"""Column profiles: what a frame shows of how its columns are written, and which settings they lack to be read."""

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from backfill.convert.damage import currency_in, damage_in
from backfill.convert.expressions import Blanks
from backfill.fields import Kind, Parsed, decimal_evidence, shapes_of, time_evidence
from backfill.fields.column import Flags, Places, Texts
from backfill.fields.mend import GROUPED_IDS, GROUPS, NOTHING, is_float, ungrouped

MEASURED = {Kind.AMOUNT, Kind.NUMBER}
TIMED = {Kind.TIME, Kind.DATE}


@dataclass(slots=True)
class ColumnProfile:
    """A label is a cell's first column, or a condition's; positions are records."""

    evidence: dict[tuple[str, str, str], int] = field(default_factory=dict)  # (setting, label, value) -> record
    readable: Counter[str] = field(default_factory=Counter)  # label -> cells read
    lacking: Counter[tuple[str, str]] = field(default_factory=Counter)  # (label, setting) -> cells that only lack it
    ids: Counter[str] = field(default_factory=Counter)  # label -> order ids
    float_ids: Counter[str] = field(default_factory=Counter)  # label -> order ids that end in .0
    grouped_ids: Counter[str] = field(default_factory=Counter)  # label -> order ids with thousands commas or the like
    comma_ids: Counter[str] = field(default_factory=Counter)  # label -> order ids with other commas
    damage: dict[tuple[str, str], set[int]] = field(default_factory=dict)  # (label, finding) -> records
    currencies: dict[tuple[str, str], set[int]] = field(default_factory=dict)  # (label, sign) -> records
    layouts: dict[tuple[str, str], tuple[int, int]] = field(
        default_factory=dict
    )  # (label, layout) -> cells, first record
    fits: dict[tuple[str, int], Counter[bool]] = field(default_factory=dict)  # (label, part) -> cells read or not

    def weigh(self, kind: Kind, label: str, texts: Texts, owner: Places | None = None) -> None:
        """Note the first record whose text can be read in one way alone; `owner` says whose it is, if it is a row's."""
        if kind in TIMED:
            orders, layouts = time_evidence(texts)
            for layout, (cells, first) in layouts.items():
                self.layouts[label, layout] = cells, first if owner is None else int(owner[first])
            for order, at in orders.items():
                self.evidence.setdefault(("date_order", label, order), at if owner is None else int(owner[at]))
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
        filled = np.bincount(parts[texts != ""])
        good = np.bincount(parts[read], minlength=len(filled))
        for part in np.flatnonzero(filled).tolist():
            self.fits[label, part] = Counter({True: int(good[part]), False: int(filled[part] - good[part])})

    def look(self, kind: Kind, label: str, texts: Texts, read: Flags, records: Places) -> None:
        """Note what is damaged, and which currencies an amount column has; `records` are those of the texts."""
        for finding, places in damage_in(kind, texts):
            self.damage.setdefault((label, finding), set()).update(records[places].tolist())
        if kind is Kind.AMOUNT:
            # A cell that reads as no amount may hold anything, and is not to be repeated.
            shapes = shapes_of(texts.tolist())
            signs = {shape: _sign(shape) for shape in set(shapes)}
            if any(signs.values()):
                self.bear(label, np.array([signs[shape] for shape in shapes], dtype=object)[read], records[read])

    def bear(self, label: str, signs: Texts, records: Places) -> None:
        """Note the currencies of an amount column's records, "" where a cell has none."""
        codes, known = pd.factorize(signs)
        for code, sign in enumerate(known.tolist()):
            if sign:
                self.currencies.setdefault((label, sign), set()).update(records[codes == code].tolist())

    def note(self, label: str, mended: dict[str, list[int]], records: Places) -> None:
        """Note what was not taken as it is: finding -> positions; `records` are those of the texts."""
        for finding, places in mended.items():
            self.damage.setdefault((label, finding), set()).update(records[places].tolist())

    def blank(self, label: str, blanks: Blanks | None, records: Places) -> None:
        """Note the cells that hold a word for nothing."""
        if blanks is not None and blanks.found:
            self.note(label, {NOTHING: sorted(blanks.found)}, records)

    def ungroup(self, label: str, texts: Texts, records: Places) -> Texts:
        """Ids without thousands commas and the like; ids with other commas are counted as evidence against them."""
        listed = texts.tolist()
        joined = "".join(listed)
        if not any(mark in joined for mark in GROUPS):
            return texts
        made = np.array([ungrouped(text) for text in listed], dtype=object)
        grouped = np.flatnonzero(made != texts).tolist()
        self.note(label, {GROUPED_IDS: grouped} if grouped else {}, records)
        self.grouped_ids[label] += len(grouped)
        self.comma_ids[label] += sum("," in text for text in made.tolist())
        return made

    def count_ids(self, label: str, texts: Texts) -> None:
        ids = [text for text in texts.tolist() if text]
        self.ids[label] += len(ids)
        joined = "\n".join(ids)
        self.float_ids[label] += sum(map(is_float, ids)) if ".0" in joined or ",0" in joined else 0


def _sign(shape: str) -> str:
    return "" if shape[:1].isdigit() and shape[-1:].isdigit() else currency_in(shape)
