"""--skip-existing: events that the Space already has are left out, once, and never entered as ours."""

from pathlib import Path
from typing import Any

import pytest
from place import Place
from reading import Reader, live, overlap, reader, space

from backfill.sandbox import Fault

__all__ = ["reader"]


def orders_of(sandbox: Any) -> list[str]:
    return sorted(event.body["order_id"] for event in sandbox.events)


def test_an_upload_leaves_out_what_live_tracking_has(place: Place, reader: Reader) -> None:
    had = [body | ({"idempotency_key": f"pixel-{n}"} if n % 2 else {}) for n, body in enumerate(overlap(6))]
    with space(*had, live("X1")) as sandbox:
        first = reader.upload(sandbox.url, place.orders(20), skip_existing=True)
        assert (first["exit_code"], first["already"], first["existing"], first["accepted"]) == (0, 6, 6, 14)
        assert first["requests"] == 14
        assert orders_of(sandbox) == sorted(["X1", *(f"A{n}" for n in range(20))])
        again = reader.upload(sandbox.url, place.orders(22), skip_existing=True)
        assert (again["already"], again["existing"], again["accepted"]) == (20, 6, 2)
        assert reader.kept == []
        without = reader.upload(sandbox.url, place.orders(22))
        assert (without["already"], without["existing"], without["accepted"]) == (16, 0, 6)  # they were not ours


def test_a_check_needs_a_key_only_with_the_flag(place: Place) -> None:
    with space(*overlap(2)) as sandbox:
        words = ("check", place.orders(5), "-m", place.mapping, "--json", "--state", "s")
        with_flag = place.command(*words, "--skip-existing", url=sandbox.url)
        assert with_flag.returncode == 0 and '"existing": 2' in with_flag.stdout
        lacking = place.command(*words, "--skip-existing", "--base-url", sandbox.url)
        assert lacking.returncode == 2 and "COMETLY_API_KEY" in lacking.stderr
        assert place.command(*words, "--base-url", sandbox.url).returncode == 0


@pytest.mark.parametrize(
    ("had", "existing", "changed"),
    [
        (live("A1", amount=2.5), 1, 0),
        (live("A1", amount=2.504), 1, 0),
        (live("A1", amount=7), 1, 1),
        (live("A1", amount=2.5, event_time="2024-05-01T23:00:00Z"), 1, 0),
        (live("A1", amount=2.5, event_time="2024-04-30T11:00:00+02:00"), 1, 0),
        (live("a1"), 0, 0),
        (live("A1 "), 0, 0),
        (live("A01"), 0, 0),
        (live("A1", event_name="subscribe"), 0, 0),
        (live("A1", amount=2.5, is_upsell=True), 1, 0),
        (live("A1", amount=7, is_upsell=True), 1, 1),
        (live("A1", event_name="subscribe", is_upsell=True), 0, 0),
    ],
)
def test_what_counts_as_the_same(
    place: Place, reader: Reader, had: dict[str, Any], existing: int, changed: int
) -> None:
    with space(had) as sandbox:
        found = reader.summary("check", sandbox.url, place.orders(3), skip_existing=True)
    assert (found["existing"], found["already"], found["changed"]) == (existing, existing, changed)


UPSELLS = """
mapping: 1
name: upsells
events:
  - event_name: purchase
    fields: {order_id: Order, email: Email, amount: Total, event_time: When, is_upsell: Upsell}
"""
Orders = list[tuple[bool, float]]  # of one order_id: whether each is an upsell, and its amount


@pytest.mark.parametrize(
    ("file", "there", "sent"),
    [
        *([[(a, 9.5)], [(b, 9.5)], []] for a in (True, False) for b in (True, False)),
        ([(False, 9.5)], [(True, 3)], []),  # and said
        ([(True, 3)], [(False, 9.5)], []),
        ([(False, 9.5)], [(False, 9.5), (True, 3)], []),
        ([(True, 3)], [(False, 9.5), (True, 3)], []),
        ([(False, 9.5), (True, 3)], [], [(False, 9.5), (True, 3)]),
        ([(False, 9.5), (True, 3)], [(False, 9.5)], [(True, 3)]),
        ([(False, 9.5), (True, 3)], [(True, 3)], [(False, 9.5)]),
        ([(False, 9.5), (True, 3)], [(False, 3)], [(False, 9.5)]),
        ([(True, 3), (False, 9.5)], [(True, 9.5)], [(True, 3)]),
        ([(False, 9.5), (True, 3)], [(True, 4)], [(False, 9.5)]),  # by its name alone
        ([(False, 3), (True, 3)], [(True, 3)], [(False, 3)]),
        ([(False, 9.5), (True, 3)], [(False, 9.5), (True, 3)], []),
        ([(False, 9.5), (True, 3)], [(False, 9.5), (False, 3)], []),
    ],
)
def test_a_purchase_and_an_upsell_of_one_id_are_one_order_unless_there_are_both(
    place: Place, reader: Reader, file: Orders, there: Orders, sent: Orders
) -> None:
    mapping, table = place.folder / "upsells.yaml", place.folder / "upsells.csv"
    mapping.write_text(UPSELLS + ("    idempotency_key: Pixel\n" if len(file) > 1 else ""))
    lines = [f"1,p@example.com,{amount},2024-05-02T10:00:00Z,{up},k{n}" for n, (up, amount) in enumerate(file)]
    table.write_text("\n".join(["Order,Email,Total,When,Upsell,Pixel", *lines]) + "\n")
    had = [live("1", amount=n, is_upsell=up, idempotency_key=f"{up}{n}") for up, n in there]
    with space(*had) as sandbox:
        found = reader.run("upload", sandbox.url, str(table), mapping=str(mapping), skip_existing=True)
        assert found.code == 0
        assert [(one.body["is_upsell"], one.body["amount"]) for one in sandbox.arrivals] == sent
        unlike = len(file) == len(there) == 1 and file[0][0] != there[0][0] and file[0][1] != there[0][1]
        assert ("main order and its upsell" in found.err) == unlike
        after = reader.verify(sandbox.url, str(table), mapping=str(mapping))
        assert (after["missing"], after["not_sent"], after["twice"]) == (0, 0, 0)
        assert sent or reader.upload(sandbox.url, str(table), mapping=str(mapping))["accepted"] == len(file)
        after = reader.verify(sandbox.url, str(table), mapping=str(mapping))
        assert after["missing"] == 0
        assert sent or after["twice"] + after["upsells"] > 0


