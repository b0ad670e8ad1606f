"""What `_was` says of rows whose cells are at hand is what cutting them once more would say."""

import io
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from urllib.parse import parse_qsl

import numpy as np
import pytest
from checking import HEADER, MAPPING, mapping_of, surveyed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backfill.fields.arrow import texts_of
from backfill.files.rejects import Rejects
from backfill.files.was import Wrong, pack
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


TEXTS = st.text(st.sampled_from("aZ9 %+&=~#:/@'\"\n\r\t\x01\x02\x03\x04é€\U0001f600"), max_size=6) | st.sampled_from(
    ["", "x" * 200, "x" * 201, "é" * 200, "é" * 201]
)
COLUMNS = ["Total", "Paid at", "a&b=c", "100%", "Straße"]


@given(st.lists(st.lists(TEXTS, min_size=5, max_size=5), min_size=1, max_size=6), st.sets(st.sampled_from(COLUMNS)))
def test_packed_cells_come_back_as_they_were(rows: list[list[str]], wrong: set[str]) -> None:
    columns = {name: texts_of([row[at] for row in rows]) for at, name in enumerate(COLUMNS)}
    which = np.arange(len(rows)) % 2  # every other row has cells that are wrong
    packed = pack(columns, [Wrong(frozenset()), Wrong(frozenset(wrong))], which).to_pylist()
    for row, odd, text in zip(rows, which.tolist(), packed, strict=True):
        kept = [(name, cell) for name, cell in zip(COLUMNS, row, strict=True) if cell and len(cell) <= 200]
        marked = [("!" * (odd and name in wrong) + name, cell) for name, cell in kept]
        assert parse_qsl(text, keep_blank_values=True) == marked
        assert text.isascii() and text.isprintable() and not {",", ";", '"', "\t", "|"} & set(text)
