"""What a step says while it goes on: the few verbs that it needs of whoever shows them."""

from collections.abc import Callable
from typing import Protocol, Self

Left = Callable[[int], float]  # seconds that so many of a progress's units will take from now on


class Progress(Protocol):
    """How far a step has come, as a context that ends with it."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...

    def advance(self, by: int = 1, note: str = "") -> None:
        """So many units more are done."""

    def expect(self, left: Left) -> None:
        """Work the time left out like this from now on."""

    def restart(self) -> None:
        """Begin again from nothing: the same work takes another pass."""


class Messages(Protocol):
    """Where a step says what it has to say."""

    def info(self, text: str) -> None: ...

    def note(self, text: str) -> None: ...

    def warn(self, text: str) -> None: ...

    def detail(self, text: str) -> None:
        """What only --verbose shows."""

    def progress(self, what: str, total: int, unit: str, left: Left | None = None) -> Progress: ...
