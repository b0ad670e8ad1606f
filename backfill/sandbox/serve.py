"""`backfill sandbox`: the sandbox on a port of this machine until it is interrupted."""

import asyncio
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import orjson

from .live import Live
from .rules import problems
from .server import Sandbox


def serve(port: int, overlap: Path | None, live: float, **options: Any) -> int:
    """Serve until SIGINT or SIGTERM, beginning with the events of a file; return the exit code."""
    try:
        existing = _events(overlap) if overlap is not None else []
    except (OSError, ValueError) as error:
        name = "".join(one if one.isprintable() else ascii(one)[1:-1] for one in str(overlap))
        _say(f"backfill: {name}: {error.strerror if isinstance(error, OSError) else error}", sys.stderr)
        return 2
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(_serve(Live(live), port=port, existing=existing, **options))
    except OSError as error:
        message = f"backfill: port {port} of 127.0.0.1 can't be used ({error.strerror}); --port 0 takes a free one"
        _say(message, sys.stderr)
        return 2
    return 0


def _say(text: str, stream: TextIO | None = None) -> None:
    """Print a line, where that can be done: the sandbox serves without it."""
    with suppress(OSError, ValueError):
        print(text, file=stream, flush=True)


def _events(path: Path) -> list[dict[str, Any]]:
    """Read event bodies, one a line. Raises ValueError, with the line, for what the API would not have taken."""
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if line.strip():
            try:
                body = orjson.loads(line)
            except orjson.JSONDecodeError:
                raise ValueError(f"line {number} is no JSON; each holds the body of one event") from None
            if wrong := problems(body if isinstance(body, dict) else None):
                raise ValueError(f"line {number} is no event: {', '.join(wrong)} missing or not valid")
            found.append(body)
    return found


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


async def _serve(live: Live, **options: Any) -> None:
    stopped = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signum, stopped.set)
    async with Sandbox(live=live, **options) as sandbox:
        _say(f"The sandbox answers at {sandbox.url} with the API key 'sandbox'; ctrl-c ends it. To send to it:")
        if sandbox.events:
            _say(f"  It has {_counted(len(sandbox.events), 'event')} already.")
        _say(f"  COMETLY_API_KEY=sandbox COMETLY_API_URL={sandbox.url} backfill upload FILE")
        await stopped.wait()
    if live.hits:
        _say(f"{_counted(live.hits, 'live event')} came by, and {live.refused:,} of them met a 429")
