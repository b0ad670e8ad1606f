"""Live traffic: somebody else's events on a Space, at random times and now and then in bursts."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

_WITHIN = 0.02  # seconds between two events of a burst, on average


@dataclass
class Live:
    """So many events a minute; each one is with a chance of `bursts` followed by a burst of `size` more, on average.

    Without bursts it is Poisson traffic. `hits` were made so far, and `refused` of them met a 429.
    """

    rate: float
    bursts: float = 0.01
    size: float = 10.0
    hits: int = 0
    refused: int = 0

    def __post_init__(self) -> None:
        if not (self.rate >= 0 and 0 <= self.bursts <= 1 and self.size >= 1):
            raise ValueError("live: a rate of 0 or more, bursts from 0 to 1, a size of 1 or more")
        if self.rate and self._apart <= 0:
            raise ValueError(f"live: {self.rate:g} events a minute leave no time between such bursts")

    @property
    def _more(self) -> float:
        return self.bursts * self.size

    @property
    def _apart(self) -> float:
        """Seconds from a burst's end to the next event, on average, so that the rate comes out."""
        return (1 + self._more) * 60 / self.rate - self._more * _WITHIN

    def gaps(self, chance: Random) -> Iterator[float]:
        """Seconds until each event, from the one before, without end; none where the rate is 0."""
        while self.rate:
            yield chance.expovariate(1 / self._apart)
            if chance.random() < self.bursts:
                while chance.random() < self.size / (1 + self.size):
                    yield chance.expovariate(1 / _WITHIN)

    def hit(self, taken: bool) -> None:
        """Count an event, and whether the server took it."""
        self.hits += 1
        self.refused += not taken
