"""Write the sample exports: made up, the same bytes at every run, with each common fault planted and counted.

`python sample_data/make.py` rewrites the three files beside it. No person, number or address in them is real.
"""

import csv
import io
import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
SHOP = ZoneInfo("America/New_York")


@dataclass
class Sample:
    """One file's text, and what was planted in it: code -> times, and the lines that no reader can use.

    A `sound` one has no fault: it is what a careful person makes of the file, row by row.
    """

    file: str
    sound: bool
    text: str = ""
    codes: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def plant(self, fault: tuple[str, dict[str, Any]]) -> dict[str, Any]:
        """Count a fault's codes and return its cells, or none of both in a sound sample."""
        if self.sound:
            return {}
        self.codes.update(fault[0].split())
        return fault[1]

    def spoil(self, line: str, how: Callable[[str], str], codes: str = "unreadable") -> str:
        """Break a line so that it can't be read, and keep it in mind."""
        if self.sound:
            return line
        self.codes.update(codes.split())
        self.broken.append(how(line))
        return self.broken[-1]


def columns(header: str) -> list[str]:
    return header.split(",")


# --- people

FIRST = (
    "Zoë", "Søren", "Łucja", "Ifeoma", "明", "Ana", "Björn", "Chloé", "Tomáš", "Nuria", "Ravi", "Þóra", "Sam", "Imani",
)  # fmt: skip
LAST = ("Nieminen", "O'Malley-Quist", "Ñandú", "Żak", "Testa", "Örn", "van der Example", "Sampleton", "示例", "Muster")


def person(n: int) -> tuple[str, str, str]:
    """Return a first name, a last name and an address of a domain that is set aside for examples."""
    return FIRST[n % len(FIRST)], LAST[n % len(LAST)], f"buyer{n}@example.{('com', 'org', 'net')[n % 3]}"


def telephone(n: int) -> str:
    """Return a number from the range that is kept for fiction."""
    return f"+1 {212 + n % 7} 555 01{n % 100:02d}"


# --- Shopify

ORDER_HEADER = columns(
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,Shipping,"
    "Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,"
    "Lineitem fulfillment status,Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,"
    "Billing City,Billing Zip,Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,"
    "Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,"
    "Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,"
    "Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,"
    "Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,"
    "Tax 5 Name,Tax 5 Value,Phone,Receipt Number,Duties,Billing Province Name,Shipping Province Name,Payment ID,"
    "Payment Terms Name,Next Payment Due At,Payment References"
)
WARES = (
    ("Oak shelf", "48.00"), ('Poster frame 24" x 36"', "31.50"), ("Teapot, 1.2 l", "27.95"), ("Mug", "9.50"),
    ("Crème brûlée set", "64.90"), ("Linen towel", "12.25"), ("Lamp „Nordlicht“", "119.00"), ("抹茶 whisk", "18.40"),
)  # fmt: skip
STATUS = (
    dict.fromkeys((1005, 1038, 1093), "pending")
    | dict.fromkeys((1009, 1074), "voided")
    | dict.fromkeys((1011, 1029, 1062, 1099), "refunded")
    | dict.fromkeys((1017, 1047, 1068, 1081, 1102), "partially_refunded")
    | {1021: "authorized", 1056: "expired", 1064: "partially_paid"}
)
CANCELLED = {1014, 1053, 1105}  # two of them after they were paid
TILL = {1015, 1036, 1042, 1078}  # sold in the shop: a telephone number, no address
UNPAID_AT = {n for n in range(1001, 1121) if n % 6 == 2}  # made by an app: paid, and no time of it
FREE = {1032, 1085}
MOMENTS = {  # the hour that the clocks of 3 November 2024 showed twice, and the one that 10 March 2024 left out
    1112: datetime(2024, 11, 3, 5, 30, tzinfo=UTC),
    1113: datetime(2024, 11, 3, 6, 30, tzinfo=UTC),
    1007: datetime(2024, 3, 10, 6, 59, 59, tzinfo=UTC),
    1008: datetime(2024, 3, 10, 7, 0, tzinfo=UTC),
}
TWICE = 1030  # its rows stand again at the end of the file

