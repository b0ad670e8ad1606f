"""What backfill asks of a store: how a file is at this moment, its bytes, a new file, and the files of a pattern.

Every other file system of fsspec would do; these are the ones whose errors are known and whose files can be created
without taking another's place. Each function raises RemoteError, an OSError with one sentence for a person.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from email.utils import parsedate_to_datetime
from functools import cache
from importlib import import_module
from logging import NullHandler, getLogger
from pathlib import Path
from typing import Any, NamedTuple

from backfill.errors import BackfillError
from backfill.storage.remote.path import RemotePath
from backfill.storage.remote.refusals import RemoteError, explained, knows_no_conditions, name_is_taken, says_nothing
from backfill.storage.scratch import state_errors

_SYSTEMS = {  # the extra's module and its file system
    "s3": ("s3fs", "S3FileSystem"),
    "gs": ("backfill.storage.remote.google", "GoogleFileSystem"),
    "az": ("adlfs", "AzureBlobFileSystem"),
    "sftp": ("sshfs", "SSHFileSystem"),
    "https": ("backfill.storage.remote.web", "WebFileSystem"),
}
_ASIDE = ".backfill-"  # how the names of files begin that are not complete: no pattern takes one
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_MARKS = ("ETag", "etag", "generation", "mtime", "LastModified", "last_modified", "Last-Modified", "Content-MD5")
_TALKING = ("fsspec", "s3fs", "gcsfs", "adlfs", "azure", "asyncssh", "botocore", "aiobotocore", "asyncio")  # into logs
_CONNECT, _READ = 10.0, 30.0  # seconds until a server that does not answer is given up


class Stamp(NamedTuple):
    """What is another once a file is another: its size, and the store's own marks."""

    size: int | None
    marks: tuple[str, ...]
    written: float | None = None  # when, in seconds, where a file is seen while somebody still writes to it


def stamp_of(path: RemotePath) -> Stamp:
    """How the file is at this moment. Raises FileNotFoundError where there is none."""
    with _errors(path, "read"):
        system = _system(path.scheme, path.host)
        system.invalidate_cache()
        try:
            info = system.info(_name(path))
        except OSError as error:
            if path.scheme == "s3" and says_nothing(error):
                system.cat_file(_name(path), start=0, end=1)  # whose refusal has a body
            raise
        if path.scheme == "https" and str(info.get("url", "https")).startswith("http:"):
            raise RemoteError("leads on to an address without encryption")
        if info["type"] != "file":
            raise RemoteError("is a folder; name a file")
        marks = tuple(f"{name} {info[name]}" for name in _MARKS if info.get(name))
        return Stamp(info["size"], marks, _written(path, info))


def _written(path: RemotePath, info: dict[str, Any]) -> float | None:
    """When the file was written to last, on a server that shows one which still grows and says so."""
    if path.scheme == "sftp" and info.get("mtime") is not None:
        return float(info["mtime"].timestamp())
    if path.read_only and info.get("Last-Modified"):
        with suppress(TypeError, ValueError):
            return parsedate_to_datetime(info["Last-Modified"]).timestamp()
    return None


def exists(path: RemotePath) -> bool:
    """Whether a file is there. One that must not be looked at may be there: creating it will tell."""
    try:
        stamp_of(path)
    except FileNotFoundError:
        return False
    except RemoteError as error:
        if error.denied:
            return False
        raise
    return True


def download(path: RemotePath, target: Path, advance: Callable[[int], None] | None = None) -> bool:
    """Write the file's bytes to a private file of this machine; `advance` is told of each so many of them.

    Whether these are known to be all: to a web server's answer that says no length, any broken connection is the end.
    """
    with _errors(path, "read"):
        system = _system(path.scheme, path.host)
        from fsspec.callbacks import Callback

        done = 0

        def tell(size: int | None, value: int, **_: object) -> None:
            nonlocal done
            if advance is not None and value > done:
                advance(value - done)
                done = value

        return system.get_file(_name(path), str(target), callback=Callback(hooks={"tell": tell})) is not False


def beginning(path: RemotePath, size: int) -> bytes:
    """The file's first bytes."""
    with _errors(path, "read"):
        system = _system(path.scheme, path.host)
        if path.scheme == "sftp":  # whose cat_file reads all, whatever its end
            with system.open(_name(path), "rb") as file:
                return bytes(file.read(size))
        return bytes(system.cat_file(_name(path), start=0, end=size))


