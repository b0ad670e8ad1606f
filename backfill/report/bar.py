"""The bar that shows progress on a terminal, in a module of its own: where there is none, its library isn't loaded."""

from collections.abc import Callable
from typing import Any

from tqdm import tqdm

_LOOK = "{desc}: {percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt} [{elapsed}<{left}, {rate_fmt}{postfix}]"


class Bar(tqdm):  # type: ignore[type-arg]
    """A bar whose time left is computed from what is known, not from how it went so far."""

    left: Callable[[int], float] | None = None  # seconds that so many units will take from now on

    @classmethod
    def of(cls, what: str, total: int, unit: str) -> "Bar":
        return cls(
            total=total, desc=what, unit=unit, unit_scale=unit == "B", smoothing=0.05, leave=False, bar_format=_LOOK
        )

    @property
    def format_dict(self) -> dict[str, Any]:
        made = dict(super().format_dict)
        todo = max(0, int(made["total"] or 0) - int(made["n"]))
        seconds = self.left(todo) if self.left else todo / made["rate"] if made["rate"] else None
        return {**made, "left": "?" if seconds is None else self.format_interval(seconds)}
