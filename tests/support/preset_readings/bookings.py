"""What a person reads out of the samples: bookings and registrations."""

from preset_readings.reading import Reading

READINGS = {
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
}
