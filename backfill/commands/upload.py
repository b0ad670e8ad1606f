"""One backfill, start to finish: read, survey, plan, send, and say what became of every row."""

from contextlib import ExitStack, suppress

from backfill.errors import BackfillError
from backfill.files.open import open_parts
from backfill.files.rejects import Rejects
from backfill.report.console import Voice
from backfill.report.metrics import write_refusal
from backfill.run.begin import load_mapping, read_in, settled, take_survey
from backfill.run.finish import Course, finish
from backfill.run.open_ledger import enter, space_of
from backfill.run.options import Options, state_folder
from backfill.run.plan import confirm, show_plan
from backfill.run.signals import leaving, undisturbed


def run(options: Options) -> int:
    """Check or upload the files; return the exit code. What stops a run is said in one sentence, never raised."""
    voice = Voice(options.quiet, options.verbose, options.log_format, options.about)
    with ExitStack() as stack:
        stack.enter_context(leaving())
        rejects = stack.enter_context(Rejects.gather())
        try:
            state = stack.enter_context(state_folder(options))
            this = Course(settled(options, stack), voice, state, rejects)
        except BackfillError as error:
            voice.fail(error)
            write_refusal(options.metrics, options.labels, error.exit_code)
            return error.exit_code
        try:
            stopped = _from_files_to_outcomes(this, stack)
        except BackfillError as error:
            stopped = error
        except Exception:
            with suppress(Exception):  # what can still be told of a bug's run; the bug itself goes on
                _end(this, BackfillError("ended by a bug"))
            raise
        return _end(this, stopped)


def _from_files_to_outcomes(this: Course, stack: ExitStack) -> BackfillError | None:
    """Everything between opening the files and the summary; return what stopped the sending, if anything did."""
    load_mapping(this)
    this.parts = stack.enter_context(open_parts(list(this.options.files)))
    read_in(this)
    ledger = stack.enter_context(space_of(this.options, this.state))
    take_survey(this, ledger, stack)
    # What asks the API or sends to it takes longer to load than ten rows to check.
    if this.options.skip_existing:
        from backfill.run.skip_existing import leave_out_existing

        leave_out_existing(this, ledger, stack)
    if this.options.command == "check":
        show_plan(this)
        return None
    confirm(this)
    run_number = enter(this, ledger)
    if not this.counts.wanted(this.options.limit):
        return None
    from backfill.run.send import send

    return send(this, ledger, run_number)


def _end(this: Course, stopped: BackfillError | None) -> int:
    undisturbed()
    return finish(this, stopped)
