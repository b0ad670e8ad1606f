"""The clerk: books outcomes of all Spaces, every half second, each Space's together in one commit.

One thread goes from desk to desk, as a thread for each would spend more on waking up than on booking. Where a desk
holds it up (a disk, a locked ledger), the next round takes another thread, so that no Space waits for another.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Self

from backfill.errors import BackfillError
from backfill.upload.tally import Event, Outcome

ROUND_SECONDS = 0.5
_THREADS = 64  # that may be held up at once; there are as many as are needed

Book = Callable[[list[tuple[Event, Outcome]]], None]


class Desk:
    """One Space's outcomes on their way into its ledger. `book` gets them in a thread, `fail` what goes wrong there."""

    def __init__(self, book: Book, fail: Callable[[BackfillError], None]):
        self._book = book
        self._fail = fail
        self._loop = asyncio.get_running_loop()
        self._pending: list[tuple[Event, Outcome]] = []
        self._lifted: list[tuple[Event, Outcome]] = []
        self._one = threading.Lock()
        self.bug: Exception | None = None

    def take(self, event: Event, outcome: Outcome) -> None:
        self._pending.append((event, outcome))

    def lift(self) -> bool:
        """Take what is pending to be booked; False where there is nothing, or the last is still being booked."""
        if self._lifted or not self._pending:
            return False
        self._lifted, self._pending = self._pending, []
        return True

    def clear(self) -> None:
        """Book what was lifted. Never raises."""
        with self._one:
            try:
                if self._lifted:
                    self._book(self._lifted)
            except BackfillError as error:
                self._loop.call_soon_threadsafe(self._fail, error)
            except Exception as error:
                self.bug = self.bug or error
                self._loop.call_soon_threadsafe(self._fail, BackfillError("the outcomes can't be booked"))
            finally:
                self._lifted = []


class Clerk:
    """Goes round the desks until it leaves."""

    async def __aenter__(self) -> Self:
        self._desks: list[Desk] = []
        self._due: deque[Desk] = deque()
        self._pool = ThreadPoolExecutor(_THREADS, "clerk")
        self._rounds = asyncio.create_task(self._go_round())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._rounds.cancel()
        with suppress(asyncio.CancelledError):
            await self._rounds
        self._pool.shutdown()

    def open(self, book: Book, fail: Callable[[BackfillError], None]) -> Desk:
        """Set up a desk, to be closed."""
        desk = Desk(book, fail)
        self._desks.append(desk)
        return desk

    async def close(self, desk: Desk) -> None:
        """Book what is left. Raises the bug, where booking met one."""
        self._desks.remove(desk)
        more = True
        while more:  # first what is being booked now, then what came meanwhile
            await asyncio.get_running_loop().run_in_executor(self._pool, desk.clear)
            more = desk.lift()
        if desk.bug:
            raise desk.bug

    async def _go_round(self) -> None:
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            self._due.extend(desk for desk in self._desks if desk.lift())
            if self._due:
                self._pool.submit(self._visit)

    def _visit(self) -> None:
        while True:
            try:
                desk = self._due.popleft()
            except IndexError:
                return
            desk.clear()
