"""An answer of the sandbox, in the shapes of a Laravel API."""

import math
from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web

from .quota import Quota

QUEUED = b'{"status":202,"message":"Event queued for processing."}'
MESSAGES = {
    401: "Unauthenticated.",
    403: "This action is unauthorized.",
    404: "Not Difference",
    429: "Too Many Attempts.",
    500: "Server Error",
    503: "Service Unavailable",
}
_PLACES = {401: "/login", 422: "/"}  # where Laravel sends a browser instead of an error


def queued(headers: dict[str, str]) -> web.Response:
    return web.Response(body=QUEUED, status=202, headers=headers, content_type="application/json")


def json(payload: object, headers: dict[str, str] | None = None, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(payload), status=status, headers=headers, content_type="application/json")


def error(request: web.Request, status: int, headers: dict[str, str], message: str | None = None) -> web.Response:
    """Return an error as JSON to who asked for JSON, as a page or a redirect to who did not."""
    text = message or MESSAGES.get(status, "Error")
    if wants_json(request):
        return json({"message": text}, headers, status)
    return _page(status, headers, text)


def invalid(request: web.Request, found: Mapping[str, list[str]], headers: dict[str, str]) -> web.Response:
    """Return 422 with every problem: {"message": the first (and how many more), "errors": {field: sentences}}."""
    sentences = [sentence for each in found.values() for sentence in each]
    more = len(sentences) - 1
    message = sentences[0] + (f" (and {more} more error{'s' * (more > 1)})" if more else "")
    if wants_json(request):
        return json({"message": message, "errors": found}, headers, 422)
    return _page(422, headers, message)


def scripted(status: int, body: str | bytes | Mapping[str, Any] | None, headers: dict[str, str]) -> web.Response:
    """Return what a fault says; no body is the status's usual one, text and bytes are HTML unless `headers` differ."""
    kind = "application/json"
    if body is None:
        body = QUEUED if status == 202 else orjson.dumps({"message": MESSAGES.get(status, "Error")})
    elif isinstance(body, str | bytes):
        kind, body = "text/html", body.encode() if isinstance(body, str) else body
    else:
        body = orjson.dumps(dict(body))
    if not any(name.lower() == "content-type" for name in headers):
        headers = {**headers, "Content-Type": kind}
    return web.Response(body=body, status=status, headers=headers)


def rate_headers(quota: Quota | None, now: float, *, refused: bool = False) -> dict[str, str]:
    """Return the limit's headers; `refused` adds when to come again, in whole seconds rounded up. `now` is Unix time.

    Laravel itself rounds either way; a client that obeys this one to the letter gets through.
    """
    if quota is None:
        return {}
    headers = {"X-RateLimit-Limit": str(quota.limit), "X-RateLimit-Remaining": str(quota.remaining(now))}
    if refused:
        wait = math.ceil(quota.wait(now))
        headers |= {"Retry-After": str(wait), "X-RateLimit-Reset": str(math.ceil(now) + wait)}
    return headers


def wants_json(request: web.Request) -> bool:
    """Say whether the first type that `Accept` names is a JSON one, as Laravel decides it."""
    first = request.headers.get("Accept", "").split(",", 1)[0].lower()
    return "/json" in first or "+json" in first


def _page(status: int, headers: dict[str, str], text: str) -> web.Response:
    place = _PLACES.get(status)
    if place is not None:
        status, headers, text = 302, {**headers, "Location": place}, f"Redirecting to {place}"
    page = f"<!DOCTYPE html><html><head><title>{text}</title></head><body>{text}</body></html>"
    return web.Response(text=page, status=status, headers=headers, content_type="text/html")
