"""What `_was` says of rows whose cells are at hand is what cutting them once more would say."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

import pytest
from checking import HEADER, MAPPING, mapping_of, surveyed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backfill.files.rejects import Rejects
from backfill.survey.passes import Survey

# Ids that a spreadsheet changes, addresses and amounts that are wrong or not, and cells that have to be quoted.
CELLS = (
    st.sampled_from(["1", "007", "7", '"a, b"', "1e5", ""]),
    st.sampled_from(["a@b.de", "nobody", "nobody else", '"no,body"', "", "ü"]),
    st.sampled_from(["1.50", "x", "", " 2 ", "1+1 %"]),
    st.sampled_from(["2024-05-01T10:00:00Z", "2024-05-01", "never", ""]),
)
ZONED = mapping_of(timezone="UTC", decimal=".")
TWICE = ZONED + MAPPING.partition("events:\n")[2].replace("event_name: purchase", "event_name: add_to_cart")
GROUPED = mapping_of(timezone="UTC", decimal=".", group_by="id")


def cut_once_more(survey: Survey) -> bytes:
    """The reject file of the same entries without what was found when they came."""
    with TemporaryFile() as file:
        entries = Rejects(file)
        for own in survey.rejects.in_order():
            columns = own.parts, own.numbers, own.texts, own.whole, own.kinds, own.which, own.keys, own.order_ids
            entries.extend(*columns)
        return written(entries, survey)


def written(rejects: Rejects, survey: Survey) -> bytes:
    made = io.BytesIO()
    rejects.render(made, survey.origins, survey.layouts)
    return made.getvalue()


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("mapping", [ZONED, TWICE, GROUPED], ids=["one event", "two events", "groups"])
@given(st.lists(st.tuples(*CELLS), min_size=1, max_size=8), st.sampled_from([2, 1000]))
def test_it_is_what_the_rows_say_once_more(mapping: str, rows: list[tuple[str, ...]], frame: int) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "orders.csv"
        path.write_text(HEADER + "".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
        with surveyed([str(path)], mapping, frame=frame) as survey:
            made = written(survey.rejects, survey)
            assert made == cut_once_more(survey)


def test_it_is_found_as_the_rows_are_rejected(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEADER + '"a, b",no body,1.50,2024-05-01\n' * 2, encoding="utf-8")
    with surveyed([str(path)], ZONED) as survey:
        (entries,) = survey.rejects.in_order()
        assert entries.was.to_pylist() == ["id=a%2C+b&%21email=no+body&total=1.50&at=2024-05-01"] * 2
