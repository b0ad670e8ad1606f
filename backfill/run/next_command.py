"""Commands that are printed: one that goes on from a run has all its options that still mean something."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from backfill import API
from backfill.errors import ThresholdStop, command
from backfill.run.options import Options, with_words
from backfill.storage.remote.path import FilePath, RemotePath, absolute, masked
from backfill.upload.limits import MaxRejects

CARRIED = (  # in this order
    "space",
    "state",
    "timezone",
    "date_order",
    "decimal",
    "encoding",
    "since",
    "until",
    "max_rejects",
    "rate",
    "reserve",
    "unlimited",
    "workers",
    "patience",
    "wait",
    "key_rotated",
    "sandbox",
    "skip_existing",
    "resend",
    "allow_doubles",
    "also_in",
    "space_timezone",
)


def upload_of(options: Options, mapping: str, inferred: Mapping[str, str], file: FilePath) -> list[str]:
    """The command that sends some rows of a run's input, in a file of their own, read and sent as the input was.

    `inferred` are the values of settings that were inferred from the input, by the options' names.
    """
    return ["backfill", "upload", str(file), "-m", mapping, *_carried(options, CARRIED, inferred)]


def words_of(options: Options, mapping: str) -> list[str]:
    """The command that sends what a check has seen, wherever the ledger is kept."""
    files = [absolute(name) for name in options.source.files]
    names = [name for name in (*CARRIED, "sheet", "min_rows", "allow_shrink") if name != "state"]
    return ["upload", *files, "-m", mapping, *_carried(options, names, {})]


_READ = ("space", "state", "timezone", "date_order", "decimal", "encoding", "sheet", "since", "until")


def of_input(options: Options, name: str, mapping: str) -> list[str]:
    """Another command for the same files, which reads them in the same way."""
    return ["backfill", name, *map(masked, options.source.files), "-m", mapping, *_carried(options, _READ, {})]


def receipt_of(options: Options) -> list[str]:
    """The command that sends what is in the receipt of a check."""
    had = {"--rejects": options.outputs.rejects, "--state": options.state}
    kept = (word for flag, path in had.items() if path for word in (flag, _written(path)))
    rotated = ["--key-rotated"] if options.sending.key_rotated else []  # which no receipt says for it
    return ["backfill", "upload", _written(options.outputs.plan), *kept, *rotated]


def _carried(options: Options, names: Sequence[str], inferred: Mapping[str, str]) -> list[str]:
    words = ["--base-url", options.space.url] if options.space.url not in ("", API) and not options.sandbox else []
    had, usual = options.flat, Options.of(options.command).flat
    for name in names:
        value = inferred[name] if had[name] is None and name in inferred else had[name]
        if value != usual[name]:
            words += _said(f"--{name.replace('_', '-')}", value)
    words += ["--route", options.source.route.written] if options.source.route else []
    words += [word for name, table in options.source.lookups for word in ("--lookup", f"{name}={absolute(table)}")]
    return words


def undo_of(options: Options, number: int) -> list[str]:
    """The command that takes a run back."""
    words = ["backfill", "undo", str(number)]
    words += ["--space", options.space.name] if options.space.name != "default" else []
    words += ["--state", _written(options.state)] if options.state else []
    words += ["--base-url", options.space.url] if options.space.url not in ("", API) else []
    return [*words, *(["--space-timezone", options.sending.space_timezone] if options.sending.space_timezone else [])]


def for_space(argv: Sequence[str], space: str) -> list[str]:
    """The same command for another Space, with files and a key of its own."""
    words = [word for word in argv if word != "--key-rotated"]
    for flag in ("--space", "--rejects", "--summary", "--report", "--events", "--changes", "--metrics"):
        words = without(words, flag)
    return [*with_words(words, "--space", space)]


def of_plan(argv: Sequence[str]) -> bool:
    """Whether a run of these words is a job of a plan, whose settings are in the plan and not on a command line."""
    return argv[1:2] == ("jobs",)


def all_the_same(argv: Sequence[str], stopped: ThresholdStop) -> str:
    """The command, or the change to the plan, that goes on as things are after such a stop; "" where nothing does."""
    if stopped.drop:
        changed = f"change {stopped.drop[2:]} in the plan, or leave it out there"
        return changed if of_plan(argv) else command(without(argv, stopped.drop))
    if not stopped.add:
        return ""
    if not of_plan(argv):
        return command(with_words(argv, *stopped.add))
    values = [word for word in stopped.add if word != stopped.add[0]]
    return f"set {stopped.add[0][2:]}: {','.join(values) or 'true'} in the plan"


def without(argv: Sequence[str], flag: str) -> list[str]:
    """A command line without one flag and its value."""
    words: list[str] = []
    rest = iter(argv)
    for word in rest:
        if word == flag:
            next(rest, None)
        elif not word.startswith(f"{flag}="):
            words.append(word)
    return words


def _said(flag: str, value: object) -> Iterator[str]:
    """An option with its value, as the command line has it."""
    if value is True:
        yield flag
    elif isinstance(value, tuple):
        for one in value:
            yield from _said(flag, one)
    else:
        yield from (flag, _written(value))


def _written(value: object) -> str:
    if isinstance(value, MaxRejects):
        return f"{value.percent}%" if value.percent is not None else str(value.number)
    if isinstance(value, Path | RemotePath):
        return str(value.absolute())
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
