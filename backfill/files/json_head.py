"""The first objects of a JSON text: in which shape they are, and which of a mapping's paths they have."""

import io
import json
from collections.abc import Iterator, Sequence
from itertools import islice

from backfill.errors import SourceError, shown
from backfill.files.broken_off import trust_end
from backfill.files.csv_head import DELIMITERS
from backfill.files.format import Format, Layout, Outline, Shape
from backfill.files.head import LINES, ROOM, empty_of, group_of, head, missing, numbers_of, refuse_torn
from backfill.files.json_objects import Object, holds, read_line
from backfill.files.json_text import arrays, pieces, shapes, shapes_under, values
from backfill.files.marks import HELD_COLUMN, held_in, marks_of_keys
from backfill.files.part import Part, source_of
from backfill.files.rows import fold
from backfill.mapping import Mapping

_OBJECTS = 2_000  # whose paths are taken where no mapping names them
_BLOCK = 1 << 16  # characters
_MOST_PATHS = 1_000


def heads(part: Part) -> Iterator[list[str]]:
    """The dotted paths of each of the part's first objects, in each of the shapes that its JSON may have."""
    for _, objects in first_objects(part):
        yield from (list(_paths(one.values)) for one in objects[:LINES] if one.reason is None)


def first_objects(part: Part) -> list[tuple[Shape, list[Object]]]:
    """The part's first objects, in each of the shapes that its JSON may have, the outermost first."""
    with part.text() as text:
        start = text.read(ROOM)
    found = []
    for shape in shapes(start):
        texts = filter(None, map(str.strip, pieces(io.StringIO(start, newline=""), shape).readlines(ROOM)))
        found.append((shape, [one for text in islice(texts, LINES * 4) for one in read_line(text)]))
    return found


def layout_of(part: Part, mapping: Mapping, form: Format) -> Layout:
    """With the outermost shape of the part's objects in which they have the marks of rejects, or the mapping's columns.

    A rejected object may lack a column that another within it has.
    """
    found = first_objects(part)
    fitting = [(shape, objects) for shape, objects in found if _fits(objects, mapping)]
    marked = [(shape, objects) for shape, objects in found if any(one.marks for one in objects)]
    shape, objects = next(iter(marked + fitting), None) or _empty_page(part, found, mapping) or found[0]
    for one in objects:
        refuse_torn(part, one.values, mapping)
    if shape.keys:
        trust_end(part)
    return Layout(
        form,
        mapping.columns,
        group=group_of(mapping),
        summed=bool(mapping.source.sum),
        empty=empty_of(mapping),
        numbers=numbers_of(mapping),
        shape=shape,
        extra=frozenset(mapping.extra),
        reject_file=bool(marked),
        source=source_of(part.label),
    )


def _empty_page(
    part: Part, found: list[tuple[Shape, list[Object]]], mapping: Mapping
) -> tuple[Shape, list[Object]] | None:
    """The shape of a page without rows: one object around an empty array, which has none of the mapping's columns."""
    objects = found[0][1]
    if len(objects) != 1 or any(holds(objects[0].values, name) for name in mapping.columns):
        return None
    with part.text() as text:
        shape = next(arrays(text.read(ROOM), empty=True), None)
    return (shape, []) if shape else None


def _fits(objects: list[Object], mapping: Mapping) -> bool:
    return all(any(holds(one.values, name) for one in objects for name in group) for group in mapping.required)


def _paths(found: object, prefix: str = "") -> Iterator[str]:
    if isinstance(found, dict):
        for key, value in found.items():
            yield prefix + key
            yield from _paths(value, f"{prefix}{key}.")


def lacking(parts: Sequence[Part], layouts: Sequence[Layout], mapping: Mapping) -> str | None:
    """The sentence for paths that the mapping needs and no row of the input has, or for rows that were not read."""
    if beside := next(filter(None, (_beside(*one, mapping) for one in zip(parts, layouts, strict=True))), None):
        return beside
    if not any(layout.met for layout in layouts):
        return _not_json(parts[0])
    present = set().union(*(layout.present for layout in layouts))
    groups = [group for group in mapping.required if not present & set(group)]
    if not groups or (all(layout.reject_file for layout in layouts) and _left_out(parts, groups, mapping)):
        return None
    names = dict.fromkeys(name for names in heads(parts[0]) for name in names)
    return missing(parts[0], "no line of it", list(names), groups)


