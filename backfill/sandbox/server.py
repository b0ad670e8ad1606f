"""The server that plays the API: keys, limits, faults, and its own record of what arrived."""

import asyncio
import os
import random
import socket
import struct
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Self
from zoneinfo import ZoneInfo

import orjson
from aiohttp import web

from . import answer
from .arrival import Arrival
from .fault import Fault, Latency, Script, draw
from .listing import Listing, read_listing
from .live import Live
from .quota import Quota, Window, quota
from .rules import problems
from .space import Space, Stored

HOST = "127.0.0.1"  # never another: the record holds what people send
_BACKLOG = 1024  # connections that wait to be taken: those of hundreds of Spaces come at once


class Sandbox:
    """A server that acts as the API on 127.0.0.1.

    `keys`: each opens a Space of its own, or maps to its Space's name; `forbidden` ones get 403. `rate`, `read_rate`,
    `delete_rate`: requests a minute and Space, None for no limit. `latency`: seconds until a track request is answered
    (a number, a range, a function), a random part of them before the server counts it. `live` is somebody else's
    traffic on the first Space for as long as it serves. `timezone` is the Spaces'; `visibility` the seconds until an
    event can be read back. `existing`: bodies of events that the first key's Space has from before, under their own
    keys or none. `page`: events of a listing's page, at the most. `read_faults` are for List and Delete together. With
    `port` 0 the system picks one, and a sandbox that is started again keeps it.
    """

    def __init__(
        self,
        *,
        keys: Iterable[str] | Mapping[str, str] = ("sandbox",),
        forbidden: Iterable[str] = (),
        rate: int | None = 1000,
        window: Window = "fixed",
        latency: Latency = 0.0,
        live: Live | None = None,
        faults: Sequence[Fault] = (),
        timezone: str = "UTC",
        visibility: float = 0.0,
        seed: int = 0,
        port: int = 0,
        read_rate: int | None = 7,
        delete_rate: int | None = 60,
        existing: Iterable[Mapping[str, Any]] = (),
        read_faults: Sequence[Fault] = (),
        page: int = 4000,
    ):
        def space(name: str) -> Space:
            track, read, delete = (quota(limit, window) for limit in (rate, read_rate, delete_rate))
            return Space(name, track=track, read=read, delete=delete)

        names = _space_names(keys)
        spaces = {name: space(name) for name in names.values()}
        self.arrivals: list[Arrival] = []
        self._spaces = {key: spaces[name] for key, name in names.items()}
        self._forbidden = frozenset((forbidden,) if isinstance(forbidden, str) else forbidden)
        self._strangers = space("")  # whose untouched quotas the headers of a 401 or 403 show
        self._latency = latency
        self._zone = ZoneInfo(timezone)
        self._visits = live or Live(0)
        self._visiting: asyncio.Task[None] | None = None
        self._visibility = visibility
        self._seed = seed
        self._random = random.Random(seed)  # noqa: S311
        self._port = port
        self._stored: dict[str, Stored] = {}
        self._numbered = 0
        self._epoch = time.time() - time.monotonic()  # one clock: a wall clock that is set back would break a window
        self._script = Script(faults, seed)
        self._read_script = Script(read_faults, seed)
        self._page = page
        self.reads: list[tuple[float, str, str]] = []  # of List and Delete: monotonic seconds, method, path and query
        self._runner: web.AppRunner | None = None
        self._had(next(iter(self._spaces.values()), self._strangers), existing)

    async def start(self) -> str:
        """Listen, and return the base URL; OSError where the port is taken."""
        self._closing = asyncio.Event()
        app = web.Application()
        app.router.add_post("/public-api/v1/events/track", self._track)
        app.router.add_get("/public-api/v1/events", self._list, allow_head=False)
        app.router.add_delete("/public-api/v1/events/{id}", self._delete)
        app.router.add_get("/_sandbox/arrivals", self._show_arrivals)
        app.router.add_get("/_sandbox/events", self._show_events)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            await web.TCPSite(runner, HOST, self._port, backlog=_BACKLOG).start()
        except BaseException:
            await runner.cleanup()
            raise
        self._runner, self._port = runner, runner.addresses[0][1]
        self._visiting = asyncio.create_task(self._visit())
        return self.url

    async def stop(self) -> None:
        """Stop listening and cut what hangs; events, arrivals and quotas stay."""
        if self._runner is not None:
            self._closing.set()
            if self._visiting is not None:
                self._visiting.cancel()
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}"

    @property
    def events(self) -> list[Stored]:
        """Every event kept and not deleted, in order of arrival."""
        return list(self._stored.values())

    @property
    def faults(self) -> tuple[Fault, ...]:
        return self._script.faults

    @faults.setter
    def faults(self, faults: Sequence[Fault]) -> None:
        self._script = Script(faults, self._seed)

    async def live(self, n: int = 1, key: str | None = None) -> int:
        """Count `n` requests of somebody else on the Space of `key` (the first); return how many would get 429."""
        limit = (self._spaces[key] if key is not None else next(iter(self._spaces.values()))).track
        now = time.monotonic() + self._epoch
        return 0 if limit is None else sum(not limit.take(now) for _ in range(n))

    async def _visit(self) -> None:
        """Let live traffic come by; a gap too short for the loop's clock is made up for."""
        due = time.monotonic()
        for gap in self._visits.gaps(self._random):
            due += gap
            await asyncio.sleep(max(due - time.monotonic(), 0.0))
            self._visits.hit(await self.live() == 0)

    async def _track(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        latency = draw(self._latency, self._random)
        up = latency * self._random.uniform(0.3, 0.7) if latency else 0.0
        if up and not await self._pause(up):
            return _cut(request)
        response, fault = self._receive(request, raw)
        if fault is None:
            return response if await self._pause(latency - up) else _cut(request)
        rest = latency - up + draw(fault.latency, self._random) + fault.hang
        if not await self._pause(rest) or fault.cuts:
            return _cut(request, fault.garbage)
        return response

    def _receive(self, request: web.Request, raw: bytes) -> tuple[web.Response, Fault | None]:
        """Decide about a track request at once, and record it."""
        at = time.monotonic()
        now = at + self._epoch
        key = _key(request)
        body = _body(request, raw)
        fault, counted = None, False
        space, refusal = self._admit(request, key, now)
        if refusal is None:
            fault = self._script.pick(body)
            counted = fault is None or fault.counts
            response = self._process(request, space, body, fault, now)
        else:
            response = refusal
        status = None if fault is not None and fault.cuts else response.status
        known = space.name if key in self._spaces else None
        label = fault.label if fault is not None else None
        self.arrivals.append(Arrival(at, now, key, known, raw, body, status, counted, label))
        return response, fault

    def _admit(self, request: web.Request, key: str | None, now: float) -> tuple[Space, web.Response | None]:
        """Return the key's Space, and the refusal where key or quota forbid the request."""
        space = self._spaces.get(key or "")
        if key in self._forbidden:
            space = space or self._strangers
            return space, answer.error(request, 403, answer.rate_headers(space.track, now))
        if space is None:
            return self._strangers, answer.error(request, 401, answer.rate_headers(self._strangers.track, now))
        if space.track is not None and space.track.wait(now):
            return space, answer.error(request, 429, answer.rate_headers(space.track, now, refused=True))
        return space, None

    def _process(
        self, request: web.Request, space: Space, body: dict[str, Any] | None, fault: Fault | None, now: float
    ) -> web.Response:
        if space.track is not None and (fault is None or fault.counts):
            space.track.take(now)  # before validation, as a throttle in front of the controller does
        headers = answer.rate_headers(space.track, now)
        if fault is None or fault.accepts:
            found = problems(body)
            if found or body is None:
                return answer.invalid(request, found, headers)
            self._keep(space, body, now)
        if fault is not None and fault.status is not None:
            return answer.scripted(fault.status, fault.body, {**headers, **fault.answer_headers()})
        return answer.queued(headers)

    def _keep(self, space: Space, body: dict[str, Any], now: float) -> None:
        event = space.keep(body, self._numbered + 1, now)
        if event is not None:
            self._numbered += 1
            self._stored[event.id] = event

    def _had(self, space: Space, bodies: Iterable[Mapping[str, Any]]) -> None:
        """Keep what was there before: visible at once, whatever the delay."""
        for number, body in enumerate(bodies, 1):
            if found := problems(dict(body)):
                raise ValueError(f"existing: event {number} is none ({', '.join(found)} missing or not valid)")
            self._keep(space, dict(body), 0.0)

    async def _list(self, request: web.Request) -> web.Response:
        space, headers, refusal = self._enter(request, "read")
        refusal = refusal or await self._fail(request, headers)
        if refusal is not None:
            return refusal
        asked = read_listing(request.query, self._zone)
        if not isinstance(asked, Listing):
            return answer.invalid(request, asked, headers)
        now = time.monotonic() + self._epoch
        asked = replace(asked, per_page=min(asked.per_page, self._page))
        visible = [
            event for event in self.events if event.space == space.name and now - event.received >= self._visibility
        ]
        return answer.json(asked.page(visible, request.url), headers)

    async def _delete(self, request: web.Request) -> web.Response:
        space, headers, refusal = self._enter(request, "delete")
        refusal = refusal or await self._fail(request, headers)
        if refusal is not None:
            return refusal
        event = self._stored.get(request.match_info["id"])
        if event is not None and event.space == space.name:
            del self._stored[event.id]
        return answer.json({"status": 200, "message": "Event deleted."}, headers)

    def _enter(self, request: web.Request, endpoint: str) -> tuple[Space, dict[str, str], web.Response | None]:
        """Return the key's Space, the answer's headers, and the refusal where key or quota forbid it."""
        at = time.monotonic()
        self.reads.append((at, request.method, request.path_qs))
        now = at + self._epoch
        key = _key(request)
        space = self._spaces.get(key or "", self._strangers)
        limit: Quota | None = getattr(space, endpoint)
        status = 403 if key in self._forbidden else 401 if space is self._strangers else 0
        if not status and limit is not None and not limit.take(now):
            status = 429
        headers = answer.rate_headers(limit, now, refused=status == 429)
        return space, headers, answer.error(request, status, headers) if status else None

    async def _fail(self, request: web.Request, headers: dict[str, str]) -> web.Response | None:
        """Go wrong where a fault says so; a fault that accepts has its latency alone."""
        fault = self._read_script.pick(None)
        if fault is None:
            return None
        if not await self._pause(draw(fault.latency, self._random) + fault.hang) or fault.cuts:
            return _cut(request, fault.garbage)
        if fault.status is None:
            return None
        return answer.scripted(fault.status, fault.body, {**headers, **fault.answer_headers()})

    async def _show_arrivals(self, request: web.Request) -> web.Response:
        return answer.json([arrival.public() for arrival in self.arrivals])

    async def _show_events(self, request: web.Request) -> web.Response:
        return answer.json([event.public() for event in self.events])

    async def _pause(self, seconds: float) -> bool:
        """Wait; return False where the sandbox closes meanwhile."""
        if seconds <= 0:
            return True
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return True
        return False


def _space_names(keys: Iterable[str] | Mapping[str, str]) -> dict[str, str]:
    if isinstance(keys, Mapping):
        return dict(keys)
    return {key: f"space-{n}" for n, key in enumerate([keys] if isinstance(keys, str) else keys, 1)}


def _key(request: web.Request) -> str | None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() or None if scheme.lower() == "bearer" else None


def _body(request: web.Request, raw: bytes) -> dict[str, Any] | None:
    """Return the JSON object of a request that says it holds JSON, as Laravel reads bodies; else None."""
    kind = request.headers.get("Content-Type", "").lower()
    if "/json" not in kind and "+json" not in kind:
        return None
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    return body if isinstance(body, dict) else None


def _cut(request: web.Request, garbage: bytes = b"") -> web.Response:
    """End the connection: after `garbage` in good order, without it by a reset. The response reaches nobody."""
    transport = request.transport
    if transport is not None and garbage:
        transport.write(garbage)
        transport.close()
    elif transport is not None:
        linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        transport.abort()
    return web.Response()
