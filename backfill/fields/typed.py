"""Typed numbers: cells that a file has as numbers and not as texts. They have no decimal mark, and show nothing of one.

Where something may read a column as numbers, those with a fraction are written with a point, and behind them what no
export writes. It says that the point is one, whatever the marks in the file's texts are; nobody sees it.
"""

import numpy as np
import pyarrow.compute as pc

from backfill.fields.arrow import Flags, Texts, flags_of, holds

TYPED = "\x02"
DIGITS = frozenset("0123456789")


def untyped(texts: Texts) -> Texts:
    """A column as it is read by whatever takes its cells for texts."""
    return pc.replace_substring_regex(texts, f"([0-9]){TYPED}$", r"\1") if holds(texts, TYPED) else texts


def is_typed(texts: Texts) -> Flags:
    """Which of a column's texts are typed numbers."""
    return flags_of(pc.ends_with(texts, TYPED)) if holds(texts, TYPED) else np.zeros(len(texts), bool)


def bare(text: str) -> str:
    """A text as a person sees it."""
    return text[:-1] if text.endswith(TYPED) and text[-2:-1] in DIGITS else text
