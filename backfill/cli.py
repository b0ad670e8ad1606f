"""The command line: options in, an exit code out. Each command is one function of another module."""

import argparse
import os
import re
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from backfill import __version__

if TYPE_CHECKING:
    from backfill.booking import MaxRejects

API = "https://app.cometly.com"
EXITS = """exit codes: 0 finished, no rejects; 1 a bug, or counts that do not balance; 2 usage, mapping, source or
state that can't be used, nothing was sent; 3 finished, and there are rejects; 4 the API stopped the run; 5 a threshold
stopped it; 6 another run holds this Space; 130, 143 interrupted"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        if message.startswith("unrecognized arguments:"):  # what else stands there may be a key: not for a log
            names = re.findall(r"(?<=\s)--?[A-Za-z][A-Za-z-]*", message)
            message = f"unrecognized arguments{': ' if names else ''}{' '.join(names)}"
        self.exit(2, f"{self.prog}: {message}; {self.prog} --help lists what is possible\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="backfill", description=__doc__ and "Bring exported orders and CRM records into Cometly.", epilog=EXITS
    )
    parser.add_argument("--version", action="version", version=f"backfill {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    for name, text in (
        ("check", "everything but sending: read, map, validate, compare"),
        ("upload", "check, then send what is left"),
    ):
        _reading(commands.add_parser(name, help=text, description=text, epilog=EXITS, allow_abbrev=False))
    _sending(commands.choices["upload"])
    drafting = commands.add_parser("init", help="write a commented mapping for this file", allow_abbrev=False)
    drafting.add_argument("file", metavar="FILE", help="an export; - for standard input")
    drafting.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="PATH",
        help="where the mapping goes (NAME.yaml beside FILE; - for standard output)",
    )
    commands.add_parser("schema", help="the JSON Schema of the mapping grammar", allow_abbrev=False)
    listing = commands.add_parser("presets", help="list the shipped mappings; print one", allow_abbrev=False)
    listing.add_argument("name", nargs="?", metavar="NAME")
    _sandbox(commands.add_parser("sandbox", help="a local stand-in for the API, on 127.0.0.1 only", allow_abbrev=False))
    return parser


def _reading(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a .csv, .tsv, .txt, .jsonl or .ndjson, plain or compressed; - for standard input",
    )
    parser.add_argument(
        "-m", "--mapping", metavar="MAPPING", help="a preset's name or a file; else the header picks a preset"
    )
    parser.add_argument(
        "--space",
        default="default",
        metavar="NAME",
        type=_space,
        help="the Space whose ledger and key to use (default)",
    )
    parser.add_argument("--rejects", type=Path, metavar="PATH", help="where the reject file goes; replaced whole")
    parser.add_argument("--summary", type=Path, metavar="PATH", help="write the summary there, as JSON")
    parser.add_argument(
        "--state", type=Path, metavar="DIR", help="where ledgers live (else BACKFILL_STATE, else the platform's folder)"
    )
    parser.add_argument(
        "--lookup",
        action="append",
        default=[],
        type=_lookup,
        metavar="NAME=FILE",
        help="the export that the mapping joins under this name; may come several times",
    )
    parser.add_argument(
        "--timezone", metavar="ZONE", type=_zone, help="the zone of times without an offset, such as Europe/Berlin"
    )
    parser.add_argument("--date-order", choices=("ymd", "dmy", "mdy"), metavar="ORDER", help="ymd, dmy or mdy")
    parser.add_argument("--decimal", choices=(".", ","), metavar="MARK", help="the decimal mark of amounts: . or ,")
    parser.add_argument("--since", metavar="TIME", help="events before this time give none")
    parser.add_argument("--until", metavar="TIME", help="events from this time on give none")
    parser.add_argument(
        "--max-rejects", metavar="N|P%", type=_max_rejects, help="stop with exit 5 where there are more"
    )
    parser.add_argument("--min-rows", type=_between(0, 10**12), default=0, metavar="N", help="exit 5 under N rows")
    parser.add_argument("--allow-shrink", action="store_true", help="take a file with far fewer rows than before")
    parser.add_argument("--json", action="store_true", help="the summary, and nothing else, on standard output")
    parser.add_argument("--quiet", action="store_true", help="errors only")
    parser.add_argument("--verbose", action="store_true", help="more detail on standard error")


def _sending(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rate",
        type=_between(1, 1000),
        default=1000,
        metavar="N",
        help="requests a minute, at most and by default 1000",
    )
    parser.add_argument(
        "--workers", type=_between(1, 500), default=50, metavar="N", help="requests in flight at most (50)"
    )
    parser.add_argument(
        "--patience",
        type=_duration,
        default=900.0,
        metavar="DURATION",
        help="how long to wait for an API that is down (15m)",
    )
    parser.add_argument(
        "--limit", type=_between(0, 10**12), metavar="N", help="send N of the events, spread over the input"
    )
    parser.add_argument("--base-url", metavar="URL", help=f"the API's address (else COMETLY_API_URL, else {API})")
    parser.add_argument("--key-rotated", action="store_true", help="this Space's API key was replaced")
    parser.add_argument("--sandbox", action="store_true", help="send to a local stand-in and throw its state away")
    parser.add_argument("--yes", action="store_true", help="do not ask before sending")


def _sandbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port",
        type=_between(0, 65535),
        default=8765,
        metavar="N",
        help="the port on 127.0.0.1 (8765; 0 takes a free one)",
    )
    parser.add_argument(
        "--rate", type=_between(1, 10**6), default=1000, metavar="N", help="requests a minute it allows (1000)"
    )
    parser.add_argument(
        "--window",
        choices=("fixed", "calendar", "sliding", "bucket"),
        default="fixed",
        help="how it counts a minute (fixed)",
    )
    parser.add_argument(
        "--latency", type=_between(0, 60_000), default=0, metavar="MS", help="milliseconds before it answers (0)"
    )


def _space(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}", text):
        raise argparse.ArgumentTypeError(
            "a Space's name has up to 64 letters, digits, blanks, dots, dashes and underscores"
        )
    return text


def _lookup(text: str) -> tuple[str, str]:
    name, equals, file = text.partition("=")
    if not (name and equals and file):
        raise argparse.ArgumentTypeError("must be NAME=FILE, such as contacts=contacts.csv")
    return name, file


def _zone(text: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no IANA time zone, such as Europe/Berlin or America/New_York"
        ) from None
    return text


def _between(least: int, most: int):  # type: ignore[no-untyped-def]
    def number(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 18 and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
        return int(text)

    return number


def _duration(text: str) -> float:
    found = re.fullmatch(r"(\d{1,9}(?:\.\d+)?) ?(s|sec|m|min|h|)", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration, such as 90s, 15m or 2h")
    return float(found[1]) * {"": 1, "s": 1, "sec": 1, "m": 60, "min": 60, "h": 3600}[found[2]]


def _max_rejects(text: str) -> "MaxRejects":
    from backfill.booking import MaxRejects

    if re.fullmatch(r"[0-9]{1,18}", text):
        return MaxRejects(number=int(text))
    if re.fullmatch(r"[0-9]{1,3}(\.[0-9]{1,6})?%", text):
        return MaxRejects(percent=Decimal(text[:-1]))
    raise argparse.ArgumentTypeError(f"{text!r} is neither a number, such as 100, nor a share, such as 2%")


def _api_key(space: str) -> str:
    """The Space's key from its own variable, and from nothing else. Raises UsageError where it is not there."""
    from backfill.errors import UsageError

    name = "COMETLY_API_KEY"
    if space != "default":
        name += "_" + re.sub(r"[^A-Z0-9]", "_", space.upper())
    key = os.environ.get(name, "").strip()
    if not key:
        raise UsageError(f"space {space}: no API key; set the environment variable {name}")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(f"space {space}: {name} holds characters that no API key has")
    return key