# A number has the codes that the fault gives, and the cells that make it. Odd ones are no faults.
NO_FAULT: tuple[str, dict[str, Any]] = ("", {})
ORDER_ODDITIES = {
    1029: {"Email": "no address"},  # refunded, so nobody asks
    1097: {"Total": "1,204.50"},
}
ORDER_FAULTS: dict[int, tuple[str, dict[str, str]]] = {
    1010: ("invalid_email", {"Email": "marisol.example.com"}),
    1027: ("invalid_email", {"Email": "ida@example.org; ole@example.org"}),
    1015: ("missing_identity", {}),
    1036: ("missing_identity", {}),
    1042: ("missing_identity", {}),
    1078: ("missing_identity", {}),
    1061: ("missing_identity", {"Email": "", "Billing Phone": ""}),
    1012: ("invalid_time", {"Paid at": "last Tuesday"}),
    1040: ("invalid_time", {"Paid at": "", "Created at": "2024-02-31 10:00:00 -0500"}),
    1072: ("invalid_time", {"Paid at": "8/21/2024 9:07"}),  # a spreadsheet's, which took the offset away
    1018: ("missing_amount", {"Total": ""}),
    1055: ("invalid_amount", {"Total": "free"}),
    1083: ("invalid_amount", {"Total": "-12.00"}),
    1024: ("invalid_order_id", {"Id": "5.41E+12"}),
    1066: ("invalid_order_id", {"Id": "#N/A"}),
    1077: ("missing_order_id", {"Id": ""}),
    1090: ("invalid_email invalid_amount", {"Email": "nobody@", "Total": "n/a"}),
    1044: ("conflicting_rows", {}),
    1004: ("", {"Name": "#1044"}),  # an order of the shop before, which had this name too: one record of two orders
    1050: ("conflicting_duplicate", {}),
    1051: ("conflicting_duplicate", {"Id": "5412041409550"}),  # that of 1050
}


def orders(sound: bool = False) -> Sample:
    """Orders of a shop in New York, February to November 2024, the newest first."""
    chance = random.Random(79)  # noqa: S311 (a sample, not a secret)
    sample = Sample("shopify_orders.csv", sound)
    lines = [_csv_line(ORDER_HEADER)]
    made = {n: _order(n, chance) for n in range(1001, 1121)}
    for n in sorted(made, reverse=True):
        edits = ORDER_ODDITIES.get(n, {}) | sample.plant(ORDER_FAULTS.get(n, NO_FAULT))
        for row in made[n]:
            row.update({column: text for column, text in edits.items() if column in row})
        lines += _spoiled(n, [_order_line(row) for row in made[n]], sample)
    lines += [_order_line(row) for row in made[TWICE]]
    lines.append("," * (len(ORDER_HEADER) - 1) + "\n")
    sample.text = "".join(lines)
    return sample


def _spoiled(n: int, rows: list[str], sample: Sample) -> list[str]:
    match n:
        case 1034:  # the line ends early
            rows[0] = sample.spoil(rows[0], lambda line: ",".join(line.split(",")[:40]) + "\n")
        case 1059:  # a line item's row does, and costs its order
            cut = "unreadable conflicting_rows"
            rows[1] = sample.spoil(rows[1], lambda line: ",".join(line.split(",")[:30]) + "\n", cut)
        case 1087:  # a comma that nobody quoted
            rows[0] = sample.spoil(rows[0], lambda line: line.replace("Example Works Ltd", "Example Works, Ltd"))
        case 1070:  # a quote that nobody closed
            rows[0] = sample.spoil(rows[0], lambda line: line.replace(",Ring twice,", ',"Ring twice,'))
    return rows


