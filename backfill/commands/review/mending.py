"""Mending: cells of rejected orders are changed, and judged at once as `upload` will judge them in the reject file.

An order's verdict depends on its own rows, on the ledger, and on the orders that share its group value, a key or a
token with it, before or after; so these are surveyed together, and nothing else is.
"""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import IO, NamedTuple

from backfill.commands.review.carry import carried, known
from backfill.commands.review.index import links_of
from backfill.commands.review.joined import traced
from backfill.commands.review.journal import Journal, Kept, Place, put
from backfill.commands.review.reading import Reading
from backfill.commands.review.reject_rows import Fault, RejectRow, RejectRows
from backfill.commands.review.totals import MEND, MENDED
from backfill.counts import plus
from backfill.errors import BackfillError, StateError, UsageError
from backfill.event import Code
from backfill.fields import FIELDS, parse_number
from backfill.files.format import Format, Layout
from backfill.files.marks import KEY
from backfill.files.reject_place import Place as RejectPlace
from backfill.files.rows import encoded
from backfill.files.xlsx_rejects import SheetFull
from backfill.storage import outputs
from backfill.storage.remote.opened import opened
from backfill.storage.remote.path import FilePath
from backfill.survey.excerpt import Piece, survey_of
from backfill.survey.orders import Order, orders

READY, WRONG, ASK = "ready", "wrong", "ask"
_TOGETHER = 200  # orders that are judged together at most
_TORN = 10  # of them for the sake of rows that can't be read
_GONE = "with this it gives no event any more, and stays out; put back what stood there, or write what counts"
_UNCLEAR = "nobody can tell thousands from thousandths in this; set source.decimal, or write it with two decimals"


@dataclass(slots=True)
class Judged:
    """An order as it is by now: READY, WRONG, or ASK where its key is another; and each wrong cell with its faults."""

    owner: int
    state: str = READY
    says: str = ""
    wrong: dict[tuple[int, int, str], list[str]] = field(default_factory=dict)
    amount: Decimal | None = None
    asks: tuple[str, str] = ("", "")  # with ASK: what the key was made of, and is
    links: set[str] = field(default_factory=set)
    lacks: set[str] = field(default_factory=set)  # columns with a cell that only a setting could tell, of it or others


class Aside(NamedTuple):
    """A cell that is kept and not taken up, and why."""

    order: str
    column: str
    text: str
    why: str


