"""The `jobs` command: what a plan may say is what `upload` takes, so its settings come from that command's options."""

import argparse
from collections.abc import Sequence

from backfill.cli.parser import parser
from backfill.commands.jobs.command import jobs
from backfill.commands.jobs.engine.dask import cluster_of
from backfill.commands.jobs.part import Part, part_of
from backfill.commands.jobs.plan import Grammar, Setting
from backfill.run.option_values import local, output
from backfill.run.options import Options, address_named, with_environment, with_words
from backfill.storage.state_folder import state_named

OF_ALL = {"help", "json", "quiet", "verbose", "yes", "sandbox", "state", "log-format", "metrics", "lookup"}
OF_ONE = {
    "report",
    "events",
    "changes",
    "unmask",
    "skip-existing",
    "space-timezone",
}  # for somebody who looks at one file
_OWN = {"route", "dry-run"}  # which a plan spells differently, or which is no option but says that


def settings() -> dict[str, Setting]:
    """The options of `upload` that a job may have, by their long names."""
    upload = next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction)).choices["upload"]
    made = {}
    for action in upload._actions:
        name = next((text[2:] for text in action.option_strings if text.startswith("--")), "")
        if name and name not in OF_ALL | OF_ONE | _OWN and action.help != argparse.SUPPRESS:
            read = action.type if callable(action.type) else str
            choices = tuple(map(str, action.choices or ()))
            made[name] = Setting(name, action.dest, action.nargs == 0, action.type in (local, output), choices, read)
    return made


def run_jobs(given: argparse.Namespace, words: Sequence[str]) -> int:
    """Do a plan's jobs; return the exit code of all."""
    options = Options.of(
        command="check" if given.check else "upload",
        files=(),
        argv=("backfill", *words),
        state=state_named(given.state),
        base_url=address_named(given.base_url),
        summary=given.summary,
        json=given.json,
        quiet=given.quiet,
        verbose=given.verbose,
        log_format=given.log_format,
        metrics=given.metrics,
        sandbox=given.sandbox,
        yes=given.yes,
    )
    part = part_of(given.part)
    options = options.but(argv=with_environment(options))
    if part is not None and str(part) != given.part:
        options = options.but(argv=with_words(options.argv, "--part", str(part)))  # the later one holds
    return jobs(given.plan, Grammar(settings(), options), part or Part(), given.on and cluster_of(given.on))