def _order(n: int, chance: random.Random) -> list[dict[str, str]]:
    """One order's rows: the first has everything, the further ones their line item and little else."""
    first, last, email = person(n)
    created = MOMENTS.get(n) or datetime(2024, 2, 20, 14, tzinfo=UTC) + timedelta(
        hours=55 * (n - 1001), seconds=chance.randrange(30_000)
    )
    status = STATUS.get(n, "paid")
    number = {1034: 1, 1059: 3, 1070: 1, 1087: 1}.get(n) or chance.choices((1, 2, 3, 4), (60, 25, 10, 5))[0]
    items = [_item(chance) for _ in range(number)]
    subtotal = sum((Decimal(i["Lineitem price"]) * int(i["Lineitem quantity"]) for i in items), Decimal())
    taxes = (subtotal * Decimal("0.0625")).quantize(Decimal("0.01"))
    total = Decimal("0.00") if n in FREE else subtotal + taxes + Decimal("5.95")
    base = {
        "Name": f"#{n}",
        "Email": "" if n in TILL else email.upper() if n % 40 == 6 else email,
        "Created at": _shop_time(created),
        "Vendor": "Example Works",
    }
    paid = status not in ("pending", "authorized", "voided", "expired") and n not in UNPAID_AT
    head = base | {
        "Financial Status": status,
        "Paid at": _shop_time(created + timedelta(seconds=n % 97, days=n % 11 == 0)) if paid else "",
        "Fulfillment Status": "fulfilled" if paid else "unfulfilled",
        "Accepts Marketing": ("yes", "no")[n % 2],
        "Currency": "USD",
        "Subtotal": f"{subtotal}",
        "Shipping": "5.95",
        "Taxes": f"{taxes}",
        "Total": f"{total}",
        "Discount Code": "GRATIS" if n in FREE else "",
        "Discount Amount": f"{subtotal + taxes + Decimal('5.95') - total:.2f}",
        "Shipping Method": "Standard",
        "Notes": _notes(n),
        "Note Attributes": f"utm_source: newsletter\nlanding: https://shop.example.com/?ref={n}" if n % 8 == 0 else "",
        "Cancelled at": _shop_time(created + timedelta(days=2)) if n in CANCELLED else "",
        "Payment Method": "Cash" if n in TILL else "Shopify Payments",
        "Payment Reference": f"c{n}.1",
        "Refunded Amount": f"{total}" if status == "refunded" else "7.00" if status == "partially_refunded" else "0.00",
        "Outstanding Balance": "0.00" if paid else f"{total}",
        "Location": "Front Street" if n in TILL else "",
        "Id": str(5412007000000 + n * 32771),
        "Risk Level": "Low",
        "Source": "pos" if n in TILL else "301689896961" if n in UNPAID_AT else "web",
        "Tax 1 Name": "State Tax 6.25%",
        "Tax 1 Value": f"{taxes}",
        "Phone": telephone(n) if n in TILL else "",
        "Payment ID": f"c{n}.1",
        "Payment References": f"c{n}.1",
    }
    head |= {} if n in TILL else _address("Billing", f"{first} {last}", n) | _address("Shipping", f"{first} {last}", n)
    return [head | items[0], *(base | item for item in items[1:])]


def _item(chance: random.Random) -> dict[str, str]:
    ware, price = chance.choice(WARES)
    return {
        "Lineitem quantity": str(chance.choices((1, 2, 6), (8, 3, 1))[0]),
        "Lineitem name": ware,
        "Lineitem price": price,
        "Lineitem sku": f"EX-{WARES.index((ware, price)):03d}",
        "Lineitem requires shipping": "true",
        "Lineitem taxable": "true",
        "Lineitem fulfillment status": "fulfilled",
        "Lineitem discount": "0.00",
    }


def _address(kind: str, name: str, n: int) -> dict[str, str]:
    values = {
        "Name": name,
        "Street": f"{n % 90 + 1} Sample Street",
        "Address1": f"{n % 90 + 1} Sample Street",
        "Company": "Example Works Ltd" if n % 29 == 14 else "",
        "City": "Exampleton",
        "Zip": f"'{2100 + n % 100:05d}",
        "Province": "MA",
        "Country": "US",
        "Province Name": "Massachusetts",
        "Phone": telephone(n) if n % 3 else "",
    }
    return {f"{kind} {part}": value for part, value in values.items()}


