"""--events and --changes: what is to go out, to the byte, and what was sent and is otherwise by now."""

import json
from pathlib import Path
from typing import Any

import pytest
from place import MAPPING, Place
from reading import Reader, live, overlap, reader, space

from backfill.commands.upload import upload
from backfill.files.own_outputs import is_ours
from backfill.run.options import Options

__all__ = ["reader"]


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def test_the_events_are_those_that_arrive(place: Place) -> None:
    path = place.folder / "events.jsonl"
    with space() as sandbox:
        orders = place.orders(30)
        given = {"mapping": place.mapping, "state": place.folder / "state", "base_url": sandbox.url}
        assert upload(Options.of("check", (orders,), events=path, **given)) == 0
        assert len(lines(path)) == 30 and not sandbox.events
        found = place.upload(sandbox.url, orders, events=path, limit=7)
        assert found["accepted"] == 7
        arrived = {event.body["order_id"]: event.body for event in sandbox.events}
        written = {one["order_id"]: one for one in lines(path)}
        assert written == arrived and path.stat().st_mode & 0o777 == 0o600
        found = place.upload(sandbox.url, orders, events=path)
        assert found["accepted"] == 23 and len(lines(path)) == 23
        assert is_ours(path), "a pattern takes it for no export"
        assert place.upload(sandbox.url, orders, events=path)["already"] == 30 and path.read_bytes() == b""


def test_changes_say_what_was_and_what_is(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    path = place.folder / "changes.jsonl"
    token = MAPPING.replace("email: Email", "email: Email, comet_token: Token").replace("events:", "events:", 1)
    mapping = place.folder / "token.yaml"
    mapping.write_text(token.replace("description: Four columns", "source: {optional: [Token]}"))
    with space() as sandbox:
        orders = Path(place.orders(5))
        place.upload(sandbox.url, str(orders), mapping=str(mapping))
        text = orders.read_text().replace("p1@example.com,2.50", "p1@example.com,2.75").replace("05-03T10", "05-03T11")
        rows = [line + ("," if at else ",Token") for at, line in enumerate(text.splitlines())]
        rows[4] = rows[4].replace("p3@example.com", "").replace("4.50", "4.500") + "tok-3"
        orders.write_text("\n".join(rows) + "\n")
        found = place.upload(sandbox.url, str(orders), mapping=str(mapping), changes=path)
        assert (found["changed"], found["already"]) == (3, 5)
        said = capsys.readouterr().err
        assert "3 events are otherwise than they were sent" in said and "--resend" in said
    assert is_ours(path)
    about = {"event_name": "purchase", "run": 1, "file": str(orders)}
    times = [f"2024-05-0{n}T10:00:00Z" for n in range(1, 6)]
    assert lines(path) == [
        about
        | {"key": f"purchase:A{n}", "order_id": f"A{n}", "event_time": times[n], "row": n + 1}
        | {"field": field, "before": before, "after": after}
        for n, field, before, after in [
            (1, "amount", "2.5", "2.75"),
            (2, "event_time", "2024-05-03T10:00:00Z", "2024-05-03T11:00:00Z"),
            (3, "identity", None, "tok-3"),
        ]
    ]


def test_changes_of_what_the_space_has_from_elsewhere(place: Place, reader: Reader) -> None:
    path = place.folder / "changes.jsonl"
    with space(*overlap(3), live("A3", amount=7)) as sandbox:
        found = reader.upload(sandbox.url, place.orders(5), skip_existing=True, changes=path)
        assert (found["existing"], found["changed"]) == (4, 1)
    (one,) = lines(path)
    assert (one["order_id"], one["run"], one["field"], float(one["before"])) == ("A3", None, "amount", 7)
    assert one["after"] == "4.5"
