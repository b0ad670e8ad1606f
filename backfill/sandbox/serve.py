"""`backfill sandbox`: the sandbox on a port of this machine until it is interrupted."""

import asyncio
import signal
import sys
from contextlib import suppress

from .live import Live
from .quota import Window
from .server import Sandbox


def serve(port: int, rate: int, window: Window, latency: float, live: float) -> int:
    """Serve until SIGINT or SIGTERM; return the exit code."""
    try:
        with suppress(KeyboardInterrupt):
            asyncio.run(_serve(port, rate, window, latency, Live(live)))
    except OSError as error:
        message = f"backfill: port {port} of 127.0.0.1 can't be used ({error.strerror}); --port 0 takes a free one"
        print(message, file=sys.stderr)
        return 2
    return 0


async def _serve(port: int, rate: int, window: Window, latency: float, live: Live) -> None:
    stopped = asyncio.Event()
    for signum in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signum, stopped.set)
    async with Sandbox(port=port, rate=rate, window=window, latency=latency, live=live) as sandbox:
        print(f"The sandbox answers at {sandbox.url} with the API key 'sandbox'; ctrl-c ends it. To send to it:")
        print(f"  COMETLY_API_KEY=sandbox COMETLY_API_URL={sandbox.url} backfill upload FILE", flush=True)
        await stopped.wait()
    if live.hits:
        print(f"{live.hits:,} live events came by, and {live.refused:,} of them met a 429")
