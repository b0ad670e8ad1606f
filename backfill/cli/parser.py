"""The command line's grammar: commands and their options."""

import argparse
import re
import sys
from typing import Any, NoReturn

from backfill import API, __version__
from backfill.run.option_values import (
    duration,
    encoding,
    filled,
    folder,
    local,
    lookup,
    max_rejects,
    output,
    space,
    spaces,
    whole,
    zone,
)

_STATE = "where ledgers live (else BACKFILL_STATE, else the platform's folder)"
EXITS = """exit codes: 0 finished, no rejects; 1 a bug, or counts that do not balance; 2 usage, mapping, source or
state that can't be used, nothing was sent; 3 finished, and there are rejects (verify: the sides differ; undo:
something was left); 4 the API stopped the run, or a disk did once something was sent: run it again; 5 a threshold
stopped it; 6 another run holds this Space; 130, 143, 129 interrupted"""


class _Parser(argparse.ArgumentParser):
    def _print_message(self, message: str, file: Any = None) -> None:
        from backfill.console import show_as_is, tell
        from backfill.errors import StateError

        if file is sys.stderr:
            tell(message.removesuffix("\n"))
            return
        try:
            show_as_is(message, end="")
        except StateError as error:
            self.exit(error.exit_code, f"{self.prog}: {error}\n")

    def error(self, message: str) -> NoReturn:
        if message.startswith("unrecognized arguments:"):  # what else is there may be a key: not for a log
            names = re.findall(r"(?<=\s)--?[A-Za-z][A-Za-z-]*", message)
            message = f"unrecognized arguments{': ' if names else ''}{' '.join(names)}"
        self.exit(2, f"{self.prog}: {message}; {self.prog} --help lists what is possible\n")


class _Printing(argparse.Action):
    """Print something that is no run, and leave."""

    def __call__(self, parser: argparse.ArgumentParser, _: Any, value: Any, option: str | None = None) -> NoReturn:
        from backfill.cli.completion import WORDS, script
        from backfill.errors import BackfillError

        try:
            text = script(parser, value) if option == "--print-completion" else "\n".join(WORDS[value]())
        except BackfillError:
            text = ""  # a shell that asks for words has no use for a sentence
        parser._print_message(f"{text}\n")
        parser.exit()


