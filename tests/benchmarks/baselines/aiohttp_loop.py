"""The upload's ceiling: 32 workers that post ready-made bodies and look at the status, nothing else.

python tests/benchmarks/baselines/aiohttp_loop.py URL NUMBER
"""

import asyncio
import sys
from collections.abc import Iterator

import aiohttp
from bodies import HEADERS, bodies

WORKERS = 32


async def work(session: aiohttp.ClientSession, url: str, left: Iterator[bytes]) -> None:
    for body in left:
        async with session.post(url, data=body) as response:
            await response.read()
            assert response.status == 202


async def main(url: str, number: int) -> None:
    left = iter(list(bodies(number)))
    connector = aiohttp.TCPConnector(limit=WORKERS)
    async with aiohttp.ClientSession(headers=HEADERS, connector=connector) as session:
        await asyncio.gather(*(work(session, url, left) for _ in range(WORKERS)))


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
