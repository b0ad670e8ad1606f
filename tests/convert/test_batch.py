"""Records to events: what is required, what makes a key, what reaches ad platforms, what the mapping's steps do."""

import hashlib
import json
import time
from pathlib import Path
from typing import Any

import pytest
from checking import HEADER, MAPPING, NOW, Desk, events_of, mapping_of, surveyed, write

AT = "2024-05-01T10:00:00Z"
YOUNG, OLD = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(NOW - days * 86_400)) for days in (6.9, 7.1))


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def mapping(fields: dict[str, Any], name: Any = "purchase", **more: Any) -> str:
    """A mapping of one event."""
    top = {key: more.pop(key) for key in ("source", "where") if key in more}
    return json.dumps({"mapping": 1, "name": "one", **top, "events": [{"event_name": name, "fields": fields, **more}]})


def table(*rows: str, header: str) -> str:
    return "\n".join([header, *rows, ""])


BASE = {"order_id": "id", "email": "email", "amount": "total", "event_time": "at"}
LEAD = {"email": "email", "comet_token": "token", "fingerprint": "device", "ip": "ip", "event_time": "at"}
LEADS = "email,token,device,ip,at"


# What an event needs


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        (f"1,a@x.de,5,{AT}", None),
        (f"1,a@x.de,0,{AT}", None),
        (f",a@x.de,5,{AT}", "missing_order_id"),
        (f"1,,5,{AT}", "missing_identity"),
        (f"1,a@x.de,,{AT}", "missing_amount"),
        ("1,a@x.de,5,", "missing_time"),
        (f"1,nobody,5,{AT}", "invalid_email"),
        (f"1,a@x.de,five,{AT}", "invalid_amount"),
        (f"1,a@x.de,-5,{AT}", "invalid_amount"),
        ("1,a@x.de,5,soon", "invalid_time"),
        ("1,a@x.de,5,2099-01-01T00:00:00Z", "future_time"),
        (f"5.40E+12,a@x.de,5,{AT}", "invalid_order_id"),
        (f"#N/A,a@x.de,5,{AT}", "invalid_order_id"),
        (f"1\x072,a@x.de,5,{AT}", "invalid_order_id"),
        ("x,,,", "missing_amount|missing_identity|missing_time"),
    ],
)
def test_what_a_purchase_needs(desk: Desk, row: str, codes: str | None) -> None:
    found = desk.check(HEADER + row + "\n")
    assert (found["ready"], found["invalid"]) == ((1, 0) if codes is None else (0, 1))
    assert sorted(found["codes"]) == (codes.split("|") if codes else [])
    if codes:
        assert sorted(found.rejects[0]["_code"].split("|")) == codes.split("|")
        texts = [text for text in row.split(",") if len(text) > 1 and text != AT]
        assert not any(text in found.rejects[0]["_reason"] for text in texts), "a reason holds no cell's text"


@pytest.mark.parametrize(
    ("row", "sent"),
    [
        (f"a@x.de,,,,{AT}", {"email"}),
        (f",t,,,{AT}", {"comet_token"}),
        (f",,d,192.0.2.1,{AT}", {"fingerprint", "ip"}),
        (f"a@x.de,t,d,2001:db8::1,{AT}", {"email", "comet_token", "fingerprint", "ip"}),
        (f"a@x.de,,,192.0.2.1,{AT}", {"email"}),
        (f"a@x.de,,,no address,{AT}", {"email"}),
        (f",t,d,,{AT}", {"comet_token"}),
        (f",,d,,{AT}", "missing_identity"),
        (f",,,192.0.2.1,{AT}", "missing_identity"),
        (f",,d,no address,{AT}", "invalid_ip"),
        (f"a@x.de,,d,no address,{AT}", "invalid_ip"),
    ],
)
def test_what_identifies_a_person(desk: Desk, row: str, sent: set[str] | str) -> None:
    made = mapping(LEAD, "lead_generated")
    found = desk.check(table(row, header=LEADS), made)
    if isinstance(sent, str):
        assert list(found["codes"]) == [sent]
        return
    (event,) = events_of([str(desk.folder / "orders.csv")], made)
    assert set(event) & {"email", "comet_token", "fingerprint", "ip"} == sent
    left = sum(bool(cell) for cell in row.split(",")[:4]) - len(sent)
    assert sum(found["dropped_fields"].values()) == left


