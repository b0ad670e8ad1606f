"""Place: where a reject file goes, under which name, and to whom the files belong that are there already."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from backfill.files.book import Book
from backfill.files.format import Format, Layout
from backfill.files.formats import BY_SUFFIX, COMPRESSED
from backfill.files.marks import MARKS
from backfill.files.own_outputs import is_ours
from backfill.files.part import Origin
from backfill.files.rejects import NUMBERED, Rejects, next_path
from backfill.files.xlsx import XLSX
from backfill.storage import outputs
from backfill.storage.outputs import takes_files
from backfill.storage.remote.opened import opened
from backfill.storage.remote.path import FilePath, file_path

_BEGINNING = 1 << 16  # bytes in which the marks begin; the last keys of a first JSON line
_NAME = 255  # bytes of a file's name that any system takes
_NUMBERS = len("-9999")


def _fitting(folder: FilePath, stem: str, end: str) -> FilePath:
    """A path of that name; of a name too long for the folder, as much as leaves room for a number too."""
    room = _NAME
    with suppress(AttributeError, OSError, ValueError):
        if isinstance(folder, Path):
            room = os.pathconf(folder, "PC_NAME_MAX")
    room -= len(end) + _NUMBERS
    while len(os.fsencode(stem)) > room:
        stem = stem[:-1]
    return folder / f"{stem}{end}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where rejects or gaps without a path of their own go: the input's folder, under the input's name.

    In a store, no file is ever replaced.
    """

    first: FilePath
    inputs: tuple[FilePath, ...]
    state: Path

    @classmethod
    def next_to(
        cls, name: str, form: Format, state: Path, inputs: Sequence[FilePath] = (), kind: str = "rejects"
    ) -> "Place":
        """Of an input by this name; a reject file's own rejects continue the numbering."""
        given = file_path("stdin" if name == "-" else name).absolute()
        folder = given.parent if name != "-" and takes_files(given.parent) else Path.cwd()
        stem, suffix = given.name, ""
        while Path(stem).suffix.lower() in COMPRESSED:
            stem = Path(stem).stem
        if Path(stem).suffix.lower() in BY_SUFFIX:
            stem, suffix = Path(stem).stem, Path(stem).suffix
        if not suffix or (suffix.lower() in XLSX.suffixes and form is not XLSX):
            suffix = form.suffixes[0]
        path = folder / f"{stem}{suffix}"
        own = NUMBERED.fullmatch(stem)
        first = next_path(path) if own and own[1].endswith(kind) else _fitting(folder, stem, f".{kind}{suffix}")
        return cls(first, tuple(inputs), state)

    def put(
        self,
        rejects: Rejects,
        origins: Sequence[Origin],
        layouts: list[Layout],
        checked: bool,
        warn: Callable[[str], None],
    ) -> FilePath:
        """Write the rejects; return their file's path. What was there before is left alone, but for a check's own.

        Where the last file has these rows and keys already, that is the one, whatever was mended in it since. `checked`
        says that nothing was sent: the next run may replace the file while nobody has changed it. Where a store does
        not take the file, it goes to the working folder, with a warning.
        """
        try:
            return self._put(rejects, origins, layouts, checked)
        except OSError as error:
            if isinstance(self.first, Path):
                raise
            warn(f"{self.first}: {error.strerror}; the file goes to the current folder")
            return replace(self, first=Path.cwd() / self.first.name)._put(rejects, origins, layouts, checked)

    def _put(self, rejects: Rejects, origins: Sequence[Origin], layouts: list[Layout], checked: bool) -> FilePath:
        digest, there = rejects.digest(origins), list(self._there())
        with Book.opened(self.state) as book:
            last = there[-1] if there else None
            same = last is not None and not self._is_input(last) and book.digest(last) == digest and _has_marks(last)
            free = [path for path in there if book.free(path) and not self._is_input(path)]
            path = last if same and last is not None else free[0] if free else self.first
            if same and path not in free:
                return path
            if path in free and book.own(path, checked=False):  # first, so that no upload's file is ever taken for free
                rejects.write(path, origins, layouts, replace=True)
            else:
                path = rejects.write(path, origins, layouts, replace=False)
            book.own(path, checked, digest)
        return path

    def keep(self, content: outputs.Content, digest: str) -> FilePath:
        """Write rejects that a person has mended into a file of theirs; return its path. `digest` is of all rejects.

        It takes the place of one that a check wrote and nobody has changed; no later run replaces it, and one that has
        the same rejects names it.
        """
        with Book.opened(self.state) as book:
            free = [path for path in self._there() if book.free(path) and not self._is_input(path)]
            if free and book.own(free[0], checked=False):
                path = outputs.replace(free[0], content)
            else:
                path = outputs.add(self.first, content, next_path)
            book.own(path, checked=False, digest=digest)
        return path

    def _there(self) -> Iterator[FilePath]:
        path = self.first
        while outputs.there(path):
            yield path
            path = next_path(path)

    def _is_input(self, path: FilePath) -> bool:
        return any(outputs.same_file(path, one) for one in self.inputs)


def _has_marks(path: FilePath) -> bool:
    """Whether a file still begins as a reject file does, in whatever encoding a person has saved it."""
    if path.suffix.lower() in XLSX.suffixes:
        return is_ours(path)
    with opened(path) as file:
        return MARKS[0].encode() in file.read(_BEGINNING).replace(b"\0", b"")


def release(paths: Sequence[FilePath], state: Path) -> None:
    """Note that files were uploaded, or are to be: from now on they are nobody's to replace."""
    if not any(map(Book.seen(state).free, paths)):
        return
    with Book.opened(state) as book:
        for path in paths:
            if book.free(path):
                book.own(path, checked=False)
