"""`backfill guide`: a list, a page, the nearest ones; through a pager, but only on a terminal."""

import os
import pty
import subprocess
import sys

import pytest

from backfill.cli import main
from backfill.commands.guide import about, topics


def test_the_list_has_every_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guide"]) == 0
    *lines, _, last = capsys.readouterr().out.splitlines()
    assert [line.split(maxsplit=1) for line in lines] == [[name, about(text)] for name, text in topics().items()]
    assert all(len(line) <= 95 for line in lines) and "backfill guide TOPIC" in last


@pytest.mark.parametrize("asked", ["exit-codes", "exit codes", "EXIT_CODES", "exit-codes.md"])
def test_a_page_as_it_was_written(asked: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guide", asked]) == 0
    assert capsys.readouterr().out == topics()["exit-codes"]


@pytest.mark.parametrize(
    ("asked", "possible"),
    [
        ("mapping", "nearest: mappings"),
        ("rejcts", "nearest: rejects"),
        ("missing_identity", "named in: exports, rejects"),
        ("allow-shrink", "named in: commands, nightly"),
        ("--allow-shrink", "named in: commands, nightly"),
        ("max-rejects", "named in: commands, "),
        ("--max-rejects", "named in: commands, "),
        ("-m", "named in: "),
        ("xyz", "possible: benchmarks, "),
        ("", "possible: benchmarks, "),
        ("../README", "possible: benchmarks, "),
        ("([", "possible: benchmarks, "),
    ],
)
def test_an_unknown_topic_names_others(asked: str, possible: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["guide", asked]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1) and possible in err


def test_a_terminal_gets_the_pager_that_is_set() -> None:
    leading, terminal = pty.openpty()
    env = {**os.environ, "PAGER": "sed 's/^/paged: /'", "TERM": "xterm"}
    env.pop("MANPAGER", None)
    words = [sys.executable, "-m", "backfill", "guide", "exit-codes"]
    ran = subprocess.Popen(words, stdin=terminal, stdout=terminal, stderr=terminal, env=env)
    os.close(terminal)
    shown = b""
    while True:
        try:
            part = os.read(leading, 4096)
        except OSError:  # on Linux, when the terminal has been closed
            break
        if not part:
            break
        shown += part
    os.close(leading)
    assert ran.wait() == 0
    assert shown.startswith(b"paged: Exit codes\r\npaged: ==========\r\n")
