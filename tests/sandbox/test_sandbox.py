import asyncio
import functools
import inspect
import itertools
import random
import statistics
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st

import backfill.sandbox
from backfill.sandbox import Fault, Sandbox, SandboxThread, busiest
from backfill.sandbox.live import Live
from backfill.sandbox.quota import MODELS, Quota
from backfill.sandbox.rules import problems, read_time

HEADERS = {"Authorization": "Bearer sandbox", "Accept": "application/json", "Content-Type": "application/json"}
TRACK = "/public-api/v1/events/track"
EVENTS = "/public-api/v1/events"
EVENT = {"event_name": "purchase", "email": "ann@example.com", "order_id": "7", "amount": 9.5}
YEAR = {"start_date": "2024-01-01 00:00:00", "end_date": "2025-01-01 00:00:00"}


def played(story: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    @functools.wraps(story)
    def run(*args: Any, **kwargs: Any) -> None:
        asyncio.run(story(*args, **kwargs))

    return run


class Client:
    def __init__(self, sandbox: Sandbox, **headers: str):
        self.url = sandbox.url
        self.session = aiohttp.ClientSession(headers={**HEADERS, **headers})

    async def __aenter__(self) -> "Client":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def call(self, method: str, path: str, **options: Any) -> tuple[int, Any, Any]:
        async with self.session.request(method, self.url + path, allow_redirects=False, **options) as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await (answer.json() if is_json else answer.text()), answer.headers

    async def send(self, *, _timeout: float = 10, **fields: Any) -> int | str:
        """Return the status, or the name of the exception."""
        body = {name: value for name, value in {**EVENT, **fields}.items() if value is not None}
        try:
            return (await self.call("POST", TRACK, json=body, timeout=aiohttp.ClientTimeout(_timeout)))[0]
        except (aiohttp.ClientError, TimeoutError) as error:
            return type(error).__name__

    async def list(self, **query: Any) -> Any:
        status, page, _ = await self.call("GET", EVENTS, params={**YEAR, **query})
        assert status == 200, page
        return page


# The rules of the endpoint's page


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"email": None, "comet_token": "t"},
        {"email": None, "fingerprint": "f", "ip": "192.0.2.1"},
        {"fingerprint": "f", "ip": "2001:db8::1"},
        {"event_name": "custom_event_1"},
        {"event_name": "custom_event_50"},
        {"amount": 0},
        {"amount": 12},
        {"is_upsell": True, "do_not_capi": False},
        {"event_time": "2024-01-15T10:30:00Z"},
        {"event_time": "2024-01-15T10:30:00.25+02:00"},
        {"event_time": "1705314600"},
        {"event_time": 1705314600},
        {"profile_field_1": "a" * 10_240, "profile_field_16": "500", "profile_field_25": -1.5},
        {"profile_field_26": "2024-02-29", "profile_field_30": "2024-02-29T12:00:00Z"},
        {"phone": "", "last_name": None, "currency": 5},
    ],
)
def test_a_valid_event_has_no_problems(fields: dict[str, Any]) -> None:
    assert problems({**EVENT, **fields}) == {}


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"event_name": None}, "event_name"),
        ({"event_name": "Purchase"}, "event_name"),
        ({"event_name": "upsell_purchase"}, "event_name"),
        ({"event_name": "custom_event_0"}, "event_name"),
        ({"event_name": "custom_event_51"}, "event_name"),
        ({"event_name": ["purchase"]}, "event_name"),
        ({"email": None}, "email"),
        ({"email": " "}, "email"),
        ({"email": "ann"}, "email"),
        ({"email": 5}, "email"),
        ({"fingerprint": "f"}, "ip"),
        ({"ip": "192.0.2.1"}, "fingerprint"),
        ({"fingerprint": "f", "ip": "192.0.2.999"}, "ip"),
        ({"amount": "9.50"}, "amount"),
        ({"amount": True}, "amount"),
        ({"order_id": 7}, "order_id"),
        ({"idempotency_key": {}}, "idempotency_key"),
        ({"is_upsell": "true"}, "is_upsell"),
        ({"do_not_capi": 1}, "do_not_capi"),
        ({"event_time": "15/01/2024"}, "event_time"),
        ({"event_time": "2024-02-31T00:00:00Z"}, "event_time"),
        ({"event_time": "0001-01-01T00:00:00+05:00"}, "event_time"),
        ({"event_time": 1705314600000}, "event_time"),
        ({"event_time": True}, "event_time"),
        ({"profile_field_15": 5}, "profile_field_15"),
        ({"profile_field_15": "a" * 10_241}, "profile_field_15"),
        ({"profile_field_16": "five"}, "profile_field_16"),
        ({"profile_field_30": "29.02.2024"}, "profile_field_30"),
    ],
)
def test_a_broken_rule_is_reported_under_its_field(fields: dict[str, Any], where: str) -> None:
    assert list(problems({**EVENT, **fields})) == [where]


