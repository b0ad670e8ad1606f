"""The header: which line it is, what parts its cells, and which of its names are the mapping's columns."""

import csv
import difflib
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from backfill.errors import SourceError, UsageError, command
from backfill.fields.mend import trim
from backfill.files.csv_lines import records
from backfill.files.json_objects import Object, holds, read_line
from backfill.files.json_text import pieces, shapes
from backfill.files.marks import HELD, held_in, marks_of_header
from backfill.files.open import NAMES, Format, Part
from backfill.files.quotes import left_over, odd, spelled, unwrapped, without
from backfill.files.rows import MARK, Layout, Shape, fold
from backfill.mapping import Mapping, closeness, detect

ROOM = 1 << 20  # characters that are looked at
LINES = 30  # how far down a header may stand: exports put titles and comments above it
DELIMITERS = (",", ";", "\t", "|")


def format_of(part: Part, stated: Format | None) -> Format:
    """The part's format: as stated, by its name, or, on standard input, by its first character."""
    if form := stated or part.format:
        return form
    if part.label != "standard input":
        raise SourceError(f"{part.label}: the name does not say what it is; name {NAMES}, or set source.format")
    with part.text() as text:
        first = next((line.strip() for line in text if line.strip()), "")
    return "jsonl" if first.removeprefix("\ufeff").startswith(("{", "[")) else "csv"


def head(part: Part) -> list[str]:
    """The first lines of the part, enough to find a header in, without byte-order marks."""
    lines: list[str] = []
    room = ROOM
    with part.text() as text:
        while room > 0 and len(lines) < LINES * 4 and (line := text.readline(room)):
            lines.append(line)
            room -= len(line)
    return [line.lstrip(MARK) for line in lines]


def first_objects(part: Part) -> list[tuple[Shape, list[Object]]]:
    """The part's first objects, in each of the shapes that its JSON may have, the outermost first."""
    with part.text() as text:
        start = text.read(ROOM)
    found = []
    for shape in shapes(start):
        texts = filter(None, map(str.strip, pieces(io.StringIO(start, newline=""), shape).readlines(ROOM)))
        found.append((shape, [one for text in islice(texts, LINES * 4) for one in read_line(text)]))
    return found


def find_mapping(part: Part, form: Format) -> Mapping:
    """The one preset whose signature the part's header bears. Raises UsageError where none or several do."""
    candidates = list(_headers(part, form))
    for names in candidates:
        found = detect(names)
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(
                f"{part.label}: its header fits the presets {_list(m.name for m in found)}; choose one with -m"
            )
    best = sorted((len(missing), name, missing) for names in candidates for name, missing in closeness(names))
    came_close = "; ".join(f"{name} lacks {_list(missing)}" for _, name, missing in _once(best)[:2])
    raise UsageError(
        f"{part.label}: no preset fits its header{f' ({came_close})' if came_close else ''}; "
        f"choose one with -m NAME (backfill presets lists them), or draft a mapping of the file's own: "
        f"{command(['backfill', 'init', '-' if part.label == 'standard input' else str(part.path)])}"
    )


def _once(best: list[tuple[int, str, list[str]]]) -> list[tuple[int, str, list[str]]]:
    first = {name: entry for entry in reversed(best) for name in entry[1:2]}
    return sorted(first.values())


def layouts_of(parts: list[Part], form: Format, mapping: Mapping) -> tuple[Mapping, list[Layout]]:
    """The layouts of an input's parts; where one is a reject file, what its marks say is read beside the columns."""
    layouts = [layout(part, form, mapping) for part in parts]
    if not any(one.reject_file for one in layouts):
        return mapping, layouts
    mapping = replace(mapping, beside=(*mapping.beside, *HELD))
    return mapping, [layout(part, form, mapping) for part in parts]


def layout(part: Part, form: Format, mapping: Mapping) -> Layout:
    """Where the mapping's columns stand in this part. Raises SourceError where one that is required is missing."""
    if form == "jsonl":
        return _json_layout(part, mapping)
    lines = head(part)
    stated = mapping.source.delimiter
    best: tuple[int, tuple[str, ...], list[tuple[str, ...]]] | None = None
    for delimiter in dict.fromkeys((*((stated,) if stated else ()), *DELIMITERS)):
        other, bare = _bare(lines, delimiter)
        for names, skip in _csv_headers(bare, delimiter, mapping.source.quoting == "standard"):
            if stated not in (None, delimiter) and not marks_of_header(names):
                continue  # a reject file alone is as it was saved last
            own = _own(names)
            missing = [group for group in mapping.required if not any(place(own, n, mapping) for n in group)]
            if not missing:
                made = _csv_layout(part, names, skip, delimiter, mapping, bare)
                return _fitted(replace(made, left_over=other), bare[skip:])
            if best is None or (len(missing), -len(names)) < (best[0], -len(best[1])):
                best = (len(missing), names, missing)
    raise SourceError(_missing(part, best[1] if best else (), best[2] if best else list(mapping.required), lines))


