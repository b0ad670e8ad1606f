"""Entries come back as they went in, in the order of their rows, however they were added and whatever their kinds."""

import tempfile
from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backfill.event import Row
from backfill.fields.arrow import listed, texts_of
from backfill.files import reject_entries
from backfill.files.reject_entries import Entries, EntryFile, Kind
from backfill.files.rows import CODEC, encoded

TEXT = st.text(max_size=6) | st.sampled_from(["", "\udce9\r\n", "a,b\n", "ä" * 5])
WORD = st.sampled_from(["", "a", "ü"])
RULES = st.lists(st.tuples(WORD, WORD, WORD, WORD), max_size=2).map(tuple)
KIND = st.builds(Kind, st.sampled_from(["purchase", ""]), RULES, st.booleans())
NAME = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
Entry = tuple[Row, Kind, str | None, str]
ENTRY = st.tuples(st.builds(Row, st.integers(0, 2), st.integers(1, 9), TEXT), KIND, st.none() | NAME, NAME)


def add(file: EntryFile, some: list[Entry], one_by_one: bool) -> None:
    if one_by_one:
        for entry in some:
            file.enter(*entry)
        return
    rows, kinds, ids, keys = zip(*some, strict=True)
    parts, numbers, texts = zip(*rows, strict=True)
    which, whole = np.arange(len(some)), np.zeros(len(some), bool)
    file.extend(np.array(parts), np.array(numbers), encoded(texts), whole, kinds, which, texts_of(keys), texts_of(ids))


def each(entries: Entries) -> list[tuple[Entry, bool]]:
    rows = zip(entries.parts.tolist(), entries.numbers.tolist(), entries.texts.to_pylist(), strict=True)
    kinds = [entries.kinds[kind] for kind in entries.which.tolist()]
    others = kinds, listed(entries.order_ids), listed(entries.keys), entries.begins.tolist()
    return [
        ((Row(part, number, text.decode(*CODEC)), kind, order_id, key), begins)
        for (part, number, text), kind, order_id, key, begins in zip(rows, *others, strict=True)
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.lists(ENTRY, min_size=1, max_size=6), st.booleans()), max_size=6),
    st.sampled_from([0, 1, 1000]),
    st.sampled_from([(1, 1000), (1000, 4), (1000, 1 << 20)]),
    st.booleans(),
)
def test_they_come_back_in_the_order_of_their_rows(
    added: list[tuple[list[Entry], bool]], kinds: int, size: tuple[int, int], handed: bool
) -> None:
    with tempfile.TemporaryFile() as written, pytest.MonkeyPatch.context() as patch:
        patch.setattr(reject_entries, "ROWS", size[0])
        patch.setattr(reject_entries, "CHARACTERS", size[1])
        patch.setattr(reject_entries, "_OVERLAPPING", 1)
        patch.setattr(reject_entries, "_FEW", 2)
        file = EntryFile(written, kinds)
        for some, one_by_one in added:
            add(file, some, one_by_one)
        file = EntryFile.restored(written, file.hand_over()) if handed else file
        pieces = list(file.in_order())
        every = [entry for some, _ in added for entry in some]
        assert len(file) == len(every) and file.any_raw == any(kind.unreadable for _, kind, *_ in every)
        found = [one for piece in pieces for one in each(piece)]
        ordered = sorted(every, key=lambda entry: entry[0][:2])
        assert [entry for entry, _ in found] == ordered, "those of a row as they came"
        firsts = [
            at == 0 for _, group in groupby(ordered, key=lambda entry: entry[0][:2]) for at, _ in enumerate(group)
        ]
        assert [begins for _, begins in found] == firsts
        assert all(piece.begins[0] for piece in pieces), "a row's entries are in one piece"