def test_what_is_no_object_lacks_every_required_field() -> None:
    assert list(problems(None)) == ["event_name", "email"]


@given(st.dictionaries(st.sampled_from([*EVENT, "ip", "event_time", "is_upsell", "profile_field_26"]), st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(), st.lists(st.text(), max_size=1)
)))  # fmt: skip
def test_any_object_can_be_judged(body: dict[str, Any]) -> None:
    assert all(isinstance(sentence, str) for sentences in problems(body).values() for sentence in sentences)


@given(st.datetimes(min_value=datetime(1970, 1, 1)).map(lambda time: time.replace(microsecond=0, tzinfo=UTC)))
def test_both_ways_to_write_a_time_mean_the_same(time: datetime) -> None:
    assert read_time(time.isoformat()) == read_time(int(time.timestamp())) == time
    assert read_time(f"{time.year:04}-{time:%m-%dT%H:%M:%SZ}") == time


# The limit


def filled(quota: Quota, times: list[float]) -> list[float]:
    return [time for time in times if quota.take(time)]


gaps = st.lists(st.floats(0, 90), min_size=1, max_size=80)


@pytest.mark.parametrize("window", MODELS)
@given(limit=st.integers(1, 12), gaps=gaps)
def test_a_limit_holds_and_reports_what_remains_and_when_it_ends(window: Any, limit: int, gaps: list[float]) -> None:
    quota, now, taken = MODELS[window](limit), 1_700_000_000.0, []
    for gap in gaps:
        now += gap
        before = quota.remaining(now)
        assert (quota.wait(now) == 0) == (before >= 1)
        if quota.take(now):
            taken.append(now)
            assert before - 1 <= quota.remaining(now) <= before
        else:
            assert before == 0
            assert 0 < quota.wait(now) <= 60
            now += quota.wait(now) + 1e-3
            assert quota.take(now)
            taken.append(now)
    assert busiest(taken) <= (limit if window == "sliding" else 2 * limit)


@pytest.mark.parametrize(
    ("window", "hits", "taken"),
    [
        ("fixed", [30, 31, 32, 89, 90, 91, 92], [30, 31, 90, 91]),
        ("calendar", [30, 31, 32, 60, 61, 62], [30, 31, 60, 61]),
        ("sliding", [30, 59, 60, 89, 90, 91, 119], [30, 59, 90, 119]),
        ("bucket", [30, 31, 32, 60, 61, 90, 92], [30, 31, 60, 90]),
    ],
)
def test_how_each_model_counts_two_a_minute(window: Any, hits: list[float], taken: list[float]) -> None:
    assert filled(MODELS[window](2), hits) == taken


@given(st.lists(st.floats(0, 300), max_size=60), st.floats(0.5, 100))
def test_busiest_is_the_fullest_window(times: list[float], window: float) -> None:
    assert busiest(times, window) == max((sum(0 <= t - start < window for t in times) for start in times), default=0)


