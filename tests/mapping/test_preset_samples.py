"""Each preset's sample, through the real command: the events that a person reads out of it, and no others.

`PYTHONPATH=tests/support python -m tests.mapping.test_preset_samples` writes the golden files anew; what is in them is
checked against the tables below, which were written by hand from the samples.
"""

import csv
import io
import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from backfill.cli import main
from backfill.convert.lookup import open_lookups
from backfill.mapping import detect, load, presets
from backfill.sandbox import SandboxThread

SAMPLES = Path(__file__).parents[2] / "sample_data" / "presets"
GOLDEN = SAMPLES.parent / "golden" / "presets"
ELSEWHERE = {"shopify_orders", "hubspot_contacts"}  # their samples are one folder up, with planted faults
REFUSED = {"woocommerce_analytics"}  # recognised only to say why it can't be used
NOT_COUNTS = ("run", "command", "space", "files", "started", "seconds", "rejects_file", "resume")

Event = dict[str, Any]


@dataclass(frozen=True)
class Reading:
    """What a person reads out of a sample; an event a line: name, order_id, email, amount (- for none), UTC time."""

    events: str
    amount: str
    counts: dict[str, int]
    codes: dict[str, int]
    flags: tuple[str, ...] = ()
    preset: str = ""  # where the sample is another layout of a preset that has one of its own name
    lookup: str = ""  # the export joined to it, NAME.LOOKUP.csv
    encoding: str = "utf-8-sig"
    details: dict[str, Event] = field(default_factory=dict)  # key -> some of its further fields

    def rows(self) -> list[list[str]]:
        return sorted(line.split() for line in self.events.split("\n") if line.strip())


