"""Texts that may have been broken off on their way here, as no server said how long they are."""

import json
import os

from backfill.errors import SourceError
from backfill.files.part import Part

_SPACE = b"\xef\xbb\xbf\xff\xfe\0 \r\n\t"  # also byte-order marks, and the other half of a wide character
_MOST = 1 << 24  # bytes of a JSON text that is looked through
_UNKNOWN = "the server did not say how long it is"


def doubt_end(part: Part, head: bytes) -> None:
    """Warn of a text that may be the beginning of one. Raises SourceError where its last row may be half of one.

    What is packed has an end of its own, and so has a JSON array; half an object is no JSON.
    """
    if part.copy is None or part.copy.ended or part.member is not None:
        return
    with part.binary() as stream:
        if stream is not part.raw:
            return
        stream.seek(-min(part.size, 4), os.SEEK_END)
        whole = stream.read().rstrip(b"\0").endswith((b"\n", b"\r"))
    begins = head.lstrip(_SPACE)[:1]
    if begins == b"[":
        return
    if not whole and begins != b"{":
        raise SourceError(
            f"{part.label}: {_UNKNOWN}, and its last row has no line end, so it may be half of one; "
            "download it, see that it is whole, and name that file"
        )
    part.warnings.append(f"{part.label}: {_UNKNOWN}, so rows may be missing at its end; compare their number")


def trust_end(part: Part) -> None:
    """Take the warning back from a text whose rows are in an array in one object, which shows where it ends."""
    doubts = [one for one in part.warnings if _UNKNOWN in one]
    if not doubts or part.size > _MOST:
        return
    with part.binary() as stream:
        try:
            json.loads(stream.read())  # half an object is none, and of several any but the last may be lacking
        except (ValueError, RecursionError):
            return
    part.warnings[:] = [one for one in part.warnings if one not in doubts]
