"""The input of a run: what its files are, and which mapping reads them."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial

from backfill.convert.layout import column_names, find_mapping, format_of, layouts_of
from backfill.errors import MappingError, SourceError, UsageError
from backfill.fields.arrow import listed
from backfill.files import read_rows
from backfill.files.encoding import can_read, detect_encoding, keeps_ascii
from backfill.files.format import Format, Layout
from backfill.files.formats import FORMATS, format_at, told_by_name
from backfill.files.head import place
from backfill.files.open import open_parts
from backfill.files.own_outputs import holds_rejects
from backfill.files.part import Part
from backfill.files.xlsx import XLSX, name_sheet
from backfill.mapping import Mapping, load
from backfill.report.console import Console
from backfill.run.context import Input, Run
from backfill.run.options import Options, Source
from backfill.storage.outputs import lasts
from backfill.storage.remote.path import FilePath
from backfill.survey.currencies import currency_column, of_codes

_FIRST_ROWS = 100  # that show what is in columns whose names are not known


def read_input(run: Run, stack: ExitStack, mapping: Mapping | None = None) -> tuple[list[Part], Input]:
    """Open the files, and find out how they are written and which mapping reads them; the run keeps how far it came.

    `mapping` is used in place of the one that the options name. Raises UsageError and its kinds.
    """
    options, console = run.options, run.console
    run.mapping = mapping or _named_mapping(options.source)
    parts = stack.enter_context(open_parts(list(options.source.files), partial(_fetching, console), console.info))
    run.mapping = _mapping_for(parts, run.mapping, options, console)
    run.input = _lay_out(parts, run.mapping, options.outputs.shows, console)
    return parts, run.input


@contextmanager
def _fetching(console: Console, name: str, size: int) -> Iterator[Callable[[int], None]]:
    """Show how far a file in a store has come."""
    with console.progress(f"fetching {name}", size, "B") as progress:
        yield progress.advance


def _named_mapping(source: Source) -> Mapping | None:
    """Load the mapping, where one was named. Raises MappingError for a draft that is not filled in."""
    mapping = load(source.mapping) if source.mapping else None
    if mapping and (blanks := list(mapping.unfilled())):
        raise MappingError(mapping.origin, blanks)
    return mapping


def _mapping_for(parts: list[Part], named: Mapping | None, options: Options, console: Console) -> Mapping:
    """Find out how the files' text is written, and the mapping that reads them."""
    source = options.source
    for part in parts:
        _detect_encoding(part, source.encoding or (named.source.encoding if named else None))
        _name_sheet(part, source.sheet, named)
    formats = {format_of(part, named.source.format if named else None) for part in parts}
    if len(formats) > 1:
        raise SourceError("the files are of several formats; give those of one format at a time")
    form = formats.pop()
    for name in ("rejects", "gaps"):
        if (path := getattr(options.outputs, name)) is not None:
            _refuse_name(f"--{name} {path}", path, form, named.source.format if named else None)
    mapping = named or find_mapping(parts[0], form)
    if mapping.refuse:
        raise UsageError(f"{parts[0].label}: {mapping.refuse}")
    console.about["mapping"] = mapping.name
    return _overridden(mapping, source)


def _refuse_name(option: str, path: FilePath, form: Format, stated: str | None) -> None:
    """Raise UsageError for a name under which the rows that are written there could not be uploaded."""
    if form.sparse and path.suffix.lower() in XLSX.suffixes:
        raise UsageError(f"{option}: JSON lines are no table; name a {form.suffixes[0]}")
    written = format_at(path, form)
    if lasts(path) and written is not XLSX and written is not (FORMATS[stated] if stated else told_by_name(path.name)):
        fitting = (*written.suffixes, *(() if form.sparse else XLSX.suffixes))
        raise UsageError(f"{option}: could not be uploaded under that name; name a {' or '.join(fitting)}")


def _lay_out(parts: list[Part], mapping: Mapping, shows: bool, console: Console) -> Input:
    """Find out where the mapping's columns are in each file.

    `shows` says whether somebody is to see the sums of the events, which needs their currency.
    """
    form = format_of(parts[0], mapping.source.format)
    mapping, layouts = layouts_of(parts, form, mapping)
    if shows:
        mapping, layouts = _with_currency(parts, form, mapping, layouts)
    for part, one in zip(parts, layouts, strict=True):
        for warning in part.warnings:
            console.warn(warning)
        console.detail(f"{part.label}: {one.format.described(one, part.encoding)}")
    _warn_of_copies(parts, layouts, console)
    return Input([part.origin for part in parts], layouts, mapping)


