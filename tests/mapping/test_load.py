"""The grammar: what each way of writing means, and the message for each mistake."""

import json
import re
import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backfill.errors import MappingError
from backfill.mapping import Condition, EventTemplate, FieldSource, Mapping, SourceOptions, load_text

FIELDS = "order_id: Id, email: Email, event_time: Time"

WHOLE = r"""
mapping: 1
name: shopify_orders
description: Shopify admin, Orders, Export
detect: [Name, Financial Status, Lineitem name]
detect_not: [Order ID]
source:
  group_by: Name
  sum: []
  optional: [Cancelled at, Phone]
  aliases: {Cancelled at: [Canceled at]}
  empty: ["NULL", "\\N", N/A]
  timezone: null
  date_order: ~
  date_hour: 9
  decimal:
  namespace: shop-eu
  on_conflict: last
  short_rows: pad
  format: csv
  encoding: cp1252
  delimiter: tab
where:
  Financial Status: [paid, partially_paid]
  Cancelled at: empty
events:
  - event_name: purchase
    where: {Total: {at_least: 0.01}}
    key: [email, {column: Record ID}]
    idempotency_key: pixel event
    fields:
      order_id: Id
      email: Email
      phone: [Phone, Billing Phone]
      full_name: {first_of: [Billing Name, Shipping Name]}
      first_name: {column: Billing Name, extract: "^(\\S+)", default: friend}
      last_name: {template: "{A} {{x}} {B}", case: title}
      amount: {column: Total, strip: [EUR, "'"], scale: 0.01, on_invalid: omit}
      event_time: [Paid at, Created at]
      do_not_capi: false
      url: null
"""


def small(fields: str = FIELDS, event: str = "event_name: purchase", rest: str = "") -> str:
    """Write a mapping of one event: line 1 the version, 3 the event, 4 its fields, 5 and on the rest."""
    return f"mapping: 1\nname: small\nevents: [{{{event},\n  fields: {{{fields}}}}}]\n{rest}"


def problems(text: str) -> list[tuple[int, str]]:
    with pytest.raises(MappingError) as caught:
        load_text(text, "my.yaml")
    return caught.value.problems


def test_whole_mapping() -> None:
    mapping = load_text(WHOLE, "/x/shop.yaml")
    assert (mapping.name, mapping.origin) == ("shopify_orders", "/x/shop.yaml")
    assert mapping.detect == ("Name", "Financial Status", "Lineitem name") and mapping.detect_not == ("Order ID",)
    assert mapping.source == SourceOptions(
        group_by="Name",
        optional=("Cancelled at", "Phone"),
        aliases={"Cancelled at": ("Canceled at",)},
        empty=("NULL", "\\N", "N/A"),
        date_hour=9,
        namespace="shop-eu",
        on_conflict="last",
        short_rows="pad",
        format="csv",
        encoding="cp1252",
        delimiter="\t",
    )
    assert mapping.where == (
        Condition("Financial Status", one_of=("paid", "partially_paid"), line=24),
        Condition("Cancelled at", empty=True, line=25),
    )
    assert mapping.events == (
        EventTemplate(
            event_name=FieldSource(value="purchase", line=27),
            where=(Condition("Total", at_least=Decimal("0.01"), line=28),),
            key=("email", FieldSource(columns=("Record ID",), line=29)),
            idempotency_key=FieldSource(columns=("pixel event",), line=30),
            fields={
                "order_id": FieldSource(columns=("Id",), line=32),
                "email": FieldSource(columns=("Email",), line=33),
                "phone": FieldSource(columns=("Phone", "Billing Phone"), line=34),
                "full_name": FieldSource(columns=("Billing Name", "Shipping Name"), line=35),
                "first_name": FieldSource(
                    columns=("Billing Name",), extract=re.compile(r"^(\S+)"), default="friend", line=36
                ),
                "last_name": FieldSource(
                    template=(
                        ("column", "A"),
                        ("text", " "),
                        ("text", "{"),
                        ("text", "x"),
                        ("text", "}"),
                        ("text", " "),
                        ("column", "B"),
                    ),
                    case="title",
                    line=37,
                ),
                "amount": FieldSource(
                    columns=("Total",), strip=("EUR", "'"), scale=Decimal("0.01"), on_invalid="omit", line=38
                ),
                "event_time": FieldSource(columns=("Paid at", "Created at"), line=39),
                "do_not_capi": FieldSource(value="false", line=40),
            },
            line=27,
        ),
    )


