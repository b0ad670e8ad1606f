"""The gate between a survey and the first request: what must be looked at by a person stops a run here."""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

from backfill.convert.route import OtherSpaces, Route
from backfill.errors import ThresholdStop, counted, shown
from backfill.files.format import Layout
from backfill.files.part import Origin
from backfill.files.rejects import Rejects
from backfill.ledger import History, Input, no_ledger
from backfill.progress import Messages
from backfill.report.console import Console, terminal
from backfill.run.options import Options
from backfill.survey.key_recipe import refuse_other_recipe
from backfill.survey.passes import Survey

RUNS = 10  # of the past that a file is measured by
SHRUNK = 5  # a file with under a fifth of the usual rows


def gate(survey: Survey, options: Options, console: Messages) -> None:
    """Raise ThresholdStop where the input is not what it should be: too many rejects, too few rows, doubles.

    Raises UsageError where the mapping's keys are others than those it has sent with.
    """
    refuse_other_recipe(survey)
    if survey.share is not None and options.gates.max_rejects:
        survey.account.counts.elsewhere = _elsewhere(survey, survey.share.route)
    if stop := survey.account.doubles.stop(survey.account.counts):
        if options.command == "upload":
            raise stop
        console.warn(f"upload will stop with exit 5: {stop}")
    if also := survey.neighbours.sentence(options.gates.also_in):
        if options.command == "upload" and (options.sending.yes or not terminal()):
            named = [word for name in survey.neighbours.unnamed(options.gates.also_in) for word in ("--also-in", name)]
            raise ThresholdStop(f"{also}; check --space, or say --also-in SPACE if they belong in both", *named)
        console.warn(
            f"{also}; upload will ask, or stop with exit 5, unless --also-in SPACE says that they belong in both"
        )
    options.gates.max_rejects.check(survey.account.counts)
    rows = survey.rows_read.total()
    if rows < options.gates.min_rows:
        few = counted(rows, "row is", "rows are")
        raise ThresholdStop(f"{few} fewer than --min-rows {options.gates.min_rows:,}", drop="--min-rows")
    if not options.gates.allow_shrink:
        inputs = inputs_of(survey.origins, survey.layouts, survey.rows_read)
        refuse_shrunk(inputs, survey.ledger, survey.mapping.name)


def _elsewhere(survey: Survey, route: Route) -> tuple[int, int]:
    """What the other Spaces that share the input have of it: rejects; events and rows that can't be read."""
    with Rejects.gather() as rejects, no_ledger() as nothing:
        of = (
            survey.parts,
            survey.layouts,
            survey.mapping,
            nothing,
            survey.settings,
            rejects,
            survey.frame,
            survey.lookups,
        )
        others = Survey(*of, shown=False, share=OtherSpaces(route, survey.layouts))
        others.take(Console(quiet=True).progress("reading", 0, "B"))
        counts = others.account.counts
        return counts.rejects, counts.events + counts.unreadable


def inputs_of(origins: Sequence[Origin], layouts: list[Layout], rows: Counter[int]) -> list[Input]:
    """The input's files as the ledger keeps them; the members of a zip count together."""
    found: dict[str, Input] = {}
    for at, (origin, layout) in enumerate(zip(origins, layouts, strict=True)):
        if origin.label == "standard input" or layout.reject_file:
            continue
        name = shown(origin.path.name)
        before = found.get(name, Input(name, 0, layout.header))
        found[name] = Input(name, before.rows + rows[at], before.header)
    return list(found.values())


def refuse_shrunk(inputs: list[Input], ledger: History, mapping: str) -> None:
    """Raise ThresholdStop where a file has under a fifth of the median rows of its last runs."""
    for one in inputs:
        past = [before.rows for before in ledger.inputs(mapping, one.name, RUNS)]
        if shrunk(one.rows, past):
            runs = f"the median of its last {len(past)} runs" if past[1:] else "its last run"
            raise ThresholdStop(
                f"{one.name}: {counted(one.rows, 'row')}, where {runs} had {median(past):,.0f}; "
                "if that is right, say --allow-shrink",
                "--allow-shrink",
            )


def shrunk(rows: int, past: Sequence[int]) -> bool:
    """Whether so few rows are no ordinary night, after the runs before."""
    return bool(past) and rows * SHRUNK < median(past)


def new_columns(inputs: list[Input], ledger: History, mapping: str) -> Iterator[str]:
    """Say which columns a file has that it did not have when it was last read."""
    for one in inputs:
        past = ledger.inputs(mapping, one.name, 1)
        if past and (new := [name for name in one.header if name.strip() and name not in past[0].header]):
            yield f"{one.name}: new column{'s' if len(new) > 1 else ''} since the last run: {shown(', '.join(new))}"
