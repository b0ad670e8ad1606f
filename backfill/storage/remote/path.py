"""The path of a file in a store, written as a URL. It has those of Path's verbs that name files.

What may be secret in a URL is never in its text: what is behind the `?` of https:// may be a signature. A password is
no part of a path at all: whoever lists this machine's processes would read it.
"""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from backfill.errors import UsageError, shown

SCHEMES = ("s3", "gs", "az", "sftp", "https")
WITHHELD = "***"  # in place of what may be secret
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://([^/?#]*)(/?)(.*)", re.DOTALL)
_WEB = ("https", "http")
_BUCKETS = ("s3", "gs", "az")
_LOOPBACK = re.compile(r"(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?")
_QUERY = re.compile(r"(https?://[^\s?#]*)[?#].*", re.IGNORECASE | re.DOTALL)
_PASSWORD = re.compile(r"(://[^\s/:@]*):[^\s/]*@")


@dataclass(frozen=True, order=True)
class RemotePath:
    """`host` is the bucket, the container or the server; `key` the way to the file in it."""

    scheme: str
    host: str
    key: str
    query: str = field(default="", repr=False)

    @classmethod
    def of(cls, url: str) -> "RemotePath":
        """The path that a URL is. Raises UsageError for one that can't be opened."""
        found = _URL.fullmatch(url)
        scheme = found[1].lower() if found else ""
        if found is None or scheme not in (*SCHEMES, "http"):
            raise UsageError(f"{shown(masked(url))}: can't be opened; name a file, or {_LISTED}")
        host, key, query = found[2], found[4], ""
        if scheme in _WEB:
            key, _, query = key.partition("#")[0].partition("?")
        made = cls(scheme, host, key, query)
        if not found[3] and found[4]:  # `?` or `#` after a host
            host = ""
        if why := made._refusal(host):
            raise UsageError(f"{shown(masked(url))}: {why}")
        return made

    def _refusal(self, host: str) -> str:
        """Why it can't be opened, "" where it can."""
        if ":" in host.rpartition("@")[0]:
            others = {"sftp": "an SSH key, or BACKFILL_SFTP_PASSWORD", "https": "~/.netrc"}
            return (
                "holds a password, which other users of this machine could read; use "
                f"{others.get(self.scheme, 'the variables or files of credentials that the store documents')}"
            )
        port = re.search(r":([^\]]*)$", host.rpartition("@")[2])
        if port and self.scheme not in _BUCKETS and not (port[1].isdecimal() and 0 < int(port[1][:9]) < 1 << 16):
            return "names a port that is none; one is 1 to 65535"
        if not host or not self.key or self.key.endswith("/"):
            return f"names no file; write {self.scheme}://{_WHERE.get(self.scheme, 'HOST')}/FILE"
        if self.scheme == "http" and not _LOOPBACK.fullmatch(host):
            return "would send the file unencrypted; use https://"
        if self.query == WITHHELD:
            return "was printed without what is behind the ?, which may be a signature; put that there again"
        return ""

    @property
    def url(self) -> str:
        """All of it, to open it with."""
        return f"{self._plain}?{self.query}" if self.query else self._plain

    @property
    def _plain(self) -> str:
        return f"{self.scheme}://{self.host}/{self.key}"

    def __str__(self) -> str:
        return f"{self._plain}?{WITHHELD}" if self.query else self._plain

    def __reduce__(self) -> tuple[object, ...]:
        """What is kept of it in a file holds no signature."""
        return RemotePath, (self.scheme, self.host, self.key, WITHHELD if self.query else "")

    @property
    def read_only(self) -> bool:
        return self.scheme in _WEB

    @property
    def name(self) -> str:
        return self.key.rpartition("/")[2]

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> "RemotePath":
        """What files next to it begin with."""
        return replace(self, key=self.key.rpartition("/")[0], query="")

    def __truediv__(self, name: str) -> "RemotePath":
        return replace(self, key=f"{self.key}/{name}" if self.key else name, query="")

    def with_name(self, name: str) -> "RemotePath":
        return self.parent / name

    def with_suffix(self, suffix: str) -> "RemotePath":
        return self.with_name(f"{self.stem}{suffix}")

    def absolute(self) -> "RemotePath":
        return self


FilePath = Path | RemotePath
# Given what is fetched and how many bytes it has, a context in which it is told of each so many that have come.
Fetching = Callable[[str, int], AbstractContextManager[Callable[[int], None]]]

_WHERE = {"s3": "BUCKET", "gs": "BUCKET", "az": "CONTAINER", "sftp": "USER@HOST/FOLDER"}
_LISTED = f"a URL that begins with {', '.join(f'{one}://' for one in SCHEMES[:-1])} or {SCHEMES[-1]}://"


def is_url(name: str) -> bool:
    """Whether a file's name is a URL, of whatever kind."""
    return _URL.fullmatch(name) is not None


def file_path(name: str) -> FilePath:
    """The path that a file's name is. Raises UsageError for a URL that can't be opened."""
    return RemotePath.of(name) if is_url(name) else Path(name)


def here(name: str) -> Path:
    """The path of a file on this machine; of a URL, the same name in the working folder. Raises UsageError."""
    return Path(RemotePath.of(name).name) if is_url(name) else Path(name)


def absolute(name: str) -> str:
    """A file's name as it is from every folder, and as it may be shown and kept."""
    return masked(name) if is_url(name) else str(Path(name).absolute())


def masked(text: str) -> str:
    """A text, such as a word of a command, without what may be secret in the URLs in it."""
    if "://" not in text:
        return text
    return _QUERY.sub(rf"\1?{WITHHELD}", _PASSWORD.sub(rf"\1:{WITHHELD}@", text))
