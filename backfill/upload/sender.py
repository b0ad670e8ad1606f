"""Upload: events to the API through a pool of workers, each outcome to a desk where it is booked before it counts.

Workers take the next event when they are idle, so nothing piles up. What a status means and how long to wait are rules
of their own (`retry`); when a request may start is the pace's.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice

import aiohttp

from backfill import __version__
from backfill.api.pace.limiter import Pace
from backfill.api.retry import (
    ATTEMPTS,
    FAILURES_TO_PAUSE,
    FIRST_PAUSE,
    LONGEST_PAUSE,
    Meaning,
    meaning,
    pause_before,
    retry_after,
)
from backfill.api.secret import hide
from backfill.errors import ApiStop, BackfillError, Interrupted
from backfill.event import Code, Verdict
from backfill.storage.handles import crowded, room, too_many
from backfill.upload.group_commit import Desk
from backfill.upload.tally import Event, Outcome, Tally
from backfill.upload.timeline import Timeline

PATH = "/public-api/v1/events/track"
_CONNECT = 10.0
_SPARE = 16  # files that may still be opened beside the connections
_CROWDED = "too many open files"
_BODY = 1 << 16  # of an answer, at the most
_TAKEN = 100  # events fetched at a time, and held, a Space


@dataclass(frozen=True, slots=True)
class Answer:
    """One attempt's result: an HTTP answer, or status 0 with what went wrong. `lost`: the event may have been taken."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    lost: bool = False
    fault: str = ""
    key: str = ""  # the API key that was sent: nothing of the answer may show it

    @property
    def json(self) -> dict[str, object] | None:
        try:
            found = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    @property
    def retry_after(self) -> float | None:
        """Seconds that it asks to wait, or None."""
        return retry_after(self.headers.get("Retry-After"), self.headers.get("Date"))

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
        text = "".join(c if c.isprintable() else " " for c in hide(self.key, " ".join(map(str, parts))))
        text = hide(self.key, " ".join(text.split()))
        return (text or f"HTTP {self.status}")[:500]


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
    """Whether the API is up. After 20 failures in a row it is down: the Space pauses, and tries one at a time."""

    def __init__(self, patience: float, stop: Stop, pauses: tuple[float, float], timeline: Timeline):
        self._timeline = timeline
        self._pauses = pauses
        self._patience = patience
        self._stop = stop
        self._since: float | None = None
        self._failures = 0
        self._in_flight = 0
        self._home = asyncio.Event()

    @property
    def down(self) -> bool:
        return self._failures >= FAILURES_TO_PAUSE

    def left(self) -> None:
        """An attempt is on its way."""
        self._in_flight += 1

    def home(self) -> None:
        """It came back, or was given up."""
        self._in_flight -= 1
        self._home.set()

    async def ready(self) -> None:
        """Hold the next attempt back while the API is down: until none is in flight, and then for a while."""
        while self.down and self._in_flight:
            self._home.clear()
            await self._home.wait()
        if self.down:
            wait = pause_before(self._failures - FAILURES_TO_PAUSE + 2, *self._pauses)
            self._timeline.pause(wait, "the API did not answer well")
            await self._stop.rest(wait)

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

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        pace: Pace,
        patience: float,
        stop: Stop,
        tally: Tally,
        pauses: tuple[float, float] = (FIRST_PAUSE, LONGEST_PAUSE),
        tell: Callable[[str], None] = lambda _: None,
    ):
        self._tell = tell
        self._session = session
        self._url = url.rstrip("/") + PATH
        self._pace = pace
        self._stop = stop
        self._health = Health(patience, stop, pauses, tally.timeline)
        self._pauses = pauses
        self._tally = tally

    async def deliver(self, event: Event) -> Outcome | None:
        """Send until there is an outcome; None where the run stopped first."""
        attempt, lost = 1, False
        while True:
            slot = await self._pace.turn(self._stop.event, self._health.ready)
            if slot is None:
                return self._left(lost)
            answer = await self._post(event.body, slot)
            match meaning_of(answer):
                case Meaning.ACCEPTED:
                    self._health.well()
                    self._tally.note("accepted")
                    return Outcome(Verdict.ACCEPTED)
                case Meaning.REFUSED:
                    self._health.well()
                    self._tally.note("refused")
                    return Outcome(Verdict.REFUSED, Code.REFUSED, f"HTTP {answer.status}: {answer.message}")
                case Meaning.SLOW_DOWN:
                    self._tally.note("rate_limited")
                    self._obey(answer, 1.0)
                case Meaning.AGAIN:
                    lost |= answer.lost
                    if answer.fault == _CROWDED:  # no trouble of the API's, and no waiting mends it
                        self._stop(too_many("one more connection is needed"))
                        return self._left(lost)
                    self._tally.note("retried")
                    self._tell(f"attempt {attempt} of {ATTEMPTS} failed ({answer.fault or f'HTTP {answer.status}'})")
                    self._health.failed(answer.fault or f"HTTP {answer.status}")
                    self._obey(answer)
                    if self._health.down:
                        continue
                    if attempt == ATTEMPTS:
                        return _given_up(answer, lost)
                    attempt += 1
                    await self._stop.rest(pause_before(attempt, *self._pauses))
                case wrong:
                    self._stop(stop_at(wrong, answer, self._url))
                    return None

    def _left(self, lost: bool) -> Outcome | None:
        """The run stopped: by hand, that this event may have been taken is told; an outage makes no rejects."""
        if lost and isinstance(self._stop.error, Interrupted):
            return Outcome(Verdict.UNDELIVERED, Code.UNKNOWN_OUTCOME, "the answer was lost and the run was stopped")
        return None

    def _obey(self, answer: Answer, unless: float | None = None) -> None:
        """Let the whole Space wait as long as the answer's Retry-After says, or `unless` seconds without one."""
        wait = unless if answer.retry_after is None else answer.retry_after
        if wait is not None:
            self._health.throttled(wait)
            self._pace.pause(wait)
            self._tell(f"HTTP {answer.status}: the API asked to wait {wait:.0f} s")
            self._tally.timeline.pause(wait, f"the API asked to wait (HTTP {answer.status})")

    async def _post(self, body: bytes, slot: int) -> Answer:
        """One attempt. Never raises: what goes wrong is an answer too."""
        self._tally.note("requests")
        self._health.left()
        answer = Answer(0, lost=True, fault="cut off")
        try:
            answer = await exchange(self._session, "POST", self._url, body)
        finally:
            self._health.home()
            self._pace.answered(slot, answer.headers)
        return answer


