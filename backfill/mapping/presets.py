"""The shipped mappings: finding them by name, by path, or by an export's header."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from backfill.errors import MappingError
from backfill.mapping.load import load_text
from backfill.mapping.model import Mapping
from backfill.nodes import nearest, read_text


def presets() -> dict[str, Path]:
    """Find the shipped mappings, by name, in order of the names."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "mappings"  # in a wheel they lie in the package, in a checkout beside it
    folder = installed if installed.is_dir() else package.parent / "mappings"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}


def preset_text(name: str) -> str:
    """Read a preset as it was written, comments and all. Raises MappingError for a name that is none."""
    shipped = presets()
    if name not in shipped:
        raise MappingError(name, [(0, f"there is no preset of this name; {nearest(name, shipped)}")])
    return read_text(shipped[name], name, "mapping")


def load(name_or_path: str) -> Mapping:
    """Load a preset by its name, else the mapping file at this path.

    A preset goes before a file of the same name; `./name` is the file. Raises MappingError, whatever lies there.
    """
    if name_or_path in presets():
        return _preset(name_or_path)
    path = Path(name_or_path)
    absent = f"is no preset and no file; {nearest(name_or_path, presets())}"
    return load_text(read_text(path, name_or_path, "mapping", absent), str(path.absolute()))


@cache
def _preset(name: str) -> Mapping:
    mapping = load_text(preset_text(name), name)
    if mapping.name != name:
        raise MappingError(name, [(0, f"the preset calls itself {mapping.name}, unlike its file")])
    return mapping


def detect(header: Sequence[str]) -> list[Mapping]:
    """Find the presets that a header fits: it has all names of `detect`, or an alias of each, and none of `detect_not`.

    Names are compared trimmed and without regard to case.
    """
    names = _folded(header)
    return [mapping for mapping in _detectable() if not _missing(mapping, names) and not _barred(mapping, names)]


def closeness(header: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Say which presets a header comes close to, best first, with the `detect` names that are missing from it.

    Close is half of the names. One that lacks no name, and that `detect` does not find, is barred by `detect_not`.
    """
    names = _folded(header)
    found = [(mapping.name, _missing(mapping, names), len(mapping.detect)) for mapping in _detectable()]
    close = [(len(missing) / wanted, name, missing) for name, missing, wanted in found if 2 * len(missing) <= wanted]
    return [(name, missing) for _, name, missing in sorted(close)]


def _detectable() -> list[Mapping]:
    return [mapping for mapping in map(_preset, presets()) if mapping.detect]


def _folded(names: Sequence[str]) -> set[str]:
    return {name.strip("\ufeff \t\r\n\xa0").casefold() for name in names}


def _missing(mapping: Mapping, names: set[str]) -> list[str]:
    return [name for name in mapping.detect if not _folded([name, *mapping.source.aliases.get(name, ())]) & names]


def _barred(mapping: Mapping, names: set[str]) -> bool:
    return any(_folded([name, *mapping.source.aliases.get(name, ())]) & names for name in mapping.detect_not)
