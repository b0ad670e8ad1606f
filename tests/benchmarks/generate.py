"""Exports of any size to measure with: the same seed gives the same bytes.

    python tests/benchmarks/generate.py shopify 1000000 > shopify.csv

Sizes are rows (shopify, lean) or lines (jsonl). In all three 20 % of the totals read $1,234.56, UTC offsets are mixed,
1 % of the e-mail addresses are bad and 3 % missing, 0.2 % of the times and of the amounts are bad. `shopify` has 1.6
line items an order, with continuation rows that are all but blank, and line breaks in the notes of 2 % of the orders.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

HEADER = (Path(__file__).parents[2] / "sample_data" / "shopify_orders.csv").open(encoding="utf-8").readline().strip()
COLUMNS = HEADER.split(",")
LEAN = [
    "order_id",
    "email",
    "status",
    "paid_at",
    "created_at",
    "total",
    "currency",
    "name",
    "phone",
    "sku",
    "qty",
    "note",
]
STATUSES = ["paid"] * 90 + ["partially_refunded"] * 4 + ["pending"] * 3 + ["refunded"] * 3
ZONES = [timezone(timedelta(hours=hours)) for hours in (-8, -5, 0, 1, 2)]
START = datetime(2019, 1, 1, tzinfo=ZONES[2])
YEARS = 200_000_000  # seconds that all orders fall into, six years: of ten million rows too none is in the future


def _email(random: Random, number: int) -> str:
    chance = random.random()
    return "" if chance < 0.03 else f"buyer{number}(at)example.com" if chance < 0.04 else f"buyer{number}@example.com"


def _total(random: Random) -> str:
    cents, chance = random.randrange(500, 500_000), random.random()
    if chance < 0.002:
        return "n/a"
    return f"${cents / 100:,.2f}" if chance < 0.202 else f"{cents / 100:.2f}"


def _time(random: Random, number: int) -> str:
    moment = (START + timedelta(seconds=137 * number % YEARS)).astimezone(random.choice(ZONES))
    return "yesterday" if random.random() < 0.002 else moment.strftime("%Y-%m-%d %H:%M:%S %z")


def shopify(random: Random) -> Iterator[list[str]]:
    """Rows of the 79-column order export, header first."""
    yield COLUMNS
    at = {name: place for place, name in enumerate(COLUMNS)}
    number = 1000
    while True:
        number += 1
        total, when, person = _total(random), _time(random, number), f"Buyer Number{number}"
        order = {
            "Name": f"#{number}", "Email": _email(random, number), "Financial Status": random.choice(STATUSES),
            "Paid at": when, "Created at": when, "Fulfillment Status": "fulfilled", "Accepts Marketing": "yes",
            "Currency": "USD", "Subtotal": total, "Shipping": "5.95", "Taxes": "7.97", "Total": total,
            "Shipping Method": "Standard", "Billing Name": person, "Billing Street": f"{number % 90} Sample Street",
            "Billing City": "Exampleton", "Billing Zip": "'02120", "Billing Province": "MA", "Billing Country": "US",
            "Billing Phone": f"+1 212 555 {number % 10_000:04}", "Shipping Name": person,
            "Shipping Street": f"{number % 90} Sample Street", "Shipping City": "Exampleton", "Shipping Country": "US",
            "Notes": "leave it\nat the door" if random.random() < 0.02 else "", "Payment Method": "Shopify Payments",
            "Payment Reference": f"c{number}.1", "Refunded Amount": "0.00", "Id": str(5_400_000_000_000 + 31 * number),
            "Risk Level": "Low", "Source": "web", "Tax 1 Name": "State Tax 6.25%", "Tax 1 Value": "7.97",
        }  # fmt: skip
        for item in range(random.choice((1, 1, 1, 2, 3))):
            row = [""] * len(COLUMNS)
            cells = order if item == 0 else {name: order[name] for name in ("Name", "Email", "Created at")}
            line = {"Lineitem quantity": "1", "Lineitem name": f"Lamp {number % 500}", "Lineitem price": "31.50"}
            for name, cell in (cells | line).items():
                row[at[name]] = cell
            yield row


def lean(random: Random) -> Iterator[list[str]]:
    """Rows of twelve columns, one an order, 1 % of them twice; header first."""
    yield LEAN
    number = 0
    while True:
        number += 1
        when, paid = _time(random, number), random.random() < 0.9
        row = [
            f"A{number:08}", _email(random, number), random.choice(STATUSES), when if paid else "", when,
            _total(random), "USD", f"Buyer Number{number}", "+1 212 555 0100", f"SKU-{number % 500}", "1", "",
        ]  # fmt: skip
        yield row
        if random.random() < 0.01:
            yield row


def _address(number: int, person: str) -> dict[str, Any]:
    return {
        "name": person, "address1": f"{number % 90} Sample Street", "address2": None, "city": "Exampleton",
        "zip": "02120", "province_code": "MA", "country_code": "US", "phone": f"+1 212 555 {number % 10_000:04}",
    }  # fmt: skip


def _item(number: int, place: int) -> dict[str, Any]:
    return {
        "id": 11_800_000_000_000 + 7 * number + place, "product_id": 7_900_000_000 + number % 500,
        "title": f"Lamp {number % 500}", "sku": f"SKU-{number % 500}", "quantity": 1, "price": "31.50", "grams": 900,
        "taxable": True, "total_discount": "0.00",
        "tax_lines": [{"title": "State Tax", "price": "1.97", "rate": 0.0625}],
    }  # fmt: skip


def jsonl(random: Random) -> Iterator[dict[str, Any]]:
    """Nested orders as a shop's API gives them, of 1.4 kB: a customer, two addresses, line items with their taxes."""
    number = 0
    while True:
        number += 1
        when, person = _time(random, number), f"Buyer Number{number}"
        customer = {"id": 6_200_000_000_000 + number, "email": _email(random, number), "name": person, "tags": ""}
        yield {
            "id": 5_400_000_000_000 + 31 * number, "name": f"#{1000 + number}", "status": random.choice(STATUSES),
            "created_at": when, "processed_at": when, "currency": "USD", "total": _total(random),
            "subtotal_price": "1290.40", "total_tax": "7.97", "total_discounts": "0.00", "taxes_included": False,
            "source_name": "web", "test": False, "customer": customer, "billing_address": _address(number, person),
            "shipping_address": _address(number, person), "discount_codes": [], "note_attributes": [],
            "items": [_item(number, place) for place in range(random.choice((1, 1, 2)))],
            "shipping_lines": [{"title": "Standard", "price": "5.95", "code": "Standard"}], "refunds": [], "note": None,
        }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kind", choices=("shopify", "lean", "jsonl"))
    parser.add_argument("rows", type=int)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    random = Random(arguments.seed)
    sys.stdout.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    if arguments.kind == "jsonl":
        sys.stdout.writelines(json.dumps(order) + "\n" for order in islice(jsonl(random), arguments.rows))
    else:
        rows = shopify(random) if arguments.kind == "shopify" else lean(random)
        csv.writer(sys.stdout, lineterminator="\n").writerows(islice(rows, arguments.rows + 1))


if __name__ == "__main__":
    main()
