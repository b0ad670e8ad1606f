"""Completion for shells: the script that a shell reads once, and the words that it asks for at each Tab."""

import argparse
import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import shtab

from backfill.run.option_values import folder, local, space, spaces, zone

_PROGRAM = "backfill"


def script(parser: argparse.ArgumentParser, shell: str) -> str:
    """The completion of all commands and options, for a shell to read."""
    for action in _actions(parser):
        if kind := _kind(action):
            action.complete = kind  # type: ignore[attr-defined]
    return shtab.complete(parser, shell=shell)


def _actions(parser: argparse.ArgumentParser) -> Iterable[argparse.Action]:
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from _actions(one)


def _kind(action: argparse.Action) -> Any:
    """What an argument takes, as shtab states it; None where nothing is known, or the choices say it."""
    if action.dest in ("mapping", "mappings"):
        return _words("presets", and_files="mappings")
    if action.dest == "name" and action.metavar == "NAME":
        return _words("presets")
    if action.dest == "topic":
        return _words("topics")
    if action.type in (space, spaces):
        return _words("spaces")
    if action.type is zone:
        return _words("zones")
    if action.type is folder:
        return shtab.DIRECTORY
    return shtab.FILE if action.type is local or action.dest in ("file", "files") else None


def _words(kind: str, and_files: str = "") -> dict[str, Any]:
    """Words that the program itself gives when they are asked for.

    `and_files`: files may be meant too; the kind of words for a shell that completes one or the other.
    """
    name, asked = f"_{_PROGRAM}_{and_files or kind}", f"{_PROGRAM} --words {kind}"
    also = "; compgen -f -- $1" if and_files else ""
    more = "; _files" if and_files else ""
    return {
        "bash": name,
        "zsh": name,
        "tcsh": f"`{_PROGRAM} --words {and_files or kind}`",
        "preamble": {
            "bash": f'{name}() {{ compgen -W "$({asked} 2>/dev/null)" -- $1{also}; }}\n',
            "zsh": f'{name}() {{ compadd -- ${{(f)"$({asked} 2>/dev/null)"}}{more}; }}\n',
        },
    }


def _mappings() -> Iterable[str]:
    return [*_presets(), *sorted(path.name for path in Path().glob("*.y*ml"))]


def _presets() -> Iterable[str]:
    from backfill.storage.shipped import shipped_mappings

    return shipped_mappings()


def _spaces() -> Iterable[str]:
    """The Spaces that have a key in the environment, or a ledger in the state folder."""
    from backfill.commands.status import spaces_in
    from backfill.storage.state_folder import default_state, state_named

    keys = (re.fullmatch("COMETLY_API_KEY_(.+)", name) for name in os.environ)
    known = spaces_in(state_named(None) or default_state())
    return sorted({"default", *(found[1].lower() for found in keys if found), *known})


def _topics() -> Iterable[str]:
    from backfill.commands.guide import topics

    return topics()


def _zones() -> Iterable[str]:
    import zoneinfo

    return sorted(zoneinfo.available_timezones())


WORDS: dict[str, Callable[[], Iterable[str]]] = {
    "mappings": _mappings,
    "presets": _presets,
    "spaces": _spaces,
    "topics": _topics,
    "zones": _zones,
}
