"""A fault: which requests go wrong, and how."""

import math
import random
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Any, Literal

Latency = float | tuple[float, float] | Callable[[], float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Fault:
    """What happens to some of the requests to `/events/track` whose key and quota are in order.

    Which: the requests whose body meets `match` (without it all; what is no JSON object meets none) are numbered from 1
    since the fault was set. Picked are every `every`-th, the `first` ones, those `at` and those `after` these numbers,
    with `probability`; all that are named must hold, and at most `times` are picked. The first fault that picks wins.

    How, in seconds where it is time:
    latency    before the answer: a number, a range, or a function
    status     with `headers`, `body` (a mapping goes out as JSON), `retry_after` (as a date with `retry_after_date`)
    hang       no answer for that long
    reset      cuts the connection "before" or "after" the event was accepted
    garbage    bytes in the place of an answer

    `accept` says whether the event is validated and stored all the same. Without it: latency, hang and reset="after"
    accept, so do 202 and another 2xx whose body is a mapping, and nothing else. A hang that does not accept ends in a
    cut. What a gateway would do (429, a cut, garbage) is not counted against the limit unless it accepts.
    """

    name: str = ""
    every: int | None = None
    first: int | None = None
    after: int | None = None
    at: Collection[int] | None = None
    probability: float = 1.0
    match: Callable[[dict[str, Any]], bool] | None = None
    times: int | None = None

    status: int | None = None
    headers: Mapping[str, str] | None = None
    body: str | bytes | Mapping[str, Any] | None = None
    retry_after: float | None = None
    retry_after_date: bool = False
    latency: Latency = 0.0
    hang: float = 0.0
    reset: Literal["before", "after"] | None = None
    garbage: bytes = b""
    accept: bool | None = None

    def __post_init__(self) -> None:
        if self.reset is not None and self.accept is not None:
            raise ValueError(f"Fault: reset={self.reset!r} came with accept, and says by itself whether it accepts")
        if self.status is None and (self.headers or self.body is not None or self.retry_after is not None):
            raise ValueError("Fault: headers, body and retry_after belong to a status, and none was given")

    @property
    def label(self) -> str:
        """The name, or what it does."""
        effects = (
            f"reset {self.reset}" if self.reset else "",
            "garbage" if self.garbage else "",
            f"status {self.status}" if self.status else "",
            "hang" if self.hang else "",
        )
        return self.name or next(filter(None, effects), "latency")

    @property
    def accepts(self) -> bool:
        if self.reset is not None:
            return self.reset == "after"
        if self.accept is not None:
            return self.accept
        if self.status is not None:
            return self.status == 202 or (200 <= self.status < 300 and isinstance(self.body, Mapping))
        return not self.garbage

    @property
    def cuts(self) -> bool:
        """Whether the connection ends without an answer."""
        return bool(self.reset or self.garbage or (self.hang and self.status is None and not self.accepts))

    @property
    def counts(self) -> bool:
        return self.accepts or not (self.cuts or self.status == 429)

    def answer_headers(self) -> dict[str, str]:
        """Return the headers it scripts, Retry-After in whole seconds or as a date of now, rounded up."""
        headers = dict(self.headers or {})
        if self.retry_after is not None:
            date = formatdate(math.ceil(time.time() + self.retry_after), usegmt=True)
            headers["Retry-After"] = date if self.retry_after_date else str(math.ceil(self.retry_after))
        return headers


class Script:
    """The faults in force; counts what each has met and picked."""

    def __init__(self, faults: Iterable[Fault], seed: int):
        self.faults = tuple(faults)
        self._rules = [_Rule(fault, f"{seed}:{n}") for n, fault in enumerate(self.faults)]

    def pick(self, body: dict[str, Any] | None) -> Fault | None:
        """Return the fault that this request gets; every fault counts the request, whichever fault it gets."""
        fitting = [rule for rule in self._rules if rule.fits(body)]
        if not fitting:
            return None
        fitting[0].picked += 1
        return fitting[0].fault


class _Rule:
    def __init__(self, fault: Fault, seed: str):
        self.fault = fault
        self.met = self.picked = 0
        self._random = random.Random(seed)  # noqa: S311

    def fits(self, body: dict[str, Any] | None) -> bool:
        fault = self.fault
        if fault.match is not None and (body is None or not fault.match(body)):
            return False
        self.met += 1
        lucky = fault.probability >= 1 or self._random.random() < fault.probability
        return (
            lucky
            and (fault.every is None or self.met % fault.every == 0)
            and (fault.first is None or self.met <= fault.first)
            and (fault.after is None or self.met > fault.after)
            and (fault.at is None or self.met in fault.at)
            and (fault.times is None or self.picked < fault.times)
        )


def draw(latency: Latency, source: random.Random) -> float:
    """Return the seconds of one answer."""
    if callable(latency):
        return latency()
    return source.uniform(*latency) if isinstance(latency, tuple) else latency
