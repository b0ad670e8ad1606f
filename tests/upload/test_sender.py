"""The sending, against a sandbox with every fault that it has."""

import csv
import gzip
import json
import socket
import time
import zlib
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from place import Place, assert_each_once, keys_by_order, until

from backfill.api.pace.limiter import SMOOTH
from backfill.api.pace.window import MOST
from backfill.sandbox import Fault, SandboxThread, busiest
from backfill.upload.limits import MaxRejects


@pytest.fixture
def hasty(place: Place) -> None:
    """The pauses between attempts at a hundredth of their length."""
    place.options["pauses"] = (0.005, 0.3)


def rejects(summary: dict[str, Any]) -> list[dict[str, str]]:
    with Path(summary["rejects_file"]).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


# Each answer, and what becomes of the event


def test_an_upload_and_the_same_again(place: Place) -> None:
    with SandboxThread() as sandbox:
        first = place.upload(sandbox.url, place.orders(12))
        assert (first["exit_code"], first["accepted"], first["requests"], first["resume"]) == (0, 12, 12, None)
        again = place.upload(sandbox.url, place.orders(15))
        assert (again["exit_code"], again["already"], again["accepted"], again["requests"]) == (0, 12, 3, 3)
        assert_each_once(sandbox, 15)
        head = sandbox.arrivals[0]
        assert head.key == "sandbox"


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"status": 202, "body": b""}, "accepted"),
        ({"status": 202, "body": b"<html>"}, "accepted"),
        ({"status": 202, "body": b'{"status":', "headers": {"Content-Length": "500"}}, "accepted"),
        ({"status": 200, "body": {"message": "ok"}}, "accepted"),
        ({"status": 201, "body": {}}, "accepted"),
        *(({"status": status}, "refused") for status in (400, 402, 409, 413, 418, 422, 451)),
        *(({"status": status, "times": 2, "every": None}, "again") for status in (408, 425, 500, 502, 503, 504, 599)),
        ({"reset": "before", "times": 2, "every": None}, "again"),
        ({"reset": "after", "times": 2, "every": None}, "again"),
        ({"garbage": b"\x00\xff not HTTP\r\n\r\n", "times": 2, "every": None}, "again"),
        ({"garbage": b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{", "times": 2, "every": None}, "again"),
        ({"garbage": b"HTTP/1.1 202 Accepted\r\n", "times": 2, "every": None}, "again"),
        ({"garbage": b"HTTP/1.1 503 No\r\nretry-after: 0\r\nContent-Length: 90\r\n\r\n", "times": 2}, "again"),
    ],
)
def test_an_answer_and_its_verdict(place: Place, hasty: None, answer: dict[str, Any], verdict: str) -> None:
    with SandboxThread(faults=[Fault(**{"every": 3, **answer})]) as sandbox:
        summary = place.upload(sandbox.url, place.orders(6), timeout=1.0)
    if verdict == "again":
        assert (summary["exit_code"], summary["accepted"]) == (0, 6)
        assert summary["requests"] == 6 + summary["retried"] >= 8  # a machine that stalls gives others up too
        assert_each_once(sandbox, 6)
    else:
        refused = 2 if verdict == "refused" else 0
        assert (summary["accepted"], summary["refused"]) == (6 - refused, refused)
        assert summary["requests"] == 6 + summary["retried"]
        assert summary["exit_code"] == (3 if refused else 0)
        assert bool(refused) == ("rejects.csv" in (summary["resume"] or ""))


def test_what_a_run_was_told_to_wait_the_next_one_waits(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with SandboxThread(faults=[Fault(at={1}, status=429, retry_after=3)]) as sandbox:
        for _ in range(2):
            assert place.upload(sandbox.url, place.orders(3), patience=0.5, workers=1)["exit_code"] == 4
            assert "s, longer than the patience of 0.5 s" in capsys.readouterr().err
            assert len(sandbox.arrivals) == 1
        assert place.upload(sandbox.url, place.orders(3))["accepted"] == 3
        first, second = (arrival.at for arrival in sandbox.arrivals[:2])
    assert second - first >= 3


BROKEN = (  # bodies, each with the head that goes with it
    b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"Transfer-Encoding: chunked\r\n\r\n10\r\n{",
    b"Content-Encoding: br\r\nContent-Length: 2\r\n\r\nxx",
    b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    b"Content-Encoding: gzip\r\nContent-Length: 90\r\n\r\n" + gzip.compress(b"{}"),
    b"Content-Length: 0\r\n\r\nHTTP/1.1 what",
    b"Content-Length: 90\r\n\r\n{",
)


@pytest.mark.parametrize(("status", "counts"), [(202, (7, 0, 7)), (422, (0, 7, 7)), (429, (7, 0, 14))])
def test_the_head_of_an_answer_says_what_it_says_whatever_the_body_is(
    place: Place, hasty: None, status: int, counts: tuple[int, int, int]
) -> None:
    """Also where both come in one piece."""
    head = f"HTTP/1.1 {status} Odd\r\nRetry-After: 0\r\nConnection: close\r\n".encode()
    faults = [Fault(at={n}, garbage=head + body) for n, body in enumerate(BROKEN, 1)]
    with SandboxThread(faults=faults) as sandbox:
        found = place.upload(sandbox.url, place.orders(len(BROKEN)))
    assert (found["accepted"], found["refused"], found["requests"]) == counts


SAID = b'{"message": "no such order"}'
PACKED = [
    ("gzip", gzip.compress(SAID)),
    ("gzip", gzip.compress(SAID[:9]) + gzip.compress(SAID[9:]) + bytes(9)),
    ("deflate", zlib.compress(SAID)),
    ("deflate", zlib.compress(SAID)[2:-4]),  # as some servers write it, without its head and its sum
    ("identity", SAID),
]


@pytest.mark.parametrize(("name", "body"), PACKED)
def test_a_packed_answer_is_read(place: Place, name: str, body: bytes) -> None:
    with SandboxThread(faults=[Fault(status=422, headers={"Content-Encoding": name}, body=body)]) as sandbox:
        found = place.upload(sandbox.url, place.orders(2))
    assert "no such order" in Path(found["rejects_file"]).read_text()


@pytest.mark.parametrize(
    "answer",
    [
        *({"status": status} for status in (301, 302, 307, 404, 405, 407)),
        {"status": 302, "headers": {"Location": "/elsewhere"}},
        {"status": 200, "body": "<html>Welcome</html>"},
        {"status": 200, "body": b"[1]"},
        {"status": 204, "body": b""},
        {"status": 401},
        {"status": 403},
    ],
)
def test_a_wrong_address_or_key_stops_the_run_and_rejects_no_row(place: Place, answer: dict[str, Any]) -> None:
    with SandboxThread(faults=[Fault(after=2, **answer)]) as sandbox:
        stopped = place.upload(sandbox.url, place.orders(8), workers=2)
        assert stopped["exit_code"] == 4
        assert stopped["accepted"] == 2
        assert stopped["unattempted"] == 6
        assert stopped["codes"] == {}
        assert stopped["rejects_file"] is None
        assert stopped["requests"] <= 6
        assert stopped["resume"].startswith("backfill upload ")
        assert "/elsewhere" not in [arrival.fault for arrival in sandbox.arrivals]
        sandbox.faults = ()
        assert place.upload(sandbox.url, place.orders(8))["accepted"] == 6
        assert_each_once(sandbox, 8)


def test_an_unknown_key_is_reported_and_the_right_one_goes_on(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with SandboxThread(forbidden=("barred",)) as sandbox:
        assert place.upload(sandbox.url, place.orders(5), key="wrong_secret")["exit_code"] == 4
        assert place.upload(sandbox.url, place.orders(5), key="barred")["exit_code"] == 4
        assert place.upload(sandbox.url, place.orders(5))["accepted"] == 5
        assert place.upload(sandbox.url, place.orders(6), key="wrong_secret")["exit_code"] == 2
        err = capsys.readouterr().err
        assert "HTTP 401: the API key" in err
        assert "HTTP 403: the API key" in err
        assert "--key-rotated" in err
        assert "wrong_secret" not in err


def test_a_path_that_is_not_the_api(place: Place) -> None:
    with SandboxThread() as sandbox:
        stopped = place.upload(f"{sandbox.url}/elsewhere", place.orders(5))
    assert (stopped["exit_code"], stopped["unattempted"]) == (4, 5)


def test_an_event_without_any_answer_is_tried_eight_times(
    place: Place, hasty: None, capsys: pytest.CaptureFixture[str]
) -> None:
    def third(body: dict[str, Any]) -> bool:
        return body["order_id"] == "A3"

    with SandboxThread(faults=[Fault(match=third, status=500)]) as sandbox:
        summary = place.upload(sandbox.url, place.orders(6))
        assert (summary["exit_code"], summary["accepted"], summary["undelivered"]) == (3, 5, 1)
        assert summary["codes"] == {"undelivered": 1}
        assert sum(arrival.status == 500 for arrival in sandbox.arrivals) == 8
        sandbox.faults = [Fault(match=third, reset="after")]
        summary = place.upload(sandbox.url, place.orders(6))
        assert (summary["already"], summary["codes"]) == (5, {"unknown_outcome": 1})
        assert [row["_key"] for row in rejects(summary)] == ["purchase:A3"], "the file of the run before still has it"
        assert capsys.readouterr().err.count("\nto upload the rejects file again, as it is: backfill upload ") == 2
        sandbox.faults = [Fault(match=third, reset="after"), Fault(status=422)]
        summary = place.upload(sandbox.url, place.orders(7))
        assert "\nrepair the cells of the rejects file, then: backfill upload " in capsys.readouterr().err
        sandbox.faults = ()
        assert place.upload(sandbox.url, summary["rejects_file"])["accepted"] == 2
        assert_each_once(sandbox, 7)


@pytest.mark.parametrize(
    "before", [{"reset": "after"}, {"status": 500, "accept": True}, {"status": 429, "retry_after": 0}]
)
def test_a_refusal_after_a_lost_answer_says_that_it_may_have_been_taken(
    place: Place, hasty: None, before: dict[str, Any]
) -> None:
    """Who mends the row as the message says would send the order twice."""

    def third(body: dict[str, Any]) -> bool:
        return body["order_id"] == "A3"

    taken = {"message": "The idempotency key has already been taken."}
    faults = [Fault(match=third, times=1, **before), Fault(match=third, status=422, body=taken)]
    with SandboxThread(faults=faults) as sandbox:
        summary = place.upload(sandbox.url, place.orders(6))
    lost = "status" not in before or before["status"] == 500
    [row] = rejects(summary)
    assert (summary["refused"], summary["undelivered"]) == (1, 0)
    assert summary["codes"] == {"refused": 1}
    assert row["_code"] == "refused"
    assert row["_reason"].startswith("HTTP 422: The idempotency") and ("may have been taken" in row["_reason"]) == lost


def test_a_hang_is_given_up_and_tried_again(place: Place, hasty: None) -> None:
    with SandboxThread(faults=[Fault(hang=30, at=(2, 5))]) as sandbox:
        summary = place.upload(sandbox.url, place.orders(6), timeout=0.5)
        assert (summary["exit_code"], summary["accepted"]) == (0, 6)
        assert summary["retried"] >= 2  # on a machine that stops for a moment, others are given up too
        assert_each_once(sandbox, 6)


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_obeyed_whole_and_for_the_whole_space(place: Place, as_date: bool) -> None:
    slow = Fault(status=429, at=(4,), retry_after=2, retry_after_date=as_date)
    with SandboxThread(faults=[slow]) as sandbox:
        summary = place.upload(sandbox.url, place.orders(12), workers=3)
        assert (summary["exit_code"], summary["accepted"], summary["rate_limited"], summary["retried"]) == (0, 12, 1, 0)
        limited = next(arrival.at for arrival in sandbox.arrivals if arrival.status == 429)
        after = [arrival.at - limited for arrival in sandbox.arrivals if arrival.at > limited]
        assert sum(wait < (1.9 if as_date else 2) for wait in after) <= 4  # of the other workers, before it was read
        assert_each_once(sandbox, 12)


def test_a_429_uses_up_no_attempt(place: Place) -> None:
    with SandboxThread(faults=[Fault(status=429, first=10, retry_after=0)]) as sandbox:
        summary = place.upload(sandbox.url, place.orders(1), patience=60.0)
    assert (summary["exit_code"], summary["accepted"], summary["rate_limited"]) == (0, 1, 10)


def test_a_wait_longer_than_the_patience_stops_the_run(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """A run that is started anew remembers an hour of it, so after an hour the same command asks the API again."""
    with SandboxThread(faults=[Fault(status=429, after=2, retry_after=86_400)]) as sandbox:
        stopped = place.upload(sandbox.url, place.orders(10), workers=1)
    assert (stopped["exit_code"], stopped["accepted"], stopped["unattempted"]) == (4, 2, 8)
    err = capsys.readouterr().err
    assert "asks to wait for 86,400 s, longer than the patience of 60 s" in err and "goes on after 3,600 s" in err


FAULTS = [
    Fault(every=10, status=500, accept=True),
    Fault(every=9, reset="after"),
    Fault(every=8, reset="before"),
    Fault(every=30, status=429, retry_after=0),
    Fault(every=13, garbage=b"HTTP/1.1 2"),
    Fault(every=7, latency=0.3),
]


def test_faults_all_the_time_lose_nothing_and_double_nothing(place: Place, hasty: None) -> None:
    with SandboxThread(faults=FAULTS, latency=(0.0, 0.05)) as sandbox:
        began = time.monotonic()
        summary = place.upload(sandbox.url, place.orders(50), workers=20)
        assert (summary["exit_code"], summary["accepted"]) == (0, 50)
        assert summary["requests"] == len(sandbox.arrivals) > 60
        assert summary["requests"] == 50 + summary["retried"] + summary["rate_limited"]
        assert_each_once(sandbox, 50)
        for number, at in enumerate(sorted(arrival.at for arrival in sandbox.arrivals), 1):
            assert at >= began + (number - 3) * 60 / MOST * SMOOTH  # three may start at once


# Thresholds


def test_the_first_fifty_refused_for_one_reason_stop_the_run(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    message = {"message": "The phone +49 170 1234567 of ann@example.com is invalid.\u0007\ud800"}
    with SandboxThread(faults=[Fault(status=422, body=json.dumps(message).encode())]) as sandbox:
        stopped = place.upload(sandbox.url, place.orders(500), workers=3)
    err = capsys.readouterr().err
    assert stopped["exit_code"] == 5
    assert 50 <= stopped["refused"] < 500
    assert stopped["refused"] + stopped["unattempted"] == 500
    assert "refused for one reason (HTTP 422: The phone (a number) of (an email) is invalid.)" in err
    assert len(rejects(stopped)) == stopped["refused"]


def test_different_refusals_do_not_stop_the_run(place: Place) -> None:
    odd = Fault(match=lambda body: int(body["order_id"][1:]) % 2 == 1, status=409, body={"message": "odd"})
    with SandboxThread(rate=None, faults=[odd, Fault(status=422)]) as sandbox:
        summary = place.upload(sandbox.url, place.orders(55), unlimited=True)
    assert (summary["exit_code"], summary["refused"]) == (3, 55)


@pytest.mark.parametrize(
    ("limit", "code"), [(MaxRejects(number=3), 3), (MaxRejects(number=2), 5), (MaxRejects(number=0), 5)]
)
def test_max_rejects(place: Place, limit: MaxRejects, code: int) -> None:
    with SandboxThread(faults=[Fault(status=422, at=(2, 3, 4))]) as sandbox:
        summary = place.upload(sandbox.url, place.orders(20), workers=1, max_rejects=limit)
    assert summary["exit_code"] == code
    assert summary["refused"] == 3
    assert (summary["unattempted"] > 0) == (code == 5)


def test_max_rejects_as_a_share_needs_a_sample_of_answers(place: Place) -> None:
    with SandboxThread(rate=None, faults=[Fault(status=422, every=40)]) as sandbox:
        limit = MaxRejects(percent=Decimal("2.3"))
        summary = place.upload(sandbox.url, place.orders(230), workers=1, max_rejects=limit)
    assert summary["exit_code"] == 5
    assert summary["accepted"] >= 190 and summary["unattempted"] > 0


def test_what_never_got_an_answer_is_no_reason_to_stop(place: Place, hasty: None) -> None:
    down = Fault(match=lambda body: body["order_id"] == "A3", status=500)
    with SandboxThread(faults=[down]) as sandbox:
        summary = place.upload(sandbox.url, place.orders(6), max_rejects=MaxRejects(number=0))
    assert (summary["exit_code"], summary["accepted"], summary["undelivered"]) == (3, 5, 1)


# An outage


def test_an_outage_makes_no_rejects_and_the_same_command_goes_on(place: Place, hasty: None) -> None:
    with SandboxThread(faults=[Fault(status=503, after=10)]) as sandbox:
        stopped = place.upload(sandbox.url, place.orders(40), workers=30, patience=3.0)
        assert (stopped["exit_code"], stopped["accepted"], stopped["unattempted"]) == (4, 10, 30)
        assert (stopped["codes"], stopped["rejects_file"]) == ({}, None)
        assert stopped["resume"].startswith("backfill upload ")
        sandbox.faults = ()
        assert place.upload(sandbox.url, place.orders(40))["accepted"] == 30
        assert_each_once(sandbox, 40)


def test_when_the_api_is_down_one_tries_at_a_time(place: Place) -> None:
    place.options["pauses"] = (0.4, 0.4)
    with SandboxThread(faults=[Fault(status=503, first=26, latency=0.2)]) as sandbox:
        summary = place.upload(sandbox.url, place.orders(30), workers=5)
        assert (summary["exit_code"], summary["accepted"]) == (0, 30)
        starts = [arrival.at for arrival in sandbox.arrivals]  # 20 failures, and four that were already sent
        assert all(later - at >= 0.2 for at, later in pairwise(starts[24:27]))
        assert_each_once(sandbox, 30)


@pytest.mark.parametrize("host", ["http://127.0.0.1:{port}", "https://no-such-host.invalid"])
def test_no_connection_is_an_outage(place: Place, hasty: None, host: str, capsys: pytest.CaptureFixture[str]) -> None:
    stopped = place.upload(host.format(port=free_port()), place.orders(20), patience=2.5)
    assert (stopped["exit_code"], stopped["unattempted"], stopped["rejects_file"]) == (4, 20, None)
    err = capsys.readouterr().err
    assert "no connection" in err or "host name" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "http://127.0.0.1.example.com",
        "ftp://127.0.0.1",
        "app.cometly.com",
        "https://",
        "https://127.0.0.1:99999",
        "https://[::1",
        "https://ann:secret@app.cometly.com",
        "https://app.cometly.com/?key=1",
        "https://app.cometly.com/ x",
    ],
)
def test_what_is_no_address_is_refused_before_anything_is_read(
    place: Place, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert place.upload(url, place.orders(2)) == {"exit_code": 2}
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "secret" not in err


# --limit


def test_a_few_first_and_then_the_rest(place: Place) -> None:
    with SandboxThread() as sandbox:
        few = place.upload(sandbox.url, place.orders(30), limit=4)
        assert (few["exit_code"], few["accepted"], few["unattempted"], few["requests"]) == (0, 4, 26, 4)
        numbers = sorted(int(event.body["order_id"][1:]) for event in sandbox.events)
        assert numbers[0] < 8
        assert numbers[-1] >= 22
        assert "--limit" not in few["resume"]
        none = place.upload(sandbox.url, place.orders(30), limit=0)
        assert (none["exit_code"], none["already"], none["unattempted"], none["requests"]) == (0, 4, 26, 0)
        rest = place.upload(sandbox.url, place.orders(30), limit=1000)
        assert (rest["exit_code"], rest["already"], rest["accepted"]) == (0, 4, 26)
        assert_each_once(sandbox, 30)


def test_with_a_limit_the_exit_code_is_that_of_what_was_sent(place: Place) -> None:
    with SandboxThread(faults=[Fault(status=422, at=(2,))]) as sandbox:
        assert place.upload(sandbox.url, place.orders(9), limit=2)["exit_code"] == 3


# The rate


def test_a_rate_holds_from_the_first_minute_and_over_a_restart(place: Place) -> None:
    with SandboxThread() as sandbox:
        assert place.upload(sandbox.url, place.orders(6), rate=600)["accepted"] == 6
        stopped = place.start(
            "upload", place.orders(20), "-m", place.mapping, "--rate", "8", "--state", "state", url=sandbox.url
        )
        until(sandbox, 8, stopped)
        time.sleep(0.5)
        stopped.terminate()
        assert stopped.wait(240) == 143
        stopped.communicate()
        assert busiest([arrival.at for arrival in sandbox.arrivals]) <= 8


def test_without_a_rate_nothing_waits_and_the_ledger_is_kept(place: Place) -> None:
    with SandboxThread(rate=10**6) as sandbox:
        began = time.monotonic()
        assert place.upload(sandbox.url, place.orders(400), rate=60, unlimited=True)["accepted"] == 400
        assert time.monotonic() - began < 300  # 400 s at that rate
        assert place.upload(sandbox.url, place.orders(400), rate=60, unlimited=True)["already"] == 400
        assert_each_once(sandbox, 400)


def test_without_a_rate_a_429_is_obeyed_all_the_same(place: Place) -> None:
    with SandboxThread(faults=[Fault(status=429, at=(2,), retry_after=1)]) as sandbox:
        summary = place.upload(sandbox.url, place.orders(6), workers=1, unlimited=True)
        assert (summary["accepted"], summary["rate_limited"]) == (6, 1)
        limited = next(arrival.at for arrival in sandbox.arrivals if arrival.status == 429)
        assert min(arrival.at for arrival in sandbox.arrivals if arrival.at > limited) - limited >= 1


def test_without_a_rate_is_for_this_machine_alone(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    assert place.upload("https://app.cometly.com", place.orders(2), unlimited=True) == {"exit_code": 2}
    assert capsys.readouterr().err.startswith("backfill: --unlimited: ")


def test_one_key_has_one_pace_whatever_the_state_folder(place: Place) -> None:
    with SandboxThread() as sandbox:
        place.upload(sandbox.url, place.orders(4), state=place.folder / "one")
        place.upload(sandbox.url, place.orders(4), state=place.folder / "two")
        kept = list((place.folder / "home").rglob("pace/*.log"))
        assert len(kept) == 1
        assert not list((place.folder / "one").rglob("*.log"))
        assert {len(keys) for keys in keys_by_order(sandbox.arrivals).values()} == {1}
