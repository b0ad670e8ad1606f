"""What a person reads out of the samples: exports of other attribution tools."""

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
}
