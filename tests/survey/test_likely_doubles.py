"""Likely doubles: an event that the ledger has under another key is reported; like orders of one input are two."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from checking import HEADER, MAPPING, Desk, events_of, mapping_of, surveyed, write
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import ADDRESS, of_an_earlier_release

from backfill.ledger import Accepted, Rejected, identity_digests, likenesses
from backfill.ledger.sqlite.file import ledger_path
from backfill.ledger.sqlite.ledger import SqliteLedger
from backfill.mapping import load_text
from backfill.survey.key_recipe import keys_of, other_keys

AT = "2024-05-01T10:00:00Z"
ANN = identity_digests("ann@x.de", None, None, None)
EU = mapping_of(namespace="eu")
MIXED = MAPPING.replace("email: email", "email: email, comet_token: token")


def sent(path: Path, *rows: str, mapping: str = MAPPING, header: str = HEADER) -> None:
    """Enter in the ledger what an upload of these rows would."""
    path.parent.mkdir(parents=True, exist_ok=True)
    names = write(path.parent, {"sent.csv": header + "\n".join(rows)})
    with SqliteLedger.open(path, ADDRESS, "default") as ledger:
        run = ledger.begin("backfill upload", "m", None, ["sent.csv"], "x")
        with surveyed(names, mapping, ledger=path) as survey:
            ledger.accept(run, [event.accepted for event in survey.events(run, None)])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return ledger_path(tmp_path / "state", ADDRESS, "default")


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (f"2,ann@x.de,5,{AT}", "likely_double"),
        (f"2,ANN@X.de,5.00,{AT}", "likely_double"),
        ("2,ann@x.de,$5,2024-05-01T12:00:00+02:00", "likely_double"),
        (f"1,ann@x.de,5,{AT}", "already"),
        (f"2,bob@x.de,5,{AT}", "ready"),
        (f"2,ann@x.de,50,{AT}", "ready"),
        ("2,ann@x.de,5,2024-05-01T10:00:01Z", "ready"),
    ],
)
def test_an_event_like_another_under_another_key(tmp_path: Path, path: Path, row: str, found: str) -> None:
    sent(path, f"1,ann@x.de,5.00,{AT}")
    with surveyed(write(tmp_path, {"now.csv": HEADER + row}), ledger=path) as survey:
        counts = survey.account.counts
        assert (counts.codes or counts.verdicts) == {found: 1}
        reasons = [note.reason for _, notes, _ in survey.rejects for note in notes]
        assert all(reason.endswith("(key purchase:1, run 1)") for reason in reasons)


@pytest.mark.parametrize(
    ("row", "found"),
    [
        (f"2,ann@x.de,5,{AT},", "likely_double"),
        (f"2,ann@x.de,5,{AT},u", "likely_double"),
        (f"2,,5,{AT},t", "likely_double"),
        (f"2,,5,{AT},u", "ready"),
        (f"2,bob@x.de,5,{AT},t", "ready"),  # two people at one till
    ],
)
def test_a_person_of_several_names(tmp_path: Path, path: Path, row: str, found: str) -> None:
    header = HEADER.replace("at\n", "at,token\n")
    sent(path, f"1,ann@x.de,5.00,{AT},t", mapping=MIXED, header=header)
    with surveyed(write(tmp_path, {"now.csv": header + row}), MIXED, ledger=path) as survey:
        assert (survey.account.counts.codes or survey.account.counts.verdicts) == {found: 1}


def test_a_day_without_a_time_is_only_reported(tmp_path: Path, path: Path) -> None:
    mapping = mapping_of(timezone="Europe/Berlin")
    sent(path, "1,ann@x.de,5,2024-05-01", "2,bob@x.de,5,2024-05-01 12:00", mapping=mapping)
    rows = [
        "3,ann@x.de,5,2024-05-01",
        "4,bob@x.de,5,2024-05-01 12:00",
        "5,c@x.de,5,2024-05-01",
        "6,d@x.de,5,2024-05-01",
    ]
    with surveyed(write(tmp_path, {"now.csv": HEADER + "\n".join(rows)}), mapping, ledger=path) as survey:
        assert (survey.account.counts.codes, survey.account.doubles.dated) == ({"likely_double": 1}, 1)
        assert survey.account.doubles.stop(survey.account.counts) is None and "1 event has" in next(
            survey.account.doubles.sentences()
        )


@pytest.mark.parametrize("frame", [1, 9])
def test_like_orders_of_one_input_are_two(tmp_path: Path, path: Path, frame: int) -> None:
    rows = [f"{n},ann@x.de,5,{AT}" for n in (3, 1, 2)]
    sent(path, rows[1])
    with surveyed(write(tmp_path, {"now.csv": HEADER + "\n".join(rows)}), ledger=path, frame=frame) as survey:
        assert survey.account.counts.verdicts == {"already": 1, "ready": 2}
        assert len(list(survey.events(2, None))) == 2


def test_an_order_rejected_in_the_same_input_or_deleted_is_no_double(tmp_path: Path, path: Path) -> None:
    sent(path, f"1,ann@x.de,5,{AT}", f"9,bob@x.de,5,{AT}")
    with SqliteLedger.open(path, ADDRESS, "default") as ledger:
        ledger.finish(1, 3, {}, [Rejected("2", "purchase", "invalid", "missing_amount", "sent.csv", 2)])
        ledger.delete(1, "purchase:9", "evt_9")
    rows = [f"{n},ann@x.de,5,{AT}" for n in (2, 3)] + [f"8,bob@x.de,5,{AT}"]
    with surveyed(write(tmp_path, {"now.csv": HEADER + "\n".join(rows)}), ledger=path) as survey:
        assert survey.account.counts.verdicts == {"ready": 2, "invalid": 1}


def test_an_order_that_came_twice_is_still_one_under_another_key(tmp_path: Path, path: Path) -> None:
    sent(path, f"1,ann@x.de,5,{AT}", f"1,ann@x.de,5,{AT}")
    with SqliteLedger.open(path, ADDRESS, "default") as ledger:
        ledger.keep(1, [Rejected("1", "purchase", verdict, "", "sent.csv", 2) for verdict in ("duplicate", "invalid")])
    with surveyed(write(tmp_path, {"now.csv": HEADER + f"1,ann@x.de,5,{AT}"}), EU, ledger=path) as survey:
        assert survey.account.counts.codes == {"likely_double": 1}


LEADS = """
mapping: 1
name: small
source: {timezone: UTC, date_order: dmy, optional: [id, total]}
events: [{event_name: lead_generated, fields: {order_id: id, email: email, amount: total, event_time: at}}]
"""
TYPED = LEADS.replace("lead_generated,", "lead_generated, key: [email, {column: at}],")
NUMBERED = LEADS.replace("lead_generated,", "lead_generated, key: [{column: n}],")
SENT = "2024-05-01T10:00:13Z"


@pytest.mark.parametrize(
    ("row", "mapping", "found"),
    [
        (",a@x.de,5,2024-05-01 10:00,2", LEADS, "likely_double"),
        (",A@x.de,5.00,2024-05-01T12:00:00+02:00,2", LEADS, "likely_double"),  # as a workbook has it
        (",a@x.de,5,01.05.2024 10:00,2", TYPED, "likely_double"),
        (",b@x.de,5,2024-05-01 10:00,2", LEADS, "ready"),
        (",a@x.de,6,2024-05-01 10:00,2", LEADS, "ready"),
        (",a@x.de,5,2024-05-01 10:01,2", LEADS, "ready"),
        (",a@x.de,5,2024-05-01 09:59,2", LEADS, "ready"),
        (",a@x.de,5,2024-05-01 10:00:14,2", LEADS, "ready"),  # another second was there
        ("7,a@x.de,5,2024-05-01 10:00,2", LEADS, "ready"),  # its key is not made of its time
        (",a@x.de,5,2024-05-01 10:00,2", NUMBERED, "ready"),
        (",a@x.de,5,2024-05-01 10:00,1", NUMBERED, "already"),
    ],
)
def test_an_event_like_another_of_its_minute(tmp_path: Path, path: Path, row: str, mapping: str, found: str) -> None:
    header = "id,email,total,at,n\n"
    sent(path, f",a@x.de,5.00,{SENT},1", mapping=mapping, header=header)
    with surveyed(write(tmp_path, {"now.csv": header + row}), mapping, ledger=path) as survey:
        assert (survey.account.counts.codes or survey.account.counts.verdicts) == {found: 1}
        reasons = [note.reason for _, notes, _ in survey.rejects for note in notes]
        assert all(reason.endswith(f"run 1, {SENT})") for reason in reasons)


LAYOUTS = (
    *("%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M", "%d.%m.%y %H:%M", "%d-%m-%Y %H:%M", "%d. %m. %Y %H:%M", "%d/%m/%y %I:%M %p"),
    *("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y. %m. %d. %H:%M", "%Y-%m-%dT%H:%M:00", "%Y/%m/%d %H:%M:00"),
)
MOMENT = st.tuples(st.sampled_from("abc"), st.datetimes(datetime(2024, 5, 1), datetime(2024, 5, 1, 0, 2)))


@settings(max_examples=40)
@given(st.lists(MOMENT, max_size=6), st.lists(MOMENT, max_size=6), st.sampled_from(LAYOUTS), st.integers(1, 7))
def test_a_file_that_lost_its_seconds_sends_nothing_anew(
    tmp_path_factory: pytest.TempPathFactory,
    before: list[tuple[str, datetime]],
    new: list[tuple[str, datetime]],
    layout: str,
    frame: int,
) -> None:
    folder, header = tmp_path_factory.mktemp("cut"), "email,at\n"
    path = folder / "state" / "default.sqlite"
    sent(path, *(f"{who}@x.de,{at:%Y-%m-%dT%H:%M:%S}" for who, at in before), mapping=LEADS, header=header)
    text = header + "\n".join(f"{who}@x.de,{at.strftime(layout)}" for who, at in before + new)
    minutes = [{(who, at.replace(second=0, microsecond=0)) for who, at in some} for some in (before, new)]
    with surveyed(write(folder, {"now.csv": text}), LEADS, ledger=path, frame=frame) as survey:
        assert survey.account.counts.verdicts["ready"] == len(minutes[1] - minutes[0])


def test_two_events_of_one_minute_in_one_input_are_two_and_said(tmp_path: Path, path: Path) -> None:
    sent(path, f",a@x.de,5,{SENT}", mapping=LEADS)
    files = {"a.csv": HEADER + f",a@x.de,5,{SENT}", "b.csv": HEADER + ",a@x.de,5,2024-05-01 10:00"}
    with surveyed(write(tmp_path, files), LEADS, ledger=path) as survey:
        assert survey.account.counts.verdicts == {"already": 1, "ready": 1}
        assert "minute and amount of others of this input" in next(survey.account.doubles.sentences())
        assert len(list(survey.events(2, None))) == 1


def test_of_several_in_its_minute_those_that_are_still_there_count(tmp_path: Path, path: Path) -> None:
    sent(path, *(f",a@x.de,5,2024-05-01T10:00:{second}Z" for second in (13, 14)), mapping=LEADS)
    keys = [event["idempotency_key"] for event in events_of([str(path.parent / "sent.csv")], LEADS)]
    now = write(tmp_path, {"now.csv": HEADER + ",a@x.de,5,2024-05-01 10:00"})
    for gone, found in zip(keys, ({"likely_double": 1}, {}), strict=True):
        with SqliteLedger.open(path, ADDRESS, "default") as ledger:
            ledger.delete(1, gone, "evt")
        with surveyed(now, LEADS, ledger=path) as survey:
            assert survey.account.counts.codes == found


def test_many_without_seconds_stop_an_upload_and_say_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    desk, rows = Desk(tmp_path, capsys), [f",p{n}@x.de,5,2024-05-01 10:00" for n in range(10)]
    sent(
        ledger_path(tmp_path / "state", "https://a.test:443", "default"), *(f"{row}:13" for row in rows), mapping=LEADS
    )
    checked = desk.check(HEADER + "\n".join(rows), LEADS)
    assert (checked.code, checked["ready"]) == (3, 0) and "saved the file without seconds" in checked.said
    assert desk.run("upload", str(tmp_path / "orders.csv"), mapping=LEADS, yes=True).code == 5
    allowed = desk.run("check", str(tmp_path / "orders.csv"), mapping=LEADS, allow_doubles=True)
    assert (allowed.code, allowed["ready"]) == (0, 10) and "10 events are like others" in allowed.said


@pytest.mark.parametrize("use", ["look", "open"])
def test_a_ledger_of_an_earlier_release_has_them_too(path: Path, use: str) -> None:
    of_an_earlier_release(
        path, ("eu", Accepted("purchase:eu:1", AT, "5.00", ANN)), (None, Accepted("px", AT, "6", ANN))
    )
    with SqliteLedger.look(path) if use == "look" else SqliteLedger.open(path, ADDRESS, "default") as ledger:
        for name, amount, other in (
            ("purchase", "5", ("purchase@eu:1", 1)),
            ("lead_generated", "5", None),
            ("purchase", "6", None),
        ):
            like = likenesses(name, AT, amount, ANN)[0]
            assert (like in ledger.alike([like])) == (other is not None)
            assert ledger.others({like} & ledger.alike([like]), {name}, {AT}, None) == ({like: other} if other else {})


@pytest.mark.parametrize(
    ("doubles", "others", "days", "stops"),
    [(10, 89, False, True), (10, 90, False, False), (9, 0, False, False), (4, 7, True, True), (4, 8, True, False)],
)
def test_many_stop_an_upload_before_anything_is_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], doubles: int, others: int, days: bool, stops: bool
) -> None:
    desk = Desk(tmp_path, capsys)
    at = AT[:10] if days else AT
    sent(
        ledger_path(tmp_path / "state", "https://a.test:443", "default"),
        *(f"{n},p{n}@x.de,5,{at}" for n in range(doubles)),
        mapping=mapping_of(timezone="UTC"),
    )
    text = HEADER + "".join(f"X{n},p{n}@x.de,5,{at}\n" for n in range(doubles + others))
    checked = desk.check(text, mapping_of(timezone="UTC"))
    assert checked.code == (0 if days else 3)
    assert ("upload will stop with exit 5" in checked.said) == stops
    if stops:
        found = desk.run("upload", str(tmp_path / "orders.csv"), mapping=mapping_of(timezone="UTC"), yes=True)
        assert (found.code, found["unattempted"]) == (5, others if not days else doubles + others)
        assert "order_id, namespace or Space" in found.said
        assert "go on all the same: backfill" in found.said and found.said.endswith(" --allow-doubles\n")
    allowed = desk.run("check", str(tmp_path / "orders.csv"), mapping=mapping_of(timezone="UTC"), allow_doubles=True)
    assert (allowed.code, allowed["ready"]) == (0, doubles + others)


@pytest.mark.parametrize(
    ("row", "change", "alike"),
    [
        (f"1,ann@x.de,5,{AT}", None, True),
        (f"1,Ann@X.de,7,{AT}", None, True),  # by key and person: amounts may have changed
        (f"1,bob@x.de,5,{AT}", None, False),
        (f"2,ann@x.de,5,{AT}", None, False),
        (f"1,ann@x.de,5,{AT}", "gone", False),
        (f"1,ann@x.de,5,{AT}", "named", False),
    ],
)
def test_what_another_space_has_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str, change: str | None, alike: bool
) -> None:
    desk = Desk(tmp_path, capsys)
    other = ledger_path(tmp_path / "state", "https://a.test:443", "acme")
    sent(other, f"1,ann@x.de,5,{AT}")
    if change == "gone":
        with SqliteLedger.open(other, ADDRESS, "acme") as ledger:
            ledger.delete(1, "purchase:1", "evt_1")
    also_in = ("acme",) if change == "named" else ()
    assert ("another Space" in desk.check(HEADER + row, also_in=also_in).said) == alike
    if alike:
        found = desk.run("upload", str(tmp_path / "orders.csv"), yes=True)
        assert (found.code, found["unattempted"]) == (5, 1)
        assert "1 in that of space acme" in found.said and "--also-in" in found.said


def test_resend_looks_for_doubles_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An order that goes out again does so under its key; one under another key may be a double all the same."""
    desk = Desk(tmp_path, capsys)
    sent(ledger_path(tmp_path / "state", "https://a.test:443", "default"), f"1,ann@x.de,5,{AT}")
    for row, resend, found in (
        ("1", False, "already"),
        ("1", True, "ready"),
        ("2", False, "invalid"),
        ("2", True, "invalid"),
    ):
        checked = desk.check(f"{HEADER}{row},ann@x.de,5,{AT}", resend=resend)
        assert (checked[found], checked["events"]) == (1, 1)
        assert checked["codes"] == ({"likely_double": 1} if found == "invalid" else {})


