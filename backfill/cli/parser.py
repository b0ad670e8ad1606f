"""The command line's grammar: commands and their options."""

import argparse
import os
import re
import sys
from typing import Any, NoReturn

from backfill import __version__
from backfill.cli import options
from backfill.run.option_values import (
    encoding,
    filled,
    local,
)

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
            words = message.split()[2:]
            options = re.findall(r"(?<=\s)--?[A-Za-z][A-Za-z-]*", message)
            files = [word for word in words if not word.startswith("-") and os.access(word, os.F_OK)]
            message = f"unrecognized arguments{': ' if options or files else ''}{' '.join([*options, *files])}"
            message += " (files stand together, before the options)" if files else ""
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
        options.reading(commands.add_parser(name, help=text, description=text, epilog=EXITS, allow_abbrev=False))
    commands.choices["check"].add_argument(
        "--plan",
        type=local,
        metavar="PATH",
        help="keep what was seen there: upload PATH sends just that, or nothing",
    )
    options.sending(commands.choices["upload"])
    text = "read the Space's events back, to compare with the file and the ledger; write the gaps as a file to upload"
    options.verifying(commands.add_parser("verify", help=text, description=text, epilog=EXITS, allow_abbrev=False))
    text = "delete the events that a run created, after a confirmation"
    options.undoing(commands.add_parser("undo", help=text, description=text, epilog=EXITS, allow_abbrev=False))
    options.asking(
        commands.add_parser("status", help="what the ledger and the past runs say, a Space", allow_abbrev=False)
    )
    asking = commands.add_parser("why", help="one order's story", allow_abbrev=False)
    asking.add_argument(
        "order_id",
        metavar="ORDER_ID",
        help="an order id, name (#1090), key, or a row (orders.csv:12, orders.rejects.csv:12)",
    )
    options.asking(asking)
    options.jobs(
        commands.add_parser("jobs", help="many files, mappings and Spaces in one go", epilog=EXITS, allow_abbrev=False)
    )
    text = "a check as a page on this machine, to look, mend and hand over; it sends nothing"
    options.reviewing(commands.add_parser("review", help=text, description=text, epilog=EXITS, allow_abbrev=False))
    text = "copy the ledgers of all Spaces, or of one, to another home, and use them there from then on"
    options.copying(commands.add_parser("ledger", help=text, description=text, epilog=EXITS, allow_abbrev=False))
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
    options.sandbox(
        commands.add_parser("sandbox", help="a local stand-in for the API, on 127.0.0.1 only", allow_abbrev=False)
    )
    return parser
