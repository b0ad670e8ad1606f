"""The real command, killed and interrupted."""

import signal
import subprocess
import time
from pathlib import Path

import pytest
from crash import crash
from place import Place, accepted_in, assert_each_once, ended_by_signals, until, wait_for

from backfill.sandbox import Fault, SandboxThread


def test_killed_again_and_again_nothing_is_lost_or_doubled(tmp_path: Path) -> None:
    kills, requests, doubled = crash(tmp_path, kills=3, orders=30, seed=7)
    assert kills == 3
    assert requests >= 30 + doubled


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_waits_for_the_answers_in_flight(place: Place, signum: int, code: int) -> None:
    words = ("upload", place.orders(25), "-m", place.mapping, "--state", str(place.folder / "state"), "--workers", "4")
    with SandboxThread(faults=[Fault(latency=2, after=9)]) as sandbox:  # so it is far from its end when it is stopped
        process = place.start(*words, url=sandbox.url)
        until(sandbox, 9, process)
        process.send_signal(signum)
        out, err = process.communicate(timeout=240)
        sandbox.faults = ()
        assert process.returncode == code, err
        arrived = len(sandbox.arrivals)
        assert f"{arrived} accepted + {25 - arrived} unattempted" in out
        assert "Traceback" not in err
        resume = err.strip().splitlines()[-1].removeprefix("to go on: ")
        assert resume == " ".join(("backfill", *words, "--base-url", sandbox.url))
        rest = place.command(*resume.split()[1:], url=sandbox.url)
        assert f"{arrived} already + {25 - arrived} accepted" in rest.stdout
        assert len(sandbox.arrivals) == 25
        assert_each_once(sandbox, 25)


def test_a_second_signal_stops_at_once(place: Place) -> None:
    words = ("upload", place.orders(20), "-m", place.mapping, "--state", str(place.folder / "state"))
    with SandboxThread(faults=[Fault(hang=200, after=3)]) as sandbox:
        process = place.start(*words, url=sandbox.url)
        until(sandbox, 7, process)
        wait_for(lambda: len(accepted_in(place.folder)) >= 3)
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        assert process.poll() is None
        out, err = ended_by_signals(process)
        assert process.returncode == 130, err
        assert "Traceback" not in err
        assert "3 accepted + 17 unattempted" in out
        sandbox.faults = ()
        assert "3 already + 17 accepted" in place.command(*words, url=sandbox.url).stdout
        assert_each_once(sandbox, 20)


def test_a_signal_while_reading_ends_the_run(place: Place) -> None:
    (place.folder / "spool").mkdir()
    process = place.start("check", "-", "-m", place.mapping, stdin=subprocess.PIPE, env={"TMPDIR": "spool"})
    assert process.stdin is not None
    process.stdin.write("Order,Email,Total,When\n" * 10_000)
    process.stdin.flush()
    wait_for(lambda: any((place.folder / "spool").iterdir()))
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=240)
    assert process.returncode == 143, err
    assert "Traceback" not in err


def test_two_at_once(place: Place) -> None:
    words = ("upload", place.orders(40), "-m", place.mapping)
    with SandboxThread(latency=0.1) as sandbox:
        first = place.start(*words, "--state", str(place.folder / "state"), "--rate", "60", url=sandbox.url)
        until(sandbox, 3, first)
        for other in (("--state", str(place.folder / "state")), ("--state", "elsewhere", "--space", "acme")):
            second = place.command(*words, *other, "--json", url=sandbox.url, COMETLY_API_KEY_ACME="sandbox")
            assert second.returncode == 6, second.stderr
            assert f"held by process {first.pid} since" in second.stderr
            assert '"exit_code": 6' in second.stdout
        first.kill()
        first.communicate()
        assert place.command(*words, "--state", str(place.folder / "state"), url=sandbox.url).returncode == 0
        assert_each_once(sandbox, 40)
