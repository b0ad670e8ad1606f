"""JSON lines: an object a line, or objects in any other shape of JSON; its columns are their dotted paths."""

from collections.abc import Iterable, Iterator, Sequence
from typing import IO, TextIO

from backfill.files import json_head
from backfill.files.format import Format, Layout, MarkedRows, Marking, Outline, lines_into
from backfill.files.json_cells import JsonCells, mapped
from backfill.files.json_objects import jsonl_rows
from backfill.files.json_rejects import ESCAPES, edited, write_jsonl
from backfill.files.json_text import pieces
from backfill.files.part import Part
from backfill.files.rows import FRAME_ROWS, Rows
from backfill.mapping import Mapping


class JsonLines(Format):
    """Objects, each a row."""

    name = "jsonl"
    suffixes = (".jsonl", ".ndjson", ".json")
    escapes = ESCAPES
    in_spreadsheets = False
    delimited = False
    sparse = True
    has_marks = staticmethod(json_head.first_is_marked)
    heads = staticmethod(json_head.heads)
    lacking = staticmethod(json_head.lacking)
    cells_of = JsonCells
    mapped = staticmethod(mapped)

    def begins(self, start: str) -> bool:
        return start.startswith(("{", "["))

    def layout(self, part: Part, mapping: Mapping) -> Layout:
        return json_head.layout_of(part, mapping, self)

    def outline(self, part: Part) -> Outline:
        return json_head.outline(part, self)

    def columns(self, parts: Sequence[Part], layouts: Sequence[Layout]) -> Iterator[str]:
        return (path for paths in json_head.heads(parts[0]) for path in paths)

    def has(self, layout: Layout, column: str) -> bool:
        return column in layout.present

    def described(self, layout: Layout, encoding: str) -> str:
        return f"JSON lines in {encoding}"

    def rows(
        self, text: TextIO, layout: Layout, part: int = 0, label: str = "", frame: int = FRAME_ROWS
    ) -> Iterator[Rows]:
        return jsonl_rows(pieces(text, layout.shape, label, layout.beside), layout, part, frame)

    def edited(self, text: str, layout: Layout, cells: dict[str, str]) -> str:
        return edited(text, cells)

    def write(self, file: IO[bytes], rows: Iterable[MarkedRows], layouts: Sequence[Layout], marking: Marking) -> None:
        with lines_into(file, marking.encoding, marking.errors) as text:
            write_jsonl(text, rows, marking)


JSONL = JsonLines()
