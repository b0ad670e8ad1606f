"""What a terminal is shown: lines that fit it, commands that can be copied, colours only where they are wanted."""

import os
import pty
import subprocess
from fcntl import ioctl
from struct import pack
from termios import TIOCSWINSZ

import pytest
from hypothesis import given
from hypothesis import strategies as st
from place import Place

from backfill.console import fitted
from backfill.errors import command

WORDS = st.lists(st.text("abcdefghij/", min_size=1, max_size=30), min_size=1, max_size=20)


@given(WORDS, st.integers(0, 6), st.integers(20, 60))
def test_no_word_is_broken_and_no_line_too_long_but_for_a_word(words: list[str], indent: int, width: int) -> None:
    lines = fitted(" " * indent + " ".join(words), width).split("\n")
    assert " ".join(lines).split() == words
    for line in lines:
        assert len(line) <= width or len(line.split()) == 1
        assert line.startswith(" " * indent)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("short", "short"),
        ("one two three four five", "one two three\n  four five"),
        ("  one two three four", "  one two three\n    four"),
        ("to go on: backfill upload a b c d e", "to go on:\n  backfill upload a b c d e"),
        (
            "aaaa bbbb cccc dd to go on: backfill upload a b c",
            "aaaa bbbb cccc\n  dd to go on:\n  backfill upload a b c",
        ),
        ("  backfill upload a b c d e", "  backfill upload a b c d e"),
        ("run 1: taken back by backfill undo 1 --state s", "run 1: taken\n  back by\n  backfill undo 1 --state s"),
        ("/a/very/long/path/without/blanks then", "/a/very/long/path/without/blanks\n  then"),
        ("a\nb", "a\nb"),
    ],
)
def test_how_lines_are_broken(text: str, shown: str) -> None:
    assert fitted(text, 16) == shown
    assert fitted(text, 0) == text, "no terminal, or one that does not say how wide it is"


@given(
    st.sampled_from(["  ", "to go on: ", "backfill: a.csv: is none; draft one: ", "  run 1: taken back by "]),
    st.lists(st.text("ab '\"$:/é\n\x00", max_size=30), max_size=8),
    st.sampled_from([20, 40, 80, 120]),
)
def test_a_command_is_one_line_that_can_be_pasted(said: str, words: list[str], width: int) -> None:
    printed = command(["backfill", "upload", *words])
    assert fitted(said + printed, width).split("\n")[-1].endswith(printed)


@pytest.mark.parametrize(
    ("env", "coloured"),
    [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)],
)
def test_a_mark_has_a_colour_where_that_is_wanted(place: Place, env: dict[str, str], coloured: bool) -> None:
    master, slave = pty.openpty()
    ioctl(slave, TIOCSWINSZ, pack("HHHH", 24, 40, 0, 0))
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": slave}
    process = place.start("check", "there-is-no-such-file.csv", env=place.environment(**env), **streams)
    os.close(slave)
    assert process.wait(240) == 2
    seen = os.read(master, 4096).decode()
    os.close(master)
    mark = "\x1b[31mbackfill: \x1b[0m" if coloured else "backfill: "
    assert seen == f"{mark}there-is-no-such-file.csv: no\r\n  such file\r\n"


def test_nothing_but_a_terminal_has_colours(place: Place) -> None:
    ran = place.command("check", "there-is-no-such-file-with-a-name-that-is-" + "long-" * 20, TERM="xterm")
    assert "\x1b" not in ran.stderr and len(ran.stderr.splitlines()) == 1
