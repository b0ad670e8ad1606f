import asyncio
import heapq
import math
import struct
import tempfile
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiolimiter import AsyncLimiter
from clockwork import Space, flooded, paced, simulated
from hypothesis import given, settings
from hypothesis import strategies as st

from backfill.api.pace.limiter import _LOOK, SMOOTH, Pace
from backfill.api.pace.window import LATEST, LONGEST_PAUSE, MOST, WINDOW, WindowLog, booted
from backfill.errors import StateError
from backfill.sandbox import Window, busiest
from backfill.sandbox.live import Live
from backfill.sandbox.quota import MODELS, quota

WINDOWS = tuple(MODELS)


# The rule: no window of 60 seconds at the server sees more than the rate


@settings(max_examples=30, deadline=None)
@given(
    rate=st.integers(1, 12),
    requests=st.lists(
        st.tuples(st.sampled_from([0.0, 0.001, 0.3, 7.0, 59.9, 61.0]), st.floats(0.001, 40.0), st.floats(0.0, 1.0)),
        min_size=20,
        max_size=120,
    ),
)
def test_no_window_sees_more_than_the_rate(rate: int, requests: list[tuple[float, float, float]]) -> None:
    log, now = WindowLog(None), 1000.0
    flying: list[tuple[float, int]] = []
    counted = []

    def land(until: float) -> None:
        while flying and flying[0][0] <= until:
            at, slot = heapq.heappop(flying)
            log.answered(slot, at)

    for idle, latency, share in requests:
        now += idle
        land(now)
        while (wait := log.wait(rate, now)) > 0:
            now = flying[0][0] if math.isinf(wait) else now + wait
            land(now)
        heapq.heappush(flying, (now + latency, log.start()))
        counted.append(now + latency * share)
    assert busiest(counted, 60.0) <= rate


@settings(max_examples=30, deadline=None)
@given(
    rate=st.integers(2, 12),
    begun=st.lists(st.floats(0.01, 9.0), max_size=30),
    told_at=st.integers(0, 30),
    latency=st.floats(0.01, LATEST),
    share=st.floats(0.0, 1.0),
    silent=st.floats(2.0, 70.0),
)
def test_no_window_sees_more_than_the_rate_over_a_takeover(
    rate: int, begun: list[float], told_at: int, latency: float, share: float, silent: float
) -> None:
    """A host tells of its pace, begins as many requests as its permit allows, and dies; another one goes on."""
    now, counted, permit, unanswered = 1000.0, [], 2.0, 2
    first = WindowLog(None, clock=lambda: now)
    told, at, left = (0, [0] * 61), now, 0
    flying: list[tuple[float, int]] = []
    for number, gap in enumerate(begun):
        now += gap
        while flying and flying[0][0] <= now:
            first.answered(*heapq.heappop(flying)[::-1])
        if number <= told_at:
            told, at, left = first.told(), now, unanswered
        elif now > at + permit or not left:
            continue
        if first.wait(rate, now) <= 0:
            left -= 1
            heapq.heappush(flying, (now + latency, first.start()))
            counted.append(now + latency * share)
    now = max(now, at + permit) + silent
    second = WindowLog(None, clock=lambda: now)
    second.take_over(told[1], now - at, told[0] + unanswered, at + permit - now)
    for _ in range(3 * rate):
        while (wait := second.wait(rate, now)) > 0:
            now += 1.0 if math.isinf(wait) else wait
        second.answered(second.start(), now)
        counted.append(now)
    assert busiest(counted, 60.0) <= rate


@settings(max_examples=12, deadline=None)
@given(
    window=st.sampled_from(WINDOWS),
    seed=st.integers(0, 10**6),
    slowest=st.floats(0.05, 4.0),
    rate=st.integers(100, MOST),
    runs=st.lists(st.tuples(st.floats(1.0, 50.0), st.floats(0.0, 20.0)), min_size=1, max_size=3),
    stall=st.tuples(st.floats(0.0, 60.0), st.floats(0.1, 8.0)),
)
def test_the_rate_holds_in_every_window_over_kills_and_stalls(
    window: Window, seed: int, slowest: float, rate: int, runs: list[tuple[float, float]], stall: tuple[float, float]
) -> None:
    space = Space(window, (0.02, slowest), seed, stalls=[(stall[0], sum(stall))])

    async def story(path: Path) -> None:
        for seconds, rest in runs:
            pace = paced(rate, path=path)
            await space.flood(pace, seconds)  # ends as by a kill: requests in flight are never answered
            await asyncio.sleep(rest)

    with tempfile.TemporaryDirectory() as folder:
        simulated(story(Path(folder) / "space.log"))
    assert space.refused == 0
    assert busiest(space.counted) <= rate


