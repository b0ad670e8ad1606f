"""Imports go down only: which part of the package may import which, from the lowest floor up."""

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

PACKAGE = Path(__file__).parents[2] / "backfill"
ROOMS = {  # each folder and file at the top of the package, and its floor: imports go to lower floors only
    "errors": 1,
    "event": 1,
    "progress": 1,
    "console": 2,
    "counts": 2,
    "fields": 2,
    "space": 2,
    "storage": 2,
    "api": 3,
    "ledger": 3,
    "mapping": 3,
    "files": 4,
    "upload": 4,
    "convert": 5,
    "survey": 6,
    "report": 7,
    "run": 8,
    "commands": 9,
    "cli": 10,
    "__main__": 11,
}
FREE = {"sandbox": {"cli", "commands", "run"}}  # acts as the API: imports no other part; these start it
FACE = {"commands"}  # from which the package itself takes what it offers as a library
ARROWS, FILES = 100, 10  # at most: imports between rooms, and files at the top of the package


def module(path: Path) -> str:
    return ".".join(("backfill", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


def room(name: str) -> str:
    """The folder or file at the top of the package; empty for the package itself."""
    return name.split(".")[1] if "." in name else ""


MODULES = {module(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def imports(path: Path) -> set[str]:
    """The modules of this package that a file imports, inside functions and for types alone too."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set()
    here = module(path).split(".")
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            package = here if path.name == "__init__.py" else here[:-1]
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            for alias in node.names:
                found.add(f"{origin}.{alias.name}" if f"{origin}.{alias.name}" in MODULES else origin)
    return {name for name in found if name in MODULES} - {"backfill"}


@cache
def arrows() -> dict[tuple[str, str], list[str]]:
    """From which room to which, and the modules that import it."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, path in MODULES.items():
        for other in {room(other) for other in imports(path)} - {room(name)}:
            found.setdefault((room(name), other), []).append(name)
    return found


def test_every_module_has_its_room() -> None:
    assert {room(name) for name in MODULES} - {""} == ROOMS.keys() | FREE.keys()
    assert len(list(PACKAGE.glob("*.py"))) <= FILES


def test_a_room_imports_only_from_below() -> None:
    for (mine, other), names in arrows().items():
        if mine == room("backfill"):
            assert other in FACE, f"the package itself knows of {other}"
        elif other in FREE:
            assert mine in FREE[other], f"{names} know of {other}"
        else:
            assert mine in ROOMS, f"{names} know of {other}"
            assert ROOMS[other] < ROOMS[mine], f"{names} reach up or sideways to {other}"
    assert len([mine for mine, _ in arrows() if mine != room("backfill")]) <= ARROWS


def test_no_command_imports_another() -> None:
    for name, path in MODULES.items():
        if room(name) != "commands":
            continue
        mine = name.split(".")[1:3]
        others = {other for other in imports(path) if room(other) == "commands"}
        assert all(other.split(".")[1:3] == mine for other in others), name


def test_no_two_modules_import_each_other() -> None:
    graph = {name: imports(path) - {name} for name, path in MODULES.items()}
    assert list(TopologicalSorter(graph).static_order())


def test_only_ledger_home_imports_a_kind_of_ledger() -> None:
    kinds = {name for name in MODULES if name.startswith("backfill.ledger.sqlite.")}
    for name, path in MODULES.items():
        assert name in kinds or name == "backfill.ledger.home" or not imports(path) & kinds, name
