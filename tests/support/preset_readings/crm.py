"""What a person reads out of the samples: contacts and deals of CRMs."""

from preset_readings.reading import Reading

READINGS = {
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
    "gohighlevel_contacts": Reading(
        """
        lead_generated ExAmPlE0Ab1Cd2Ef3G01 ann@example.com - 2025-02-10T16:54:01Z
        lead_generated ExAmPlE0Ab1Cd2Ef3G02 ben@example.com - 2025-02-11T14:00:00Z
        lead_generated ExAmPlE0Ab1Cd2Ef3G04 dov@example.org - 2025-07-04T23:59:59Z
        """,
        amount="0.00",
        counts={"rows": 5, "merged": 0, "without_event": 1, "events": 4},
        codes={"invalid_email": 1},
        details={
            "lead_generated:ExAmPlE0Ab1Cd2Ef3G01": {"first_name": "ann", "last_name": "elm", "phone": "+1 555-0101"}
        },
    ),
    "close_leads": Reading(
        """
        lead_generated lead_Ex01 ann@example.com -      2025-01-10T08:00:00Z
        purchase       lead_Ex01 ann@example.com 5000   2025-03-30T16:00:00Z
        lead_generated lead_Ex02 ben@example.com -      2025-01-11T08:00:00Z
        lead_generated lead_Ex03 cat@example.com -      2025-01-12T08:00:00Z
        lead_generated lead_Ex04 dov@example.com -      2025-01-13T08:00:00Z
        lead_generated lead_Ex05 eve@example.com -      2025-01-14T08:00:00Z
        lead_generated lead_Ex07 gus@example.org -      2025-01-16T23:59:59Z
        purchase       lead_Ex07 gus@example.org 1250.5 2025-05-01T16:00:00Z
        lead_generated lead_Ex08 hal@example.com -      2025-01-17T08:00:00Z
        """,
        amount="6250.50",
        counts={"rows": 9, "merged": 0, "without_event": 1, "events": 11},
        codes={"missing_amount": 1, "missing_identity": 1},
        flags=("--timezone", "America/New_York"),
        details={
            "lead_generated:lead_Ex01": {
                "order_name": "Ann Ltd",
                "full_name": "Ann Elm",
                "first_name": "Ann",
                "last_name": "Elm",
                "phone": "+1 555-0101",
            }
        },
    ),
}
