"""A DataFrame as the text of a table, its cells as a workbook's are read."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from typing import IO, Any

import pandas as pd

from backfill.fields.typed import TYPED
from backfill.files.typed_cells import moment_text, text_of

_DOUBLE = 8  # bytes
_MIDNIGHT = (0, 0, 0, 0)


def write_frame(frame: pd.DataFrame, file: IO[bytes]) -> None:
    """Write a frame's columns, under their names, as CSV in UTF-8. The index is left out."""
    text = io.TextIOWrapper(file, "utf-8", errors="surrogatepass", newline="")
    text.write(TYPED)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([str(name) for name in frame.columns])
    writer.writerows(zip(*(_texts(frame.iloc[:, at]) for at in range(frame.shape[1])), strict=True))
    text.detach()


def _texts(column: pd.Series) -> Iterator[str]:
    """A column's cells; one of moments that are all at midnight, without an offset, has bare dates."""
    missing, values = column.isna().tolist(), column.tolist()
    size = getattr(column.dtype, "itemsize", _DOUBLE)
    if column.dtype.kind == "f" and size < _DOUBLE:  # 19.99, and not what is nearest to it in four bytes
        values = [float(str(value)) for value in column.to_numpy(f"float{8 * size}", na_value=0)]
    bare = all(none or _is_bare(value) for none, value in zip(missing, values, strict=True))
    return (_text(value, bare) if not none else "" for none, value in zip(missing, values, strict=True))


def _is_bare(value: Any) -> bool:
    if not isinstance(value, datetime):
        return False
    return value.tzinfo is None and (value.hour, value.minute, value.second, value.microsecond) == _MIDNIGHT


def _text(value: Any, bare: bool) -> str:
    if isinstance(value, datetime):  # pandas' own moments are of a kind of their own
        return value.date().isoformat() if bare else moment_text(value)
    return text_of(value)