@pytest.mark.parametrize(("window", "slowest"), [*((window, 2.0) for window in WINDOWS), ("fixed", 0.4)])
def test_alone_the_whole_rate_is_used_and_nothing_is_refused(window: Window, slowest: float) -> None:
    alone = flooded(Space(window, (0.02, slowest)), 3)
    assert alone.refused == 0
    assert len(alone.counted) >= 990 * 3
    assert busiest(alone.counted) <= MOST


@pytest.mark.parametrize(
    ("window", "live", "slowest"),
    [*[(window, 300, 0.4) for window in WINDOWS], ("fixed", 100, 0.4), ("fixed", 600, 0.4), ("fixed", 300, 2.0)],
)
def test_live_events_rarely_get_a_429_and_most_of_the_rest_is_used(window: Window, live: int, slowest: float) -> None:
    space = flooded(Space(window, (0.02, slowest), live=Live(live)), 4)
    hits = space.live.hits
    assert space.live.refused <= hits / 500
    assert len(space.counted) >= (0.75 if live == 600 else 0.85) * (MOST * 4 - hits)


def test_a_reserve_stays_free_with_live_traffic() -> None:
    space = Space("fixed", live=Live(200))
    flooded(space, 4, lambda: paced(reserve=300))
    assert len(space.counted) + space.live.hits <= (MOST - 300) * 4 * 1.02
    assert len(space.counted) >= 0.9 * ((MOST - 300) * 4 - space.live.hits)


def test_when_live_traffic_uses_all_it_still_sends_a_few_requests() -> None:
    space = flooded(Space("fixed", live=Live(1500)), 4)
    assert 2 <= len(space.counted) <= 120


def test_a_limiter_without_a_log_is_not_enough() -> None:
    """Why there is a log: a bucket of a whole minute lets nearly two minutes' requests through at first."""

    class Bare:
        def __init__(self) -> None:
            self.limiter = AsyncLimiter(MOST, 60)

        async def turn(self, stopping: asyncio.Event) -> int:
            await self.limiter.acquire()
            return 0

        def answered(self, slot: int, headers: dict[str, str]) -> None: ...
        def pause(self, seconds: float) -> None: ...

    space = Space("calendar")
    space.quota = quota(10 * MOST, "calendar")  # type: ignore[assignment]
    assert busiest(flooded(space, 1.5, Bare).counted) > 1.9 * MOST


# The log across a restart


def entries(path: Path) -> list[float]:
    """The requests that it remembers. Behind them is how far apart the two clocks were."""
    raw = path.read_bytes()
    return [when for when in struct.unpack(f"{len(raw) // 8}d", raw)[:MOST] if when]


def test_a_restart_goes_on_where_the_last_process_was(tmp_path: Path) -> None:
    path = tmp_path / "pace" / "space.log"
    log, began = WindowLog(path), time.monotonic()
    slots = [log.start() for _ in range(10)]
    for slot in slots[:7]:
        log.answered(slot, time.monotonic())
    again = WindowLog(path)  # the first one was killed: never closed, three in flight
    assert again.wait(11, time.monotonic()) == 0
    now = time.monotonic()
    assert began + WINDOW - 1 < now + again.wait(10, now) <= now + WINDOW
    assert again.held == 10
    assert again.wait(4, time.monotonic() + WINDOW) == 0  # the server may count the three up to half a minute later
    assert again.wait(3, time.monotonic() + WINDOW) > 0
    assert again.wait(1, time.monotonic() + LATEST + WINDOW) == 0
    assert entries(path) == []
    log.close(), again.close()


