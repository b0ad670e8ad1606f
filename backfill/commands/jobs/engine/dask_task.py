"""A Space's jobs as a task of a Dask worker, done by the process beside it, whose messages are passed on.

The worker has the Space's key and the ledger's address in its environment; the task brings neither. Loads little, as
every worker does.
"""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from queue import Empty, SimpleQueue

from distributed import Event, Variable, get_client, get_worker

from backfill import __version__
from backfill.commands.jobs.engine.frames import Frame, Kind, name_of, put, take
from backfill.commands.jobs.own_python import python

TOPIC = "backfill"  # of the events in which messages travel: [run, number of the Space, message]
_ASK = 2.0  # seconds between two questions whether a run is to stop
_IDLE = 10.0  # seconds without a task after which the process may go


class ProcessLost(Exception):
    """The process ended without a result: killed, or for want of memory."""


class OtherRelease(Exception):
    """The worker has another release of backfill."""


def do_space(release: str, run: str, number: int, task: bytes) -> bytes | None:
    """Do a Space's jobs; return the outcome, or None where the run was stopped before they were begun."""
    if release != __version__:
        raise OtherRelease(__version__)
    worker = get_worker()
    if _stops.signum(run) is not None:
        return None
    worker.log_event(TOPIC, [run, number, b""])  # another attempt begins
    with _process() as process:
        mine, frames = process.begin(task)
        told = False
        while True:
            if not told and (signum := _stops.signum(run)) is not None:
                process.put(Frame(Kind.STOP, mine, b"%d" % signum))
                told = True
            try:
                frame = frames.get(timeout=_ASK)
            except Empty:
                continue
            if frame is None:
                raise ProcessLost
            if frame.kind is Kind.RESULT:
                return frame.data
            worker.log_event(TOPIC, [run, number, frame.data])


class _Stops:
    """Which runs are to stop, as the cluster knows. All tasks of the worker share the answers."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[str, tuple[float, int | None]] = {}  # when it was asked for, and the signal

    def signum(self, run: str) -> int | None:
        """The signal for which the run is to stop; None where there is none yet."""
        with self._lock:
            asked, signum = self._answers.get(run, (float("-inf"), None))
            if signum is None and time.monotonic() - asked >= _ASK:
                with suppress(TimeoutError, OSError):
                    signum = _asked(run)
                self._answers[run] = (time.monotonic(), signum)
            return signum


def _asked(run: str) -> int | None:
    client, name = get_client(), name_of(run)
    if not Event(name, client=client).is_set():
        return None
    signum: int = Variable(name, client=client).get(timeout=_ASK)
    return signum


class _Process:
    """The process beside this worker."""

    def __init__(self) -> None:
        self._popen = subprocess.Popen(  # noqa: S603
            python("backfill.commands.jobs.engine.beside"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a terminal's ctrl-c is not for it
        )
        self._numbers, self._lock = count(), threading.Lock()
        self._tasks: dict[int, SimpleQueue[Frame | None]] = {}
        self.users, self.used, self.over = 0, 0.0, False
        threading.Thread(target=self._listen, daemon=True).start()

    def begin(self, task: bytes) -> tuple[int, "SimpleQueue[Frame | None]"]:
        """Give it a task; return the task's number, and where what comes of it is: None where the process is gone."""
        frames: SimpleQueue[Frame | None] = SimpleQueue()
        number = next(self._numbers)
        with self._lock:
            self._tasks[number] = frames
            if self.over:
                frames.put(None)
        self.put(Frame(Kind.TASK, number, task))
        return number, frames

    def put(self, frame: Frame) -> None:
        """Write to it, as long as it is there."""
        assert self._popen.stdin is not None
        with self._lock, suppress(OSError, ValueError):
            put(self._popen.stdin, frame)

    def close(self) -> None:
        """Let it go."""
        assert self._popen.stdin is not None
        with self._lock, suppress(OSError):
            self._popen.stdin.close()

    def _listen(self) -> None:
        assert self._popen.stdout is not None
        with self._popen.stdout as stream:
            while (frame := take(stream)) is not None:
                (self._tasks.pop if frame.kind is Kind.RESULT else self._tasks.__getitem__)(frame.task).put(frame)
        with self._lock:
            self.over = True
            for frames in self._tasks.values():
                frames.put(None)
        self._popen.wait()


_stops = _Stops()
_starting = threading.Lock()
_running: _Process | None = None


@contextmanager
def _process() -> Iterator[_Process]:
    """The process beside this worker: started where a task needs it, let go when none has for a while."""
    global _running
    with _starting:
        if _running is None or _running.over:
            _running = _Process()
        process = _running
        process.users += 1
    try:
        yield process
    finally:
        with _starting:
            process.users -= 1
            process.used = time.monotonic()
        timer = threading.Timer(_IDLE, _let_go, [process])
        timer.daemon = True
        timer.start()


def _let_go(process: _Process) -> None:
    global _running
    with _starting:
        if process.users or time.monotonic() - process.used < _IDLE - 1:
            return
        if process is _running:
            _running = None
    process.close()