READINGS = {
    "shopify_bulk": Reading(
        """
        purchase 5600000001001 ada@example.com    150   2025-06-15T10:30:00Z
        purchase 5600000001002 ben@example.com  89.90   2025-06-15T18:05:41Z
        purchase 5600000001007 fay@example.org  64.50   2025-06-17T15:20:30Z
        purchase 5600000001009 gus@example.com  1204.35 2023-11-24T23:59:59Z
        purchase 5600000001010 hana@example.com 500     2025-06-19T06:00:00Z
        purchase 5600000001011 ines@example.com 5400    2025-06-20T01:02:03Z
        """,
        amount="7408.75",
        counts={"rows": 19, "merged": 0, "without_event": 12, "events": 7},  # 7 lines of these are no orders at all
        codes={"missing_identity": 1},
        details={
            "purchase:5600000001001": {"phone": "+1 555-0101", "first_name": "Ada", "order_name": "#1001"},
            "purchase:5600000001007": {"first_name": "Fay", "last_name": "Núñez", "phone": None, "full_name": None},
        },
    ),
    "woocommerce_webtoffee": Reading(
        """
        purchase 7101 ada@example.com   58.90   2025-01-12T08:15:27Z
        purchase 7104 bruno@example.com 23.50   2025-01-20T22:45:00Z
        purchase 7115 elena@example.com 140.00  2025-03-30T01:10:00Z
        purchase 7130 gina@example.org  1049.00 2025-06-18T12:22:31Z
        purchase 7140 ivo@example.com   13.00   2025-08-05T09:11:03Z
        purchase 7152 ivo@example.com   13.00   2025-09-05T09:11:03Z
        purchase 7160 lia@example.com   27.80   2025-10-26T00:30:00Z
        purchase 7170 olga@example.com  0.00    2025-12-24T19:59:59Z
        """,
        amount="1325.20",
        counts={"rows": 14, "merged": 0, "without_event": 5, "events": 9},
        codes={"missing_identity": 1},
        flags=("--timezone", "Europe/Rome"),
        details={
            "purchase:7101": {"phone": "+39 555-0101", "order_name": "2025-0001", "ip": None, "url": None},
            "purchase:7115": {"last_name": "D'Angelo"},
        },
    ),
    "woocommerce_orders": Reading(
        """
        purchase 4501 amy@example.com 41.50   2025-02-03T09:12:00Z
        purchase 4502 bob@example.com 15.50   2025-02-03T17:40:00Z
        purchase 4504 dan@example.com 29.50   2025-03-30T01:30:00Z
        purchase 4506 fin@example.com 1236.00 2025-06-21T22:59:00Z
        purchase 4509 ivy@example.org 20.50   2025-08-19T05:07:00Z
        purchase 4510 amy@example.com 42.00   2025-08-20T05:07:00Z
        purchase 4512 kim@example.com 0.00    2025-12-31T23:30:00Z
        """,
        amount="1385.00",
        counts={"rows": 19, "merged": 7, "without_event": 4, "events": 8},
        codes={"missing_identity": 1},
        flags=("--timezone", "Europe/London"),
        details={"purchase:4504": {"phone": "+44 555-0104", "last_name": "O'Neil"}, "purchase:4509": {"phone": None}},
    ),
    "bigcommerce_orders": Reading(
        """
        purchase 1401 ann@example.com 49.80  2022-06-05T02:00:00Z
        purchase 1402 ben@example.com 129.00 2022-06-18T02:00:00Z
        purchase 1404 deb@example.org 1149   2022-07-01T02:00:00Z
        purchase 1406 flo@example.com 95.50  2022-07-09T02:00:00Z
        purchase 1408 hal@example.com 64.00  2022-10-02T01:00:00Z
        purchase 1409 ida@example.com 10.05  2022-12-31T01:00:00Z
        purchase 1411 kit@example.com 7.00   2023-01-12T01:00:00Z
        """,
        amount="1504.35",
        counts={"rows": 13, "merged": 0, "without_event": 5, "events": 8},
        codes={"missing_identity": 1},
        flags=("--timezone", "Australia/Sydney"),
        details={"purchase:1404": {"full_name": None, "first_name": "Deb", "phone": "555-0104"}},
    ),
    "magento_orders": Reading(
        """
        purchase 000000123  abe@example.com 64.00   2023-01-05T16:22:33Z
        purchase 000000124  bea@example.com 120.50  2023-01-05T21:22:33Z
        purchase 000000125  cy@example.com  19.99   2023-02-11T06:05:00Z
        purchase 000000127  ed@example.com  88.00   2023-03-12T08:30:00Z
        purchase 000000129  gil@example.com 1500.00 2023-07-05T04:59:59Z
        purchase 2000000017 ike@example.org 71.43   2023-08-21T00:45:10Z
        """,
        amount="1863.92",
        counts={"rows": 13, "merged": 0, "without_event": 6, "events": 7},
        codes={"missing_identity": 1},
        flags=("--timezone", "America/Chicago"),
    ),
    "squarespace_orders": Reading(
        """
        purchase 00101 ana@example.com 70.00   2024-03-10T02:06:08Z
        purchase 00102 bo@example.com  45.00   2024-03-10T12:00:00Z
        purchase 00103 cia@example.com 115.00  2024-04-05T13:00:00Z
        purchase 00106 fox@example.com 57.50   2024-05-07T03:30:00Z
        purchase 00108 hea@example.org 1250.00 2024-11-29T05:00:01Z
        purchase 00110 jay@example.com 45.00   2024-12-20T23:45:12Z
        """,
        amount="1582.50",
        counts={"rows": 16, "merged": 4, "without_event": 5, "events": 7},  # 2 of them blank rows at the end
        codes={"missing_identity": 1},
        details={"purchase:00103": {"full_name": "Cia Dorn", "phone": "555-0103"}},
    ),
    "stripe_payments": Reading(
        """
        purchase ch_3QSample0001 ann@example.com 15.00   2024-06-07T02:38:54Z
        purchase ch_3QSample0002 ann@example.com 15.00   2024-07-07T02:40:11Z
        purchase ch_3QSample0003 bea@example.com 99.00   2024-07-08T10:03:02Z
        purchase ch_3QSample0004 cal@example.com 1440.00 2024-07-09T23:59:59Z
        purchase py_3QSample0008 gus@example.com 250.00  2024-07-13T14:05:06Z
        purchase ch_3QSample0010 hal@example.org 75.50   2024-07-15T16:20:00Z
        purchase ch_3QSample0013 kay@example.com 0.50    2024-07-18T12:00:00Z
        purchase ch_3QSample0014 leo@example.com 19.99   2024-12-31T23:30:00Z
        """,
        amount="1914.99",
        counts={"rows": 16, "merged": 0, "without_event": 7, "events": 9},
        codes={"missing_identity": 1},
        details={
            "purchase:ch_3QSample0001": {"order_name": "4086918E-0001", "phone": "+1 555-0101"},
            "purchase:py_3QSample0008": {"full_name": "Gus Hood"},
        },
    ),
    "pipedrive_deals": Reading(
        """
        lead_generated 311 jana@example.com  -       2025-01-08T08:00:00Z
        lead_generated 312 petr@example.com  -       2025-03-29T22:10:00Z
        lead_generated 313 eva@example.com   -       2025-04-02T08:00:00Z
        lead_generated 314 ivan@example.com  -       2025-04-15T06:45:12Z
        lead_generated 316 tom@example.com   -       2025-05-20T15:20:00Z
        lead_generated 318 info@example.com  -       2025-06-12T09:11:11Z
        lead_generated 320 karel@example.com -       2025-08-01T13:00:00Z
        lead_generated 321 lea@example.com   -       2025-10-26T00:15:00Z
        purchase       311 jana@example.com  1200    2025-02-01T13:30:00Z
        purchase       312 petr@example.com  8500.50 2025-03-30T01:15:00Z
        purchase       316 tom@example.com   430.25  2025-06-30T21:59:59Z
        """,
        amount="10130.75",
        counts={"rows": 11, "merged": 0, "without_event": 1, "events": 15},
        codes={"missing_identity": 3, "missing_amount": 1},
        flags=("--timezone", "Europe/Prague"),
        details={"purchase:312": {"phone": "555-0102", "order_name": "Website, phase 1", "full_name": "Petr Maly"}},
    ),
    "gohighlevel_opportunities": Reading(
        """
        lead_generated 2025-02-10T16:54:01.082Z ann@example.com -       2025-02-10T16:54:01Z
        lead_generated 2025-02-11T09:00:00.001Z ben@example.com -       2025-02-11T09:00:00Z
        lead_generated 2025-02-13T11:30:00.000Z dan@example.com -       2025-02-13T11:30:00Z
        lead_generated 2025-03-10T07:00:00.700Z fay@example.com -       2025-03-10T07:00:00Z
        lead_generated 2025-04-04T23:59:59.999Z gus@example.org -       2025-04-04T23:59:59Z
        lead_generated 2025-06-01T12:00:00.000Z gus@example.org -       2025-06-01T12:00:00Z
        lead_generated 2025-07-07T07:07:07.007Z hal@example.com -       2025-07-07T07:07:07Z
        purchase       2025-02-10T16:54:01.082Z ann@example.com 8200    2025-03-01T10:20:30Z
        purchase       2025-04-04T23:59:59.999Z gus@example.org 21000.5 2025-05-05T00:00:00Z
        purchase       2025-06-01T12:00:00.000Z gus@example.org 400     2025-06-02T12:30:00Z
        """,
        amount="29600.50",
        counts={"rows": 11, "merged": 0, "without_event": 3, "events": 12},
        codes={"missing_identity": 1, "missing_amount": 1},
        details={"purchase:2025-02-10T16:54:01.082Z": {"order_name": "Roof for Ann", "full_name": "Ann Abel"}},
    ),
    "kajabi_transactions": Reading(
        """
        purchase 88001 ada@example.com 497.00  2025-01-15T10:30:00Z
        purchase 88003 bo@example.com  39.00   2025-01-16T08:00:05Z
        purchase 88004 bo@example.com  39.00   2025-02-16T08:00:05Z
        purchase 88007 di@example.com  1997.00 2025-02-05T23:59:59Z
        purchase 88009 ed@example.com  497.00  2025-02-06T10:05:00Z
        purchase 88012 gil@example.org 19.50   2025-02-09T07:45:00Z
        """,
        amount="3088.50",
        counts={"rows": 14, "merged": 0, "without_event": 7, "events": 7},
        codes={"missing_identity": 1},
        details={"purchase:88007": {"order_name": 'Coaching "1:1"', "phone": "555-0107"}},
    ),
    "calendly_events": Reading(
        """
        schedule a0000000-0000-4000-8000-000000000001 ann@example.com - 2025-03-03T17:00:00Z
        schedule a0000000-0000-4000-8000-000000000002 bob@example.com - 2025-03-03T06:15:00Z
        schedule a0000000-0000-4000-8000-000000000004 cat@example.com - 2025-03-10T13:05:00Z
        schedule a0000000-0000-4000-8000-000000000005 dan@example.com - 2025-04-01T17:00:00Z
        schedule a0000000-0000-4000-8000-000000000006 eve@example.com - 2025-04-03T00:45:00Z
        schedule a0000000-0000-4000-8000-000000000007 fay@example.org - 2025-07-01T04:59:00Z
        schedule a0000000-0000-4000-8000-000000000009 hal@example.com - 2025-07-02T15:10:00Z
        """,
        amount="0.00",
        counts={"rows": 10, "merged": 0, "without_event": 2, "events": 8},
        codes={"missing_identity": 1},
        flags=("--timezone", "America/Chicago"),
        details={"schedule:a0000000-0000-4000-8000-000000000001": {"phone": "+1 555-0101", "order_name": "Intro call"}},
    ),
    "stripe_api": Reading(
        """
        purchase ch_3RSample0001 ann@example.com 10.50      2024-06-10T06:13:20Z
        purchase ch_3RSample0002 ben@example.com 1050       2024-06-10T07:13:20Z
        purchase ch_3RSample0003 cat@example.org 12.345     2024-06-10T08:13:20Z
        purchase ch_3RSample0007 dov@example.com 5000.00    2024-06-10T12:13:20Z
        purchase ch_3RSample0009 eve@example.com 99.00      2024-06-10T14:13:20Z
        purchase ch_3RSample0011 fay@example.com 40000      2024-06-10T16:13:20Z
        purchase ch_3RSample0013 gus@example.com 1234567.89 2024-12-31T23:59:59Z
        purchase ch_3RSample0015 hal@example.com 2500.00    2024-06-10T21:13:20Z
        purchase ch_3RSample0016 ida@example.com 0.50       2024-06-10T22:13:20Z
        """,
        amount="1283240.235",  # in usd, jpy, kwd, isk, eur, mga and ugx
        counts={"rows": 17, "merged": 0, "without_event": 6, "events": 11},
        codes={"missing_identity": 1, "invalid_amount": 1},  # a currency that does not exist
        details={"purchase:ch_3RSample0001": {"phone": "+1 555-0101", "full_name": "Ann Bly"}},
    ),
    "paypal_activity": Reading(
        """
        purchase 1AB00000000000001 ada@example.com 50.00   2024-01-05T17:15:00Z
        purchase 1AB00000000000002 ben@example.com 1653.75 2024-01-01T00:30:00Z
        purchase 1AB00000000000009 dov@example.com 9.99    2024-03-10T10:05:00Z
        purchase 1AB00000000000010 eve@example.org 12.00   2024-11-03T08:30:00Z
        purchase 1AB00000000000011 eve@example.org 12.00   2024-11-03T09:30:00Z
        purchase 1AB00000000000013 fay@example.com 19.00   2024-02-03T18:10:10Z
        """,
        amount="1756.74",
        counts={"rows": 17, "merged": 0, "without_event": 9, "events": 8},
        codes={"missing_identity": 1, "invalid_time": 1},  # IST is a zone in three countries
        details={"purchase:1AB00000000000001": {"phone": "555-0101", "order_name": "INV2-0001"}},
    ),
    "paypal_activity_europe": Reading(
        """
        purchase 2CD00000000000001 ana@example.com 1250.00 2015-12-29T17:20:00Z
        purchase 2CD00000000000002 bo@example.com  45.50   2016-06-05T07:00:00Z
        purchase 2CD00000000000004 cy@example.org  20.00   2016-06-06T21:30:00Z
        purchase 2CD00000000000007 ed@example.com  7.25    2016-10-30T00:30:00Z
        purchase 2CD00000000000008 ed@example.com  7.25    2016-10-30T01:30:00Z
        """,
        amount="1330.00",
        counts={"rows": 9, "merged": 0, "without_event": 3, "events": 6},
        codes={"invalid_email": 1},
        preset="paypal_activity",
        details={"purchase:2CD00000000000001": {"phone": "+34 555-0101", "order_name": None}},
    ),
    "square_transactions": Reading(
        """
        purchase tx0001 ann@example.com 22.50   2022-11-11T02:50:48Z
        purchase tx0002 ben@example.com 1240.00 2022-07-04T21:05:00Z
        purchase tx0003 cat@example.org 8.00    2022-07-04T15:00:00Z
        purchase tx0007 ann@example.com 5.00    2022-12-31T23:30:00Z
        purchase tx0008 dee@example.com 22.00   2022-11-11T19:30:00Z
        purchase tx0009 ben@example.com 3.10    2022-11-06T05:30:00Z
        """,
        amount="1300.60",
        counts={"rows": 12, "merged": 0, "without_event": 4, "events": 8},
        codes={"missing_identity": 2},  # a customer whom the directory does not know, and one without an email
        lookup="customers",
        details={
            "purchase:tx0001": {"phone": "+1 555-0101", "first_name": "Ann", "full_name": "Ann Bly"},
            "purchase:tx0008": {"phone": None, "first_name": None, "full_name": "Dee Poe"},
        },
    ),
    "hubspot_deals": Reading(
        """
        lead_generated 900100000001 ann@example.com -       2025-01-10T08:00:00Z
        lead_generated 900100000002 ben@example.com -       2025-06-01T10:00:00Z
        lead_generated 900100000003 zoe@example.org -       2025-02-02T09:00:00Z
        lead_generated 900100000007 ann@example.com -       2025-02-04T09:00:00Z
        lead_generated 900100000008 zoe@example.org -       2025-02-05T09:00:00Z
        lead_generated 900100000009 eve@example.com -       2025-09-05T21:30:00Z
        lead_generated 900100000010 zoe@example.org -       2025-02-06T09:00:00Z
        purchase       900100000001 ann@example.com 12000   2025-03-30T01:30:00Z
        purchase       900100000002 ben@example.com 450.50  2025-06-30T22:00:00Z
        purchase       900100000009 eve@example.com 1250.00 2025-10-26T00:30:00Z
        """,
        amount="13700.50",
        counts={"rows": 10, "merged": 0, "without_event": 1, "events": 14},
        codes={"missing_identity": 3, "missing_amount": 1},
        flags=("--timezone", "Europe/Berlin"),
        lookup="contacts",
        details={
            "purchase:900100000001": {"phone": "+49 555-0101", "order_name": "Website, phase 1"},
            "purchase:900100000009": {"last_name": "Low", "phone": "555-0105"},  # the first of two unlike contacts
            "lead_generated:900100000003": {"first_name": "Zoë", "last_name": "Núñez"},
        },
    ),
    "salesforce_opportunities": Reading(
        """
        lead_generated 006x0000001YtCrAAK ann@example.com -        2005-08-15T20:47:07Z
        lead_generated 006x0000001YtcrAAK bea@example.com -        2006-06-15T20:47:07Z
        lead_generated 006x0000001Yu01AAK cat@example.org -        2006-06-16T00:00:00Z
        lead_generated 006x0000001Yu05AAK cat@example.org -        2006-06-17T23:59:59Z
        lead_generated 006x0000001Yu06AAK cat@example.org -        2006-06-18T01:02:03Z
        purchase       006x0000001YtCrAAK ann@example.com 500000.0 2005-11-09T17:00:00Z
        purchase       006x0000001YtcrAAK bea@example.com 1250.5   2006-07-04T16:00:00Z
        purchase       006x0000001Yu06AAK cat@example.org 0.0      2006-12-31T17:00:00Z
        """,
        amount="501250.50",
        counts={"rows": 8, "merged": 0, "without_event": 2, "events": 9},
        codes={"missing_identity": 1},
        flags=("--timezone", "America/New_York"),
        lookup="contacts",
        details={
            "purchase:006x0000001YtCrAAK": {"phone": "(555) 555-0101", "order_name": 'Grid, "north"'},
            "purchase:006x0000001YtcrAAK": {"phone": "555-0102", "first_name": "Bea"},  # ids differ by case alone
        },
    ),
    "salesforce_opportunities_weekly": Reading(
        """
        lead_generated 0061t00000AbCd1AAF ana@example.com -        2023-03-01T08:30:00Z
        lead_generated 0061t00000AbCd2AAF bea@example.com -        2023-10-29T00:30:00Z
        lead_generated 0061t00000AbCd5AAF ana@example.com -        2023-07-31T22:00:00Z
        purchase       0061t00000AbCd1AAF ana@example.com 15400.00 2023-05-11T10:00:00Z
        purchase       0061t00000AbCd2AAF bea@example.com 99.90    2023-12-31T11:00:00Z
        """,
        amount="15499.90",
        counts={"rows": 6, "merged": 0, "without_event": 2, "events": 6},
        codes={"missing_identity": 1},
        flags=("--timezone", "Europe/Madrid"),
        preset="salesforce_opportunities",
        lookup="contacts",
        encoding="cp1252",
        details={
            "purchase:0061t00000AbCd1AAF": {"last_name": "Muñoz", "order_name": "Ampliación de almacén"},
            "purchase:0061t00000AbCd2AAF": {"last_name": "Gómez", "phone": None},
        },
    ),
    "salesforce_report": Reading(
        """
        lead_generated 0068000000AbCd1 ann@example.com -        2024-04-01T11:00:00Z
        lead_generated 0068000000AbcD1 ben@example.com -        2023-12-03T12:00:00Z
        lead_generated 0068000000AbCd3 cat@example.org -        2024-06-05T11:00:00Z
        lead_generated 0068000000AbCd6 cat@example.org -        2024-06-06T11:00:00Z
        purchase       0068000000AbCd1 ann@example.com 12500.00 2024-05-13T11:00:00Z
        purchase       0068000000AbcD1 ben@example.com 800.00   2024-01-02T12:00:00Z
        """,
        amount="13300.00",
        counts={"rows": 6, "merged": 0, "without_event": 1, "events": 8},  # what is below the data is no row
        codes={"missing_identity": 1, "missing_amount": 1},
        flags=("--timezone", "Europe/London"),
        lookup="contacts",
        details={"lead_generated:0068000000AbCd3": {"order_name": "Copyright (c) case"}},
    ),
    "zoho_deals": Reading(
        """
        lead_generated 4876876000001234001 asha@example.com -         2025-02-28T18:45:00Z
        lead_generated 4876876000001234002 ben@example.com  -         2024-11-30T18:29:59Z
        lead_generated 4876876000001234003 asha@example.com -         2025-05-05T06:30:00Z
        lead_generated 4876876000001234004 ben@example.com  -         2025-05-05T06:30:01Z
        lead_generated 4876876000001234007 cat@example.org  -         2025-05-05T06:30:02Z
        purchase       4876876000001234001 asha@example.com 123456.78 2025-04-15T06:30:00Z
        purchase       4876876000001234002 ben@example.com  98765.00  2024-12-31T06:30:00Z
        """,
        amount="222221.78",
        counts={"rows": 7, "merged": 0, "without_event": 1, "events": 9},
        codes={"missing_identity": 1, "invalid_amount": 1},
        flags=("--timezone", "Asia/Kolkata"),
        lookup="contacts",
        details={
            "purchase:4876876000001234001": {"phone": "+91 555-0101", "order_name": "Solar, 5 kW"},
            "purchase:4876876000001234002": {"phone": "555-0102"},
        },
    ),
}

