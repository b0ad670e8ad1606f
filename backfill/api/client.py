"""One request to the API and its answer; whatever goes wrong is an answer too."""

import json
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import NamedTuple

import aiohttp

from backfill import __version__
from backfill.api.connections import Connections, PermitOver
from backfill.api.pace.permit import Permit
from backfill.api.retry import Meaning, meaning, retry_after
from backfill.api.secret import hide
from backfill.errors import ApiStop, BackfillError
from backfill.storage.handles import crowded, room, too_many

_CONNECT = 10.0  # seconds
_SPARE = 16  # files that may still be opened in addition to the connections
CROWDED = "too many open files"  # a fault of this machine, not of the API
NO_PERMIT = "the permit to send was over"  # nothing left this machine
BODY = 1 << 16  # of an answer, at the most
_PACKED = {"gzip", "x-gzip", "deflate"}
_EITHER = 32 + zlib.MAX_WBITS  # of the two
_GZIP = b"\x1f\x8b"


class Answer(NamedTuple):
    """One attempt's result: an HTTP answer, or status 0 with what went wrong. `lost`: the event may have been taken."""

    status: int
    headers: Mapping[str, str] = MappingProxyType({})
    body: bytes = b""
    lost: bool = False
    fault: str = ""
    key: str = ""  # the API key that was sent: nothing of the answer may show it

    @property
    def unclear(self) -> bool:
        """Whether an event that was sent may have been taken: a server may fail, or be cut off, once it has it."""
        return self.lost or 200 <= self.status < 300 or self.status == 408 or self.status >= 500

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
    session: aiohttp.ClientSession, method: str, url: str, body: bytes | None = None, most: int = BODY
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
            body = _unpacked(await _start_of(response.content, most), headers.get("Content-Encoding", ""), most)
            return Answer(status, headers, body, key=key)
    except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, PermitOver) as error:
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


def _unpacked(body: bytes, encoding: str, most: int) -> bytes:
    """A body as it was before it was packed, if in a way that was asked for. Raises ValueError for half of one.

    aiohttp would do it, and would give no answer at all where it can't.
    """
    if not body or encoding.strip().lower() not in _PACKED:
        return body
    cut = len(body) >= most  # by whoever read it
    made, rest = _member(body, most, cut)
    while rest.startswith(_GZIP) and len(made) < most:  # a file of several, which is one text
        more, rest = _member(rest, most - len(made), cut)
        made += more
    return made


def _member(packed: bytes, most: int, cut: bool) -> tuple[bytes, bytes]:
    """What is packed, at most so much of it, and what is behind it. Raises ValueError for half of one."""
    for way in (_EITHER, -zlib.MAX_WBITS):  # some servers leave out what deflate should begin with
        one = zlib.decompressobj(way)
        try:
            made = one.decompress(packed, most)
        except zlib.error:
            continue
        if not (one.eof or cut or len(made) >= most):
            raise ValueError("cut short")
        return made, one.unused_data
    raise ValueError("not packed as it says")


def _named(error: BaseException) -> str:
    if isinstance(error, PermitOver):
        return NO_PERMIT
    if crowded(error):
        return CROWDED
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return "the host name is not known"
    if isinstance(error, aiohttp.ClientConnectorCertificateError | aiohttp.ClientConnectorSSLError):
        return "the certificate or TLS failed"
    if isinstance(error, aiohttp.ClientConnectorError):
        return "no connection"
    return "no answer in time" if isinstance(error, TimeoutError) else "the connection broke"


def no_more_connections() -> BackfillError:
    """The error that stops a run where CROWDED is the fault: the API has no trouble, and waiting does not help."""
    return too_many("one more connection is needed")


def meaning_of(answer: Answer) -> Meaning:
    if not answer.status:
        return Meaning.AGAIN
    return meaning(answer.status, answer.status != 202 and answer.json is not None)  # a 202 says all without its body


def stop_at(kind: Meaning, answer: Answer, url: str, safe: str = "no row was burnt") -> ApiStop:
    """The error that stops a run where the key or the address is wrong; `safe` says what did not happen."""
    if kind is Meaning.NOT_ALLOWED:
        why = {
            401: "the API key is missing or not valid",
            403: "the API key lacks the permission, or the subscription is inactive",
        }
        cause = why[answer.status]
        return ApiStop(f"HTTP {answer.status}: {cause}; {safe}, the same command goes on with the right key")
    return ApiStop(f"HTTP {answer.status} from {url}: not the API's address (COMETLY_API_URL, --base-url); {safe}")


@asynccontextmanager
async def session_for(
    api_key: str, workers: int, seconds: float, permit: Permit | None = None
) -> AsyncIterator[aiohttp.ClientSession]:
    """Open the connections of so many workers; an attempt counts as lost after so many seconds.

    With a permit no request is written where its time is over.
    """
    headers = {
        "Authorization": f"Bearer {api_key}",
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Accept-Encoding": "gzip, deflate",
        "User-Agent": f"cometly-backfill/{__version__}",
    }
    most = max(1, min(workers, room(workers + _SPARE) - _SPARE))
    limits = aiohttp.ClientTimeout(total=seconds, sock_connect=min(_CONNECT, seconds))
    async with aiohttp.ClientSession(
        headers=headers,
        connector=Connections(most, permit),
        timeout=limits,
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    ) as session:
        yield session
