"""Group commit: every half second the new outcomes of each Space go into its ledger, together in one commit.

One thread serves all outboxes, as a thread for each would spend more time on waking up than on recording. Where an
outbox delays it (a disk, a locked ledger), the next round takes another thread, so that no Space waits for another.
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

Record = Callable[[list[tuple[Event, Outcome]]], None]


class Outbox:
    """One Space's outcomes on their way to its ledger. `record` gets them in a thread, `fail` what goes wrong there."""

    def __init__(self, record: Record, fail: Callable[[BackfillError], None]):
        self._record = record
        self._fail = fail
        self._loop = asyncio.get_running_loop()
        self._pending: list[tuple[Event, Outcome]] = []
        self._collected: list[tuple[Event, Outcome]] = []
        self._lock = threading.Lock()
        self.bug: Exception | None = None

    def take(self, event: Event, outcome: Outcome) -> None:
        self._pending.append((event, outcome))

    def collect(self) -> bool:
        """Take what is pending to be recorded; False where there is nothing, or the last is still on its way."""
        if self._collected or not self._pending:
            return False
        self._collected, self._pending = self._pending, []
        return True

    def commit(self) -> None:
        """Record what was collected. Never raises."""
        with self._lock:
            try:
                if self._collected:
                    self._record(self._collected)
            except BackfillError as error:
                self._loop.call_soon_threadsafe(self._fail, error)
            except Exception as error:
                self.bug = self.bug or error
                self._loop.call_soon_threadsafe(self._fail, BackfillError("the outcomes can't be recorded"))
            finally:
                self._collected = []


class GroupCommit:
    """Commits what the outboxes have, round after round."""

    async def __aenter__(self) -> Self:
        self._outboxes: list[Outbox] = []
        self._due: deque[Outbox] = deque()
        self._pool = ThreadPoolExecutor(_THREADS, "commit")
        self._rounds = asyncio.create_task(self._commit_rounds())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._rounds.cancel()
        with suppress(asyncio.CancelledError):
            await self._rounds
        self._pool.shutdown()

    def open(self, record: Record, fail: Callable[[BackfillError], None]) -> Outbox:
        """Open an outbox, to be closed."""
        outbox = Outbox(record, fail)
        self._outboxes.append(outbox)
        return outbox

    async def enter(self, act: Callable[[], None]) -> None:
        """Let something be entered in a thread, at once; return when it is, even where nobody waits any more."""
        entering = asyncio.get_running_loop().run_in_executor(self._pool, act)
        try:
            await asyncio.shield(entering)
        finally:
            await asyncio.wait([entering])

    async def close(self, outbox: Outbox) -> None:
        """Record what is left. Raises the bug, where recording met one."""
        self._outboxes.remove(outbox)
        more = True
        while more:  # first what is on its way now, then what came meanwhile
            await asyncio.get_running_loop().run_in_executor(self._pool, outbox.commit)
            more = outbox.collect()
        if outbox.bug:
            raise outbox.bug

    async def _commit_rounds(self) -> None:
        while True:
            await asyncio.sleep(ROUND_SECONDS)
            self._due.extend(outbox for outbox in self._outboxes if outbox.collect())
            if self._due:
                self._pool.submit(self._commit_due)

    def _commit_due(self) -> None:
        while True:
            try:
                outbox = self._due.popleft()
            except IndexError:
                return
            outbox.commit()