@pytest.mark.parametrize("window", ["fixed", "sliding", "bucket"])  # a new minute may begin during the test
@played
async def test_the_limit_is_in_every_answer_and_only_counted_requests_use_it_up(window: Any) -> None:
    async with Sandbox(rate=3, window=window, keys=["sandbox", "other"]) as sandbox, Client(sandbox) as client:
        answers = [await client.call("POST", TRACK, json=body) for body in (EVENT, {}, EVENT, EVENT)]
        assert [status for status, _, _ in answers] == [202, 422, 202, 429]
        assert [headers["X-RateLimit-Remaining"] for _, _, headers in answers] == ["2", "1", "0", "0"]
        assert {headers["X-RateLimit-Limit"] for _, _, headers in answers} == {"3"}
        assert answers[0][1] == {"status": 202, "message": "Event queued for processing."}
        _, body, headers = answers[-1]
        assert body == {"message": "Too Many Attempts."}
        assert 1 <= int(headers["Retry-After"]) <= 60
        assert time.time() < int(headers["X-RateLimit-Reset"]) <= time.time() + 62
        assert [arrival.counted for arrival in sandbox.arrivals] == [True, True, True, False]
        assert (await client.call("POST", TRACK, json=EVENT, headers={"Authorization": "Bearer other"}))[0] == 202


@played
async def test_live_traffic_uses_the_same_limit() -> None:
    async with Sandbox(rate=5) as sandbox, Client(sandbox) as client:
        assert await sandbox.live(3) == 0
        assert (await client.call("POST", TRACK, json=EVENT))[2]["X-RateLimit-Remaining"] == "1"
        assert await sandbox.live(3) == 2
        assert await client.send() == 429


@played
async def test_no_rate_is_no_limit() -> None:
    async with Sandbox(rate=None) as sandbox, Client(sandbox) as client:
        assert "X-RateLimit-Limit" not in (await client.call("POST", TRACK, json=EVENT))[2]
        assert await sandbox.live(5000) == 0


# Keys, bodies, the client


@played
async def test_a_key_opens_its_space_or_nothing() -> None:
    async with Sandbox(keys={"a": "shop", "b": "shop", "c": "crm"}, forbidden=["d"], rate=9) as sandbox:
        seen = []
        for key in ("a", "b", "c", "d", "e", ""):
            async with Client(sandbox, Authorization=f"Bearer {key}") as client:
                status, body, headers = await client.call("POST", TRACK, json=EVENT)
                seen.append((status, headers["X-RateLimit-Remaining"], body["message"]))
        assert [status for status, _, _ in seen] == [202, 202, 202, 403, 401, 401]
        assert [remaining for _, remaining, _ in seen] == ["8", "7", "8", "9", "9", "9"]
        assert seen[-1][2] == "Unauthenticated."
        assert [event.space for event in sandbox.events] == ["shop", "crm"]
        assert [arrival.counted for arrival in sandbox.arrivals] == [True] * 3 + [False] * 3


@pytest.mark.parametrize(
    ("raw", "headers"),
    [
        (b"", {}),
        (b"{", {}),
        (b"[]", {}),
        (b'"purchase"', {}),
        (b'{"amount": NaN}', {}),
        (b'{"event_name": "purchase", "email": "a@b.c"}', {"Content-Type": "text/plain"}),
    ],
)
@played
async def test_what_is_no_json_object_is_refused_in_laravels_shape(raw: bytes, headers: dict[str, str]) -> None:
    async with Sandbox() as sandbox, Client(sandbox, **headers) as client:
        status, body, _ = await client.call("POST", TRACK, data=raw)
        assert status == 422
        assert body["message"] == "The event name field is required. (and 1 more error)"
        assert list(body["errors"]) == ["event_name", "email"]
        assert (sandbox.arrivals[0].raw, sandbox.arrivals[0].body) == (raw, None)