def _warn_of_copies(parts: list[Part], layouts: list[Layout], console: Console) -> None:
    """Warn that an export's rows may be there twice: only where they are added up is it known which are the same."""
    rejects = [one.reject_file for one in layouts]
    if any(rejects) and not all(rejects) and not layouts[0].summed:
        mended, export = parts[rejects.index(True)], parts[rejects.index(False)]
        console.warn(
            f"{mended.label} is a reject file, {export.label} is none: if its rows are of that export, they are there "
            "twice, and what was mended in them is rejected once more as it was; upload the reject file alone"
        )


def _detect_encoding(part: Part, stated: str | None) -> None:
    """Find a part's encoding. A reject file has the one that it was saved in last, whatever was stated."""
    if stated and _holds_rejects(part):
        try:
            detect_encoding(part, None)
        except SourceError:  # several are as likely
            if _is_foreign(part, stated):
                raise
        else:
            if _is_foreign(part, stated) or not (part.guessed or _is_plain(part)):
                return
        part.guessed, part.warnings = False, []
    detect_encoding(part, stated)


def _is_foreign(part: Part, stated: str) -> bool:
    """Whether a reject file can't be in the stated encoding, as its bytes show: it was saved in another one since."""
    if keeps_ascii(part.encoding) != keeps_ascii(stated):
        return True
    return keeps_ascii(stated) and not can_read(part, stated)


def _name_sheet(part: Part, asked: str | None, mapping: Mapping | None) -> None:
    """Turn a workbook to its sheet, where one was named. A mapping's may have been saved as another kind of file."""
    stated = mapping.source.sheet if mapping else None
    if asked is not None or (stated is not None and part.book is not None):
        name_sheet(part, asked or stated or "")


def _holds_rejects(part: Part) -> bool:
    with part.binary() as stream:
        return holds_rejects(stream.read(1 << 18))


def _is_plain(part: Part) -> bool:
    """Whether the part has nothing but ASCII, so that most encodings are its own."""
    with part.binary() as stream:
        return all(map(bytes.isascii, iter(partial(stream.read, 1 << 20), b"")))


def _with_currency(
    parts: list[Part], form: Format, mapping: Mapping, layouts: list[Layout]
) -> tuple[Mapping, list[Layout]]:
    """Also read the column that has the currency, where the mapping does not: it is needed only for what is shown."""
    names = column_names(parts, layouts)
    name = currency_column(mapping, names) or _column_of_codes(parts, form, mapping, layouts, names)
    if name is None or name in mapping.named or mapping.lookup_of(name) is not None:
        return mapping, layouts
    if any(len(place(one.header, name, mapping)) > 1 for one in layouts):
        return mapping, layouts
    mapping = replace(mapping, extra=(*mapping.extra, name))
    return mapping, [form.layout(part, mapping) for part in parts]


def _column_of_codes(
    parts: list[Part], form: Format, mapping: Mapping, layouts: list[Layout], names: list[str]
) -> str | None:
    """A column of the input whose first cells are codes of currencies, as no name is known in every language."""
    others = [name for name in names if name not in mapping.named and mapping.lookup_of(name) is None]
    if not others or not any(cell.names for cell in mapping.cells_of("amount")) or layouts[0].reject_file:
        return None
    others = [name for name in others if form.sparse or len(place(layouts[0].header, name, mapping)) == 1]
    wide = replace(mapping, extra=(*mapping.extra, *others))
    try:
        rows = next(read_rows(parts[:1], [form.layout(parts[0], wide)], frame=_FIRST_ROWS), None)
    except SourceError:  # of a column that nothing needs
        return None
    cells = dict(zip(wide.columns, rows.cells, strict=True)) if rows is not None else {}
    return of_codes({name: listed(cells[name]) for name in others if name in cells})


def _overridden(mapping: Mapping, source: Source) -> Mapping:
    names = ("timezone", "date_order", "decimal", "encoding")
    stated = {name: value for name in names if (value := getattr(source, name)) is not None}
    route = source.route.column if source.route else None
    return replace(mapping, source=replace(mapping.source, **stated), route=route)
