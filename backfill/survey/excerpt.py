"""An excerpt: some rows of a survey's input once more by themselves, as they are or with other cells."""

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import NamedTuple

from backfill.files.format import IN_LINES, Layout
from backfill.files.part import Origin, Part, stamp_of
from backfill.files.rejects import Rejects
from backfill.files.rows import FRAME_ROWS
from backfill.mapping import Mapping
from backfill.storage.scratch import state_errors
from backfill.survey.passes import Survey


class Piece(NamedTuple):
    """Rows of one part, as they are written there, without its header."""

    origin: Origin
    layout: Layout
    texts: Sequence[str]


class _Silent:
    """Progress that nobody watches."""

    def __enter__(self) -> "_Silent":
        return self

    def __exit__(self, *_: object) -> None: ...

    def advance(self, by: int = 1, note: str = "") -> None: ...

    def expect(self, left: object) -> None: ...

    def restart(self) -> None: ...


@contextmanager
def survey_of(survey: Survey, pieces: Iterable[Piece], mapping: Mapping | None = None) -> Iterator[Survey]:
    """Survey the pieces as parts of an input: by the same mapping, settings, lookups and ledger, inferring nothing.

    What the whole input shows of its decimal mark holds, also where no setting had to follow from it.
    `mapping` is the survey's with the marks of reject files, where a piece has some.
    """
    with ExitStack() as stack:
        parts, layouts = [], []
        for piece in pieces:
            parts.append(_part(piece, stack))
            layouts.append(replace(piece.layout, skip=0, left_over="", shape=IN_LINES, passed=[]))
        point, locale = survey.inference.point, survey.settings.locale
        locale = replace(locale, decimal=locale.decimal or ("." if point else None))
        settings = replace(survey.settings, inferred=frozenset(), locale=locale)
        rejects = stack.enter_context(Rejects.gather())
        made = (parts, layouts, mapping or survey.mapping, survey.ledger, settings, rejects, FRAME_ROWS, survey.lookups)
        again = Survey(*made, shown=False, allow_doubles=survey.allow_doubles, excerpt=True)
        again.take(_Silent())
        yield again


def _part(piece: Piece, stack: ExitStack) -> Part:
    origin = piece.origin
    end = piece.layout.line_end
    text = "".join(one if one.endswith(("\n", "\r")) else one + end for one in piece.texts)
    with state_errors():
        file = stack.enter_context(tempfile.TemporaryFile(prefix="backfill-excerpt-"))  # noqa: SIM115 (the stack closes it)
        file.write(text.encode(origin.encoding, origin.errors))  # at once: some encodings begin with a mark
        file.flush()
    part = Part(origin.label, origin.path, file, stamp=stamp_of(file), encoding=origin.encoding)
    part.errors = origin.errors
    return part