def test_omitted_fields_are_not_in_the_event(desk: Desk) -> None:
    omit = {name: {"column": column, "on_invalid": "omit"} for name, column in LEAD.items()}
    rows = [f"bad,,,,{AT}", f"bad,t,,,{AT}", f"a@x.de,,d,bad,{AT}", f",,d,bad,{AT}", "a@x.de,,,,bad"]
    found = desk.check(table(*rows, header=LEADS), mapping(omit, "lead_generated"))
    assert found["ready"] == 2
    assert found.codes == {"1": "missing_identity", "4": "missing_identity", "5": "missing_time"}
    assert found["dropped_fields"] == {"email": 2, "event_time": 1, "fingerprint": 1, "ip": 2}
    amounts = BASE | {
        "amount": {"column": "total", "on_invalid": "omit"},
        "profile_field_16": {"column": "n", "on_invalid": "omit"},
    }
    rows = [f"1,a@x.de,free,{AT},1", f"2,a@x.de,,{AT},x", f"3,a@x.de,7,{AT},x"]
    found = desk.check(table(*rows, header="id,email,total,at,n"), mapping(amounts))
    assert (found["ready"], found.codes) == (2, {"2": "missing_amount"})
    assert found["dropped_fields"] == {"amount": 1, "profile_field_16": 2}


def test_a_do_not_capi_that_cant_be_read_is_true_and_said_to_be(desk: Desk) -> None:
    made = mapping(BASE | {"do_not_capi": {"column": "held", "on_invalid": "omit"}, "ip": {"column": "ip"}})
    rows = [f"1,a@x.de,5,{AT},perhaps,8.8.8.8", f"2,a@x.de,5,{AT},no,"]
    found = desk.check(table(*rows, header="id,email,total,at,held,ip"), made)
    said = " ".join(found.said.split())
    assert "do_not_capi can't be read once, and is true there" in said and "left out of events: ip once" in said
    sent = events_of([str(desk.folder / "orders.csv")], made)
    assert sent[0]["do_not_capi"] is True


# Keys


def hashed(*parts: Any) -> str:
    text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)
    return f"{parts[0]}:{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def keys(tmp_path: Path, text: str, made: str) -> list[str | None]:
    return [event.get("idempotency_key") for event in events_of(write(tmp_path, {"o.csv": text}), made)]


LONG, CONTROL = "9" * 195, "1\x852"


def test_a_key_is_the_order_id(tmp_path: Path) -> None:
    text = HEADER + "".join(f"{order},a@x.de,5,{AT}\n" for order in ("007", "A B", "ü", "9" * 191, LONG))
    found = keys(tmp_path, text, MAPPING)
    assert found == ["purchase:007", "purchase:A B", "purchase:ü", f"purchase:{'9' * 191}", hashed("purchase", LONG)]
    spaced = keys(tmp_path, text, mapping_of(namespace="Shop-2.eu_1"))
    assert spaced[0] == "purchase@Shop-2.eu_1:007" and spaced[4] == hashed("purchase", "Shop-2.eu_1", LONG)
    assert len({*found, *spaced}) == 10


