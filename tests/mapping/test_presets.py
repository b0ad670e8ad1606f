"""Finding mappings: the shipped ones by name and by header, others by path."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backfill.errors import MappingError
from backfill.mapping import closeness, detect, load, preset_text, presets


def columns(line: str) -> list[str]:
    return line.split(",")


SHOPIFY = columns(
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,Subtotal,"
    "Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
    "Lineitem price,Lineitem compare at price,Lineitem sku,Lineitem requires shipping,Lineitem taxable,"
    "Lineitem fulfillment status,Billing Name,Billing Street,Billing Address1,Billing Address2,Billing Company,"
    "Billing City,Billing Zip,Billing Province,Billing Country,Billing Phone,Shipping Name,Shipping Street,"
    "Shipping Address1,Shipping Address2,Shipping Company,Shipping City,Shipping Zip,Shipping Province,"
    "Shipping Country,Shipping Phone,Notes,Note Attributes,Cancelled at,Payment Method,Payment Reference,"
    "Refunded Amount,Vendor,Outstanding Balance,Employee,Location,Device ID,Id,Tags,Risk Level,Source,"
    "Lineitem discount,Tax 1 Name,Tax 1 Value,Tax 2 Name,Tax 2 Value,Tax 3 Name,Tax 3 Value,Tax 4 Name,Tax 4 Value,"
    "Tax 5 Name,Tax 5 Value,Phone,Receipt Number,Duties,Billing Province Name,Shipping Province Name,Payment ID,"
    "Payment ConvertSettings Name,Next Payment Due At,Payment References"
)
SQUARESPACE = columns("Order ID,Email,Financial Status,Paid at,Total,Lineitem quantity,Lineitem name,Billing Name,Name")
CONTACTS = columns("Record ID,First Name,Last Name,Email,Phone Number,Lead Status,Create Date,Associated Company")
INTERNAL = columns("hs_object_id,firstname,lastname,email,phone,lifecyclestage,createdate")
DEALS = columns("Record ID,Deal Name,Amount,Deal Stage,Close Date,Deal Owner,Company Name,Pipeline,Create Date,Email")
ZOHO = columns("Record Id,Contact Owner.id,Contact Owner,First Name,Last Name,Email,Create Date")

ATTIO = columns("Record ID,Deal name,Deal stage,Deal owner,Deal value,Associated people,Associated company,Created at")
HEADERS = [
    (SHOPIFY, ["shopify_orders"]),
    (["\ufeff" + SHOPIFY[0], *SHOPIFY[1:]], ["shopify_orders"]),
    ([f" {name.upper()}" for name in SHOPIFY], ["shopify_orders"]),
    (SQUARESPACE, []),
    (CONTACTS, ["hubspot_contacts"]),
    (INTERNAL, ["hubspot_contacts"]),
    ([name for name in CONTACTS if name != "Create Date"], []),
    (DEALS, ["hubspot_deals"]),
    (ZOHO, []),
    (ATTIO, []),
    ([], []),
]


def problems(name: str) -> list[tuple[int, str]]:
    with pytest.raises(MappingError) as caught:
        load(name)
    return caught.value.problems


@pytest.mark.parametrize("name", presets())
def test_each_preset_keeps_the_house_rules(name: str) -> None:
    mapping = load(name)
    assert mapping.name == mapping.origin == name and mapping.description
    assert mapping.detect and detect(mapping.detect) == [mapping]
    for column in mapping.detect:  # which are read from the file's head alone
        for alias in mapping.source.aliases.get(column, ()):
            assert detect([other if other != column else alias for other in mapping.detect]) == [mapping]
    for column in mapping.detect_not:
        assert mapping not in detect([*mapping.detect, column])
    assert bool(mapping.events) != bool(mapping.refuse), "it makes events, or says why not"
    about = mapping.about
    assert about.group and about.export and (mapping.refuse or (about.clock and about.money)), "what a person must know"
    for template in mapping.events:
        assert not [field for field in template.fields if field.startswith(("comet_", "profile_field_"))]
        assert "do_not_capi" not in template.fields
        assert "order_id" in template.fields or template.key, "an export without an id says what its key is made of"
    assert preset_text(name).startswith("#"), "a preset says first what it is for"


def test_presets_are_sorted_files() -> None:
    assert list(presets()) == sorted(presets())
    assert {"shopify_orders", "hubspot_contacts"} <= presets().keys()
    assert all(path.is_file() for path in presets().values())


@pytest.mark.parametrize(("name", "header"), [("shopify_orders", SHOPIFY), ("hubspot_contacts", CONTACTS)])
def test_real_headers_have_every_column(name: str, header: list[str]) -> None:
    mapping = load(name)
    lacking = set(mapping.columns) - set(header)
    assert lacking <= set(mapping.source.optional)
    assert all(set(group) & set(header) for group in mapping.required)


@pytest.mark.parametrize(("header", "names"), HEADERS)
def test_detect(header: list[str], names: list[str]) -> None:
    assert [mapping.name for mapping in detect(header)] == names


CLOSE = [
    (["Name", "Financial Status", "Total"], [("shopify_orders", ["Lineitem name"])]),
    (["email", "createdate"], [("hubspot_contacts", ["Record ID"])]),
    (
        ["Name", "Financial Status", "Email", "Record ID", "Create Date"],
        [("hubspot_contacts", []), ("shopify_orders", ["Lineitem name"])],
    ),
    (DEALS, [("hubspot_contacts", [])]),  # nothing missing, and still not detected: its `detect_not`
    (["Name"], []),
]


@pytest.mark.parametrize(("header", "expected"), CLOSE)
def test_closeness(header: list[str], expected: list[tuple[str, list[str]]]) -> None:
    assert [pair for pair in closeness(header) if pair[0] in ("shopify_orders", "hubspot_contacts")] == expected


@given(st.permutations(SHOPIFY), st.lists(st.text()))
def test_order_and_further_columns_make_no_difference(header: list[str], more: list[str]) -> None:
    more = [name for name in more if name.strip().casefold() != "order id"]
    assert "shopify_orders" in [mapping.name for mapping in detect(header + more)]


@given(st.lists(st.text() | st.sampled_from(SHOPIFY + CONTACTS)))
def test_any_header_is_judged(header: list[str]) -> None:
    fit = {mapping.name for mapping in detect(header)}
    assert fit <= {name for name, missing in closeness(header) if not missing}


def test_load_by_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "shopify_orders"
    path.write_bytes(b"\xef\xbb\xbf" + preset_text("hubspot_contacts").encode())
    monkeypatch.chdir(tmp_path)
    assert load("shopify_orders").name == "shopify_orders", "a preset goes before a file"
    mapping = load("./shopify_orders")
    assert (mapping.name, mapping.origin) == ("hubspot_contacts", str(path))
    path.write_text(preset_text("hubspot_contacts"), encoding="utf-16")
    assert load(str(path)) == mapping


def test_a_file_errors_with_its_path(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text("mapping: 1\nname: x\nevents: []\n")
    with pytest.raises(MappingError, match=f"^{re.escape(str(path))}:3: events is an empty list"):
        load(str(path))


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("shopify_order", "is no preset and no file; nearest: shopify_orders"),
        ("my/own.yaml", "is no preset and no file: there is no folder my"),
        (str(Path(__file__).with_name("test_preset.py")), f"is no preset and no file; is it {__file__}?"),
        ("shopify_orders/", "is no preset and no file"),
        ("", "is a folder"),
        ("/", "is a folder"),
        ("/dev/zero", "is a device or a pipe"),
        ("x" * 5000, "can't be read"),
        ("a\0b", "can't be read"),
    ],
)
def test_what_is_no_mapping(name: str, part: str) -> None:
    ((_, sentence),) = problems(name)
    assert part in sentence and "\n" not in sentence


def test_odd_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "latin").write_bytes("name: a\nx: Größe\n".encode("latin-1"))
    (tmp_path / "big").write_bytes(b"a" * 2_000_000)
    for name, line, part in [("pipe", 0, "a pipe"), ("latin", 2, "save it as UTF-8"), ("big", 0, "no mapping needs")]:
        ((at, sentence),) = problems(str(tmp_path / name))
        assert at == line and part in sentence


def test_preset_text_of_a_wrong_name() -> None:
    with pytest.raises(MappingError, match="no preset of this name; nearest: hubspot_contacts"):
        preset_text("hubspot_contact")
