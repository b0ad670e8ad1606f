"""One backfill, start to finish: read, survey, plan, send, and say what became of every row."""

from contextlib import ExitStack, suppress

from backfill.errors import BackfillError
from backfill.files.rejects import Rejects
from backfill.report.console import Console
from backfill.run.begin import prepared
from backfill.run.context import Run
from backfill.run.finish import finish
from backfill.run.gate import gate
from backfill.run.input import read_input
from backfill.run.open_ledger import enter, hold_space
from backfill.run.options import Options, refused, state_folder
from backfill.run.plan import confirm, show_plan
from backfill.run.signals import leaving, undisturbed
from backfill.run.survey import survey_input


def upload(options: Options) -> int:
    """Check or upload the files; return the exit code. What stops a run is said in one sentence, never raised."""
    console = Console(options.outputs.quiet, options.outputs.verbose, options.outputs.log_format, options.about)
    with ExitStack() as stack:
        stack.enter_context(leaving())
        rejects = stack.enter_context(Rejects.gather())
        try:
            state = stack.enter_context(state_folder(options))
            run = Run(prepared(options, stack), console, state, rejects)
        except BackfillError as error:
            console.fail(error)
            refused(options, error)
            return error.exit_code
        try:
            stopped = _steps(run, stack)
        except BackfillError as error:
            stopped = error
        except Exception:
            with suppress(Exception):  # a summary of the run with a bug, if possible; the bug is raised on
                _end(run, BackfillError("ended by a bug"))
            raise
        return _end(run, stopped)


def _steps(run: Run, stack: ExitStack) -> BackfillError | None:
    """Everything between opening the files and the summary; return what stopped the sending, if anything did."""
    options = run.options
    if options.receipt is not None:
        from backfill.run.receipt_check import refuse_changed_files

        refuse_changed_files(run, options.receipt)
    parts, read = read_input(run, stack)
    ledger = hold_space(options, run.state, stack, run.console)
    survey = survey_input(run, parts, read, ledger, stack)
    gate(survey, options, run.console)
    # What asks the API or sends to it takes longer to load than ten rows to check.
    if options.sending.skip_existing:
        from backfill.run.skip_existing import leave_out_existing

        leave_out_existing(run, survey, stack)
    if options.outputs.events or options.outputs.changes:
        from backfill.run.event_files import write_event_files

        write_event_files(run, survey)
    if options.receipt is not None:
        from backfill.run.receipt_check import refuse_changes

        refuse_changes(run, survey, options.receipt)
    if options.outputs.plan is not None:
        from backfill.run.receipt_check import keep_receipt

        keep_receipt(run, survey)
    if options.command == "check":
        show_plan(run, survey)
        return None
    confirm(run, survey)
    run.entered = enter(run, survey)
    survey.account.noted.enter(ledger, run.entered.number)  # what it has no need to send
    if not survey.account.counts.wanted(options.sending.limit):
        if options.sending.key_rotated and ledger.bound_to not in (None, options.space.fingerprint):
            run.console.note(
                "nothing was sent, so the new key is not known yet as this Space's: say --key-rotated until an upload "
                "has sent an event, or backfill verify --key-rotated has found one there that was sent before"
            )
        return None
    from backfill.run.send import send

    return send(run, survey, run.entered)


def _end(run: Run, stopped: BackfillError | None) -> int:
    undisturbed()
    return finish(run, stopped)
