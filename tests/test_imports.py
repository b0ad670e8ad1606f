"""Arrows point down: who may know of whom, from the ground up."""

import ast
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "backfill"
LAYERS = [
    {"errors", "event", "exact", "retry", "secret", "timeline"},
    {"console", "nodes", "spreadsheet", "outcome", "signals", "scratch", "outputs", "handles"},
    {"metrics", "seen", "private", "voice"},
    {"fields", "ledger", "pace", "hold", "readback", "clerk"},
    {"mapping", "upload", "story"},
    {"read", "report", "cures"},
    {"mended", "repeats", "route"},
    {"booking", "records", "init", "gate"},
    {"options", "lookup", "rejects"},
    {"convert", "commands", "sending", "space"},
    {"findings", "figures", "existing", "already", "claims", "evidence", "tokens", "leftout", "gaps"},
    {"doubles", "neighbours"},
    {"survey"},
    {"recipe"},
    {"plan", "asking"},
    {"page", "listing", "reconcile"},
    {"closing"},
    {"opening"},
    {"overlap", "dispatch"},
    {"sent"},
    {"run", "verify", "jobs"},
    {"reread"},
    {"undo", "history"},
    {"cli"},
    {"__main__"},
]
INSIDE = {  # the same within a room of several modules; its face may know them all
    "fields": [{"column", "zones", "calendar", "late"}, {"grammar", "mend", "cities"}, {"text", "money", "times"}],
    "pace": [{"answers"}, {"others"}, {"limiter"}],
    "read": [
        {"charset"},
        {"files", "marks", "rows", "quotes"},
        {"bounded", "lines"},
        {"objects", "ours", "tables", "torn", "glued"},
        {"values"},
        {"header"},
    ],
    "ledger": [{"again", "entries", "health", "identity", "likeness", "spelling"}, {"tables"}, {"file", "verdicts"}],
    "mapping": [{"model"}, {"cells"}, {"load"}, {"presets", "schema"}],
    "cli": [{"values"}, {"parser"}, {"jobs"}],
    "jobs": [{"folder", "plan", "spool"}, {"task"}, {"worker", "pool"}, {"lane"}, {"summary"}, {"whole"}],
    "init": [
        {"quoting", "words", "sample"},
        {"guess"},
        {"choice", "settings"},
        {"states", "happening"},
        {"draft"},
        {"recognised"},
    ],
    "rejects": [{"gathered"}, {"place"}],
    "page": [{"veil", "chart"}, {"sample", "months", "faults", "sending", "doubts"}, {"reading"}],
    "convert": [
        {"patterns", "terms"},
        {"cells"},
        {"bodies", "damage", "held", "keys", "steps"},
        {"clues"},
        {"conditions"},
        {"draft"},
        {"batch"},
        {"rejected"},
    ],
}
LEVEL = {name: level for level, names in enumerate(LAYERS) for name in names}
FREE = {"sandbox"}  # the other party: knows of nobody; whoever starts it may know of it


def module(path: Path) -> str:
    return ".".join(("backfill", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")


def room(name: str) -> str:
    """The module or folder right under the package; the package itself has none."""
    return name.split(".")[1] if "." in name else ""


MODULES = {module(path): path for path in sorted(PACKAGE.rglob("*.py"))}


@cache
def imports(path: Path) -> set[str]:
    """The modules of this package that a file imports, inside functions too; not for types alone."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
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


def test_every_module_has_its_place() -> None:
    assert {room(name) for name in MODULES} - {""} - FREE - set(LEVEL) == set()


def test_a_module_knows_only_what_is_below_it() -> None:
    for name in MODULES:
        knows_only_what_is_below_it(name)


def knows_only_what_is_below_it(name: str) -> None:
    mine = room(name)
    others = {room(other) for other in imports(MODULES[name])} - {mine}
    if not mine or mine in FREE:
        assert not others
        return
    upward = {other for other in others - FREE if LEVEL[other] >= LEVEL[mine]}
    assert not upward, f"{name} reaches up or sideways to {upward}"
    assert not others & FREE or mine in {"cli", "opening", "jobs"}


@pytest.mark.parametrize("house", sorted(INSIDE))
def test_arrows_point_down_within_a_room(house: str) -> None:
    level = {f"backfill.{house}.{name}": at for at, names in enumerate(INSIDE[house]) for name in names}
    assert level.keys() == {name for name in MODULES if name.startswith(f"backfill.{house}.")}
    for name, mine in level.items():
        upward = {other for other in imports(MODULES[name]) & level.keys() - {name} if level[other] >= mine}
        assert not upward, f"{name} reaches up or sideways to {upward}"


def test_no_two_modules_need_each_other() -> None:
    graph = {name: imports(path) - {name} for name, path in MODULES.items()}
    assert list(TopologicalSorter(graph).static_order())
