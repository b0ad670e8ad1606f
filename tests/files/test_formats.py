"""What every format of text must do. A further one is added to `TABLES` and `TORN`, and passes them unchanged."""

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest
from checking import MAPPING, TABLES, cells_at, loaded, mapping_of, surveyed, write
from hypothesis import given, settings
from hypothesis import strategies as st

from backfill.convert.layout import format_of, layouts_of
from backfill.errors import SourceError, UsageError
from backfill.event import Code, Problem, Row
from backfill.fields.arrow import listed
from backfill.fields.mend import trim, unguarded
from backfill.files import read_rows
from backfill.files.encoding import detect_encoding
from backfill.files.format import Cells, Format, Layout
from backfill.files.formats import BY_SUFFIX, FORMATS, format_named, told_by
from backfill.files.marks import MARKS
from backfill.files.open import open_parts
from backfill.files.part import Part
from backfill.files.rejects import Rejects
from backfill.files.rows import Rows, encoded
from backfill.files.torn import candidates
from backfill.mapping.model import FormatName

HEADER = ("id", "email", "total", "at", "note")
GOOD = ("1", "a@x.de", "5", "2024-05-01T10:00:00Z", "n")
OTHER = ("0", "Zoë", "1.10", "007", '"')


# How the text of a row is damaged so that it can't be read.
TORN: dict[str, Callable[[str], str]] = {
    "csv": lambda row: row.rstrip("\n") + ",one,too many\n",
    "jsonl": lambda row: row.rstrip("}\n") + "\n",
}
TEXTS = {name: FORMATS[name] for name in TABLES}  # a workbook is no text: test_xlsx has its tests
every = pytest.mark.parametrize("form", TEXTS.values(), ids=TEXTS)
ODD = ["", " ", '="0123"', "\\", ",;\t|", "{", "_row", "é\u2028", "💩", "null", "1e5"]
CELL = st.sampled_from([*GOOD, *OTHER, *ODD])
NOTE = CELL | st.just("a\nb")  # in several cells of a row it would look like several rows of a table
ROWS = st.lists(st.tuples(*[CELL] * (len(HEADER) - 1), NOTE), min_size=1, max_size=6)


@dataclass
class Read:
    parts: list[Part]
    layouts: list[Layout]
    rows: list[Rows]

    def __iter__(self) -> Iterator[tuple[Row, list[str], str | None, Cells]]:
        """Each row, its cells in the small mapping's columns, why it can't be read, and the cells of its text."""
        for some in self.rows:
            for at in range(len(some)):
                row = Row(int(some.parts[at]), int(some.numbers[at]), some.text(at))
                layout = self.layouts[row.part]
                cells = cells_at(some, at)[: len(HEADER) - 1]
                yield row, cells, some.broken.get(at), layout.format.cells_of(row.text, layout)


@contextmanager
def read(names: list[str], mapping: str = MAPPING, frame: int = 1000) -> Iterator[Read]:
    made = loaded(mapping)
    with open_parts(names) as parts:
        for part in parts:
            detect_encoding(part, None)
        _, layouts = layouts_of(parts, format_of(parts[0], None), made)
        yield Read(parts, layouts, list(read_rows(parts, layouts, frame=frame)))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("formats")


def named(folder: Path, form: Format, name: str, text: str) -> str:
    (path,) = write(folder, {f"{name}{form.suffixes[0]}": text})
    return path


def rejected(found: Read, path: Path) -> Path:
    """All rows as a reject file."""
    with Rejects.gather() as rejects:
        for row, _, reason, _ in found:
            problem = Problem(Code.INVALID_EMAIL, "email", f"no, {row.number}", "email")
            rejects.add(row, "purchase", [problem], key=f"purchase:{row.number}", unreadable=reason is not None)
        return rejects.write(path, [part.origin for part in found.parts], found.layouts, replace=True)


