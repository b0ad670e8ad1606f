"""`notify` in a plan: what is told to whom, over real HTTP and to real commands; and that no secret gets out."""

import asyncio
import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from guide_pages import named, page, rows, section
from place import Place
from plans import write_plan

from backfill.cli import main
from backfill.commands.jobs.deliver import deliver
from backfill.commands.jobs.notice import Notice, written
from backfill.commands.jobs.notify import NOTIFY_KEYS, Notify, notified, read_notify
from backfill.mapping.yaml_nodes import Notes, parse
from backfill.report.console import Console
from backfill.sandbox import SandboxThread

FAILED = Notice("plan.yaml", 4, error="the API is down")


@dataclass
class Hook:
    """A webhook on this machine: it answers with these statuses in turn, then with 204."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    posts: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(data) for _, data in self.posts]


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            made.posts.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(made.statuses.pop(0) if made.statuses else 204)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        made.url = f"http://127.0.0.1:{server.server_port}"
        yield made
        server.shutdown()
        thread.join()


def told(notice: Notice, *wanted: Notify, capsys: pytest.CaptureFixture[str]) -> str:
    """Tell them; return what was said of it."""
    capsys.readouterr()
    asyncio.run(deliver(notice, wanted, Console(), pauses=(0.01, 0.01)))
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("statuses", "attempts", "said"),
    [
        ([], 1, "the failure was told to its webhook"),
        ([500, 429], 3, "the failure was told to its webhook"),
        ([500] * 9, 3, "not told to its webhook: 127.0.0.1 answered 500"),
        ([404], 1, "127.0.0.1 answered 404"),
        ([302], 1, "127.0.0.1 answered 302"),
    ],
)
def test_a_webhook_is_tried_again_a_few_times(
    hook: Hook, statuses: list[int], attempts: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hook.statuses = list(statuses)
    text = told(FAILED, Notify(webhook=f"{hook.url}/T0/secret"), capsys=capsys)
    assert said in text and "secret" not in text
    assert len(hook.posts) == attempts


def test_secrets_come_from_the_environment(
    hook: Hook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = Notify(webhook="${HOOK}", headers={"Authorization": "Bearer ${TOKEN}"}, format="text")
    assert "HOOK, TOKEN not set in the environment" in told(FAILED, one, capsys=capsys)
    monkeypatch.setenv("HOOK", hook.url + "/sesame")
    monkeypatch.setenv("TOKEN", "opensesame")
    assert "sesame" not in told(FAILED, one, capsys=capsys)
    ((headers, data),) = hook.posts
    assert headers["Authorization"] == "Bearer opensesame" and headers["Content-Type"].startswith("text/plain")
    assert data.decode().splitlines()[0] == "backfill plan.yaml failed with exit code 4"
    for url in ("http://example.com/sesame", "https://me:sesame@example.com", "sesame"):
        monkeypatch.setenv("HOOK", url)
        text = told(FAILED, one, capsys=capsys)
        assert "its address" in text and "sesame" not in text and len(hook.posts) == 1


def test_a_command_reads_it(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COMETLY_API_KEY_ACME", "key-acme")
    code = "import os, sys; open('out', 'w').write(sys.stdin.read() + str([k for k in os.environ if 'COMETLY' in k]))"
    monkeypatch.chdir(place.folder)
    assert "told to its command" in told(FAILED, Notify(command=(sys.executable, "-c", code)), capsys=capsys)
    text, _, names = Path("out").read_text().rpartition("[")
    assert json.loads(text)["event"] == "failure" and names == "]"
    for words, said in (("false", "exit code 1"), ("no-such-program", "can't be started")):
        assert said in told(FAILED, Notify(command=(words,)), capsys=capsys)


JOB = {
    "job": 1,
    "space": "acme",
    "mapping": "m",
    "state": "stopped",
    "exit_code": 4,
    "files": ["/x/ann@example.com.csv"],
}


def test_no_person_is_in_it() -> None:
    stopped = JOB | {"error": "422 for ann@example.com, +49 30 1234567: <refused>", "codes": {"invalid_email": 2}}
    notice = Notice("plan.yaml", 4, [stopped], {"accepted": 1, "invalid": 2, "codes": {"invalid_email": 2}})
    for form in ("json", "slack", "text"):
        data = written(notice, "failure", form).decode()
        assert "ann@" not in data and "1234567" not in data and "1 event sent" in data
    assert "&lt;refused&gt;" in json.loads(written(notice, "failure", "slack"))["text"]
    found = json.loads(written(notice, "failure", "json"))
    assert (found["exit_code"], found["rejects"], found["codes"]) == (4, 2, {"invalid_email": 2})
    assert found["jobs"][0]["state"] == "stopped" and "files" not in found["jobs"][0]


@pytest.mark.parametrize(
    ("totals", "said"),
    [
        ({}, ""),
        ({"accepted": 2, "unattempted": 3}, ": 2 events sent, 3 left to send"),
        ({"jobs_uncounted": 1}, ": 0 events sent, 0 left to send, and what 1 job has left is not known"),
        (
            {"unattempted": 3, "jobs_uncounted": 2},
            ": 0 events sent, 3 left to send, and what 2 jobs have left is not known",
        ),
    ],
)
def test_what_nobody_has_counted_is_not_told_as_nothing(totals: dict[str, Any], said: str) -> None:
    line = written(Notice("p", 4, totals=totals), "failure", "text").decode()
    assert line == f"backfill p failed with exit code 4{said}\n"


@pytest.mark.parametrize(
    ("code", "rejects", "before", "kind"),
    [
        (0, 0, False, ""),
        (3, 5, False, ""),
        (3, 6, False, "rejects"),
        (0, 0, True, "recovery"),
        (3, 6, True, "recovery"),
        (1, 0, False, "failure"),
        (2, 9, True, "failure"),
        (5, 9, False, "failure"),
        (143, 0, False, "failure"),
        (130, 0, True, ""),  # somebody is there, and pressed ctrl-c
    ],
)
def test_what_is_news(code: int, rejects: int, before: bool, kind: str) -> None:
    notice = Notice("p", code, totals={"invalid": rejects}, failed_before=before)
    assert notice.kind_for(Notify(rejects=5)) == kind
    assert notice.kind_for(Notify(when=frozenset())) == ""


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{format: json}", "needs a webhook or a command"),
        ("{webhook: 'https://a.test', command: mail}", "needs a webhook or a command"),
        ("{webhook: 'http://a.test/x'}", "notify.webhook must be https://"),
        ("{webhook: 'https://a.test', when: [failed]}", "must be failure, rejects or recovery"),
        ("{webhook: 'https://a.test', format: teams}", "must be json, slack or text"),
        ("{webhook: 'https://hooks.slack.com/T0', format: slack}", "is a secret as a whole"),
        ("{webhook: 'https://a.test', headers: {X-Api-Key: abc}}", "is a secret: write ${NAME}"),
        ("{webhook: 'https://${COMETLY_API_KEY_ACME}.test'}", "an API key goes to the API alone"),
        ("{command: 'mail \"'}", "can't be read as a command"),
        ("{command: []}", "must be a list of words"),
        ("{command: mail, rejects: many}", "must be a whole number"),
    ],
)
def test_what_a_plan_may_not_say(text: str, problem: str) -> None:
    notes = Notes("plan.yaml")
    notified(parse(f"notify: {text}", notes, "plan").entries()["notify"])
    assert any(problem in sentence for _, sentence in notes.problems), notes.problems


def test_the_guide_has_every_key() -> None:
    table = rows(section("Whom to tell", page("nightly")))
    assert tuple(named(cell)[0] for cell, *_ in table) == NOTIFY_KEYS


def test_a_plan_that_failed_and_works_again(
    place: Place, hook: Hook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The exit codes are those without notify, also where nobody can be told."""
    monkeypatch.chdir(place.folder)
    write_plan(place, {"files": place.orders(2), "space": "acme"})
    plan = json.loads(Path("plan.yaml").read_text()) | {"notify": [{"webhook": hook.url}, {"webhook": "${NONE}"}]}
    Path("plan.yaml").write_text(json.dumps(plan))
    assert [one.webhook for one in read_notify(Path("plan.yaml"))] == [hook.url, "${NONE}"]
    with SandboxThread(keys={"key-acme": "acme"}) as sandbox:
        words = ["jobs", "plan.yaml", "--state", "state", "--base-url", sandbox.url]
        assert main(words) == 2  # no key
        assert "notify 2: NONE not set" in capsys.readouterr().err
        monkeypatch.setenv("COMETLY_API_KEY_ACME", "key-acme")
        assert main(words) == 0
    assert [one["event"] for one in hook.objects] == ["failure", "recovery"]
    assert hook.objects[0]["jobs"][0]["error"].startswith("space acme: no API key")
    assert hook.objects[1]["accepted"] == 2
    Path("plan.yaml").write_text(json.dumps(plan | {"jobs": []}))
    assert main([*words, "--check"]) == 2 and len(hook.posts) == 2, "a rehearsal is no news"
    assert main(words) == 2
    assert hook.objects[2]["event"] == "failure" and "must be a list of jobs" in hook.objects[2]["error"]
