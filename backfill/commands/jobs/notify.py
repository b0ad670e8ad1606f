"""`notify` in a plan: whom to tell of what. A secret is `${NAME}` in it, and is in the environment alone."""

import os
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from backfill.errors import BackfillError, UsageError
from backfill.mapping.yaml_nodes import Node, Notes, parse, read_text
from backfill.space import LOOPBACK

NOTIFY_KEYS = ("webhook", "command", "when", "rejects", "format", "headers")
WHEN = ("failure", "rejects", "recovery")
FORMATS = ("json", "slack", "text")

_NAMED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRET = re.compile("auth|key|token|secret|cookie", re.IGNORECASE)
_OURS = "COMETLY_API_KEY"


@dataclass(frozen=True, slots=True)
class Notify:
    """One that is told: a webhook or a command. `when` is what of; `rejects` how many rejects are no news yet."""

    webhook: str = ""
    command: tuple[str, ...] = ()
    when: frozenset[str] = frozenset(WHEN)
    rejects: int = 0
    format: str = "json"
    headers: dict[str, str] = field(default_factory=dict)
    line: int = 0

    @property
    def texts(self) -> Iterator[str]:
        yield from (self.webhook, *self.command, *self.headers.values())


def read_notify(path: Path) -> list[Notify]:
    """Whom a plan wants to be told, as far as it can be read: what else is wrong with it is a reason to tell them."""
    notes = Notes(str(path))
    with suppress(BackfillError):
        entries = parse(read_text(path, str(path), "plan"), notes, "plan").entries()
        found = notified(entries["notify"]) if "notify" in entries else []
        return [] if notes.problems else found
    return []


def notified(node: Node) -> list[Notify]:
    """Read a plan's `notify`; problems are noted."""
    return [_one(item) for item in node.items()]


def _one(node: Node) -> Notify:
    entries = node.table(NOTIFY_KEYS)
    if node.is_table and ("webhook" in entries) == ("command" in entries):
        node.say("needs a webhook or a command, one of the two")
    for name in ("headers",) if "command" in entries else ():
        if name in entries:
            entries[name].say("belongs to a webhook, and this is a command")
    readers: dict[str, Callable[[Node], Any]] = {
        "webhook": _webhook,
        "command": _command,
        "when": _when,
        "rejects": _whole,
        "format": lambda at: at.choice(FORMATS),
        "headers": _headers,
    }
    made = {name: value for name, at in entries.items() if (value := readers[name](at)) is not None}
    if made.get("format") == "slack" and "webhook" in entries and not _NAMED.search(made.get("webhook", "")):
        entries["webhook"].say("is a secret as a whole where format is slack: write ${NAME}, and set NAME")
    for name in (name for text in Notify(**made).texts for name in _NAMED.findall(text)):
        if name.startswith(_OURS):
            node.say(f"names {name}, and an API key goes to the API alone")
    return Notify(**made, line=node.line)


def _webhook(node: Node) -> str | None:
    text = node.text("an https:// address, or ${NAME}")
    if text is not None and not _NAMED.search(text):
        try:
            refuse_webhook(text)
        except UsageError as error:
            node.say(str(error))
    return text


def refuse_webhook(url: str) -> None:
    """Raise UsageError for what is no address to post to, without repeating it: it may be a secret."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not re.fullmatch("[!-~]+", url):
        raise UsageError("is no address, such as https://example.com/hook")
    if parts.username or parts.password:
        raise UsageError("holds a user name or password: write headers: {Authorization: ${NAME}}")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise UsageError("must be https://; plain http:// is for this machine alone")


def _command(node: Node) -> tuple[str, ...] | None:
    if node.is_list:
        words = node.texts("a list of words")
        if not words:
            node.wrong("a list of words")
        return words or None
    try:
        return tuple(shlex.split(node.text("a command and its arguments") or "")) or None
    except ValueError as error:
        node.say(f"can't be read as a command: {error}")
        return None


def _when(node: Node) -> frozenset[str]:
    return frozenset(word for item in node.items() if (word := item.choice(WHEN)))


def _whole(node: Node) -> int | None:
    text = node.text("a whole number")
    if text is not None and not re.fullmatch("[0-9]{1,9}", text):
        node.wrong("a whole number")
        return None
    return None if text is None else int(text)


def _headers(node: Node) -> dict[str, str]:
    made = {}
    for name, at in node.entries("a mapping of names to texts").items():
        text = at.text()
        if not re.fullmatch("[A-Za-z0-9-]+", name):
            at.say("is no name of a header")
        elif text is not None and not re.fullmatch("[ -~]+", text):
            at.say("holds characters that no header has")
        elif text is not None and _SECRET.search(name) and not _NAMED.search(text):
            at.say("is a secret: write ${NAME}, and set NAME")
        made[name] = text or ""
    return made


def unset(notify: Notify) -> list[str]:
    """The variables that it names and that are not set."""
    names = dict.fromkeys(name for text in notify.texts for name in _NAMED.findall(text))
    return [name for name in names if not os.environ.get(name)]


def filled(text: str) -> str:
    """A text with what the environment has in place of each `${NAME}`."""
    return _NAMED.sub(lambda found: os.environ.get(found[1], "").strip(), text)
