"""Which event gets a key: the same with and without a ledger and in any order. Values are compared, not texts."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from checking import HEADER, MAPPING, mapping_of, surveyed, write
from hypothesis import given, settings
from hypothesis import strategies as st

from backfill.ledger.sqlite.ledger import SqliteLedger
from backfill.survey.passes import Survey

ADDRESS = "https://a.test:443"
ROW = st.tuples(
    st.sampled_from(["1", "2", "3", ""]),
    st.sampled_from(["a@x.de", "A@X.DE", "b@x.de", "", "nobody"]),
    st.sampled_from(["5", "5.00", "7", "free", ""]),
    st.sampled_from(["2024-05-01T10:00:00Z", "2024-05-01T12:00:00+02:00", "2024-05-01T11:00:00Z", "soon"]),
)
SOURCES = [{}, {"group_by": "id"}, {"on_conflict": "first"}, {"on_conflict": "last"}]
OF_THE_LEDGER = {"key_taken", "likely_double"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("claims")


def judged(survey: Survey) -> Iterator[tuple[str, set[str]]]:
    """Each event's verdict and codes, in the input's order."""
    for batch, verdicts in survey.judged():
        for at, verdict in enumerate(verdicts):
            codes = {str(problem.code) for problem in batch.problems.get(at, ())}
            yield str(verdict), codes if verdict == "invalid" else set()


@settings(max_examples=20)
@given(st.lists(ROW, max_size=6), st.lists(ROW, max_size=4), st.sampled_from(SOURCES), st.integers(1, 3))
def test_what_is_invalid_does_not_depend_on_the_ledger(
    folder: Path, rows: list[tuple[str, ...]], earlier: list[tuple[str, ...]], source: dict[str, str], frame: int
) -> None:
    names = write(folder, {"now.csv": HEADER + "".join(",".join(row) + "\n" for row in rows)})
    before = write(folder, {"before.csv": HEADER + "".join(",".join(row) + "\n" for row in earlier)})
    path = folder / "ledger.sqlite"
    path.unlink(missing_ok=True)
    with (
        surveyed(before, mapping_of(on_conflict="first")) as sent,
        SqliteLedger.open(path, ADDRESS, "default") as ledger,
    ):
        run = ledger.begin("backfill upload", "small", None, ["before.csv"])
        ledger.accept(run, [event.accepted for event in sent.events(run, None)])
    with surveyed(names, mapping_of(**source), frame=frame) as survey:
        without = list(judged(survey))
        assert survey.account.counts.verdicts == {v: [*map(first, without)].count(v) for v in set(map(first, without))}
    with surveyed(names, mapping_of(**source), frame=frame, ledger=path) as survey:
        with_ledger = list(judged(survey))
        assert survey.account.counts.verdicts == {
            v: [*map(first, with_ledger)].count(v) for v in set(map(first, with_ledger))
        }
    for (verdict, codes), (now, codes_now) in zip(without, with_ledger, strict=True):
        if now != "already" and not codes_now & OF_THE_LEDGER:
            assert (now, codes_now) == (verdict, codes)
        assert codes_now - OF_THE_LEDGER == codes or now == "already"


def first(judged: tuple[str, set[str]]) -> str:
    return judged[0]


WHO = MAPPING.replace("email: email", "email: email, ip: ip, fingerprint: device, profile_field_16: size")


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("a@x.de,5,2024-05-01T10:00:00Z,,,", "A@X.de,5.00,2024-05-01T10:00:00Z,,,", True),
        ("a@x.de,5,2024-05-01T10:00:00Z,,,", "a@x.de,$5.0,2024-05-01T12:00:00+02:00,,,", True),
        ("a@x.de,5,2024-05-01T10:00:00Z,,,7", "a@x.de,5,2024-05-01T10:00:00Z,,,7.00", True),
        ("a@x.de,5,2024-05-01T10:00:00Z,,,-0.0", "a@x.de,5,2024-05-01T10:00:00Z,,,0", True),
        ("a@x.de,5,2024-05-01T10:00:00Z,2001:db8::1,d,", "a@x.de,5,2024-05-01T10:00:00Z,2001:0DB8:0:0::0001,d,", True),
        ("a@x.de,5,2024-05-01T10:00:00Z,,,", "a@x.de,50,2024-05-01T10:00:00Z,,,", False),
        ("a@x.de,500,2024-05-01T10:00:00Z,,,", "a@x.de,5,2024-05-01T10:00:00Z,,,", False),
        ("a@x.de,5,2024-05-01T10:00:00Z,,,", "b@x.de,5,2024-05-01T10:00:00Z,,,", False),
        ("a@x.de,5,2024-05-01T10:00:00Z,2001:db8::1,d,", "a@x.de,5,2024-05-01T10:00:00Z,2001:db8::10,d,", False),
        ("a@x.de,5,2024-05-01T10:00:00Z,192.0.2.1,d,", "a@x.de,5,2024-05-01T10:00:00Z,192.0.2.1,D,", False),
    ],
)
def test_events_are_compared_by_value(tmp_path: Path, one: str, other: str, alike: bool) -> None:
    text = "id,email,total,at,ip,device,size\n" + "\n".join(f"1,{row}" for row in (one, other))
    with surveyed(write(tmp_path, {"orders.csv": text}), WHO) as survey:
        assert survey.account.counts.verdicts == ({"ready": 1, "duplicate": 1} if alike else {"invalid": 2})


@pytest.mark.parametrize(
    ("fields", "alike"),
    [
        ("amount: total, event_time: at, email: email, order_id: id", True),
        ("order_id: id, email: email, amount: total, event_time: at, phone: none", True),
        ("order_id: id, email: email, amount: total, event_time: at, full_name: name", False),
    ],
)
def test_events_of_two_templates_are_compared_by_their_fields_names(tmp_path: Path, fields: str, alike: bool) -> None:
    mapping = MAPPING + f"  - event_name: purchase\n    fields: {{{fields}}}\n"
    if not alike:
        mapping = mapping.replace("event_time: at}", "event_time: at, first_name: name}", 1)
    names = write(tmp_path, {"orders.csv": "id,email,total,at,name,none\n1,a@x.de,5,2024-05-01T10:00:00Z,Ann,\n"})
    with surveyed(names, mapping) as survey:
        assert survey.account.counts.verdicts == ({"ready": 1, "duplicate": 1} if alike else {"invalid": 2})