CELLS = [
    ("no", {"columns": ("no",)}),  # YAML 1.2: text
    ("2024-01-31", {"columns": ("2024-01-31",)}),
    ("12:30", {"columns": ("12:30",)}),
    ('"007"', {"columns": ("007",)}),
    ("'true'", {"columns": ("true",)}),
    ("customer.items.0.sku", {"columns": ("customer.items.0.sku",)}),
    ("true", {"value": "true"}),
    ("{value: 007}", {"value": "007"}),
    ("{value: no}", {"value": "no"}),
    ('["1", B]', {"columns": ("1", "B")}),
    ("{column: A, strip: x, default: null}", {"columns": ("A",), "strip": ("x",)}),
    (
        "{column: A, map: {no: off, Test: ~, 1: one}}",
        {"columns": ("A",), "map": (("no", "off"), ("Test", ""), ("1", "one"))},
    ),
    ("{column: A, digits: 9}", {"columns": ("A",), "digits": 9}),
    ("{column: A, digits: varies}", {"columns": ("A",), "digits": 0}),
    ('{column: A, replace: {" UTC": ~, ".": ","}}', {"columns": ("A",), "replace": ((" UTC", ""), (".", ","))}),
    ('{template: "{{{A}}}"}', {"template": (("text", "{"), ("column", "A"), ("text", "}"))}),
]


@pytest.mark.parametrize(("written", "expected"), CELLS)
def test_cells(written: str, expected: dict[str, object]) -> None:
    template = load_text(small(FIELDS + f", phone: {written}"), "x").events[0]
    assert template.fields["phone"] == FieldSource(line=4, **expected)  # type: ignore[arg-type]


CONDITIONS = [
    ("paid", {"one_of": ("paid",)}),
    ("no", {"one_of": ("no",)}),
    ("007", {"one_of": ("007",)}),
    ('[paid, ""]', {"one_of": ("paid", "")}),
    ("empty", {"empty": True}),
    ('"present"', {"empty": False}),
    ("[empty]", {"one_of": ("empty",)}),
    ("{not: test}", {"none_of": ("test",)}),
    ("{not: [a, b]}", {"none_of": ("a", "b")}),
    ("{not: empty}", {"empty": False}),
    ("{not: present}", {"empty": True}),
    ('{matches: "^#"}', {"matches": re.compile("^#")}),
    ("{at_least: -1, at_most: 9.50}", {"at_least": Decimal(-1), "at_most": Decimal("9.50")}),
    ("{not_all_of: Total}", {"not_all_of": "Total"}),
    ("{later_than: Trial End}", {"later_than": "Trial End"}),
    ("{after: 2020-01-01, before: 2024-06-01T12:00:00Z}", {"after": "2020-01-01", "before": "2024-06-01T12:00:00Z"}),
]


@pytest.mark.parametrize(("written", "expected"), CONDITIONS)
def test_conditions(written: str, expected: dict[str, object]) -> None:
    condition = Condition("Status", line=5, **expected)  # type: ignore[arg-type]
    assert load_text(small(rest=f"where: {{Status: {written}}}"), "x").where == (condition,)


def test_event_name_from_a_column() -> None:
    event = "event_name: {column: Stage, map: {Won: purchase, Lead: lead_generated}}"
    (template,) = load_text(small(event=event), "x").events
    assert template.event_name.columns == ("Stage",)
    assert template.event_name.map == (("Won", "purchase"), ("Lead", "lead_generated"))


@pytest.mark.parametrize(
    ("fields", "event"),
    [
        (FIELDS + ", idempotency_key: none", "event_name: purchase"),
        (FIELDS, 'event_name: purchase, idempotency_key: "none"'),
        (FIELDS + ", idempotency_key: null", "event_name: purchase, idempotency_key: none"),
    ],
)
def test_no_idempotency_key(fields: str, event: str) -> None:
    (template,) = load_text(small(fields, event), "x").events
    assert not template.send_key and template.idempotency_key is None


@pytest.mark.parametrize(
    ("fields", "event"),
    [
        (FIELDS + ", idempotency_key: {column: none}", "event_name: purchase"),
        (FIELDS, "event_name: purchase, idempotency_key: {column: none}"),
    ],
)
def test_column_for_idempotency_key(fields: str, event: str) -> None:
    (template,) = load_text(small(fields, event), "x").events
    assert template.send_key and template.idempotency_key == FieldSource(
        columns=("none",), line=4 if "none" in fields else 3
    )


