"""`backfill review`: a check as a local page, for the person who knows the shop. It sends nothing."""

import asyncio
import os
import signal
import sys
import tempfile
import webbrowser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from html import escape
from pathlib import Path

from backfill.commands.review.answers import Refused
from backfill.commands.review.guesses import Drafts, Guesses
from backfill.commands.review.hand_over import ending
from backfill.commands.review.reading import Reading
from backfill.commands.review.server import Server
from backfill.commands.review.session import Session
from backfill.commands.review.totals import MEND
from backfill.console import show
from backfill.errors import BackfillError, Interrupted, UnknownExport, UsageError
from backfill.report.console import Console, terminal
from backfill.run.options import Options
from backfill.run.receipt import is_receipt
from backfill.run.signals import SIGNALS, leaving


@dataclass(frozen=True, slots=True)
class Browsing:
    """How the page is opened."""

    port: int = 0
    opens: bool = True
    unmask: bool = False
    forget: bool = False  # what was mended before and kept


def review(options: Options, browsing: Browsing, drafts: Drafts) -> int:
    """Serve the page until the person ends it; return the exit code, which is that of a check.

    Where no mapping fits, the page is that of a draft.
    """
    console, options = Console(), options.but(command="check")  # as which it reads
    try:
        _refuse_plans(options.source.files)
        with leaving():
            session = _session(options, browsing, drafts)
        try:
            return asyncio.run(_serve(session, browsing, console))
        finally:
            session.close()
    except BackfillError as error:
        console.fail(error)
        return error.exit_code


def _refuse_plans(files: tuple[str, ...]) -> None:
    """Raise UsageError for what names an import and is none of its files."""
    for name in files:
        if is_receipt(name):
            raise UsageError(
                f"{name} is a plan for backfill upload, and no export; review the export that it was written for"
            )
        if name.lower().endswith((".yaml", ".yml")):
            raise UsageError(
                f"{name} is no export; of a plan, review one job's files with its mapping (-m) and its --space"
            )


def _session(options: Options, browsing: Browsing, drafts: Drafts) -> Session:
    """A session over the input, opened; where no mapping fits it, over a draft."""
    try:
        return Session(options, Reading(options).open(), None, browsing.unmask, browsing.forget)
    except UnknownExport as error:
        source = options.source
        if "-" in source.files:  # it has been read
            raise
        guesses = Guesses(*drafts(source.files[0], source.encoding, source.sheet))
        session = Session(options, Reading(options, failed=error), guesses, browsing.unmask, browsing.forget)
    if not guesses.asks:
        try:
            session.read_by(guesses, guesses.draft.text)
        except Refused as refused:
            session.reading.failed, guesses.tried = UsageError(refused.sentence.removesuffix(".")), True
    return session


async def _serve(session: Session, browsing: Browsing, console: Console) -> int:
    server, signals = Server(session), _Signals(session)
    try:
        await server.start(browsing.port)
    except OSError as error:
        raise UsageError(
            f"port {browsing.port} of 127.0.0.1 can't be used ({error.strerror}); leave --port out, or name another"
        ) from None
    with signals.caught(server.ended):
        server.waits = terminal()
        taking = server.begin()
        show(f"The page is at {server.guard.address}  (ctrl-c ends it)")
        with _opened(server, browsing.opens and server.waits and _has_windows()):
            await taking
            if session.guessing and server.waits:
                show("No known export has this file's columns: choose there what they are.")
            elif session.question and server.waits:
                show("It asks one question first: answer it there.")
            await server.ended.wait()
    await server.stop()
    if session.ready:
        show("\n".join(ending(session)))
    if session.reading.failed and not signals.caught_one:
        if session.asks:
            console.warn("this is asked on the page where somebody can answer: run backfill review in a terminal")
        raise session.reading.failed
    if signals.caught_one:
        raise Interrupted(signals.caught_one)
    return 3 if session.reading.totals.orders(MEND) else 0


class _Signals:
    """The signal that ends the session, if one came."""

    def __init__(self, session: Session):
        self._session = session
        self.caught_one = 0

    @contextmanager
    def caught(self, ended: asyncio.Event) -> Iterator[None]:
        loop = asyncio.get_running_loop()

        def end(number: int) -> None:
            self.caught_one = self._session.reading.console.stopped_by = number
            ended.set()

        for number in SIGNALS:
            loop.add_signal_handler(number, end, number)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)
                signal.signal(number, signal.SIG_IGN)  # the end is near, and must not be torn


def _has_windows() -> bool:
    """Whether a browser would open in a window, and not in this terminal."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


@contextmanager
def _opened(server: Server, opens: bool) -> Iterator[None]:
    """Open the browser with a private file that leads to the address: others can see a process's arguments."""
    if not opens:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="backfill-review-") as folder:
        path = Path(folder) / "open.html"
        path.touch(mode=0o600)
        path.write_text(
            f'<meta http-equiv="refresh" content="0; url={escape(server.guard.address)}">', encoding="utf-8"
        )

        async def forget() -> None:
            await server.met.wait()
            with suppress(OSError):
                path.unlink()

        task = asyncio.get_running_loop().create_task(forget())
        with suppress(webbrowser.Error):
            webbrowser.open(path.as_uri())
        yield
        task.cancel()