def _json_layout(part: Part, mapping: Mapping) -> Layout:
    """With the outermost shape of the part's objects in which they have the mapping's columns."""
    found = first_objects(part)
    shape, objects = next(((shape, objects) for shape, objects in found if _fits(objects, mapping)), found[0])
    rejects = any(one.marks for one in objects)
    made = Layout("jsonl", mapping.columns, group=_group(mapping), empty=_empty(mapping), reject_file=rejects)
    return replace(made, shape=shape, beside=frozenset(mapping.beside))


def _fits(objects: list[Object], mapping: Mapping) -> bool:
    return all(any(holds(one.values, name) for one in objects for name in group) for group in mapping.required)


def _csv_layout(
    part: Part, names: tuple[str, ...], skip: int, delimiter: str, mapping: Mapping, lines: list[str]
) -> Layout:
    positions, own, marks = [], _own(names), marks_of_header(names)
    for column in mapping.columns:
        held = held_in(marks, column) if column in HELD else None
        found = place(own, column, mapping) if column not in HELD else [held] if held is not None else []
        if len(found) > 1:
            raise SourceError(f"{part.label}: the header has {column!r} {len(found)} times; rename all but one")
        positions.append(found[0] if found else -1)
    return Layout(
        "csv",
        mapping.columns,
        tuple(positions),
        header=names,
        named=len(names),
        skip=skip,
        above=frozenset(text for line in lines[: skip - 1] if (text := line.strip())),
        delimiter=delimiter,
        line_end="\r\n" if lines[skip - 1].endswith("\r\n") else "\n",
        group=_group(mapping),
        pad=mapping.source.short_rows == "pad",
        quoted=mapping.source.quoting == "standard",
        trailer=mapping.source.trailer,
        empty=_empty(mapping),
        beside=frozenset(mapping.beside),
        marks=marks,
        reject_file=bool(marks),
    )


def _fitted(layout: Layout, lines: list[str]) -> Layout:
    """With the cells beyond the header that every row has, all of them empty; without those of it that none has."""
    header = layout.header
    named = max((at for at, name in enumerate(header, 1) if name.strip()), default=len(header))
    found = [cells for cells in records(lines, layout) if any(map(trim, cells))]
    widths = Counter(len(cells) for cells in found if len(cells) >= named and not any(map(trim, cells[named:])))
    usual, often = widths.most_common(1)[0] if widths else (len(header), 0)
    width = usual if often * 2 > len(found) else len(header)
    others = frozenset(one for one, rows in widths.items() if rows > 1 and named < one != width)
    surplus = width > len(header)
    return replace(layout, header=(header + ("",) * width)[:width], named=named, surplus=surplus, widths=others)


def _group(mapping: Mapping) -> int | None:
    return mapping.columns.index(mapping.source.group_by) if mapping.source.group_by else None


def _empty(mapping: Mapping) -> frozenset[str]:
    return frozenset({"", *mapping.source.empty})


def _own(names: Sequence[str]) -> list[str]:
    """A header's names, those of its marks left blank."""
    marks = set(marks_of_header(names).values())
    return ["" if at in marks else name for at, name in enumerate(names)]


def place(names: Sequence[str], column: str, mapping: Mapping) -> list[int]:
    """Where the header has a column: by its exact name, else an alias, else trimmed and without regard to case."""
    aliases = mapping.source.aliases.get(column, ())
    for accepted in ({column}, set(aliases)):
        if found := [i for i, name in enumerate(names) if name in accepted]:
            return found
    folded = {fold(name) for name in (column, *aliases)}
    return [i for i, name in enumerate(names) if fold(name) in folded]


