import json
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from place import Place

from backfill.commands.status import Asked, status, why
from backfill.ledger import Accepted, ledgers_of
from backfill.sandbox import Fault, SandboxThread


def stories(place: Place, capsys: pytest.CaptureFixture[str], order_id: str, **more: str) -> list[dict[str, object]]:
    capsys.readouterr()
    assert why(Asked(place.folder / "state", json=True, **more), order_id) == 0  # type: ignore[arg-type]
    return list(json.loads(capsys.readouterr().out))


def test_an_order_and_what_became_of_it(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    path = Path(place.orders(5))
    text = path.read_text(encoding="utf-8")
    path.write_text(text + text.splitlines()[2] + "\nA9,nobody,1,2024-05-01T10:00:00Z\n", encoding="utf-8")
    odd = Fault(match=lambda body: body["order_id"] == "A3", status=422)
    with SandboxThread(faults=[odd]) as sandbox:
        assert place.upload(sandbox.url, str(path))["refused"] == 1
        second = place.orders(3, name="later.csv")
        assert place.upload(sandbox.url, second)["already"] == 3
        url = sandbox.url
    [story] = stories(place, capsys, "A1")
    [accepted] = story["accepted"]  # type: ignore[misc]
    assert (accepted["run"], accepted["key"], accepted["amount"]) == (1, "purchase:A1", "2.5")
    assert accepted["files"] == [str(path)]
    assert (accepted["last_seen_run"], accepted["last_seen_files"]) == (2, [second])
    assert [(v["verdict"], v["row"], v["run"]) for v in story["verdicts"]] == [("duplicate", 6, 1)]  # type: ignore[attr-defined]
    [refused] = stories(place, capsys, "A3")[0]["verdicts"]  # type: ignore[misc]
    assert (refused["verdict"], refused["code"], refused["row"]) == ("refused", "refused", 4)
    invalid = stories(place, capsys, "A9")[0]["verdicts"]
    assert next((v["verdict"], v["code"]) for v in invalid) == ("invalid", "invalid_email")  # type: ignore[attr-defined]
    assert stories(place, capsys, "A77") == []
    assert stories(place, capsys, "purchase:A1") != []
    assert stories(place, capsys, "A1", space="acme") == []
    assert stories(place, capsys, "A1", base_url=url) != []


@pytest.mark.parametrize(
    ("source", "key", "made"),
    [
        ("{namespace: shop}", "", ""),  # as the ledger spells it
        ("{}", "idempotency_key: Email", "p1@example.com"),
        ("{}", "idempotency_key: {template: 'web:{Order}'}", "web:A1"),
        ("{}", "idempotency_key: {template: 'purchase:web:{Order}'}", "purchase:web:A1"),
        ("{}", "idempotency_key: {template: '{Order}'}", "A1"),
        ("{}", "idempotency_key: {template: '{Order}:web'}", "A1:web"),
        ("{namespace: shop}", "idempotency_key: {template: 'purchase@eu:{Order}'}", "purchase@eu:A1"),
    ],
)
def test_an_order_and_its_key_give_the_same_story(
    place: Place, capsys: pytest.CaptureFixture[str], source: str, key: str, made: str
) -> None:
    mapping = Path(place.mapping).read_text(encoding="utf-8")
    more = f"event_time: When}}\n    {key}" if key else "event_time: When}"
    other = place.folder / "other.yaml"
    other.write_text(mapping.replace("event_time: When}", more) + f"source: {source}\n", encoding="utf-8")
    with SandboxThread() as sandbox:
        assert place.upload(sandbox.url, place.orders(2), mapping=str(other))["accepted"] == 2
    [story] = stories(place, capsys, "A1")
    [accepted] = story["accepted"]  # type: ignore[misc]
    assert (made in ("", accepted["key"]), accepted["event"], accepted["run"]) == (True, "purchase", 1)
    [same] = stories(place, capsys, accepted["key"])
    assert story["accepted"] == same["accepted"]


@pytest.mark.parametrize(
    ("namespace", "key", "asked"),
    [
        (None, "purchase:A1", "A1"),
        ("eu", "purchase@eu:A1", "A1"),
        ("eu", "purchase:eu:A1", "A1"),  # as an earlier release wrote it
        (None, "web:A1", "web:A1"),
    ],
)
def test_what_was_sent_and_not_answered_is_part_of_the_story_until_it_is_known(
    place: Place, capsys: pytest.CaptureFixture[str], namespace: str | None, key: str, asked: str
) -> None:
    """As verify and undo tell it: of a run that was killed, of one that ended, and no more once it was accepted."""
    with ledgers_of(place.folder / "state").open("http://127.0.0.1:1", "default") as ledger:
        run = ledger.begin("backfill upload", "small", namespace, ["orders.csv"])
        ledger.attempt(run, [Accepted(one, "2024-05-01T10:00:00Z", None, b"") for one in (key, "purchase:B1")])
        [story] = stories(place, capsys, asked)
        [attempt] = story["attempts"]  # type: ignore[misc]
        assert (attempt["key"], attempt["run"], attempt["finished"]) == (key, 1, None)
        why(Asked(place.folder / "state"), asked)
        assert "the API may have it" in (said := capsys.readouterr().out) and "has not finished" in said
        ledger.finish(run, 4, {}, [], [key])
        why(Asked(place.folder / "state"), asked)
        assert "the API may have it" in (said := capsys.readouterr().out) and "has not finished" not in said
        assert [one["attempts"] for one in stories(place, capsys, "B1")] == []
        later = ledger.begin("backfill upload", "small", namespace, ["orders.csv"])
        ledger.accept(later, [Accepted(key, "2024-05-01T10:00:00Z", "1", b"")])
    [story] = stories(place, capsys, asked)
    assert story["attempts"] == [] and story["accepted"] != []


@pytest.mark.parametrize("asked", ["A1", "purchase:A1", "orders.csv:2"])
@pytest.mark.parametrize(
    ("now", "said"),
    [
        (",2.50,", ("purchase ready to be sent again", "left 3 events unattempted", "to go on: backfill upload")),
        (",free,", ("purchase invalid (invalid_amount)",)),
        ("A9,p9@", ()),  # it is not there by this name any more
    ],
)
def test_what_was_sent_and_not_answered_also_has_what_is_to_be_done_with_its_row(
    place: Place, capsys: pytest.CaptureFixture[str], asked: str, now: str, said: tuple[str, ...]
) -> None:
    orders = Path(place.orders(3))
    with SandboxThread(faults=[Fault(match=lambda body: True, status=503)]) as sandbox:
        assert place.upload(sandbox.url, str(orders), patience=0.5)["unattempted"] == 3
    orders.write_text(orders.read_text().replace("A1,p1@" if now.startswith("A9") else ",2.50,", now))
    capsys.readouterr()
    assert why(Asked(place.folder / "state"), asked) == 0
    out = capsys.readouterr().out
    assert all(one in out for one in said), out
    assert out.count("the API may have it") == (bool(said) or asked != "orders.csv:2"), out


def test_for_an_order_not_sent_it_shows_where_it_may_wait(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with SandboxThread() as sandbox:
        place.upload(sandbox.url, place.orders(6), limit=2)
    assert why(Asked(place.folder / "state"), "A1") == 0
    out = capsys.readouterr().out
    assert "left 4 events unattempted" in out
    assert "to go on: backfill upload" in out


def test_a_command_that_goes_on_is_about_the_same_files_in_another_folder(place: Place) -> None:
    acme, bolt = Place(place.folder / "acme"), Place(place.folder / "bolt")
    for one, first in ((acme, 0), (bolt, 4)):
        one.folder.mkdir()
        assert one.orders(first + 4, first) and one.mapping
    with SandboxThread() as sandbox:
        words = ("upload", "orders.csv", "-m", "small.yaml", "--limit", "1", "--json", "--state", "../state")
        ended = json.loads(acme.command(*words, url=sandbox.url).stdout)
        line = bolt.command("status", "--state", "../state").stdout.partition("to go on: ")[2].strip()
        assert ended["resume"] == line
        assert bolt.command(*shlex.split(line)[1:], url=sandbox.url).returncode == 0
        assert {event.body["order_id"] for event in sandbox.events} == {f"A{n}" for n in range(4)}


def test_status_shows_spaces_and_runs(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    with SandboxThread() as sandbox:
        place.upload(sandbox.url, place.orders(6), limit=2)
        place.upload(sandbox.url, place.orders(6))
    ran = place.command("status", "--state", "state")
    assert ran.returncode == 0
    assert f"space default at {sandbox.url}: 6 events accepted" in ran.stdout
    assert "run 2" in ran.stdout
    assert "2 already, 4 accepted" in ran.stdout
    capsys.readouterr()
    status(Asked(place.folder / "state", json=True))
    [found] = json.loads(capsys.readouterr().out)
    assert [(run["run"], run["exit_code"], run["accepted"]) for run in found["runs"]] == [(2, 0, 4), (1, 0, 2)]
    assert "no ledger in" in place.command("status", "--state", "elsewhere").stdout


def test_a_damaged_ledger_is_reported_and_the_others_are_still_shown(place: Place) -> None:
    with SandboxThread() as sandbox:
        place.upload(sandbox.url, place.orders(2))
    (place.folder / "state" / "https_elsewhere").mkdir()
    (place.folder / "state" / "https_elsewhere" / "acme.sqlite").write_bytes(b"no ledger at all" * 99)
    ran = place.command("why", "A1", "--state", "state")
    assert ran.returncode == 2
    assert "first accepted" in ran.stdout
    assert "damaged" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_ledger_is_only_read(place: Place) -> None:
    with SandboxThread() as sandbox:
        place.upload(sandbox.url, place.orders(2))
    [path] = (place.folder / "state").rglob("*.sqlite")
    before = path.read_bytes()
    place.command("status", "--state", "state")
    place.command("why", "A1", "--state", "state")
    assert path.read_bytes() == before
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM runs").fetchone() == (1,)
