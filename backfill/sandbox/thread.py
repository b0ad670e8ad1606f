"""A sandbox on its own event loop in a daemon thread, for synchronous callers."""

import asyncio
import threading
from collections.abc import Coroutine, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar

from .arrival import Arrival
from .fault import Fault
from .server import Sandbox
from .space import Stored

T = TypeVar("T")


class SandboxThread:
    """A `Sandbox` for a `with` block; takes the same options."""

    def __init__(self, **options: Any):
        self.sandbox = Sandbox(**options)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._call(self.sandbox.start())
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._call(self.sandbox.stop())
        finally:
            self._end()

    @property
    def url(self) -> str:
        return self.sandbox.url

    @property
    def arrivals(self) -> list[Arrival]:
        return list(self.sandbox.arrivals)

    @property
    def reads(self) -> list[tuple[float, str, str]]:
        return list(self.sandbox.reads)

    @property
    def events(self) -> list[Stored]:
        return self.sandbox.events

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self.sandbox.faults

    @faults.setter
    def faults(self, faults: Sequence[Fault]) -> None:
        self.sandbox.faults = faults

    def live(self, n: int = 1, key: str | None = None) -> int:
        return self._call(self.sandbox.live(n, key))

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()