def _headers(part: Part, form: Format) -> Iterator[Sequence[str]]:
    """The names of every line that may be the header, read every way it may be read."""
    if form == "jsonl":
        for _, objects in first_objects(part):
            yield from (list(_paths(one.values)) for one in objects[:LINES] if one.reason is None)
        return
    lines = head(part)
    for delimiter in DELIMITERS:
        yield from (names for names, _ in _csv_headers(_bare(lines, delimiter)[1], delimiter))


def _bare(lines: list[str], delimiter: str) -> tuple[str, list[str]]:
    """What another program has left over at the lines' ends, and the lines without it."""
    other = left_over(lines, delimiter, DELIMITERS)
    return other, [without(other, line) for line in lines] if other else lines


def _csv_headers(lines: list[str], delimiter: str, quoted: bool = True) -> Iterator[tuple[tuple[str, ...], int]]:
    """The first records, each as a header: its names, and the physical lines up to its end."""
    skip = 0
    while skip < min(len(lines), LINES):
        for names, end in _names(lines[skip:], delimiter, quoted):
            if (any(name.strip() for name in names) and end == 1) or len(names) > 1:
                yield tuple(name.removeprefix(MARK) for name in names), skip + end
        skip += 1


def _names(lines: list[str], delimiter: str, quoted: bool) -> Iterator[tuple[list[str], int]]:
    """A header that begins in the first of these lines, as it may be read; and how many lines it takes."""
    reader = csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE)
    try:
        names = next(reader, [])
    except csv.Error:
        names = []
    if quoted and (inner := unwrapped(names, delimiter)):
        yield inner, reader.line_num
    if quoted and odd(lines[0], delimiter) and (spelt := spelled(lines[0], delimiter)):
        yield spelt, 1
    yield names, reader.line_num


def column_names(parts: list[Part], layouts: list[Layout]) -> list[str]:
    """The input's columns, once each; of JSONL the paths that its first objects have."""
    if layouts[0].format == "jsonl":
        names = (path for paths in _headers(parts[0], "jsonl") for path in paths)
    else:
        names = (layout.header[at] for layout in layouts for at in layout.own)
    return [name for name in dict.fromkeys(names) if name.strip()]


def _paths(found: object, prefix: str = "") -> Iterator[str]:
    if isinstance(found, dict):
        for key, value in found.items():
            yield prefix + key
            yield from _paths(value, f"{prefix}{key}.")


def missing_paths(parts: list[Part], layouts: list[Layout], mapping: Mapping) -> str | None:
    """The sentence for JSONL paths that the mapping needs and no row of the input has, or None."""
    present = set().union(*(layout.present for layout in layouts))
    if layouts[0].format != "jsonl":
        return None
    if not any(layout.met for layout in layouts):
        return _not_json(parts[0])
    missing = [group for group in mapping.required if not present & set(group)]
    if not missing:
        return None
    names = dict.fromkeys(name for names in _headers(parts[0], "jsonl") for name in names)
    return _missing(parts[0], list(names), missing, [])


def _not_json(part: Part) -> str | None:
    first = next((line.strip() for line in head(part) if line.strip()), "{")
    if first.startswith(("{", "[")) or not any(delimiter in first for delimiter in DELIMITERS):
        return None
    return f"{part.label}: looks like CSV, not JSON lines; name it .csv or set source.format: csv"


def _missing(part: Part, names: Sequence[str], missing: list[tuple[str, ...]], lines: list[str]) -> str:
    if lines and lines[0].lstrip("\ufeff \t").startswith(("{", "[{")):
        return f"{part.label}: looks like JSON lines, not CSV; name it .jsonl or set source.format: jsonl"
    shown = [name for name in _own(names) if name.strip()]
    if any("@" in name or name.strip()[0].isdigit() for name in shown):
        shown = []  # a row of data more likely than a header, and nobody's data belongs in a message
    sentences = []
    for group in missing[:8]:
        near = difflib.get_close_matches(group[0], shown, n=3, cutoff=0.5)
        sentences.append(f"{' or '.join(map(repr, group))}{f' (near: {_list(map(repr, near))})' if near else ''}")
    more = f" and {len(missing) - 8} more" if len(missing) > 8 else ""
    place = f"no header within its first {LINES} lines" if lines else "no line of it"
    return (
        f"{part.label}: {place} has the column{'s' if len(missing) > 1 else ''} "
        f"{', '.join(sentences)}{more}; what another version of the export calls otherwise wants source.aliases, "
        "what it may lack source.optional"
    )


def _list(items: Iterator[str] | Sequence[str]) -> str:
    return ", ".join(items)
