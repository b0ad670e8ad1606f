"""What a run was asked to do, and where it keeps its state."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from backfill import API
from backfill.api.pace.window import share
from backfill.api.retry import FIRST_PAUSE, LONGEST_PAUSE
from backfill.convert.route import Route, read_route
from backfill.errors import BackfillError, UsageError, shown
from backfill.report.console import LogFormat
from backfill.report.metrics import write_refusal
from backfill.run.receipt import Receipt
from backfill.space import Space, api_key_of, fingerprint_of
from backfill.storage.guard import INPUT, Guard
from backfill.storage.private import exists, make_folder
from backfill.storage.remote.path import FilePath, RemotePath, absolute, file_path, is_url, masked
from backfill.storage.state_folder import default_state, state_named
from backfill.upload.limits import MaxRejects
from backfill.upload.settings import Sending

_KEYLESS = ("check", "review")  # commands that ask the API nothing
LISTS, DELETES = 7, 60  # requests a minute that List Events and Delete Event take of one Space


@dataclass(frozen=True)
class Source:
    """What is read, and how it is written."""

    files: tuple[str, ...] = ()
    mapping: str | None = None
    timezone: str | None = None
    date_order: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    sheet: str | None = None
    since: str | None = None
    until: str | None = None
    route: Route | None = None  # this Space's share of an input; only a plan has any
    lookups: tuple[tuple[str, str], ...] = ()  # a lookup's name and a file of it

    @property
    def named(self) -> Iterator[str]:
        """The files' absolute paths as they are shown, standard input as `-`."""
        return (shown(absolute(name)) if name != "-" else "-" for name in self.files)

    @property
    def signed(self) -> bool:
        """Whether a file's URL may hold a signature, which nothing may keep."""
        return any(isinstance(path, RemotePath) and path.query for path in self.paths)

    @property
    def paths(self) -> list[FilePath]:
        """Where the files and those of the lookups are, but for standard input. Raises UsageError."""
        return [file_path(name) for name in (*self.files, *(file for _, file in self.lookups)) if name != "-"]

    def note(self, guard: Guard, what: str = INPUT) -> None:
        """Note what is read, as far as it can be a file, so that nothing is written there."""
        for name in (*self.files, *(file for _, file in self.lookups), *filter(None, [self.mapping])):
            with suppress(UsageError):
                guard.reads(file_path(name), what)
        if "-" in self.files:
            guard.reads_standard_input(what)


@dataclass(frozen=True)
class Gates:
    """What stops a run before anything is sent."""

    max_rejects: MaxRejects = field(default_factory=MaxRejects)
    min_rows: int = 0
    allow_shrink: bool = False
    allow_doubles: bool = False
    also_in: tuple[str, ...] = ()  # other Spaces that may have the same events


@dataclass(frozen=True)
class SendingOptions:
    """Which events go out, how fast, and how long to try."""

    rate: int = 1000
    reserve: int = 0
    unlimited: bool = False  # no pace at all, to loopback only: for measuring
    workers: int = 50
    patience: float = 900.0
    wait: float = 0.0  # seconds, for a Space that another run holds
    timeout: float = 30.0  # seconds until an attempt counts as lost; not on the command line
    pauses: tuple[float, float] = (FIRST_PAUSE, LONGEST_PAUSE)  # before another attempt; not on the command line
    limit: int | None = None
    yes: bool = False
    resend: bool = False
    skip_existing: bool = False
    space_timezone: str | None = None
    key_rotated: bool = False
    list_rate: int = LISTS  # requests a minute; not on the command line
    delete_rate: int = DELETES  # the same

    @property
    def share(self) -> int:
        """Requests a minute that it may make, as far as is known before the first answer."""
        return share(self.rate, self.reserve)


