"""Zstandard: which Python reads itself from 3.14 on, and a library before."""

import io
import sys
from collections.abc import Iterator
from typing import IO, Any, cast

if sys.version_info >= (3, 14):
    from compression import zstd

    ZstdError: type[Exception] = zstd.ZstdError

    def open_zstd(raw: IO[bytes]) -> IO[bytes]:
        return cast(IO[bytes], zstd.ZstdFile(raw))
else:
    import zstandard

    ZstdError = zstandard.ZstdError

    def open_zstd(raw: IO[bytes]) -> IO[bytes]:
        return cast(IO[bytes], io.BufferedReader(_Frames(raw), 1 << 18))

    class _Frames(io.RawIOBase):
        """Zstandard frames, one after the other. The library's own reader takes a file cut short for one that ends."""

        def __init__(self, raw: IO[bytes]):
            self._raw = raw
            self._frame: zstandard.ZstdDecompressionObj | None = None
            self._made = b""

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any, /) -> int:
            while not self._made:
                block = self._raw.read(1 << 15)
                if not block:
                    if self._frame is not None:
                        raise EOFError("it ends within a frame")
                    return 0
                self._made = b"".join(self._decompressed(block))
            size = min(len(buffer), len(self._made))
            buffer[:size], self._made = self._made[:size], self._made[size:]
            return size

        def _decompressed(self, block: bytes) -> Iterator[bytes]:
            while block:
                self._frame = self._frame or zstandard.ZstdDecompressor(max_window_size=1 << 31).decompressobj()
                yield self._frame.decompress(block)
                if not self._frame.eof:
                    return
                block, self._frame = self._frame.unused_data, None
