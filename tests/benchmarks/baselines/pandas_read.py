"""Reading alone with pandas, in chunks: no mapping, no validation, no events.

python tests/benchmarks/baselines/pandas_read.py KIND FILE
"""

import sys

import pandas as pd
from orders import COLUMNS

CHUNK = 20_000

kind, path = sys.argv[1:]
if kind == "jsonl":
    chunks = pd.read_json(path, lines=True, chunksize=CHUNK)
else:
    chunks = pd.read_csv(path, dtype=str, usecols=COLUMNS[kind], chunksize=CHUNK)
with chunks:
    for chunk in chunks:
        assert len(chunk)
