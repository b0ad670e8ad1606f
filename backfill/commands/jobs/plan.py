"""A plan: which files go to which Space, with which mapping and options. YAML in, jobs out, or all its problems."""

import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from backfill import API
from backfill.commands.jobs.notify import notified
from backfill.convert.route import SKIP, Route, routes_of
from backfill.errors import UsageError
from backfill.files.own_outputs import is_ours
from backfill.mapping.yaml_nodes import Node, Notes, either, parse, quote, read_text
from backfill.run.options import Options
from backfill.storage.guard import Guard
from backfill.storage.remote.path import FilePath, RemotePath, is_url, masked

_FILES = "a file, a pattern such as orders-*.csv, or a list of them"
TOP_KEYS = ("plan", "defaults", "notify", "jobs")
JOB_KEYS = ("files", "lookup", "route")
ROUTE_KEYS = ("column", "spaces", "default")


@dataclass(frozen=True, slots=True)
class Setting:
    """One option of `upload` as a plan may set it: under its long name."""

    name: str
    dest: str
    switch: bool
    path: bool
    choices: tuple[str, ...]
    read: Callable[[str], Any]  # raises an exception whose text says what is possible


@dataclass(frozen=True, slots=True)
class Job:
    """One input for one Space. `number` is the job's place in the plan; one that is routed has a job here a Space."""

    number: int
    options: Options

    @property
    def space(self) -> str:
        return self.options.space.name

    @property
    def size(self) -> float:
        """Bytes of its files and lookups, as far as they are there; what is no file, such as a pipe, has no bound."""
        return sum(map(_size, self.options.source.paths))

    def note(self, guard: Guard) -> None:
        """Note what it reads and is to write, perhaps on another machine."""
        self.options.source.note(guard, f"an input of job {self.number}")
        for name, path in self.options.outputs.named:
            guard.writes(f"job {self.number}'s {name[2:]}", path, here=False)


@dataclass(frozen=True, slots=True)
class Grammar:
    """What a plan may say: the settings, and the options that hold for every job unless it says otherwise."""

    settings: Mapping[str, Setting]
    options: Options


@dataclass(slots=True)
class _Plan:
    folder: Path
    grammar: Grammar
    jobs: list[Job] = field(default_factory=list)

    @property
    def state(self) -> Path | None:
        return self.grammar.options.lasting_state


def _size(path: FilePath) -> float:
    if isinstance(path, RemotePath):
        return math.inf  # asking would take as long as reading a small one
    if not path.exists():
        return 0
    return path.stat().st_size if path.is_file() else math.inf


def load_plan(path: Path, grammar: Grammar, guard: Guard | None = None) -> list[Job]:
    """Read a plan's jobs. Raises MappingError with every problem, each with its line.

    The guard knows what is written besides, and what is read from then on.
    """
    notes, guard = Notes(str(path)), guard or grammar.options.guard
    guard.reads(path, "the plan")
    root = parse(read_text(path, str(path), "plan"), notes, "plan")
    entries = root.table(TOP_KEYS, required=("plan", "jobs"))
    if "plan" in entries and entries["plan"].text("1") not in (None, "1"):
        entries["plan"].wrong("1, the grammar that this release reads")
    if "notify" in entries:
        notified(entries["notify"])
    plan = _Plan(path.absolute().parent, grammar)
    known = (*JOB_KEYS, *grammar.settings)
    defaults = entries["defaults"].table([k for k in known if k != "files"]) if "defaults" in entries else {}
    for node in defaults.values():
        _settings({node.place.rpartition(".")[2]: node}, plan)
    for number, node in enumerate(_jobs(entries["jobs"]) if "jobs" in entries else [], 1):
        own = node.table(known, required=("files",))
        _enter(plan, number, node, {**defaults, **own})
    for job in plan.jobs:
        job.note(guard)
    for why in dict.fromkeys(guard.refusals().values()):
        notes.say(0, why)
    notes.raise_problems()
    return _apart(plan.jobs)