@pytest.mark.parametrize(
    ("row", "parts"),
    [
        (f"Ann@X.de,t,d,192.0.2.1,{AT}", ["ann@x.de", AT]),
        (f",t,d,192.0.2.1,{AT}", ["t", AT]),
        (f",,d,192.0.2.1,{AT}", ["d", "192.0.2.1", AT]),
        ("a@x.de,,,,2024-05-01 12:00:00 +0200", ["a@x.de", AT]),
    ],
)
def test_a_key_without_an_order_id(tmp_path: Path, row: str, parts: list[str]) -> None:
    text = table(row, header=LEADS)
    assert keys(tmp_path, text, mapping(LEAD, "lead_generated")) == [hashed("lead_generated", *parts)]
    spaced = mapping(LEAD, "lead_generated", source={"namespace": "crm"})
    assert keys(tmp_path, text, spaced) == [hashed("lead_generated", "crm", *parts)]


def test_a_key_of_stated_parts(tmp_path: Path) -> None:
    fields = {"email": "email", "event_time": "at", "profile_field_16": "n"}
    made = mapping(fields, "subscribe", key=["email", {"column": "plan"}, "profile_field_16"])
    text = table(f"Ann@X.de,{AT},1.50,Gold ü", f"b@x.de,{AT},,", header="email,at,n,plan")
    found = keys(tmp_path, text, made)
    assert found[0] == hashed("subscribe", "ann@x.de", "Gold ü", "1.5") and len(set(found)) == 2


def test_a_key_from_a_column_and_none(tmp_path: Path) -> None:
    text = table(
        f"1,a@x.de,5,{AT},pixel-1",
        f"2,a@x.de,5,{AT},",
        f"3,a@x.de,5,{AT},{LONG}999999",
        header="id,email,total,at,event",
    )
    named = mapping(BASE, idempotency_key="event", source={"namespace": "shop"})
    assert keys(tmp_path, text, named) == ["pixel-1", "purchase@shop:2", hashed("purchase", "shop", LONG + "999999")]
    assert keys(tmp_path, text, mapping(BASE, idempotency_key="none")) == [None] * 3


def test_without_a_key_every_event_needs_its_order_id(desk: Desk) -> None:
    made = mapping(BASE, "lead_generated", idempotency_key="none")
    found = desk.check(HEADER + f",a@x.de,5,{AT}\n1,a@x.de,5,{AT}\n1,a@x.de,5,{AT}\n", made)
    assert (found["codes"], found["ready"], found["duplicate"]) == ({"missing_order_id": 1}, 1, 1)


# Ad platforms


@pytest.mark.parametrize(
    ("stated", "cell", "at", "sent", "held"),
    [
        (None, "", YOUNG, True, 0),
        ("false", "", YOUNG, False, 0),
        ("false", "", OLD, True, 1),
        ("true", "", YOUNG, True, 0),
        ({"column": "capi"}, "no", YOUNG, False, 0),
        ({"column": "capi"}, "no", OLD, True, 1),
        ({"column": "capi"}, "", YOUNG, True, 0),
        ({"column": "capi"}, "yes", OLD, True, 0),
        ({"column": "capi", "on_invalid": "omit"}, "perhaps", YOUNG, True, 0),
    ],
    ids=range(9),  # the times are of today, and each process has its own
)
def test_old_conversions_never_reach_ad_platforms(
    desk: Desk, stated: Any, cell: str, at: str, sent: bool, held: int
) -> None:
    made = mapping(BASE | ({} if stated is None else {"do_not_capi": stated}))
    made = made.replace('"false"', "false").replace('"true"', "true")
    text = table(f"1,a@x.de,5,{at},{cell}", header=f"{HEADER.strip()},capi")
    found = desk.check(text, made)
    (event,) = events_of([str(desk.folder / "orders.csv")], made, capi_cutoff=OLD.replace("Z", "~"))
    assert (event["do_not_capi"], found["capi_held"]) == (sent, held)


# Which records give events


