"""A receipt: what a check saw and would send, kept as a file. An upload of it sends exactly that, or nothing."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backfill.errors import UsageError, shown
from backfill.storage import outputs

VERSION = 1
MARK = " # plan "
_BEGINNING = b'{"receipt": '
_LONGEST = 1 << 26  # bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as it was written. `kept` has all of it."""

    path: Path
    kept: Mapping[str, Any]

    @classmethod
    def read(cls, path: Path) -> "Receipt":
        """Raises UsageError for one that can't be read, or is not as a check has written it."""
        try:
            kept = json.loads(path.read_bytes()[:_LONGEST])
            if kept["receipt"] != VERSION:
                raise UsageError(f"{shown(str(path))}: a plan of another release; check again to make a new one")
            if kept.pop("sha256") != _sum(kept):
                raise UsageError(f"{shown(str(path))}: not as the check wrote it; check again to make a new one")
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            why = error.strerror if isinstance(error, OSError) else "damaged or cut short"
            raise UsageError(f"{shown(str(path))}: a plan that can't be read ({why})") from None
        return cls(path, kept)

    @property
    def digest(self) -> str:
        """What only this receipt has."""
        return _sum(self.kept)

    @property
    def words(self) -> list[str]:
        """The upload's command line, without what only says how to send."""
        return list(self.kept["words"])


def is_receipt(name: str) -> bool:
    """Whether a file begins as a receipt does."""
    path = Path(name)
    try:
        if name == "-" or not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(len(_BEGINNING)) == _BEGINNING
    except (OSError, ValueError):
        return False


def write_receipt(path: Path, kept: Mapping[str, Any]) -> None:
    """Write one. Raises OSError."""
    made = {"receipt": VERSION, **kept}
    data = json.dumps(made | {"sha256": _sum(made)}, indent=None, ensure_ascii=False)
    outputs.replace(path, lambda file: file.write(data.encode("utf-8", "surrogatepass") + b"\n"))


def marked(line: str, receipt: Receipt | None) -> str:
    """A run's command line as the ledger keeps it: with the receipt that it sends, as a comment."""
    return f"{line}{MARK}{receipt.digest[:32]}" if receipt else line


def _sum(kept: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()
