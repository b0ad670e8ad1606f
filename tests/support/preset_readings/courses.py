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
    "thrivecart_api": Reading(
        """
        purchase 9001001 ann@example.com 47.00  2024-01-16T06:27:41Z
        purchase 9001002 ann@example.com 19.00  2024-01-16T06:27:41Z
        purchase 9001003 ann@example.com 197.00 2024-01-16T06:28:41Z
        purchase 9001004 ben@example.com 29700  2024-01-17T06:28:42Z
        purchase 9001005 cat@example.com 47.00  2024-01-18T06:29:43Z
        purchase 9001006 cat@example.com 47.00  2024-02-18T06:29:43Z
        purchase 9001009 fay@example.com 49.05  2024-01-21T06:32:46Z
        purchase 9001010 gus@example.com 0.00   2024-01-22T06:33:47Z
        """,
        amount="30106.05",  # in USD, JPY and EUR
        counts={"rows": 11, "merged": 0, "without_event": 2, "events": 9},
        codes={"missing_identity": 1},
        details={
            "purchase:9001001": {"is_upsell": False, "order_name": "product-222-138", "full_name": "Ann Elm"},
            "purchase:9001002": {"is_upsell": True, "order_name": "bump-222-138"},
        },
    ),
    "samcart_orders": Reading(
        """
        purchase 4400101 ann@example.com 25.00   2024-06-09T06:21:11Z
        purchase 4400102 ben@example.com 1297.00 2024-06-10T19:22:11Z
        purchase 4400104 dov@example.com 47.00   2024-06-12T16:00:00Z
        purchase 4400106 fay@example.com 25.00   2024-07-03T03:59:59Z
        purchase 4400109 ida@example.org 5.50    2024-11-03T05:30:00Z
        """,
        amount="1399.50",
        counts={"rows": 9, "merged": 0, "without_event": 3, "events": 6},
        codes={"missing_identity": 1},
        flags=("--timezone", "America/New_York"),
        details={"purchase:4400102": {"phone": "+1 555-0102", "order_name": "Mentoring, live", "first_name": "Ben"}},
    ),
    "gumroad_sales": Reading(
        """
        purchase    Gx01kQ== ann@example.com 29.0   2025-04-04T21:35:29Z
        purchase    Gx02kQ== ben@example.com 56.48  2025-04-05T00:00:01Z
        purchase    Gx04kQ== dov@example.com 149.0  2025-04-07T11:30:00Z
        start_trial Gx05kQ== eve@example.com -      2025-04-08T12:00:00Z
        purchase    Gx06kQ== eve@example.com 12.0   2025-04-22T12:00:00Z
        purchase    Gx09kQ== hal@example.com 29.0   2025-04-11T15:00:00Z
        purchase    Gx11kQ== joe@example.org 1000.0 2025-04-13T17:00:00Z
        """,
        amount="1275.48",
        counts={"rows": 13, "merged": 0, "without_event": 5, "events": 8},  # one of these the line of totals
        codes={"missing_identity": 1},
        details={"purchase:Gx04kQ==": {"order_name": "Course, live", "full_name": "Dov Elm"}},
    ),
    "lemonsqueezy_orders": Reading(
        """
        purchase 2200101 ann@example.com 29.00    2024-05-04T12:01:11Z
        purchase 2200102 ben@example.com 380000   2024-05-05T12:02:11Z
        purchase 2200103 cat@example.com 12345.67 2024-05-06T12:02:11Z
        purchase 2200107 gus@example.com 99.00    2024-05-10T12:02:11Z
        purchase 2200110 joe@example.com 0.00     2024-12-31T23:59:59Z
        """,
        amount="392473.67",  # in USD, JPY and EUR
        counts={"rows": 11, "merged": 0, "without_event": 5, "events": 6},
        codes={"missing_identity": 1},
        details={"purchase:2200101": {"order_name": "41", "full_name": "Ann Elm"}},
    ),
    "whop_payments": Reading(
        """
        purchase pay_Ex01 ann@example.com 49.00   2026-02-28T15:32:08Z
        purchase pay_Ex02 ann@example.com 49.00   2026-03-28T15:32:08Z
        purchase pay_Ex04 ben@example.com 199.00  2026-03-01T00:10:00Z
        purchase pay_Ex06 dov@example.com 1204.50 2026-03-03T01:00:00Z
        purchase pay_Ex07 eve@example.com 60.00   2026-03-04T01:00:00Z
        """,
        amount="1561.50",
        counts={"rows": 10, "merged": 0, "without_event": 4, "events": 6},
        codes={"missing_identity": 1},
        details={"purchase:pay_Ex01": {"full_name": "Ann Elm", "order_name": "Pro access"}},
    ),
    "kartra_transactions": Reading(
        """
        purchase    8810401 ann@example.com 47   2024-03-05T19:21:10Z
        purchase    8810402 ann@example.com 47   2024-04-05T18:21:10Z
        purchase    8810404 ben@example.com 497  2024-03-06T13:05:00Z
        purchase    8810411 gus@example.com 1    2024-03-16T03:59:59Z
        start_trial 8810411 gus@example.com -    2024-03-16T03:59:59Z
        start_trial 8810412 hal@example.com -    2024-03-16T14:00:00Z
        purchase    8810413 ida@example.com 1997 2024-11-03T05:30:00Z
        """,
        amount="2589.00",
        counts={"rows": 14, "merged": 0, "without_event": 7, "events": 8},
        codes={"missing_order_id": 1},
        flags=("--timezone", "America/New_York"),
        details={
            "purchase:8810401": {
                "order_name": "Coaching club",
                "full_name": "Ann Elm",
                "phone": "+1 555-0101",
                "url": "https://acme.example.com/page/1",
            }
        },
    ),
    "hotmart_sales": Reading(
        """
        purchase HP01017007919 ana@example.com  1234  2024-09-09T13:13:00Z
        purchase HP01027007919 bia@example.com  197.5 2024-09-10T13:14:00Z
        purchase HP01037007919 ana@example.com  97    2024-09-10T13:15:00Z
        purchase HP01047007919 caio@example.com 39.9  2025-02-02T02:30:00Z
        purchase HP01147007919 nina@example.org 497   2024-09-14T15:00:00Z
        """,
        amount="2065.40",
        counts={"rows": 14, "merged": 0, "without_event": 8, "events": 6},
        codes={"missing_identity": 1},
        flags=("--timezone", "America/Sao_Paulo"),
        delimiter=";",
        details={
            "purchase:HP01017007919": {
                "order_name": "Curso de pintura",
                "full_name": "Ana Olmo",
                "phone": "55 11 555-0101",
                "is_upsell": False,
            }
        },
    ),
    "skool_members": Reading(
        """
        sign_up   - gus@example.com - 2026-03-29T01:30:00Z
        subscribe - ann@example.com - 2026-04-23T06:30:35Z
        sign_up   - ben@example.com - 2026-04-23T07:00:00Z
        subscribe - cat@example.com - 2026-04-24T08:00:00Z
        sign_up   - eve@example.com - 2026-04-26T10:00:00Z
        subscribe - fay@example.org - 2026-04-26T12:00:00Z
        """,
        amount="0.00",
        counts={"rows": 8, "merged": 0, "without_event": 1, "events": 7},
        codes={"invalid_email": 1},
        flags=("--timezone", "UTC"),
    ),
    "clickfunnels2_orders": Reading(
        """
        purchase    71001 ann@example.com 47   2025-01-16T08:00:05Z
        purchase    71002 ben@example.com 1297 2025-01-17T23:59:59Z
        start_trial 71007 gus@example.com -    2025-01-22T08:00:00Z
        """,
        amount="1344.00",
        counts={"rows": 12, "merged": 0, "without_event": 8, "events": 4},
        codes={"missing_identity": 1},
        details={
            "purchase:71001": {"order_name": "1001", "first_name": "Ann", "last_name": "Elm", "phone": "+1 555-0101"}
        },
    ),
}