def _backfill(arguments: argparse.Namespace, argv: Sequence[str]) -> int:
    from backfill.booking import MaxRejects
    from backfill.options import Options
    from backfill.run import run

    given: dict[str, Any] = vars(arguments)
    given["files"], given["lookups"] = tuple(given["files"]), tuple(given.pop("lookup"))
    given["max_rejects"] = given["max_rejects"] or MaxRejects()
    given["state"] = given["state"] or (
        Path(os.environ["BACKFILL_STATE"]) if os.environ.get("BACKFILL_STATE") else None
    )
    given["base_url"] = (given.get("base_url") or os.environ.get("COMETLY_API_URL", "")).strip() or API
    if given["command"] == "upload" and not given["sandbox"]:
        given["api_key"] = _api_key(given["space"])
    return run(Options(argv=("backfill", *argv), **given))


def _presets(name: str | None) -> int:
    from backfill.mapping import load, preset_text, presets

    if name:
        sys.stdout.write(preset_text(name))
    else:
        width = max(map(len, presets()), default=0)
        for preset in presets():
            print(f"{preset:<{width}}  {load(preset).description}")
    return 0


def _schema() -> int:
    import json

    from backfill.mapping import schema

    print(json.dumps(schema(), indent=1))
    return 0


def _serve(arguments: argparse.Namespace) -> int:
    from backfill.sandbox.serve import serve

    return serve(arguments.port, arguments.rate, arguments.window, arguments.latency / 1000)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    _streams()
    words = list(sys.argv[1:] if argv is None else argv)
    arguments = _parser().parse_args(words)
    try:
        return _command(arguments, words)
    finally:
        if argv is None:  # the process ends here: one ctrl-c too many need not make a noise
            for signum in (signal.SIGINT, signal.SIGTERM):
                signal.signal(signum, signal.SIG_IGN)
        _leave_quietly()


def _command(arguments: argparse.Namespace, words: list[str]) -> int:
    from backfill.errors import BackfillError

    try:
        match arguments.command:
            case "presets":
                return _presets(arguments.name)
            case "schema":
                return _schema()
            case "init":
                from backfill.init import init

                return init(arguments.file, arguments.output)
            case "sandbox":
                return _serve(arguments)
            case _:
                return _backfill(arguments, words)
    except BackfillError as error:
        sys.stderr.write(f"backfill: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        return 0
    except Exception as error:
        if getattr(arguments, "verbose", False):
            raise
        where = error.__traceback__
        while where and where.tb_next:
            where = where.tb_next
        place = f"{Path(where.tb_frame.f_code.co_filename).name}:{where.tb_lineno}" if where else "?"
        sys.stderr.write(
            f"backfill: a bug: {type(error).__name__} at {place}; please report it with the output of --verbose\n"
        )
        return 1


def _streams() -> None:
    """Make do with streams that are closed, or that can't show every letter of a file's name."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _leave_quietly() -> None:
    """A reader that has gone away (`| head`) is no error, at the interpreter's end neither."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            with suppress(OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


if __name__ == "__main__":
    sys.exit(main())