@pytest.mark.parametrize("accept", ["*/*", "text/html, application/json"])
@played
async def test_who_does_not_ask_for_json_is_treated_as_a_browser(accept: str) -> None:
    async with Sandbox() as sandbox, Client(sandbox, Accept=accept) as client:
        assert await client.send() == 202
        status, body, headers = await client.call("POST", TRACK, json={})
        assert (status, headers["Location"], headers.getone("Content-Type")[:9]) == (302, "/", "text/html")
        assert "<html>" in body
        status, _, headers = await client.call("POST", TRACK, json=EVENT, headers={"Authorization": ""})
        assert (status, headers["Location"]) == (302, "/login")


# Deduplication

KEYED = {"idempotency_key": "k1"}


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [
        (KEYED, {**KEYED, "order_id": "8", "amount": 1}, 1),
        (KEYED, {"idempotency_key": "k2"}, 2),
        (KEYED, {}, 1),
        ({}, KEYED, 2),
        ({}, {"amount": 99, "order_name": "#8"}, 1),
        ({}, {"email": "ANN@example.com"}, 1),
        ({}, {"email": "bob@example.com"}, 2),
        ({}, {"event_name": "subscribe"}, 2),
        ({}, {"order_id": "007"}, 2),
        ({"order_id": None, "order_name": "#7"}, {"order_id": None, "order_name": "#7"}, 1),
        ({"order_name": "#7"}, {"order_id": "8", "order_name": "#7"}, 2),
        ({"order_name": "#7"}, {"order_id": None, "order_name": "#7"}, 2),
        ({"order_id": None}, {"order_id": None}, 2),
    ],
)
@played
async def test_the_first_arrival_is_kept_and_no_error_sent(
    first: dict[str, Any], second: dict[str, Any], kept: int
) -> None:
    async with Sandbox() as sandbox, Client(sandbox) as client:
        assert [await client.send(**first), await client.send(**second)] == [202, 202]
        assert len(sandbox.events) == kept
        assert sandbox.events[0].body == sandbox.arrivals[0].body


# Faults


@pytest.mark.parametrize(
    ("fault", "hit"),
    [
        (Fault(status=500), [1, 2, 3, 4, 5, 6, 7, 8]),
        (Fault(status=500, every=3), [3, 6]),
        (Fault(status=500, first=2), [1, 2]),
        (Fault(status=500, after=6), [7, 8]),
        (Fault(status=500, at={3, 7}), [3, 7]),
        (Fault(status=500, after=2, every=2, times=2), [4, 6]),
        (Fault(status=500, match=lambda body: int(body["order_id"]) % 2 == 0, every=2), [4, 8]),
        (Fault(status=500, probability=0), []),
    ],
)
@played
async def test_which_requests_a_fault_picks(fault: Fault, hit: list[int]) -> None:
    async with Sandbox(faults=[fault]) as sandbox, Client(sandbox) as client:
        answers = [await client.send(order_id=str(n)) for n in range(1, 9)]
        assert [n for n, status in enumerate(answers, 1) if status == 500] == hit
        assert [event.body["order_id"] for event in sandbox.events] == [str(n) for n in range(1, 9) if n not in hit]
        assert [arrival.fault for arrival in sandbox.arrivals].count("status 500") == len(hit)
        assert all(arrival.counted for arrival in sandbox.arrivals)


@played
async def test_faults_change_while_it_runs_and_chance_is_seeded() -> None:
    runs = []
    for _ in range(2):
        async with Sandbox(seed=5) as sandbox, Client(sandbox) as client:
            assert await client.send() == 202
            sandbox.faults = [Fault(status=503, first=1), Fault(status=500, probability=0.5)]
            answers = [await client.send() for _ in range(20)]
            assert answers[0] == 503
            assert 2 < answers.count(500) < 18
            sandbox.faults = []
            assert await client.send() == 202
            runs.append(answers)
    assert runs[0] == runs[1]


HTML = "<html></html>"


