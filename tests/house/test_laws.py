"""Laws of a survey: what is wrong with an input, and what is to be sent of it, depends on its rows alone.

It does not depend on the number of files, their order, the number of rows that are read together, or on whether the
rows of several Spaces are in one file. However a run is cut, the same events arrive.
"""

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from checking import mapping_of, surveyed, write
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from backfill.convert.route import Route
from backfill.ledger.sqlite.ledger import SqliteLedger
from backfill.survey.passes import Survey

QUICK = (Phase.explicit, Phase.reuse, Phase.generate)  # a failing file is small enough as it is
HEADER = "id,email,total,at,status,store,item\n"
TWO = (
    "\n  - event_name: lead_generated\n    where: {status: [paid, lead]}\n    fields: {email: email, event_time: at}\n"
)
MAPPINGS = [
    mapping_of(),
    mapping_of().replace("at}", "at, comet_token: store}"),
    mapping_of(group_by="id").replace("events:", "where: {status: {not: off}}\nevents:").rstrip() + TWO,
    mapping_of(group_by="id", sum=["total"]),
    mapping_of(group_by="id", sum=["total"]).replace("events:", "where: {total: {at_least: 6}, status: paid}\nevents:"),
]
ORDERED = [mapping_of(on_conflict="first"), mapping_of(on_conflict="last", group_by="id")]
CELLS = (
    st.sampled_from(["1001", "1002", "1003", "1004", ""]),
    st.sampled_from(["a@x.de", "a@x.de", "b@x.de", "", "nobody"]),
    st.sampled_from(["5", "5", "2.5", "free", ""]),
    st.sampled_from(
        ["2024-05-01T10:00:00Z", "2024-05-01T10:00Z", "2024-05-01T10:00:13Z", "2024-05-02T10:00:00Z", "soon", ""]
    ),
    st.sampled_from(["paid", "paid", "lead", "off", ""]),
    st.sampled_from(["north", "south"]),
)
SOUND = st.tuples(*CELLS).map(list)
TORN = st.tuples(st.sampled_from(["1001", "1002", "1005"]), st.sampled_from(["", '"']), st.integers(2, 5)).map(
    lambda torn: [torn[1] + torn[0], "a@x.de", "5", "2024-05-01T10:00:00Z", "paid"][: torn[2]]
)
TABLE = st.lists(st.one_of(SOUND, SOUND, SOUND, TORN), max_size=9)
OF_THE_LEDGER = {"key_taken", "likely_double"}
Said = tuple[Counter[Any], Counter[Any]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("laws")


def lines_of(table: list[list[str]]) -> list[str]:
    """A line a row; a column that no mapping reads makes each line different."""
    return [",".join([*row, f"i{n}"] if len(row) == 6 else row) + "\n" for n, row in enumerate(table)]


def written(folder: Path, *files: list[str]) -> list[str]:
    return write(folder, {f"{n}.csv": HEADER + "".join(lines) for n, lines in enumerate(files)})


def said(survey: Survey) -> Said:
    """What is to be sent, and each rejected row with why."""
    return Counter(event.body for event in survey.events(1, None)), wrong(survey)


def wrong(survey: Survey) -> Counter[Any]:
    """The rejected rows, each with why, without the reasons that only a ledger can show."""
    return Counter(
        (row.text.strip(), tuple(sorted({note.code for note in notes} - OF_THE_LEDGER)))
        for row, notes, _ in survey.rejects
    )


@settings(max_examples=12, phases=QUICK)
@given(TABLE, st.sampled_from(MAPPINGS), st.integers(0, 9), st.integers(0, 9), st.integers(0, 99), st.integers(1, 4))
def test_neither_files_nor_their_order_nor_frames_change_anything(
    folder: Path, table: list[list[str]], mapping: str, one: int, other: int, seed: int, frame: int
) -> None:
    lines, first, second = lines_of(table), min(one, other), max(one, other)
    files = [lines[:first], lines[first:second], lines[second:]]
    shuffled = random.Random(seed).sample(files, 3)
    found = []
    for pieces, rows in (([lines], 20_000), ([lines], frame), (files, frame), (shuffled, frame)):
        with surveyed(written(folder, *pieces), mapping, frame=rows) as survey:
            found.append(said(survey))
    assert found[0] == found[1] == found[2] == found[3]


@settings(max_examples=10, phases=QUICK)
@given(TABLE, st.sampled_from(MAPPINGS), st.integers(1, 4))
def test_a_route_gives_each_space_what_its_own_file_would(
    folder: Path, table: list[list[str]], mapping: str, frame: int
) -> None:
    stores = {store: [row for row in table if len(row) == 6 and row[5] == store] for store in ("north", "south")}
    groups = [{row[0] for row in rows if row[0]} for rows in stores.values()]
    if "group_by" in mapping:  # an order of two Spaces belongs to neither
        table = [row for row in table if len(row) < 6 or row[0] not in groups[0] & groups[1]]
    lines = lines_of(table)
    torn = [line for line, row in zip(lines, table, strict=True) if len(row) < 6]
    for store, other in (("north", "south"), ("south", "north")):
        own = [line for line, row in zip(lines, table, strict=True) if len(row) == 6 and row[5] == store]
        with surveyed(written(folder, own + torn), mapping, frame=frame) as survey:
            alone = said(survey)
        route = Route("store", {store: "mine", other: "theirs"}, None, "mine", first=True)
        with surveyed(written(folder, lines), mapping, frame=frame, route=route) as survey:
            assert said(survey) == alone


@settings(max_examples=10, phases=QUICK)
@given(TABLE, st.sampled_from([*MAPPINGS, *ORDERED]), st.lists(st.integers(1, 3), max_size=4))
def test_the_same_events_arrive_however_a_run_is_cut(
    folder: Path, table: list[list[str]], mapping: str, limits: list[int]
) -> None:
    names, path = written(folder, lines_of(table)), folder / "ledger.sqlite"
    path.unlink(missing_ok=True)
    with surveyed(names, mapping) as survey:
        whole = said(survey)
    arrived: Counter[bytes] = Counter()
    for limit in (*limits, None):
        with SqliteLedger.open(path, "https://a.test:443", "default") as ledger:
            with surveyed(names, mapping, ledger=path) as survey:
                run = ledger.begin("backfill upload", "small", None, ["o.csv"])
                events = list(survey.events(run, limit))
                assert not wrong(survey) - whole[1]  # what is there already is not looked at again
            ledger.accept(run, [event.accepted for event in events])
            arrived.update(event.body for event in events)
    assert arrived == whole[0]