class _Cut(aiohttp.ClientError):
    """A connection that ended before the answer."""


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Keep aiohttp from trying again by itself what it takes to be idempotent: a request beyond the pace."""
    try:
        return await handler(request)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise _Cut from error


async def exchange(
    session: aiohttp.ClientSession, method: str, url: str, body: bytes | None = None, most: int = _BODY
) -> Answer:
    """One request, and its answer up to so many bytes of body. Never raises: what goes wrong is an answer too."""
    status = 0
    headers: Mapping[str, str] = {}
    guards = () if method == "POST" else (_once,)
    key = session.headers.get("Authorization", "").removeprefix("Bearer ")
    data = None if body is None else aiohttp.BytesPayload(body)  # what aiohttp would make of it, after a search
    try:
        async with session.request(method, url, data=data, allow_redirects=False, middlewares=guards) as response:
            status, headers = response.status, response.headers
            return Answer(status, headers, await _start_of(response.content, most), key=key)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
        return Answer(0, fault=_named(error))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        if status == 202 or status >= 300:  # the answer's head came and says it all
            return Answer(status, headers)
        return Answer(0, headers, lost=True, fault=_named(error))


async def _start_of(content: aiohttp.StreamReader, most: int) -> bytes:
    """Read a body, of a long one its beginning."""
    read = bytearray()
    while len(read) < most and not content.at_eof() and (chunk := await content.read(most - len(read))):
        read += chunk
    return bytes(read)


def _named(error: BaseException) -> str:
    if crowded(error):
        return _CROWDED
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the host name is not known"
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return "the certificate or TLS failed"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "no connection"
    return "no answer in time" if isinstance(error, TimeoutError) else "the connection broke"


def meaning_of(answer: Answer) -> Meaning:
    if not answer.status:
        return Meaning.AGAIN
    return meaning(answer.status, answer.status != 202 and answer.json is not None)  # a 202 says all without its body


def _given_up(answer: Answer, lost: bool) -> Outcome:
    what = answer.fault or f"HTTP {answer.status}"
    if lost:
        return Outcome(
            Verdict.UNDELIVERED,
            Code.UNKNOWN_OUTCOME,
            f"{ATTEMPTS} attempts, an answer was lost: it may have been taken ({what})",
        )
    return Outcome(Verdict.UNDELIVERED, Code.UNDELIVERED, f"{ATTEMPTS} attempts ({what})")


def stop_at(kind: Meaning, answer: Answer, url: str, safe: str = "no row was burnt") -> ApiStop:
    """What to stop a run with where the key or the address is wrong; `safe` says what did not happen."""
    if kind is Meaning.NOT_ALLOWED:
        why = {
            401: "the API key is missing or not valid",
            403: "the API key lacks the permission, or the subscription is inactive",
        }
        cause = why[answer.status]
        return ApiStop(f"HTTP {answer.status}: {cause}; {safe}, the same command goes on with the right key")
    return ApiStop(f"HTTP {answer.status} from {url}: not the API's address (COMETLY_API_URL, --base-url); {safe}")


class _Feed:
    """Events from a thread, so that converting a frame holds up no answer."""

    def __init__(self, events: Iterator[Event]):
        self._events = events
        self._lock = asyncio.Lock()
        self._ready: Iterator[Event] = iter(())

    async def next(self) -> Event | None:
        if (event := next(self._ready, None)) is not None:
            return event
        async with self._lock:  # one fetches; who waited finds what it brought
            if (event := next(self._ready, None)) is None:
                self._ready = iter(await asyncio.to_thread(lambda: list(islice(self._events, _TAKEN))))
                event = next(self._ready, None)
            return event


@asynccontextmanager
async def session_for(api_key: str, workers: int, seconds: float) -> AsyncIterator[aiohttp.ClientSession]:
    """Open the connections of so many workers; an attempt counts as lost after so many seconds."""
    headers = {
        "Authorization": f"Bearer {api_key}",
        "Accept": "application/json",
        "Content-Type": "application/json",
        "User-Agent": f"cometly-backfill/{__version__}",
    }
    connector = aiohttp.TCPConnector(limit=max(1, min(workers, room(workers + _SPARE) - _SPARE)))
    limits = aiohttp.ClientTimeout(total=seconds, sock_connect=min(_CONNECT, seconds))
    async with aiohttp.ClientSession(
        headers=headers, connector=connector, timeout=limits, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        yield session


async def send(events: Iterator[Event], sender: Sender, workers: int, stop: Stop, desk: Desk) -> None:
    """Deliver every event with that many workers; the desk takes the outcomes."""
    feed = _Feed(events)

    async def work() -> None:
        try:
            while not stop.event.is_set() and (event := await feed.next()) is not None:
                if outcome := await sender.deliver(event):
                    desk.take(event, outcome)
        except BackfillError as error:
            stop(error)

    pool = [asyncio.create_task(work()) for _ in range(workers)]
    try:
        await asyncio.gather(*pool)
    finally:
        for task in pool:
            task.cancel()
        await asyncio.gather(*pool, return_exceptions=True)