def _jobs(node: Node) -> list[Node]:
    if not node.is_list or not node.items():
        node.wrong("a list of jobs")
        return []
    return node.items()


def _enter(plan: _Plan, number: int, node: Node, entries: dict[str, Node]) -> None:
    given = _settings(entries, plan)
    files = _files(entries["files"], plan) if "files" in entries else ()
    lookups = _lookups(entries["lookup"], plan) if "lookup" in entries else ()
    alone = plan.grammar.options.but(summary=None, metrics=None, json=False)  # the plan's own are of all jobs
    options = alone.but(files=files, lookups=lookups, **given)
    routes = _routes(entries["route"]) if "route" in entries else []
    if not routes:
        options = options.but(argv=(*_command(options, entries, plan), *_common(options, "base-url" in entries)))
        plan.jobs.append(Job(number, options))
    elif "space" in entries:
        entries["space"].say("can't be given with route, which names the Spaces")
    for name in ("rejects", "summary") if routes else ():
        if name in entries:
            entries[name].say("can't be given with route, whose Spaces have one each; leave it out")
    for route in routes:
        plan.jobs.append(Job(number, options.but(space=route.space, route=route, mark=route.space)))


def _settings(entries: dict[str, Node], plan: _Plan) -> dict[str, Any]:
    """What the settings among the entries say, by the options' names."""
    made: dict[str, Any] = {}
    for name, node in entries.items():
        setting = plan.grammar.settings.get(name)
        if setting is not None and (text := _text(setting, node)) is not None:
            try:
                value = text == "true" if setting.switch else setting.read(text)
            except Exception as error:  # an option's reader says what is possible, in an exception of argparse's
                node.say(f"can't be so: {error}")
                continue
            if setting.path and isinstance(value, Path):
                value = plan.folder / value
                if not _named(node, value):
                    continue
            made[setting.dest] = value
    if "mapping" in made:
        made["mapping"] = _mapping(str(made["mapping"]), plan.folder)
    return made


def _text(setting: Setting, node: Node) -> str | None:
    if setting.switch:
        return node.choice(("true", "false"))
    return node.choice(setting.choices) if setting.choices else node.text()


def _mapping(name: str, folder: Path) -> str:
    """A preset by its name; what looks like a file, in the plan's folder."""
    return str(folder / name) if "/" in name or Path(name).suffix in (".yaml", ".yml") else name


def _files(node: Node, plan: _Plan) -> tuple[str, ...]:
    """Files from the plan's folder; a pattern means all files that match, in order, and itself where none does."""
    found: list[str] = []
    if node.is_list and not node.items():
        node.wrong(_FILES)
    for text in node.texts(_FILES):
        if text == "-":
            node.say("is -, and a plan's jobs read no standard input")
        if is_url(text):
            found += _in_store(node, text, plan)
            continue
        path = plan.folder / text
        if not _named(node, path):
            continue
        matched = [] if path.exists() or not _is_pattern(text) else _matches(node, text, plan)
        found += matched or [str(path)]
    return tuple(found)


def _is_pattern(text: str) -> bool:
    return any(c in text for c in "*?[")


def _may_be_export(path: FilePath, plan: _Plan) -> bool:
    """Whether a file that a pattern fits is neither a mapping or a plan nor something that earlier runs have left."""
    return path.suffix.lower() not in (".yaml", ".yml") and not is_ours(path, plan.state)


def _in_store(node: Node, text: str, plan: _Plan) -> list[str]:
    """The file that a URL names, or those that it fits where it is a pattern; on the web there are no patterns."""
    try:
        path = RemotePath.of(text)
        if path.read_only or not _is_pattern(path.key):
            return [text]
        from backfill.storage.remote.store import exists, matching  # loaded only where a file is in a store

        matched = [] if exists(path) else [one.url for one in matching(path) if _may_be_export(one, plan)]
        return matched or [text]
    except UsageError as error:
        node.say(f"is no file that can be opened: {error}")
    except OSError as error:
        node.say(f"is {quote(masked(text))}, whose files can't be found ({error.strerror})")
    return []


