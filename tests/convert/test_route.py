"""Routes: each row goes to the Space that it names, also one that can't be read. Gates judge the whole file."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from checking import Checked, Desk, mapping_of

from backfill.convert.route import Route
from backfill.upload.limits import MaxRejects

SPACES = {"Berlin": "de", "Köln": "de", "Paris": "fr"}
AT = "2024-05-01T10:00:00Z"
HEADER = "id,email,total,at,store\n"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def order(number: int, store: str, email: str = "") -> str:
    return f"{number},{email or f'p{number}@x.de'},1.50,{AT},{store}\n"


def routed(desk: Desk, text: str, default: str | None = None, **options: Any) -> dict[str, Checked]:
    """The result of a check for each Space. The first Space gets the rows that belong to none."""
    spaces = dict.fromkeys([*([default] if default and default != "skip" else []), *SPACES.values()])
    found = {}
    for at, space in enumerate(spaces):
        route = Route("store", SPACES, default, space, first=at == 0)
        found[space] = desk.check({"shop.csv": text}, space=space, route=route, mark=space, **options)
    return found


UNREADABLE = [
    ("7,p@x.de,1,Paris\n", "fr"),  # a cell too few before the store
    ("7,p@x.de,1,now,,Paris\n", "fr"),  # one too many
    ("7,p@x.de,1,now,Paris,\n", "fr"),
    ('"7,p@x.de,1,now,Paris\n', "fr"),  # a stray quote
    ('7,p@x.de,1,"now,Paris\n', "fr"),
    ('7,p@x.de,1,now,"Köln\n', "de"),
    ("7,p@x.de,1,now\n", "de"),  # no store is named
    ("Paris,p@x.de,1,now,5,6\n", "de"),  # a store's name where the store's column can't be
    ("7,p@x.de,1,Paris,Berlin,\n", "de"),  # two stores are named
]


@pytest.mark.parametrize(("row", "space"), UNREADABLE)
@pytest.mark.parametrize("default", [None, "de", "skip"])
def test_a_row_that_can_not_be_read_goes_where_it_says(desk: Desk, row: str, space: str, default: str | None) -> None:
    found = routed(desk, HEADER + order(1, "Berlin") + row + order(2, "Paris") + order(3, "Köln"), default)
    assert {name: one["unreadable"] for name, one in found.items()} == {name: int(name == space) for name in found}
    assert {name: one["ready"] for name, one in found.items()} == {"de": 2, "fr": 1}
    assert [line["_row"] for line in found[space].rejects] == ["2"]


def test_the_columns_place_makes_no_difference(desk: Desk) -> None:
    lines = ["store,id,email,total,at\n", f"Berlin,1,p@x.de,1,{AT}\n", "Paris,2,p@x.de,1\n", f"Paris,3,p@x.de,1,{AT}\n"]
    found = routed(desk, "".join(lines))
    assert [(one["ready"], one["unreadable"]) for one in found.values()] == [(1, 0), (1, 1)]
    lines = [
        '{"store":"Berlin","id":1,"email":"p@x.de","total":1,"at":"' + AT + '"}\n',
        '{"store": "Paris", "id": 2,\n',
    ]
    route = Route("store", SPACES, None, "fr", first=False)
    assert desk.check({"shop.jsonl": "".join(lines)}, space="fr", route=route)["unreadable"] == 1


# Ten rows, eight of Berlin and two of Paris; one of Paris is a reject, one of Berlin can't be read.
SHOP = HEADER + "".join(order(n, "Berlin") for n in range(7)) + "7,p@x.de,Berlin\n" + order(8, "Paris")
SHOP += order(9, "Paris", "nobody")


@pytest.mark.parametrize(
    ("gates", "code"),
    [
        ({"min_rows": 10}, 3),
        ({"min_rows": 11}, 5),
        ({"max_rejects": MaxRejects(percent=Decimal(20))}, 3),
        ({"max_rejects": MaxRejects(percent=Decimal(19))}, 5),
        ({"max_rejects": MaxRejects(number=2)}, 3),
        ({"max_rejects": MaxRejects(number=1)}, 5),
    ],
)
def test_gates_judge_the_file_and_not_a_share(desk: Desk, gates: dict[str, Any], code: int) -> None:
    assert desk.check({"shop.csv": SHOP}, **gates).code == code
    found = routed(desk, SHOP, **gates)
    assert [one.code for one in found.values()] == [code, code]
    if code == 3:
        assert [(one["rows"], one["unreadable"], one["invalid"]) for one in found.values()] == [(8, 1, 0), (2, 0, 1)]


def test_an_order_that_two_spaces_have_is_no_reject(desk: Desk) -> None:
    tokens = mapping_of().replace("at}", "at, comet_token: token}")
    rows = [f"1,p{n}@x.de,1,{AT},{store},t\n" for n, store in enumerate(("Berlin", "Paris", "Tokyo"))]
    for default, code in (("jp", 0), ("de", 5)):  # in Space de, the order would be of two people
        found = routed(
            desk,
            HEADER.replace("store", "store,token") + "".join(rows),
            default,
            mapping=tokens,
            max_rejects=MaxRejects(number=0),
        )
        assert {one.code for one in found.values()} == {code}