def test_without_order_ids_nothing_is_recognised(place: Place, reader: Reader) -> None:
    mapping, file = place.folder / "leads.yaml", place.folder / "leads.csv"
    mapping.write_text(
        "mapping: 1\nname: leads\nevents:\n  - event_name: lead_generated\n"
        "    fields: {email: Email, event_time: When}\n"
    )
    file.write_text("Email,When\na@example.com,2024-05-02T10:00:00Z\nb@example.com,2024-05-02T10:00:00Z\n")
    with space(live(None, event_name="lead_generated", amount=None)) as sandbox:
        result = reader.run("check", sandbox.url, str(file), mapping=str(mapping), skip_existing=True)
    assert result.code == 0
    assert "2 events have no order_id" in result.err
    assert "none of the events read back has an order_id" in result.err


def unnamed(number: int) -> list[dict[str, Any]]:
    return [live(None, email=f"p{n}@example.com", event_time=f"2024-05-{n + 1:02d}T10:00:00Z") for n in range(number)]


@pytest.mark.parametrize(
    ("command", "name"), [("check", "purchase"), ("upload", "purchase"), ("upload", "upsell_purchase")]
)
def test_orders_that_can_not_be_found_are_not_sent(place: Place, reader: Reader, command: str, name: str) -> None:
    """Where no purchase has an order_id, none of the file's could be found, whatever the Space has."""
    others = [live("L1", event_name="subscribe")]
    with space(*(body | {"is_upsell": name != "purchase"} for body in unnamed(3)), *others) as sandbox:
        result = reader.run(command, sandbox.url, place.orders(10), skip_existing=True)
        assert result.code == 2 and sandbox.arrivals == []
    assert f"lists 3 {name} events" in result.err and "the file's 10" in result.err


def test_a_stray_purchase_and_leads_without_an_id_stop_nothing(place: Place, reader: Reader) -> None:
    """Live tracking gives a lead no order_id; a purchase without one among many orders is somebody's test."""
    leads = place.folder / "leads.yaml"
    leads.write_text(Path(place.mapping).read_text().replace("purchase", "subscribe"))
    for had, mapping in ((unnamed(1), place.mapping), ([live(None, event_name="subscribe")] * 5, str(leads))):
        with space(*had) as sandbox:
            result = reader.run("upload", sandbox.url, place.orders(20), mapping=mapping, skip_existing=True)
            assert (result.code, len(sandbox.arrivals)) == (0, 20), result.err
        assert f"{len(had)} event" in result.err


@pytest.mark.parametrize(
    ("had", "without"), [([*unnamed(3), *overlap(2)], 3), ([*unnamed(1), live("X1")], 1), (overlap(2), 0)]
)
def test_events_without_an_order_id_among_others_are_said(
    place: Place, reader: Reader, had: list[dict[str, Any]], without: int
) -> None:
    with space(*had) as sandbox:
        result = reader.run("check", sandbox.url, place.orders(10), skip_existing=True)
    assert result.code == 0
    assert ("of the Space ha" in result.err) == bool(without)
    assert not without or f"{without} event" in result.err


def test_what_breaks_a_rule_and_is_there_is_already_there(place: Place, reader: Reader) -> None:
    file = Path(place.orders(3))
    file.write_text(file.read_text().replace("p1@example.com", "nobody"))
    with space(*overlap(2)) as sandbox:
        found = reader.summary("check", sandbox.url, str(file), skip_existing=True)
    assert (found["exit_code"], found["existing"], found["invalid"], found["ready"]) == (0, 2, 0, 1)