def parser() -> argparse.ArgumentParser:
    """The parser of every command."""
    parser = _Parser(
        prog="backfill", description=__doc__ and "Bring exported orders and CRM records into Cometly.", epilog=EXITS
    )
    parser.add_argument("--version", action="version", version=f"backfill {__version__}")
    parser.add_argument(
        "--print-completion",
        action=_Printing,
        choices=("bash", "zsh", "tcsh"),
        default=argparse.SUPPRESS,
        help="print the completion of commands, options, presets and Spaces for this shell",
    )
    parser.add_argument(  # what a shell completes
        "--words", action=_Printing, default=argparse.SUPPRESS, help=argparse.SUPPRESS
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    for name, text in (
        ("check", "everything but sending: read, map, validate, compare"),
        ("upload", "check, then send what is left"),
    ):
        _reading(commands.add_parser(name, help=text, description=text, epilog=EXITS, allow_abbrev=False))
    commands.choices["check"].add_argument(
        "--plan",
        type=local,
        metavar="PATH",
        help="keep what was seen there: upload PATH sends just that, or nothing",
    )
    _sending(commands.choices["upload"])
    text = "read the Space's events back, to compare with the file and the ledger; write the gaps as a file to upload"
    _verifying(commands.add_parser("verify", help=text, description=text, epilog=EXITS, allow_abbrev=False))
    text = "delete the events that a run created, after a confirmation"
    _undoing(commands.add_parser("undo", help=text, description=text, epilog=EXITS, allow_abbrev=False))
    _asking(commands.add_parser("status", help="what the ledger and the past runs say, a Space", allow_abbrev=False))
    asking = commands.add_parser("why", help="one order's story", allow_abbrev=False)
    asking.add_argument(
        "order_id",
        metavar="ORDER_ID",
        help="an order id, name (#1090), key, or a row (orders.csv:12, orders.rejects.csv:12)",
    )
    _asking(asking)
    _jobs(
        commands.add_parser("jobs", help="many files, mappings and Spaces in one go", epilog=EXITS, allow_abbrev=False)
    )
    text = "a check as a page on this machine, to look, mend and hand over; it sends nothing"
    _reviewing(commands.add_parser("review", help=text, description=text, epilog=EXITS, allow_abbrev=False))
    text = "copy the ledgers of all Spaces, or of one, to another home, and use them there from then on"
    _copying(commands.add_parser("ledger", help=text, description=text, epilog=EXITS, allow_abbrev=False))
    drafting = commands.add_parser("init", help="write a commented mapping for this file", allow_abbrev=False)
    drafting.add_argument("file", metavar="FILE", help="an export; - for standard input")
    drafting.add_argument(
        "-o",
        "--output",
        type=local,
        metavar="PATH",
        help="where the mapping goes (NAME.yaml next to FILE; - for standard output)",
    )
    drafting.add_argument("--encoding", metavar="NAME", type=encoding, help="the file's encoding, such as cp1252")
    drafting.add_argument(
        "--sheet", metavar="NAME", type=filled, help="the workbook's sheet; else the one with a header"
    )
    drafting.add_argument(
        "--no-preset", action="store_true", help="draft it from columns and values, even where a preset is known"
    )
    drafting.add_argument("--yes", action="store_true", help="do not ask; what the file can't answer is left open")
    drafting.add_argument("--json", action="store_true", help="what was found, and nothing else, on standard output")
    commands.add_parser("schema", help="the JSON Schema of the mapping grammar", allow_abbrev=False)
    listing = commands.add_parser("presets", help="list the shipped mappings; print one", allow_abbrev=False)
    listing.add_argument("name", nargs="?", metavar="NAME")
    listing.add_argument("--json", action="store_true", help="as JSON")
    testing = commands.add_parser("test", help="run the examples inside mappings", allow_abbrev=False)
    testing.add_argument("mappings", nargs="+", metavar="MAPPING", help="a preset's name or a file")
    testing.add_argument("--json", action="store_true", help="one object, and nothing else, on standard output")
    reading = commands.add_parser("guide", help="list the guide's pages; show one", allow_abbrev=False)
    reading.add_argument(
        "topic", nargs="?", metavar="TOPIC", help="a page's name; for a code, key or option it says which pages name it"
    )
    _sandbox(commands.add_parser("sandbox", help="a local stand-in for the API, on 127.0.0.1 only", allow_abbrev=False))
    return parser


def _copying(parser: argparse.ArgumentParser) -> None:
    home = "a state folder, or postgresql://USER@HOST:5432/DATABASE"
    parser.add_argument("act", choices=("copy",), help="what to do with them")
    parser.add_argument("source", metavar="FROM", help=f"where they are: {home}")
    parser.add_argument("target", metavar="TO", help="where they go: the same")
    parser.add_argument("--space", metavar="NAME", type=space, help="this Space alone")
    parser.add_argument("--base-url", metavar="URL", type=filled, help="the Spaces at this API address alone")


def _input(parser: argparse.ArgumentParser) -> None:
    """What every command that reads files takes."""
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="a .csv, .tsv, .txt, .jsonl, .ndjson, .json or .xlsx, plain or compressed; - for standard input",
    )
    parser.add_argument(
        "-m",
        "--mapping",
        metavar="MAPPING",
        type=filled,
        help="a preset's name or a file; else the header picks a preset",
    )
    parser.add_argument(
        "--lookup",
        action="append",
        default=[],
        type=lookup,
        metavar="NAME=FILE",
        help="the export that the mapping joins under this name; may come several times",
    )
    parser.add_argument(
        "--timezone", metavar="ZONE", type=zone, help="the zone of times without an offset, such as Europe/Berlin"
    )
    parser.add_argument("--date-order", choices=("ymd", "dmy", "mdy"), metavar="ORDER", help="ymd, dmy or mdy")
    parser.add_argument("--decimal", choices=(".", ","), metavar="MARK", help="the decimal mark of amounts: . or ,")
    parser.add_argument("--encoding", metavar="NAME", type=encoding, help="the files' encoding, such as cp1252")
    parser.add_argument(
        "--sheet", metavar="NAME", type=filled, help="the workbooks' sheet; else the one that has the columns"
    )
    parser.add_argument("--since", metavar="TIME", type=filled, help="events before this time give none")
    parser.add_argument("--until", metavar="TIME", type=filled, help="events from this time on give none")


def _space_of(parser: argparse.ArgumentParser) -> None:
    """Which Space, where it is and what is known of it."""
    parser.add_argument(
        "--space",
        default="default",
        metavar="NAME",
        type=space,
        help="the Space whose ledger and key to use (default)",
    )
    parser.add_argument(
        "--state",
        type=folder,
        metavar="DIR",
        help=_STATE,
    )
    parser.add_argument(
        "--base-url", metavar="URL", type=filled, help=f"the API's address (else COMETLY_API_URL, else {API})"
    )
    parser.add_argument(
        "--space-timezone", metavar="ZONE", type=zone, help="the Space's own zone, in which the API reads dates back"
    )
    parser.add_argument("--quiet", action="store_true", help="errors only")
    parser.add_argument(
        "--verbose",
        action="store_true",
        help="more on standard error: how each file is read, its rows, each attempt that failed, and a bug's place",
    )


