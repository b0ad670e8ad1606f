"""The input's files, plain, compressed, zipped or standard input: opened once, read as often as needed.

A file stays open for the whole run, so one that is renamed or deleted meanwhile is still read; one that is written to
meanwhile is noticed. The first bytes decide what a file is; its name only says which format its text has.
"""

import bz2
import codecs
import gzip
import io
import lzma
import os
import re
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TextIO, cast

from backfill.errors import SourceError, shown
from backfill.files.charset import decided, guess
from backfill.files.format import Format
from backfill.files.formats import BY_SUFFIX
from backfill.mapping.yaml_nodes import nearest_file
from backfill.storage.scratch import state_errors

if sys.version_info >= (3, 14):
    from compression import zstd

    ZstdError: type[Exception] = zstd.ZstdError

    def _open_zstd(raw: IO[bytes]) -> IO[bytes]:
        return cast(IO[bytes], zstd.ZstdFile(raw))
else:
    import zstandard

    ZstdError = zstandard.ZstdError

    def _open_zstd(raw: IO[bytes]) -> IO[bytes]:
        return cast(IO[bytes], io.BufferedReader(_Frames(raw), 1 << 18))

    class _Frames(io.RawIOBase):
        """Zstandard frames, one after the other. The library's own reader takes a file cut short for one that ends."""

        def __init__(self, raw: IO[bytes]):
            self._raw = raw
            self._frame: zstandard.ZstdDecompressionObj | None = None
            self._made = b""

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any, /) -> int:
            while not self._made:
                block = self._raw.read(1 << 15)
                if not block:
                    if self._frame is not None:
                        raise EOFError("it ends within a frame")
                    return 0
                self._made = b"".join(self._decompressed(block))
            size = min(len(buffer), len(self._made))
            buffer[:size], self._made = self._made[:size], self._made[size:]
            return size

        def _decompressed(self, block: bytes) -> Iterator[bytes]:
            while block:
                self._frame = self._frame or zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()
                yield self._frame.decompress(block)
                if not self._frame.eof:
                    return
                block, self._frame = self._frame.unused_data, None


COMPRESSED = {".gz", ".bz2", ".xz", ".zst", ".zip"}
*_FIRST, _LAST = BY_SUFFIX
NAMES = f"a {', '.join(_FIRST)} or {_LAST}, plain or as .gz, .bz2, .xz, .zst or .zip"

# OSError: bz2 raises it for damage, and a disk that fails midway means the same to the user.
_DAMAGE = (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, ZstdError, NotImplementedError, OSError)
_NO_EXPORT = {
    b"\xd0\xcf\x11\xe0": "an old Excel workbook or other Office file; save the sheet as CSV",
    b"%PDF": "a PDF; an export is needed as CSV or JSON lines",
    b"SQLite format 3": "a database; an export is needed as CSV or JSON lines",
    b"PAR1": "a Parquet file; an export is needed as CSV or JSON lines",
    b"\x89PNG": "a picture; an export is needed as CSV or JSON lines",
    b"\xff\xd8\xff": "a picture; an export is needed as CSV or JSON lines",
    b"GIF8": "a picture; an export is needed as CSV or JSON lines",
    b"{\\rtf": "a text document; an export is needed as CSV or JSON lines",
    b"PK\x05\x06": "a zip with no file in it",
    b"PK\x07\x08": "one piece of a zip in several; put them together first",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive; unpack it first",
    b"Rar!": "a RAR archive; unpack it first",
}
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
_ARCHIVES = {  # zips that are no archives, by the members that identify them
    "xl/workbook.xml": "an Excel workbook; save the sheet as CSV (UTF-8)",
    "[Content_Types].xml": "an Office document; an export is needed as CSV or JSON lines",
    "META-INF/manifest.xml": "an OpenDocument file; save the sheet as CSV (UTF-8)",
    "Index/Document.iwa": "an Apple Numbers or Pages file; export it as CSV",
}
_LITTER = {"thumbs.db", "desktop.ini", "ehthumbs.db"}
_LEAFLETS = {"readme", "license", "licence"}
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


# A mark that a program has read as Windows-1252 and saved as UTF-8, once or twice.
_SAVED = [codecs.BOM_UTF8.decode("cp1252")]
_SAVED.append(_SAVED[0].encode().decode("cp1252"))
_garbled = re.compile(b"(?:%b)+" % b"|".join([codecs.BOM_UTF8, *map(str.encode, _SAVED)])).match