def _notes(n: int) -> str:
    if n == 1070:
        return "Ring twice"
    if n % 9 == 0:
        return 'Leave at the door,\nnot with the neighbour.\n\nThe bell says "Muster".'
    return 'She said "no plastic" 🙂' if n % 14 == 0 else ""


def _shop_time(moment: datetime) -> str:
    return moment.astimezone(SHOP).strftime("%Y-%m-%d %H:%M:%S %z")


def _order_line(row: dict[str, str]) -> str:
    return _csv_line([row.get(column, "") for column in ORDER_HEADER])


def _csv_line(cells: list[str], quoting: int = csv.QUOTE_MINIMAL) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=quoting).writerow(cells)  # type: ignore[arg-type]
    return text.getvalue()


# --- HubSpot

CONTACT_HEADER = columns(
    "Record ID,First Name,Last Name,Email,Phone Number,Lifecycle Stage,Lead Status,Create Date,Associated Company,"
    "Country/Region,Contact owner"
)
CONTACT_ODDITIES = {
    20: {"Create Date": "2024-03-31 02:30"},  # a clock in Berlin never showed it
    21: {"Create Date": "2024-10-27 02:30"},  # and showed this one twice
    26: {"Record ID": ""},
    29: {"Create Date": "2024-06-01"},
    34: {"Email": "  Contact34@Example.COM "},
} | {n: {"Email": ""} for n in (3, 17, 28, 39, 50, 55)}
CONTACT_FAULTS: dict[int, tuple[str, dict[str, str]]] = {
    5: ("invalid_email", {"Email": "contact5(at)example.org"}),
    22: ("invalid_email", {"Email": "a@example.com;b@example.com"}),
    9: ("invalid_order_id", {"Record ID": "2.04510E+10"}),
    31: ("invalid_order_id", {"Record ID": "#REF!"}),
    14: ("missing_time", {"Create Date": ""}),
    37: ("invalid_time", {"Create Date": "yesterday"}),
    41: ("conflicting_duplicate", {}),
    42: ("conflicting_duplicate", {"Record ID": "20451001517"}),  # that of 41
}
CONTACTS_TWICE = (11, 44)


def contacts(sound: bool = False) -> Sample:
    """Contacts of a CRM whose account shows the time of Berlin, and does not say so."""
    sample = Sample("hubspot_contacts.csv", sound)
    rows = {}
    for n in range(1, 61):
        cells = _contact(n) | CONTACT_ODDITIES.get(n, {}) | sample.plant(CONTACT_FAULTS.get(n, NO_FAULT))
        rows[n] = _csv_line(list(cells.values()), csv.QUOTE_ALL)
    again = [rows[n] for n in CONTACTS_TWICE]
    rows[33] = sample.spoil(rows[33], lambda line: ",".join(line.split(",")[:6]) + "\n")
    rows[47] = sample.spoil(rows[47], lambda line: line.replace('"Example Works, Inc."', "Example Works, Inc."))
    sample.text = "".join([_csv_line(CONTACT_HEADER, csv.QUOTE_ALL), *rows.values(), *again])
    return sample


def _contact(n: int) -> dict[str, str]:
    first, last, _ = person(n * 3)
    created = datetime(2023, 1, 9, 8, 15, tzinfo=UTC) + timedelta(days=9 * n, minutes=37 * n)
    company = ("", "Example Works, Inc.", 'Studio "Sample"\nBuilding 2', "示例公司")[(n + 2) % 4]
    values = (
        str(20451000000 + n * 37),
        first,
        last if n % 8 else "",
        f"contact{n}@example.{('net', 'com', 'org')[n % 3]}",
        telephone(n) if n % 4 else "",
        ("Lead", "Customer", "Subscriber")[n % 3],
        "New" if n % 2 else "",
        created.strftime("%Y-%m-%d %H:%M"),
        company,
        ("Germany", "Österreich", "")[n % 3],
        "Owner of Samples",
    )
    return dict(zip(CONTACT_HEADER, values, strict=True))


