"""Rows whose order's id is spelled in several ways are rows of one order; of two orders with one key none goes out."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from checking import Desk, events_of, write

AT = "2024-05-01T10:00:00Z"
SPELLINGS = [  # what the mapping says of the id, the id, and other spellings of it
    ({}, "1234", ["1,234", "12\u200b34", "1234\u00ad", "1'234", "1\u00a0234"]),
    ({}, "1234567", ["1.234.567", "1,234,567", "12,34,567", "1 234 567"]),
    ({"digits": 9}, "000001234", ["1234"]),
    ({"strip": [".0"]}, "1234", ["1234.0"]),
    ({"strip": "#"}, "1234", ["#1234"]),
    ({"strip": ["#"], "digits": 6}, "001234", ["#1234", "#001234", "1234"]),
    ({}, "A-7", ["A\u200b-7", "A-\u206f7"]),
]
OTHERS = [  # what are two orders
    ({}, "1.234", ["1234"]),
    ({}, "1234", ["1,2345", "1234.5"]),
    ({"digits": 9}, "1234", ["A1234"]),
]


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def mapping(order_id: Any, **source: Any) -> str:
    fields = {"order_id": order_id, "email": "Email", "amount": "Price", "event_time": "Date"}
    source = {"group_by": "Order", "sum": ["Price"]} | source
    events = [{"event_name": "purchase", "fields": fields}]
    return json.dumps({"mapping": 1, "name": "spelled", "source": source, "events": events})


def rows_of(*rows: tuple[str, int]) -> str:
    made = io.StringIO()
    csv.writer(made).writerows([("Order", "Email", "Price", "Date"), *((of, "a@x.com", n, AT) for of, n in rows)])
    return made.getvalue()


@pytest.mark.parametrize(("steps", "order", "others"), SPELLINGS)
def test_the_rows_of_one_order_are_added_up_however_its_id_is_spelled(
    tmp_path: Path, steps: dict[str, Any], order: str, others: list[str]
) -> None:
    made = mapping({"column": "Order"} | steps)
    rows = [(order, 15), *((other, 15) for other in others)]
    for apart, frame in (([*rows, ("9", 1)], 20_000), ([*rows[1:], ("9", 1), rows[0]], 1)):
        found = events_of(write(tmp_path, {"a.csv": rows_of(*apart)}), made, frame=frame)
        assert {event["order_id"].lstrip("0"): event["amount"] for event in found} == {
            order.lstrip("0"): 15 * len(rows),
            "9": 1,
        }
        assert order in {event["order_id"] for event in found}


@pytest.mark.parametrize(("price", "whole"), [(15, 15), (7, 22)])
def test_a_row_that_two_files_have_counts_once_however_its_id_is_spelled(
    tmp_path: Path, price: int, whole: int
) -> None:
    names = write(tmp_path, {"jan.csv": rows_of(("1234", 15)), "feb.csv": rows_of(("1,234", price))})
    assert [event["amount"] for event in events_of(names, mapping("Order"))] == [whole]


@pytest.mark.parametrize(("steps", "order", "others"), OTHERS)
def test_other_ids_are_other_orders(tmp_path: Path, steps: dict[str, Any], order: str, others: list[str]) -> None:
    for other in others:
        names = write(tmp_path, {"a.csv": rows_of((order, 15), (other, 15))})
        assert len(events_of(names, mapping({"column": "Order"} | steps))) == 2


def test_a_record_that_was_rejected_is_whole_again_once_it_is_mended(desk: Desk) -> None:
    made = mapping("Order")
    found = desk.check(rows_of(("1234", 15), ("1,234", 10), ("1234", 5)).replace(",10,", ",ten,"), made)
    assert (found["ready"], found["codes"]) == (0, {"invalid_number": 1})
    rejects = Path(found["rejects_file"])
    rejects.write_text(rejects.read_text(encoding="utf-8").replace(",ten,", ",10,"), encoding="utf-8")
    mended = desk.run("check", str(rejects), mapping=made)
    assert (mended["ready"], mended["codes"], mended["amount"]["ready"]) == (1, {}, "30.00")


@pytest.mark.parametrize("broken", ["1,234", "1234"])
def test_a_row_that_cant_be_read_is_its_orders_however_it_is_spelled(desk: Desk, broken: str) -> None:
    text = rows_of(("1234", 15), (broken, 10), ("9", 1)).replace(",10,", ",10,x,x,x,")
    found = desk.check(text, mapping("Order"))
    assert found["codes"].get("conflicting_rows") and found["ready"] <= 1
    assert found["amount"].get("ready", "1.00") == "1.00"


@pytest.mark.parametrize(
    "order_id",
    [
        {"column": "Order", "extract": "([0-9]+)"},
        {"column": "Order", "replace": {"-a": ""}},
        {"column": "Order", "map": {"12-a": "12"}},
        {"value": "12"},
        {"template": "{Email}"},
    ],
)
@pytest.mark.parametrize("second", [15, 7])
def test_two_orders_of_one_key_are_no_copies_where_columns_are_summed(desk: Desk, order_id: Any, second: int) -> None:
    found = desk.check(rows_of(("12", 15), ("12-a", second)), mapping(order_id))
    assert (found["ready"], found["duplicate"], found["codes"]) == (0, 0, {"conflicting_duplicate": 2})
    alone = mapping(order_id, sum=[])
    found = desk.check(rows_of(("12", 15), ("12-a", second)), alone)
    assert (found["ready"], found["duplicate"]) == ((1, 1) if second == 15 else (0, 0))


@pytest.mark.parametrize(
    ("order_id", "there", "here"),
    [
        ({"column": "Order", "extract": "([0-9]+)"}, "#1", "1"),
        ({"column": "Order", "case": "upper"}, "a1", "A1"),
        ({"column": "Order", "replace": {"S-": ""}}, "S-1", "1"),
    ],
)
def test_one_order_in_two_files_is_a_copy_however_its_id_is_spelled(
    desk: Desk, order_id: Any, there: str, here: str
) -> None:
    """But where one of the files has it in two spellings, or rows of both, each may have a part of the sum."""
    made = mapping(order_id)
    one, other = rows_of((there, 10), (there, 5)), rows_of((here, 10), (here, 5), ("2", 3))
    both = rows_of((there, 10), (there, 5), (here, 10), (here, 5), ("2", 3))
    lost = {"conflicting_duplicate": 2}
    for files, found in (
        ([one, other], (2, 1, {})),
        ([other, one], (2, 1, {})),
        ([one, both], (1, 0, lost)),
        ([both, other], (1, 0, lost)),
        ([rows_of((there, 7)), rows_of((there, 8), (here, 15), ("2", 3))], (1, 0, lost)),
    ):
        ended = desk.check({f"{n}.csv": text for n, text in enumerate(files)}, made)
        assert (ended["ready"], ended["duplicate"], ended["codes"]) == found


def test_one_order_gives_one_event_of_two_templates_that_are_alike(desk: Desk) -> None:
    made = json.loads(mapping("Order"))
    made["events"] *= 2
    found = desk.check(rows_of(("12", 15), ("12", 7)), json.dumps(made))
    assert (found["ready"], found["duplicate"], found["codes"]) == (1, 1, {})