@pytest.mark.parametrize(
    ("fault", "answer", "kept", "counted"),
    [
        (Fault(status=500), 500, 0, True),
        (Fault(status=500, accept=True), 500, 1, True),
        (Fault(status=503, retry_after=2), 503, 0, True),
        (Fault(status=429, retry_after=2), 429, 0, False),
        (Fault(status=302, headers={"Location": "/"}), 302, 0, True),
        (Fault(status=200, body=HTML), 200, 0, True),
        (Fault(status=201, body={"ok": True}), 201, 1, True),
        (Fault(status=202, body=b'{"status'), 202, 1, True),
        (Fault(latency=0.01), 202, 1, True),
        (Fault(latency=(0.01, 0.02)), 202, 1, True),
        (Fault(latency=lambda: 0.01, status=404), 404, 0, True),
        (Fault(reset="before"), "cut", 0, False),
        (Fault(reset="after"), "cut", 1, True),
        (Fault(garbage=b"SSH-2.0-x\r\n\r\n"), "cut", 0, False),
        (Fault(garbage=b"\x00\r\n\r\n", accept=True), "cut", 1, True),
        (Fault(hang=0.01), 202, 1, True),
        (Fault(hang=0.01, status=504), 504, 0, True),
        (Fault(hang=0.01, accept=False), "cut", 0, False),
        (Fault(hang=30), "slow", 1, True),
        (Fault(hang=30, accept=False), "slow", 0, False),
        (Fault(latency=30), "slow", 1, True),
    ],
)
@played
async def test_what_a_fault_does(fault: Fault, answer: int | str, kept: int, counted: bool) -> None:
    lost = {"ServerDisconnectedError", "ClientOSError", "ClientResponseError", "ConnectionResetError"}
    async with Sandbox(faults=[fault]) as sandbox, Client(sandbox) as client:
        got = await client.send(_timeout=1 if answer == "slow" else 60)
        assert got == answer or (answer == "cut" and got in lost) or (answer == "slow" and "Timeout" in str(got))
        assert len(sandbox.events) == kept
        (arrival,) = sandbox.arrivals
        assert (arrival.counted, arrival.fault) == (counted, fault.label)
        assert arrival.status == (None if fault.cuts else 202 if answer == "slow" else answer)
        sandbox.faults = []
        assert await client.send() == 202
        assert len(sandbox.events) == 1


@played
async def test_the_key_the_limit_and_the_rules_come_before_a_fault() -> None:
    async with Sandbox(rate=2, faults=[Fault(status=201, body={}, times=2)]) as sandbox, Client(sandbox) as client:
        assert (await client.call("POST", TRACK, json=EVENT, headers={"Authorization": "Bearer x"}))[0] == 401
        assert [await client.send(amount="1"), await client.send(), await client.send()] == [422, 201, 429]
        assert [arrival.fault for arrival in sandbox.arrivals] == [None, "status 201", "status 201", None]


@pytest.mark.parametrize("dated", [False, True])
@played
async def test_retry_after_is_whole_seconds_or_a_date(dated: bool) -> None:
    fault = Fault(status=429, retry_after=1.2, retry_after_date=dated, headers={"X-RateLimit-Remaining": "0"})
    async with Sandbox(faults=[fault]) as sandbox, Client(sandbox) as client:
        asked = datetime.now(UTC)
        _, body, headers = await client.call("POST", TRACK, json=EVENT)
        assert (body, headers["X-RateLimit-Remaining"]) == ({"message": "Too Many Attempts."}, "0")
        if dated:
            wait = timedelta(seconds=1.2)
            assert asked + wait <= parsedate_to_datetime(headers["Retry-After"]) < datetime.now(UTC) + 2 * wait
        else:
            assert headers["Retry-After"] == "2"


@pytest.mark.parametrize(
    "fault", [{"reset": "after", "accept": False}, {"body": "x"}, {"retry_after": 5}, {"headers": {"A": "b"}}]
)
def test_a_fault_that_contradicts_itself_is_an_error(fault: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="Fault"):
        Fault(**fault)


