"""Cells that have types: each as the text that a spreadsheet would export, but with all that it holds."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from backfill.fields.typed import TYPED

_DIGITS = 15  # that a spreadsheet keeps of a number
_MOST = 10**_DIGITS


def text_of(value: Any) -> str:
    """The text of a cell: numbers with their digits, dates, times and moments in ISO form, nothing for nothing.

    A number with a fraction is marked as one that is typed.
    """
    text = _text_of(value)
    return f"{text}{TYPED}" if isinstance(value, float | Decimal) and "." in text and "E" not in text else text


def _text_of(value: Any) -> str:
    return _TEXTS.get(type(value), number_text if isinstance(value, float) else str)(value)


def number_text(value: float) -> str:
    """A number with the fifteen digits that a spreadsheet keeps; a longer whole one in scientific notation.

    That is how it is known as damaged wherever it is an id: its last digits are lost, or were never sure.
    """
    if value.is_integer() and -_MOST < value < _MOST:
        return str(int(value))
    if len(text := repr(float(value))) <= _DIGITS and "e" not in text:
        return text
    if abs(value) >= _MOST:
        mantissa, exponent = f"{value:.{_DIGITS - 1}E}".split("E")
        return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
    return f"{Decimal(f'{value:.{_DIGITS}g}') + 0:f}"


def moment_text(value: datetime) -> str:
    """A moment to its second, to the millisecond where it has some; with its offset, if it has one."""
    return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds")


def _duration_text(value: timedelta) -> str:
    minutes, seconds = divmod(round(value.total_seconds()), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


_TEXTS: Final[dict[type, Callable[[Any], str]]] = {
    bool: lambda value: str(value).upper(),
    int: str,
    float: number_text,
    Decimal: lambda value: f"{value:f}",
    date: date.isoformat,
    datetime: moment_text,
    time: lambda value: value.isoformat(timespec="seconds"),
    timedelta: _duration_text,
    bytes: lambda value: value.decode("utf-8", "surrogateescape"),
    type(None): lambda _: "",
}
