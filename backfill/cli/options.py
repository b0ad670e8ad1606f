"""The options of each command that takes more than a few."""

import argparse

from backfill import API
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


def copying(parser: argparse.ArgumentParser) -> None:
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


def reading(parser: argparse.ArgumentParser) -> None:
    _input(parser)
    _space_of(parser)
    _route(parser)
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
    parser.add_argument("--key-rotated", action="store_true", help="this Space's API key was replaced")
    parser.add_argument("--max-rejects", metavar="N|P%", type=max_rejects, help="stop with exit 5 where there are more")
    parser.add_argument("--min-rows", type=whole(0, 10**12), default=0, metavar="N", help="exit 5 under N rows")
    parser.add_argument("--allow-shrink", action="store_true", help="take a file with far fewer rows than before")
    parser.add_argument("--json", action="store_true", help="the summary, and nothing else, on standard output")
    _logging(parser)


def _route(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--route",
        type=filled,
        metavar="JSON",
        help="a plan's route: of its files take the rows of --space",
    )


def verifying(parser: argparse.ArgumentParser) -> None:
    _input(parser)
    _space_of(parser)
    _route(parser)
    parser.add_argument(
        "--gaps",
        type=output,
        metavar="PATH",
        help="where rows go that the Space lacks (NAME.missing.csv next to FILE)",
    )
    parser.add_argument(
        "--allow-doubles", action="store_true", help="events that are alike under several ids are several orders"
    )
    parser.add_argument("--key-rotated", action="store_true", help="this Space's API key was replaced")
    parser.add_argument("--json", action="store_true", help="the result, and nothing else, on standard output")


def reviewing(parser: argparse.ArgumentParser) -> None:
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


def undoing(parser: argparse.ArgumentParser) -> None:
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


def sending(parser: argparse.ArgumentParser) -> None:
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


class _Elsewhere(argparse.Action):
    """An option that people look for here, with or without a value: it says what there is in its place."""

    def __init__(self, option_strings: list[str], dest: str, help: str | None = None):
        super().__init__(option_strings, argparse.SUPPRESS, nargs="?", help=help)


class _Rehearsal(_Elsewhere):
    """Names the command that does here what other programs call a dry run."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        own = "`backfill check` does, with the same files and options"
        does = "`backfill jobs PLAN --check` does" if parser.prog.endswith("jobs") else own
        parser.error(f"--dry-run is what {does}: everything but sending")


class _Routed(_Elsewhere):
    """Says what a review takes in place of a plan's routed files."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        parser.error("--route is of a plan's jobs, and a review is of one Space: give it a job's files without it")


def asking(parser: argparse.ArgumentParser) -> None:
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


def jobs(parser: argparse.ArgumentParser) -> None:
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


def sandbox(parser: argparse.ArgumentParser) -> None:
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
