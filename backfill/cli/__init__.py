"""The command line: options in, an exit code out. Each command is one function of another module."""

import argparse
import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from backfill.cli.command_line import lasting
from backfill.cli.parser import parser

if TYPE_CHECKING:
    from backfill.report.console import Console


def _ask(arguments: argparse.Namespace) -> int:
    from backfill.commands.status import Asked, status, why
    from backfill.storage.state_folder import default_state, state_named

    state = (state_named(arguments.state) or default_state()).absolute()
    asked = Asked(state, arguments.space, arguments.base_url, arguments.json)
    return why(asked, arguments.order_id) if arguments.command == "why" else status(asked)


def _review(arguments: argparse.Namespace, words: list[str]) -> int:
    from backfill.commands.init import drafted, unused_path
    from backfill.commands.review import Browsing, review
    from backfill.run.options import options_of

    given = vars(arguments)
    browsing = Browsing(given.pop("port"), not given.pop("no_browser"), given.pop("unmask"), given.pop("forget"))
    return review(options_of(given, words), browsing, lambda file, *how: (drafted(file, *how), unused_path(file)))


def _serve(arguments: argparse.Namespace) -> int:
    from backfill.sandbox.serve import serve

    return serve(
        arguments.port,
        arguments.overlap,
        rate=arguments.rate,
        window=arguments.window,
        latency=arguments.latency / 1000,
        live=arguments.live,
        visibility=arguments.visible_after,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # no matrix is multiplied here, and numpy would start them all
    if argv is None:
        gc.set_threshold(100_000)  # columns are many objects and no cycles: to look for some so often is 2 % of a check
    silent = _streams()
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["guide"] and words[1:] and {"-h", "--help", "--"}.isdisjoint(words):
        words.insert(1, "--")  # an option's name is a topic too
    try:
        commands = parser()
        return _command(commands.parse_args(words), lasting(words, commands), silent)
    finally:
        if argv is None:  # the process ends here: a second ctrl-c need not show an error
            gc.freeze()  # Python would look through all modules for cycles, which are gone in a moment anyway
            for signum in (signal.SIGINT, signal.SIGTERM):
                signal.signal(signum, signal.SIG_IGN)
        _leave_quietly()


def _command(arguments: argparse.Namespace, words: list[str], silent: bool) -> int:
    from traceback import format_exc

    from backfill.console import tell
    from backfill.errors import BackfillError, UsageError, place_of
    from backfill.storage.handles import crowded, refuse_few, too_many

    try:
        refuse_few()
        if silent and _only_prints(arguments):
            raise UsageError("standard output is closed, and the answer is printed there: give it a file or a pipe")
        match arguments.command:
            case "presets":
                from backfill.commands.presets import presets

                return presets(arguments.name, arguments.json)
            case "guide":
                from backfill.commands.guide import guide

                return guide(arguments.topic)
            case "schema":
                from backfill.commands.presets import show_schema

                return show_schema()
            case "test":
                from backfill.commands.test import run_examples

                return run_examples(arguments.mappings, arguments.json)
            case "init":
                from backfill.commands.init import init

                return init(
                    arguments.file,
                    arguments.output,
                    arguments.encoding,
                    arguments.sheet,
                    presets=not arguments.no_preset,
                    questions=not (arguments.yes or arguments.json),
                    as_json=arguments.json,
                )
            case "status" | "why":
                return _ask(arguments)
            case "sandbox":
                return _serve(arguments)
            case "verify":
                from backfill.commands.verify import verify
                from backfill.run.options import options_of

                return verify(options_of(vars(arguments), words))
            case "ledger":
                from backfill.commands.ledger import copy_ledgers

                return copy_ledgers(arguments.source, arguments.target, arguments.space, arguments.base_url)
            case "undo":
                from backfill.commands.undo import undo
                from backfill.run.options import options_of

                return undo(options_of(vars(arguments), words))
            case "review":
                return _review(arguments, words)
            case "jobs":
                from backfill.cli.jobs import run_jobs

                return run_jobs(arguments, words)
            case _:
                from backfill.commands.upload import upload
                from backfill.run.options import options_of

                given = _received(arguments, words) if arguments.command == "upload" else arguments
                return upload(options_of(vars(given), words))
    except BackfillError as error:
        _console(arguments).fail(error)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        if crowded(error):
            _console(arguments).fail(too_many("where more are needed"))
            return 2
        if getattr(arguments, "verbose", False):
            tell(format_exc())
        _console(arguments).fail(
            f"a bug: {type(error).__name__} at {place_of(error)}; please report it with the output of --verbose"
        )
        return 1


def _only_prints(arguments: argparse.Namespace) -> bool:
    """Whether the command is of no use to anybody without its standard output, as no file of its own has the answer."""
    given = vars(arguments)
    if any(given.get(name) for name in ("summary", "report", "metrics", "gaps", "events", "changes")):
        return False
    if given.get("json") or given.get("dry_run") or str(given.get("output")) == "-":
        return True
    return arguments.command in ("presets", "guide", "schema", "test", "status", "why", "verify")


# What a receipt holds, and what only says how it is sent or shown.
_HELD = (
    *("mapping", "lookup", "sheet", "timezone", "date_order", "decimal", "encoding", "since", "until", "route"),
    *("space", "base_url", "space_timezone", "skip_existing", "max_rejects", "min_rows", "allow_shrink"),
)


def _received(arguments: argparse.Namespace, words: list[str]) -> argparse.Namespace:
    """What is asked for where the one file is a receipt: all that it holds. Raises UsageError where more is said."""
    from backfill.errors import UsageError
    from backfill.run.receipt import Receipt, is_receipt

    if len(arguments.files) != 1 or not is_receipt(arguments.files[0]):
        return arguments
    receipt = Receipt.read(Path(arguments.files[0]))
    held = parser().parse_args(receipt.words)
    plain = parser().parse_args(["upload", arguments.files[0]])
    for name in _HELD:
        said, had = getattr(arguments, name), getattr(held, name)
        if said not in (getattr(plain, name), had):
            option = f"--{name.replace('_', '-')}"
            than = f" than {said}" if isinstance(said, str) else ""
            raise UsageError(f"{arguments.files[0]}: holds another {option}{than}; leave it out, or check again")
    for name in (*_HELD, "files"):
        setattr(arguments, name, getattr(held, name))
    arguments.receipt = receipt
    return arguments


def _console(arguments: argparse.Namespace) -> "Console":
    from backfill.report.console import Console

    about = {name: given for name in ("command", "space") if (given := getattr(arguments, name, None))}
    return Console(form=getattr(arguments, "log_format", "text"), about=about)


def _streams() -> bool:
    """Make do with streams that are closed, or that can't show every letter of a file's name.

    Returns whether standard output is closed.
    """
    silent = sys.stdout is None
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    return silent


def _leave_quietly() -> None:
    """A reader that has gone away (`| head`) is no error, also when the interpreter ends."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
