"""What a person reads out of the samples: other attribution tools, and files made for them or an ad platform."""

from preset_readings.reading import Reading

READINGS = {
    "hyros_sales": Reading(
        """
        purchase sg-00001 ann@example.com 66   2026-07-05T16:00:00Z
        purchase sg-00002 ben@example.com 997  2026-07-05T18:00:00Z
        purchase sg-00005 eve@example.com 1044 2026-07-09T21:00:00Z
        purchase sg-00006 fay@example.org 47   2026-08-05T16:00:00Z
        purchase sg-00007 gus@example.com 0    2026-08-06T16:00:00Z
        """,
        amount="2154.00",
        counts={"rows": 13, "merged": 3, "without_event": 2, "events": 7},
        codes={"conflicting_rows": 1, "missing_identity": 1, "unreadable": 1},
        details={
            "purchase:sg-00001": {
                "order_name": "#2001",
                "first_name": "Ann",
                "last_name": "Elm",
                "phone": "+1 555-0101",
            }
        },
    ),
    "hyros_leads": Reading(
        """
        lead_generated - cat@example.com - 2026-03-08T07:30:00Z
        lead_generated - ann@example.com - 2026-07-05T14:00:00Z
        lead_generated - ben@example.com - 2026-07-07T03:59:59Z
        lead_generated - eve@example.com - 2026-07-09T14:00:00Z
        lead_generated - fay@example.org - 2026-07-10T14:00:00Z
        """,
        amount="0.00",
        counts={"rows": 7, "merged": 0, "without_event": 1, "events": 5},
        codes={"unreadable": 1},
        flags=("--timezone", "America/New_York"),
    ),
    "wicked_reports_orders": Reading(
        """
        purchase 00731 ann@example.com 29.00   2016-09-27T01:15:00Z
        purchase 00732 ben@example.com 1290.00 2016-09-27T02:15:00Z
        purchase 00733 cat@example.com 49.5    2016-11-06T06:30:00Z
        purchase 00734 dov@example.com 0       2016-09-30T23:05:00Z
        """,
        amount="1368.50",
        counts={"rows": 7, "merged": 0, "without_event": 1, "events": 6},
        codes={"missing_identity": 1, "invalid_time": 1},  # one with the day first, where the month is asked for
    ),
    "gohighlevel_orders": Reading(
        """
        purchase 25/01/2025-12:45-118.40 ann@example.com 118.40 2025-01-25T18:45:00Z
        purchase 03/02/2025-09:05-97.00  ben@example.com 97.00  2025-02-03T15:05:00Z
        purchase 03/02/2025-09:06-97.00  cat@example.com 97.00  2025-02-03T15:06:00Z
        """,
        amount="312.40",
        counts={"rows": 7, "merged": 0, "without_event": 0, "events": 7, "duplicate": 1},
        codes={"missing_identity": 1, "conflicting_duplicate": 2},  # two who paid the same in the same minute
        flags=("--timezone", "America/Chicago"),
        details={"purchase:25/01/2025-12:45-118.40": {"first_name": "Ann", "last_name": "Elm", "phone": "+1 555-0100"}},
    ),
    "klaviyo_profiles": Reading(
        """
        lead_generated 01HAAA00000000000000000001 ann@example.com - 2024-03-01T14:10:11Z
        lead_generated 01HAAA00000000000000000002 ben@example.com - 2024-07-02T03:59:59Z
        lead_generated 01HAAA00000000000000000004 dov@example.com - 2024-11-03T05:30:00Z
        """,
        amount="0.00",
        counts={"rows": 5, "merged": 0, "without_event": 1, "events": 4},
        codes={"invalid_email": 1},
        flags=("--timezone", "America/New_York"),
        details={"lead_generated:01HAAA00000000000000000001": {"phone": "+1 555-0100", "last_name": "Elm"}},
    ),
    "meta_offline_events": Reading(
        """
        purchase       1042 ann@example.com 29.00  2024-06-17T12:04:21Z
        purchase       1043 ben@example.com 1290.5 2024-06-17T08:04:21Z
        lead_generated -    cat@example.com -      2024-06-17T12:04:21Z
        subscribe      -    dov@example.com 12.00  2024-06-18T00:00:00Z
        """,
        amount="1331.50",
        counts={"rows": 6, "merged": 0, "without_event": 0, "events": 6},
        codes={"invalid_event_name": 1, "invalid_email": 1},  # Search; an address that is hashed
        details={"purchase:1042": {"phone": "+1-555-0100", "first_name": "Ann"}},
    ),
}
