"""Command lines that last: what names a file there names the same one from every folder."""

import argparse
from collections.abc import Iterator, Sequence

from backfill.run.option_values import folder, local, lookup, output
from backfill.storage.remote.path import absolute
from backfill.storage.shipped import shipped_mappings

_FILES = ("file", "files", "plan")


def lasting(words: Sequence[str], parser: argparse.ArgumentParser) -> list[str]:
    """The words of a command line that the parser takes, with whole paths."""
    try:
        return [words[0], *_lasting(words[1:], _command(words[0], parser))]
    except OSError:  # the working folder is gone, and nothing in it can be named
        return list(words)


def _command(name: str, parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    choices = next(action for action in parser._actions if isinstance(action, argparse._SubParsersAction)).choices
    made: argparse.ArgumentParser = choices[name]
    return made


def _lasting(words: Sequence[str], parser: argparse.ArgumentParser) -> Iterator[str]:
    options = {flag: action for action in parser._actions for flag in action.option_strings}
    named = next((action for action in parser._actions if not action.option_strings), None)
    rest, ended = iter(words), False
    for word in rest:
        flag, equals, value = word.partition("=")
        if flag not in options and not word.startswith("--"):
            flag, equals, value = word[:2], "", word[2:]  # -mNAME
        if ended or word == "-" or not word.startswith("-"):
            yield _whole(named, word) if named else word
        elif word == "--" or flag not in options or options[flag].nargs == 0:
            ended = ended or word == "--"
            yield word
        elif equals or value:
            yield f"{flag}{equals}{_whole(options[flag], value)}"
        else:
            yield from (flag, _whole(options[flag], next(rest)))


def _whole(action: argparse.Action, text: str) -> str:
    """An argument, with the whole path where it is one."""
    if text == "-" or (action.dest == "mapping" and text in shipped_mappings()):
        return text
    if action.type is folder:
        return str(folder(text).absolute())
    if action.type is lookup:
        name, file = lookup(text)
        return f"{name}={absolute(file)}"
    return absolute(text) if action.type in (local, output) or action.dest in ("mapping", *_FILES) else text
