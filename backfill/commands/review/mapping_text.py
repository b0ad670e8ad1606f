"""The mapping's text: where it comes from, as it is by now, and where it is saved."""

from dataclasses import dataclass, field
from pathlib import Path
from textwrap import wrap

from backfill.commands.review.answers import Refused, Way
from backfill.errors import StateError
from backfill.files.formats import COMPRESSED
from backfill.mapping import preset_text, presets
from backfill.mapping.edit import without
from backfill.mapping.yaml_nodes import read_text
from backfill.storage import outputs
from backfill.storage.outputs import takes_files
from backfill.storage.remote.path import here

_WIDTH = 110  # of a comment
_SCHEMA = "# yaml-language-server:"  # its file is next to the presets, not next to a copy


@dataclass(slots=True)
class MappingText:
    """One mapping's text. A preset's goes into a file of its own, a file's back into that."""

    path: Path
    text: str
    preset: str = ""
    on_disk: str | None = None  # what the file has, where it is ours to write
    changes: list[str] = field(default_factory=list)  # in words, of what is not saved

    @classmethod
    def of(cls, origin: str, input_name: str) -> "MappingText":
        """That of a preset or a file. Raises MappingError where the file can't be read any more."""
        if origin not in presets():
            path = Path(origin)
            text = read_text(path, origin, "mapping")
            return cls(path, text, on_disk=text)
        bare = without(preset_text(origin), "tests")  # examples of the preset, which this will be no more
        lines = [line for line in bare.splitlines(keepends=True) if not line.startswith(_SCHEMA)]
        return cls(_free(_named(input_name)), "".join(lines), preset=origin)

    @classmethod
    def drafted(cls, path: Path, text: str) -> "MappingText":
        """That of a draft, which no file has yet."""
        return cls(path, text, changes=["drafted from the file"])

    @property
    def kept(self) -> str:
        """The text as it is written."""
        if not self.preset or self.on_disk is not None:
            return self.text
        said = (
            f"The preset {self.preset}, changed in a review: {'; '.join(self.changes)}. Its name stays: by a mapping's "
            "name a ledger knows how keys were made."
        )
        return "".join(f"# {line}\n" for line in wrap(said, _WIDTH, break_on_hyphens=False)) + f"\n{self.text}"

    def take_other_name(self) -> None:
        """Let it go into a file that nothing is in yet."""
        self.path, self.on_disk = _free(self.path), None

    def save(self) -> None:
        """Write it. Raises Refused where the file is not what was read, and StateError."""
        text = self.kept
        try:
            there = self.path.read_text(encoding="utf-8-sig") if self.path.exists() else None
            if there != self.on_disk:
                sentence = f"{self.path.name} is not what it was when it was read; it is left as it is."
                other = Way("mapping/other", f"Save as {_free(self.path).name}", "the commands name that file then")
                again = Way("mapping/again", "Read it again", "the columns that you chose here are to be chosen anew")
                raise Refused(409, sentence, other, *([again] if there is not None else []))
            outputs.rewrite(self.path, lambda file: file.write(text.encode()))
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or error
            raise StateError(f"{self.path.name} can't be written ({why}); nothing else is lost") from None
        self.text = self.on_disk = text
        self.changes = []


def _named(input_name: str) -> Path:
    """A mapping's file next to the input, under the input's name."""
    given = here("stdin" if input_name == "-" else input_name).absolute()
    stem = Path(given.name)
    while stem.suffix.lower() in COMPRESSED:
        stem = Path(stem.stem)
    folder = given.parent if takes_files(given.parent) else Path.cwd()
    return folder / f"{stem.stem}.yaml"


def _free(path: Path) -> Path:
    """The path, or the next to it that nothing has."""
    found, number = path, 1
    while found.exists():
        number += 1
        found = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return found
