"""The real command as a process of its own, forked from one that has loaded everything: it starts at once.

What it is given (folder, environment, streams, a session) and what comes of it (exit code, signal) are those of
`python -m backfill`; only what an interpreter decides when it starts, such as its language, must be started anew.
"""

import atexit
import fcntl
import gc
import io
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import IO, TextIO

LOADED = (
    "cli.jobs",
    "commands.status",
    "commands.undo",
    "commands.upload",
    "commands.verify",
    "commands.jobs.command",
    "commands.review.server",
    "report.page",
    "sandbox.serve",
)
_MOST = 1 << 20  # bytes of a request
Stream = int | IO[str] | None


class Started:
    """A command that runs, used as a `subprocess.Popen[str]` is."""

    def __init__(
        self, words: list[str], folder: Path, env: Mapping[str, str],
        stdin: Stream = None, stdout: Stream = None, stderr: Stream = None, start_new_session: bool = False,
    ):  # fmt: skip
        theirs, self.stdin = _end(stdin, "w")
        its_out, self.stdout = _end(stdout, "r")
        its_err, self.stderr = _end(stderr, "r")
        self._answers, answering = os.pipe()
        request = json.dumps([words, str(folder), dict(env), start_new_session]).encode()
        socket.send_fds(_loaded(), [request], [theirs, its_out, its_err, answering])
        for given, end in ((stdin, theirs), (stdout, its_out), (stderr, its_err), (None, answering)):
            if given in (None, subprocess.PIPE, subprocess.DEVNULL):
                os.close(end)
        self.returncode: int | None = None
        self._said: tuple[str, str] | None = None
        self.pid = self._answer()
        os.set_blocking(self._answers, False)

    def poll(self) -> int | None:
        """The exit code, or the signal below zero; None while it runs."""
        if self.returncode is None:
            with suppress(BlockingIOError):
                self.returncode = self._answer()
                os.close(self._answers)
        return self.returncode

    def _answer(self) -> int:
        answer = os.read(self._answers, 8)
        assert len(answer) == 8, "the process that had loaded everything is gone"
        return int.from_bytes(answer, "big", signed=True)

    def wait(self, timeout: float = 120) -> int:
        deadline = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                self.kill()
                raise subprocess.TimeoutExpired("backfill", timeout)
            time.sleep(0.005)
        return code

    def communicate(self, timeout: float = 120) -> tuple[str, str]:
        """Wait for the end; what it wrote on the streams that are pipes."""
        if self._said is not None:
            return self._said
        if self.stdin is not None:
            self.stdin.close()
        with ThreadPoolExecutor() as readers:
            out, err = (readers.submit(stream.read) if stream else None for stream in (self.stdout, self.stderr))
            self.wait(timeout)
            self._said = out.result() if out else "", err.result() if err else ""
        for stream in (self.stdout, self.stderr):
            if stream is not None:
                stream.close()
        return self._said

    def send_signal(self, signum: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, signum)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


def own_terminal() -> None:
    """Make standard input, where it is a terminal, that of the session: keys pressed there and its end are signals."""
    if os.isatty(0):
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _end(given: Stream, mode: str) -> tuple[int, TextIO | None]:
    """The child's end of a stream, and ours of a pipe."""
    if given == subprocess.PIPE:
        reading, writing = os.pipe()
        ours, theirs = (writing, reading) if mode == "w" else (reading, writing)
        return theirs, os.fdopen(ours, mode, encoding="utf-8")
    if given in (subprocess.DEVNULL, None):
        return os.open(os.devnull, os.O_RDWR), None
    return (given if isinstance(given, int) else given.fileno()), None


@cache
def _loaded() -> socket.socket:
    """The process that has loaded everything, one for all tests of this one; it ends with this one."""
    ours, hers = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("COMETLY", "BACKFILL"))}
    kept |= {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONWARNINGS": "error", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, __file__, str(hers.fileno())],
        env=kept, pass_fds=[hers.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    hers.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _serve(asked: socket.socket) -> None:
    """Fork for each request, until the asking process has ended."""
    for name in LOADED:
        import_module(f"backfill.{name}")

    gc.freeze()  # what all share is not copied by a collection
    while True:
        data, fds, _, _ = socket.recv_fds(asked, _MOST, 4)
        if not data:
            return
        if os.fork() == 0:
            asked.close()
            _keep(json.loads(data), *fds)
            return
        for fd in fds:
            os.close(fd)
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _keep(
    request: tuple[list[str], str, dict[str, str], bool], stdin: int, stdout: int, stderr: int, report: int
) -> None:
    """Start the command; report its number and, after its end, how it ended. In the command's own process: run it."""
    child = os.fork()
    if child == 0:
        os.close(report)
        _become(request, stdin, stdout, stderr)
        return
    for fd in (stdin, stdout, stderr):
        os.close(fd)
    os.write(report, child.to_bytes(8, "big", signed=True))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    with suppress(BrokenPipeError):
        os.write(report, code.to_bytes(8, "big", signed=True))
    os._exit(0)


def _become(request: tuple[list[str], str, dict[str, str], bool], *fds: int) -> None:
    """Act as the command at its start. When it ends, the interpreter ends."""
    words, folder, env, session = request
    for stream, fd in enumerate(fds):
        os.dup2(fd, stream)
        os.close(fd)
    if session:
        os.setsid()
        own_terminal()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    whole = bool(env.get("PYTHONUNBUFFERED"))
    sys.stdin = os.fdopen(0, encoding=sys.stdin.encoding, errors=sys.stdin.errors, closefd=False)
    for number, name in ((1, "stdout"), (2, "stderr")):
        was, binary = getattr(sys, name), os.fdopen(number, "wb", 0 if whole else -1, closefd=False)
        made = io.TextIOWrapper(
            binary, was.encoding, was.errors,
            line_buffering=number == 2 or os.isatty(number), write_through=whole,
        )  # fmt: skip
        setattr(sys, name, made)
    sys.path[0] = folder
    sys.argv = ["backfill", *words]
    runpy.run_module("backfill", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as asking:
        _serve(asking)