def test_since_and_until(desk: Desk) -> None:
    rows = [f"{n},{'bad' if n == 1 else 'a@x.de'},5,2024-05-0{n}T00:00:00Z" for n in range(1, 6)]
    text = HEADER + "\n".join(rows) + "\n9,bad,5,bad\n"
    found = desk.check(text, since="2024-05-02", until="2024-05-04T00:00:00Z")
    assert (found["ready"], found["without_event"], found["codes"]) == (2, 3, {"invalid_email": 1, "invalid_time": 1})
    assert (found["first_event_time"], found["last_event_time"]) == ("2024-05-02T00:00:00Z", "2024-05-03T00:00:00Z")
    berlin = desk.check(text, until="2024-05-02", timezone="Europe/Berlin")
    assert berlin["without_event"] == 4, "midnight there is earlier than here"
    assert desk.check(text, since="soon").code == 2
    omit = {"profile_field_16": {"column": "email", "on_invalid": "omit"}}
    assert desk.check(text, mapping(BASE | omit), since="2024-05-05")["dropped_fields"] == {"profile_field_16": 2}


WHERE: list[tuple[Any, list[str]]] = [
    ("paid", ["PAID", "paid "]),
    (["paid", "open"], ["PAID", "paid ", "open"]),
    ({"not": "paid"}, ["", "open", "12.50", "1.234,5", "2024-05-01"]),
    ("empty", [""]),
    ("present", ["PAID", "paid ", "open", "12.50", "1.234,5", "2024-05-01"]),
    ({"not": "empty"}, ["PAID", "paid ", "open", "12.50", "1.234,5", "2024-05-01"]),
    ({"matches": "^pa"}, ["paid "]),
    ({"matches": "(?i)^pa", "not": "paid"}, []),
]
STATES = ["", "PAID", "paid ", "open", "12.50", "1.234,5", "2024-05-01"]


@pytest.mark.parametrize(("condition", "passed"), WHERE)
@pytest.mark.parametrize("level", ["where", "event"])
def test_where(desk: Desk, condition: Any, passed: list[str], level: str) -> None:
    rows = [f'{n},a@x.de,5,{AT},"{state}"' for n, state in enumerate(STATES)]
    text, where = table(*rows, header="id,email,total,at,state"), {"where": {"state": condition}}
    made = (
        mapping(BASE, **where)
        if level == "where"
        else mapping(BASE).replace('"fields"', f'{json.dumps(where)[1:-1]}, "fields"')
    )
    found = desk.check(text, made)
    ids = [event["order_id"] for event in events_of([str(desk.folder / "orders.csv")], made)]
    assert [STATES[int(order)] for order in ids] == passed
    assert (found["without_event"], found["invalid"]) == (len(STATES) - len(passed), 0)


@pytest.mark.parametrize(
    ("condition", "cells", "ready", "codes"),
    [
        ({"at_least": 10}, ["9.99", "10", "$1,000.00", "", "free"], 2, {"invalid_number": 1}),
        ({"at_most": 10, "at_least": 0}, ["9.99", "10", "11", "-1"], 2, {}),
        ({"at_least": 10}, ["9,99", "1.000", "10,01"], 2, {}),  # a decimal comma, as the column's values show
        ({"after": "2024-05-01"}, ["2024-05-01", "2024-04-30T23:59:59Z", "soon", ""], 1, {"invalid_time": 1}),
        ({"before": "2024-05-01T00:00:00Z"}, ["2024-04-30T23:59:59Z", "2024-05-01T00:00:00Z", "2099-01-01"], 1, {}),
        ({"after": "2024-05-01"}, ["03/05/2024", "30/04/2024", "13/05/2024"], 2, {}),
    ],
)
def test_where_numbers_and_times(
    desk: Desk, condition: Any, cells: list[str], ready: int, codes: dict[str, int]
) -> None:
    rows = [f'{n},a@x.de,5,{AT},"{cell}"' for n, cell in enumerate(cells)]
    made = mapping(BASE, where={"state": condition}, source={"timezone": "UTC"})
    found = desk.check(table(*rows, header="id,email,total,at,state"), made)
    assert (found["ready"], found["codes"]) == (ready, codes)


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize(
    ("condition", "passes"),
    [
        ("empty", True),
        ("present", False),
        ({"before": "2024-05-01"}, False),
        ({"after": "1970-01-01T00:00:00Z"}, False),
        ({"later_than": "at"}, False),
    ],
)
def test_the_first_day_of_1970_is_an_empty_cell_to_a_condition(
    desk: Desk, condition: Any, passes: bool, zone: str
) -> None:
    cells = ["1970-01-01 00:00:00", "1970-01-01", "01/01/1970", "1970-01-01T00:00:00Z", "Thu Jan 01 1970 00:00 GMT"]
    rows = [f"{n},a@x.de,5,{AT},{cell}" for n, cell in enumerate([*cells, "1969-12-31 19:00:00 -0500"])]
    made = mapping(BASE, where={"state": condition}, source={"timezone": zone})
    found = desk.check(table(*rows, header="id,email,total,at,state"), made)
    empty = 4 if isinstance(condition, str) else 6  # a bare day may be a birthday, or an id
    assert (found["ready"], found["codes"]) == (empty if passes else 6 - empty, {})
    assert f"column state: {empty} cells (first in row 1) hold what a program writes for nothing" in found.said