@pytest.mark.parametrize("latency", [0.1, (0.1, 0.15), lambda: 0.1])
@played
async def test_latency_passes_partly_before_the_server_counts(latency: Any) -> None:
    async with Sandbox(latency=latency) as sandbox, Client(sandbox) as client:
        start = time.monotonic()
        assert await asyncio.gather(*(client.send(order_id=str(n)) for n in range(8))) == [202] * 8
        assert time.monotonic() - start >= 0.1
        assert min(arrival.at for arrival in sandbox.arrivals) - start >= 0.03


# Reading back and deleting


@played
async def test_events_are_read_back_page_by_page_in_both_directions() -> None:
    async with Sandbox(read_rate=None) as sandbox, Client(sandbox) as client:
        for n in range(5):
            await client.send(order_id=str(n), event_time=f"2024-03-0{5 - n // 2}T00:00:00Z")
        pages = [await client.list(per_page=2)]
        assert pages[0].keys() == {
            "data", "path", "per_page", "next_cursor", "next_page_url", "prev_cursor", "prev_page_url"
        }  # fmt: skip
        while cursor := pages[-1]["next_cursor"]:
            pages.append(await client.list(per_page=2, cursor=cursor))
        ids = [[event["id"] for event in page["data"]] for page in pages]
        assert ids == [["evt_5", "evt_3"], ["evt_4", "evt_1"], ["evt_2"]]
        assert (pages[0]["prev_cursor"], pages[0]["path"]) == (None, sandbox.url + EVENTS)
        back = await client.list(per_page=2, cursor=pages[2]["prev_cursor"])
        assert back["data"] == pages[1]["data"]
        assert (await client.call("GET", pages[0]["next_page_url"].removeprefix(sandbox.url)))[1] == pages[1]


@played
async def test_names_fields_and_the_upsell() -> None:
    async with Sandbox(read_rate=None) as sandbox, Client(sandbox) as client:
        moment: dict[str, Any] = {"event_time": "2024-06-01T12:00:00+02:00"}
        await client.send(**moment)
        await client.send(order_id="8", is_upsell=True, order_name="#8", **moment)
        await client.send(event_name="custom_event_3", **moment)
        assert (await client.list())["data"][0] == {"id": "evt_1", "event_time_utc": "2024-06-01T10:00:00Z"}
        upsells = await client.list(
            **{"event_names[]": "upsell_purchase", "fields[0]": "order_id", "fields[1]": "amount"}
        )
        assert upsells["data"] == [{"order_id": "8", "amount": 9.5}]
        named = {"event_names[]": ["purchase", "custom_event_3"], "fields[]": ["event_name", "is_upsell", "profile_id"]}
        assert (await client.list(**named))["data"] == [
            {"event_name": "purchase", "is_upsell": False, "profile_id": 1},
            {"event_name": "custom_event_3", "is_upsell": False, "profile_id": 1},
        ]


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ({"start_date": ""}, "start_date"),
        ({"end_date": "2024-12-31"}, "end_date"),
        ({"end_date": "2024-02-31 00:00:00"}, "end_date"),
        ({"end_date": "2024-01-01 00:00:00"}, "end_date"),
        ({"per_page": 0}, "per_page"),
        ({"per_page": 4001}, "per_page"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "W10"}, "cursor"),
        ({"fields[]": "email"}, "fields.0"),
        ({"event_names": "purchase"}, "event_names"),
        ({"event_names[]": ["purchase", "purchase"]}, "event_names.1"),
        ({"event_names[]": [f"custom_event_{n}" for n in range(1, 12)]}, "event_names"),
    ],
)
@played
async def test_a_bad_query_is_refused(query: dict[str, Any], where: str) -> None:
    async with Sandbox() as sandbox, Client(sandbox) as client:
        status, body, _ = await client.call("GET", EVENTS, params={**YEAR, **query})
        assert (status, list(body["errors"])) == (422, [where])


