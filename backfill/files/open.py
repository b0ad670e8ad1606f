"""The input's files, plain, compressed, zipped or standard input.

The first bytes decide what a file is; its name only says which format its text has.
"""

import os
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO, cast

from backfill.errors import SourceError, shown
from backfill.files.formats import BY_SUFFIX, format_named
from backfill.files.other_kinds import ARCHIVES, WORKBOOK
from backfill.files.part import DAMAGE, Part, stamp_of
from backfill.files.workbook import Workbook
from backfill.mapping.yaml_nodes import nearest_file
from backfill.storage.remote.path import Fetching, RemotePath, is_url
from backfill.storage.scratch import Scratch, state_errors

*_FIRST, _LAST = BY_SUFFIX
NAMES = f"a {', '.join(_FIRST)} or {_LAST}, plain or as .gz, .bz2, .xz, .zst or .zip"

_ZIP = b"PK\x03\x04"
_LITTER = {"thumbs.db", "desktop.ini", "ehthumbs.db"}
_LEAFLETS = {"readme", "license", "licence"}


@contextmanager
def open_parts(
    names: list[str], fetching: Fetching | None = None, say: Callable[[str], None] = lambda _: None
) -> Iterator[list[Part]]:
    """Open every file, standard input as `-`. Raises SourceError for what is no export.

    `fetching` shows how far those in a store have come; `say` is told what takes a while.
    """
    with ExitStack() as stack:
        parts: list[Part] = []
        for name in names:
            parts += _open(name, stack, fetching, say)
        seen: set[tuple[str, str | None]] = set()
        for part in parts:
            where = str(part.path) if part.copy else os.path.realpath(str(part.path))
            mark = (where, part.member.filename if part.member else None)
            if mark in seen:
                raise SourceError(f"{part.label}: named twice in one input")
            seen.add(mark)
        yield parts


def _open(name: str, stack: ExitStack, fetching: Fetching | None, say: Callable[[str], None]) -> list[Part]:
    if is_url(name):
        part = _in_store(name, stack, fetching, say)
    else:
        part = _standard_input(stack) if name == "-" else _file(name, stack)
    part.stamp = stamp_of(part.raw)
    part.size = part.stamp[0]
    if part.size == 0:
        raise SourceError(f"{part.label}: a file of 0 bytes")
    made = _members(part, stack) or [part]
    for one in made:
        _open_workbook(one, stack)
    return made


def _standard_input(stack: ExitStack) -> Part:
    if sys.stdin is None:
        raise SourceError("standard input: closed; name a file")
    with state_errors():
        copy = stack.enter_context(tempfile.NamedTemporaryFile(prefix="backfill-stdin-"))  # noqa: SIM115 (the stack closes it)
        with Path(copy.name).open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
    return Part("standard input", Path(copy.name), cast(IO[bytes], copy))


def _in_store(name: str, stack: ExitStack, fetching: Fetching | None, say: Callable[[str], None]) -> Part:
    from backfill.storage.remote.copies import open_copy, release  # loaded only where a file is in a store

    path = RemotePath.of(name)
    try:
        copy, raw = open_copy(path, fetching, lambda why: say(f"{shown(str(path))}: {why}"))
        stack.callback(release, copy)
        return Part(shown(str(path)), path, stack.enter_context(raw), copy=copy)
    except OSError as error:
        raise SourceError(f"{shown(str(path))}: {error.strerror}") from None


def _file(name: str, stack: ExitStack) -> Part:
    path = Path(name)
    label = shown(str(path.absolute()))
    try:
        if not path.exists():
            raise SourceError(f"{shown(name)}: no such file{nearest_file(path)}")
        if not path.is_file():
            raise SourceError(f"{shown(name)}: not a file; name {NAMES}")
        return Part(label, path, stack.enter_context(path.open("rb")))
    except (OSError, ValueError) as error:
        raise SourceError(f"{label}: {getattr(error, 'strerror', None) or error}") from None


def _members(part: Part, stack: ExitStack) -> list[Part]:
    """The members of a zip that are data, in its order; [] for any other file."""
    if part.raw.read(len(_ZIP)) != _ZIP:
        return []
    part.raw.seek(0)
    try:
        archive = stack.enter_context(zipfile.ZipFile(part.raw))
        infos = archive.infolist()
    except (*DAMAGE, ValueError):
        what = "a workbook" if part.path.suffix.lower() in (".xlsx", ".xlsm") else "a zip"
        raise SourceError(f"{part.label}: {what} that is damaged or cut short; download or export it again") from None
    names = {info.filename for info in infos}
    if WORKBOOK in names:
        return []
    for name, kind in ARCHIVES.items():
        if name in names:
            raise SourceError(f"{part.label}: {kind}")
    files = [info for info in infos if not info.is_dir() and not _is_litter(info.filename)]
    if not files:
        raise SourceError(f"{part.label}: a zip with no file in it")
    made = [
        replace(part, label=f"{part.label}/{info.filename}", member=info, archive=archive, warnings=[])
        for info in files
    ]
    data = [one for one in made if format_named(one) and Path(one.label).stem.lower() not in _LEAFLETS] or made
    if others := [one.member.filename for one in made if one.member and one not in data]:
        more = f" and {len(others) - 3:,} more" if len(others) > 3 else ""
        data[0].warnings.append(
            f"{part.label}: passed over what is no table by its name: {', '.join(others[:3])}{more}"
        )
    return data


def _open_workbook(part: Part, stack: ExitStack) -> None:
    """Find the workbook that a part is, if it is one; a compressed one is unpacked first."""
    with part.binary() as stream:
        if stream.read(len(_ZIP)) != _ZIP:
            return
        file = part.raw
        if stream is not part.raw:
            file = stack.enter_context(Scratch("backfill-workbook-"))
            file.write(_ZIP)
            shutil.copyfileobj(stream, file)
    try:
        with zipfile.ZipFile(file) as archive:
            if WORKBOOK not in archive.NameToInfo:
                return
    except (*DAMAGE, ValueError):
        return  # an archive within an archive is refused as that
    part.book = Workbook(file, part.label)
    stack.callback(part.book.close)


def _is_litter(name: str) -> bool:
    """Whether a member is what the systems that pack archives leave in them."""
    last = Path(name).name.lower()
    return name.startswith("__MACOSX/") or last.startswith((".", "~$")) or last in _LITTER
