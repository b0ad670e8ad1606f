"""The layouts of an input: its format, the mapping that fits its header, and what is read as well as its columns."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from backfill.errors import SourceError, UnknownExport, UsageError, command
from backfill.files.format import Format, Layout
from backfill.files.formats import FORMATS, format_named, told_by
from backfill.files.marks import HELD
from backfill.files.open import NAMES
from backfill.files.part import Part
from backfill.files.rows import fold
from backfill.files.xlsx import XLSX, settle
from backfill.mapping import Mapping, closeness, detect, load


def format_of(part: Part, stated: str | None) -> Format:
    """The part's format: a workbook's, as stated, by its name, or, on standard input, by its first character."""
    if part.book is not None:
        return XLSX
    if form := FORMATS[stated] if stated else format_named(part):
        if form is XLSX:
            raise SourceError(f"{part.label}: no workbook but text; name it .csv, or set source.format: csv or jsonl")
        return form
    if part.label != "standard input":
        raise SourceError(f"{part.label}: the name does not say what it is; name {NAMES}, or set source.format")
    with part.text() as text:
        first = next((line.strip() for line in text if line.strip()), "")
    return told_by(first.removeprefix("\ufeff"))


def find_mapping(part: Part, form: Format) -> Mapping:
    """The one preset whose signature matches the part's header. Raises UsageError where none or several do."""
    if part.book is not None:
        settle(part, part.book, lambda: any(map(detect, form.heads(part))))
    candidates = list(form.heads(part))
    for names in candidates:
        found = detect(names)
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(
                f"{part.label}: its header fits the presets {', '.join(m.name for m in found)}; choose one with -m"
            )
    best = sorted(
        (len(missing), name, _difference(name, missing, names))
        for names in candidates
        for name, missing in closeness(names)
    )
    closest: dict[str, str] = {}
    for _, name, said in best:
        closest.setdefault(name, said)
    came_close = "; ".join(islice(closest.values(), 2))
    piped = part.label == "standard input"  # nobody can be asked anything there
    page = (
        "" if piped else f"choose what its columns are on a page: {command(['backfill', 'review', str(part.path)])}, "
    )
    raise UnknownExport(
        f"{part.label}: no preset fits its header{f' ({came_close})' if came_close else ''}; "
        f"choose one with -m NAME (backfill presets lists them), {page}"
        f"or draft a mapping of the file's own: {command(['backfill', 'init', '-' if piped else str(part.path)])}"
    )


def _difference(name: str, missing: list[str], header: Sequence[str]) -> str:
    """What keeps a header from being a preset's: a name that it lacks, or one that no export of this kind has."""
    if missing:
        return f"{name} lacks {', '.join(missing)}"
    there = {fold(column) for column in header}
    return f"{name} has no {', '.join(column for column in load(name).detect_not if fold(column) in there)}"


def layouts_of(parts: list[Part], form: Format, mapping: Mapping) -> tuple[Mapping, list[Layout]]:
    """The layouts of an input's parts; where one is a reject file, its marks are read as well as the columns."""
    layouts = [form.layout(part, mapping) for part in parts]
    if not any(one.reject_file for one in layouts):
        return mapping, layouts
    mapping = replace(mapping, extra=(*mapping.extra, *HELD))
    return mapping, [form.layout(part, mapping) for part in parts]


def column_names(parts: list[Part], layouts: list[Layout]) -> list[str]:
    """The input's columns, once each; of JSONL the paths that its first objects have."""
    names = layouts[0].format.columns(parts, layouts)
    return [name for name in dict.fromkeys(names) if name.strip()]