@played
async def test_dates_are_in_the_spaces_zone_and_events_are_visible_later() -> None:
    async with Sandbox(timezone="America/New_York", visibility=0.3) as sandbox, Client(sandbox) as client:
        await client.send(event_time="2024-07-01T03:59:59Z")
        await client.send(order_id="8", event_time="2024-07-01T04:00:00Z")
        july = {"start_date": "2024-07-01 00:00:00", "end_date": "2024-07-01 23:59:59"}
        listed = (await client.list(**july))["data"]
        if time.time() < sandbox.events[0].received + 0.3:
            assert listed == []
        await asyncio.sleep(0.35)
        assert [event["id"] for event in (await client.list(**july))["data"]] == ["evt_2"]


@played
async def test_what_was_there_before_is_listed_at_once_and_not_an_arrival() -> None:
    had = [{**EVENT, "event_time": "2024-05-01T10:00:00Z", "order_id": str(n)} for n in range(5)]
    async with Sandbox(existing=had, visibility=60.0, page=2) as sandbox, Client(sandbox) as client:
        assert await client.send(order_id="3") == 202  # the same order without a key: dropped
        assert await client.send(order_id="3", idempotency_key="k") == 202
        assert (len(sandbox.events), len(sandbox.arrivals)) == (6, 2)
        page = await client.list(per_page=4000)
        assert (len(page["data"]), page["per_page"]) == (2, 2)
        assert [method for _, method, _ in sandbox.reads] == ["GET"]


@played
async def test_the_reading_side_has_faults_of_its_own() -> None:
    faults = [Fault(status=503, first=1), Fault(reset="before", at={2}), Fault(latency=0.01, accept=True)]
    async with Sandbox(read_faults=faults) as sandbox, Client(sandbox) as client:
        assert await client.send() == 202
        assert (await client.call("GET", EVENTS, params=YEAR))[0] == 503
        assert (await client.call("DELETE", f"{EVENTS}/evt_1"))[0] == 200  # aiohttp repeats it without being asked
        assert [method for _, method, _ in sandbox.reads] == ["GET", "DELETE", "DELETE"]
        assert sandbox.events == []


def test_an_event_from_before_must_be_one() -> None:
    with pytest.raises(ValueError, match="event 2"):
        Sandbox(existing=[EVENT, {"event_name": "purchase"}])


@played
async def test_deleting_is_final_may_be_repeated_and_is_for_one_space() -> None:
    async with Sandbox(keys=["sandbox", "other"], delete_rate=3) as sandbox, Client(sandbox) as client:
        assert [await client.send(), await client.send(order_id="8")] == [202, 202]
        stranger = {"Authorization": "Bearer other"}
        assert (await client.call("DELETE", f"{EVENTS}/evt_1", headers=stranger))[0] == 200
        assert len(sandbox.events) == 2
        answers = [(await client.call("DELETE", f"{EVENTS}/{name}"))[0] for name in ("evt_1", "evt_1", "x", "x")]
        assert answers == [200, 200, 200, 429]
        assert await client.send() == 202
        assert [event.id for event in sandbox.events] == ["evt_2"]


@played
async def test_reading_has_a_limit_and_a_key_of_its_own() -> None:
    async with Sandbox(forbidden=["no"]) as sandbox, Client(sandbox) as client:
        answers = [await client.call("GET", EVENTS, params=YEAR) for _ in range(8)]
        assert [status for status, _, _ in answers] == [200] * 7 + [429]
        assert [answers[0][2][f"X-RateLimit-{name}"] for name in ("Limit", "Remaining")] == ["7", "6"]
        assert int(answers[-1][2]["Retry-After"]) >= 1
        assert await client.send() == 202
        for key, status in (("no", 403), ("x", 401)):
            headers = {"Authorization": f"Bearer {key}"}
            assert (await client.call("GET", EVENTS, params=YEAR, headers=headers))[0] == status
            assert (await client.call("DELETE", f"{EVENTS}/1", headers=headers))[0] == status


