"""A first mapping for an export: the preset that its header matches, or a draft from its columns and values."""

import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from itertools import count
from pathlib import Path
from typing import IO, Any

from backfill.commands.init.draft import draft
from backfill.commands.init.near import lacking, near_fit, nearest
from backfill.commands.init.preset import Fit, recognised
from backfill.commands.init.questions import answered
from backfill.commands.init.sample import Sample, sample_of
from backfill.console import prompt, show, show_as_is, show_json, tell
from backfill.convert.layout import format_of
from backfill.errors import UsageError, command
from backfill.files.encoding import detect_encoding
from backfill.files.formats import BY_SUFFIX, COMPRESSED
from backfill.files.open import open_parts
from backfill.files.part import Part
from backfill.files.xlsx import name_sheet
from backfill.mapping import Mapping, detect, load_text, preset_text
from backfill.mapping import presets as shipped
from backfill.mapping.draft import Draft, Finding
from backfill.report.console import terminal
from backfill.storage.outputs import create, takes_files
from backfill.storage.remote.path import here, masked

__all__ = ["drafted", "init", "unused_path"]

STANDARD_OUTPUT = Path("-")


def init(
    file: str,
    output: Path | None,
    encoding: str | None = None,
    sheet: str | None = None,
    *,
    presets: bool = True,
    questions: bool = False,
    as_json: bool = False,
) -> int:
    """Write a mapping for a file, and say what it still needs and which command comes next; return the exit code.

    Without `presets` it is drafted from the file's columns and values, even where a preset is known for it. With
    `questions` a person on the terminal is asked what the file can't answer. `as_json` shows what was found to a
    program, and the text with it where the output is standard output.

    Without an output it goes into the file's folder, with its name and .yaml; what exists is never overwritten.
    Raises UsageError for a file that is no export, or an output that exists, ends as data does or can't be written.
    """
    if output is not None and output.suffix.lower() in {*BY_SUFFIX, *COMPRESSED}:
        raise UsageError(f"{output}: it ends as exports do, and a pattern would take it for one; name another (.yaml)")
    if output is not None and output != STANDARD_OUTPUT and os.path.lexists(output):
        raise UsageError(f"{output}: exists already, and is not overwritten; name another, or remove it")
    made = drafted(file, encoding, sheet, presets=presets, warn=tell)
    if questions and terminal() and file != "-":
        made = answered(made, _reply, tell)
    mapping = load_text(made.text, "the mapping written")  # one that can't be loaded would be a bug, and is not written
    path = None if output == STANDARD_OUTPUT else _written(made.text, output, file)
    joins = [word for name in mapping.lookups for word in ("--lookup", f"{name}={name.upper()}.csv")]
    stated = [word for name, value in (("--encoding", encoding), ("--sheet", sheet)) if value for word in (name, value)]
    follows = command(["backfill", "check", masked(file), "-m", _named(path), *stated, *joins]) if path else None
    if as_json:
        show_json(_described(made, mapping, path, follows))
    elif path is None:
        show_as_is(made.text, end="")
        for line in _remarks(made):
            tell(line)
    else:
        for line in (f"wrote {path}: {made.event}", *_remarks(made), f"next: {follows}"):
            show(line)
    return 0


def drafted(
    file: str,
    encoding: str | None = None,
    sheet: str | None = None,
    *,
    presets: bool = True,
    warn: Callable[[str], None] = lambda warning: None,
) -> Draft:
    """Draft a mapping for a file. Raises UsageError for one that is no export."""
    with open_parts([file]) as parts:
        part = parts[0]
        detect_encoding(part, encoding)
        if sheet is not None:
            name_sheet(part, sheet)
        form = format_of(part, None)  # standard input has no name: its text shows the format
        for warning in part.warnings:
            warn(warning)
        sample = sample_of(part, form)
        return replace(_made(part, sample, file, presets), columns=tuple(sample.names))