def test_all_are_known_by_name_and_by_suffix() -> None:
    assert FORMATS.keys() == {*TABLES, "xlsx"} == {*TORN, "xlsx"} == set(get_args(FormatName))
    assert all(form.name == name for name, form in FORMATS.items())
    assert len(BY_SUFFIX) == sum(len(form.suffixes) for form in FORMATS.values()), "a suffix means one format"


def table(form: Format, rows: list[tuple[str, ...]], header: tuple[str, ...] = HEADER) -> str:
    return TABLES[form.name](header, rows)


@every
@settings(max_examples=15, deadline=None)
@given(ROWS, st.sets(st.integers(0, 5)), st.sampled_from([1, 2, 1000]), st.booleans())
def test_rows_rejected_come_back_as_they_were(
    folder: Path, form: Format, rows: list[tuple[str, ...]], torn: set[int], frame: int, several: bool
) -> None:
    """Read, rejected, written, read again, and all of it once more: the same cells, numbers, reasons and marks."""
    head = table(form, [])
    texts = [table(form, [row]).removeprefix(head) for row in rows]
    # The first row shows how the text is cut. A row of several lines may be read as several rows.
    torn = {at for at in torn if 0 < at < len(texts) and texts[at].count("\n") == 1}
    text = head + "".join(TORN[form.name](one) if at in torn else one for at, one in enumerate(texts))
    names = [named(folder, form, name, text) for name in ("one", "two")[: 1 + several]]
    with read(names, frame=frame) as found:
        first = list(found)
        files = 1 + several
        assert [row.number for row, *_ in first] == [*range(1, len(rows) + 1)] * files
        assert [reason is not None for _, _, reason, _ in first] == [at in torn for at in range(len(rows))] * files
        last = rejected(found, folder / f"first.rejects{form.suffixes[0]}")
    numbers = [row.number for row, *_ in first]
    for several_then in (several, False):
        with read([str(last)], frame=frame) as found:
            again = list(found)
            assert [row.number for row, *_ in again] == [*range(1, len(first) + 1)]
            for (row, cells, reason, own), (was, had, why, _), number in zip(again, first, numbers, strict=True):
                assert cells == had and (reason is None) == (why is None)
                if reason:
                    assert row.text.rstrip("\n") == was.text.rstrip("\n"), "as it was"
                    continue
                assert [*own.marks][: len(MARKS)] == [*MARKS] and ("_file" in own.marks) == several_then
                said = [own.marks[mark] for mark in MARKS]
                given = [str(number), "purchase", "invalid_email", "email", "email", f"no, {number}"]
                assert said == [*given, f"purchase:{number}"]
            last = rejected(found, folder / f"again.rejects{form.suffixes[0]}")
            numbers = [row.number for row, *_ in again]


@every
@settings(max_examples=15, deadline=None)
@given(ROWS)
def test_a_rows_own_text_gives_the_cells_that_were_read(
    folder: Path, form: Format, rows: list[tuple[str, ...]]
) -> None:
    turned = table(form, [row[::-1] for row in rows], HEADER[::-1])
    names = [named(folder, form, "rows", table(form, rows)), named(folder, form, "turned", turned)]
    with read(names) as found:
        columns = found.layouts[0].columns
        half = len(list(found)) // 2
        for layout, part in zip(found.layouts, ([*found][:half], [*found][half:]), strict=True):
            mapped = form.mapped(encoded([row.text for row, *_ in part]), layout)
            assert list(mapped) == [*columns]
            assert list(zip(*map(listed, mapped.values()), strict=True)) == [tuple(cells) for _, cells, *_ in part]
        for (_, cells, _, own), (_, same, _, other), row in zip([*found][:half], [*found][half:], rows, strict=True):
            assert cells == same
            shown = dict(own.shown())
            assert shown.keys() == {*HEADER} and shown["note"].strip() == row[HEADER.index("note")].strip()
            assert own.marks == {} and own.said(but=()) == other.said(but=())


