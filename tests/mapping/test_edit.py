"""Edits of a mapping: what is asked for is changed, what is written otherwise stays, comments and all."""

import difflib
from dataclasses import replace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from backfill.errors import MappingError
from backfill.mapping import FieldSource, Mapping, load_text, preset_text, presets
from backfill.mapping.edit import (
    conditions_off,
    with_columns,
    with_condition,
    with_setting,
    with_source,
    with_values,
    without,
    without_condition,
    without_conditions,
    without_event,
)

PLAIN = """mapping: 1
name: shop        # ours
source: {optional: [Phone], aliases: {Phone: [Tel]}}
where: {Status: [paid, "part paid"]}
events:
  - event_name: purchase
    # the till's own
    fields:
      order_id: Id      # never Name
      email:
        - Email
        - Contact
      phone: Phone
      amount: {column: Total, scale: 0.01}
      event_time: {first_of: [Paid, Made]}   # either

# the end
"""
FIELDS = "    fields: {order_id: Id, email: Email, phone: Phone, event_time: Paid}"
FLOW = PLAIN[: PLAIN.index("    # the till")] + FIELDS + "\n"
NAMES = st.sampled_from(["Id", "Total", "E-mail: work", "no", "2024", "a, b", "{x}", "Zoë's, [1]", '"quoted"', "\\"])


def bare(mapping: Mapping) -> Mapping:
    """The mapping without its lines, and what its source says of columns that may be gone."""
    source = replace(mapping.source, optional=(), aliases={}, sum=())
    lookups = {name: replace(lookup, line=0) for name, lookup in mapping.lookups.items()}
    return replace(mapping, source=source, lookups=lookups, origin="", tests=())


def columns_of(mapping: Mapping, event: int, field: str) -> FieldSource | None:
    found = mapping.events[event].fields.get(field)
    return found and replace(found, line=0, extract_line=0)


WHERES = """mapping: 1
name: shop
where:
  # those that are paid
  Status:
    - paid
    - "part: paid"
  E-Mail: present   # a person
  Total: {at_least: 0.01, matches: '^[^,{}]+$'}

# each
events:
  - event_name: purchase
    where: {"Gone, at": empty, Paid: {not: [x, "#1"]}}
    fields: {order_id: Id, email: E-Mail, amount: Total, event_time: Paid}
  - event_name: lead_generated
    where:
      Status: [open]
    fields: {order_id: Id, email: E-Mail, event_time: Paid}
"""


def conditions_of(mapping: Mapping) -> list[list[str]]:
    """The conditions of the mapping and of each event, in words and in any order."""
    tables = (mapping.where, *(event.where for event in mapping.events))
    return [sorted(repr(replace(one, line=0, matches_line=0)) for one in table) for table in tables]


@pytest.mark.parametrize("name", ["ours", "shopify_orders", "meta_leads"])
def test_a_condition_is_switched_off_and_on(name: str) -> None:
    text = WHERES if name == "ours" else without(preset_text(name), "tests")
    mapping = load_text(text, "")
    tables, columns = conditions_of(mapping), {*mapping.columns, "Gone, at"}
    flat = [
        (at, one) for at, of in enumerate((mapping.where, *(event.where for event in mapping.events))) for one in of
    ]
    for place, (table, one) in enumerate(flat):
        off = without_condition(text, place)
        less = conditions_of(load_text(off, ""))
        said = repr(replace(one, line=0, matches_line=0))
        assert [*less[:table], sorted([*less[table], said]), *less[table + 1 :]] == tables
        (found,) = [other for other in conditions_off(off, columns) if other not in conditions_off(text, columns)]
        assert (found.table + 1, found.column) == (table, one.column)
        assert conditions_of(load_text(with_condition(off, found), "")) == tables
    gone = text
    for _ in flat:
        gone = without_condition(gone, 0)
    assert not any(conditions_of(load_text(gone, "")))
    while found_ := conditions_off(gone, columns):
        gone = with_condition(gone, found_[-1])
    assert conditions_of(load_text(gone, "")) == tables


def test_a_comment_is_switched_on_as_it_is() -> None:
    text = WHERES.replace("  E-Mail:", "  # Mail: present\n  # sure: each is known\n  # E-Mail:")
    (found,) = conditions_off(text, ["E-Mail", "Status"])
    assert with_condition(text, found) == text.replace("# E-Mail:", "E-Mail:")
    off = without_condition(without_condition(with_condition(text, found), 2), 1)
    assert "  # E-Mail: present   # a person\n  # Total:" in off and "# those that are paid" in off