def test_one_key_part_needs_no_list() -> None:
    assert load_text(small(event="event_name: purchase, key: email"), "x").events[0].key == ("email",)


def test_the_columns_of_a_lookup_are_not_columns_of_the_input() -> None:
    text = """
mapping: 1
name: deals
source: {optional: [contacts.Phone]}
lookups:
  contacts: {on: [Contact IDs, Record ID]}
events:
  - event_name: purchase
    fields:
      order_id: Id
      email: contacts.Email
      phone: contacts.Phone
      amount: {column: Cents, minor_units: Currency}
      event_time: {template: "{Date} {Time}", timezone_column: Zone}
"""
    mapping = load_text(text, "here")
    assert mapping.columns == ("Contact IDs", "Id", "Cents", "Currency", "Date", "Time", "Zone")
    assert mapping.required == tuple((name,) for name in mapping.columns)
    assert mapping.lookup_of("contacts.Email") == ("contacts", "Email")
    assert mapping.lookup_of("other.Email") is None
    assert mapping.lookups["contacts"].separator == ";"


def test_an_export_that_can_not_be_used_needs_no_events() -> None:
    mapping = load_text("mapping: 1\nname: a\ndetect: [X]\nrefuse: it has no email", "here")
    assert mapping.refuse == "it has no email"
    assert mapping.events == ()


def test_yaml_aliases_may_be_used() -> None:
    text = """
mapping: 1
name: two
events:
  - event_name: lead_generated
    fields: &person {email: Email, event_time: Time}
  - event_name: schedule
    fields: *person
"""
    first, second = load_text(text, "x").events
    assert first.fields == second.fields


def cell(written: str) -> str:
    return small(FIELDS + f", phone: {written}")


def source(written: str) -> str:
    return small(rest=f"source: {{{written}}}")


def where(written: str) -> str:
    return small(rest=f"where: {{{written}}}")