# A wide encoding's damaged bytes can't be kept as lone surrogates; half a character is put in their place, so that the
# row is found unreadable.
codecs.register_error("backfill-damage", lambda error: ("\udc80", cast(UnicodeDecodeError, error).end))


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
            return _open_zstd(self.raw)
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
    for name, kind in _ARCHIVES.items():
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


def detect_encoding(part: Part, stated: str | None, likely: str | None = None) -> None:
    """Find the part's encoding: as stated, by its byte-order mark, UTF-8, else the likely one, or a guess that is said.

    Reads the whole text once: one that is UTF-8 only up to its millionth row is not UTF-8.
    """
    with part.binary() as stream:
        head = stream.read(4096)
        if not head:
            raise SourceError(f"{part.label}: a file of 0 bytes")
        _refuse_other_kinds(part, head)
    garbled = _garbled(head)
    part.garbled = garbled.end() if garbled else 0
    by_mark = next((name for mark, name in _BOMS.items() if head.startswith(mark)), None)
    if stated or by_mark:
        part.encoding = by_mark or stated or ""  # a mark is no text in any other encoding
    elif wide := _wide(head):
        part.encoding, part.guessed = wide, True
        part.warnings.append(
            f"{part.label}: looks like {wide.upper()} without a mark; read as that (source.encoding settles it)"
        )
    else:
        _detect_unmarked(part, likely)
    if part.encoding.lower().replace("_", "-").startswith(("utf-16", "utf-32")):
        part.errors = "backfill-damage"


def _refuse_other_kinds(part: Part, head: bytes) -> None:
    for magic, kind in _NO_EXPORT.items():
        if head.startswith(magic):
            raise SourceError(f"{part.label}: {kind}")
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body", b"<meta", b"<div", b"<!--")):
        raise SourceError(f"{part.label}: a web page, not an export (a sign-in page, perhaps); export it again")
    if part.member is not None and head.startswith(_PACKED):
        raise SourceError(
            f"{part.label}: an archive within an archive; unpack {part.path.name}, and give what is in it"
        )
    if re.match(rb"<[?a-z][^,;\t]*>", start):
        raise SourceError(f"{part.label}: an XML file; an export is needed as CSV or JSON lines")


def _wide(head: bytes) -> str | None:
    """UTF-16 without a mark: nearly every second byte of plain text is NUL."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    enough = len(head) // 2 * 0.4
    if len(head) >= 4 and odd > enough and even < enough / 4:
        return "utf-16-le"
    if len(head) >= 4 and even > enough and odd < enough / 4:
        return "utf-16-be"
    return None


def _detect_unmarked(part: Part, likely: str | None) -> None:
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    part.encoding = "utf-8"
    with part.binary() as stream:
        try:
            while block := stream.read(1 << 20):
                if not (block.isascii() and decoder.getstate()[0] == b""):
                    decoder.decode(block)
            begun = decoder.getstate()[0]  # a last character that is cut, or one of another encoding
            if not begun:
                return
        except UnicodeDecodeError:
            begun = b""
    good, bad, sample = _count_utf8(part)
    if good >= bad or len(begun) > 1 or begun in (b"\xc2", b"\xc3"):
        part.warnings.append(
            f"{part.label}: UTF-8 with damaged bytes; the rows that hold them are rejected as unreadable"
        )
        return
    if likely:
        part.encoding = likely
        return
    guesses = guess(sample)
    if len(guesses) != 1:
        raise SourceError(
            f"{part.label}: not UTF-8, and {' or '.join(guesses)} are as likely; say which with --encoding NAME or "
            f"source.encoding: {'; '.join(_read_as(sample, name) for name in guesses[:2])}"
        )
    part.encoding, part.guessed = guesses[0], True
    part.warnings.append(
        f"{part.label}: not UTF-8; read as {_read_as(sample, part.encoding)} "
        "(a guess: --encoding NAME or source.encoding settles it)"
    )


def _read_as(sample: bytes, encoding: str) -> str:
    """Some cells as they read by a guess, for a person to judge."""
    cells = ", ".join(map(repr, decided(sample, encoding)))
    return f"{encoding}, with {cells}" if cells else encoding


def _count_utf8(part: Part) -> tuple[int, int, bytes]:
    """Characters beyond ASCII that are whole UTF-8, bytes that are not, and a sample of the lines around the latter."""
    good = bad = 0
    sample: list[bytes] = []
    with part.binary() as stream:
        for line in stream:
            if line.isascii():
                continue
            text = line.decode("utf-8", "surrogateescape")
            broken = sum("\udc80" <= c <= "\udcff" for c in text)
            good += sum(c > "\x7f" for c in text) - broken
            bad += broken
            if broken and len(sample) < 400:
                sample.append(line[:2000])
    return good, bad, b"".join(sample)
