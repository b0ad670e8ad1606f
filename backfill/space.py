"""A Space as it is reached: the API's address, the key, and marks that distinguish both without showing them."""

import hashlib
import os
import re
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from backfill.errors import UsageError

LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Space:
    """One Space of one account."""

    name: str = "default"
    url: str = ""  # of the API, as it was given
    key: str = field(default="", repr=False)

    @property
    def address(self) -> str:
        """Scheme, host and port: what a ledger belongs to."""
        return address_of(self.url)

    @property
    def fingerprint(self) -> str:
        """A mark that distinguishes its key from another."""
        return fingerprint_of(self.key)


def refuse_address(url: str) -> None:
    """Raise UsageError for what is no address of an API, without repeating what in it may be a secret."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        parts, host = urlsplit(""), None
    if "@" in url:
        raise UsageError("the API's address holds a user name or password, and takes none; the key goes with it anyway")
    if not host or parts.query or parts.fragment or re.search(r"[^!-~]", url):
        address = re.split("[?#]", url)[0]
        raise UsageError(f"{address}: no address of an API, such as https://app.cometly.com")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise UsageError(f"{url}: an https:// address is needed; plain http:// is for this machine alone")


def key_variable(space: str) -> str:
    """The environment variable that holds the Space's key."""
    return "COMETLY_API_KEY" + ("" if space == "default" else "_" + re.sub(r"[^A-Z0-9]", "_", space.upper()))


def api_key_of(space: str) -> str:
    """The Space's key from its own variable, and from nothing else. Raises UsageError where it is not there."""
    name = key_variable(space)
    key = os.environ.get(name, "").strip()
    if not key:
        raise UsageError(f"space {space}: no API key; set the environment variable {name}")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError(f"space {space}: {name} holds characters that no API key has")
    return key


def address_of(url: str) -> str:
    """Scheme, host and port: what a ledger belongs to."""
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)
    return f"{parts.scheme}://{(parts.hostname or '').lower()}:{port}"


def fingerprint_of(api_key: str) -> str:
    """A mark that distinguishes two API keys without keeping either."""
    return hashlib.blake2b(api_key.encode(), digest_size=16, person=b"backfill api key").hexdigest()
