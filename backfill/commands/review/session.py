"""The session: what one person looks at, from the command's start to its end."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backfill.commands.review.answers import Asked, Moved, Refused
from backfill.commands.review.mending import Mending
from backfill.commands.review.reading import Reading
from backfill.commands.review.totals import ALREADY, LEFT, MEND, MENDED, READY
from backfill.commands.review.words import KIND_WORDS, money_text, noun, verdict
from backfill.errors import counted
from backfill.report.page.masking import veiled
from backfill.run.options import Options

SEARCHES = 1000  # that are kept: an address must not hold what was searched for


@dataclass
class Session:
    """One person's session over one input."""

    options: Options
    reading: Reading
    shows_people: bool = False
    forgets: bool = False  # what an earlier session has mended and kept
    rev: int = 1  # of what was changed: a page that knows an older one must not change anything
    searches: list[str] = field(default_factory=list)
    finished: bool = False
    kept_at: float = 0.0  # when a cell was kept last
    plan: Path | None = None  # that was written
    changed_mapping: bool = False  # and not saved
    saved_mapping: Path | None = None
    _mending: Mending | None = None

    def take(self) -> None:
        """Read the input, and take up what an earlier session has mended; this runs in a thread of its own."""
        self.reading.take()
        if self.reading.done:
            if self.forgets:
                self.reading.journal.forget()
            mending = Mending(self.reading, self.reading.journal)
            mending.take_up()
            self._mending = mending

    @property
    def ready(self) -> bool:
        """Whether there is something to show."""
        return self._mending is not None

    @property
    def mending(self) -> Mending:
        assert self._mending is not None
        return self._mending

    @property
    def noun(self) -> str:
        return noun(self.reading.survey.mapping)

    @property
    def mapping_words(self) -> str:
        """What a command line calls the mapping."""
        return self.options.source.mapping or self.reading.survey.mapping.origin

    @property
    def file_names(self) -> str:
        names = [Path(name).name if name != "-" else "standard input" for name in self.options.source.files]
        return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if names[3:] else "")

    def masked(self, text: str) -> str:
        """A text about a person, as it may be seen now."""
        return text if self.shows_people or not text else veiled(text)

    def top(self) -> dict[str, Any]:
        """What is on every screen."""
        totals, rejected = self.reading.totals, len(self.mending.rows)
        left = totals.orders(MEND)
        fit = money_text(totals.money(READY, MENDED, ALREADY))
        every = sum(one.events for one in totals.by.values())
        steps = [
            ("counts", "What counts", fit),
            ("orders", "Orders", f"{every:,}, each with its verdict"),
            ("mend", "Mend", f"{left:,} left" if left else "nothing left" if rejected else "nothing to mend"),
            ("hand-over", "Hand over", "the commands to run"),
        ]
        return {
            "session": self,
            "words": KIND_WORDS,
            "files": self.file_names,
            "space": self.options.space.name,
            "noun": self.noun,
            "verdict": verdict(totals, self.noun),
            "steps": steps,
            "rev": self.rev,
            "changed": self.reading.changed,
        }

    def search(self, text: str) -> int:
        """Keep a search; return its number."""
        if text in self.searches:
            return self.searches.index(text) + 1
        if len(self.searches) == SEARCHES:
            self.searches.clear()
        self.searches.append(text)
        return len(self.searches)

    def searched(self, number: int) -> str:
        return self.searches[number - 1] if 0 < number <= len(self.searches) else ""

    def check_rev(self, asked: Asked) -> None:
        """Raise Refused where the page that asks is not the latest."""
        if str(asked.sent.get("rev", "")) != str(self.rev):
            raise Refused(409, "This was changed in another tab. Reload this one.")

    @property
    def left_out(self) -> str:
        return counted(self.reading.totals.orders(LEFT), self.noun)


def show_people(session: Session, asked: Asked) -> Moved:
    """Show people, or mask them again."""
    session.shows_people = asked.text("show") == "yes"
    return Moved(back_of(asked))


def back_of(asked: Asked) -> str:
    """The screen of ours that the person was on."""
    back = asked.text("back")
    return back if back and back.isascii() and back.partition("?")[0].replace("-", "").isalnum() else "counts"
