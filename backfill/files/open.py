"""The input's files, plain, compressed, zipped or standard input: opened once, read as often as needed.

A file stays open for the whole run, so one that is renamed or deleted meanwhile is still read; one that is written to
meanwhile is noticed. The first bytes decide what a file is; its name only says which format its text has.
"""

import bz2
import gzip
import io
import lzma
import os
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TextIO, cast

from backfill.errors import SourceError, shown
from backfill.files.format import Format
from backfill.files.formats import BY_SUFFIX
from backfill.files.other_kinds import ARCHIVES
from backfill.files.zstd import ZstdError, open_zstd
from backfill.mapping.yaml_nodes import nearest_file
from backfill.storage.scratch import state_errors

COMPRESSED = {".gz", ".bz2", ".xz", ".zst", ".zip"}
*_FIRST, _LAST = BY_SUFFIX
NAMES = f"a {', '.join(_FIRST)} or {_LAST}, plain or as .gz, .bz2, .xz, .zst or .zip"

# OSError: bz2 raises it for damage, and a disk that fails midway means the same to the user.
_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, ZstdError, NotImplementedError, OSError)
_LITTER = {"thumbs.db", "desktop.ini", "ehthumbs.db"}
_LEAFLETS = {"readme", "license", "licence"}


@dataclass(frozen=True, slots=True)
class Origin:
    """What to know of a part once it is read: what it is called, where it is, and how its text is written."""

    label: str
    path: Path
    encoding: str
    guessed: bool
    errors: str


@dataclass(slots=True)
class Part:
    """One text of the input: a file, or one member of a zip. `label` is what reports call it (an absolute path)."""

    label: str
    path: Path  # of the file that holds it; for standard input, of its private copy
    raw: IO[bytes]
    member: zipfile.ZipInfo | None = None
    archive: zipfile.ZipFile | None = None  # that holds the member; its directory is read once
    stamp: tuple[int, int] = (0, 0)  # size and modification time when it was first opened
    encoding: str = ""
    guessed: bool = False  # the encoding is a guess
    garbled: int = 0  # bytes of its beginning that were a byte-order mark once
    errors: str = "surrogateescape"
    size: int = 0  # bytes of the file on disk
    warnings: list[str] = field(default_factory=list)

    @property
    def format(self) -> Format | None:
        """What the name says, or None where it says nothing."""
        suffixes = [s.lower() for s in Path(self.member.filename if self.member else self.path.name).suffixes]
        while suffixes and suffixes[-1] in COMPRESSED:
            suffixes.pop()
        return BY_SUFFIX.get(suffixes[-1]) if suffixes else None

    @property
    def origin(self) -> Origin:
        return Origin(self.label, self.path, self.encoding, self.guessed, self.errors)

    @contextmanager
    def binary(self) -> Iterator[IO[bytes]]:
        """The text's bytes from their beginning, decompressed. Raises SourceError on a file damaged or changed."""
        self.check_unchanged()
        self.raw.seek(0)
        with ExitStack() as stack:
            try:
                stream = self._decompressed(stack)
                yield stream
            except _DAMAGE as error:
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
            return open_zstd(self.raw)
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
        if _stamp(self.raw) != self.stamp:
            raise SourceError(f"{self.label}: changed while it was being read; run again when it is complete")

    def position(self) -> int:
        """Bytes of the file on disk consumed so far."""
        return self.raw.tell()


class _Unclosable(io.BufferedIOBase):
    """Lends a stream to a text wrapper, which would close it."""

    def __init__(self, stream: IO[bytes]):
        self._stream = stream

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._stream.read(-1 if size is None else size)

    def read1(self, size: int = -1, /) -> bytes:
        return self._stream.read(size)


def _stamp(raw: IO[bytes]) -> tuple[int, int]:
    status = os.fstat(raw.fileno())
    return status.st_size, status.st_mtime_ns


@contextmanager
def open_parts(names: list[str]) -> Iterator[list[Part]]:
    """Open every file, standard input as `-`. Raises SourceError for what is no export."""
    with ExitStack() as stack:
        parts: list[Part] = []
        for name in names:
            parts += _open(name, stack)
        seen: set[tuple[str, str | None]] = set()
        for part in parts:
            mark = (os.path.realpath(part.path), part.member.filename if part.member else None)
            if mark in seen:
                raise SourceError(f"{part.label}: named twice in one input")
            seen.add(mark)
        yield parts


def _open(name: str, stack: ExitStack) -> list[Part]:
    if name == "-":
        if sys.stdin is None:
            raise SourceError("standard input: closed; name a file")
        with state_errors():
            copy = stack.enter_context(tempfile.NamedTemporaryFile(prefix="backfill-stdin-"))  # noqa: SIM115 (the stack closes it)
            with Path(copy.name).open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
        path, label, raw = Path(copy.name), "standard input", cast(IO[bytes], copy)
    else:
        path = Path(name)
        label = shown(str(path.absolute()))
        try:
            if not path.exists():
                raise SourceError(f"{shown(name)}: no such file{nearest_file(path)}")
            if not path.is_file():
                raise SourceError(f"{shown(name)}: not a file; name {NAMES}")
            raw = stack.enter_context(path.open("rb"))
        except (OSError, ValueError) as error:
            raise SourceError(f"{label}: {getattr(error, 'strerror', None) or error}") from None
    part = Part(label, path, raw, stamp=_stamp(raw), size=_stamp(raw)[0])
    if part.size == 0:
        raise SourceError(f"{label}: a file of 0 bytes")
    return _members(part, stack) or [part]


def _members(part: Part, stack: ExitStack) -> list[Part]:
    """The members of a zip that are data, in its order; [] for any other file."""
    if part.raw.read(4) != b"PK\x03\x04":
        return []
    part.raw.seek(0)
    try:
        archive = stack.enter_context(zipfile.ZipFile(part.raw))
        infos = archive.infolist()
    except (*_DAMAGE, ValueError) as error:
        raise SourceError(f"{part.label}: a zip that can't be read ({error})") from None
    names = {info.filename for info in infos}
    for name, kind in ARCHIVES.items():
        if name in names:
            raise SourceError(f"{part.label}: {kind}")
    files = [info for info in infos if not info.is_dir() and not _is_litter(info.filename)]
    if not files:
        raise SourceError(f"{part.label}: a zip with no file in it")
    made = [
        Part(f"{part.label}/{i.filename}", part.path, part.raw, i, archive, part.stamp, size=part.size) for i in files
    ]
    data = [one for one in made if one.format and Path(one.label).stem.lower() not in _LEAFLETS] or made
    if others := [one.member.filename for one in made if one.member and one not in data]:
        more = f" and {len(others) - 3:,} more" if len(others) > 3 else ""
        data[0].warnings.append(
            f"{part.label}: passed over what is no table by its name: {', '.join(others[:3])}{more}"
        )
    return data


def _is_litter(name: str) -> bool:
    """Whether a member is what the systems that pack archives leave in them."""
    last = Path(name).name.lower()
    return name.startswith("__MACOSX/") or last.startswith((".", "~$")) or last in _LITTER