# Other versions of an export, by their header lines.
VERSIONS = {
    "stripe_payments, default columns": (
        "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,Converted Amount Refunded,"
        "Converted Currency,Decline Reason,Description,Fee,Refunded date (UTC),Statement Descriptor,Status,"
        "Seller Message,Taxes On Fee,Card ID,Customer ID,Customer Description,Customer Email,Invoice ID,Transfer,"
        "order_id (metadata),email (metadata)"
    ),
    "stripe_payments, older": (
        "id,Description,Seller Message,Created (UTC),Amount,Amount Refunded,Currency,Converted Amount,Fee,Mode,Status,"
        "Customer Email,Captured,Card ID,Invoice ID"
    ),
    "woocommerce_orders, 2018": (
        "Order Number,Order Status,Order Date,Customer Note,First Name (Billing),Last Name (Billing),Email (Billing),"
        "Phone (Billing),Order Total Amount,Order Total Tax Amount,SKU,Item #,Item Name,Product Variation,Quantity,"
        "Order Line Total,Coupons Used,Total items,Total products,Order ID,Paid Date,Currency"
    ),
    "bigcommerce_orders, with times": (
        "Order ID,Customer ID,Customer Email,Order Date,Order Time,Order Status,Order Total (inc tax),Coupon Value"
    ),
    "squarespace_orders, newer": (
        "Order ID,Email,Financial Status,Paid at,Currency,Amount Refunded,Total,Created at,Lineitem name,"
        "Lineitem variant,Billing Name,Channel Type,Channel Name,Channel Order Number,Checkout Form: Note"
    ),
    "magento_orders, few columns": "ID,Purchase Point,Purchase Date,Grand Total (Base),Status,Customer Email",
    "woocommerce_webtoffee, few columns": (
        "order_id,order_number,order_date,status,order_total,customer_email,billing_email,'meta:_x'"
    ),
    "pipedrive_deals, list": "ID,Title,Value,Status,Won time,Deal created,Contact person,Person - Email (Work)",
    "pipedrive_deals, newer labels": (
        "Deal - ID,Deal - Deal value,Deal - Status,Deal - Deal created on,Deal - Won time,Person - Email"
    ),
    "gohighlevel_opportunities, with ids": (
        "Opportunity name,Contact Name,phone,email,pipeline,stage,Lead Value,source,assigned,Created on,Updated on,"
        "lost reason ID,lost reason name,Followers,Notes,tags,Engagement score,status,Opportunity ID,Contact ID"
    ),
    "calendly_events, many questions": (
        "User Name,Invitee Name,Invitee Email,Event Type Name,Start Date & Time,Event Created Date & Time,Canceled,"
        "EventQuery 1,Response 1,EventQuery 2,Response 2,EventQuery 3,Response 3,Event UUID,Invitee UUID"
    ),
    "paypal_activity, before 2017": (
        "Date, Time, Time Zone, Name, Type, Status, Currency, Gross, Fee, Net, From Email Address, To Email Address, "
        "Transaction ID, Counterparty Status, Address Status, Item Title, Balance,"
    ),
    "paypal_activity, all fields of today": (
        "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,To Email Address,Transaction ID,"
        "CounterParty Status,Invoice Number,Custom Number,Contact Phone Number,Balance Impact,Decline Code"
    ),
    "square_transactions, 2018": (
        "Date,Time,Time Zone,Gross Sales,Discounts,Net Sales,Gift Card Sales,Tax,Tip,Partial Refunds,Total Collected,"
        "Source,Card,Cash,Fees,Net Total,Transaction ID,Payment ID,Device Name,Details,Description,Event Type,Location,"
        "Customer ID,Customer Name,Customer Reference ID,Installment"
    ),
    "hubspot_deals, internal names": (
        "hs_object_id,dealname,dealstage,pipeline,amount,closedate,createdate,hubspot_owner_id,Associated Contact IDs"
    ),
    "hubspot_deals, with an email of its own": (
        "Record ID,Deal Name,Amount,Deal Stage,Close Date,Deal Owner,Company Name,Pipeline,Create Date,Email,"
        "Associated Contact,Associated Contact IDs,Associated Note IDs"
    ),
    "salesforce_opportunities, few columns": "Id,Name,StageName,Amount,CloseDate,IsWon,CreatedDate,ContactId",
    "salesforce_opportunities, with relations": (
        "ID,NAME,STAGENAME,AMOUNT,CLOSEDATE,ISWON,CREATEDDATE,CONTACTID,ACCOUNT.NAME,CONTACT.EMAIL"
    ),
    "salesforce_report, its usual columns": (
        "Opportunity Name,Stage,Amount,Close Date,Account Name,Opportunity Owner,Created Date,Type,Lead Source,"
        "Opportunity ID,Fiscal Period,Age,Contact ID"
    ),
    "salesforce_report, several currencies": (
        "Opportunity ID,Contact ID,Opportunity Name,Stage,Amount Currency,Amount,Amount (converted) Currency,"
        "Amount (converted),Close Date,Email"
    ),
    "zoho_deals, few columns": (
        "Record Id,Deal Owner.id,Deal Name,Amount,Stage,Closing Date,Created Time,Contact Name.id,Contact Name,Email"
    ),
    "stripe_api, older": (
        "id,object,amount,amount_refunded,billing_details,billing_details.email,created,currency,livemode,paid,refunded,"
        "status,source"
    ),
    "woocommerce_analytics, older": (
        "Date,Order #,N. Revenue,Status,Customer,Customer type,Product(s),Items sold,Coupon(s)"
    ),
}