def _left_out(parts: Sequence[Part], groups: list[tuple[str, ...]], mapping: Mapping) -> bool:
    """Whether reject files alone leave these paths out: the run that wrote them had met the paths in other objects.

    Not so where none of the mapping's is there or named by a mark, nor where one has other letters by now.
    """
    objects = [one for part in parts for _, found in first_objects(part) for one in found if one.marks]
    names = [name for group in groups for name in group]
    if not {fold(path) for one in objects for path in _paths(one.values)}.isdisjoint(map(fold, names)):
        return False
    said = {name for one in objects for name in str(held_in(one.marks, HELD_COLUMN) or "").split("|")}
    return len(groups) < len(mapping.required) or not said.isdisjoint(names)


def _beside(part: Part, layout: Layout, mapping: Mapping) -> str | None:
    """The sentence for another array whose objects have the mapping's columns, too: it was not read."""
    for keys in sorted(layout.beside):
        for shape in shapes_under(keys):
            with part.text() as text:
                texts = islice(values(text.read, shape, known=True), LINES * 4)
                if not _fits([one for each in texts for one in read_line(each)], mapping):
                    continue
            names = " and ".join(shown(".".join(one)) for one in (layout.shape.keys, keys))
            return (
                f"{part.label}: {names} are arrays that both have the mapping's columns, and one is read; save each in "
                "a file of its own"
            )
    return None


def _not_json(part: Part) -> str | None:
    first = next((line.strip() for line in head(part) if line.strip()), "{")
    if first.startswith(("{", "[")) or not any(delimiter in first for delimiter in DELIMITERS):
        return None
    return f"{part.label}: looks like CSV, not JSON lines; name it .csv or set source.format: csv"


def first_is_marked(start: str) -> bool:
    """Whether the first object has marks, in whatever shape of JSON it is."""
    try:
        pairs, _ = json.JSONDecoder(object_pairs_hook=list).raw_decode(start, max(start.find("{"), 0))
    except (ValueError, RecursionError):
        return False
    return bool(marks_of_keys([name for name, _ in pairs]))


# -- with no mapping to say which paths there are


def outline(part: Part, form: Format) -> Outline:
    """With all paths of its first objects. Raises SourceError where they have none."""
    shape = _shape(part)
    names = _paths_of(part, shape)
    return Outline(Layout(form, names, header=names, shape=shape), [])


def _shape(part: Part) -> Shape:
    """Where the rows are: the outermost objects, unless there is one alone and those in its array have more in them."""
    outer, *inner = first_objects(part)
    if inner and len(outer[1]) <= 1:
        shape, objects = max(inner, key=lambda found: sum(len(one.values) for one in found[1]))
        if not outer[1] or len(objects[0].values) > len(outer[1][0].values):
            return shape
    return outer[0]


def _paths_of(part: Part, shape: Shape) -> tuple[str, ...]:
    """The dotted paths of all values in the first lines, in order; of a list the first item alone."""
    names: dict[str, None] = {}
    with part.text() as text:
        source, seen = pieces(text, shape), 0
        while seen < _OBJECTS and (lines := source.readlines(_BLOCK)):
            seen += len(lines)
            for one in (one for line in lines if line.strip() for one in read_line(line.strip())):
                if one.reason is None:
                    names.update(dict.fromkeys(_leaf_paths(one.values)))
            if len(names) > _MOST_PATHS:
                break
    if not names:
        raise SourceError(f"{part.label}: none of its first {_OBJECTS:,} objects is one with a value in it")
    return tuple(islice(names, _MOST_PATHS))


def _leaf_paths(found: object, prefix: str = "", depth: int = 0) -> Iterator[str]:
    items: list[tuple[str, object]] = []
    if isinstance(found, dict):
        items = [(key, value) for key, value in found.items() if not prefix or "." not in key]
    elif isinstance(found, list):
        items = [("0", found[0])] if found else []
    for key, value in items:
        if isinstance(value, dict | list) and depth < 8:
            yield from _leaf_paths(value, f"{prefix}{key}.", depth + 1)
        elif not isinstance(value, dict | list):
            yield prefix + key
