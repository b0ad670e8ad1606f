"""JSON lines: the quick way gives what the careful decoder gives, whatever is in a line."""

import io
from collections.abc import Iterator

import pytest
from checking import cells_at
from hypothesis import given, settings
from hypothesis import strategies as st

from backfill.files.format import Layout
from backfill.files.json_objects import DEEPEST, jsonl_rows, read_line, write_json
from backfill.files.jsonl import JSONL

PATHS = ("a", "total", "a.total", "b.a.total", "a.0", "a.1.total", "0", "a b", "ä", "x.total", "a-1")
KEYS = ["a", "b", "0", "total", "a b", "ä", "x", "a-1", "", ":", "a.total", "a,", "to", "ſ", "_row"]
SPELLED = [
    '\\"total', "t\\u006ftal", "\\u0061", "\\u00e4", "\\u003a", "\\/", "a\\u002Etotal", "x\\ud83d\\ude00", "_raw",
]  # fmt: skip
STRINGS = [
    " padded ", "a@x.de", "\\n\\t", "\x7f", '\\"total\\": 1.10', "😀", "\\u0026", "é:", "\\u003A", *KEYS, *SPELLED,
]  # fmt: skip
NUMBERS = [
    *("0", "-0", "0.0", "-0.0", "1", "1.0", "1.1", "1.10", "1e3", "1E+3", "1000", "1000.0", "110e-2", "0e5", "2.5"),
    *("9" * 20, "18446744073709551615", "18446744073709551616", "-9223372036854775809", "1" * 400, "1" * 5000),
    *("1e-400", "0.1000000000000000055511151231257827"),
]
WRONG = [
    "1e400", "01", "1.", ".5", "+1", "NaN", "-Infinity", "tru", '"\\ud800"', '"\t"', '"\\x"', '"\udc80"', "\xa0",
    "\r",
]  # fmt: skip
SPACE = st.sampled_from(["", "", " ", "\t"])
KEY = st.sampled_from(KEYS[:4] * 9 + KEYS * 2 + SPELLED)
LEAF = st.sampled_from((NUMBERS[:8] * 5 + NUMBERS + ["true", "false", "null"]) * 3 + WRONG)
TEXT = st.sampled_from(STRINGS).map('"{}"'.format)