@dataclass(frozen=True)
class Outputs:
    """What is written and shown, and where."""

    rejects: FilePath | None = None
    summary: FilePath | None = None
    report: FilePath | None = None
    events: FilePath | None = None
    changes: FilePath | None = None
    plan: Path | None = None  # where a check keeps its receipt
    unmask: bool = False
    metrics: Path | None = None
    gaps: FilePath | None = None
    mark: str = ""  # is in the default reject file's name where several Spaces read one file
    json: bool = False
    quiet: bool = False
    verbose: bool = False
    log_format: LogFormat = "text"

    @property
    def named(self) -> Iterator[tuple[str, FilePath]]:
        """The options that name a file to be written, and that file."""
        for name in ("rejects", "summary", "report", "events", "changes", "plan", "metrics", "gaps"):
            if (path := getattr(self, name)) is not None:
                yield f"--{name}", path

    @property
    def shows(self) -> bool:
        """Whether somebody is shown the sums of the events: on a page, or in a plan."""
        return self.report is not None or not self.quiet


@dataclass(frozen=True)
class Options:
    """What a command is asked for. `argv` is its line, to be printed as the command that goes on."""

    command: str
    argv: tuple[str, ...]
    source: Source = field(default_factory=Source)
    space: Space = field(default_factory=Space)
    sending: SendingOptions = field(default_factory=SendingOptions)
    gates: Gates = field(default_factory=Gates)
    outputs: Outputs = field(default_factory=Outputs)
    state: Path | None = None
    sandbox: bool = False
    number: int | None = None  # the run to undo
    receipt: Receipt | None = None  # what is sent must be what it holds
    dry_run: bool = False

    @classmethod
    def of(cls, command: str, files: tuple[str, ...] = (), argv: tuple[str, ...] = (), **given: Any) -> "Options":
        """Options by the names that the command line has for them."""
        return cls(command, argv).but(files=files, **given)

    def but(self, **given: Any) -> "Options":
        """These with some others, by the names that the command line has for them."""
        grouped: dict[str, dict[str, Any]] = {"": {}}
        for name, value in given.items():
            group, inner = _PLACES[name]
            grouped.setdefault(group, {})[inner] = value
        own = grouped.pop("")
        return replace(self, **own, **{group: replace(getattr(self, group), **of) for group, of in grouped.items()})

    @property
    def flat(self) -> dict[str, Any]:
        """Each option by the name that the command line has for it."""
        return {
            name: getattr(getattr(self, group) if group else self, inner) for name, (group, inner) in _PLACES.items()
        }

    @property
    def about(self) -> dict[str, str]:
        """The labels of each message of the JSON form, and of each figure."""
        return {"command": self.command, "space": self.space.name}

    @cached_property
    def labels(self) -> dict[str, str]:
        """The labels of each figure, however early the run was stopped: with its mapping, where that is known."""
        try:
            return self.about | {"mapping": self._mapping_name()}
        except BackfillError:
            return self.about

    def _mapping_name(self) -> str:
        from backfill.convert.layout import find_mapping, format_of
        from backfill.files.encoding import detect_encoding
        from backfill.files.open import open_parts
        from backfill.mapping import load  # it takes longer to load than most options to be refused

        if self.source.mapping:
            return load(self.source.mapping).name
        if not self.source.files or self.source.files[0] == "-" or is_url(self.source.files[0]):
            return ""
        with open_parts(list(self.source.files[:1])) as parts:
            detect_encoding(parts[0], self.source.encoding)
            return find_mapping(parts[0], format_of(parts[0], None)).name

    @property
    def lasting_state(self) -> Path | None:
        """The state folder, also for the sandbox's; None where there can be none."""
        with suppress(UsageError):
            return (self.state or default_state()).absolute()
        return None

    @property
    def guard(self) -> Guard:
        """What the run reads and is to write."""
        guard = Guard(tuple(_states(self.state)))
        self.source.note(guard)
        if self.receipt is not None:
            guard.reads(self.receipt.path)
        for name, path in self.outputs.named:
            guard.writes(name, path)
        return guard

    def upload_settings(self, state: Path) -> Sending:
        """What the upload needs to know of it."""
        how = self.sending
        return Sending(
            self.space,
            None if how.unlimited else pace_file(self, state),
            how.rate,
            how.reserve,
            how.workers,
            how.patience,
            how.timeout,
            how.pauses,
            how.limit,
            self.gates.max_rejects,
        )


