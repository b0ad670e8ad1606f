"""What a person reads out of the samples: sales of courses, funnels and memberships."""

from preset_readings.reading import Reading

READINGS = {
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
}
