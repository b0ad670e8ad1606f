"""What a person reads out of the samples: payments."""

from preset_readings.reading import Reading

READINGS = {
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
    "stripe_subscriptions": Reading(
        """
        subscribe   sub_1ExSample0001 ann@example.com - 2024-06-07T02:38:00Z
        start_trial sub_1ExSample0002 ben@example.com - 2024-06-08T10:00:00Z
        subscribe   sub_1ExSample0002 ben@example.com - 2024-06-22T10:00:00Z
        start_trial sub_1ExSample0003 cat@example.com - 2024-06-09T10:00:00Z
        start_trial sub_1ExSample0004 dov@example.com - 2024-06-10T10:00:00Z
        start_trial sub_1ExSample0005 eve@example.com - 2024-06-11T10:00:00Z
        subscribe   sub_1ExSample0005 eve@example.com - 2024-06-25T10:00:00Z
        subscribe   sub_1ExSample0006 fay@example.com - 2024-06-12T23:59:59Z
        subscribe   sub_1ExSample0009 ida@example.org - 2024-06-15T10:00:00Z
        """,
        amount="0.00",
        counts={"rows": 10, "merged": 0, "without_event": 2, "events": 10},
        codes={"missing_identity": 1},
        details={"start_trial:sub_1ExSample0002": {"order_name": "price_1ExPro", "full_name": "Ben Elm"}},
    ),
}