@pytest.mark.parametrize(
    ("condition", "cells", "passed", "codes"),
    [
        (
            {"not_all_of": "total"},  # of 5.00
            ["", "0", "0.00", "4.99", "5", "5.00", "6", "-5", "some"],
            ["", "0", "0.00", "4.99", "-5"],
            {"invalid_number": 1},
        ),
        (
            {"later_than": "at"},
            ["2024-05-01T10:00:01Z", AT, "2024-05-01 09:59:59 +0000", "2024-05-02 01:00 +1000", "", "soon"],
            ["2024-05-01T10:00:01Z", "2024-05-02 01:00 +1000"],
            {"invalid_time": 1},
        ),
    ],
)
def test_where_beside_another_column(
    desk: Desk, condition: Any, cells: list[str], passed: list[str], codes: dict[str, int]
) -> None:
    rows = [f'{n},a@x.de,5.00,{AT},"{cell}"' for n, cell in enumerate(cells)]
    made = mapping(BASE, where={"state": condition})
    found = desk.check(table(*rows, header="id,email,total,at,state"), made)
    ids = [event["order_id"] for event in events_of([str(desk.folder / "orders.csv")], made)]
    assert ([cells[int(order)] for order in ids], found["codes"]) == (passed, codes)


def test_a_sum_is_held_against_a_sum(desk: Desk) -> None:
    """Of three orders, one was given back whole, line by line, one in part, and one was free."""
    rows = [
        *(f"1,a@x.de,{total},{AT},{back}" for total, back in (("19.00", "19.00"), ("28.00", "28.0"))),
        *(f"2,a@x.de,{total},{AT},{back}" for total, back in (("19.00", "19.00"), ("28.00", "0"))),
        f"3,a@x.de,0,{AT},0",
    ]
    made = mapping(BASE, where={"state": {"not_all_of": "total"}}, source={"group_by": "id", "sum": ["total", "state"]})
    desk.check(table(*rows, header="id,email,total,at,state"), made)
    ids = [event["order_id"] for event in events_of([str(desk.folder / "orders.csv")], made)]
    assert ids == ["2", "3"]


@pytest.mark.parametrize(
    ("condition", "cell", "part"),
    [
        ({"after": "2024-05-01"}, AT, "has no time zone; set source.timezone"),
        ({"before": "2024-13-01"}, AT, "is no time"),
        ({"after": AT}, "2024-05-01 10:00", "column state: no value has an offset"),
        ({"after": AT}, "03/04/2024 10:00 +0000", "column state: no value tells day from month"),
    ],
)
def test_where_that_can_never_be_judged(desk: Desk, condition: Any, cell: str, part: str) -> None:
    text = table(f"1,a@x.de,5,{AT},{cell}", header="id,email,total,at,state")
    found = desk.check(text, mapping(BASE, where={"state": condition}))
    assert found.code == 2 and part in found.said, found.said