def _named(node: Node, path: Path) -> bool:
    """Whether something can have such a path here; where nothing can, that is noted."""
    try:
        os.lstat(path)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return True
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it holds a NUL character"
        node.say(f"is {quote(path.name)}, which no file can be called ({why})")
        return False
    return True


def _matches(node: Node, pattern: str, plan: _Plan) -> list[str]:
    whole = Path(pattern)
    start = Path(whole.anchor) if whole.is_absolute() else plan.folder
    try:
        found = start.glob(str(whole.relative_to(whole.anchor) if whole.is_absolute() else whole))
        return sorted(str(path) for path in found if _may_be_export(path, plan))
    except (ValueError, NotImplementedError, re.error) as error:
        node.say(f"is {quote(pattern)}, and must be {_FILES} ({error})")
    except OSError as error:
        node.say(f"is {quote(pattern)}, whose folder can't be read ({error.strerror})")
    return []


def _lookups(node: Node, plan: _Plan) -> tuple[tuple[str, str], ...]:
    tables = node.entries("a mapping of the lookups' names to files")
    return tuple((name, file) for name, one in tables.items() for file in _files(one, plan))


def _routes(node: Node) -> list[Route]:
    entries = node.table(ROUTE_KEYS, required=("column", "spaces"))
    if not {"column", "spaces"} <= entries.keys():
        return []
    column = entries["column"].text("a column's name")
    spaces = {value: one.text("a Space") or "" for value, one in entries["spaces"].entries().items()}
    rest = entries["default"].text() if "default" in entries else None
    if not spaces:
        entries["spaces"].wrong("a mapping of the column's values to Spaces")
    if rest not in (None, SKIP, *spaces.values()):
        entries["default"].wrong(f"{either(dict.fromkeys(spaces.values()))}, or {SKIP}")
    return routes_of(column or "", spaces, rest)


def _command(options: Options, entries: dict[str, Node], plan: _Plan) -> tuple[str, ...]:
    """The command that does this job alone."""
    words = ["backfill", options.command, *map(masked, options.source.files)]
    for name, node in entries.items():
        setting = plan.grammar.settings.get(name)
        if setting is None:
            continue
        value = options.flat[setting.dest]
        if setting.switch:
            words += [f"--{name}"] if value else []
        else:
            words += [f"--{name}", str(value) if setting.path or name == "mapping" else str(node.raw.value)]
    words += [word for name, file in options.source.lookups for word in ("--lookup", f"{name}={masked(file)}")]
    return tuple(words)


def _common(options: Options, own_address: bool) -> Iterator[str]:
    """What the plan's command line says for every job."""
    if options.state:
        yield from ("--state", str(options.state.absolute()))
    if options.sandbox:
        yield "--sandbox"
    elif options.space.url != API and not own_address:
        yield from ("--base-url", options.space.url)


def _apart(jobs: list[Job]) -> list[Job]:
    """Jobs that read the same file for several Spaces, each with a mark in its reject file's name.

    Whoever wrote the plan knows that the Spaces get the same events, unless a route divides them.
    """
    readers: dict[str, set[str]] = {}
    for job in jobs:
        readers.setdefault(job.options.source.files[0], set()).add(job.space)
    return [_marked(job, readers[job.options.source.files[0]] - {job.space}) for job in jobs]


def _marked(job: Job, others: set[str]) -> Job:
    options = job.options
    if not others:
        return job
    also_in = options.gates.also_in if options.source.route else tuple(sorted({*options.gates.also_in, *others}))
    named = [word for name in also_in if name not in options.gates.also_in for word in ("--also-in", name)]
    return replace(job, options=options.but(mark=job.space, also_in=also_in, argv=(*options.argv, *named)))