@every
def test_what_a_row_says_without_some_columns(folder: Path, form: Format) -> None:
    rows = [GOOD, (*GOOD[:2], "6", *GOOD[3:]), (*GOOD[:4], "other")]
    with read([named(folder, form, "said", table(form, rows))]) as found:
        good, total, note = (own for *_, own in found)
    assert good.said(but=["total"]) == total.said(but=["total"]) != note.said(but=["total"])
    assert good.said(but=()) != total.said(but=())


@every
def test_a_torn_row_leaves_a_trace_of_its_cells(folder: Path, form: Format) -> None:
    text = table(form, [GOOD, OTHER])
    start, end = text[: len(text) - 1].rsplit("\n", 1)
    with read([named(folder, form, "torn", f"{start}\n{TORN[form.name](end)}")]) as found:
        _, (row, _, reason, _) = found
        assert reason
        for column, cell in zip(HEADER[:4], OTHER, strict=False):
            assert cell in candidates(row.text, column, found.layouts[0])


@every
def test_a_layout_is_itself_in_another_process(folder: Path, form: Format) -> None:
    with read([named(folder, form, "one", table(form, [GOOD]))]) as found:
        (layout,) = found.layouts
        sent = pickle.loads(pickle.dumps(layout))
        assert sent == layout and sent.format is form


@every
def test_a_column_that_is_not_there(folder: Path, form: Format) -> None:
    name = named(folder, form, "less", table(form, [(*GOOD[:2], *GOOD[3:])], ("id", "email", "at", "note")))
    optional = mapping_of(optional=["total"])
    with read([name], optional) as found:
        (layout,) = found.layouts
        assert [form.has(layout, column) for column in ("id", "total", "at")] == [True, False, True]
        assert form.lacking(found.parts, found.layouts, loaded(optional)) is None
    with pytest.raises(SourceError, match="has the column 'total'"), read([name]) as found:
        raise SourceError(form.lacking(found.parts, found.layouts, loaded(MAPPING)) or "all is there")


@every
def test_a_text_is_known_by_its_beginning_and_its_head(folder: Path, form: Format) -> None:
    export = table(form, [GOOD, OTHER])
    with read([named(folder, form, "own", export)]) as found:
        marked = rejected(found, folder / f"own.rejects{form.suffixes[0]}").read_text()
        (part,) = found.parts
        assert format_named(part) is form and set(HEADER) in [set(names) for names in form.heads(part)]
        layout, headers = form.outline(part)
        assert layout.header == layout.columns == HEADER and (HEADER in headers or not headers)
        assert [*dict.fromkeys(form.columns(found.parts, found.layouts))] == [*HEADER]
        assert part.encoding in form.described(found.layouts[0], part.encoding)
    assert told_by(export) is told_by(marked) is form
    assert form.has_marks(marked) and not form.has_marks(export)


@every
@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_rows_or_a_sentence(folder: Path, form: Format, data: bytes, begun: bool) -> None:
    start = table(form, [GOOD]) if begun else table(form, [])
    (name,) = write(folder, {f"bytes{form.suffixes[0]}": start.encode() + data})
    try:
        with surveyed([name], mapping_of(encoding="utf-8"), frame=2) as survey:
            counts = survey.account.counts
            assert counts.balanced and len(list(survey.events(1, None))) == counts.verdicts["ready"]
    except UsageError as error:
        assert "\n" not in str(error)


@every
@settings(max_examples=10)
@given(ROWS, st.dictionaries(st.sampled_from(HEADER), CELL, min_size=1))
def test_an_edited_row_has_the_other_cells_and_what_it_had(
    folder: Path, form: Format, rows: list[tuple[str, ...]], cells: dict[str, str]
) -> None:
    with read([named(folder, form, "edited", TABLES[form.name](HEADER, rows))]) as found:
        for row, _, broken, before in found:
            layout = found.layouts[0]
            text = form.edited(row.text, layout, cells)
            after = form.cells_of(text, layout)
            assert text.endswith("\n") == row.text.endswith("\n")
            if not broken:
                wanted = dict(before.shown()) | cells
                assert {name: unguarded(trim(cell)) for name, cell in after.shown()} == {
                    name: unguarded(trim(cell)) for name, cell in wanted.items()
                }
