"""Groups: what the passes learn of rows that belong together, and to whom rows may belong that can't be read."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from backfill.convert.group_values import group_values
from backfill.fields.arrow import Flags, Places, Texts, listed, pick, texts_of
from backfill.files.format import Layout
from backfill.files.rows import Rows
from backfill.files.torn import candidates, placed, shape_of
from backfill.mapping import Mapping
from backfill.storage.digest_map import DigestMap, Match
from backfill.storage.occurrences import Occurrences

_NEXT_TO = 1  # the row may be the group's: it is next to one that is
_DAMAGED = 2  # so may this one, which can be read but for its id
_KINDS = 3
_CLAIMED = "row {} has no id, but its name, person and time, or two of them, and may be its"
_SAID = (
    "its row {} can't be read",
    "row {} next to it can't be read, and may be its",
    "the id of row {} next to it is damaged, and it may be its",
)
_MOST = 1000  # unreadable rows at the end of a frame that are held against the next row, at the most


@dataclass(slots=True)
class Groups:
    """What the passes learn of the groups: which are apart, and which may have lost a row that can't be read."""

    layouts: Sequence[Layout] = ()
    apart: DigestMap = field(default_factory=DigestMap)
    met: DigestMap = field(default_factory=DigestMap)
    found: DigestMap = field(default_factory=DigestMap)  # are apart, which was not known before
    torn: DigestMap = field(default_factory=DigestMap)  # may have lost a row: _KINDS times its number, and how
    lacks: Occurrences = field(default_factory=Occurrences)  # surely have lost a row, and how many
    _lost: DigestMap = field(default_factory=DigestMap)  # which groups lost which rows
    _alike: Occurrences = field(default_factory=Occurrences)  # rows that can't be read, in their files
    claimed: DigestMap = field(default_factory=DigestMap)  # by what rows without a group say, the number of one
    late: bool = False  # a record was let through that was found to be torn later
    before: str = ""  # the group of the last row that could be read, and of the last that has one
    named: str = ""
    neighbours: list[tuple[int, set[str]]] = field(default_factory=list)  # the next row's, unless of such a shape

    def begin(self) -> None:
        """Begin another pass over the same input."""
        self.met, self.late, self.before, self.named, self.neighbours = DigestMap(), False, "", "", []
        self._alike = Occurrences()

    def tear(self, rows: Rows, values: Texts, mapping: Mapping, damaged: Collection[int]) -> None:
        """Note to whom the rows that can't be read may belong, and those whose id is `damaged`.

        `values` are all rows' group values.
        """
        keys, group = np.array(listed(values), dtype=object), str(mapping.source.group_by)
        read = np.setdiff1d(np.arange(len(rows)), [*rows.broken, *damaged])
        named = read[keys[read] != ""]
        torn: list[tuple[str, int]] = []
        own: list[tuple[str, str]] = []
        if self.neighbours and len(read):
            next_ = keys[read[0]]
            torn += [(next_, number) for number, shapes in self.neighbours if shape_of(next_) not in shapes]
            self.neighbours = []
        broken = sorted(rows.broken)
        raw = [rows.text(at).strip() for at in broken]
        nth = self._alike.add(_any_text(f"{rows.parts[at]}\0{text}" for at, text in zip(broken, raw, strict=True)))
        for at, text, time in zip(broken, raw, nth.tolist(), strict=True):
            number, spot = _KINDS * int(rows.numbers[at]), int(np.searchsorted(read, at))
            layout = self.layouts[int(rows.parts[at])]
            likely = group_values(_any_text(candidates(rows.text(at), group, layout)), mapping)
            found = [one for one in dict.fromkeys(listed(likely)) if one]
            before = keys[read[spot - 1]] if spot else self.before
            behind = keys[read[spot]] if spot < len(read) else ""
            torn += [(one, number) for one in found]
            own += [(one, f"{time}\0{text}") for one in found]
            if not mapping.source.sum:
                continue
            near = read[max(spot - 1, 0) : spot + 1].tolist()
            others = [rows.text(place) for place in near if self.layouts[rows.parts[place]].header == layout.header]
            shapes = set(map(shape_of, placed(rows.text(at), group, layout, others)))
            past = named[: np.searchsorted(named, at)]
            like = keys[past[-1]] if len(past) else self.named or (keys[named[0]] if len(named) else "")
            if shape_of(like) not in shapes:
                torn += [(before, number + _NEXT_TO), (behind, number + _NEXT_TO)]
                if spot == len(read) and len(self.neighbours) < _MOST:
                    self.neighbours.append((number + _NEXT_TO, set() if like else shapes))
        for at in damaged:
            number, spot = _KINDS * int(rows.numbers[at]) + _DAMAGED, int(np.searchsorted(read, at))
            torn += [(keys[read[spot - 1]] if spot else self.before, number)]
            if spot < len(read):
                torn += [(keys[read[spot]], number)]
            elif len(self.neighbours) < _MOST:
                self.neighbours.append((number, set()))
        if len(named):
            self.named = keys[named[-1]]
        torn = [(text, number) for text, number in torn if text]
        if torn:
            texts = texts_of([text for text, _ in torn])
            self.late |= bool((self.met.holds(texts) & ~self.torn.holds(texts)).any())
            self.torn.add(texts, np.array([number for _, number in torn], np.uint64), mark=False)
        if own:
            self._lose(own)

    def leave(self, values: Texts, readable: Flags, damaged: Collection[int]) -> None:
        """Note the group of the last row that can be read, before the next rows come."""
        sound = readable.copy()
        sound[list(damaged)] = False
        for last in np.flatnonzero(sound)[-1:].tolist():
            self.before = values[last].as_py()

    def claim(self, texts: Texts, numbers: Places) -> None:
        """Note what rows without a group say of whose they are."""
        self.late |= bool((~self.claimed.holds(texts)).any())  # records were let through before that was known
        self.claimed.add(texts, numbers.astype(np.uint64), mark=False)

    def claims(self, texts: Texts) -> Iterator[tuple[int, str]]:
        """Which of these rows without a group say, and what is to be said of it."""
        found = self.claimed.values(texts) if len(self.claimed) else np.empty(0, np.uint64)
        yield from ((at, _CLAIMED.format(found[at])) for at in np.flatnonzero(found).tolist())

    def _lose(self, rows: list[tuple[str, str]]) -> None:
        """Count the rows that groups have lost, each once, in whatever pass and file it is met."""
        found = self._lost.add(_any_text(map("\0".join, rows)), np.ones(len(rows), np.uint64))
        fresh = texts_of([group for (group, _), match in zip(rows, found, strict=True) if match == Match.NEW])
        self.late |= bool(self.met.holds(fresh).any())
        self.lacks.add(fresh)

    def losses(self, keys: Texts) -> Iterator[tuple[int, str, int]]:
        """Which of these groups may have lost a row, what is to be said of it, and how many they surely have."""
        lost = self.torn.values(keys) if len(self.torn) else np.empty(0, np.uint64)
        places = np.flatnonzero(lost)
        for at, lacking in zip(places.tolist(), self.lacks.of(pick(keys, places)).tolist(), strict=True):
            number, how = divmod(int(lost[at]), _KINDS)
            yield at, _SAID[how].format(number), lacking


def _any_text(texts: Iterable[str]) -> Texts:
    """Texts to be told apart; bytes that are none in the file's encoding are spelled out."""
    return texts_of([text.encode(errors="backslashreplace").decode() for text in texts])