def test_duplicates_and_conflicts_keep_their_verdicts(place: Place, reader: Reader) -> None:
    file = Path(place.orders(4))
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*lines, lines[2], lines[3], lines[4].replace("4.50", "5.50"), lines[1]]) + "\n")
    with space(*overlap(2)) as sandbox:
        found = reader.upload(sandbox.url, str(file), skip_existing=True)
        assert (found["existing"], found["already"], found["duplicate"], found["accepted"]) == (4, 4, 1, 1)
        assert found["codes"] == {"conflicting_duplicate": 2}
        assert orders_of(sandbox) == ["A0", "A1", "A2"]


def test_the_plan_and_the_command_that_goes_on_show_it(place: Place, reader: Reader) -> None:
    file = Path(place.orders(4))
    file.write_text(file.read_text().replace("p3@example.com", "nobody"))
    with space(*overlap(2)) as sandbox:
        result = reader.run("upload", sandbox.url, str(file), skip_existing=True, space_timezone="Europe/Berlin")
    assert result.code == 3
    assert "2 are in the Space already" in result.err
    assert "--skip-existing" in result.err.splitlines()[-1] and "--space-timezone Europe/Berlin" in result.err
    assert "2 were in the Space from elsewhere" in result.out


def test_with_nothing_ready_the_api_is_not_asked(place: Place, reader: Reader) -> None:
    with space() as sandbox:
        reader.upload(sandbox.url, place.orders(3))
        before = len(sandbox.reads)
        assert reader.upload(sandbox.url, place.orders(3), skip_existing=True)["already"] == 3
        assert len(sandbox.reads) == before


@pytest.mark.parametrize("status", [401, 403, 404, 302, 422])
def test_an_api_that_does_not_answer_stops_it_before_anything_is_sent(
    place: Place, reader: Reader, status: int
) -> None:
    with space(read_faults=[Fault(status=status)]) as sandbox:
        result = reader.run("upload", sandbox.url, place.orders(3), skip_existing=True)
        assert result.code == 4
        assert f"HTTP {status}" in result.err and "nothing was sent" in result.err and "to go on:" in result.err
        assert sandbox.arrivals == []


def test_another_spaces_key_is_refused(place: Place, reader: Reader) -> None:
    with space(keys={"sandbox": "one", "other": "two"}) as sandbox:
        reader.upload(sandbox.url, place.orders(2))
        result = reader.run("check", sandbox.url, place.orders(3), skip_existing=True, api_key="other")
        assert result.code == 2 and "another API key" in result.err


@pytest.mark.parametrize(
    ("command", "number", "options", "known"),
    [
        ("verify", 3, {}, True),
        ("undo", None, {"number": 1, "yes": True}, True),
        ("undo", None, {"number": 1, "dry_run": True}, False),
        ("check", 4, {"skip_existing": True}, False),  # it keeps nothing
        ("upload", 3, {}, False),  # nothing to send, and nothing shows whose key it is
        ("upload", 4, {}, True),
        ("upload", 4, {"skip_existing": True}, True),
    ],
)
def test_what_is_said_of_a_replaced_key_can_be_done(
    place: Place, reader: Reader, command: str, number: int | None, options: dict[str, Any], known: bool
) -> None:
    """Each command that refuses it takes --key-rotated, and the Space's own answer makes it known."""
    with space(keys={"sandbox": "one", "new": "one", "other": "two"}) as sandbox:
        first = place.orders(3)
        reader.upload(sandbox.url, first)
        files = () if number is None else (place.orders(number, name="later.csv"),)
        refused = reader.run(command, sandbox.url, *files, api_key="new", **options)
        assert refused.code == 2 and "--key-rotated" in refused.err
        taken = reader.run(command, sandbox.url, *files, api_key="new", key_rotated=True, **options)
        assert taken.code == 0, taken.err
        assert ("not known yet" in taken.err) == (command == "upload" and not known)
        again = reader.run("verify", sandbox.url, first, api_key="new")
        assert (again.code != 2) == known


def test_a_key_of_another_space_is_not_made_known(place: Place, reader: Reader) -> None:
    """Whatever is said of it: what this ledger sent is not in its Space."""
    with space(keys={"sandbox": "one", "other": "two"}) as sandbox:
        reader.upload(sandbox.url, place.orders(3))
        found = reader.summary("verify", sandbox.url, place.orders(3), api_key="other", key_rotated=True)
        assert (found["exit_code"], found["missing"]) == (3, 3)
        assert reader.run("verify", sandbox.url, place.orders(3), api_key="other").code == 2
        assert reader.run("verify", sandbox.url, place.orders(3)).code == 0


def test_resend_sends_what_the_ledger_has(place: Place, reader: Reader) -> None:
    with space() as sandbox:
        reader.upload(sandbox.url, place.orders(4))
        again = reader.run("upload", sandbox.url, place.orders(5), resend=True)
        assert again.code == 0 and "4 were accepted before and go out again" in again.err
        assert len(sandbox.arrivals) == 9 and len(sandbox.events) == 5
        assert reader.upload(sandbox.url, place.orders(5))["already"] == 5
