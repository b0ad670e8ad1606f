"""A job's spool: the events that its survey found ready, in private files, for another process to send.

The process that sends needs an event's body and what the ledger keeps of it; the rows it came from, a reject's alone,
stay in the second file until they are asked for.
"""

import os
import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Self

from backfill.errors import StateError
from backfill.event import Problem, Row
from backfill.ledger import Accepted, Ledger, Rejected
from backfill.upload.tally import Event

_TOGETHER = 5000  # keys that were seen again go into the ledger so many at a time


@dataclass(frozen=True, slots=True)
class Spooled:
    """One event as it comes back from the spool."""

    name: str
    body: bytes
    amount: Decimal | None
    order_id: str | None
    kept: tuple[Any, ...]  # what makes an Accepted: plain values cost less on the way
    file: int  # the rows' file, open
    offset: int
    size: int

    @property
    def key(self) -> str:
        return str(self.kept[0])

    @property
    def accepted(self) -> Accepted:
        return Accepted(*self.kept)

    @property
    def rows(self) -> list[Row]:
        found: list[Row] = pickle.loads(os.pread(self.file, self.size, self.offset))  # noqa: S301 (our own file)
        return found


class Spool:
    """The files of one job, in a folder of its own."""

    def __init__(self, folder: Path):
        self._paths = [folder / name for name in ("events", "rows", "refused")]
        self._files: list[IO[bytes]] = []
        self._end = 0

    def __enter__(self) -> Self:
        self._files = [path.open("ab+") for path in self._paths]
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files:
            file.close()

    def empty(self) -> None:
        """Drop what an earlier survey of the job left."""
        for path in self._paths:
            path.unlink(missing_ok=True)

    # -- the survey's side

    def put(self, event: Event) -> None:
        """Add an event that is ready."""
        rows = pickle.dumps(event.rows, pickle.HIGHEST_PROTOCOL)
        self._files[1].write(rows)
        a = event.accepted
        kept = tuple(a)
        entry = (event.name, event.body, event.amount, event.order_id, kept, self._end, len(rows))
        self._end += len(rows)
        pickle.dump(entry, self._files[0], pickle.HIGHEST_PROTOCOL)

    def see(self, _run: int, keys: Sequence[str]) -> None:
        """Add keys that the ledger has and the input holds again; of which run is known once it begins."""
        for at in range(0, len(keys), _TOGETHER):
            pickle.dump(list(keys[at : at + _TOGETHER]), self._files[0], pickle.HIGHEST_PROTOCOL)

    def keep(self, _run: int, rejected: Iterable[Rejected]) -> None:
        """Add verdicts that a run enters on its way."""
        pickle.dump(tuple(rejected), self._files[0], pickle.HIGHEST_PROTOCOL)

    # -- the sender's side

    def events(self, ledger: Ledger, run: int) -> Iterator[Spooled]:
        """The events in the input's order; keys that were seen again are noted in the ledger on the way."""
        events, rows, _ = self._files
        events.seek(0)
        while True:
            try:
                found = pickle.load(events)  # noqa: S301 (our own file)
            except EOFError:
                return
            if isinstance(found, list):
                ledger.see(run, found)
            elif not found or isinstance(found[0], Rejected):
                ledger.keep(run, found)
            else:
                name, body, amount, order_id, kept, offset, size = found
                yield Spooled(name, body, amount, order_id, kept, rows.fileno(), offset, size)

    def add(
        self,
        row: Row,
        event: str,
        problems: Sequence[Problem],
        order_id: str | None = None,
        key: str = "",
        *,
        rows: int,
    ) -> None:
        """Keep a row that was not accepted, for the reject file."""
        try:
            pickle.dump((row, event, list(problems), order_id, key, rows), self._files[2], pickle.HIGHEST_PROTOCOL)
            self._files[2].flush()
        except OSError as error:
            raise StateError(f"rejects can't be kept ({error.strerror}); make room and run it again") from None

    # -- the end's side

    def refused(self) -> Iterator[tuple[Row, str, list[Problem], str | None, str, int]]:
        """The rows that were not accepted, in the order of the answers."""
        file = self._files[2]
        file.seek(0)
        while True:
            try:
                yield pickle.load(file)  # noqa: S301 (our own file)
            except EOFError:
                return
