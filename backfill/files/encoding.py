"""Which encoding a part's text is in: as stated, by its mark, UTF-8, or a guess that is said."""

import codecs
import re
from typing import cast

from backfill.errors import SourceError
from backfill.fields.typed import TYPED
from backfill.files.broken_off import doubt_end
from backfill.files.charset import decided, guess, text_in
from backfill.files.other_kinds import refuse_other_kinds
from backfill.files.part import Part

_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_MARKED = ("utf-16", "utf-32")  # whose bytes may be either way round

# A mark that a program has read as Windows-1252 and saved as UTF-8, once or twice.
_SAVED = [codecs.BOM_UTF8.decode("cp1252")]
_SAVED.append(_SAVED[0].encode().decode("cp1252"))
_garbled = re.compile(b"(?:%b)+" % b"|".join([codecs.BOM_UTF8, *map(str.encode, _SAVED)])).match

# Damaged bytes can't be kept as lone surrogates where letters have bytes of ASCII; half a character is put in their
# place, so that the row is found unreadable.
codecs.register_error("backfill-damage", lambda error: ("\udc80", cast(UnicodeDecodeError, error).end))


def detect_encoding(part: Part, stated: str | None, likely: str | None = None) -> None:
    """Find the part's encoding: as stated, by its byte-order mark, UTF-8, else the likely one, or a guess that is said.

    Reads the whole text once: one that is UTF-8 only up to its millionth row is not UTF-8.
    """
    if part.book is not None:
        part.typed = True
        part.encoding = "utf-8-sig"  # the sheet's text has no mark; a reject file of it that is CSV needs one
        return
    with part.binary() as stream:
        head = stream.read(4096)
        if not head:
            raise SourceError(f"{part.label}: a file of 0 bytes")
        refuse_other_kinds(part, head)
    doubt_end(part, head)
    garbled, part.typed = _garbled(head), head.startswith(TYPED.encode())
    part.garbled = garbled.end() if garbled else int(part.typed)
    by_mark = next((name for mark, name in _BOMS.items() if head.startswith(mark)), None)
    if part.typed:  # a DataFrame's text has no encoding of anybody's
        part.encoding = "utf-8"
    elif by_mark:
        part.encoding = by_mark  # which is no text in any other encoding
    elif stated:
        part.encoding = _stated(part, stated, head)
    elif wide := _wide(head):
        part.encoding, part.guessed = wide, True
        part.warnings.append(
            f"{part.label}: looks like {wide.upper()} without a mark; read as that (source.encoding settles it)"
        )
    else:
        _detect_unmarked(part, likely)
    bytewise = keeps_ascii(part.encoding) and not _shifts(part.encoding)
    part.errors = "surrogateescape" if bytewise else "backfill-damage"


def keeps_ascii(encoding: str) -> bool:
    """Whether plain text has in it the bytes that it has in most encodings; not so in UTF-16 or in EBCDIC."""
    return codecs.lookup(encoding).name == "utf-8-sig" or "a,1".encode(encoding) == b"a,1"


def _shifts(encoding: str) -> bool:
    """Whether letters beyond ASCII have bytes of ASCII, as in UTF-7 and ISO 2022."""
    made = "日".encode(encoding, "ignore")
    return made != b"" and made.isascii()


def can_read(part: Part, stated: str) -> bool:
    """Whether the stated encoding is the part's as far as a reject file's bytes show.

    It is not where no line beyond ASCII is text in it. An unreadable row keeps the bytes that it came with.
    """
    with part.binary() as stream:
        lines = (line for line in stream if not line.isascii() and b"unreadable" not in line)
        judged = (text_in(line, stated) is not None for line in lines)
        return next(judged, True) or any(judged)


def _stated(part: Part, stated: str, head: bytes) -> str:
    """The stated encoding, of a text without a mark. Raises SourceError for one that can't be read without it."""
    name = codecs.lookup(stated).name
    if name not in _MARKED:
        return stated
    if name == "utf-16" and (wide := _wide(head)):
        return wide
    raise SourceError(
        f"{part.label}: not {name.upper()}, which begins with a byte-order mark; leave the encoding out, or say which "
        f"it is (in bytes without a mark, {name}-le or {name}-be)"
    )


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
    if likely and codecs.lookup(likely).name not in _MARKED:
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
