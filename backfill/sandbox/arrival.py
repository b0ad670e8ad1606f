"""An arrival: what the sandbox remembers of one request to `/events/track`."""

from collections.abc import Sequence
from typing import Any, NamedTuple


class Arrival(NamedTuple):
    """One request as the server met it; `status` is None where the connection was cut instead of an answer."""

    at: float  # monotonic seconds
    wall: float  # Unix seconds
    key: str | None
    space: str | None  # None where the key is unknown
    raw: bytes
    body: dict[str, Any] | None  # None where it is no JSON object, or was not sent as JSON
    status: int | None
    counted: bool  # against the Space's limit
    fault: str | None

    def public(self) -> dict[str, Any]:
        """Return it without the API key and the raw bytes."""
        return {name: value for name, value in self._asdict().items() if name not in ("key", "raw")}


def busiest(times: Sequence[float], window: float = 60.0) -> int:
    """Return the most times that any window [t, t + window) holds; seconds."""
    ordered = sorted(times)
    most = start = 0
    for count, time in enumerate(ordered, 1):
        while time - ordered[start] >= window:
            start += 1
        most = max(most, count - start)
    return most
