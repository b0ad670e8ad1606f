"""The figures of a run, written anew while it sends."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from backfill.errors import UsageError
from backfill.report.metrics import write_metrics

SECONDS = 15.0  # between two writings


@asynccontextmanager
async def writing_metrics(
    path: Path | None, summaries: Callable[[], Sequence[dict[str, Any]]], warn: Callable[[str], None]
) -> AsyncIterator[None]:
    """Write the figures of now every 15 seconds while the body runs, where a path is given."""
    writer = asyncio.create_task(_keep_writing(path, summaries, warn)) if path is not None else None
    try:
        yield
    finally:
        if writer is not None:
            writer.cancel()
            with suppress(asyncio.CancelledError):
                await writer


async def _keep_writing(
    path: Path, summaries: Callable[[], Sequence[dict[str, Any]]], warn: Callable[[str], None]
) -> None:
    """A full disk is reported once, and is no reason to stop sending."""
    warned = False
    while True:
        try:
            with suppress(RuntimeError):  # a count was changed while it was read: the next time will do
                await asyncio.to_thread(write_metrics, path, summaries(), running=True)
        except UsageError as error:
            if not warned:
                warn(str(error))
            warned = True
        await asyncio.sleep(SECONDS)
