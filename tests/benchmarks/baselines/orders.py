"""The job of which every baseline does a part: the columns that make an event, and the rules for them.

An event of an order that is paid: order_id, a valid email, an amount of at least 0 and a time in UTC are required; name
and phone are added. Line items are folded into their order first; a key that came before gives no second event.
Written to the null device, one JSON object an event. The counts of a script's events are the one line that it prints.
"""

import csv
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

FIELDS = {  # an event's field: the columns that it comes from, the first that is not empty
    "shopify": {
        "order_id": ("Id",), "status": ("Financial Status",), "cancelled": ("Cancelled at",), "email": ("Email",),
        "full_name": ("Billing Name", "Shipping Name"), "phone": ("Phone", "Billing Phone", "Shipping Phone"),
        "amount": ("Total",), "event_time": ("Paid at", "Created at"),
    },
    "lean": {
        "order_id": ("order_id",), "status": ("status",), "email": ("email",), "full_name": ("name",),
        "phone": ("phone",), "amount": ("total",), "event_time": ("paid_at", "created_at"),
    },
}  # fmt: skip
COLUMNS = {kind: [column for columns in fields.values() for column in columns] for kind, fields in FIELDS.items()}
PAID = {"paid", "partially_paid", "partially_refunded"}
EMAIL = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
is_email = re.compile(EMAIL).match


def read(kind: str, path: str) -> Iterator[dict[str, str]]:
    """An export's orders as a plain reader gives them: column to text."""
    if kind == "jsonl":
        with open(path, "rb") as file:
            yield from map(flat, map(json.loads, file))
        return
    with open(path, encoding="utf-8", newline="") as text:
        rows = csv.DictReader(text)
        yield from folded(rows) if kind == "shopify" else rows


def flat(order: dict[str, Any]) -> dict[str, str]:
    """A nested order as a row of the lean file."""
    customer = order["customer"]
    return {
        "order_id": str(order["id"]), "email": customer["email"], "status": order["status"], "name": customer["name"],
        "paid_at": "", "created_at": order["created_at"], "total": order["total"], "phone": "",
    }  # fmt: skip


def folded(rows: Iterator[dict[str, str]]) -> Iterator[dict[str, str]]:
    """One row an order: of its line items the first cell that is not empty."""
    for _, items in groupby(rows, key=itemgetter("Name")):
        order, *rest = items
        for item in rest:
            for name, cell in item.items():
                if cell and not order[name]:
                    order[name] = cell
        yield order


def picked(kind: str, row: dict[str, str]) -> dict[str, str]:
    """A row's cells under the event's names; empty ones left out."""
    found = {}
    for field, columns in FIELDS["lean" if kind == "jsonl" else kind].items():
        for column in columns:
            if cell := row[column]:
                found[field] = cell
                break
    return found


def money(text: str) -> str:
    return text.lstrip("$").replace(",", "")


def instant(text: str) -> datetime:
    """The moment that 2019-01-01 00:02:17 +0000 means. Raises ValueError for what is no time."""
    return datetime.fromisoformat(text.replace(" ", "T", 1).replace(" ", "")).astimezone(UTC)


def print_counts(events: int, rejected: int) -> None:
    """Print the counts of events and rejects of a file, for the bench to compare."""
    print(json.dumps({"events": events, "rejected": rejected}))
