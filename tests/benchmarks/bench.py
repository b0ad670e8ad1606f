"""The benchmarks: this tool and what it is compared with in turn, several times, and one table of medians.

    python tests/benchmarks/bench.py --rows 200000 --runs 3 check upload
    python tests/benchmarks/bench.py --guard        # exit 1 where a bound is broken

A section is a module next to this one, named in SECTIONS, with one function

    def lines(bench: Bench) -> Iterator[Line]

that yields the table's lines as they are known. `Bench` (bench.py's argument to it, from ground.py) gives the data
(`bench.data("shopify", rows)`), contests (`bench.contest({name: argv})` runs each command in turn, A B C A B C, and
gives the medians), this tool's command line (`bench.tool("check", path)`), servers on the other core (`bench.server()`)
and whether a package is there (`bench.has("petl")`). A `Line` has a title, a name, perhaps a trial's medians, and a
`Score` with its bound. A section that raises RuntimeError costs one line, not the table.
"""

import argparse
import sys
from collections.abc import Iterator
from importlib import import_module

from ground import ROOT, Bench
from table import Line, machine, markdown, plain

SECTIONS = ("start", "check", "memory", "exits", "upload", "slots", "ledger", "hosts", "rate")
QUICK = ("start", "check", "memory", "upload", "ledger")


def _measured(bench: Bench, section: str) -> Iterator[Line]:
    print(f"measuring {section} ...", file=sys.stderr, flush=True)
    try:
        yield from import_module(section).lines(bench)
    except RuntimeError as error:
        yield Line(section, "failed", note=str(error))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)} (all)")
    parser.add_argument("--rows", type=int, default=200_000, help="rows of the generated exports (200000)")
    parser.add_argument("--runs", type=int, default=3, help="how often each command runs (3)")
    parser.add_argument("--events", type=int, default=20_000, help="events of the uploads without a rate (20000)")
    parser.add_argument("--seconds", type=int, default=90, help="how long the paced upload runs (90)")
    parser.add_argument("--markdown", action="store_true", help="the table as the guide shows it")
    parser.add_argument("--guard", action="store_true", help="the quick sections alone; exit 1 where a bound is broken")
    arguments = parser.parse_args()
    if wrong := set(arguments.sections) - set(SECTIONS):
        parser.error(f"no section {', '.join(sorted(wrong))}; there are {', '.join(SECTIONS)}")
    return arguments


def main() -> int:
    asked = _arguments()
    sections = asked.sections or [name for name in SECTIONS if not asked.guard or name in QUICK]
    where = machine()
    with Bench(ROOT / ".bench", asked.rows, asked.runs, asked.events, asked.seconds) as bench:
        lines = [line for section in sections for line in _measured(bench, section)]
    print(where, end="\n\n")
    print(markdown(lines) if asked.markdown else plain(lines))
    broken = [line for line in lines if line.broken or line.name == "failed"]
    for line in broken:
        print(f"{line.title}: {line.name}: {line.score or line.note}, not within its bound", file=sys.stderr)
    return 1 if broken and asked.guard else 0


if __name__ == "__main__":
    sys.exit(main())
