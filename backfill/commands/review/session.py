"""The session: what one person looks at, from the command's start to its end."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backfill.commands.review.answers import Asked, Moved, Refused
from backfill.commands.review.guesses import Guesses
from backfill.commands.review.mapping_text import MappingText
from backfill.commands.review.mending import Mending
from backfill.commands.review.reading import Reading
from backfill.commands.review.totals import FIT, LEFT, MEND
from backfill.commands.review.trial import Trial, outcome
from backfill.commands.review.ways import Question, answer, question_of
from backfill.commands.review.words import KIND_WORDS, money_text, verdict
from backfill.convert import meeting
from backfill.errors import BackfillError, counted
from backfill.mapping import Mapping, load_text
from backfill.mapping.edit import with_setting
from backfill.report.page.masking import veiled
from backfill.report.page.verdict import noun
from backfill.run.options import Options
from backfill.storage.remote.path import here

SEARCHES = 1000  # that are kept: an address must not hold what was searched for


@dataclass
class Session:
    """One person's session over one input."""

    options: Options
    reading: Reading
    guesses: Guesses | None = None  # where no mapping fits
    shows_people: bool = False
    forgets: bool = False  # what an earlier session has mended and kept
    rev: int = 1  # of what was changed: a page that knows an older one must not change anything
    searches: list[str] = field(default_factory=list)
    finished: bool = False
    kept_at: float = 0.0  # when a cell was kept last
    plan: Path | None = None  # that was written
    saved_mapping: Path | None = None
    trial: Trial | None = None
    tried: dict[tuple[int, str], list[str]] = field(default_factory=dict)  # event and field -> what each trial did
    _trials: int = 0
    _mapping_text: MappingText | None = None
    _mending: Mending | None = None

    def take(self) -> None:
        """Read the input, and take up what an earlier session has mended; this runs in a thread of its own."""
        with meeting():
            if self.reading.failed is None:
                self.reading.take()
            if self.reading.done:
                if self.forgets:
                    self.reading.journal.forget()
                self._begin_mending()

    def _begin_mending(self) -> None:
        self.reading.journal.reread()
        mending = Mending(self.reading, self.reading.journal)
        mending.take_up()
        self._mending = mending

    @property
    def question(self) -> Question | None:
        """What the reading lacks, and only a person can say."""
        return question_of(self.reading.failed)

    @property
    def guessing(self) -> Guesses | None:
        """What the file's columns may be, as long as a person is to say it before the file can be read."""
        return self.guesses if self.reading.failed and not self.question else None

    @property
    def asks(self) -> bool:
        """Whether the reading waits for a person."""
        return self.question is not None or self.guessing is not None

    def answer(self, asked: Asked) -> None:
        """Take a person's answer, and open the input anew. Raises Refused."""
        if (guesses := self.guessing) is not None:
            self.read_by(guesses, guesses.choose(asked.sent))
            return
        if (question := self.question) is None:
            raise Refused(409, "There is no question any more; reload the page.")
        value = answer(question.setting, asked.text("value").strip())
        if self.guesses is not None:
            self.read_by(self.guesses, with_setting(self.mapping_text.text, question.setting, value))
        else:
            self._open(self.options.but(**{question.setting: value}))

    def read_by(self, guesses: Guesses, text: str) -> None:
        """Read the input by a draft with what a person has said of it."""
        self._open(self.options, load_text(text, str(guesses.path)))
        self._mapping_text = MappingText.drafted(guesses.path, text)

    def _open(self, options: Options, mapping: Mapping | None = None) -> None:
        try:
            reading = Reading(options, mapping).open()
        except BackfillError as error:
            raise Refused(400, f"{error}.") from None
        self.reading.close()
        self.options, self.reading = options, reading

    def read_again(self, anew: bool = False) -> None:
        """Open the input once more, as it is on disk by now; `anew` without the columns that are kept and not saved."""
        held = self._mapping_text if self.changed_mapping and not anew else None
        self._open(self.options, load_text(held.text, str(held.path)) if held else None)
        self.drop_trial()
        self._mapping_text, self._mending, self.plan, self.forgets = held, None, None, False
        self.rev += 1

    @property
    def ready(self) -> bool:
        """Whether there is something to show."""
        return self._mending is not None

    @property
    def mending(self) -> Mending:
        assert self._mending is not None
        return self._mending

    @property
    def unit(self) -> str:
        """What is counted, where it is about what goes out."""
        return "event" if self.reading.totals.several else self.noun

    @property
    def noun(self) -> str:
        return noun(self.reading.survey.mapping)

    @property
    def mapping_text(self) -> MappingText:
        """The mapping's text as it holds."""
        if self._mapping_text is None:
            self._mapping_text = MappingText.of(self.reading.survey.mapping.origin, self.options.source.files[0])
        return self._mapping_text

    @property
    def changed_mapping(self) -> bool:
        """Whether other columns hold than those that are saved."""
        return self._mapping_text is not None and bool(self._mapping_text.changes)

    @property
    def unsaved_draft(self) -> bool:
        """Whether no command can read the file yet as the page does."""
        return self.guesses is not None and self.saved_mapping is None

    def trial_asked(self, asked: Asked) -> Trial | None:
        """The trial that an address names, while it is there."""
        return self.trial if self.trial and asked.number("try", 0) == self.trial.number else None

    def try_out(self, place: tuple[int, str], what: str, text: str, options: Options, screen: str) -> Trial:
        """Begin to read the input by another text of the mapping. Raises BackfillError where that can't be."""
        self.drop_trial()
        trial = Trial(self._trials + 1, place, what, text, options, screen)
        trial.begin(str(self.mapping_text.path))
        self._trials += 1
        self.trial = trial
        return trial

    def drop_trial(self) -> None:
        """Give up what was tried, and remember what it would have done."""
        if self.trial is not None:
            self._remember(self.trial)
            self.trial.end()
            self.trial = None

    def _remember(self, trial: Trial) -> None:
        if trial.reading.done:
            said = f"{trial.what}: {outcome(trial.reading.totals, self.unit)}"
            known = self.tried.setdefault(trial.place, [])
            known[:] = [one for one in known if one != said] + [said]

    def keep_trial(self) -> None:
        """Let what was tried hold, in place of the reading before; what was mended is judged anew."""
        trial = self.trial
        if trial is None or not trial.reading.done:
            raise Refused(409, "There is nothing to keep: it was put back, or is still being read.")
        self._remember(trial)
        mapping_text, before = self.mapping_text, self.reading
        mapping_text.text = trial.text
        mapping_text.changes.append(trial.what)
        self.options, self.reading, self.trial = trial.options, trial.reading, None
        self.reading.journal.ours = before.journal.ours
        self._begin_mending()
        before.close()
        self.plan = None
        self.rev += 1

    def save_mapping(self) -> None:
        """Write the mapping. Raises Refused and StateError."""
        self.mapping_text.save()
        path = self.saved_mapping = self.mapping_text.path
        words = str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
        self.options = self.options.but(mapping=words)
        self.rev += 1

    def close(self) -> None:
        if self.trial is not None:
            self.trial.end()
        self.reading.close()

    @property
    def mapping_words(self) -> str:
        """What a command line calls the mapping."""
        if self.options.source.mapping:
            return self.options.source.mapping
        held = self._mapping_text
        return held.preset if held and held.preset else self.reading.survey.mapping.origin

    @property
    def file_names(self) -> str:
        names = [here(name).name if name != "-" else "standard input" for name in self.options.source.files]
        return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if names[3:] else "")

    def masked(self, text: str) -> str:
        """A text about a person, as it may be seen now."""
        return text if self.shows_people or not text else veiled(text)

    def top(self) -> dict[str, Any]:
        """What is on every screen."""
        totals, rejected = self.reading.totals, len(self.mending.rows)
        left = totals.orders(MEND)
        fit = money_text(totals.money(*FIT), totals.write) if totals.priced else f"{totals.number(*FIT):,} fit to send"
        every = sum(one.events for one in totals.by.values())
        fields = sum(len(template.fields) for template in self.reading.survey.mapping.events)
        steps = [
            ("columns", "Columns", counted(fields, "field") + " read"),
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
            "verdict": verdict(totals, self.unit),
            "steps": steps,
            "rev": self.rev,
            "write": totals.write,
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
    def mended_file(self) -> str:
        """The file by which what is mended goes out."""
        saved = None if self.mending.journal.unsaved else self.mending.journal.current_file
        return saved.name if saved else "the reject file, once it is saved"

    @property
    def left_out(self) -> str:
        return counted(self.reading.totals.orders(LEFT), self.noun)


def show_people(session: Session, asked: Asked) -> Moved:
    """Show people, or mask them again."""
    session.shows_people = asked.text("show") == "yes"
    return Moved(back_of(asked))


def read_again(session: Session, asked: Asked) -> Moved:
    """Read the input once more."""
    session.check_rev(asked)
    session.read_again()
    return Moved(back_of(asked))


def back_of(asked: Asked) -> str:
    """The screen of ours that the person was on."""
    back = asked.text("back")
    return back if back and back.isascii() and back.partition("?")[0].replace("-", "").isalnum() else "counts"
