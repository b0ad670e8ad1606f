"""Files of the web as backfill wants them: whoever fetches one learns whether its end was known.

An answer that says neither its length nor its parts ends with the connection, so one that broke looks like the end.
"""

from typing import Any

from fsspec.callbacks import DEFAULT_CALLBACK
from fsspec.implementations.http import HTTPFileSystem

_PIECE = 1 << 20


class WebFileSystem(HTTPFileSystem):  # type: ignore[misc]
    """Files of web servers."""

    async def _get_file(self, rpath: str, lpath: str, callback: Any = DEFAULT_CALLBACK, **_: object) -> bool:
        """Write the file to one of this machine. Whether the server said where it ends."""
        session = await self.set_session()
        async with session.get(self.encode_url(rpath), **self.kwargs) as answer:
            self._raise_not_found_for_status(answer, rpath)
            callback.set_size(answer.content_length)
            with open(lpath, "wb") as file:  # noqa: ASYNC230, PTH123
                while piece := await answer.content.read(_PIECE):
                    file.write(piece)
                    callback.relative_update(len(piece))
            return "Content-Length" in answer.headers or "Transfer-Encoding" in answer.headers
