"""What a person reads out of the samples: leads of forms and lead ads."""

from preset_readings.reading import Reading

READINGS = {
    "meta_leads": Reading(
        """
        lead_generated 2046983545900001 ann@example.com - 2026-07-15T21:12:13Z
        lead_generated 2046983545900002 ben@example.com - 2026-07-17T02:59:59Z
        lead_generated 2046983545900003 cat@example.com - 2026-07-17T08:00:00Z
        lead_generated 2046983545900006 dov@example.com - 2026-07-19T06:00:00Z
        lead_generated 2046983545900008 Fay@example.org - 2026-07-21T06:00:00Z
        """,
        amount="0.00",
        counts={"rows": 8, "merged": 0, "without_event": 2, "events": 6},
        codes={"missing_identity": 1},
        encoding="utf-16",
        delimiter="\t",
        details={
            "lead_generated:2046983545900001": {
                "order_name": "Quote form",
                "full_name": "Ann Elm",
                "phone": "+1 555-0101",
            }
        },
    ),
    "tiktok_leads": Reading(
        """
        lead_generated 7409876543200000001 ann@example.com - 2026-09-20T18:03:11Z
        lead_generated 7409876543200000002 ben@example.com - 2026-09-21T03:59:59Z
        lead_generated 7409876543200000004 cat@example.com - 2026-11-01T05:30:00Z
        lead_generated 7409876543200000006 eve@example.org - 2026-09-24T14:00:00Z
        """,
        amount="0.00",
        counts={"rows": 6, "merged": 0, "without_event": 1, "events": 5},
        codes={"invalid_email": 1},
        flags=("--timezone", "America/New_York"),
        details={
            "lead_generated:7409876543200000001": {
                "order_name": "Quote form",
                "full_name": "Ann Elm",
                "phone": "+1 555-0101",
            }
        },
    ),
    "typeform_responses": Reading(
        """
        lead_generated 0001eefq4nmszyxo0vbw101kq7p0aj1 ann@example.com - 2023-01-23T06:27:59Z
        lead_generated 0002eefq4nmszyxo0vbw101kq7p0aj1 ben@example.com - 2023-01-24T23:59:59Z
        lead_generated 0004eefq4nmszyxo0vbw101kq7p0aj1 dov@example.com - 2023-01-25T10:00:00Z
        lead_generated 0006eefq4nmszyxo0vbw101kq7p0aj1 fay@example.org - 2023-01-27T10:00:00Z
        """,
        amount="0.00",
        counts={"rows": 6, "merged": 0, "without_event": 1, "events": 5},
        codes={"missing_identity": 1},
        details={
            "lead_generated:0001eefq4nmszyxo0vbw101kq7p0aj1": {
                "first_name": "Ann",
                "last_name": "Elm",
                "phone": "+1 555-0101",
            }
        },
    ),
    "gravity_forms_entries": Reading(
        """
        lead_generated 301 ann@example.com -    2024-03-10T09:15:00Z
        lead_generated 302 ben@example.com -    2024-03-31T01:30:00Z
        purchase       302 ben@example.com 49   2024-03-31T01:30:00Z
        lead_generated 303 cat@example.com -    2024-04-01T07:00:00Z
        purchase       303 cat@example.com 1250 2024-04-02T07:00:00Z
        lead_generated 304 dov@example.com -    2024-04-02T07:00:00Z
        lead_generated 305 eve@example.com -    2024-04-03T07:00:00Z
        lead_generated 307 gus@example.org -    2024-10-27T00:30:00Z
        """,
        amount="1299.00",
        counts={"rows": 7, "merged": 0, "without_event": 0, "events": 9},
        codes={"missing_identity": 1},
        flags=("--timezone", "Europe/Berlin"),
        details={
            "lead_generated:301": {
                "first_name": "Ann",
                "last_name": "Elm",
                "phone": "(555) 555-0101",
                "url": "https://site.example.com/contact/?n=1",
            }
        },
    ),
    "mailchimp_contacts": Reading(
        """
        lead_generated 88120001 ann@example.com - 2023-03-07T14:40:47Z
        lead_generated 88120002 ben@example.com - 2023-03-26T01:30:00Z
        lead_generated 88120003 cat@example.com - 2023-03-09T14:43:02Z
        lead_generated 88120004 dov@example.com - 2023-03-10T14:43:47Z
        lead_generated 88120006 fay@example.org - 2023-07-12T23:59:59Z
        """,
        amount="0.00",
        counts={"rows": 7, "merged": 0, "without_event": 0, "events": 7},
        codes={"invalid_email": 1, "missing_time": 1},
        flags=("--timezone", "UTC"),
        details={"lead_generated:88120001": {"first_name": "Ann", "last_name": "Elm", "phone": "555-0101"}},
    ),
}
