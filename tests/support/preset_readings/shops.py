"""What a person reads out of the samples: orders of shops."""

from preset_readings.reading import Reading

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
    "wix_orders": Reading(
        """
        purchase 10041 ann@example.com 55.5 2024-12-02T01:15:51Z
        purchase 10042 ben@example.com 8    2024-12-03T14:15:52Z
        purchase 10044 dov@example.com 1059 2024-12-31T22:59:59Z
        purchase 10045 eve@example.com 36.5 2025-03-30T01:30:00Z
        purchase 10049 ida@example.org 36.5 2025-04-09T03:15:55Z
        """,
        amount="1195.50",
        counts={"rows": 14, "merged": 4, "without_event": 4, "events": 6},
        codes={"missing_identity": 1},
        flags=("--timezone", "Europe/Berlin"),
        details={"purchase:10041": {"full_name": "Ann Elm", "phone": "+49 555-0101"}},
    ),
    "matrixify_orders": Reading(
        """
        purchase 5412007000001 ann@example.com 21.45  2026-07-20T12:30:00Z
        purchase 5412007000002 ben@example.com 1204.5 2026-07-21T00:30:00Z
        purchase 5412007000004 dov@example.com 38     2026-07-22T12:30:00Z
        purchase 5412007000009 ida@example.com 9.5    2026-07-27T12:30:00Z
        """,
        amount="1273.45",
        counts={"rows": 25, "merged": 15, "without_event": 5, "events": 5},
        codes={"missing_identity": 1},
        details={
            "purchase:5412007000001": {
                "order_name": "#1001",
                "first_name": "Ann",
                "last_name": "Elm",
                "phone": "+1 555-0101",
            }
        },
    ),
    "edd_orders": Reading(
        """
        purchase 911 ann@example.com         79   2024-01-06T13:11:44Z
        purchase 912 ben.o'brien@example.com 1234 2024-01-07T23:59:59Z
        purchase 916 fay@example.com         158  2024-01-11T13:16:44Z
        purchase 919 ida@example.com         79   2024-01-14T13:16:44Z
        purchase 922 lea@example.com         0    2024-01-17T13:16:44Z
        """,
        amount="1550.00",
        counts={"rows": 14, "merged": 0, "without_event": 8, "events": 6},
        codes={"missing_identity": 1},
        flags=("--timezone", "UTC"),
        details={"purchase:911": {"full_name": "Ann Elm"}},
    ),
}