WRONG = [
    # the whole
    ("name: x\nevents: []", 1, "lacks the key mapping"),
    (small().replace("mapping: 1", "mapping: 2"), 1, "reads grammar 1"),
    (small().replace("name: small", "name: Small!"), 2, "letters a-z"),
    (small().replace("name: small", "name:"), 1, "lacks the key name"),
    (small(rest="lookups: [a]"), 5, "lookups is a list, and must be a mapping"),
    (small(rest="lookups: {a: {}}"), 5, "lookups.a lacks the key on"),
    (small(rest="lookups: {a: {on: [X]}}"), 5, "must be a list of two columns"),
    (small(rest="lookups: {a.b: {on: [X, Y]}}"), 5, "is no name for a lookup"),
    (small(rest="lookups: {a: {on: [X, Y], first: 1}}"), 5, "first is no key of the grammar"),
    (small(rest="detects: [A]"), 5, "detects is no key of the grammar; nearest: detect"),
    (small(rest="name: again"), 5, 'has the key "name" a second time (first in line 2)'),
    (small(rest="? [a]\n: b"), 5, "keys must be texts"),
    ("mapping: 1\nname: x\nevents: {}", 3, "events is a mapping, and must be a list with at least one event"),
    ("mapping: 1\nname: x\nevents: []", 3, "events is an empty list, and must be a list with at least one event"),
    ("mapping: 1\nname: x\nevents: [3]", 3, 'events[1] is "3", and must be a mapping'),
    # source
    (source("timezone: Berlin"), 5, "no IANA time zone; nearest: Europe/Berlin"),
    (source("timezone: New York"), 5, "nearest: America/New_York"),
    (source("timezone: europe/berlin"), 5, "nearest: Europe/Berlin"),
    (source("timezone: +02:00"), 5, "write the name of a place such as Europe/Berlin"),
    (source("timezone: ../../etc/passwd"), 5, "no IANA time zone"),
    (source("timezone: America"), 5, "no IANA time zone"),
    (source("timezone: localtime"), 5, "no IANA time zone"),
    (source("encoding: utf-9"), 5, "no text encoding known here; nearest: utf-8"),
    (source("encoding: hex"), 5, "no text encoding known here"),
    (source("delimiter: ;;"), 5, "must be one character in quotes"),
    (source('delimiter: ""'), 5, "must be one character in quotes"),
    (source("date_order: dd/mm"), 5, "must be ymd, dmy or mdy"),
    (source("decimal: comma"), 5, "must be . or ,"),
    (source("header_rows: 9"), 5, "must be a number, 1 to 5"),
    (source("date_hour: 24"), 5, "must be an hour, 0 to 23"),
    (source("format: xls"), 5, "must be csv, jsonl or xlsx"),
    (source("on_conflict: keep"), 5, "must be reject, first or last"),
    (source("short_rows: skip"), 5, "must be reject or pad"),
    *((source(f"namespace: '{name}'"), 5, "letters (A to Z), digits") for name in ("a b", "eu:1", "a@b", "ü", "a\tb")),
    (source("group_by: [A]"), 5, "source.group_by is a list, and must be a column's name"),
    (source("optional: [Emial]"), 5, '"Emial", a column that the mapping never uses; nearest: Email'),
    (source("group_by: Id, sum: Totl"), 5, '"Totl", a column that the mapping never uses'),
    (source("sum: [Id]"), 5, "needs source.group_by"),
    (source("aliases: {Emails: E-Mail}"), 5, '"Emails", a column that the mapping never uses; nearest: Email'),
    (source("aliases: {Email: X, Time: X}"), 5, 'lists "X", which "Email" lists already'),
    (source("aliases: [Email]"), 5, "source.aliases is a list, and must be a mapping"),
    (source("empty: [null]"), 5, "source.empty[1] is not set"),
    (source("zone: UTC"), 5, "source.zone is no key of the grammar"),
    # conditions
    (where("Status:"), 5, "where.Status is not set, and must be"),
    (where("Status: []"), 5, "where.Status is an empty list, and must be"),
    (where("Status: {}"), 5, "holds no test; possible: not, matches"),
    (where('Status: ""'), 5, 'where.Status is "", and must be'),
    (where("Status: {is: paid}"), 5, "where.Status.is is no key of the grammar"),
    (where("Total: {at_least: 1e3}"), 5, "must be a decimal number"),
    (where("Total: {at_least: 2, at_most: 1}"), 5, "can never be met"),
    (where("Time: {before: 31/01/2024}"), 5, "begins with its year"),
    (where('Name: {matches: "(("}'), 5, "is no regular expression: missing )"),
    # cells
    (cell("7"), 4, "is the number 7: write {value: 7} for a constant, or quote it"),
    (cell("[A, 1.5]"), 4, "phone[2] is the number 1.5"),
    (cell('""'), 4, 'is "", and must be a column\'s name'),
    (cell("[]"), 4, "is an empty list, and must be a list of columns"),
    (cell("[[A]]"), 4, "phone[1] is a list, and must be a column's name"),
    (cell("{}"), 4, "names no source, and needs exactly one of column, first_of, value, template"),
    (cell("{column: A, value: b}"), 4, "names column and value, and needs exactly one"),
    (cell("{first_of: A}"), 4, "must be a list of columns"),
    (cell('{value: ""}'), 4, 'phone.value is "", and must be a text'),
    (cell("{value: [a]}"), 4, "phone.value is a list, and must be a text"),
    (cell("{template: Hello}"), 4, "names no column"),
    (cell('{template: "{A"}'), 4, "has a { without its partner"),
    (cell('{template: "{A} }"}'), 4, "has a } without its partner"),
    (cell('{template: "{} {A}"}'), 4, "has a { without its partner"),
    (cell('{column: A, extract: "a("}'), 4, "phone.extract is no regular expression"),
    (cell('{column: A, extract: "^a"}'), 4, "phone.extract has no group"),
    (cell("{column: A, case: upcase}"), 4, "must be lower, upper or title"),
    (cell("{column: A, scale: 0.01}"), 4, "works on amount and profile_field_16..25 only"),
    (cell("{column: A, on_invalid: skip}"), 4, "must be reject or omit"),
    (cell("{column: A, map: [a]}"), 4, "phone.map is a list, and must be a mapping"),
    (cell("{column: A, map: {Won: a, won: b}}"), 4, 'maps "won" a second time'),
    (cell('{column: A, map: {"": b}}'), 4, "use default"),
    (cell("{column: A, minor_units: Currency}"), 4, "minor_units is a step for money, and works on amount only"),
    (cell("{column: A, timezone_column: Zone}"), 4, "is a step for times, and works on event_time only"),
    (small(FIELDS + ", amount: {column: A, scale: 0.01, minor_units: C}"), 4, "can't both be set"),
    (cell("{column: A, mapp: {}}"), 4, "mapp is no key of the grammar; nearest: map"),
    (small(FIELDS + ", amount: {column: A, scale: 0}"), 4, "decimal number above zero"),
    (small(FIELDS + ", amount: {column: A, scale: 1e2}"), 4, "decimal number above zero"),
    (small(FIELDS + ", do_not_capi: no"), 4, "is the text no: write true or false"),
    (small(FIELDS + ", emial: E"), 4, "fields.emial is no field of the API; nearest: email"),
    (small(FIELDS + ", xyz: E"), 4, "profile_field_1..30"),
    (small(FIELDS + ", event_name: E"), 4, "is in fields, and belongs next to it"),
    # events
    (small(event="key: email"), 3, "lacks the key event_name"),
    (small(event="event_name: purchas"), 3, 'gives "purchas", which is no event of the API; nearest: purchase'),
    (small(event="event_name: custom_event_51"), 3, "nearest: custom_event_5"),
    (small(event="event_name: {column: A, map: {Won: Purchase}}"), 3, "nearest: purchase"),
    (small(event="event_name: {column: A, default: lead}"), 3, 'gives "lead"'),
    (small(event="event_name: {column: A, on_invalid: omit}"), 3, "can't be used here"),
    (small(event="event_name: [purchase]"), 3, "is a list, and must be an event's name"),
    (
        small(event="event_name: purchase, key: [phone]"),
        3,
        'is "phone", no field of this event; possible: order_id, email',
    ),
    (small(event="event_name: purchase, key: []"), 3, "key is an empty list"),
    (small(event="event_name: purchase, key: [{value: x}]"), 3, "a constant tells no event from another"),
    (small(FIELDS + ", idempotency_key: A", "event_name: purchase, idempotency_key: B"), 4, "is there twice"),
    (small(event="event_name: purchase, idempotency_key: true"), 3, "must be a column's name, or none"),
    (small(event="event_name: purchase, idempotency_key: {value: x}"), 3, "a constant tells no event from another"),
    (small("email: E, event_time: T"), 3, "maps no order_id, and a purchase needs one"),
    (small("order_id: O, email: E"), 3, "maps no event_time"),
    (small("order_id: O, phone: P, event_time: T"), 3, "maps nothing that identifies a person"),
    (small("order_id: O, ip: I, event_time: T"), 3, "maps nothing that identifies a person"),
    (
        small("email: E, event_time: T", "event_name: contact, idempotency_key: none"),
        3,
        "nothing would tell its events apart",
    ),
]