def _reading(parser: argparse.ArgumentParser) -> None:
    _input(parser)
    _space_of(parser)
    parser.add_argument(
        "--route",
        type=filled,
        metavar="JSON",
        help="a plan's route: of its reject files take the rows of --space",
    )
    parser.add_argument("--rejects", type=output, metavar="PATH", help="where the reject file goes; replaced whole")
    parser.add_argument("--summary", type=output, metavar="PATH", help="write the summary there, as JSON")
    parser.add_argument("--report", type=output, metavar="PATH", help="write a page to look at there, as HTML")
    parser.add_argument(
        "--events", type=output, metavar="PATH", help="write the events there as they go out, as JSON lines"
    )
    parser.add_argument(
        "--changes", type=output, metavar="PATH", help="write there what sent events have otherwise now, as JSON lines"
    )
    parser.add_argument("--unmask", action="store_true", help="show people on that page as the file has them")
    parser.add_argument(
        "--skip-existing", action="store_true", help="read the Space's events back, and leave out the orders among them"
    )
    parser.add_argument("--max-rejects", metavar="N|P%", type=max_rejects, help="stop with exit 5 where there are more")
    parser.add_argument("--min-rows", type=whole(0, 10**12), default=0, metavar="N", help="exit 5 under N rows")
    parser.add_argument("--allow-shrink", action="store_true", help="take a file with far fewer rows than before")
    parser.add_argument("--json", action="store_true", help="the summary, and nothing else, on standard output")
    _logging(parser)


def _verifying(parser: argparse.ArgumentParser) -> None:
    _input(parser)
    _space_of(parser)
    parser.add_argument(
        "--gaps",
        type=output,
        metavar="PATH",
        help="where rows go that the Space lacks (NAME.missing.csv next to FILE)",
    )
    parser.add_argument(
        "--allow-doubles", action="store_true", help="events that are alike under several ids are several orders"
    )
    parser.add_argument("--json", action="store_true", help="the result, and nothing else, on standard output")


def _reviewing(parser: argparse.ArgumentParser) -> None:
    _input(parser)
    parser.add_argument("--route", action=_Routed, help=argparse.SUPPRESS)
    parser.add_argument("--space", default="default", metavar="NAME", type=space, help="the Space whose ledger to use")
    parser.add_argument("--state", type=folder, metavar="DIR", help=_STATE)
    parser.add_argument(
        "--base-url", metavar="URL", type=filled, help=f"the API's address (else COMETLY_API_URL, else {API})"
    )
    parser.add_argument(
        "--port", type=whole(0, 65535), default=0, metavar="N", help="the port on 127.0.0.1 (a free one)"
    )
    parser.add_argument("--no-browser", action="store_true", help="print the page's address, and open no browser")
    parser.add_argument("--unmask", action="store_true", help="show people from the start as the file has them")
    parser.add_argument(
        "--forget", action="store_true", help="drop the cells that were mended and kept for these files"
    )


def _undoing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("number", metavar="RUN", type=whole(1, 10**12), help="the run's number, from its summary")
    _space_of(parser)
    parser.add_argument("--key-rotated", action="store_true", help="this Space's API key was replaced")
    parser.add_argument("--dry-run", action="store_true", help="say what would be deleted, and delete nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask; needed where nobody is there to answer")


