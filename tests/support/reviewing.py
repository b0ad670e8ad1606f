"""A review: the real command with its page, asked as a browser asks."""

import fcntl
import http.client
import json
import os
import pty
import re
import signal
import struct
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from place import Place
from warm import Started


@dataclass(frozen=True)
class Got:
    """An answer."""

    status: int
    text: str
    headers: dict[str, str]

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.text))

    @property
    def words(self) -> str:
        """What a person reads of it."""
        return " ".join(re.sub(r"<[^>]*>", " ", self.text.partition("<body>")[2]).split())


@dataclass
class Review:
    """A page that is served. Requests are a browser's on that page, unless a test says otherwise."""

    process: Any
    url: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).netloc

    def ask(self, method: str, path: str, body: str | None = None, **headers: str | None) -> Got:
        """Ask for a path below the host; a header that is None is left out."""
        connection = http.client.HTTPConnection(self.host, timeout=60)
        given = {"Host": self.host, **{name.replace("_", "-"): value for name, value in headers.items()}}
        connection.request(method, path, body, {name: value for name, value in given.items() if value is not None})
        answer = connection.getresponse()
        got = Got(answer.status, answer.read().decode(), {k.lower(): v for k, v in answer.getheaders()})
        connection.close()
        return got

    def get(self, place: str) -> Got:
        return self.ask("GET", f"{urlsplit(self.url).path}{place}")

    def post(self, place: str, **sent: str) -> Got:
        """Send a form, and go where its answer leads."""
        form = {"Content_Type": "application/x-www-form-urlencoded", "Origin": f"http://{self.host}"}
        got = self.ask("POST", f"{urlsplit(self.url).path}{place}", urlencode(sent), **form)
        return self.ask("GET", got.headers["location"]) if got.status == 303 else got

    def read(self, place: str) -> Got:
        """Get a page once the input is read."""
        return self.once(place, lambda got: "Reading" not in got.text[:800])

    def once(self, place: str, done: Callable[[Got], bool]) -> Got:
        """Get a page once it is done. To ask all the time would take the processor from what does it."""
        while not done(got := self.get(place)):
            time.sleep(0.02)
        return got

    def send(self, place: str, **sent: Any) -> Got:
        """Send what the script sends."""
        headers = {"Content_Type": "application/json", "Accept": "application/json", "Origin": f"http://{self.host}"}
        return self.ask("POST", f"{urlsplit(self.url).path}{place}", json.dumps(sent), **headers)

    def end(self, signum: int | None = signal.SIGINT) -> tuple[int, str, str]:
        """End the command, by a signal unless it ends by itself; return its exit code and what it printed."""
        if signum is not None:
            self.process.send_signal(signum)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


class Screen:
    """A terminal of so many columns, read as a pipe is."""

    def __init__(self, width: int):
        self._ours, self.theirs = pty.openpty()
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))

    def begin(self) -> Any:
        os.close(self.theirs)
        return self

    def read(self, until: bytes = b"") -> str:
        seen = b""
        with suppress(OSError):  # which is how a terminal ends
            while not until or until not in seen:
                seen += os.read(self._ours, 4096)
        return seen.decode().replace("\r\n", "\n")

    def readline(self) -> str:
        return self.read(b"\n")

    def close(self) -> None:
        os.close(self._ours)


@contextmanager
def reviewed(place: Place, *words: str, width: int = 0, terminal: bool = False) -> Iterator[Review]:
    """Serve the page of a file until the body ends; it is read before the body begins, unless that waits for it.

    With a width, its output is a terminal of so many columns; on a `terminal`, the rest is.
    """
    screen = Screen(width) if width else None
    ours, theirs = pty.openpty() if terminal else (-1, -1)
    streams = {"stdin": theirs, "stderr": theirs} if terminal else {}
    streams |= {"stdout": screen.theirs} if screen else {}
    process = place.start("review", *words, "--no-browser", "--state", str(place.folder / "state"), **streams)
    if screen:
        process.stdout = screen.begin()
    assert isinstance(process, Started) or process.stdout
    line = process.stdout.readline()
    try:
        found = re.search(r"http://\S+", line)
        assert found, line + ("" if terminal else process.stderr.read())
        review = Review(process, found[0])
        review.read("counts")
        yield review
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        for one in (ours, theirs) if terminal else ():
            os.close(one)