@pytest.mark.parametrize(("text", "line", "part"), WRONG)
def test_mistakes(text: str, line: int, part: str) -> None:
    found = problems(text)
    assert any(at == line and part in sentence for at, sentence in found), found


@pytest.mark.parametrize(
    ("text", "line"), [(text, line) for text, line, _ in WRONG if text.startswith("mapping: 1\nname: s")]
)
def test_a_mistake_causes_no_further_messages(text: str, line: int) -> None:
    found = problems(text)
    assert {at for at, _ in found} == {line} and len(found) <= 2


def test_all_problems_at_once_in_order_of_lines() -> None:
    text = small("emial: Email", rest="where: {A: {}}\nsource: {timezone: X/Y, optional: [Emal]}\nextra: 1")
    with pytest.raises(MappingError) as caught:
        load_text(text, "my.yaml")
    assert [line for line, _ in caught.value.problems] == [4, 5, 6, 6, 7]
    assert str(caught.value).startswith("my.yaml:4: events[1].fields.emial ")
    assert len(str(caught.value).splitlines()) == 5


@pytest.mark.parametrize(
    "fields", ["email: E, event_time: T", "comet_token: C, event_time: T", "fingerprint: F, ip: I, event_time: T"]
)
def test_each_identity_is_enough(fields: str) -> None:
    assert load_text(small(fields, "event_name: lead_generated"), "x").events