# Similar exports that no preset may recognise as its own.
STRANGERS = {
    "Stripe, balance history": "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),Description",
    "Stripe, application fees": (
        "id,Created (UTC),Amount,Amount Refunded,Currency,User ID,User Email,Application ID,Transaction ID"
    ),
    "WooCommerce, SkyVerge": "order_id,order_number,date,status,order_total,billing_email",
    "Etsy, sold orders": "Sale Date,Order ID,Buyer User ID,Full Name,Currency,Order Value,Order Total,Status",
    "Zoho, contacts": "Record Id,Contact Owner.id,Contact Owner,First Name,Last Name,Email,Create Date,Created Time",
    "Zoho, Bigin deals": "Deal Id,Deal Owner.id,Deal Name,Sub-Pipeline,Stage,Amount,Closing Date,Contact Name.id",
    "PayPal, statement report": (
        "Date,Time,Time Zone,Description,Currency,Gross,Fee,Net,Balance,Transaction ID,From Email Address,Name,"
        "Bank Name,Bank Account,Shipping and Handling Amount,Sales Tax,Invoice ID,Reference Txn ID"
    ),
    "PayPal, statement report in Spanish": (
        "Fecha,Hora,Zona horaria,Descripción,Divisa,Bruto,Comisión,Neto,Saldo,Id. de transacción,"
        "Correo electrónico del remitente,Nombre,,,,,,"
    ),
    "PayPal, activity in German": (
        "Datum,Uhrzeit,Zeitzone,Name,Typ,Status,Währung,Brutto,Gebühr,Netto,Absender E-Mail-Adresse,Transaktionscode"
    ),
    "Square, items": (
        "Date,Time,Time Zone,Category,Item,Qty,Price Point Name,SKU,Gross Sales,Discounts,Net Sales,Tax,Transaction ID,"
        "Payment ID,Device Name,Notes,Details,Event Type,Location,Dining Option,Customer ID,Customer Name"
    ),
    "Square, customers": "Reference ID,First Name,Last Name,Email Address,Phone Number,Square Customer ID,Total Spent",
    "HubSpot, companies": "Record ID,Company name,Company owner,Create Date,Phone Number,Associated Contact IDs",
    "HubSpot, tickets": "Record ID,Ticket name,Ticket status,Create Date,Email",
    "Salesforce, contacts": "Id,IsDeleted,AccountId,LastName,FirstName,Phone,Email,CreatedDate",
    "Salesforce, accounts": "Id,IsDeleted,Name,Type,ParentId,CreatedDate",
    "Salesforce, report without ids": "Opportunity Name,Stage,Amount,Close Date,Account Name,Opportunity Owner,Age",
    "Salesforce, report of contacts": "First Name,Last Name,Email,Phone,Contact ID",
    "Stripe API, payment intent": "id,object,amount,amount_received,currency,livemode,status,created,receipt_email",
    "Stripe API, payment method": "id,object,billing_details,billing_details.email,card,created,customer,livemode,type",
    "Stripe API, checkout session": (
        "id,object,amount_total,currency,customer_details,livemode,payment_status,status,created"
    ),
    "Stripe API, refund": "id,object,amount,charge,created,currency,status",
    "Stripe API, page of charges": "object,data,has_more,url",
    "Close, opportunities": "id,lead_id,contact_id,status_type,value,value_currency,date_created,date_won",
    "any list": "ID,Name,Email,Status,Amount,Created At",
}


