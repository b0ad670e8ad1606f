"""`backfill review`: what its pages say is what a check says; and nobody but their person may ask them anything."""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from checking import HEADER, mapping_of
from place import Place
from reviewing import Review, reviewed
from test_review_mending import mend

EXPORT = """id,name,email,total,at,status,Currency
1,#1001,ada@example.com,10.50,2024-01-31T23:30:00-05:00,paid,USD
2,#1002,bob@example.com,20.25,2024-02-02T10:00:00-05:00,paid,USD
2,#1002,bob@example.com,20.25,2024-02-02T10:00:00-05:00,paid,USD
3,#1003,nobody,30.00,2024-02-03T10:00:00-05:00,paid,USD
4,#1004,eve@example.com,7.75,2024-02-04T10:00:00-05:00,refunded,USD
5,#1005,"zoë@example.com",free,2024-03-01T10:00:00-05:00,paid,EUR
6,#1006,too,few
"""
MAPPING = """mapping: 1
name: shop
source: {timezone: America/New_York}
where: {status: [paid, "part paid"]}
events:
  - event_name: purchase
    fields: {order_id: id, order_name: name, email: email, amount: total, event_time: at}
"""


def write(place: Place, export: str = EXPORT, mapping: str = MAPPING) -> list[str]:
    (place.folder / "orders.csv").write_text(export, encoding="utf-8")
    (place.folder / "shop.yaml").write_text(mapping, encoding="utf-8")
    return [str(place.folder / "orders.csv"), "-m", str(place.folder / "shop.yaml")]


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Review]:
    place = Place(tmp_path_factory.mktemp("review"))
    with reviewed(place, *write(place)) as made:
        yield made


# Who may ask

OWN = "127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/{token}/counts", {}, 200),
        ("GET", "/{token}/counts", {"Host": "localhost:{port}"}, 200),
        ("GET", "/{token}/counts", {"Host": "127.0.0.1:{port}.example.com"}, 403),
        ("GET", "/{token}/counts", {"Host": "example.com"}, 403),
        ("GET", "/{token}/assets/review.css", {"Host": "example.com"}, 403),
        ("GET", "/", {}, 404),
        ("GET", "/counts", {}, 404),
        ("GET", "/{token}x/counts", {}, 404),
        ("GET", "/%7B/counts", {}, 404),
        ("GET", "/{token}/nothing", {}, 404),
        ("GET", "/{token}/assets/../pages.py", {}, 404),
        ("GET", "/{token}/assets/review.py", {}, 404),
        ("PUT", "/{token}/counts", {}, 405),
        ("POST", "/{token}/people", {}, 403),
        ("POST", "/{token}/people", {"Origin": "https://example.com"}, 403),
        ("POST", "/{token}/people", {"Origin": "null"}, 403),
        ("POST", "/{token}/people", {"Origin": "http://127.0.0.1:{port}", "Sec_Fetch_Site": "cross-site"}, 403),
        ("POST", "/{token}/people", {"Origin": "http://127.0.0.1:{port}", "Content_Type": "text/plain"}, 400),
        ("POST", "/{token}/nothing", {"Origin": "http://127.0.0.1:{port}"}, 404),
    ],
)
def test_only_the_page_itself_may_ask(
    review: Review, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    port, token = review.host.partition(":")[2], review.url.split("/")[3]
    form = {"Content_Type": "application/x-www-form-urlencoded"} if method == "POST" else {}
    given = {name: value.format(port=port) for name, value in (form | headers).items()}
    got = review.ask(method, path.format(token=token), "", **given)
    assert got.status == status
    assert "example.com" not in got.text or status == 200
    assert got.headers["content-security-policy"].startswith("default-src 'none'; style-src 'self'")
    assert (got.headers["cache-control"], got.headers["x-content-type-options"]) == ("no-store", "nosniff")
    assert "access-control-allow-origin" not in got.headers


def test_a_body_that_is_too_long_is_refused(review: Review) -> None:
    assert review.post("people", show="yes" * 400_000).status == 413
    assert review.send("people", show="no").status == 200


# What it says


def test_every_order_is_accounted_for_as_a_check_does(review: Review) -> None:
    words = review.get("counts").words
    assert "Mend first. 3 of 5 orders can’t go as they are. The other 2 are fit to send." in words
    assert "7 rows become 7 orders" in words and "✓ All add up" in words
    for line in ("Orders in the file 7", "left out: they don’t count 1 USD 7.75", "the same twice 1", "to mend 3"):
        assert line in words, line
    assert "Fit to send 2 USD 30.75" in words
    assert "paid yes 5" in words and "refunded no 1 USD 7.75" in words and "part paid yes 0" in words


def test_months_are_the_shops(review: Review) -> None:
    words = review.get("counts").words
    assert "Months of America/New_York" in words
    assert "Jan 2024 1 10.50" in words  # in UTC it is February
    assert "Feb 2024 3 20.25" in words


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("#1001", ["#1001"]),
        ("1001", ["#1001"]),
        ("3", ["#1003"]),
        ("EVE@example.com", ["#1004"]),
        ("example.com", []),
        ("#100", ["#1005", "#1004", "#1003", "#1002", "#1002", "#1001"]),
        ("%", []),
        ("' OR 1=1", []),
    ],
)
def test_orders_are_found_by_the_beginning_of_an_id_or_a_name_or_a_whole_email(
    review: Review, search: str, found: list[str]
) -> None:
    got = review.post("orders/find", q=search)
    assert re.findall(r"<bdi>(#\d+)</bdi></a>", got.text) == found
    assert "nobody is found" not in got.text and ("is found by that" in got.text) == (not found)