BOMB = "a: &a0 [x, x]\n" + "".join(f"b{n}: &a{n + 1} [{', '.join([f'*a{n}'] * 9)}]\n" for n in range(12))
HOSTILE = [
    ("", "is empty"),
    ("# nothing but a comment", "is empty"),
    ("- mapping: 1", "no mapping at its top"),
    ("just a text", "no mapping at its top"),
    ("mapping: [", "can't be read as YAML"),
    ("mapping:\n\tname: x", "indent with blanks, not tabs"),
    ("delimiter: @", "goes in quotes"),
    ("name: a: b", "goes in quotes"),
    ("name: 'x", "can't be read as YAML"),
    ("name: \0", "U+0000"),
    ("name: \udc80", "U+DC80"),
    ("name: !!python/object/apply:os.system [ls]", "has no meaning here"),
    ('name: "\\ud800"', "half a surrogate pair"),
    ("name: !thing x", "has no meaning here"),
    ("a: 1\n---\nb: 2", "another document"),
    ("*a", "undefined alias"),
    ("a: &a [*a]", "once its aliases are written out"),
    (BOMB, "once its aliases are written out"),
    ("[" * 200_000, "nested too deep"),
    ("{" * 200_000, "nested too deep"),
    ("- " * 100_000, "nested too deep"),
    ("- a\n" * 60_000, "too large"),
    ("a" * 300_000, "more than 262144 characters"),
]


@pytest.mark.parametrize(("text", "part"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_one_sentence(text: str, part: str) -> None:
    started = time.monotonic()
    ((_, sentence),) = problems(text)
    assert part in sentence and "\n" not in sentence and len(sentence) < 300
    assert time.monotonic() - started < 100  # quadratic time would be an hour


def test_the_list_of_problems_has_an_end() -> None:
    found = problems(small(rest="".join(f"k{n}: 1\n" for n in range(5000))))
    assert len(found) == 101 and "more than 100 problems" in found[0][1]


def test_long_keys_are_cut() -> None:
    ((_, sentence),) = problems(small(rest=f'"{"k" * 900}\\nx": 1'))
    assert len(sentence) < 300 and "\n" not in sentence


def whole_or_error(text: str) -> None:
    try:
        assert isinstance(load_text(text, "x"), Mapping)
    except MappingError as error:
        assert error.problems and all("\n" not in sentence for _, sentence in error.problems)


@given(st.text())
def test_any_text_loads_or_is_an_error(text: str) -> None:
    whole_or_error(text)


@given(
    st.integers(0, len(WHOLE)),
    st.integers(0, 40),
    st.text(max_size=8) | st.sampled_from(["null", "[]", "{}", "&a ", "*a", "1"]),
)
def test_a_damaged_mapping_loads_or_is_an_error(at: int, length: int, put: str) -> None:
    whole_or_error(WHOLE[:at] + put + WHOLE[at + length :])


KEYS = ["column", "first_of", "value", "template", "map", "scale", "not", "matches", "key", "where", "fields", "email"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["A", "none", "email", "purchase", "empty", "", "{A}"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=3,
        )
    ),
    max_leaves=6,
)


@given(VALUES, VALUES, VALUES, VALUES)
def test_any_structure_loads_or_is_an_error(fields: object, name: object, condition: object, source: object) -> None:
    event = {"event_name": name, "key": condition, "fields": {"email": fields, "event_time": "T", "amount": source}}
    whole_or_error(
        json.dumps({"mapping": 1, "name": "x", "where": {"A": condition}, "source": source, "events": [event]})
    )


COLUMN = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30)


@given(COLUMN)
def test_a_quoted_text_is_always_that_column(column: str) -> None:
    (template,) = load_text(small(FIELDS + f", phone: {json.dumps(column)}"), "x").events
    assert template.fields["phone"].columns == (column,)


@given(st.lists(st.tuples(st.sampled_from(["text", "column"]), COLUMN), min_size=1, max_size=5))
def test_templates_keep_every_character(parts: list[tuple[str, str]]) -> None:
    parts = [(kind, re.sub("[{}]", "_", text) if kind == "column" else text) for kind, text in parts] + [
        ("column", "A")
    ]
    escaped = [text.replace("{", "{{").replace("}", "}}") if kind == "text" else f"{{{text}}}" for kind, text in parts]
    (template,) = load_text(small(FIELDS + f", phone: {{template: {json.dumps(''.join(escaped))}}}"), "x").events
    read = template.fields["phone"].template or ()
    assert "".join(text for _, text in read) == "".join(text for _, text in parts)
    assert template.fields["phone"].names == tuple(text for kind, text in parts if kind == "column")
