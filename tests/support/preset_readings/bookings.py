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
    "acuity_appointments": Reading(
        """
        schedule 140000001 ann@example.com - 2026-09-28T16:00:00Z
        schedule 140000002 ben@example.com - 2026-09-29T16:00:00Z
        schedule 140000003 cat@example.com - 2026-10-01T16:00:00Z
        schedule 140000005 eve@example.org - 2026-11-02T17:00:00Z
        """,
        amount="0.00",
        counts={"rows": 5, "merged": 0, "without_event": 0, "events": 5},
        codes={"missing_identity": 1},
        flags=("--timezone", "America/New_York"),
        details={
            "schedule:140000001": {
                "order_name": "Strategy call",
                "first_name": "Ann",
                "last_name": "Elm",
                "phone": "+1 555-0101",
            }
        },
    ),
    "zoom_registrations": Reading(
        """
        webinar_registration - ann@example.com - 2024-08-11T06:00:11Z
        webinar_registration - ben@example.com - 2024-08-13T03:59:12Z
        webinar_registration - dov@example.com - 2024-08-14T09:00:14Z
        webinar_registration - gus@example.org - 2024-09-02T04:00:21Z
        """,
        amount="0.00",
        counts={"rows": 8, "merged": 0, "without_event": 3, "events": 5},
        codes={"missing_identity": 1},
        above=5,
        flags=("--timezone", "America/New_York"),
    ),
    "zoom_registrations_attendees": Reading(
        """
        webinar_registration - ann@example.com - 2025-03-15T15:23:29Z
        webinar_registration - ben@example.com - 2025-03-16T12:00:00Z
        webinar_registration - dov@example.org - 2025-03-18T03:59:59Z
        """,
        amount="0.00",
        counts={"rows": 5, "merged": 0, "without_event": 1, "events": 4},
        codes={},
        above=8,
        flags=("--timezone", "America/New_York"),
        preset="zoom_registrations",
    ),
    "luma_guests": Reading(
        """
        webinar_registration gst-ExAmPlE01 ann@example.com - 2025-08-08T00:16:45Z
        webinar_registration gst-ExAmPlE02 ben@example.com - 2025-08-09T10:00:00Z
        webinar_registration gst-ExAmPlE07 gus@example.org - 2025-12-31T23:59:59Z
        """,
        amount="0.00",
        counts={"rows": 8, "merged": 0, "without_event": 4, "events": 4},
        codes={"missing_identity": 1},
        details={
            "webinar_registration:gst-ExAmPlE01": {
                "order_name": "Standard",
                "full_name": "Ann Elm",
                "first_name": "Ann",
                "last_name": "Elm",
                "phone": "+1 555-0101",
            }
        },
    ),
}