def test_what_is_older_than_a_minute_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "space.log"
    now = time.time()
    path.write_bytes(struct.pack("3d", now - 61, now - 30, now - 3600))
    log = WindowLog(path)
    assert log.held == 1
    wait = log.wait(1, time.monotonic())
    assert wait + time.time() - now > 29 and wait < 31
    log.close()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\0" * 7,
        b"\xff" * 8000,
        b"torn",
        b"\x01" * 123,
        b"x" * 80_000,
        struct.pack("5d", math.nan, math.inf, -math.inf, 1e300, -1e300),
        struct.pack("2d", 5e9, -5e9),
        *(
            struct.pack(f"2d{8 * (MOST - 2)}x5d", 5e9, -5e9, ahead, *pause, boot)
            for ahead in (math.nan, math.inf, -math.inf, 1e300, 5e9, 1.0)
            for boot in (0.0, booted(), math.nan)
            for pause in ((5e9, 3600.0, 5e9), (math.inf, 3600.0, math.inf), (0.0, 1e9, 1e9), (1.0, math.nan, 1.0))
        ),
    ],
)
def test_a_damaged_log_makes_a_run_wait_a_minute_and_a_half_at_most(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "space.log"
    path.write_bytes(content)
    log = WindowLog(path)
    assert path.stat().st_size == 8 * (MOST + 5) and log.paused_until == 0
    assert 0 <= log.wait(MOST, time.monotonic()) <= WINDOW
    assert log.wait(MOST, time.monotonic() + LATEST + WINDOW + 0.1) == 0
    assert log.held == 0
    log.close()


def test_a_log_that_cannot_be_written_is_reported_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "space.log").mkdir()
    with pytest.raises(StateError, match=r"space\.log"):
        WindowLog(tmp_path / "space.log")


def test_the_log_is_private(tmp_path: Path) -> None:
    log = WindowLog(tmp_path / "pace" / "space.log")
    log.close()
    assert (tmp_path / "pace" / "space.log").stat().st_mode & 0o77 == 0


@settings(max_examples=60, deadline=None)
@given(
    rate=st.integers(2, 8),
    runs=st.lists(
        st.tuples(
            st.sampled_from([0.0, 86_400.0, -3600.0, 45.0, -30.0]),  # the wall clock is set by so much before the run
            st.sampled_from([0.0, 86_400.0, -3600.0, 20.0]),  # and within it
            st.lists(st.floats(0.01, 20.0), min_size=1, max_size=12),
            st.floats(0.0, 40.0),
        ),
        min_size=2,
        max_size=4,
    ),
)
def test_the_rate_holds_over_restarts_whatever_the_wall_clock_says(
    rate: int, runs: list[tuple[float, float, list[float], float]]
) -> None:
    now, ahead, counted = 500.0, 1.7e9, []

    def clock() -> float:
        return now

    def wall() -> float:
        return now + ahead

    with tempfile.TemporaryDirectory() as folder:
        for before, within, latencies, rest in runs:
            ahead += before
            log = WindowLog(Path(folder) / "space.log", clock=clock, wall=wall)
            for number, latency in enumerate(latencies):
                ahead += within if number == len(latencies) // 2 else 0.0
                while (wait := log.wait(rate, now)) > 0:
                    now += 1.0 if math.isinf(wait) else wait
                slot, now = log.start(), now + latency
                counted.append(now)
                if number < len(latencies) - 1:  # the last one is in flight when the process is killed
                    log.answered(slot, now)
            now += rest
    assert busiest(counted, 60.0) <= rate


