"""The examples inside mappings, run: each example's rows must give the events and codes that stand next to them."""

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from backfill.console import show, show_json
from backfill.errors import MappingError, counted
from backfill.mapping import Example, Mapping, load
from backfill.report.example import code_lines, event_lines
from backfill.run.example import Given, try_example

FAILED = 3
_COLOURS = {"- ": "red", "+ ": "green"}


@dataclass(frozen=True, slots=True)
class Result:
    """An example, and how what it gave differs from what it must give: no line where nothing does."""

    name: str
    line: int
    difference: list[str]


def run_examples(names: Sequence[str], as_json: bool) -> int:
    """Run the examples of these mappings; return the exit code. Raises MappingError for one that has none."""
    mappings = [load(name) for name in names]
    for mapping in mappings:
        if not mapping.tests and not mapping.refuse:
            raise MappingError(mapping.origin, [(0, "has no tests: write rows and what they must give under tests")])
    found = [(mapping, results_of(mapping)) for mapping in mappings]
    code = FAILED if any(one.difference for _, examples in found for one in examples) else 0
    if as_json:
        show_json({"exit_code": code, "mappings": [_as_json(mapping, examples) for mapping, examples in found]})
        return code
    for mapping, examples in found:
        _show(mapping, examples)
    return code


def results_of(mapping: Mapping) -> list[Result]:
    """Run a mapping's examples, in their order."""
    with tempfile.TemporaryDirectory(prefix="backfill-test-") as folder:
        return [
            Result(one.name, one.line, _difference(one, try_example(mapping, one, Path(folder))))
            for one in mapping.tests
        ]


def _difference(example: Example, given: Given) -> list[str]:
    if given.stop:
        return [f"  the input can't be used: {given.stop}"]
    events = list(event_lines(example.events, given.events))
    codes = list(code_lines(example.codes, given.codes, given.reasons))
    if given.left_out and len(given.events) < len(example.events):
        events.append(f"  left out: {given.left_out}")
    return events + codes


def _show(mapping: Mapping, examples: list[Result]) -> None:
    for one in examples:
        if one.difference:
            show(f"{mapping.origin}:{one.line}: {one.name}")
            for line in one.difference:
                show(line, _COLOURS.get(line.lstrip()[:2], ""))
    failed = sum(bool(one.difference) for one in examples)
    if mapping.refuse:
        show(f"{mapping.name}: refuses its export, so there is nothing to test")
    elif failed:
        show(f"{mapping.name}: {failed} of {counted(len(examples), 'example')} failed")
    else:
        show(f"{mapping.name}: {counted(len(examples), 'example')} passed")


def _as_json(mapping: Mapping, examples: list[Result]) -> dict[str, Any]:
    failed = [asdict(one) for one in examples if one.difference]
    return {"mapping": mapping.name, "origin": mapping.origin, "examples": len(examples), "failed": failed}