def test_another_space_whose_ledger_is_damaged_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One client's damage stops no other's orders."""
    desk = Desk(tmp_path, capsys)
    other = ledger_path(tmp_path / "state", "https://a.test:443", "acme")
    sent(other, f"1,ann@x.de,5,{AT}")
    for content in (b"", b"no ledger", other.read_bytes()[:3000]):
        other.write_bytes(content)
        checked = desk.check(f"{HEADER}1,ann@x.de,5,{AT}")
        assert (checked.code, checked["ready"]) == (0, 1)
        assert "whether space acme has the same events is not known" in checked.said
        assert desk.run("check", str(tmp_path / "orders.csv"), space="acme").code == 2


def test_how_much_space_it_needs_on_disk(tmp_path: Path) -> None:
    sizes = []
    for known in (False, True):
        path = tmp_path / str(known) / "default.sqlite"
        with SqliteLedger.open(path, ADDRESS, "default") as ledger:
            events = [
                Accepted(f"px{n}", AT, "5", ANN, None, (hash((n, n)) >> 9,) if known else ()) for n in range(6_000)
            ]
            for first in range(0, len(events), 500):
                ledger.accept(1, events[first : first + 500])
        sizes.append(path.stat().st_size)
    assert sizes[1] - sizes[0] <= 24 * 6_000


ORDER = st.tuples(st.sampled_from("ab"), st.sampled_from(["5", "7"]), st.sampled_from([AT, "2024-05-01T11:00:00Z"]))


@settings(max_examples=12)
@given(st.lists(ORDER, min_size=1, max_size=6), st.integers(0, 5), st.integers(1, 3))
def test_however_a_run_is_cut_the_same_events_are_sent(
    tmp_path_factory: pytest.TempPathFactory, orders: list[tuple[str, ...]], cut: int, frame: int
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    path = folder / "default.sqlite"
    rows = [f"{n},{who}@x.de,{amount},{at}" for n, (who, amount, at) in enumerate(orders)]
    names = write(folder, {"orders.csv": HEADER + "\n".join(rows)})
    whole = [event["idempotency_key"] for event in events_of(names)]
    gone: list[str] = []
    with SqliteLedger.open(path, ADDRESS, "default") as ledger:
        for most in (cut, None):
            run = ledger.begin("backfill upload", "small", None, ["orders.csv"], "x")
            with surveyed(names, ledger=path, frame=frame) as survey:
                for event in survey.events(run, most):
                    ledger.accept(run, [event.accepted])
                    gone.append(json.loads(event.body)["idempotency_key"])
    assert sorted(gone) == sorted(whole)


LEAD = """
mapping: 1
name: small
events: [{event_name: lead_generated, fields: {email: email, amount: total, event_time: at}}]
"""


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (MAPPING, MAPPING, ""),
        (MAPPING, MAPPING.replace("order_id: id", "order_id: {column: id, case: lower}"), "order_id"),
        (MAPPING, MAPPING.replace("order_id: id", "order_id: email"), "order_id"),
        (MAPPING, mapping_of(namespace="eu"), "namespace"),
        (MAPPING, MAPPING.replace("id, email: email", "id, email: email, idempotency_key: at"), "idempotency_key"),
        (MAPPING, MAPPING.replace("name: small", "name: other").replace("order_id: id", "order_id: email"), ""),
        (MAPPING, MAPPING.replace("amount: total, ", ""), ""),
        (
            MAPPING,
            mapping_of(optional=["mail"]).replace("email: email", "email: [email, mail]"),
            "",
        ),  # its keys are made of its ids
        (MAPPING, MAPPING.replace("purchase", "subscribe"), "event_name"),
        (LEAD, LEAD, ""),
        (LEAD, LEAD.replace("email: email", "email: [email, mail]"), "key"),
        (LEAD, LEAD.replace("event_time: at", "event_time: {column: at, extract: '(.+)'}"), "key"),
        (LEAD, LEAD.replace("lead_generated", "lead_generated, key: [email]"), "key"),
        (LEAD, LEAD.replace("lead_generated", "lead_generated, key: [email, event_time]"), ""),
        (LEAD, LEAD.replace("amount: total", "phone: total"), ""),
    ],
)
def test_keys_made_in_another_way_are_reported(tmp_path: Path, path: Path, before: str, now: str, said: str) -> None:
    path.parent.mkdir(parents=True)
    with SqliteLedger.open(path, ADDRESS, "default") as ledger:
        ledger.begin("backfill upload", "small", None, [], keys_of(load_text(before, "before.yaml")))
    with surveyed(write(tmp_path, {"now.csv": HEADER + f"1,ann@x.de,5,{AT}"}), now, ledger=path) as survey:
        found = other_keys(survey) or ""
        assert bool(found) == bool(said) and f"another {said} than in its last run (1)" * bool(said) in found


def test_keys_of_an_earlier_release_that_kept_less_are_the_same(tmp_path: Path, path: Path) -> None:
    path.parent.mkdir(parents=True)
    made = json.loads(keys_of(load_text(LEAD, "before.yaml")))
    for of_name in made["events"].values():
        del of_name[0]["key"]
    with SqliteLedger.open(path, ADDRESS, "default") as ledger:
        ledger.begin("backfill upload", "small", None, [], json.dumps(made))
    with surveyed(write(tmp_path, {"now.csv": HEADER + f"1,ann@x.de,5,{AT}"}), LEAD, ledger=path) as survey:
        assert other_keys(survey) is None
