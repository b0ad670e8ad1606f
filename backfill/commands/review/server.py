"""The server: the session's screens over HTTP, on this machine alone, until the person or a signal ends it."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from logging import getLogger
from typing import Any

from aiohttp import web

from backfill.commands.review import columns, counts, hand_over, mend, orders
from backfill.commands.review.answers import Answer, Asked, Moved, Refused, Screen
from backfill.commands.review.guard import LONGEST_BODY, Guard
from backfill.commands.review.pages import ASSETS, asset, html
from backfill.commands.review.session import Session, read_again, show_people
from backfill.errors import BackfillError, place_of

Shows = Callable[[Session, Asked], Answer]

FIRST = "columns"
_LAST = 0.5  # seconds
_LOOKED = 3.0  # in which a page that is open already shows why it can't go on
SCREENS: dict[str, Shows] = {
    "columns": columns.screen,
    "counts": counts.screen,
    "orders": orders.screen,
    "orders/*": orders.one,
    "mend": mend.screen,
    "mend/*": mend.one,
    "cell/*": mend.reveal,
    "hand-over": hand_over.screen,
}
ACTS: dict[str, Shows] = {
    "people": show_people,
    "columns": columns.change,
    "counts": counts.change,
    "columns/keep": columns.keep,
    "columns/back": columns.put_back,
    "mapping": columns.save,
    "mapping/other": columns.save_other,
    "mapping/again": columns.read_anew,
    "again": read_again,
    "orders/find": orders.find,
    "mend/alike": mend.alike,
    "mend/save": mend.save,
    "mend/drop": mend.drop,
    "mend/*": mend.change,
    "plan": hand_over.write_plan,
    "finish": hand_over.finish,
}


class Server:
    """One session's server."""

    def __init__(self, session: Session):
        self.session = session
        self.guard = Guard()
        self.ended = asyncio.Event()
        self.met = asyncio.Event()  # somebody has opened the page
        self.waits = False  # somebody is at the terminal, and will open the page if no browser does
        application = web.Application(client_max_size=LONGEST_BODY, middlewares=[self.guard.middleware()])
        application.router.add_route("*", "/{place:.*}", self._answer)
        quiet = getLogger(__name__)  # what is no HTTP gets its 400, and says nothing in the terminal
        quiet.disabled = True
        self._runner = web.AppRunner(application, access_log=None, logger=quiet)

    async def start(self, port: int) -> None:
        """Listen. Raises OSError where the port can't be used."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.guard.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._runner.cleanup(), 5)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.met.set()
        place = tuple(request.path.split("/")[2:])
        if request.method != "POST" and len(place) == 2 and place[0] == "assets":
            return _asset(place[1])
        scripted = request.headers.get("Accept", "").startswith("application/json")
        try:
            if not self.session.ready and request.method == "POST" and place == ("answer",):
                self._answered(await _sent(request))
                return self._moved(FIRST)
            if not self.session.ready:
                return self._not_yet(place, scripted)
            if request.method == "POST":
                return self._response(self._acted(place, await _sent(request)), place, scripted)
            return self._response(self._shown(place, request), place, scripted)
        except Refused as error:
            if not self.session.ready and not scripted:
                return self._not_yet(place, scripted, error.sentence)
            return self._refused(error, place, scripted)
        except BackfillError as error:
            return self._refused(Refused(500, str(error)), place, scripted)
        except web.HTTPException:  # the body is too long
            raise
        except Exception as error:  # the page goes on, and what was kept is safe
            bug = f"a bug: {type(error).__name__} at {place_of(error)}; please report it"
            self.session.reading.console.fail(BackfillError(f"{bug} ({'/'.join(place)})"))
            return web.Response(status=500, text=f"This is {bug}. What was kept or saved is safe; go back.")

    def _response(self, answer: Answer, place: tuple[str, ...], scripted: bool) -> web.Response:
        if isinstance(answer, Screen):
            if not answer.template:
                return web.json_response(answer.values)
            return _page(html(answer, self._top(place)))
        if scripted:
            return web.json_response(answer.found)
        return self._moved(answer.place)

    def _moved(self, place: str) -> web.Response:
        return web.Response(status=303, headers={"Location": f"/{self.guard.token}/{place}"})

    def _answered(self, sent: dict[str, Any]) -> None:
        """Read the input by what a person has said of it."""
        self.session.answer(Asked((), {}, sent))
        self.begin()

    def begin(self) -> asyncio.Future[None]:
        """Read the input; where that fails and nobody can help it, the session ends once that was to be seen."""
        loop = asyncio.get_running_loop()
        taking = loop.run_in_executor(None, self.session.take)

        def look(taken: asyncio.Future[None]) -> None:
            if not taken.cancelled() and (error := taken.exception()) is not None:
                bug = f"a bug: {type(error).__name__}; please report it"
                self.session.reading.failed = self.session.reading.failed or BackfillError(bug)
            failed = self.session.reading.failed
            if failed and not (self.session.asks and (self.waits or self.met.is_set())):
                loop.call_later(_LOOKED if self.met.is_set() else 0, self.ended.set)

        taking.add_done_callback(look)
        return taking

    def _shown(self, place: tuple[str, ...], request: web.Request) -> Answer:
        if place == ("",):
            return Moved(FIRST)
        show = SCREENS.get("/".join(place)) or (SCREENS.get(f"{place[0]}/*") if len(place) == 2 else None)
        if show is None:
            raise Refused(404, "There is no such page.")
        return show(self.session, Asked(place, dict(request.query)))

    def _acted(self, place: tuple[str, ...], sent: dict[str, Any]) -> Answer:
        act = ACTS.get("/".join(place)) or (ACTS.get(f"{place[0]}/*") if len(place) == 2 else None)
        if act is None:
            raise Refused(404, "There is nothing of this name to do.")
        answer = act(self.session, Asked(place, {}, sent))
        if not self.session.ready:  # it is to be read again
            self.begin()
        if self.session.finished:  # once the last page has its style
            asyncio.get_running_loop().call_later(_LAST, self.ended.set)
        return answer

    def _not_yet(self, place: tuple[str, ...], scripted: bool, refused: str = "") -> web.Response:
        """The page while the input is read, or of what stopped that; it loads itself again."""
        reading = self.session.reading
        if scripted:
            return web.json_response({"sentence": "The file is still being read."}, status=503)
        console = reading.console
        values = {
            "root": "../" * (len(place) - 1),
            "files": self.session.file_names,
            "space": self.session.options.space.name,
            "share": min(99, console.read * 100 // console.size) if console.size else 0,
            "listed": reading.index.filled,
            "failed": str(reading.failed) if reading.failed else "",
            "question": self.session.question,
            "refused": refused,
            "guesses": self.session.guessing,
        }
        return _page(html(Screen("guesses.html" if self.session.guessing else "reading.html", {}), values))

    def _top(self, place: tuple[str, ...]) -> dict[str, Any]:
        """What all pages have; links lead from a place one or two steps below the token."""
        return {"root": "../" * (len(place) - 1), **self.session.top()}

    def _refused(self, error: Refused, place: tuple[str, ...], scripted: bool) -> web.Response:
        if scripted:
            return web.json_response({"sentence": error.sentence}, status=error.status)
        page = html(Screen("refused.html", {"sentence": error.sentence, "ways": error.ways}), self._top(place))
        return _page(page, error.status)


def _page(content: bytes, status: int = 200) -> web.Response:
    return web.Response(body=content, content_type="text/html", charset="utf-8", status=status)


def _asset(name: str) -> web.Response:
    content = asset(name)
    if content is None:
        return web.Response(status=404)
    return web.Response(body=content, content_type=ASSETS[name], charset="utf-8")


async def _sent(request: web.Request) -> dict[str, Any]:
    """What was sent: a form's fields, of which those that come several times are lists, or a JSON object."""
    if request.content_type == "application/json":
        try:
            found = json.loads(await request.text())
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise Refused(400, "What was sent is no JSON object.")
        return found
    if request.content_type != "application/x-www-form-urlencoded":
        raise Refused(400, "A form or JSON is possible.")
    form = await request.post()
    return {name: form.getall(name) if len(form.getall(name)) > 1 else form[name] for name in form}