def create(path: RemotePath, source: Path, replacing: bool = False) -> None:
    """Put a file of this machine there. Raises FileExistsError where there is one, unless that is to be replaced."""
    with _errors(path, "write"):
        system = _system(path.scheme, path.host)
        if path.scheme == "sftp":
            from backfill.storage.remote.sftp import create_by_link

            create_by_link(system, _name(path), source, replacing)
        elif replacing:
            system.put_file(str(source), _name(path), mode="overwrite")
        else:
            try:
                system.put_file(str(source), _name(path), mode="create")
            except OSError as error:
                if not knows_no_conditions(error):
                    raise
                system.put_file(str(source), _name(path), mode="overwrite")  # whoever asks has looked for one before


def matching(pattern: RemotePath) -> list[RemotePath]:
    """The files that a pattern fits, in order."""
    with _errors(pattern, "list"):
        system = _system(pattern.scheme, pattern.host)
        system.invalidate_cache()
        found = system.glob(_name(pattern), detail=True)
        names = [name for name, info in found.items() if info["type"] == "file" and f"/{_ASIDE}" not in name]
        start = "" if pattern.scheme == "sftp" else f"{pattern.host}/"
        return sorted(RemotePath(pattern.scheme, pattern.host, name.removeprefix(start).lstrip("/")) for name in names)


@contextmanager
def _errors(path: RemotePath, doing: str) -> Iterator[None]:
    """Turn whatever a store's library raises into one sentence without a secret in it."""
    try:
        yield
    except (RemoteError, BackfillError):  # the latter where a signal came meanwhile
        raise
    except Exception as error:  # each library has exceptions of its own
        if name_is_taken(error):
            raise FileExistsError(str(path)) from None
        with state_errors():
            if isinstance(error, OSError) and error.errno in _FULL:  # the temporary file, not the store
                raise
        raise explained(error, path, doing) from None


@cache
def _system(scheme: str, host: str) -> Any:
    module, name = _SYSTEMS["https" if scheme == "http" else scheme]
    for library in _TALKING:
        getLogger(library).addHandler(NullHandler())
    try:
        made = getattr(import_module(module), name)
    except ImportError:
        extra = "https" if scheme == "http" else scheme
        raise RemoteError(f"{scheme}:// takes an extra: pip install 'cometly-backfill[{extra}]'") from None
    system = made(**_settings(scheme, host))
    if scheme == "az":
        _hasten(system)
    return system


def _hasten(system: Any) -> None:
    """Have Azure's library give up in time: for a server that is not there it takes a minute and a half."""
    client = system.service_client
    retrying = client._config.retry_policy
    retrying.total_retries, retrying.initial_backoff, retrying.increment_base, retrying.random_jitter_range = 2, 1, 2, 1
    connections = client._pipeline._transport.connection_config
    connections.timeout, connections.read_timeout = _CONNECT, _READ


def _settings(scheme: str, host: str) -> dict[str, Any]:
    fresh = {"use_listings_cache": False, "skip_instance_cache": True}
    if scheme == "s3":
        again = {"mode": "standard", "total_max_attempts": 2}  # s3fs itself tries five times
        limits = {"connect_timeout": _CONNECT, "read_timeout": _READ, "retries": again}
        return {**fresh, "config_kwargs": limits, "max_concurrency": 1}  # pieces of 50 MB in memory, of a large file
    if scheme == "sftp":
        user, _, server = host.rpartition("@")
        name, _, port = server.partition(":")
        given = {"username": user, "port": int(port or 0), "password": os.environ.get("BACKFILL_SFTP_PASSWORD")}
        # Without known_hosts=() sshfs would take any server for the one that was meant.
        return {"skip_instance_cache": True, "host": name, "known_hosts": (), "connect_timeout": _CONNECT} | {
            k: v for k, v in given.items() if v
        }
    if scheme in ("https", "http"):
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=_READ)
        as_is = {"Accept-Encoding": "identity"}
        return {**fresh, "client_kwargs": {"trust_env": True, "timeout": timeout, "headers": as_is}, "encoded": True}
    if scheme == "gs":
        return {**fresh, "connect": _CONNECT, "read": _READ}
    return fresh


def _name(path: RemotePath) -> str:
    """The file as its file system calls it."""
    if path.scheme == "sftp":
        return path.key.removeprefix("~/") if path.key.startswith("~/") else f"/{path.key}"
    if path.read_only:
        from yarl import URL

        return path.url if path.url.isascii() and " " not in path.url else str(URL(path.url))
    return f"{path.host}/{path.key}"
