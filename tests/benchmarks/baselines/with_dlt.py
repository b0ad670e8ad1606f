"""dlt bringing rows to a custom destination that makes the events: its extract, normalise and load stages in full.

python tests/benchmarks/baselines/with_dlt.py lean FILE
"""

import os
import sys
import tempfile
from collections.abc import Iterator

folder = tempfile.TemporaryDirectory(prefix="dlt-")
os.environ.update(
    DLT_DATA_DIR=folder.name, RUNTIME__DLTHUB_TELEMETRY="false", RUNTIME__LOG_LEVEL="CRITICAL", LOAD__WORKERS="1"
)

import dlt  # noqa: E402
import orjson  # noqa: E402
from orders import PAID, instant, is_email, money, picked, print_counts, read  # noqa: E402

counts = {"events": 0, "rejected": 0}


@dlt.resource(name="orders", max_table_nesting=0)
def orders() -> Iterator[list[dict[str, str]]]:
    page: list[dict[str, str]] = []
    for row in read("lean", sys.argv[2]):
        page.append(row)
        if len(page) == 10_000:
            yield page
            page = []
    yield page


@dlt.destination(batch_size=1000, loader_file_format="typed-jsonl", name="events", naming_convention="direct")
def events(items: list[dict[str, str]], table: object) -> None:
    with open(os.devnull, "wb") as out:
        for item in items:
            order = picked("lean", {name: item.get(name) or "" for name in COLUMNS})
            if order.get("status") not in PAID:
                continue
            try:
                when = instant(order["event_time"]).strftime("%Y-%m-%dT%H:%M:%SZ")
                event = order | {"amount": float(money(order["amount"])), "event_time": when}
            except (ValueError, KeyError):
                event = {}
            if event and is_email(order.get("email", "")):
                out.write(orjson.dumps(event | {"idempotency_key": f"purchase:{order['order_id']}"}) + b"\n")
                counts["events"] += 1
            else:
                counts["rejected"] += 1


COLUMNS = ["order_id", "email", "status", "paid_at", "created_at", "total", "name", "phone"]
dlt.pipeline("bench", destination=events, pipelines_dir=folder.name).run(orders())
print_counts(**counts)
