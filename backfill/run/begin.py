"""The beginning of a run: where it sends, and that nothing it writes is what it reads."""

import os
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from backfill.errors import UsageError
from backfill.run.options import Options
from backfill.space import LOOPBACK, refuse_address
from backfill.storage.outputs import refuse_output


def settled(options: Options, stack: ExitStack) -> Options:
    """Settle where to send, and that the outputs are not the inputs. Raises UsageError."""
    _refuse_outputs(options)
    if options.sandbox:
        from backfill.sandbox import SandboxThread

        sandbox = stack.enter_context(SandboxThread(keys=("sandbox",), rate=1000))
        return replace(options, base_url=sandbox.url, api_key="sandbox")
    refuse_address(options.base_url)
    if options.unlimited and urlsplit(options.base_url).hostname not in LOOPBACK:
        raise UsageError("--unlimited: is for measuring against this machine alone; use --rate")
    return options


def _refuse_outputs(options: Options) -> None:
    """Raise UsageError where an output would replace a file that the run reads, or another output."""
    inputs = [Path(name) for name in (*options.files, *(file for _, file in options.lookups)) if name != "-"]
    inputs += [Path(options.mapping)] if options.mapping else []
    outputs = {"--rejects": options.rejects, "--summary": options.summary, "--report": options.report}
    outputs["--metrics"] = options.metrics
    whose = {"--rejects": "the rejects go", "--summary": "the summary goes", "--report": "the page goes"}
    taken: dict[str, str] = {}
    for what, path in outputs.items():
        if path is not None:
            refuse_output(path, inputs, what)
            if (other := taken.setdefault(os.path.realpath(path), what)) != what:
                raise UsageError(f"{what} {path}: is where {whose[other]}; name another file")
