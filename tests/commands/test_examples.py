"""`backfill test`: examples inside a mapping, those of the presets and of the guide; what is said where one fails."""

import json
from pathlib import Path

import pytest
from guide_pages import blocks, page

from backfill.cli import main
from backfill.commands.test import results_of
from backfill.errors import MappingError
from backfill.mapping import load, load_text, presets

SHOP = """
mapping: 1
name: shop
where: {Status: [paid]}
events:
  - event_name: purchase
    fields: {order_id: Id, email: Email, amount: Total, event_time: Paid}
"""
ANN = "{Id: 007, Email: ann@example.com, Total: 1.50, Status: paid, Paid: 2025-06-01T10:00:00Z}"
LATE = ANN.replace("ann", "bob").replace("007", "8").replace("10:00:00Z", "10:00")


def differences(example: str, mapping: str = SHOP) -> list[str]:
    """The lines in which what an example gives differs from what it says."""
    indented = example.replace("\n", "\n    ")
    (result,) = results_of(load_text(f"{mapping}tests:\n  - name: x\n    {indented}\n", "shop.yaml"))
    return result.difference


@pytest.mark.parametrize("name", presets())
def test_each_preset_has_examples_that_hold(name: str) -> None:
    mapping = load(name)
    assert [(one.name, one.difference) for one in results_of(mapping) if one.difference] == []


def test_the_guides_examples_hold() -> None:
    for text in blocks("yaml", page("mappings")):
        if "tests:" in text:
            assert [one.difference for one in results_of(load_text(text, "guide"))] == [[]] * 3


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        (f'rows: {ANN}\nevents: {{order_id: "007", amount: 1.5, phone: null, do_not_capi: true}}', []),
        (f"rows: {ANN}\nevents: {{order_id: 7}}", ["- order_id: 7", "+ order_id: 007"]),
        (f"rows: {ANN}\nevents: {{amount: none, email: null}}", ["- amount: none", "+ amount: 1.5", "- email: (none)"]),
        (f"rows: {ANN}\nevents: []", ["+ event_name: purchase", "+ amount: 1.5"]),
        (f"rows: [{ANN}, {ANN}]\nevents: [{{email: ann@example.com}}]", []),  # the later one is a duplicate
        (f"rows: {ANN.replace('paid', 'void')}\nevents: {{email: a}}", ["- email: a", "left out: Status is void 1"]),
        (f"rows: {ANN.replace('1.50', 'x')}\ncodes: invalid_amount", []),
        (f"rows: {ANN.replace('1.50', 'x')}\nevents: []", ["- none", "+ invalid_amount", "invalid_amount (amount: "]),
        (f"rows: {ANN}\ncodes: [missing_identity]", ["+ order_id: 007", "- missing_identity", "+ none"]),
        (f"rows: {LATE}\nevents: {{email: b}}", ["can't be used: column Paid"]),
        (f"rows: {LATE}\ntimezone: Asia/Tokyo\nevents: {{event_time: 2025-06-01T01:00:00Z}}", []),
    ],
)
def test_the_difference(example: str, expected: list[str]) -> None:
    lines = differences(example)
    assert bool(lines) == bool(expected)
    for part in expected:
        assert any(part in line for line in lines), lines


def test_rows_of_one_order_and_of_a_lookup() -> None:
    deals = """
mapping: 1
name: deals
source: {group_by: Deal, aliases: {Deal: [deal_id], people.Mail: [email]}}
lookups: {people: {on: [Who, No]}}
events:
  - event_name: purchase
    fields: {order_id: Deal, email: people.Mail, amount: Sum, event_time: Day}
"""
    rows = "rows: [{deal_id: 1, Who: 7, Sum: 3}, {deal_id: 1, Day: 2025-01-02}]\ntimezone: UTC"
    given = "events: {order_id: 1, amount: 3, email: a@b.de, event_time: 2025-01-02T12:00:00Z}"
    assert differences(f"{rows}\nlookups: {{people: [{{No: 7, email: a@b.de}}]}}\n{given}", deals) == []
    assert "codes" in "".join(differences(f"{rows}\n{given}", deals))


def test_json_lines_have_objects_and_numbers() -> None:
    charges = """
mapping: 1
name: charges
source: {format: jsonl}
where: {paid: "true"}
events:
  - event_name: purchase
    fields: {order_id: id, email: [who.email, items.0.email], amount: {column: cents, scale: 0.01}, event_time: at}
"""
    row = "{id: a, paid: true, who: {email: null}, items: [{email: a@b.de}], cents: 1250, at: 1718000000}"
    assert differences(f"rows: [{row}]\nevents: {{amount: 12.50, email: a@b.de}}", charges) == []
    flat = row.replace("who: {email: null}", "who.email: c@d.de").replace(" true", ' "true"')
    assert differences(f"rows: [{flat}]\nevents: {{email: c@d.de}}", charges) == []


@pytest.mark.parametrize(
    ("tests", "problem"),
    [
        ("{rows: {Id: 1}, events: []}", "tests lacks the key name"),
        ("{name: x, rows: {Id: 1}}", "says nothing of what it must give; write events: []"),
        ("[{name: x, rows: {Idd: 1}, events: []}]", "tests[1].rows.Idd is a column that the mapping never names"),
        ("[{name: x, rows: [Id], events: []}]", 'rows[1] is "Id", and must be a mapping of columns to cells'),
        ("[{name: x, rows: {Id: 1}, events: {mail: x}}]", "events.mail is no field of the API; nearest: email"),
        ("[{name: x, rows: {Id: 1}, codes: [invalid_mail]}]", "no code of a reject; nearest: invalid_email"),
        ("[{name: x, rows: {Id: 1}, lookups: {people: []}, events: []}]", "people is no lookup of this mapping"),
        ("[{name: x, rows: {Id: 1}, timezone: Berlin, events: []}]", "no IANA time zone"),
    ],
)
def test_what_is_no_example(tests: str, problem: str) -> None:
    with pytest.raises(MappingError) as caught:
        load_text(f"{SHOP}tests: {tests}\n", "shop.yaml")
    assert problem in str(caught.value)


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "shop.yaml"
    path.write_text(SHOP, encoding="utf-8")
    assert main(["test", str(path)]) == 2
    assert "has no tests" in capsys.readouterr().err
    right = f"tests:\n  - name: it counts\n    rows: {ANN}\n    events: {{amount: 1.5}}\n"
    path.write_text(SHOP + right, encoding="utf-8")
    assert main(["test", str(path), "woocommerce_analytics"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "shop: 1 example passed",
        "woocommerce_analytics: refuses its export, so there is nothing to test",
    ]
    path.write_text(SHOP + right + right.replace("tests:\n", "").replace("1.5}", "2}"), encoding="utf-8")
    assert main(["test", str(path)]) == 3
    assert capsys.readouterr().out.splitlines() == [
        f"{path}:12: it counts",
        "  event 1",
        "    - amount: 2",
        "    + amount: 1.5",
        "shop: 1 of 2 examples failed",
    ]
    assert main(["test", str(path), "--json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert found["exit_code"] == 3 and found["mappings"][0]["failed"][0]["line"] == 12