def changed(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


OPTIONAL = "source: {optional: [Phone], aliases: {Phone: [Tel]}}"
AMOUNT, EMAIL = "      amount: {column: Total, scale: 0.01}", ["      email:", "        - Email", "        - Contact"]
ID, EITHER = "      order_id: Id      # never Name", "      event_time: {first_of: [Paid, Made]}   # either"


@pytest.mark.parametrize(
    ("text", "field", "columns", "gone", "come"),
    [
        (
            PLAIN,
            "order_id",
            ["Name"],
            ["      order_id: Id      # never Name"],
            ["      order_id: Name      # never Name"],
        ),
        (PLAIN, "email", ["Mail", "Contact"], EMAIL, ["      email: [Mail, Contact]"]),
        (PLAIN, "amount", ["Sum"], [AMOUNT], ["      amount: {column: Sum, scale: 0.01}"]),
        (PLAIN, "amount", ["Sum", "Total"], [AMOUNT], ["      amount: {first_of: [Sum, Total], scale: 0.01}"]),
        (PLAIN, "event_time", ["Made"], [EITHER], ["      event_time: {column: Made}   # either"]),
        (PLAIN, "full_name", ["Who"], [], ["      full_name: Who"]),
        (PLAIN, "phone", [], [OPTIONAL, "      phone: Phone"], []),
        (FLOW, "phone", ["Tel"], [OPTIONAL, FIELDS], [FIELDS.replace("phone: Phone", "phone: Tel")]),
        (FLOW, "phone", [], [OPTIONAL, FIELDS], [FIELDS.replace(" phone: Phone,", "")]),
        (FLOW, "amount", ["a, b"], [FIELDS], [FIELDS.replace("}", ', amount: "a, b"}')]),
    ],
)
def test_only_the_lines_that_change_change(
    text: str, field: str, columns: list[str], gone: list[str], come: list[str]
) -> None:
    found = changed(text, with_columns(text, 0, field, columns))
    assert [line[2:] for line in found if line[0] == "-"] == gone
    assert [line[2:] for line in found if line[0] == "+"] == come


FEW = settings(max_examples=12, phases=(Phase.explicit, Phase.reuse, Phase.generate))


@FEW
@given(st.sampled_from(sorted(presets())), st.data(), st.lists(NAMES, min_size=1, max_size=3, unique=True))
def test_every_field_of_every_preset(name: str, data: st.DataObject, columns: list[str]) -> None:
    text = without(preset_text(name), "tests")
    before = load_text(text, "")
    if before.refuse:
        return
    event = data.draw(st.integers(0, len(before.events) - 1))
    field = data.draw(st.sampled_from([*before.events[event].fields, "fingerprint"]))
    had = columns_of(before, event, field)
    if had is not None and not had.columns:
        with pytest.raises(ValueError, match="comes from no column"):
            with_columns(text, event, field, columns)
        return
    after = with_columns(text, event, field, columns)
    found = load_text(after, "")
    assert columns_of(found, event, field) == replace(had or FieldSource(), columns=tuple(columns))
    for at, one in enumerate(before.events):
        for other in one.fields.keys() - {field}:
            assert columns_of(found, at, other) == columns_of(before, at, other)
        if at != event and "*" not in text:  # else it may be the same field
            assert columns_of(found, at, field) == columns_of(before, at, field)
    assert bare(replace(found, events=(), where=())) == bare(replace(before, events=(), where=()))
    assert len([line for line in changed(text, after) if line[0] == "+"]) <= 4  # the field, optional, aliases, sum
    kept = [line for line in text.splitlines() if line.strip().startswith("#")]
    assert [line for line in after.splitlines() if line.strip().startswith("#")] == kept


@FEW
@given(st.sampled_from(sorted(presets())))
def test_settings_of_every_preset(name: str) -> None:
    text = preset_text(name)
    if load_text(text, name).refuse:
        return
    for setting, value in (("timezone", "Europe/Berlin"), ("date_order", "dmy"), ("decimal", ",")):
        after = with_setting(text, setting, value)
        found, before = load_text(after, ""), load_text(text, "")
        assert found.source == replace(before.source, **{setting: value})
        assert [replace(one, line=0) for one in found.where] == [replace(one, line=0) for one in before.where]
        assert len(changed(text, after)) <= 3
        text = after


def test_values_of_conditions() -> None:
    assert changed(PLAIN, with_values(PLAIN, 0, ["paid", "empty"])) == [
        '- where: {Status: [paid, "part paid"]}',
        '+ where: {Status: [paid, "empty"]}',
    ]
    listed_not = PLAIN.replace('[paid, "part paid"]', "{not: refunded}")
    assert "where: {Status: {not: [refunded, void]}}" in with_values(listed_not, 0, ["refunded", "void"])
    with pytest.raises(ValueError, match="lists no values"):
        with_values(PLAIN.replace('[paid, "part paid"]', "{matches: paid}"), 0, ["x"])


def test_what_would_be_no_mapping_is_said() -> None:
    with pytest.raises(MappingError, match="maps no event_time"):
        with_columns(PLAIN, 0, "event_time", [])
    with pytest.raises(MappingError, match="IANA"):
        with_setting(PLAIN, "timezone", "Berlin")


def test_a_mapping_without_a_source_gets_one_above_the_comments_on_what_follows() -> None:
    text = PLAIN.replace("source: {optional: [Phone], aliases: {Phone: [Tel]}}\nwhere", "# what counts\nwhere")
    assert "ours\nsource: {timezone: UTC}\n\n# what counts\nwhere" in with_setting(text, "timezone", "UTC")


REPEATS = PLAIN.replace("email:\n", "email: &email\n").replace(
    "\n# the end",
    "  - event_name: lead_generated\n    where: {Kind: present}\n    fields:\n      email: *email\n"
    "      phone: Phone\n      event_time: Made\n",
)


def test_what_repeats_a_source_goes_without_it() -> None:
    repeats = REPEATS.replace("phone: Phone\n      event_time: Made", "phone: *email\n      event_time: Made")
    assert changed(repeats, with_columns(repeats, 1, "phone", [])) == ["-       phone: *email"]
    assert changed(REPEATS, with_source(REPEATS, 0, "phone", "{template: '{Cell} {Area}'}"))[1] == (
        "+       phone: {template: '{Cell} {Area}'}"
    )


def test_conditions_and_events_go_with_their_lines() -> None:
    assert changed(REPEATS, without_conditions(REPEATS, ["Kind"])) == ["-     where: {Kind: present}"]
    both = REPEATS.replace("present}", "present, Paid: empty}")
    assert changed(both, without_conditions(both, ["Kind"]))[1] == "+     where: {Paid: empty}"
    assert [line[:1] for line in changed(REPEATS, without_event(REPEATS, 1))] == ["-"] * 6
    with pytest.raises(MappingError):
        without_event(REPEATS, 0)
