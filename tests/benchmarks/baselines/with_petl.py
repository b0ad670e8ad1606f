"""petl doing the job as its documentation would: convert, select, rows as dicts. No duplicates, no line items.

python tests/benchmarks/baselines/with_petl.py lean FILE
"""

import os
import sys

import orjson
import petl
from orders import FIELDS, PAID, instant, is_email, money, print_counts

NAMES = {columns[0]: field for field, columns in FIELDS["lean"].items()}


def amount(text: str) -> float | None:
    try:
        return float(money(text))
    except ValueError:
        return None


def when(text: str, row: petl.Record) -> str | None:
    try:
        return instant(text or row["created_at"]).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return None


table = (
    petl.fromcsv(sys.argv[2], encoding="utf-8")
    .selectin("status", PAID)
    .convert("paid_at", when, pass_row=True)
    .convert("total", amount)
    .select(lambda row: row["paid_at"] and row["total"] is not None and is_email(row["email"]))
    .cut(*NAMES)
    .rename(NAMES)
    .addfield("idempotency_key", lambda row: f"purchase:{row['order_id']}")
)
events = 0
with open(os.devnull, "wb") as out:
    for event in petl.dicts(table):
        out.write(orjson.dumps(event) + b"\n")
        events += 1
print_counts(events, -1)
