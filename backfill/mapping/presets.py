"""The shipped mappings: finding them by name, by path, or by an export's header."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from backfill.errors import MappingError
from backfill.mapping.load import load_text
from backfill.mapping.model import Mapping
from backfill.mapping.yaml_nodes import Notes, nearest, nearest_file, parse_own, read_text
from backfill.storage.shipped import shipped_mappings

_RULES = re.compile("^(?=(?:lookups|where|events):)", re.MULTILINE)  # what identifies a preset is above them


@cache
def presets() -> dict[str, Path]:
    """Find the shipped mappings, by name, in order of the names."""
    return shipped_mappings()


def preset_text(name: str) -> str:
    """Read a preset as it was written, comments and all. Raises MappingError where there is none of this name."""
    shipped = presets()
    if name not in shipped:
        raise MappingError(name, [(0, f"there is no preset of this name; {nearest(name, shipped)}")])
    return read_text(shipped[name], name, "mapping")


def load(name_or_path: str) -> Mapping:
    """Load a preset by its name, else the mapping file at this path.

    A preset goes before a file of the same name; `./name` is the file. Raises MappingError, whatever is there.
    """
    if name_or_path in presets():
        return _preset(name_or_path)
    path = Path(name_or_path)
    near = nearest_file(path) if path.suffix else ""  # a preset's name has none
    absent = f"is no preset and no file{near or '; ' + nearest(name_or_path, presets())}"
    return load_text(read_text(path, name_or_path, "mapping", absent), str(path.absolute()))


@cache
def _preset(name: str) -> Mapping:
    mapping = load_text(preset_text(name), name)
    if mapping.name != name:
        raise MappingError(name, [(0, f"the preset calls itself {mapping.name}, unlike its file")])
    return mapping


@dataclass(frozen=True, slots=True)
class _Signature:
    """What a preset's header has, each name with the others it goes by, and names that no header of it has."""

    name: str
    has: tuple[frozenset[str], ...]
    lacks: frozenset[str]
    detect: tuple[str, ...]

    def missing(self, names: set[str]) -> list[str]:
        return [name for name, spellings in zip(self.detect, self.has, strict=True) if not spellings & names]


def detect(header: Sequence[str]) -> list[Mapping]:
    """Find the presets that a header fits: it has all names of `detect`, or an alias of each, and none of `detect_not`.

    Names are compared trimmed and without regard to case.
    """
    names = _folded(header)
    return [_preset(one.name) for one in _signatures() if not one.missing(names) and not one.lacks & names]


def closeness(header: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Say which presets a header comes close to, best first, with the `detect` names that are missing from it.

    Close is half of the names. One that lacks no name, and that `detect` does not find, is barred by `detect_not`.
    """
    names = _folded(header)
    found = [(one.name, one.missing(names), len(one.detect)) for one in _signatures()]
    close = [(len(missing) / wanted, name, missing) for name, missing, wanted in found if 2 * len(missing) <= wanted]
    return [(name, missing) for _, name, missing in sorted(close)]


@cache
def _signatures() -> list[_Signature]:
    """The signatures of the presets that have one, each read from the head of its file: whole files take longer."""
    heads = {name: _RULES.split(preset_text(name), maxsplit=1)[0] for name in presets()}
    return [made for name, head in heads.items() if (made := _signature(name, head)).detect]


def _signature(name: str, head: str) -> _Signature:
    notes = Notes(name)
    entries = parse_own(head, notes).entries()
    source = entries["source"].entries() if "source" in entries else {}
    aliases = {key: node.texts() for key, node in source["aliases"].entries().items()} if "aliases" in source else {}
    has, lacks = (entries[key].texts() if key in entries else () for key in ("detect", "detect_not"))
    notes.raise_problems()

    def spelt(names: Iterable[str]) -> frozenset[str]:
        return frozenset(_folded(spelling for name in names for spelling in (name, *aliases.get(name, ()))))

    return _Signature(name, tuple(spelt([name]) for name in has), spelt(lacks), has)


def _folded(names: Iterable[str]) -> set[str]:
    return {name.strip("\ufeff \t\r\n\xa0").casefold() for name in names}