_GROUPS = {"source": Source, "sending": SendingOptions, "gates": Gates, "outputs": Outputs}
_SPACE = {"space": "name", "base_url": "url", "api_key": "key"}  # what the command line calls what a Space has
_PLACES = {  # an option's name on the command line: its group here, and its name there
    **{one.name: ("", one.name) for one in fields(Options) if one.name not in _GROUPS},
    **{one.name: (group, one.name) for group, kind in _GROUPS.items() for one in fields(kind)},
    **{name: ("space", inner) for name, inner in _SPACE.items()},
}


def options_of(given: dict[str, Any], argv: Sequence[str]) -> Options:
    """What a command line that names a Space asks for. Raises UsageError where a key is needed and there is none."""
    given = given | {
        "files": tuple(given.get("files", ())),
        "lookups": tuple(given.pop("lookup", ())),
        "also_in": tuple(given.get("also_in") or ()),
        "max_rejects": given.get("max_rejects") or MaxRejects(),
        "base_url": address_named(given["base_url"]),
        "route": read_route(given["route"], given["space"]) if given.get("route") else None,
    }
    options = Options.of(argv=("backfill", *map(masked, argv)), **given)
    try:
        options = options.but(state=state_named(options.state))
        options = options.but(argv=with_environment(options))
        if (options.command not in _KEYLESS or options.sending.skip_existing) and not options.sandbox:
            options = options.but(api_key=api_key_of(options.space.name))
    except UsageError as error:
        refused(options, error)
        raise
    return options


def refused(options: Options, error: BackfillError) -> None:
    """Write, where figures are asked for, that nothing was begun; where they may not go, nothing is written."""
    if options.outputs.metrics is not None and "--metrics" not in options.guard.refusals():
        write_refusal(options.outputs.metrics, options.labels, error.exit_code)


def with_environment(options: Options) -> tuple[str, ...]:
    """The command line with what the environment has set added: it may be run where the environment does not set it."""
    said = {word.partition("=")[0] for word in options.argv[: _end_of_options(options.argv)]}
    more = ["--state", str(options.state)] if options.state and "--state" not in said else []
    if not options.sandbox and options.space.url != API and "--base-url" not in said:
        more += ["--base-url", options.space.url]
    return with_words(options.argv, *more)


def with_words(argv: Sequence[str], *words: str) -> tuple[str, ...]:
    """A command line with more options."""
    at = _end_of_options(argv)
    return (*argv[:at], *words, *argv[at:])


def _end_of_options(argv: Sequence[str]) -> int:
    return argv.index("--") if "--" in argv else len(argv)


def address_named(given: str | None) -> str:
    """The API's address as an option or COMETLY_API_URL names it, else Cometly's own."""
    return (given or os.environ.get("COMETLY_API_URL", "")).strip() or API


@contextmanager
def state_folder(options: Options) -> Iterator[Path]:
    """The state folder; for the sandbox one that is thrown away. Raises StateError where no folder can be."""
    if options.sandbox:
        with tempfile.TemporaryDirectory(prefix="backfill-sandbox-") as folder:
            yield Path(folder)
    else:
        state = (options.state or default_state()).absolute()
        exists(state, "a folder")
        yield state


def _states(given: Path | None) -> Iterator[Path]:
    """The state folder that was named, and the platform's, where the pace is in any case."""
    if given is not None:
        yield given
    with suppress(UsageError):
        yield default_state()


def pace_file(options: Options, state: Path, endpoint: str = "") -> Path:
    """The file of the pace: one a key and address on this machine, whatever the state folder: the rate is the Space's.

    Create Event has the plain name; `endpoint` is another, with a limit of its own.
    """
    mark = f"-{endpoint}" if endpoint else ""
    name = f"pace/{fingerprint_of(options.space.address + options.space.key)}{mark}.log"
    if options.sandbox:
        return state / name
    try:
        shared = default_state() / name
        make_folder(shared.parent)
        return shared if os.access(shared.parent, os.W_OK) else state / name
    except (OSError, UsageError):
        return state / name
