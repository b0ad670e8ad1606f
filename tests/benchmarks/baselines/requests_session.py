"""What a vendor's sample does: one requests.Session, one event after the other.

python tests/benchmarks/baselines/requests_session.py URL NUMBER
"""

import sys

import requests
from bodies import HEADERS, bodies

with requests.Session() as session:
    session.headers.update(HEADERS)
    for body in bodies(int(sys.argv[2])):
        response = session.post(sys.argv[1], data=body)
        assert response.status_code == 202
