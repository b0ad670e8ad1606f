"""Reading a Space back: every page, in its own pace, however a server writes its pages."""

import json
import signal
import time
from datetime import UTC, datetime
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from place import Place
from reading import Reader, live, overlap, reader, space

from backfill.api.client import Answer
from backfill.api.list_events import FIELDS, MARGIN, NAMES, ZONES, EventQuery, _page
from backfill.api.pace.window import WindowLog
from backfill.api.readback import ListedEvent, Readback, seconds_of
from backfill.errors import ApiStop
from backfill.ledger.lock import lock
from backfill.ledger.sqlite.file import ledger_path
from backfill.run.options import LISTS, Options, pace_file
from backfill.sandbox import Fault, busiest
from backfill.space import address_of

__all__ = ["reader"]
DAY = "2024-05-02T10:00:00Z"


def event(number: int, **fields: Any) -> dict[str, Any]:
    """An event as a page has it."""
    return {
        "id": number, "event_name": "purchase", "order_id": f"A{number}", "amount": 1, "event_time_utc": DAY, **fields
    }  # fmt: skip


def page(*events: dict[str, Any], cursor: str | None = None, **more: Any) -> Fault:
    """One answer of the list, the same for each request."""
    return Fault(status=200, body={"data": list(events), "next_cursor": cursor, **more}, times=1)


# The question