def _logging(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--metrics", type=local, metavar="PATH", help="write figures for Prometheus there at times")
    parser.add_argument(
        "--log-format",
        choices=("text", "json"),
        default="text",
        metavar="FORMAT",
        help="standard error as text, or a JSON object a line",
    )


def _sending(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--rate",
        type=whole(1, 1000),
        default=1000,
        metavar="N",
        help="requests a minute, at most and by default 1000",
    )
    parser.add_argument(
        "--reserve",
        type=whole(0, 999),
        default=0,
        metavar="N",
        help="requests a minute left free for the Space's live traffic, which goes first in any case (0)",
    )
    parser.add_argument("--unlimited", action="store_true", help=argparse.SUPPRESS)  # for measuring, to loopback only
    parser.add_argument(
        "--workers", type=whole(1, 500), default=50, metavar="N", help="requests in flight at most (50)"
    )
    parser.add_argument(
        "--patience",
        type=duration,
        default=900.0,
        metavar="DURATION",
        help="how long to wait for an API that is down (15m)",
    )
    parser.add_argument(
        "--wait",
        type=duration,
        default=0.0,
        metavar="DURATION",
        help="how long to wait for a Space that another run holds (0s)",
    )
    parser.add_argument(
        "--limit", type=whole(0, 10**12), metavar="N", help="send N of the events, spread over the input"
    )
    parser.add_argument("--key-rotated", action="store_true", help="this Space's API key was replaced")
    parser.add_argument(
        "--resend", action="store_true", help="send what the ledger has too, each event under its own key"
    )
    parser.add_argument(
        "--allow-doubles",
        action="store_true",
        help="send events like others in the ledger under other keys: they are other orders",
    )
    parser.add_argument(
        "--also-in",
        action="extend",
        type=spaces,
        metavar="SPACE",
        help="events that this other Space's ledger has belong here too",
    )
    parser.add_argument("--sandbox", action="store_true", help="send to a local stand-in and throw its state away")
    parser.add_argument("--yes", action="store_true", help="do not ask before sending")
    parser.add_argument("--dry-run", action=_Rehearsal, help=argparse.SUPPRESS)


class _Rehearsal(argparse.Action):
    """Names the command that does here what other programs call a dry run."""

    def __init__(self, option_strings: list[str], dest: str, help: str | None = None):
        super().__init__(option_strings, argparse.SUPPRESS, nargs="?", help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        own = "`backfill check` does, with the same files and options"
        does = "`backfill jobs PLAN --check` does" if parser.prog.endswith("jobs") else own
        parser.error(f"--dry-run is what {does}: everything but sending")


class _Routed(argparse.Action):
    """Says what a review takes in place of a plan's routed files."""

    def __init__(self, option_strings: list[str], dest: str, help: str | None = None):
        super().__init__(option_strings, argparse.SUPPRESS, nargs="?", help=help)

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        parser.error("--route is of a plan's jobs, and a review is of one Space: give it a job's files without it")


def _asking(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--space", metavar="NAME", type=space, help="this Space alone (else every one)")
    parser.add_argument(
        "--base-url", metavar="URL", type=filled, help="the ledgers of this API address alone (else of every one)"
    )
    parser.add_argument(
        "--state",
        type=folder,
        metavar="DIR",
        help=_STATE,
    )
    parser.add_argument("--json", action="store_true", help="as JSON")


def _jobs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", type=local, metavar="PLAN", help="a YAML file: which files go to which Spaces, and how")
    parser.add_argument("--check", action="store_true", help="everything but sending, for every job")
    parser.add_argument(
        "--part",
        metavar="K/N",
        type=filled,
        help="the K-th of N parts of the plan; /N where the platform says which one this is",
    )
    parser.add_argument(
        "--on",
        type=filled,
        metavar="dask://HOST:PORT",
        help="have a Dask cluster do them, each Space's jobs as one task",
    )
    parser.add_argument("--dry-run", action=_Rehearsal, help=argparse.SUPPRESS)
    parser.add_argument("--summary", type=output, metavar="PATH", help="write the summary of all there, as JSON")
    parser.add_argument(
        "--state",
        type=folder,
        metavar="DIR",
        help=_STATE,
    )
    parser.add_argument(
        "--base-url", metavar="URL", type=filled, help=f"the API's address (else COMETLY_API_URL, else {API})"
    )
    parser.add_argument("--sandbox", action="store_true", help="send to a local stand-in and throw its state away")
    parser.add_argument("--yes", action="store_true", help="do not ask before sending")
    parser.add_argument("--json", action="store_true", help="the summary, and nothing else, on standard output")
    _logging(parser)
    parser.add_argument("--quiet", action="store_true", help="errors only")
    parser.add_argument("--verbose", action="store_true", help="more detail on standard error")


def _sandbox(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port",
        type=whole(0, 65535),
        default=8765,
        metavar="N",
        help="the port on 127.0.0.1 (8765; 0 takes a free one)",
    )
    parser.add_argument(
        "--rate", type=whole(1, 10**6), default=1000, metavar="N", help="requests a minute it allows (1000)"
    )
    parser.add_argument(
        "--window",
        choices=("fixed", "calendar", "sliding", "bucket"),
        default="fixed",
        help="how it counts a minute (fixed)",
    )
    parser.add_argument(
        "--latency", type=whole(0, 60_000), default=0, metavar="MS", help="milliseconds before it answers (0)"
    )
    parser.add_argument(
        "--live",
        type=whole(0, 3000),
        default=0,
        metavar="N",
        help="events a minute, with bursts, of live traffic on the same Space; counted at the end (0)",
    )
    parser.add_argument(
        "--visible-after",
        type=whole(0, 10**6),
        default=0,
        metavar="SECONDS",
        help="seconds until an event can be read back (0)",
    )
    parser.add_argument(
        "--overlap",
        type=local,
        metavar="FILE",
        help="events that are there before, a JSON body a line",
    )
