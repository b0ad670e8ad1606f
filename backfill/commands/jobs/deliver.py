"""A notice on its way to webhooks and commands: tried again a few times, and never a reason for another exit code."""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp

from backfill import __version__
from backfill.commands.jobs.notice import Notice, remember, remembered, written
from backfill.commands.jobs.notify import Notify, filled, read_notify, refuse_webhook, unset
from backfill.errors import UsageError
from backfill.report.console import Console
from backfill.run.options import Options
from backfill.run.signals import undisturbed
from backfill.storage.state_folder import default_state

PAUSES = (1.0, 2.0)  # seconds between attempts
_PATIENCE = 5.0  # seconds that one attempt may take
_TYPES = {"json": "application/json", "slack": "application/json", "text": "text/plain; charset=utf-8"}


def warn_of_unset(plan: Path, console: Console) -> None:
    """Warn of secrets that are not set, before the night in which they are needed."""
    for number, one in enumerate(read_notify(plan), 1):
        if missing := unset(one):
            console.warn(f"notify {number}: {', '.join(missing)} not set in the environment, so nobody can be told")


def tell_all(notice: Notice, plan: Path, options: Options, console: Console) -> None:
    """Tell whom the plan names how it ended; a rehearsal is no news. Nothing that fails here is raised."""
    wanted = read_notify(plan)
    if not wanted or options.sandbox or options.command == "check":
        return
    undisturbed()
    try:
        state = (options.state or default_state()).absolute()
        notice = replace(notice, failed_before=remembered(state, plan))
        remember(state, plan, notice)
        asyncio.run(deliver(notice, wanted, console))
    except Exception as error:
        console.warn(f"notify: nobody could be told ({type(error).__name__})")


async def deliver(notice: Notice, wanted: Sequence[Notify], console: Console, pauses: Sequence[float] = PAUSES) -> None:
    """Tell all who want to be told, at once; what fails is a warning, which names no address and no secret."""
    told = [(number, one, kind) for number, one in enumerate(wanted, 1) if (kind := notice.kind_for(one))]
    faults = await asyncio.gather(*(_told(one, notice, kind, pauses) for _, one, kind in told))
    for (number, one, kind), fault in zip(told, faults, strict=True):
        what = f"notify {number}: the {kind}"
        if fault:
            console.warn(f"{what} was not told to its {_whom(one)}: {fault}")
        else:
            console.info(f"{what} was told to its {_whom(one)}")


def _whom(one: Notify) -> str:
    return "webhook" if one.webhook else "command"


async def _told(one: Notify, notice: Notice, kind: str, pauses: Sequence[float]) -> str:
    """Try until it is told; return what was wrong the last time, "" for nothing."""
    if missing := unset(one):
        return f"{', '.join(missing)} not set in the environment"
    data = written(notice, kind, one.format)
    fault = ""
    for pause in (*pauses, None):
        fault, again = await (_posted(one, data) if one.webhook else _ran(one, data))
        if not fault or not again or pause is None:
            break
        await asyncio.sleep(pause)
    return fault


async def _posted(one: Notify, data: bytes) -> tuple[str, bool]:
    """Post it once; return what was wrong, and whether another attempt may help."""
    url = filled(one.webhook)
    try:
        refuse_webhook(url)
    except UsageError as error:
        return f"its address {error}", False
    host = urlsplit(url).hostname
    headers = {"Content-Type": _TYPES[one.format], "User-Agent": f"backfill/{__version__}"}
    headers |= {name: filled(text) for name, text in one.headers.items()}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_PATIENCE)) as session,
            session.post(url, data=data, headers=headers, allow_redirects=False) as answer,
        ):
            if 200 <= answer.status < 300:
                return "", False
            return f"{host} answered {answer.status}", answer.status in (408, 425, 429) or answer.status >= 500
    except (aiohttp.ClientError, OSError, ValueError, TimeoutError) as error:
        return f"{host} can't be reached ({type(error).__name__})", True


async def _ran(one: Notify, data: bytes) -> tuple[str, bool]:
    """Run the command once, the notice on its standard input."""
    words = [filled(word) for word in one.command]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMETLY_API_KEY")}
    silent = asyncio.subprocess.DEVNULL
    try:
        process = await asyncio.create_subprocess_exec(
            *words, stdin=asyncio.subprocess.PIPE, stdout=silent, stderr=silent, env=kept, start_new_session=True
        )
    except (OSError, ValueError) as error:
        return f"it can't be started ({getattr(error, 'strerror', None) or type(error).__name__})", False
    try:
        await asyncio.wait_for(process.communicate(data), _PATIENCE)
    except TimeoutError:
        process.kill()
        await process.wait()
        return f"it took longer than {_PATIENCE:.0f} s", True
    return (f"it ended with exit code {process.returncode}", True) if process.returncode else ("", False)