@given(
    first=st.integers(10**9, 2 * 10**9),
    length=st.integers(0, 10**8),
    zone=st.sampled_from([None, "UTC", "America/New_York", "Pacific/Kiritimati", "Pacific/Niue", "Asia/Kathmandu"]),
    offset=st.integers(-12, 14),
)
def test_the_question_covers_the_period_and_a_day_around(
    first: int, length: int, zone: str | None, offset: int
) -> None:
    asked = parse_qs(EventQuery(("purchase",), first, first + length, zone).encoded(0, None))
    start, end = (datetime.fromisoformat(asked[name][0]) for name in ("start_date", "end_date"))
    own = ZoneInfo(zone).utcoffset if zone else None
    for moment, edge, sign in ((first, start, 1), (first + length, end, -1)):
        shift = own(edge).total_seconds() if own else offset * 3600
        read = edge.replace(tzinfo=UTC).timestamp() - shift
        assert (moment - read) * sign >= MARGIN.total_seconds() - 7200  # a clock change
        assert (moment - read) * sign <= (MARGIN + ZONES + ZONES).total_seconds() + 7200
    assert end > start
    ends = parse_qs(
        EventQuery((), *map(seconds_of, ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")), zone).encoded(0, None)
    )
    assert (ends["start_date"], ends["end_date"]) == (["0001-01-01 00:00:00"], ["9999-12-31 23:59:59"])
    assert asked["fields[]"] == list(FIELDS)
    assert asked["per_page"] == ["4000"]


@pytest.mark.parametrize(("names", "parts"), [(0, [0]), (1, [1]), (10, [10]), (11, [10, 1]), (25, [10, 10, 5])])
def test_names_are_asked_for_ten_at_a_time(names: int, parts: list[int]) -> None:
    query = EventQuery(tuple(f"custom_event_{n}" for n in range(names)), 0, 1)
    asked = [parse_qs(query.encoded(part, None)).get("event_names[]", []) for part in range(len(query.parts))]
    assert [len(each) for each in asked] == parts
    assert [name for each in asked for name in each] == list(query.names)
    assert NAMES == 10


# Pages


@pytest.mark.parametrize("most", [1, 3, 7, 4000])
def test_every_page_is_read_whatever_its_size(place: Place, reader: Reader, most: int) -> None:
    with space(*overlap(14), page=most) as sandbox:
        found = reader.summary("check", sandbox.url, place.orders(20), skip_existing=True)
        assert (found["existing"], found["ready"]) == (14, 6)
        assert len(sandbox.reads) == -(-14 // most)


def test_more_than_a_page_of_4000(place: Place, reader: Reader) -> None:
    with space(*overlap(4100), *(live(f"X{n}") for n in range(50))) as sandbox:
        result = reader.run("check", sandbox.url, place.orders(4200), skip_existing=True, json=True)
        assert (result.json["existing"], result.json["ready"], len(sandbox.reads)) == (4100, 100, 2)
        assert "read back 4,150 events of the Space in 2 pages" in result.err


@pytest.mark.parametrize("zone", [None, "Pacific/Kiritimati", "Pacific/Niue", "America/New_York"])
def test_the_spaces_zone_hides_nothing(place: Place, reader: Reader, zone: str | None) -> None:
    with space(*overlap(28), timezone=zone or "Asia/Tokyo") as sandbox:
        found = reader.summary("check", sandbox.url, place.orders(28), skip_existing=True, space_timezone=zone)
    assert found["existing"] == 28


@pytest.mark.parametrize(
    ("pages", "existing"),
    [
        ([page(), page()], 0),
        ([page(cursor="b"), page(cursor="c"), page(event(1))], 1),
        ([page(event(1), cursor="b"), page(event(1), event(2))], 2),
        ([page(event(1), next_page_url="https://elsewhere.test/?per_page=1&cursor=b"), page(event(2))], 2),
        ([page(event(1, order_id=None), event(2, order_id=""), event(3))], 1),
        ([page(event(1, amount=None), event(2, amount="n/a"), event(3, amount=True))], 3),
        ([page(event(1, extra={"a": [1]}), event(2, touchpoints=None))], 2),
        ([page(event(1, event_name="subscribe"), event(2))], 1),
        ([page(event(7, order_id=7), event(1, id="evt_1"))], 1),
        ([page(event(1, event_time_utc=None), event(2, event_time_utc="soon"))], 2),
    ],
)
def test_pages_in_other_forms(place: Place, reader: Reader, pages: list[Fault], existing: int) -> None:
    with space(read_faults=pages) as sandbox:
        found = reader.summary("check", sandbox.url, place.orders(5), skip_existing=True)
    assert (found["existing"], found["exit_code"]) == (existing, 0)


@pytest.mark.parametrize(
    "text",
    [DAY, "2024-05-02 10:00:00", "2024-05-02T10:00:00.000000Z", "2024-05-02T12:00:00+02:00", "2024-05-02 10:00:00 UTC",
     "2024-05-02T10:00:00.999999+00:00", 1714644000, "1714644000", 1714644000000],
)  # fmt: skip
@pytest.mark.parametrize("amount", [2.5, "2.50", "2.500000"])
def test_times_and_amounts_in_any_form(place: Place, reader: Reader, text: Any, amount: Any) -> None:
    with space(read_faults=[page(event(1, event_time_utc=text, amount=amount))]) as sandbox:
        found = reader.verify(sandbox.url, place.orders(2, first=1))
    assert (found["agree"], found["different"], found["exit_code"]) == (1, 0, 0)


@pytest.mark.parametrize(
    "wrong",
    [
        Fault(status=200, body=b"<html>welcome</html>"),
        Fault(status=200, body=b"[1]"),
        Fault(status=200, body={"message": "ok"}),
        Fault(status=200, body={"data": None, "next_cursor": None}),
        Fault(status=200, body={"data": {}, "next_cursor": None}),
        Fault(status=200, body={"data": [3], "next_cursor": None}),
        Fault(status=200, body={"data": [event(1)], "has_more": True}),
        Fault(status=200, body={"data": [], "next_cursor": "again"}),
        Fault(status=200, body={"data": [event(1)], "next_cursor": "again"}),
        Fault(status=422, body={"message": "The selected fields.2 is invalid."}),
        Fault(status=301, headers={"Location": "/login"}),
    ],
)
def test_what_is_no_list_stops_in_one_sentence(place: Place, reader: Reader, wrong: Fault) -> None:
    with space(read_faults=[wrong]) as sandbox:
        result = reader.run("verify", sandbox.url, place.orders(3))
        assert result.code == 4
        assert len(sandbox.reads) < 60
    sentence = [line for line in result.err.splitlines() if line.startswith("backfill:")]
    assert len(sentence) == 1 and result.out == ""


@pytest.mark.parametrize(
    ("events", "most"),
    [
        (lambda n: [], 60),
        (lambda n: [event(1)], 10),
        (lambda n: [event(1), event(2)], 10),
        (lambda n: [event(1, event_name="other")], 200),  # no name that was asked for
        (lambda n: [event(n)], 200),
        (lambda n: [event(n, order_id="A1")], 200),
    ],
    ids=["empty", "the same", "the same two", "other names", "another", "another of one order"],
)
def test_a_list_without_end_ends(place: Place, reader: Reader, events: Any, most: int) -> None:
    pages = [page(*events(n), cursor=f"c{n}") for n in range(most + 50)]
    with space(read_faults=pages) as sandbox:
        result = reader.run("verify", sandbox.url, place.orders(3))
        assert result.code == 4 and "the list has no end" in result.err
        assert len(sandbox.reads) <= most


def test_a_list_of_many_small_pages_is_read(place: Place, reader: Reader) -> None:
    pages = [page(*(event(n * 12 + k) for k in range(12)), cursor=f"c{n}" if n < 109 else None) for n in range(110)]
    with space(read_faults=pages) as sandbox:
        found = reader.summary("check", sandbox.url, place.orders(3, first=1), skip_existing=True)
        assert (found["existing"], len(sandbox.reads)) == (2, 110)


@pytest.mark.parametrize("lacking", [*FIELDS[:-1], "next_cursor"])
def test_a_page_that_lacks_a_key_is_no_answer(place: Place, reader: Reader, lacking: str) -> None:
    """Whether its events are the file's, or all that there are, can't be known from such a page: nothing is sent."""
    one = {name: value for name, value in event(1).items() if name != lacking}
    body = {"data": [one], **({} if lacking == "next_cursor" else {"next_cursor": None})}
    with space(read_faults=[Fault(status=200, body=body)]) as sandbox:
        result = reader.run("upload", sandbox.url, place.orders(3), skip_existing=True)
        assert result.code == 4 and sandbox.arrivals == []
    assert lacking in result.err


SLOTS = (
    (None, "next_cursor", "b"),
    (None, "next_page_url", "/events?cursor=b"),
    ("meta", "next_cursor", "b"),
    ("links", "next", "/events?cursor=b"),
)


def test_a_page_is_the_last_only_where_it_says_so() -> None:
    """In each form that a cursor paginator writes, and in any of them together."""
    for forms in product((..., None, "says"), repeat=len(SLOTS)):
        body: dict[str, Any] = {"data": [event(1)]}
        for form, (within, name, value) in zip(forms, SLOTS, strict=True):
            if form is not ...:
                (body.setdefault(within, {}) if within else body)[name] = form and value
        assert _next_of(body) == ("stop" if set(forms) == {...} else "b" if "says" in forms else None), body


def test_behind_an_empty_page_there_is_nothing() -> None:
    assert _next_of({"data": []}) is None


@pytest.mark.parametrize("address", ["/events?page=2", "/events?cursor=", {"href": "/events?cursor=b"}, True, [1]])
@pytest.mark.parametrize("more", [{"next_cursor": None}, {"meta": {"next_cursor": None}}, {}])
def test_a_next_page_without_a_cursor_can_not_be_read(address: Any, more: dict[str, Any]) -> None:
    for form in ({"next_page_url": address}, {"links": {"next": address}}):
        assert _next_of({"data": [event(1)], **more, **form}) == "stop"


def _next_of(body: dict[str, Any]) -> str | None:
    try:
        return _page(Answer(200, body=json.dumps(body).encode()), "https://a.test")[1]
    except ApiStop as error:
        assert "no page of events" in str(error)
        return "stop"


HALF = "\ud83d"  # half a character, which no file can hold
ODD = [None, True, 7, 1.5, [1, "a"], {"a": None}, HALF, "\0", "", " ", 10**15, 10**25, -(10**25), "9" * 400, 1e300]
ODD += ["1e-999999", "9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+10:00", "0001-01-01 00:00:00", -(10**11)]


def test_no_value_of_a_page_is_a_bug(place: Place, reader: Reader) -> None:
    """A field that can't be read counts as none. An event without a readable id or name stops it."""
    good, stopped = [], []
    for field in (*FIELDS, "next_cursor", "next_page_url"):
        for value in [*ODD, "x" * 9000, "http://[1"]:
            of_page = {field: value} if field.startswith("next") else {}
            one = event(len(good) + 1, **({} if of_page else {field: value}))
            body = {"data": [one], "next_cursor": None, **of_page}
            try:
                _page(Answer(200, body=json.dumps(body).encode()), "https://a.test")
                good.append(one)
            except ApiStop as error:
                stopped.append((field, value))
                assert "no page of events" in str(error)
    assert {("id", None), ("id", HALF), ("event_name", HALF), ("next_cursor", HALF)} <= set(map(_hashable, stopped))
    assert not [field for field, _ in stopped if field in FIELDS[2:]]
    body = json.dumps({"data": good, "next_cursor": None})  # the sandbox itself can't write half a character
    with space(read_faults=[Fault(status=200, body=body, times=1)]) as sandbox:
        result = reader.run("verify", sandbox.url, place.orders(3))
    assert result.code in (0, 3), result.err


def _hashable(found: tuple[str, Any]) -> tuple[str, str | None]:
    return found[0], None if found[1] is None else str(found[1])


def test_a_list_that_repeats_the_key_keeps_it_nowhere(place: Place, reader: Reader) -> None:
    key = "sk-secret-1234567890"
    for one in (page(event(1, id=f"evt_{key}")), page(event(1), cursor=f"Bearer {key}"), page(event(1, order_id=key))):
        with space(read_faults=[one], keys=(key,)) as sandbox:
            result = reader.run("verify", sandbox.url, place.orders(3), api_key=key)
        assert result.code == 4 and "repeats the API key" in result.err and key not in result.err + result.out
    kept = [path for path in place.folder.rglob("*") if path.is_file() and key.encode() in path.read_bytes()]
    assert kept == []


# Faults, pace, going on


@pytest.mark.parametrize(
    "fault",
    [
        Fault(status=500, times=3),
        Fault(status=503, retry_after=0, times=2),
        Fault(status=429, retry_after=0, times=2),
        Fault(reset="before", times=2),
        Fault(reset="after", times=2),
        Fault(garbage=b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{", times=2),
    ],
)
def test_faults_are_tried_again(place: Place, reader: Reader, fault: Fault) -> None:
    with space(*overlap(9), page=5, read_faults=[fault]) as sandbox:
        found = reader.summary("check", sandbox.url, place.orders(12), skip_existing=True)
    assert (found["existing"], found["ready"]) == (9, 3)


def test_no_request_is_made_beyond_the_pace(place: Place, reader: Reader) -> None:
    """Each request that is cut off takes its own turn. No lower layer repeats one by itself."""
    with space(*overlap(12), page=2, read_faults=[Fault(reset="before", every=2)]) as sandbox:
        reader.summary("check", sandbox.url, place.orders(12), skip_existing=True)
        options = Options.of("check", (), (), base_url=sandbox.url, api_key="sandbox")
        log = WindowLog(pace_file(options, place.folder / "state", "list"))
        assert log.held == len(sandbox.reads) == 11
        log.close()


def test_an_outage_ends_with_the_patience(place: Place, reader: Reader) -> None:
    with space(read_faults=[Fault(status=503)]) as sandbox:
        result = reader.run("verify", sandbox.url, place.orders(3), patience=0.5)
    assert result.code == 4 and "to go on: backfill verify" in result.err
    assert "the patience of 0.5 s" in result.err and "--patience" not in result.err  # which verify does not take


def test_the_pace_is_the_lists_own(place: Place, reader: Reader) -> None:
    """Seven a minute, over two runs: the second waits because of the requests that the first made."""
    with space(*overlap(28), page=7, read_rate=LISTS) as sandbox:
        reader.summary("check", sandbox.url, place.orders(28), skip_existing=True, list_rate=LISTS)
        begun = time.monotonic()
        words = ("verify", place.orders(28), "-m", place.mapping)
        process = place.start(*words, url=sandbox.url, env={"BACKFILL_STATE": str(place.folder / "state")})
        while len(sandbox.reads) < LISTS and time.monotonic() - begun < 120:
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        err = process.communicate(timeout=240)[1]
        assert process.returncode == 130 and "interrupted" in err and "to go on:" in err
        assert len(sandbox.reads) >= LISTS
        assert busiest([at for at, *_ in sandbox.reads]) <= LISTS
        assert [path.stat().st_mode & 0o777 for path in reader.kept] == [0o600]


def test_an_interrupted_reading_goes_on(place: Place, reader: Reader) -> None:
    with space(*overlap(20), page=4, read_faults=[Fault(status=403, after=3)]) as sandbox:
        first = reader.run("verify", sandbox.url, place.orders(20))
        assert first.code == 4 and len(sandbox.reads) == 4 and len(reader.kept) == 1
    with space(*overlap(20), page=4, port=int(sandbox.url.rpartition(":")[2])) as sandbox:
        result = reader.run("verify", sandbox.url, place.orders(20), json=True)
        assert len(sandbox.reads) == 2
        assert "going on with what was read back before: 12 events in 3 pages" in result.err
        assert result.json["elsewhere"] == 20 and result.json["exit_code"] == 0
    assert reader.kept == []


def test_another_question_starts_again_from_the_first_page(place: Place, reader: Reader) -> None:
    with space(*overlap(20), page=4, read_faults=[Fault(status=403, at={3})]) as sandbox:
        reader.run("verify", sandbox.url, place.orders(20))
        result = reader.run("verify", sandbox.url, place.orders(20), space_timezone="Europe/Berlin", json=True)
        assert "going on" not in result.err and result.json["elsewhere"] == 20


@pytest.mark.parametrize("held", ["reading", "pace"])
def test_two_readings_at_once(place: Place, reader: Reader, held: str) -> None:
    """Two readings of one Space would share one file, and one pace."""
    with space() as sandbox:
        state, options = place.folder / "state", Options.of("verify", (), (), base_url=sandbox.url, api_key="sandbox")
        path = ledger_path(state, address_of(sandbox.url), "default").with_suffix(".readback.lock")
        with lock(path if held == "reading" else pace_file(options, state, "list").with_suffix(".lock"), "default"):
            result = reader.run("verify", sandbox.url, place.orders(3))
        assert result.code == 6 and "held by process" in result.err and sandbox.reads == []


# What is kept


def a_listed(number: int) -> ListedEvent:
    return ListedEvent(f"e{number}", "purchase", f"A{number}", 1714644000, Decimal("1.10"))


@pytest.mark.parametrize("spoil", ["old", "other", "done", "damaged", "none"])
def test_a_reading_is_kept_for_its_question_within_the_hour(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "default.readback"
    with Readback.open(path, "q") as kept:
        kept.add([a_listed(1), a_listed(2), a_listed(1)], 0, "cursor", done=spoil == "done")
        assert (len(kept), kept.cursor, kept.pages) == (2, "cursor", 1)
        if spoil == "old":
            kept._db.execute("UPDATE asked SET began = began - 3601")
    assert path.exists() == (spoil != "done")
    if spoil == "damaged":
        path.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    with Readback.open(path, "other" if spoil == "other" else "q") as kept:
        assert (len(kept), kept.cursor) == ((2, "cursor") if spoil == "none" else (0, None))


def test_a_place_that_can_not_be_written_is_reported(place: Place, reader: Reader) -> None:
    (place.folder / "state").write_text("a file")
    with space() as sandbox:
        result = reader.run("verify", sandbox.url, place.orders(2))
    assert result.code == 2 and len(result.err.strip().splitlines()) == 1
