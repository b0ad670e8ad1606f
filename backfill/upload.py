"""Upload: events to the API through a pool of workers, each answer booked in the ledger before it is counted.

Workers take the next event when they are idle, so nothing piles up. What a status means and how long to wait are rules
of their own (`retry`); when a request may start is the pace's.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice

import aiohttp

from backfill import __version__
from backfill.errors import ApiStop, BackfillError, Interrupted
from backfill.event import Code, Verdict
from backfill.pace import Pace
from backfill.retry import ATTEMPTS, FAILURES_TO_PAUSE, Meaning, meaning, pause_before, retry_after
from backfill.survey import Event

PATH = "/public-api/v1/events/track"
TIMEOUT = aiohttp.ClientTimeout(total=30, sock_connect=10)
_BODY = 1 << 16  # of an answer, at the most
_EMAIL = re.compile(r"[^\s\"'<>]+@[^\s\"'<>]+")
_FLUSH_SECONDS = 0.25
_FLUSH_EVENTS = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the sending gave. `reason` is the API's own message where it refused."""

    verdict: Verdict
    code: Code | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Answer:
    """One attempt's result: an HTTP answer, or status 0 with what went wrong. `lost`: the event may have been taken."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    lost: bool = False
    fault: str = ""

    @property
    def json(self) -> dict[str, object] | None:
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    @property
    def message(self) -> str:
        """The API's message, in one line; `errors`, where Laravel's form has them, say more."""
        found = self.json or {}
        parts = [found["message"]] if isinstance(found.get("message"), str) else []
        errors = found.get("errors")
        if isinstance(errors, dict):
            parts += [
                f"{name}: {' '.join(map(str, texts)) if isinstance(texts, list) else texts}"
                for name, texts in errors.items()
            ]
        text = " ".join(" ".join(map(str, parts)).split())
        return (text or f"HTTP {self.status}")[:500]


@dataclass(slots=True)
class Tally:
    """Requests made."""

    requests: int = 0
    rate_limited: int = 0
    retried: int = 0


class Stop:
    """The run's end, once something asks for it: workers start nothing more; what is in flight comes home."""

    def __init__(self) -> None:
        self.event = asyncio.Event()
        self.error: BackfillError | None = None

    def __call__(self, error: BackfillError) -> None:
        self.error = self.error or error
        self.event.set()

    async def rest(self, seconds: float) -> None:
        """Sleep, but no longer than the run goes on."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.event.wait(), max(seconds, 0.0))


class Health:
    """Whether the API is up. After 20 failures in a row it counts as down: one tries, the others wait."""

    def __init__(self, patience: float, stop: Stop):
        self._patience = patience
        self._stop = stop
        self._since: float | None = None
        self._failures = 0
        self._one = asyncio.Lock()

    @property
    def down(self) -> bool:
        return self._failures >= FAILURES_TO_PAUSE

    @asynccontextmanager
    async def passage(self):  # type: ignore[no-untyped-def]
        """Let an attempt through: at once while the API is up, one at a time while it is down."""
        if not self.down:
            yield
            return
        async with self._one:
            if self.down:
                await self._stop.rest(pause_before(self._failures - FAILURES_TO_PAUSE + 2))
            yield

    def well(self) -> None:
        self._failures, self._since = 0, None

    def failed(self, fault: str) -> None:
        self._failures += 1
        self._wait(0.0, f"the API has not answered well for {{}} (last: {fault})")

    def throttled(self, seconds: float) -> None:
        self._wait(seconds, f"the API has asked to wait for {{}} (now {seconds:.0f} s more)")

    def _wait(self, seconds: float, sentence: str) -> None:
        now = time.monotonic()
        self._since = self._since or now
        if now - self._since + seconds > self._patience:
            waited = f"{now - self._since:.0f} s"
            self._stop(
                ApiStop(f"{sentence.format(waited)}, longer than --patience; nothing is lost, the same command goes on")
            )


class Sender:
    """One Space at one address: `deliver` takes an event to its outcome."""

    def __init__(self, session: aiohttp.ClientSession, url: str, pace: Pace, patience: float, stop: Stop, tally: Tally):
        self._session = session
        self._url = url.rstrip("/") + PATH
        self._pace = pace
        self._stop = stop
        self._health = Health(patience, stop)
        self._tally = tally

    async def deliver(self, event: Event) -> Outcome | None:
        """Send until there is an outcome; None where the run stopped first."""
        attempt, lost = 1, False
        while True:
            async with self._health.passage():
                slot = await self._pace.turn(self._stop.event)
                if slot is None:
                    return self._left(lost)
                answer = await self._post(event.body, slot)
            match _meaning(answer):
                case Meaning.ACCEPTED:
                    self._health.well()
                    return Outcome(Verdict.ACCEPTED)
                case Meaning.REFUSED:
                    self._health.well()
                    return Outcome(Verdict.REFUSED, Code.REFUSED, f"HTTP {answer.status}: {answer.message}")
                case Meaning.SLOW_DOWN:
                    self._slow_down(answer)
                case Meaning.AGAIN:
                    lost |= answer.lost
                    self._tally.retried += 1
                    self._health.failed(answer.fault or f"HTTP {answer.status}")
                    self._obey(answer)
                    if self._health.down:
                        continue
                    if attempt == ATTEMPTS:
                        return _given_up(answer, lost)
                    attempt += 1
                    await self._stop.rest(pause_before(attempt))
                case wrong:
                    self._stop(_wrong(wrong, answer, self._url))
                    return None

    def _left(self, lost: bool) -> Outcome | None:
        """The run stopped: by hand, that this event may have been taken is told; an outage makes no rejects."""
        if lost and isinstance(self._stop.error, Interrupted):
            return Outcome(Verdict.UNDELIVERED, Code.UNKNOWN_OUTCOME, "the answer was lost and the run was stopped")
        return None

    def _slow_down(self, answer: _Answer) -> None:
        self._tally.rate_limited += 1
        wait = retry_after(answer.headers.get("Retry-After"), answer.headers.get("Date"))
        wait = 1.0 if wait is None else wait
        self._health.throttled(wait)
        self._pace.pause(wait)

    def _obey(self, answer: _Answer) -> None:
        if (wait := retry_after(answer.headers.get("Retry-After"), answer.headers.get("Date"))) is not None:
            self._health.throttled(wait)
            self._pace.pause(wait)

    async def _post(self, body: bytes, slot: int) -> _Answer:
        """One attempt. Never raises: what goes wrong is an answer too."""
        self._tally.requests += 1
        answer = _Answer(0, lost=True, fault="cut off")
        try:
            answer = await self._exchange(body)
        finally:
            self._pace.answered(slot, answer.headers)
        return answer

    async def _exchange(self, body: bytes) -> _Answer:
        status, headers = 0, {}
        try:
            async with self._session.post(self._url, data=body, allow_redirects=False) as response:
                status, headers = response.status, dict(response.headers)
                return _Answer(status, headers, await response.content.read(_BODY))
        except aiohttp.ClientConnectorError as error:
            return _Answer(0, fault=_named(error))
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            if status:  # the answer's head came, its body did not
                return _Answer(status, headers)
            return _Answer(0, lost=True, fault=_named(error))


def _named(error: BaseException) -> str:
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the host name is not known"
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return "the certificate or TLS failed"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "no connection"
    return "no answer in time" if isinstance(error, TimeoutError) else "the connection broke"


def _meaning(answer: _Answer) -> Meaning:
    return meaning(answer.status, answer.json is not None) if answer.status else Meaning.AGAIN


def _given_up(answer: _Answer, lost: bool) -> Outcome:
    what = answer.fault or f"HTTP {answer.status}"
    if lost:
        return Outcome(
            Verdict.UNDELIVERED,
            Code.UNKNOWN_OUTCOME,
            f"{ATTEMPTS} attempts, an answer was lost: it may have been taken ({what})",
        )
    return Outcome(Verdict.UNDELIVERED, Code.UNDELIVERED, f"{ATTEMPTS} attempts ({what})")


def _wrong(kind: Meaning, answer: _Answer, url: str) -> ApiStop:
    if kind is Meaning.NOT_ALLOWED:
        why = {
            401: "the API key is missing or not valid",
            403: "the API key lacks the permission, or the subscription is inactive",
        }
        return ApiStop(
            f"HTTP {answer.status}: {why[answer.status]}; no row was burnt, the same command goes on with the right key"
        )
    return ApiStop(
        f"HTTP {answer.status} from {url}: not the API's address (COMETLY_API_URL, --base-url); no row was burnt"
    )


def masked(message: str) -> str:
    """A message without the addresses of people."""
    return _EMAIL.sub("(an email)", message)


class _Feed:
    """Events from a thread, so that converting a frame holds up no answer."""

    def __init__(self, events: Iterator[Event]):
        self._events = events
        self._lock = asyncio.Lock()
        self._ready: Iterator[Event] = iter(())

    async def next(self) -> Event | None:
        async with self._lock:
            event = next(self._ready, None)
            if event is None:
                taken = await asyncio.to_thread(lambda: list(islice(self._events, 200)))
                self._ready = iter(taken)
                event = next(self._ready, None)
            return event


class _Desk:
    """Books outcomes together, every quarter of a second or 500: one commit, then they count."""

    def __init__(self, book: Callable[[list[tuple[Event, Outcome]]], None], stop: Stop):
        self._book = book
        self._stop = stop
        self._pending: list[tuple[Event, Outcome]] = []
        self._lock = asyncio.Lock()
        self.bug: Exception | None = None

    async def take(self, event: Event, outcome: Outcome) -> None:
        self._pending.append((event, outcome))
        if len(self._pending) >= _FLUSH_EVENTS:
            await self.flush()

    async def flush(self) -> None:
        async with self._lock:
            pending, self._pending = self._pending, []
            if pending:
                try:
                    await asyncio.to_thread(self._book, pending)
                except BackfillError as error:
                    self._stop(error)
                except Exception as error:
                    self.bug = error
                    self._stop(BackfillError("the outcomes can't be booked"))

    async def run(self) -> None:
        while True:
            await asyncio.sleep(_FLUSH_SECONDS)
            await self.flush()


@asynccontextmanager
async def session_for(api_key: str, workers: int):  # type: ignore[no-untyped-def]
    headers = {
        "Authorization": f"Bearer {api_key}",
        "Accept": "application/json",
        "Content-Type": "application/json",
        "User-Agent": f"cometly-backfill/{__version__}",
    }
    connector = aiohttp.TCPConnector(limit=workers)
    async with aiohttp.ClientSession(
        headers=headers, connector=connector, timeout=TIMEOUT, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        yield session


async def send(
    events: Iterator[Event],
    sender: Sender,
    workers: int,
    stop: Stop,
    book: Callable[[list[tuple[Event, Outcome]]], None],
) -> None:
    """Deliver every event with that many workers; `book` gets the outcomes, some at a time, from another thread."""
    feed, desk = _Feed(events), _Desk(book, stop)

    async def work() -> None:
        try:
            while not stop.event.is_set() and (event := await feed.next()) is not None:
                if outcome := await sender.deliver(event):
                    await desk.take(event, outcome)
        except BackfillError as error:
            stop(error)

    clerk = asyncio.create_task(desk.run())
    pool = [asyncio.create_task(work()) for _ in range(workers)]
    try:
        await asyncio.gather(*pool)
    finally:
        for task in (*pool, clerk):
            task.cancel()
        await asyncio.gather(*pool, clerk, return_exceptions=True)
        await desk.flush()
        if desk.bug:
            raise desk.bug