def test_what_is_searched_for_is_in_no_address(review: Review) -> None:
    form = {"Content_Type": "application/x-www-form-urlencoded", "Origin": f"http://{review.host}"}
    got = review.ask("POST", f"/{review.url.split('/')[3]}/orders/find", "q=eve%40example.com", **form)
    assert re.fullmatch(r"/[\w-]+/orders\?s=\d+", got.headers["location"])


@pytest.mark.parametrize(
    ("order", "says"),
    [
        ("0-1", "Would be sent: it is new to this Space and breaks no rule."),
        ("0-4", "Can’t go as it is: not one e-mail address."),
        ("0-5", "Left out, and no mistake: status is refunded."),
        ("0-7", "Can’t go as it is: 4 cells where the header has 7."),
    ],
)
def test_an_orders_story(review: Review, order: str, says: str) -> None:
    words = review.get(f"orders/{order}").words
    assert says in words and f"Row {order.partition('-')[2]}" in words
    assert says in review.get(f"orders?open={order}").words


def test_a_story_says_what_goes_out_and_from_where(review: Review) -> None:
    words = review.get("orders/0-1").words
    assert "Amount amount 10.5 from total : 10.50" in words
    assert "Time event_time 2024-02-01T04:30:00Z from at : 2024-01-31T23:30:00-05:00" in words


def test_what_is_no_http_is_refused_and_says_nothing(place: Place) -> None:
    (place.folder / "orders.csv").write_text("Order ID,Email,Total,Date\n1,a@b.test,5.50,2024-01-05T10:00Z\n")
    with reviewed(place, "orders.csv") as review:
        for sent in (
            b"GET / HTTP/1.1\r\n\r\n",
            b"hello\r\n\r\n",
            b"\x16\x03\x01\x02",
            b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n",
        ):
            with socket.create_connection(("127.0.0.1", int(review.host.split(":")[1])), timeout=60) as connection:
                connection.sendall(sent)
                assert b" 400 " in connection.recv(64)
        assert review.end()[2] == "backfill: interrupted by SIGINT\n"


def test_people_are_masked_until_somebody_asks(review: Review) -> None:
    for place in ("orders", "orders/0-1", "orders/0-4", "orders/0-5"):
        text = review.get(place).text
        assert "ada@" not in text and "eve@" not in text and "nobody" not in text, place
    shown = review.post("people", show="yes", back="orders")
    assert "ada@example.com" in shown.text and "Mask people" in shown.text
    assert "ada@" not in review.post("people", show="no", back="orders").text


