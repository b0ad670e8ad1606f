"""Assignment: which of the Space's events can only be those that a run made, where the ledger does not say each name.

The events are alike in order_id, time and amount; a key may or may not show its event's name.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import chain, combinations

from backfill.api.readback import ExpectedEvent, ListedEvent

_Names = frozenset[str]
_Shape = frozenset[tuple[_Names, int]]  # how many events there are of each choice of names


def assigned(
    mine: list[ExpectedEvent], theirs: list[ExpectedEvent], listed: list[ListedEvent]
) -> Iterator[tuple[ExpectedEvent, ListedEvent]]:
    """Give each of a run's events, where there is one, a listed event that is the run's for sure.

    It is where it must be, however all of the ledger's events are given one each: `theirs` are those of other runs.
    """
    there = Counter(one.name for one in listed)
    choices = {one.key: frozenset(one.names or there).intersection(there) for one in (*mine, *theirs)}
    certain = _certain(_shape(choices, mine), _shape(choices, theirs), frozenset(there.items()))
    spots: dict[str, list[ListedEvent]] = {name: [] for name in certain}
    for one in listed:
        if one.name in certain:
            spots[one.name].append(one)
    for own in sorted(mine, key=lambda own: len(choices[own.key])):
        if name := next((name for name in sorted(choices[own.key] & certain) if spots[name]), None):
            yield own, spots[name].pop()


def _shape(choices: dict[str, _Names], events: list[ExpectedEvent]) -> _Shape:
    return frozenset(Counter(choices[one.key] for one in events).items())


@lru_cache(1000)
def _certain(mine: _Shape, theirs: _Shape, listed: frozenset[tuple[str, int]]) -> _Names:
    """The names whose listed events are all the run's, whoever of the ledger's has which."""
    own, others, there = Counter(dict(mine)), Counter(dict(theirs)), Counter(dict(listed))
    certain: set[str] = set()
    for names in _components(chain(own, others)):
        needs = Counter({one: number for one, number in (own + others).items() if one <= names})
        if not _suffice(needs, there):
            continue
        for name in names:
            fewer = there - Counter([name])
            rivals = (one for one in others if name in one)
            if not _suffice(needs, fewer) and not any(_suffice(needs - Counter([one]), fewer) for one in rivals):
                certain.add(name)
    return frozenset(certain)


def _components(choices: Iterable[_Names]) -> list[_Names]:
    """The names, apart where no event may have either."""
    found: list[_Names] = []
    for names in choices:
        touching = [one for one in found if one & names]
        found = [one for one in found if not one & names] + [names.union(*touching)]
    return found


def _suffice(needs: Counter[_Names], there: Counter[str]) -> bool:
    """Whether there is one for each (Hall's theorem)."""
    some = chain.from_iterable(combinations(needs, size) for size in range(1, len(needs) + 1))
    return all(sum(needs[one] for one in of) <= sum(there[name] for name in frozenset().union(*of)) for of in some)
