"""A trial: the input read once more by a mapping that was changed in one place, and what that does to the whole."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Thread
from typing import Any

from backfill.commands.review.answers import Screen
from backfill.commands.review.reading import Reading
from backfill.commands.review.totals import ALREADY, FIT, LEFT, MEND, Totals
from backfill.commands.review.words import money_text
from backfill.convert import meeting
from backfill.errors import BackfillError, counted
from backfill.mapping import load_text
from backfill.run.options import Options
from backfill.run.signals import SIGNALS

Place = tuple[int, str]  # an event and its field, or -1 and a setting


@dataclass
class Trial:
    """One. It reads in a thread of its own, and holds nothing until it is kept."""

    number: int
    place: Place
    what: str  # in words
    text: str  # of the mapping
    options: Options
    screen: str  # of ours, where it was asked for
    reading: Reading = field(init=False)
    _thread: Thread = field(init=False)

    def begin(self, origin: str) -> None:
        """Begin to read. Raises BackfillError for a mapping or a file that can't be used."""
        self.reading = Reading(self.options, load_text(self.text, origin)).open()
        self._thread = Thread(target=self._take, daemon=True)
        self._thread.start()

    def _take(self) -> None:
        try:
            with meeting():
                self.reading.take()
        except Exception as error:  # a thread has nobody to raise it to
            self.reading.failed = BackfillError(f"a bug: {type(error).__name__}; please report it")

    @property
    def ended(self) -> bool:
        return self.reading.done or self.reading.failed is not None

    def end(self) -> None:
        """Give it up."""
        self.reading.console.stopped_by = self.reading.console.stopped_by or SIGNALS[0]
        self._thread.join()
        self.reading.close()


@dataclass(frozen=True, slots=True)
class Shown:
    """What a screen shows: the reading that holds, or that of a trial which it was asked for."""

    reading: Reading
    trial: Trial | None = None
    failed: str = ""  # why the trial can't be
    effect: tuple[str, ...] = ()

    @property
    def bar(self) -> dict[str, Any]:
        """What the page says of the trial."""
        return {"trial": self.trial, "failed": self.failed, "effect": self.effect}


def shown_by(trial: Trial | None, reading: Reading, noun: str) -> Shown | Screen:
    """What to show, or the page to wait on while the trial is being read."""
    if trial is None:
        return Shown(reading)
    if not trial.ended:
        console = trial.reading.console
        share = min(99, console.read * 100 // console.size) if console.size else 0
        return Screen("trial_reading.html", {"trial": trial, "share": share})
    if trial.reading.failed:
        return Shown(reading, trial, str(trial.reading.failed))
    return Shown(trial.reading, trial, effect=tuple(effect(reading.totals, trial.reading.totals, noun)))


def outcome(now: Totals, noun: str) -> str:
    """What a change comes to, in few words."""
    worth = f", {money_text(now.money(*FIT), now.write)}" if now.priced else ""
    return f"{counted(now.number(*FIT), noun)} fit to send{worth}"


def effect(was: Totals, now: Totals, noun: str) -> Iterator[str]:
    """What a change does to the sums, in sentences."""
    before, after = was.number(*FIT), now.number(*FIT)
    moved = f"stays {counted(after, noun)}" if before == after else f"goes from {before:,} to {counted(after, noun)}"
    worth = f"; {_worth(was, now, before == after)}" if was.priced or now.priced else ""
    yield f"Fit to send {moved}{worth}."
    for kind, what in ((MEND, "To mend"), (LEFT, "Left out"), (ALREADY, "Already sent")):
        before, after = (one.orders(kind) if kind == LEFT else one.number(kind) for one in (was, now))
        if before != after:
            yield f"{what} goes from {before:,} to {after:,}."
    if was.number(ALREADY) > now.number(ALREADY):
        yield "What is no longer “already sent” would be sent once more, under another id."


def _worth(was: Totals, now: Totals, same: bool) -> str:
    before, after = (money_text(one.money(*FIT), one.write) for one in (was, now))
    if was.money(*FIT) == now.money(*FIT):
        return f"their sum stays {after}" if same else f"their sum is {after} as before"
    return f"their sum goes from {before} to {after}"