# Several events of one row

DEALS = """id,email,stage,total,won,made
1,ada@example.com,won,10.00,2024-03-01T10:00:00Z,2024-01-01T10:00:00Z
2,bob@example.com,lead,20.00,2024-03-02T10:00:00Z,2024-01-02T10:00:00Z
3,cyd@example.com,won,many,2024-03-03T10:00:00Z,2024-01-03T10:00:00Z
4,dan@example.com,won,40.00,2024-03-04T10:00:00Z,someday
5,nobody,won,50.00,2024-03-05T10:00:00Z,2024-01-05T10:00:00Z
"""
EVENTS = """mapping: 1
name: deals
events:
  - event_name: lead_generated
    fields: {order_id: id, email: email, event_time: made}
  - event_name: purchase
    where: {stage: won}
    fields: {order_id: id, email: email, amount: total, event_time: won}
"""


def test_events_are_counted_where_a_row_gives_several(place: Place) -> None:
    files = write(place, DEALS, EVENTS)
    ran = place.command("check", *files, "--json", "--state", str(place.folder / "state"))
    found = json.loads(ran.stdout)
    assert (found["ready"], found["invalid"], found["amount"]["ready"]) == (5, 4, "50.00")
    with reviewed(place, *files) as review:
        counts, hand_over = review.get("counts").words, review.get("hand-over").words
        assert "Mend first. 4 of 9 events can’t go as they are. The other 5 are fit to send." in counts
        assert "lead_generated 3 none" in counts and "purchase 2 50.00" in counts
        assert "to mend 3 4 50.00" in counts and "Fit to send 2 5 50.00" in counts
        assert "By the column stage , for purchase alone" in counts and "lead no 1 20.00" in counts
        assert "Mar 2024 0 50.00" in counts  # money is of the month it was paid in
        assert "Goes out 5 events 3 lead_generated, 2 purchase 50.00" in hand_over
        assert "4 events, 50.00, would stay out" in hand_over
        mended = mend(review, "0-4", made="2024-01-04T10:00:00Z")
        assert mended["bar"].startswith("1 of 3 mended. Kept"), mended["bar"]  # a lead, which brings no money
        assert mend(review, "0-3", total="30")["bar"].startswith("2 of 3 mended. 30.00 more.")
        counts = review.get("counts").words
        assert "to mend 1 2 50.00" in counts and "Fit to send 4 7 80.00" in counts
        assert "Would go out now 2 5 50.00" in counts
        mend(review, "0-3", total="many")
        assert "to mend 2 3 50.00" in review.get("counts").words


def test_what_has_no_amount_has_no_money(place: Place) -> None:
    leads = EVENTS[: EVENTS.index("  - event_name: purchase")]
    with reviewed(place, *write(place, DEALS, leads)) as review:
        for screen in ("counts", "hand-over", "mend"):
            assert "0.00" not in review.get(screen).words, screen
        assert "Fit to send 3 none" in review.get("counts").words


# Its beginning and its end


def test_exit_codes_are_those_of_a_check(place: Place) -> None:
    with reviewed(place, *write(place)) as made:
        code, out, err = made.end()
        assert (code, err) == (130, "backfill: interrupted by SIGINT\n") and "backfill upload " in out
    for words, sentence in [
        (["none.csv"], "none.csv: no such file"),
        ([*write(place)[:1], "-m", "nothing"], "nothing: is no preset and no file"),
        ([*write(place, HEADER + "1,a@x.de,1,01/02/2024\n", mapping_of(timezone="UTC"))], "date_order"),
    ]:
        ran = place.command("review", *words, "--no-browser", "--state", str(place.folder / "state"))
        assert ran.returncode == 2 and sentence in ran.stderr, ran.stderr


def test_it_writes_nothing_next_to_the_export(place: Place) -> None:
    with reviewed(place, *write(place)) as made:
        made.get("orders/0-4")
    assert sorted(path.name for path in Path(place.folder).iterdir()) == ["orders.csv", "shop.yaml"]