@dataclass
class Mending:
    """The mending of one reading's rejects."""

    reading: Reading
    journal: Journal
    taken_up: int = 0  # cells that an earlier session had mended
    aside: list[Aside] = field(default_factory=list)  # those of them that are not taken up
    judged: dict[int, Judged] = field(default_factory=dict)
    _refused: set[Place] = field(default_factory=set)  # rows that can't be judged as they are kept

    @property
    def rows(self) -> RejectRows:
        return self.reading.reject_rows

    @property
    def layout(self) -> Layout:
        assert self.rows.layout is not None
        return self.rows.layout

    def take_up(self) -> None:
        """Judge what an earlier session has mended; forget the cells of rows that are no rejects by now."""
        self._carry_over()
        self.journal.stale = self.journal.saved is not None and self.journal.saved_rows != self.rows.digest()
        places = list(self.journal.edits)
        owners = {place: self.rows.owner_at(*place) for place in places}
        for place in places:
            if owners[place] is None:
                del self.journal.edits[place]
                self.journal.saved_edits.pop(place, None)
        for owner in dict.fromkeys(owner for owner in owners.values() if owner is not None):
            try:
                if owner not in self.judged:
                    self.judge(owner)
            except StateError:
                raise
            except BackfillError as error:
                self._set_aside(owner, str(error))
        self.taken_up = sum(len(cells) for cells in self.journal.edits.values())

    def _carry_over(self) -> None:
        """Take up what was mended before the file changed, where its rows are still to mend."""
        journal = self.journal
        if not (journal.earlier or journal.changed):
            return
        free = (row for row in self.rows.all() if journal.changed or row.place not in journal.rows)
        fitting, aside = carried(journal.earlier, free, self.rows.layout)
        for place, one in fitting.items():
            journal.take(place, one)
        if fitting or journal.changed:
            with suppress(StateError):  # it is read in the same way at the next start
                journal.begin_anew([one for one, _ in aside])
        self.aside = [Aside(one.order, *cell, why) for one, why in aside for cell in one.cells.items()]

    def _set_aside(self, owner: int, why: str) -> None:
        """Leave an order as it was read, and what is kept of it in the journal."""
        name = self.reading.index.order(owner).name
        for row in self.rows.of(owner):
            cells = self.journal.edits.pop(row.place, {})
            self._refused.add(row.place)
            self.aside += [Aside(name, column, text, why) for column, text in cells.items()]

    # -- cells -------------------------------------------------------------------------------------------------------

    def cells(self, row: RejectRow) -> dict[str, str]:
        """A row's cells as they are by now."""
        return dict(self.layout.format.cells_of(self.text(row), self.layout).shown())

    def text(self, row: RejectRow) -> str:
        """A row's line as it is by now."""
        edits = self.journal.edits.get(row.place)
        return self.layout.format.edited(row.text, self.layout, edits) if edits else row.text

    def change(self, owner: int, cells: dict[Place, dict[str, str]]) -> list[Judged]:
        """Change cells of an order's rows, and keep that; return the orders that are judged anew, this one first.

        Raises BackfillError for what can't be in the file, or judged, or written down; nothing is changed then.
        """
        rows = {row.place: row for row in self.rows.of(owner)}
        changes: list[tuple[Place, dict[str, str | None]]] = []
        for place, texts in cells.items():
            if place not in rows:
                raise UsageError("this row is none of the order's; reload the page")
            was = dict(self.layout.format.cells_of(rows[place].text, self.layout).shown())
            self._refuse(texts, was)
            changes.append((place, {name: None if text == was.get(name) else text for name, text in texts.items()}))
        return self._keep(owner, changes)

    def _keep(self, owner: int, changes: list[tuple[Place, dict[str, str | None]]]) -> list[Judged]:
        """Keep changes once they could be judged."""
        edits = self.journal.edits
        before = {place: dict(edits[place]) for place, _ in changes if place in edits}
        try:
            for place, texts in changes:
                put(edits, place, texts)
            found = self.judge(owner)
            self.journal.keep([(place, texts, self._known(owner, place, texts)) for place, texts in changes])
        except BackfillError:
            for place, _ in changes:
                edits.pop(place, None)
            edits.update(before)
            with suppress(BackfillError):
                self.judge(owner)
            raise
        return found

    def _known(self, owner: int, place: Place, texts: Iterable[str]) -> Kept:
        """By what a row and its cells are known, should the file change."""
        _, text, key, cells = known(next(row for row in self.rows.of(owner) if row.place == place), self.layout)
        was = {name: cells[name] for name in texts if name in cells}
        return Kept({}, was, text, key, self.reading.index.order(owner).name)

    def _refuse(self, texts: dict[str, str], was: dict[str, str]) -> None:
        assert self.rows.origin is not None
        encoding = self.rows.origin.encoding
        for name, text in texts.items():
            if name not in was and name != KEY:
                raise UsageError(f"the file has no column {name}; reload the page")
            try:
                text.encode(encoding)
            except UnicodeEncodeError as error:
                letter = text[error.start]
                raise UsageError(f"{name}: the file is in {encoding}, which has no letter {letter!r}") from None

    def take_key(self, owner: int) -> list[Judged]:
        """Let an order have its new id: it is another event from now on."""
        return self._keep(owner, [(row.place, {KEY: ""}) for row in self.rows.of(owner)])

    # -- judging -----------------------------------------------------------------------------------------------------

    def judge(self, owner: int) -> list[Judged]:
        """Judge an order, and those that depend on it; return them, this one first."""
        first, others = self._judge(owner)
        return [first, *(self._judge(other)[0] for other in others)]

    def _judge(self, owner: int) -> tuple[Judged, list[int]]:
        """Judge one order; return the rejected ones too that share something with it, or did."""
        alone = self._survey([owner], [])[owner]
        before = self.judged[owner].links if owner in self.judged else set()
        others = self._related(owner, before | self._links(owner) | alone.links)
        rejected = [other for other in others if self.rows.of(other)]
        sound = [other for other in others if other not in rejected]
        found = self._survey([owner, *rejected], sound)[owner] if others else alone
        self._settle(found)
        return found, rejected

    def _links(self, owner: int) -> set[str]:
        """What the order shared with others before it was mended."""
        return set(self.reading.index.links(owner))

    def _related(self, owner: int, links: set[str]) -> list[int]:
        groups = [self._group(row) for row in self.rows.of(owner)] if self.layout.group is not None else []
        found = [*self.rows.grouped(groups, _TOGETHER), *self.reading.index.linked(links, _TOGETHER)]
        found += self.rows.torn_with(owner, _TORN) if groups else []
        found += [one.owner for one in self.judged.values() if one.links & links]
        return [other for other in dict.fromkeys(found) if other != owner][:_TOGETHER]

    def _group(self, row: RejectRow) -> str:
        assert self.layout.group is not None
        groups = self.layout.format.mapped(encoded([self.text(row)]), self.layout)[
            self.layout.columns[self.layout.group]
        ]
        return str(groups[0].as_py())

    def _survey(self, owners: list[int], others: Iterable[int]) -> dict[int, Judged]:
        """Survey rejected orders as their rows are by now, with others of the input as they are."""
        survey, assigned = self.reading.survey, [(owner, row) for owner in owners for row in self.rows.of(owner)]
        assert self.rows.origin is not None
        pieces = [Piece(self.rows.origin, self.layout, [self.text(row) for _, row in assigned])]
        sound: dict[int, list[str]] = {}
        for other in others:
            for row in self.reading.index.rows_of(other):
                sound.setdefault(row.part, []).append(row.text)
        pieces += [Piece(survey.origins[part], self._with_marks(part), texts) for part, texts in sound.items()]
        found = {owner: Judged(owner) for owner in owners}
        with survey_of(survey, pieces, self.rows.mapping) as again:
            for order in orders(again):
                own = [assigned[row.number - 1] for row in order.rows if row.part == 0]
                for owner in dict.fromkeys(owner for owner, _ in own):
                    self._add(found[owner], order, [row for of, row in own if of == owner])
            lacks = {column for column, _ in again.inference.lacked(again.settings)}
            for one in found.values():
                one.lacks |= lacks
            for clue in again.inference.unclear(again.settings):
                if clue.part == 0:
                    owner, unclear = assigned[clue.row - 1]
                    self._blame(found[owner], Fault(Code.INVALID_AMOUNT, "", clue.column, _UNCLEAR), [unclear])
        return found

    def _with_marks(self, part: int) -> Layout:
        """The layout of a part of the export, for a mapping that reads a reject file's marks too."""
        return self.reading.layout_with_marks(part, self.rows.mapping)

    def _add(self, judged: Judged, order: Order, rows: list[RejectRow]) -> None:
        """Add what a survey says of an order, or of one of its rows that can't be read."""
        judged.links.update(links_of(order))
        faults = [Fault(code, name, column, reason) for one in order.events for code, name, column, reason in one.rules]
        if order.unreadable:
            faults = [Fault(Code.UNREADABLE, "", "", order.unreadable)]
        elif not order.events:
            faults = [Fault("", "", "", f"it would be left out: {order.left_out or 'no event is made of it'}")]
        if order.amount is not None:
            judged.amount = plus(judged.amount or Decimal(), order.amount)
        for fault in faults:
            gone = fault.code == Code.KEY_CHANGED and "gives no event" in fault.reason
            asks = fault.code == Code.KEY_CHANGED and not fault.column and judged.state != WRONG
            self._blame(judged, fault._replace(reason=_GONE) if gone else fault, rows)
            if asks:
                judged.state, judged.asks = ASK, self._keys(order, rows[0])

    def _blame(self, judged: Judged, fault: Fault, rows: list[RejectRow]) -> None:
        """Say at its cells what is wrong with an order, where it is not said already."""
        fault = self.traced(fault, rows)
        judged.state, judged.asks = WRONG, ("", "")
        judged.says = judged.says or fault.reason
        for row, column in self.places(fault, rows):
            said = judged.wrong.setdefault((*row.place, column), [])
            said += [] if fault.reason in said else [fault.reason]

    def traced(self, fault: Fault, rows: list[RejectRow], mended: bool = True) -> Fault:
        """A fault as one of a cell of these rows, as they are by now or were before they were `mended`."""
        texts = (self.text(row) if mended else row.text for row in rows)
        cells = [dict(self.layout.format.cells_of(text, self.layout).shown()) for text in texts]
        return traced(fault, cells, self.reading.survey)

    @property
    def holding(self) -> list[str]:
        """The columns with a cell that only a setting could tell: if no other tells, it holds the whole file back."""
        found = set[str]()
        for one in self.judged.values():
            found |= one.lacks if one.state != READY else set()
            for (*_, column), reasons in one.wrong.items():
                if any("set source." in reason for reason in reasons):
                    found.add(column)
        return sorted(found)

    def _keys(self, order: Order, row: RejectRow) -> tuple[str, str]:
        """What an order's key was made of before it was mended, and what it is made of by now."""
        old = self.layout.format.cells_of(row.text, self.layout).marks.get(KEY, "")
        new = next((one.key or "" for one in order.events), "")
        return old.partition(":")[2], new.partition(":")[2]

    def places(self, fault: Fault, rows: list[RejectRow]) -> list[tuple[RejectRow, str]]:
        """The cells that a fault is about: one, unless the rows of an order disagree or are added up."""
        column = fault.column or self._column_of(fault.field)
        known = [(row, self.cells(row)) for row in rows]
        known = [(row, cells) for row, cells in known if column in cells]
        filled = [(row, column) for row, cells in known if cells[column].strip()]
        if fault.code == Code.CONFLICTING_ROWS:
            return filled
        if column in self.reading.survey.mapping.source.sum:
            return self._no_numbers(filled) or filled
        return filled[:1] or [(row, column) for row, _ in known[:1]]

    def _no_numbers(self, filled: list[tuple[RejectRow, str]]) -> list[tuple[RejectRow, str]]:
        """Of the cells that are added up, those by which there is no sum."""
        locale = self.reading.survey.settings.locale
        return [(row, column) for row, column in filled if parse_number(self.cells(row)[column], locale) is None]

    def _column_of(self, name: str) -> str:
        """The column that an event's name comes from, where it is that which is wrong; of a condition, its own."""
        if name not in FIELDS:
            return name
        cells = [template.event_name for template in self.reading.survey.mapping.events] if name == "event_name" else []
        return next((column for cell in cells for column in cell.names), "")

    def _settle(self, one: Judged) -> None:
        self.judged[one.owner] = one
        kind = MENDED if one.state == READY else MEND
        self.reading.index.change(one.owner, kind, one.amount, self.reading.totals)

    # -- saving ------------------------------------------------------------------------------------------------------

    def save(self, name: str) -> FilePath:
        """Write the reject file, all mended cells in it, next to the input; return its path. Raises StateError.

        It is a workbook where the input is one, unless no workbook can hold it.
        """
        form = self.reading.survey.layouts[0].format
        self.journal.check_alone()
        try:
            try:
                path = self._save_as(form, name)
            except SheetFull:
                path = self._save_as(form.in_text, name)
            with opened(path) as file:
                self.journal.keep_saved(path, hashlib.file_digest(file, "sha256").hexdigest(), self.rows.digest())
        except OSError as error:
            raise StateError(f"the reject file can't be written ({error.strerror}); what is kept stays kept") from None
        return path

    def _save_as(self, form: Format, name: str) -> FilePath:
        survey, journal = self.reading.survey, self.journal
        same = journal.ours or not journal.stale  # of other rows, it may have been sent by now
        saved = journal.saved_file if same else None

        def content(file: IO[bytes]) -> None:
            self.rows.write(file, map(self.text, self.rows.all()), form)

        if isinstance(saved, Path) and saved.suffix.lower() in form.suffixes:
            return outputs.replace(saved, content)
        inputs = [part.path for part in self.reading.parts]
        place = RejectPlace.next_to(name, form, self.reading.run.state, inputs)
        return place.keep(content, survey.rejects.digest(survey.origins))

    def forget(self) -> None:
        """Drop every mended cell."""
        changed = {owner for place in self.journal.edits if (owner := self.rows.owner_at(*place)) is not None}
        self.journal.check_alone()
        for place in self.journal.edits:
            self.journal.rows.pop(place, None)
        self.journal.edits = {}
        self.journal.begin_anew(self.journal.aside)
        self.taken_up = 0
        for owner in changed:
            self.judge(owner)

    def forget_aside(self) -> None:
        """Drop the kept cells that are not taken up."""
        self.journal.check_alone()
        for place in self._refused:
            self.journal.rows.pop(place, None)
        self.journal.begin_anew([])
        self.aside, self._refused = [], set()
