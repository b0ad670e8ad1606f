"""What many people write next: requests from a pool of 32 threads, a Session each.

python tests/benchmarks/baselines/requests_threads.py URL NUMBER
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from threading import local

import requests
from bodies import HEADERS, bodies

WORKERS = 32
mine = local()


def open_session() -> None:
    mine.session = requests.Session()
    mine.session.headers.update(HEADERS)


def post(body: bytes) -> int:
    return int(mine.session.post(sys.argv[1], data=body).status_code)


with ThreadPoolExecutor(WORKERS, initializer=open_session) as pool:
    assert set(pool.map(post, bodies(int(sys.argv[2])))) == {202}
