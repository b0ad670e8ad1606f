"""The other end of the upload benchmarks: takes every event, remembers when each came, and returns the times at GET /.

    python tests/benchmarks/server.py --latency 0.2

The port is the one line it prints. It is aiohttp's bare server, without routes: the client's cost is to be measured.
"""

import argparse
import asyncio
import json
import time

from aiohttp import web

ANSWER = b'{"message":"Event queued for processing."}'


class Arrivals:
    """When each request came, in seconds; GET / returns and forgets them."""

    def __init__(self, latency: float):
        self._latency = latency
        self._times: list[float] = []

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        if request.method == "GET":
            times, self._times = self._times, []
            return web.Response(body=json.dumps(times).encode(), content_type="application/json")
        self._times.append(time.monotonic())
        await request.read()
        if self._latency:
            await asyncio.sleep(self._latency)
        return web.Response(status=202, body=ANSWER, content_type="application/json")


async def serve(latency: float) -> None:
    """Serve until killed."""
    runner = web.ServerRunner(web.Server(Arrivals(latency), access_log=None))
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    asyncio.run(serve(parser.parse_args().latency))