# --- a billing system

LINE_ODDITIES: dict[int, dict[str, Any]] = {
    6: {"client": {"ip": "203.0.113.6", "fingerprint": None, "url": "https://shop.example.com/plans"}},
    8: {"client": {"ip": "203.0.113.8", "fingerprint": "f-0008", "url": "shop.example.com"}},
    12: {"created": 1717243200000},
    18: {"created": "2024-06-01T12:00:00+02:00"},
    20: {"amount.total": "129900", "subscription.seats": "many"},
    24: {"livemode": False},
    28: {"amount.total": 0},
    30: {"amount.currency": "JPY"},
    32: {"customer.phone": "n/a", "subscription.plan.code": None, "subscription.plan.interval": None},
}
LINE_FAULTS: dict[int, tuple[str, dict[str, Any]]] = {
    2: ("missing_identity missing_identity", {"customer.email": ""}),  # gives two events
    4: ("missing_identity", {"customer.email": None}),
    7: ("invalid_email", {"customer.email": "line7.example.org"}),
    10: ("missing_amount", {"amount.total": None}),
    13: ("invalid_amount", {"amount.total": "waived"}),
    16: ("missing_time", {"created": None}),
    19: ("invalid_time", {"created": "soon"}),
    22: ("conflicting_duplicate", {}),
    25: ("conflicting_duplicate", {"id": 90071992547409920022}),  # that of line 22
    36: ("invalid_order_id", {"id": "9.007199254740992e19"}),  # as a program writes it that reads ids as floats
}
LINES_TWICE = (1, 3)


def subscriptions(sound: bool = False) -> Sample:
    """Events of a billing system: nested, in cents, with ids that no float can hold."""
    sample = Sample("subscriptions.jsonl", sound)
    lines = {n: _line(n, sample) for n in range(1, 39)}
    again = [lines[n] for n in LINES_TWICE]
    lines[34] = sample.spoil(lines[34], lambda line: line[: len(line) // 2] + "\n")
    lines[35] = sample.spoil(lines[35], lambda _: '["not", "an", "object"]\n')
    sample.text = "".join([*lines.values(), *again])
    return sample


def _line(n: int, sample: Sample) -> str:
    first, last, _ = person(n * 5)
    kind = "subscription.activated" if n % 6 == 2 else "subscription.created" if n % 6 == 5 else "invoice.paid"
    event: dict[str, Any] = {
        "id": 90071992547409920000 + n,
        "type": "customer.updated" if n % 15 == 0 else kind,
        "created": 1704106800 + n * 864_001,
        "livemode": True,
        "customer": {"email": f"Member{n}@example.org", "name": f"{first} {last}", "phone": f"tel:{telephone(n)}"},
        "subscription": {
            "id": f"sub_{n % 9:04d}",
            "plan": {"code": ("bas", "pro", "ent")[n % 3], "name": "Café", "interval": ("month", "year")[n % 2]},
            "seats": n,
        },
        "amount": {"total": 1999 + n * 101, "currency": "EUR"},
        "client": None,
        "addon": n % 4 == 0,
    }
    edits = LINE_ODDITIES.get(n, {}) | sample.plant(LINE_FAULTS.get(n, NO_FAULT))
    for path, value in edits.items():
        *parents, last_step = path.split(".")
        table = event
        for step in parents:
            table = table[step]
        table[last_step] = value
    text = json.dumps(event, ensure_ascii=n % 2 == 0)
    return text.replace('"9.007199254740992e19"', "9.007199254740992e19") + "\n"  # a number, not a text


SAMPLES = {"shopify_orders": orders, "hubspot_contacts": contacts, "subscriptions": subscriptions}

if __name__ == "__main__":
    for make in SAMPLES.values():
        made = make()
        (HERE / made.file).write_text(made.text, encoding="utf-8", newline="")