def _remarks(made: Draft) -> list[str]:
    close = [made.close] if made.close else []
    return [*close, *(f"changed: {change}" for change in made.changes), *(f"fill in {ask}" for ask in made.asks)]


def _described(made: Draft, mapping: Mapping, path: Path | None, follows: str | None) -> dict[str, Any]:
    """What was found, for a program; `text` is there where it was not written to a file."""
    read = (Finding(name, cell.names, (), ()) for name, cell in mapping.events[0].fields.items())
    return {
        "mapping": str(path.absolute()) if path else None,
        "text": None if path else made.text,
        "name": mapping.name,
        "preset": made.preset,
        "event": made.event,
        "changed": list(made.changes),
        "fill_in": list(made.asks),
        "fields": [asdict(found) for found in made.fields or read],
        "next": follows,
    }


def _reply(question: str) -> str:
    prompt(question)
    try:
        return sys.stdin.readline()
    except (OSError, ValueError):
        return ""


def _made(part: Part, sample: Sample, file: str, presets: bool) -> Draft:
    about = "standard input" if file == "-" else here(file).name
    if not presets:
        return draft(sample, _name(file), about)
    found = _presets(sample)
    if len(found) > 1:
        names = ", ".join(mapping.name for mapping in found)
        raise UsageError(f"{part.label}: its header fits the presets {names}; backfill presets NAME prints one")
    if found and found[0].refuse:
        raise UsageError(f"{part.label}: recognised as {found[0].name}, which can't be used: {found[0].refuse}")
    if found and (lost := lacking(sample, found[0])):
        return draft(sample, _name(file), about, lost)
    fit = Fit(found[0], preset_text(found[0].name)) if found else near_fit(sample)
    return recognised(part, sample, fit, about) if fit else draft(sample, _name(file), about, nearest(sample))


def _presets(sample: Sample) -> list[Mapping]:
    """The presets that the header fits, whichever line it is."""
    if found := detect([*sample.header]):
        return found
    return next((found for names in sample.headers if (found := detect(names))), [])


def _stem(file: str) -> str:
    return "mapping" if file == "-" else re.split(r"\.(?!$)", here(file).name.lstrip("."))[0] or "mapping"


def _name(file: str) -> str:
    """A mapping's name made of the file's, unlike any preset's."""
    name = re.sub("[^a-z0-9]+", "_", _stem(file).casefold()).strip("_")[:60] or "my_export"
    return f"my_{name}" if name in shipped() else name


def _written(text: str, output: Path | None, file: str) -> Path:
    """Write the text to a new file."""

    def content(file: IO[bytes]) -> None:
        file.write(text.encode())

    if output is not None:
        try:
            return create(output, content)
        except OSError as error:
            raise UsageError(f"{output}: can't be written ({error.strerror or error}); name another with -o") from None
    for folder in _folders(file):
        for path in _paths(folder, file):
            try:
                return create(path, content)
            except FileExistsError:
                continue
            except OSError:
                break
    raise UsageError(f"{' and '.join(map(str, _folders(file)))}: can't be written; say with -o where the mapping goes")


def unused_path(file: str) -> Path:
    """Where a file's mapping would be written now."""
    folder = next(filter(takes_files, _folders(file)), Path())
    return next(path for path in _paths(folder, file) if not os.path.lexists(path))


def _folders(file: str) -> list[Path]:
    return [Path()] if file == "-" else list(dict.fromkeys((here(file).parent, Path())))


def _paths(folder: Path, file: str) -> Iterator[Path]:
    """The names that a file's mapping may have, the first first."""
    return (folder / f"{_stem(file)}{f'-{number}' if number > 1 else ''}.yaml" for number in count(1))


def _named(path: Path) -> str:
    """The path as -m takes it: a preset's name would go before a file's."""
    return f"./{path}" if str(path) in shipped() or str(path).startswith("-") else str(path)