def sample(name: str) -> Path:
    return next(path for path in SAMPLES.glob(f"{name}.*") if path.stem == name)


def preset(name: str) -> str:
    return READINGS[name].preset or name


def flags(name: str) -> list[str]:
    """The options that the command needs with the sample."""
    reading = READINGS[name]
    joined = ["--lookup", f"{reading.lookup}={SAMPLES / f'{name}.{reading.lookup}.csv'}"] if reading.lookup else []
    return [*reading.flags, *joined]


def header(path: Path) -> list[str]:
    if path.suffix == ".jsonl":
        return list(paths(json.loads(path.read_text("utf-8").splitlines()[0])))
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return next(csv.reader(file))


def paths(found: Event, prefix: str = "") -> Iterator[str]:
    """The names of an object's values, those within objects dotted."""
    for name, value in found.items():
        yield from paths(value, f"{prefix}{name}.") if isinstance(value, dict) else [prefix + name]


def backfill(folder: Path, url: str, *arguments: str) -> Event:
    """Run a command here; return its summary."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMETLY_API_URL", url)
        patch.setenv("COMETLY_API_KEY", "sandbox")
        places = {"--state": folder / "state", "--rejects": folder / "rejects", "--summary": folder / "summary.json"}
        code = main([*arguments, "--quiet", *(str(part) for pair in places.items() for part in pair)])
    summary: Event = json.loads((folder / "summary.json").read_text("utf-8"))
    assert summary["exit_code"] == code
    return summary


def counts(summary: Event) -> Event:
    """The summary without what differs from run to run."""
    kept = {name: value for name, value in summary.items() if name not in NOT_COUNTS}
    inferred = {name: {k: v for k, v in clue.items() if k != "file"} for name, clue in kept["inferred"].items()}
    return kept | {"inferred": inferred}


def uploaded(name: str, folder: Path) -> dict[str, str]:
    """The golden files' names and texts, from a run."""
    with SandboxThread(rate=None) as sandbox:
        summary = backfill(folder, sandbox.url, "upload", str(sample(name)), "--yes", *flags(name))
        bodies = sorted((json.loads(arrival.raw) for arrival in sandbox.arrivals), key=lambda b: b["idempotency_key"])
    return {
        f"{name}.events.jsonl": "".join(json.dumps(b, sort_keys=True, ensure_ascii=False) + "\n" for b in bodies),
        f"{name}.summary.json": json.dumps(counts(summary), indent=2) + "\n",
    }