def _listed(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(lambda found, space: f"[{space}{f'{space},'.join(found)}]", st.lists(values, max_size=3), SPACE)


def _object(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.builds(lambda key, space, value: f'{space}"{key}"{space}:{space}{value}', KEY, SPACE, values)
    return st.builds(lambda pairs, space: f"{{{','.join(pairs)}{space}}}", st.lists(pair, max_size=4), SPACE)


OBJECT = _object(st.recursive(LEAF | TEXT, lambda values: _listed(values) | _object(values), max_leaves=8))


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """An object's text with a piece of it removed or moved, or with other text in front of it."""
    text = draw(OBJECT)
    start, end = sorted(draw(st.tuples(st.integers(0, len(text)), st.integers(0, len(text)))))
    pieces = [text[:start] + text[end:], text[:end], text + text[start:], "\ufeff" + text, "\x0c" + text]
    return draw(st.sampled_from(pieces))


ODD = damaged() | st.text(max_size=9) | st.just(" ")
LINES = st.lists(st.integers(0, 9).flatmap(lambda chance: OBJECT if chance else ODD), max_size=6)


def _at(found: object, path: list[str]) -> list[object]:
    """What is at a path: nothing or one value."""
    if not path:
        return [found]
    if isinstance(found, dict) and path[0] in found:
        return _at(found[path[0]], path[1:])
    if isinstance(found, list) and path[0] in ("0", "1") and int(path[0]) < len(found):
        return _at(found[int(path[0])], path[1:])
    return []


def _leaves(found: object) -> Iterator[object]:
    inside = found.values() if isinstance(found, dict) else found if isinstance(found, list) else None
    for value in (found,) if inside is None else inside:
        yield from (value,) if inside is None else _leaves(value)


def judged(source: str) -> tuple[list[tuple[object, ...]], set[str]]:
    """Each line's text, reason, cells, and whether it is blank, by the careful decoder alone; and the paths met."""
    rows: list[tuple[object, ...]] = []
    met = set()
    lines = (text for line in io.StringIO(source, newline="") if (text := line.strip().strip(",")))
    for found, own, reason, _ in (one for text in lines for one in read_line(text)):
        values = [_at(found, [name]) or _at(found, name.split(".")) for name in PATHS]
        met |= {name for name, value in zip(PATHS, values, strict=True) if value}
        cells = ["" if not one or one[0] is None else one[0] for one in values]
        texts = [(cell if isinstance(cell, str) else write_json(cell)).strip() for cell in cells]
        says = any(value is not None and str(value).strip() for value in _leaves(found))
        rows.append((own, reason, texts, reason is None and not says and not any(texts)))
    return rows, met


def read(source: str, frame: int = 3) -> tuple[list[tuple[object, ...]], set[str]]:
    layout = Layout(JSONL, PATHS)
    rows: list[tuple[object, ...]] = []
    for some in jsonl_rows(io.StringIO(source, newline=""), layout, 0, frame):
        rows += [
            (text, some.broken.get(at), cells_at(some, at), at in some.blank) for at, text in enumerate(some.texts)
        ]
    return rows, layout.present


@settings(max_examples=60, deadline=None)
@given(LINES, st.sampled_from(["\n", "\r\n"]), st.sampled_from([3, 1000]))
def test_the_quick_way_gives_what_the_careful_decoder_does(lines: list[str], end: str, frame: int) -> None:
    source = end.join(lines)
    assert read(source, frame) == judged(source)


AMBIGUOUS = [
    '{"total": 1.10, "b": {"total": 1.1}}',
    '{"a": {"total": 1.1}, "a.total": 1.10}',
    '{"t\\u006ftal": 1.10, "b": [{"total": 1.1}]}',
    '{"x\\"total": 1.1, "total": 1.10}',
    '{"x": "\\"total\\": 1.1", "total": 1.10}',
    '{"total": -0, "a": {"total": 0}}',
    '{"a": [1.10], "b": {"0": 1.1}}',
    '{"a": 1, "b": "\\u003a", "a": 2}',
    '{"a": {"b": 1, "b": ":"}}',
    '{"a": {"total": 1.1}, "a\\u002Etotal": 1.10}',
    '{"_row": 1, "_event": "", "_code": "unreadable", "_field": "", "_reason": "", "_raw": "{"}',
    '{"total": 1, "_row": 1, "_event": "", "_code": "x", "_field": "", "_reason": "", "_raw": "{"}',
]


@pytest.mark.parametrize("text", AMBIGUOUS)
def test_what_a_line_leaves_open_is_judged(text: str) -> None:
    for source in (text, f'{{"total": 7.50}}\n{text}\n{{"b": "ü"}}'):
        assert read(source) == judged(source)


@pytest.mark.parametrize("inside", ["", "1", '"a": 1'])
@pytest.mark.parametrize("levels", [DEEPEST - 2, DEEPEST - 1, DEEPEST, DEEPEST + 1, 260, 2000])
def test_how_deep_is_too_deep(levels: int, inside: str) -> None:
    start, end = ("{", "}") if inside.startswith('"') else ("[", "]")
    deep = '{"a":' + "[" * (levels - 2) + start + inside + end + "]" * (levels - 2) + "}"
    for source in (deep, f'{deep}\n{{"b": []}}', deep.replace('{"a"', '{"b": [{}, {}], "a"')):
        assert read(source) == judged(source)


def test_lines_without_a_row() -> None:
    assert read("\n \r\n\n") == read("") == ([], set())
