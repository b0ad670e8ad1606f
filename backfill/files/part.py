"""A part: one text of the input, opened once and read as often as needed.

A file stays open for the whole run, so one that is renamed or deleted meanwhile is still read; one that is written to
meanwhile is noticed.
"""

import bz2
import gzip
import hashlib
import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, TextIO, cast

import pyarrow as pa

from backfill.errors import SourceError
from backfill.files.workbook import Workbook
from backfill.storage.remote.path import FilePath

if TYPE_CHECKING:
    from backfill.storage.remote.copies import Copy

# OSError: bz2 raises it for damage, and a disk that fails midway means the same to the user.
DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, NotImplementedError, OSError)


def source_of(label: str) -> str:
    """A label in a few letters, for a reject file to say in which files of several a row was."""
    return hashlib.sha256(label.encode(errors="surrogatepass")).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Origin:
    """What to know of a part once it is read: what it is called, where it is, and how its text is written."""

    label: str
    path: FilePath
    encoding: str
    guessed: bool
    errors: str


@dataclass(slots=True)
class Part:
    """One text of the input: a file, or one member of a zip. `label` is what reports call it (a whole path, a URL)."""

    label: str
    path: FilePath  # of the file that holds it; for standard input, of its private copy
    raw: IO[bytes]
    member: zipfile.ZipInfo | None = None
    archive: zipfile.ZipFile | None = None  # that holds the member; its directory is read once
    book: Workbook | None = None  # whose sheet is the text
    copy: "Copy | None" = None  # that was made of a file in a store
    stamp: tuple[int, int] = (0, 0)  # size and modification time when it was first opened
    encoding: str = ""
    guessed: bool = False  # the encoding is a guess
    garbled: int = 0  # bytes of its beginning that are no text, such as what was a byte-order mark once
    typed: bool = False  # its text marks the numbers that were cells of their own type
    errors: str = "surrogateescape"
    size: int = 0  # bytes of the file on disk
    warnings: list[str] = field(default_factory=list)

    @property
    def origin(self) -> Origin:
        return Origin(self.label, self.path, self.encoding, self.guessed, self.errors)

    @contextmanager
    def binary(self) -> Iterator[IO[bytes]]:
        """The text's bytes from their beginning, decompressed. Raises SourceError on a file damaged or changed."""
        self.check_unchanged()
        if self.book is not None:
            text = self.book.sheet.text
            text.seek(0)
            yield text
            return
        self.raw.seek(0)
        with ExitStack() as stack:
            try:
                stream = self._decompressed(stack)
                yield stream
            except DAMAGE as error:
                if "too much memory" in str(error):  # what zstd itself refuses too, unless it is told to
                    raise SourceError(f"{self.label}: packed with --long=28 or more; pack it without --long") from None
                raise SourceError(
                    f"{self.label}: damaged or cut short ({error or type(error).__name__}); export it again"
                ) from None
            except RuntimeError as error:
                if self.member is None or "password" not in str(error):
                    raise
                raise SourceError(f"{self.label}: protected by a password; unpack it first") from None

    def _decompressed(self, stack: ExitStack) -> IO[bytes]:
        magic = self.raw.read(6)
        self.raw.seek(0)
        if self.member is not None and self.archive is not None:
            return stack.enter_context(self.archive.open(self.member))
        if magic.startswith(b"\x1f\x8b"):
            return cast(IO[bytes], stack.enter_context(gzip.GzipFile(fileobj=self.raw)))
        if magic.startswith(b"BZh"):
            return cast(IO[bytes], stack.enter_context(bz2.BZ2File(self.raw)))
        if magic.startswith(b"\xfd7zXZ\x00"):
            return cast(IO[bytes], stack.enter_context(lzma.LZMAFile(self.raw)))
        if magic.startswith(b"\x28\xb5\x2f\xfd"):
            packed = pa.PythonFile(_Unclosable(self.raw), "r")
            return cast(IO[bytes], io.BufferedReader(pa.CompressedInputStream(packed, "zstd")))
        return self.raw

    @contextmanager
    def text(self) -> Iterator[TextIO]:
        """The text, line ends kept. Bytes that are no text in its encoding come as lone surrogates."""
        with self.binary() as stream:
            stream.read(self.garbled)
            wrapper = io.TextIOWrapper(
                cast(IO[bytes], _Unclosable(stream)), encoding=self.encoding, errors=self.errors, newline=""
            )
            try:
                yield wrapper
            finally:
                wrapper.detach()

    def check_unchanged(self) -> None:
        try:
            unchanged = stamp_of(self.raw) == self.stamp and (self.copy is None or self.copy.unchanged)
        except OSError as error:
            raise SourceError(f"{self.label}: {error.strerror}") from None
        if not unchanged:
            raise SourceError(f"{self.label}: changed while it was being read; run again when it is complete")

    def settle(self) -> None:
        """Look once more whether the file is the one that was read; from then on, the copy of one in a store is."""
        if self.copy is not None:
            self.copy.look()
        self.check_unchanged()
        if self.copy is not None:
            self.copy.settled = True

    def position(self) -> int:
        """Bytes of the file on disk consumed so far."""
        if self.book is not None:
            sheet = self.book.sheet
            return self.size * sheet.text.tell() // max(sheet.size, 1)
        return self.raw.tell()


class _Unclosable(io.BufferedIOBase):
    """Lends a stream to a reader that would close it."""

    def __init__(self, stream: IO[bytes]):
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._stream.read(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        return self._stream.read(size)


def stamp_of(raw: IO[bytes]) -> tuple[int, int]:
    status = os.fstat(raw.fileno())
    return status.st_size, status.st_mtime_ns