@played
async def test_the_record_can_be_read_without_keys() -> None:
    async with Sandbox() as sandbox, Client(sandbox) as client:
        await client.send()
        await client.call("POST", TRACK, data=b"\xff", headers={"Authorization": "Bearer secret"})
        _, arrivals, _ = await client.call("GET", "/_sandbox/arrivals")
        _, events, _ = await client.call("GET", "/_sandbox/events")
        assert [(each["status"], each["body"], each["space"]) for each in arrivals] == [
            (202, EVENT, "space-1"),
            (401, None, None),
        ]
        assert (events[0]["id"], events[0]["body"]) == ("evt_1", EVENT)
        assert "secret" not in str(arrivals)
        assert "Bearer" not in str(arrivals)


# Starting, stopping


@played
async def test_it_stops_at_once_and_comes_back_at_its_address_with_its_memory() -> None:
    sandbox = Sandbox(faults=[Fault(hang=60, first=1), Fault(latency=60)])
    url = await sandbox.start()
    async with Client(sandbox) as client:
        hanging = [asyncio.create_task(client.send(order_id=str(n))) for n in range(3)]
        while len(sandbox.arrivals) < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        start = time.monotonic()
        await sandbox.stop()
        await sandbox.stop()
        assert time.monotonic() - start < 40  # a request that hangs takes 60 s
        assert all(isinstance(lost, str) for lost in await asyncio.gather(*hanging))
        assert await client.send() == "ClientConnectorError"
        sandbox.faults = []
        assert await sandbox.start() == url
        assert await client.send(order_id="0") == 202
        assert len(sandbox.events) == 3
    await sandbox.stop()


def test_a_thread_serves_synchronous_callers() -> None:
    with SandboxThread(rate=3) as sandbox:
        request = Request(sandbox.url + TRACK, data=b'{"event_name": "contact", "email": "a@b.c"}', headers=HEADERS)
        with urlopen(request) as answer:
            assert answer.status == 202
        assert sandbox.live(5) == 3
        assert [event.body["event_name"] for event in sandbox.events] == ["contact"]
        assert [arrival.status for arrival in sandbox.arrivals] == [202]
        sandbox.faults = [Fault(status=500)]
        assert [fault.status for fault in sandbox.faults] == [500]
        taken = int(sandbox.url.rpartition(":")[2])
        with pytest.raises(OSError, match="address already in use"), SandboxThread(port=taken):
            pass


@pytest.mark.parametrize("options", [{"rate": 0}, {"window": "hourly"}])
def test_impossible_limits_are_errors(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"rate|window"):
        Sandbox(**options)


def test_it_imports_no_other_part_of_the_package() -> None:
    folder = Path(inspect.getfile(backfill.sandbox)).parent
    lines = [line for path in folder.glob("*.py") for line in path.read_text().splitlines() if "import" in line]
    assert not [line for line in lines if "backfill" in line or "from .." in line]


@pytest.mark.parametrize(("rate", "bursts"), [(60, 0.0), (300, 0.01), (600, 0.03)])
def test_live_traffic_comes_at_its_rate_with_bursts(rate: float, bursts: float) -> None:
    gaps = list(itertools.islice(Live(rate, bursts).gaps(random.Random(3)), 20_000))
    assert 0.93 * rate <= len(gaps) * 60 / sum(gaps) <= 1.07 * rate
    counts = Counter(int(time // 1) for time in itertools.accumulate(gaps))
    spread = statistics.variance(counts[second] for second in range(int(sum(gaps)))) / (rate / 60)
    assert (spread < 1.1) if not bursts else (spread > 1.2)


@played
async def test_live_traffic_during_a_run_has_the_same_limit() -> None:
    live = Live(1800, bursts=0)
    async with Sandbox(rate=20, live=live) as sandbox, Client(sandbox) as client:
        deadline = time.monotonic() + 20
        for _ in itertools.takewhile(lambda _: live.hits < 30 and time.monotonic() < deadline, itertools.count()):
            await asyncio.sleep(0.01)
        assert await client.send() == 429
    assert live.refused == live.hits - 20


@pytest.mark.parametrize(
    "options", [{"rate": -1}, {"rate": 60, "bursts": 2}, {"rate": 60_000, "bursts": 0.9, "size": 99}]
)
def test_impossible_live_traffic_is_an_error(options: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="live"):
        Live(**options)