def test_several_events_a_record_in_its_order(desk: Desk) -> None:
    made = {
        "mapping": 1,
        "name": "several",
        "events": [
            {"event_name": "sign_up", "fields": {"email": "email", "event_time": "at"}},
            {"event_name": "purchase", "where": {"total": {"at_least": 5}}, "fields": BASE},
            {
                "event_name": {"column": "id", "map": {"7": "start_trial"}},
                "fields": {"email": "email", "event_time": "at"},
            },
        ],
    }
    text = HEADER + f"7,a@x.de,5,{AT}\n8,b@x.de,1,{AT}\n7,bad,9,{AT}\n"
    found = desk.check(text, json.dumps(made))
    assert (found["rows"], found["records"], found["events"], found["ready"]) == (3, 3, 8, 4)
    assert {name: one["events"] for name, one in found["by_event"].items()} == {
        "": 1, "purchase": 2, "sign_up": 3, "start_trial": 2,
    }  # fmt: skip
    names = [event["event_name"] for event in events_of([str(desk.folder / "orders.csv")], json.dumps(made))]
    assert names == ["sign_up", "purchase", "start_trial", "sign_up"]
    assert found["codes"] == {"invalid_email": 3, "invalid_event_name": 1}
    bad = found.rejects[-1]
    assert (bad["_row"], bad["_event"]) == ("3", "sign_up|purchase|start_trial")


# Steps


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ({"column": "a"}, "Ann"),
        ({"first_of": ["e", "a", "b"]}, "Ann"),
        ({"value": "always"}, "always"),
        ({"template": "{a} {e} {b}!"}, "Ann Lee-7!"),
        ({"template": "{e} {e}"}, None),
        ({"template": "{{{a}}}"}, "{Ann}"),
        ({"template": "{n} {a} {r}"}, "Ann"),  # a word for nothing and an error
        ({"template": "Dr. {n}"}, None),
        ({"column": "b", "strip": ["Lee", "-"]}, "7"),
        ({"column": "b", "extract": "(\\d+)"}, "7"),
        ({"column": "a", "extract": "(\\d+)"}, None),
        ({"column": "a", "extract": "(\\d+)", "default": "none"}, "none"),
        ({"column": "a", "map": {"ANN": "x"}}, "x"),
        ({"column": "a", "map": {"ann": ""}}, None),
        ({"column": "a", "map": {"ann": ""}, "default": "y"}, "y"),
        ({"column": "a", "case": "upper"}, "ANN"),
        ({"column": "b", "strip": "-7", "extract": "(L)", "map": {"l": "mapped"}, "case": "title"}, "Mapped"),
        ({"column": "e", "default": "d"}, "d"),
    ],
)
def test_sources_and_steps(tmp_path: Path, cell: Any, value: str | None) -> None:
    text = table(f"1,a@x.de,5,{AT}, Ann ,Lee-7,,NULL,#REF!", header="id,email,total,at,a,b,e,n,r")
    (event,) = events_of(write(tmp_path, {"o.csv": text}), mapping(BASE | {"full_name": cell}))
    assert event.get("full_name") == value


@pytest.mark.parametrize(
    ("cell", "sent"),
    [
        ({"column": "total", "scale": "0.01"}, "12345678901234567.89"),
        ({"column": "none", "default": "5", "scale": "0.01"}, "5"),
        ({"column": "total", "extract": "^(\\d{4})"}, "1234"),
    ],
)
def test_amounts_are_exact(tmp_path: Path, cell: Any, sent: str) -> None:
    names = write(tmp_path, {"o.csv": table(f"1,a@x.de,1234567890123456789,{AT},", header=f"{HEADER.strip()},none")})
    with surveyed(names, mapping(BASE | {"amount": cell})) as survey:
        (event,) = survey.events(1, None)
        assert event.body.endswith(f'"amount":{sent}}}'.encode())
