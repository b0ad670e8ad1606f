"""The beginning of a run: where it sends; and a check that nothing it writes is a file that it reads."""

from contextlib import ExitStack
from urllib.parse import urlsplit

from backfill.errors import UsageError
from backfill.run.options import Options
from backfill.space import LOOPBACK, refuse_address


def prepared(options: Options, stack: ExitStack) -> Options:
    """Decide where to send, and check that the outputs are not the inputs. Raises UsageError."""
    _refuse_outputs(options)
    if options.sandbox:
        from backfill.sandbox import SandboxThread

        sandbox = stack.enter_context(SandboxThread(keys=("sandbox",), rate=1000))
        return options.but(base_url=sandbox.url, api_key="sandbox")
    refuse_address(options.space.url)
    if options.sending.unlimited and urlsplit(options.space.url).hostname not in LOOPBACK:
        raise UsageError("--unlimited: is for measuring against this machine alone; use --rate")
    return options


def _refuse_outputs(options: Options) -> None:
    """Raise UsageError where an output would replace a file that the run reads, or another output."""
    if options.outputs.plan is not None and "-" in options.source.files:
        raise UsageError("--plan: standard input is gone once it is read; give its rows as a file")
    if options.outputs.plan is not None and options.source.signed:
        raise UsageError("--plan: would have to keep what is behind the ? of a URL, which may be a signature")
    options.guard.refuse()