def golden_events(name: str) -> list[Event]:
    lines = (GOLDEN / f"{name}.events.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]


def golden_summary(name: str) -> Event:
    summary: Event = json.loads((GOLDEN / f"{name}.summary.json").read_text("utf-8"))
    return summary


def fits(names: list[str]) -> list[str]:
    return [mapping.name for mapping in detect(names)]


def folded(names: Iterable[str]) -> set[str]:
    return {name.strip().casefold() for name in names}


def test_every_preset_has_its_sample_and_reading() -> None:
    assert {path.stem for path in SAMPLES.iterdir() if "." not in path.stem} == READINGS.keys() | REFUSED
    assert {preset(name) for name in READINGS} == presets().keys() - ELSEWHERE - REFUSED
    assert {name for name in presets() if load(name).refuse} == REFUSED
    for name in READINGS:
        assert list(load(preset(name)).lookups) == ([READINGS[name].lookup] if READINGS[name].lookup else [])


@pytest.mark.parametrize("name", READINGS)
def test_the_golden_events_are_those_that_a_person_reads_out_of_the_sample(name: str) -> None:
    read, events = READINGS[name].rows(), golden_events(name)
    made = [
        [e["event_name"], e["order_id"], e["email"], e["event_time"], Decimal(e["amount"]) if "amount" in e else "-"]
        for e in events
    ]
    expected = [[n, i, who, time, amount if amount == "-" else Decimal(amount)] for n, i, who, amount, time in read]
    assert sorted(made, key=str) == sorted(expected, key=str)
    assert all(e["idempotency_key"] == f"{e['event_name']}:{e['order_id']}" for e in events)
    assert all(e["do_not_capi"] is True for e in events)
    for key, fields in READINGS[name].details.items():
        (event,) = [e for e in events if e["idempotency_key"] == key]
        assert {field: event.get(field) for field in fields} == fields


@pytest.mark.parametrize("name", READINGS)
def test_the_golden_summary_accounts_for_every_row(name: str) -> None:
    reading, summary = READINGS[name], golden_summary(name)
    assert {count: summary[count] for count in reading.counts} == reading.counts
    assert (summary["codes"], summary["amount"]["accepted"]) == (reading.codes, reading.amount)
    assert summary["accepted"] == len(reading.rows()) == summary["events"] - sum(reading.codes.values())
    per_name = Counter(row[0] for row in reading.rows())
    assert {kind: row["accepted"] for kind, row in summary["by_event"].items()} == per_name
    assert (summary["mapping"], summary["balanced"], summary["exit_code"]) == (preset(name), True, 3)


@pytest.mark.parametrize("name", READINGS)
def test_a_sample_arrives_as_its_golden_files_say(name: str, tmp_path: Path) -> None:
    for file, text in uploaded(name, tmp_path).items():
        assert text == (GOLDEN / file).read_text("utf-8"), file


@pytest.mark.parametrize("name", READINGS)
def test_order_and_case_of_the_columns_make_no_difference(name: str, tmp_path: Path) -> None:
    path, shuffle = sample(name), random.Random(name)
    text = path.read_text(READINGS[name].encoding)
    if path.suffix == ".jsonl":
        lines = [shuffle.sample(list(json.loads(line).items()), len(json.loads(line))) for line in text.splitlines()]
        text = "".join(json.dumps(dict(line)) + "\n" for line in lines)
    else:
        rows = list(csv.reader(io.StringIO(text, newline="")))
        order = shuffle.sample(range(len(rows[0])), len(rows[0]))
        written = io.StringIO(newline="")
        rows[0] = [f" {column.upper()}" for column in rows[0]]
        whole = len(rows[0])  # rows of another length are below the data
        csv.writer(written, delimiter=";").writerows(
            [row[at] for at in order] if len(row) == whole else row for row in rows
        )
        text = written.getvalue()
    other = tmp_path / path.name
    other.write_bytes(b"\xef\xbb\xbf" + text.encode())
    summary, golden = (
        counts(backfill(tmp_path, "http://127.0.0.1:9", "check", str(other), *flags(name))),
        golden_summary(name),
    )
    same = ("mapping", "rows", "merged", "without_event", "events", "codes", "first_event_time", "last_event_time")
    assert {key: summary[key] for key in same} == {key: golden[key] for key in same}
    assert summary["amount"].get("ready") == golden["amount"]["accepted"]


@pytest.mark.parametrize("version", VERSIONS)
def test_other_versions_of_an_export_are_known(version: str) -> None:
    mapping, names = load(version.split(",")[0]), VERSIONS[version].split(",")
    assert fits(names) == fits([name.upper() for name in reversed(names)]) == [mapping.name]
    for group in mapping.required:
        spellings = {spelling for name in group for spelling in (name, *mapping.source.aliases.get(name, ()))}
        assert folded(spellings) & folded(names), f"one of {group}"


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_similar_export_is_not_recognised_as_another(stranger: str) -> None:
    assert fits(STRANGERS[stranger].split(",")) == []


@pytest.mark.parametrize("name", READINGS)
def test_each_header_is_known_as_one_preset_and_has_all_its_columns(name: str) -> None:
    names = header(sample(name))
    assert fits(names) == [preset(name)]
    if sample(name).suffix == ".csv":
        mapping = load(preset(name))
        lacking = folded(mapping.columns) - folded(names)
        assert lacking <= folded([*mapping.source.optional, *_instead(preset(name))])


@pytest.mark.parametrize("name", READINGS)
def test_columns_that_anybody_adds_make_no_header_doubtful(name: str) -> None:
    common = {"Name", "Email", "Status", "Amount", "Currency", "Total", "Phone", "Created At", "Create Date", "Notes"}
    assert fits([*header(sample(name)), *common]) == [preset(name)]


def test_an_export_to_be_joined_is_not_recognised_as_the_one_it_joins() -> None:
    joined = {path.stem: fits(header(path)) for path in SAMPLES.iterdir() if "." in path.stem}
    assert {stem for stem, found in joined.items() if found} == {"hubspot_deals.contacts"}
    assert joined["hubspot_deals.contacts"] == ["hubspot_contacts"]


def _instead(name: str) -> set[str]:
    """Columns that need not be there because another of their group is."""
    return {column for group in load(name).required if len(group) > 1 for column in group}


@pytest.mark.parametrize("name", READINGS)
def test_a_sample_shows_no_real_person(name: str) -> None:
    for event in golden_events(name):
        assert event["email"].endswith(("@example.com", "@example.org"))
        assert "555-01" in event.get("phone", "555-01")


def refusal(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> str:
    """Run a command that must end with exit code 2 and no event; return its last line."""
    summary = backfill(folder, "http://127.0.0.1:9", *arguments)
    assert (summary["exit_code"], summary["accepted"], summary["requests"]) == (2, 0, 0)
    return capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("command", ["check", "upload"])
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_an_export_that_can_not_be_used_is_refused_with_the_reason(
    name: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reason = load(name).refuse
    assert reason and reason in refusal(capsys, tmp_path, command, str(sample(name)))
    assert reason in refusal(capsys, tmp_path, command, str(sample(name)), "-m", name)
    assert reason in refusal(capsys, tmp_path, command, str(sample("magento_orders")), "-m", name)


@pytest.mark.parametrize("name", [name for name, reading in READINGS.items() if reading.lookup])
def test_a_preset_that_joins_another_export_asks_for_it(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refusal(capsys, tmp_path, "check", str(sample(name)), *READINGS[name].flags)
    assert f"--lookup {READINGS[name].lookup}=FILE" in said


def test_what_is_below_a_joined_report_is_no_data() -> None:
    with open_lookups(
        load("salesforce_report"), {"contacts": [str(SAMPLES / "salesforce_report.contacts.csv")]}
    ) as read:
        assert [joined.warnings for joined in read] == [[]]


def test_days_and_months_that_no_row_distinguishes_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = sample("paypal_activity").read_text("utf-8-sig").splitlines(keepends=True)
    doubtful = tmp_path / "doubtful.csv"
    doubtful.write_text("".join(line for line in lines if line.startswith(('"Date"', '"01/'))), "utf-8")
    said = refusal(capsys, tmp_path, "check", str(doubtful))
    assert "date_order" in said and "--date-order" in said


def _write_golden() -> None:
    for name in READINGS:
        with tempfile.TemporaryDirectory() as folder:
            for file, text in uploaded(name, Path(folder)).items():
                (GOLDEN / file).write_bytes(text.encode())


if __name__ == "__main__":
    _write_golden()