@given(
    seconds=st.sampled_from([0.5, 40.0, 3600.0, 86_400.0]),
    known=st.booleans(),
    runs=st.lists(
        st.tuples(
            st.sampled_from([0.0, 0.0, 86_400.0, -3600.0, 45.0, -30.0]),  # the wall clock is set by so much before
            st.floats(0.0, 5000.0) | st.just(86_400.0),
            st.booleans(),  # the machine starts anew before
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_a_pause_holds_over_restarts_whatever_the_clocks_say(
    seconds: float, known: bool, runs: list[tuple[float, float, bool]]
) -> None:
    """An hour of it at most: to its end, and no longer than it was meant to be from any of them on.

    Where the wall clock is right it ends when it was meant to, however often the machine starts, and after whatever
    uptime. In one boot that can be told from others it holds however the wall clock is set.
    """
    now, ahead, on, boot = 500.0, 1.7e9, 0.0, 1.0
    remembered = min(seconds, LONGEST_PAUSE)
    with tempfile.TemporaryDirectory() as folder:
        opened = partial(
            WindowLog,
            Path(folder) / "space.log",
            clock=lambda: now - on,
            wall=lambda: now + ahead,
            boot=lambda: boot if known else 0.0,
        )
        opened().pause(now, now + seconds)
        until = now + remembered
        for step, passed, anew in runs:
            ahead, now = ahead + step, now + passed
            if anew:
                on, boot = now - 500.0, boot + 1
            log = opened()
            rest = log.paused_until - (now - on)
            assert rest <= remembered + 1e-3
            if known and boot == 1.0:
                assert now > until or rest >= until - now - 1e-3
            log.wait(MOST, now - on)
            if all(step == 0 for step, _, _ in runs):
                assert max(0.0, log.paused_until - (now - on)) == pytest.approx(max(0.0, until - now), abs=1e-3)


@pytest.mark.parametrize("boot", [0.0, 7.0])
@pytest.mark.parametrize("uptime", [0.0, 15.0, 1001.0, 3.0e6])
def test_after_the_machine_starts_anew_the_wall_clock_counts(tmp_path: Path, uptime: float, boot: float) -> None:
    opened = partial(WindowLog, tmp_path / "space.log")
    log = opened(clock=lambda: 1000.0, wall=lambda: 1.7e9, boot=lambda: boot)
    for _ in range(3):
        log.answered(log.start(), 1000.0)
    log.pause(1000.0, 1100.0)
    again = opened(clock=lambda: uptime, wall=lambda: 1.7e9 + 40, boot=lambda: boot and 8.0)
    assert again.held == 3
    waited = 1 if uptime == 1001.0 and not boot else 40  # where boots can't be told apart it is rather too careful
    assert again.wait(3, uptime) == pytest.approx(WINDOW - waited, abs=1e-3)
    assert again.paused_until - uptime == pytest.approx(60, abs=1e-3)


@pytest.mark.parametrize("numbers", [0, 1, 4])
def test_a_log_of_another_version_is_read_by_the_wall_clock(tmp_path: Path, numbers: int) -> None:
    """What it lacks of the numbers behind its slots counts as unknown; and an older version takes what it knows."""
    path = tmp_path / "space.log"
    log = WindowLog(path)
    log.answered(log.start(), time.monotonic() - 40)
    log.pause(time.monotonic(), time.monotonic() + 50)
    log.close()
    path.write_bytes(path.read_bytes()[: 8 * (MOST + numbers)])
    log = WindowLog(path)
    assert WINDOW - 45 < log.wait(1, time.monotonic()) < WINDOW - 39
    assert (log.paused_until > time.monotonic()) == (numbers == 4)
    log.close()


# Turns, in real time


def played(story: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def test() -> None:
        asyncio.run(story())

    test.__name__ = story.__name__
    return test


def played_in_simulated_time(story: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def test() -> None:
        simulated(story())

    test.__name__ = story.__name__
    return test


async def turns(pace: Pace, number: int, stopping: asyncio.Event) -> float:
    began = time.monotonic()
    for _ in range(number):
        slot = await pace.turn(stopping)
        assert slot is not None
        pace.answered(slot, {})
    return time.monotonic() - began


@pytest.mark.parametrize("rate", [1000, 930, 400])
def test_starts_are_even_except_for_those_on_one_beat(rate: int) -> None:
    starts: list[float] = []

    async def story() -> None:
        pace, stopping = paced(rate), asyncio.Event()
        async with asyncio.timeout(40):
            while (slot := await pace.turn(stopping)) is not None:
                starts.append(asyncio.get_running_loop().time())
                pace.answered(slot, {})

    with suppress(TimeoutError):
        simulated(story())
    gap = 60 / rate * SMOOTH
    assert abs(len(starts) - 40 / gap) <= 3
    assert all(busiest(starts, seconds) <= seconds / gap + 3 for seconds in (0.1, 1.0, 7.0))
    assert all(later - earlier >= 0.98 * (10 * gap - 0.12) for earlier, later in zip(starts, starts[10:], strict=False))


@played
async def test_a_full_minute_waits_for_the_oldest_answer() -> None:
    with Pace(1000, WindowLog(None)) as pace:
        stopping = asyncio.Event()
        await turns(pace, 3, stopping)
        pace.rate = 3
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(pace.turn(stopping), 0.3)


@played_in_simulated_time
async def test_a_pause_holds_back_a_turn_that_had_begun_to_wait() -> None:
    with paced(120) as pace:
        stopping, now = asyncio.Event(), asyncio.get_running_loop().time
        await turns(pace, 1, stopping)
        began = now()
        turn = asyncio.create_task(pace.turn(stopping))
        await asyncio.sleep(0.05)  # it waits for its gap of 0.46 s now
        pace.pause(1.0)
        assert await turn is not None
        assert now() - began >= 1.04


@played
async def test_stopping_ends_the_longest_wait_at_once() -> None:
    with Pace(1, WindowLog(None)) as pace:
        stopping = asyncio.Event()
        await turns(pace, 1, stopping)
        waiting = [asyncio.create_task(pace.turn(stopping)) for _ in range(50)]
        await asyncio.sleep(0.05)
        began = time.monotonic()
        stopping.set()
        assert await asyncio.gather(*waiting) == [None] * 50
        assert time.monotonic() - began < 30  # of the minute that they would have waited


@played
async def test_a_turn_that_is_cut_off_at_its_very_beat_just_ends() -> None:
    """A second signal may come in the pass of the loop that the beat comes in, too."""
    loop, met = asyncio.get_running_loop(), list[str]()
    loop.set_exception_handler(lambda _, context: met.append(context["message"]))
    with Pace(1000, WindowLog(None)) as pace:
        pace.pause(60)
        turn = asyncio.create_task(pace.turn(asyncio.Event()))
        await asyncio.sleep(0)
        time.sleep(2 * _LOOK)  # noqa: ASYNC251 (the beat is due, and nobody has run since)
        loop.call_soon(turn.cancel)
        with pytest.raises(asyncio.CancelledError):
            await turn
    assert met == []


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, 1000),
        ({"X-RateLimit-Limit": "60"}, 60),
        ({"X-RateLimit-Limit": "5000"}, 1000),
        ({"X-RateLimit-Limit": "0"}, 1000),
        ({"X-RateLimit-Limit": "-7", "X-RateLimit-Remaining": "many"}, 1000),
        ({"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "999"}, 1000),
        ({"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "0"}, 1),
        ({"X-RateLimit-Limit": "1000", "X-RateLimit-Remaining": "600"}, 1000 - 398 - 80),
    ],
)
def test_the_headers_of_an_answer_lower_the_rate(headers: dict[str, str], allowed: int) -> None:
    async def story() -> None:
        with Pace(1000, WindowLog(None)) as pace:
            slot = await pace.turn(asyncio.Event())
            assert slot is not None
            pace.answered(slot, headers)
            assert allowed - 2 <= pace.allowed <= allowed + 2

    asyncio.run(story())


@played
async def test_the_rate_asked_for_and_the_reserve_bound_it() -> None:
    with Pace(40, WindowLog(None)) as pace:
        assert pace.allowed == 40
    with Pace(1000, WindowLog(None), reserve=300) as pace:
        assert pace.allowed == 700
    with Pace(1000, WindowLog(None), reserve=5000) as pace:
        assert pace.allowed == 1


@pytest.mark.parametrize("window", WINDOWS)
def test_a_small_rate_starts_at_once_and_is_never_exceeded(window: Window) -> None:
    """Seven a minute without even gaps: a burst, then a request when an earlier one is a minute old; never a 429."""
    space, log, now, taken = quota(7, window), WindowLog(None), 1000.0, []
    assert space is not None
    while len(taken) < 30:
        if wait := log.wait(7, now):
            now += wait
            continue
        slot = log.start()
        assert space.take(now + 0.1)
        taken.append(now + 0.1)
        now += 0.3
        log.answered(slot, now)
    assert taken[6] - taken[0] < 3
    assert busiest(taken) <= 7
    assert taken[-1] - taken[0] < 60 * 30 / 7
