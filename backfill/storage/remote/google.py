"""Google's file system as backfill wants it: it takes nobody's name for lack of credentials, and gives up in time."""

import os
from typing import Any

import aiohttp
from gcsfs.core import GCSFileSystem
from gcsfs.retry import retry_request

_ATTEMPTS = 3  # of six: after half a minute nothing is there that was not there after three seconds


class GoogleFileSystem(GCSFileSystem):  # type: ignore[misc]
    """Files of buckets, read with the credentials that Google's own programs would find."""

    _request = retry_request(retries=_ATTEMPTS)(GCSFileSystem._request.__wrapped__)

    def __init__(self, connect: float, read: float, **settings: Any):
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect, sock_read=read)
        if "STORAGE_EMULATOR_HOST" not in os.environ:
            settings["token"] = "google_default"  # noqa: S105 (no secret; without it gcsfs goes on as nobody)
        super().__init__(requests_timeout=timeout, **settings)
