"""The guard: who may ask the page, and what its answers may do in a browser.

Only this machine reaches it, and there any program and any site that is open in a browser may try: a request needs the
token in its path, our own name in `Host` (a name that was rebound to 127.0.0.1 is another), and, to change anything,
our own `Origin`.
"""

import hmac
import secrets

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

LONGEST_BODY = 1 << 20  # bytes
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # under no-referrer a form's POST would say that its origin is null
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Guard:
    """One server's guard; `port` is known once it listens."""

    def __init__(self) -> None:
        self.token = secrets.token_urlsafe(32)
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/{self.token}/"

    def middleware(self) -> Middleware:
        """What every request goes through, one that leads nowhere too."""

        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            refused = self._refusal(request)
            try:
                answer = refused or await handler(request)
            except web.HTTPException as error:
                answer = web.Response(status=error.status, text=error.reason)
            answer.headers.update(_HEADERS)
            return answer

        return guarded

    def _refusal(self, request: web.Request) -> web.Response | None:
        own = {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        if request.headers.get("Host") not in own:
            return _refused(403, "This page is of this machine alone.")
        given = request.path.split("/")[1]
        if not hmac.compare_digest(given.encode("utf-8", "surrogatepass"), self.token.encode()):
            return _refused(404, "Not the address that backfill printed; each start has another.")
        if request.method not in ("GET", "HEAD", "POST"):
            return _refused(405, "GET and POST are possible.")
        if request.method == "POST":
            site = request.headers.get("Sec-Fetch-Site", "same-origin")
            if request.headers.get("Origin") != f"http://{request.headers['Host']}" or site != "same-origin":
                return _refused(403, "Only the page itself may change anything.")
        return None


def _refused(status: int, sentence: str) -> web.Response:
    return web.Response(status=status, text=sentence)
