"""Fields: what each kind lets through, and the laws that hold for all of them."""

from collections import Counter
from itertools import compress
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backfill.event import Code
from backfill.fields import EVENT_NAMES, FIELDS, READINGS, Kind, Locale, Parsed, parse
from backfill.fields.arrow import Texts, texts_of
from backfill.fields.mend import (
    CUT_PHONES,
    ENTITIES,
    FLOAT_PHONES,
    GUARDED,
    HIDDEN,
    NOTHING,
    OBJECTS,
    QUOTES,
    trim,
    ungrouped,
    unguarded,
)

READING = Locale(1_767_225_600, ZoneInfo("UTC"))
COMMA = Locale(1_767_225_600, ZoneInfo("Europe/Berlin"), "dmy", decimal=",")


def column(*texts: str) -> Texts:
    return texts_of(texts)


def test_the_fields_are_those_of_the_api() -> None:
    assert len(FIELDS) == 26 + 30 + 2
    kinds = Counter(kind for name, kind in FIELDS.items() if name.startswith("profile_field_"))
    assert kinds == {Kind.PROFILE_TEXT: 15, Kind.NUMBER: 10, Kind.DATE: 5}
    assert [FIELDS[f"profile_field_{number}"] for number in (15, 16, 25, 26)] == [
        Kind.PROFILE_TEXT,
        Kind.NUMBER,
        Kind.NUMBER,
        Kind.DATE,
    ]
    assert len(EVENT_NAMES) == 14 + 50


def cells(*lines: str) -> list[str]:
    return [text for line in lines for text in line.split(" | ")]


GOOD = {
    "email": cells(
        "a@b.co | Jane.Doe+tag@Mail.Example.COM | o'neil@x-y.example | !#$%&'*+/=?^_`{|}~-@a.b | 1@2.3",
        "x@a--b.example",
        f"{'a' * 64}@{'b' * 63}.example",
        f"a@{'b.' * 125}co",  # 254 characters
    ),
    "event_name": cells("purchase | lead_generated | custom_event_1 | custom_event_50"),
    "order_id": cells(
        "1001 | #1001 | 0042 | 1E5-A | 12E4567 | 4086918E-0001 | 5E12 | E+1 | #R1001 | gid://shopify/Order/1001",
        "17850.0",
        "5.40 | 1.2.3 | A.1E+5 | пять | #1 | Err | 1,2 | a b | +491234 | 5e-7a | 3E-45",
    ),
    "url": cells(
        "https://example.com | http://example.com/ | HTTPS://Example.com:8443/a?b=c#d | https://user:pw@example.com/x",
        r"http://127.0.0.1/x | http://[::1]:80/x | https://exämple.example/ü | https://example.com?x=1 | https://a/b\c",
    ),
    "ip": cells("1.2.3.4 | 255.255.255.255 | 0.0.0.0 | ::1 | 2001:db8::8a2e:370:7334 | ::ffff:1.2.3.4 | FE80::1"),
    "phone": cells("'+39333 | 0042 | 12E4567 | #N/A | \x07"),
    "profile_field_1": cells("x | 💶", "ß" * 10_240),
}
BAD = {
    "email": cells(
        "a | @b.co | a@ | a@b | a@b. | a@.b | a@b..c | a..b@c.de | .a@b.co | a.@b.co | a b@c.de | a@b c.de | a@b@c.de",
        "a@b.co, c@d.ef | ü@b.co | a@ü.co | a@-b.co | a@b-.co | a@b_c.de | <a@b.co> | mailto:a@b.co | a@[1.2.3.4]",
        'ａ@b.co | "a b"@c.de | a@b.co\x00 | a@b.co\n | a@b.co\nx@y.zz@b.co',
        f"{'a' * 65}@b.co",
        f"a@{'b' * 64}.co",
        f"aa@{'b.' * 125}co",
    ),
    "event_name": cells(
        "Purchase | PURCHASE | purchase x | custom_event_0 | custom_event_51 | custom_event_01 | purchase\n | x"
    ),
    "order_id": cells(
        "5.40E+12 | 4,086918E+02 | 4,086918E+00 | 5E+12 | 5.4e+12 | 1e+16 | 5.4E12 | -5.40E+12 | 5.E+12 | 540.0E-03",
        "540E+10 | #N/A | #n/a | #REF! | #VALUE! | #NAME? | #DIV/0! | #NULL! | #NUM! | #SPILL! | #NV | #WERT!",
        "######## | NULL | null | nan | NaN | None | undefined | N/A | 0000-00-00 | -",
        "#BEZUG! | #VALEUR! | #Н/Д | #ЗНАЧ! | #YOK | \u200b",
        '=T("0123") | =A1 | =SUM(A1:A3) | =HYPERLINK("https://e.com","0123") | ="01"&"23"',
        '{"$oid":"507f1f77"} | {} | ["1001"] | [1001,1002] | []',
        "Err:502 | 10\x0001 | 10\n01 | 10\t01 | 1\n | 1\x7f | 1\x85x",
    ),
    "url": cells(
        "example.com | /products/x | //example.com | ftp://example.com | https:// | https:///x | https://?x",
        "http://:80",
        "https://exa mple.com | https://e.com/a b | https://e.com/\x00 | https://e.com/\nx | https://e.com\n",
        "https//x",
        r"javascript:alert(1) | https://a:b/ | https://[zz]/ | https://a@ | https://a\b | (not set)",
        "httpſ://e.com | https://e.com:８０/",
    ),
    "ip": cells(
        "1.2.3 | 1.2.3.4.5 | 256.1.1.1 | 01.2.3.4 | 1.2.3.4:80 | 1.2.3.4, 5.6.7.8 | fe80::1%eth0 | 1.2.3.4/24",
        "١.2.3.4",
        "localhost | ::g | 1 | 1.2.3.4\n",
    ),
    "profile_field_15": ["x" * 10_241],
}
CODES = {
    "email": Code.INVALID_EMAIL,
    "event_name": Code.INVALID_EVENT_NAME,
    "order_id": Code.INVALID_ORDER_ID,
    "url": Code.INVALID_URL,
    "ip": Code.INVALID_IP,
    "profile_field_15": Code.TOO_LONG,
}


def cases(table: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(field, text) for field, texts in table.items() for text in texts]


@pytest.mark.parametrize(("field", "text"), cases(GOOD))
def test_what_is_good_is_sent_as_it_is_written(field: str, text: str) -> None:
    parsed = parse(field, column("", text), READING)
    assert parsed.values.to_pylist() == [None, text]
    assert not parsed.problems and not parsed.needs


@pytest.mark.parametrize(("field", "text"), cases(BAD))
def test_what_is_bad_is_refused_by_its_own_code(field: str, text: str) -> None:
    parsed = parse(field, column("", text, ""), READING)
    assert parsed.values.to_pylist() == [None, None, None]
    assert {at: (problem.code, problem.field) for at, problem in parsed.problems.items()} == {1: (CODES[field], field)}


def test_a_url_may_have_2048_characters() -> None:
    address = "https://e.com/" + "a" * (2048 - 14)
    assert parse("url", column(address, address + "a"), READING).values.to_pylist() == [address, None]


MENDED = [
    ("phone", "4.47900E+11", None, CUT_PHONES),
    ("phone", "4,93E+10", None, CUT_PHONES),
    ("phone", "4479E8", None, CUT_PHONES),
    ("phone", "+4479e08", None, CUT_PHONES),
    ("phone", "15551230003.0", "15551230003", FLOAT_PHONES),
    ("phone", "+15551230003.00", "+15551230003", FLOAT_PHONES),
    ("phone", "4479000000,0", "4479000000", FLOAT_PHONES),
    ("phone", "+49\u202d151\u202c23456", "+4915123456", HIDDEN),
    ("full_name", "Liam O&#039;Brien", "Liam O'Brien", ENTITIES),
    ("full_name", "Smith &amp; Sons", "Smith & Sons", ENTITIES),
    ("last_name", "Andr&eacute;", "André", ENTITIES),
    ("first_name", "&quot;Liz&quot;", '"Liz"', ENTITIES),
    ("full_name", "Bob &amp;amp; Al", "Bob & Al", ENTITIES),
    ("full_name", "Ann&nbsp;", "Ann", ENTITIES),
    ("full_name", "Ann undefined", "Ann", NOTHING),
    ("full_name", "null Lee", "Lee", NOTHING),
    ("last_name", "#PUUTTUU!", None, NOTHING),
    ("first_name", "#ÜBERTRAGEN!", None, NOTHING),
    ("email", "ann\u200b@example.com", "ann@example.com", HIDDEN),
    ("email", "o&#039;neil@example.com", "o'neil@example.com", ENTITIES),
    ("email", "'ann@example.com", "ann@example.com", GUARDED),
    ("email", "'ann@example.com'", "ann@example.com", GUARDED),
    ("full_name", "nan nan", None, NOTHING),
    ("full_name", "#REF! Lee", "Lee", NOTHING),
    ("full_name", "Ann #BEZUG!", "Ann", NOTHING),
    ("full_name", "N/A N/A", None, NOTHING),
    ("full_name", "Ann N/A", "Ann", NOTHING),
    ("full_name", "- -", None, NOTHING),
    ("full_name", '{"first":"Ann"}', None, OBJECTS),
    ("first_name", '["Ann"]', None, OBJECTS),
    ("last_name", "{}", None, OBJECTS),
    ("phone", '["+1","+2"]', None, OBJECTS),
    ("phone", '"+1555"', "+1555", QUOTES),
    ("phone", '"" +1555"', "+1555", QUOTES),
    ("phone", '["1555"]', None, OBJECTS),
    ("full_name", "None None", None, NOTHING),
    ("order_id", "10\u200b01", "1001", HIDDEN),
    ("order_id", "10\ufe0f01", "1001", HIDDEN),
    ("order_id", "1001\u00ad-2", "1001-2", HIDDEN),
]


@pytest.mark.parametrize(("field", "text", "meant", "finding"), MENDED)
def test_what_was_meant_is_taken_and_noted(field: str, text: str, meant: str | None, finding: str) -> None:
    parsed = parse(field, column("", text, ""), READING)
    assert parsed.values.to_pylist() == [None, meant, None]
    assert (parsed.mended, parsed.problems) == ({finding: [1]}, {})


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("full_name", "AT&T"),
        ("full_name", "Fish & Chips; Co"),
        ("full_name", "&nosuch; Ann"),
        ("full_name", "Christopher Null"),
        ("first_name", "Nan"),
        ("full_name", "Nullify Undefinedson"),
        ("full_name", "می\u200cخواهم"),  # its joiner is part of how it is written
        ("phone", "1.0"),
        ("phone", "+49 151 ext. 5"),
        ("comet_token", "a&amp;b"),
    ],
)
def test_what_only_looks_alike_is_left_alone(field: str, text: str) -> None:
    parsed = parse(field, column(text), READING)
    assert (parsed.values.to_pylist(), parsed.mended) == ([text], {})


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ('="0123"', "0123"),
        ('="+15551230001"', "+15551230001"),
        ('="say ""hi"""', 'say "hi"'),
        ('=""', ""),
        ("=0123", "0123"),
        ("'0123", "0123"),
        ("'+49 151", "+49 151"),
        ("'=1+1", "=1+1"),
        ('\'="0123"', "0123"),
        ("'@ann", "@ann"),
        ('="01"&"23"', '="01"&"23"'),
        ("'t Hart", "'t Hart"),
        ("=A1", "=A1"),
        ("=SUM(A1)", "=SUM(A1)"),
        ("O'Neil", "O'Neil"),
        ("'", "'"),
        ("0123", "0123"),
    ],
)
def test_a_spreadsheets_guard_is_taken_off(text: str, bare: str) -> None:
    assert unguarded(text) == bare


@pytest.mark.parametrize(
    ("text", "bare"),
    [
        ("1,234,567", "1234567"),
        ("12,34,567", "1234567"),
        ("1'234'567", "1234567"),
        ("1.234.567", "1234567"),
        ("1\u202f234", "1234"),
        ("1.234", "1.234"),
        ("12,34", "12,34"),
        ("1,234.567", "1,234.567"),
        ("0,123", "0,123"),
    ],
)
def test_an_ids_thousands_commas_are_taken_off(text: str, bare: str) -> None:
    assert ungrouped(text) == bare


@pytest.mark.parametrize("hidden", ["\u034f", "\u115f", "\u3164", "\ufe0f", "\uffa0", "\U000e0041", "\ufff9"])
def test_characters_without_a_shape_are_trimmed(hidden: str) -> None:
    assert trim(f"{hidden}1001 {hidden}") == "1001"


@given(st.text(st.characters(categories=["Zs", "Zl", "Zp", "Cf"], max_codepoint=0xFEFF)), st.text("0a", min_size=1))
def test_invisible_characters_are_trimmed(around: str, text: str) -> None:
    around = "".join(one for one in around if not "\u0600" <= one <= "\u08ff" or one == "\u061c")  # they are visible
    assert trim(around + text + around[::-1]) == text


@pytest.mark.parametrize("field", ["is_upsell", "do_not_capi"])
def test_booleans_are_read_in_any_case(field: str) -> None:
    words = column("true", "FALSE", "Yes", "no", "y", "N", "t", "f", "1", "0", "On", "off", "", "2", "wahr", "1.0")
    parsed = parse(field, words, READING)
    assert parsed.values.to_pylist() == [True, False] * 6 + [None] * 4
    assert {at: problem.code for at, problem in parsed.problems.items()} == dict.fromkeys(
        (13, 14, 15), Code.INVALID_BOOLEAN
    )


NAUGHTY = [
    *cells("\x00 | \u200b | \u202e | \ufeff | 💶 | ﷺ | İ | ß | # | =1+1 | ' | %s | {} | \\ | \n | NULL"),
    *("9" * 5000, "1" + " " * 5000 + "x", "1," * 3000, "(" * 5000, "$" * 5000, "1.5E" + "9" * 5000, "#" * 5000),
    *("a" * 5000 + "@", "a." * 3000 + "@b", "a@" + "b-" * 3000, "a@" + "b." * 3000, "https://" + "a" * 9000),
    *("2024-01-15" + " " * 5000 + "x", "2024-01-15 10:30" + " " * 5000 + "x", "5" + " " * 5000 + "January", ":" * 5000),
]
ONE_OF_EACH = {kind: field for field, kind in FIELDS.items()}


@pytest.mark.parametrize("field", ONE_OF_EACH.values(), ids=ONE_OF_EACH.keys())
@pytest.mark.parametrize("text", ["Xyzzy 77", "#Xyzzy77!", "77,5 Xyzzy", "Xyzzy 5, 2077"])
def test_a_reason_never_holds_the_text(field: str, text: str) -> None:
    assert not any("yzzy" in problem.reason for problem in parse(field, column(text), READING).problems.values())


@pytest.mark.parametrize("field", ONE_OF_EACH.values(), ids=ONE_OF_EACH.keys())
def test_naughty_text_is_a_value_or_a_problem_in_no_time(field: str) -> None:
    check(field, NAUGHTY)


@given(st.sampled_from(sorted(FIELDS)), st.lists(st.text(max_size=40), max_size=4))
def test_any_text_is_a_value_or_a_problem(field: str, texts: list[str]) -> None:
    check(field, [text.strip() for text in texts])


LIKELY = [
    *(text for texts in (*GOOD.values(), *BAD.values()) for text in texts if len(text) < 300),
    *cells("5 | 1,234.50 | $1,234.50 | € 1 234,50 | 0,125.00 | 1'000.5 | n/a | -3.20 | (4) | 12.345 | 1e3 | kr 55"),
    *cells("05/31/2024 10:22 | 5.1.24 1:02 PM UTC | 31-12-2023 24:00 | 1/5/2024 12:02:03 am +0130 | 31/05/2024"),
    *cells("2024-05-01 10:00:00 +0200 | 2024-05-01T10:00:00Z | 05/01/2024 | May 1, 2024 | 1714557600 | yes | FALSE"),
    "",
]


@given(st.sampled_from(sorted(ONE_OF_EACH.values())), st.lists(st.sampled_from(LIKELY), min_size=2, max_size=9))
def test_a_column_reads_as_each_of_its_cells_alone(field: str, texts: list[str]) -> None:
    whole = parse(field, column(*texts), READING)
    for at, text in enumerate(texts):
        alone = parse(field, column(text), READING)
        assert whole.values[at].as_py() == alone.values[0].as_py()
        assert whole.problems.get(at) == alone.problems.get(0)
        assert {what for what, places in whole.mended.items() if at in places} == set(alone.mended)


NEAR = st.text("0123456789-:+./TZ $€,'()@a&#;=\u200b\u00a0éeEnNuUlL", max_size=24)  # what the kernels look at


@given(st.sampled_from(sorted(Kind)), st.lists(st.one_of(st.sampled_from(LIKELY), NEAR), max_size=8), st.integers(0, 3))
def test_a_kernel_reads_less_and_never_differently(kind: Kind, texts: list[str], cut: int) -> None:
    texts = [trim(text) for text in texts]
    for locale in (READING, COMMA):
        proven = READINGS[kind].kernel(column(*texts)[cut:], locale).to_pylist()
        for text, value in zip(texts[cut:], proven, strict=True):
            assert value is None or (text and value == READINGS[kind].read(text, locale))
        if refusal := READINGS[kind].refusal:
            refused = refusal.proves(column(*texts)[cut:]).tolist()
            assert all(READINGS[kind].read(text, locale) == refusal.why for text in compress(texts[cut:], refused))


def test_an_address_that_may_be_mended_is_not_refused_with_its_column() -> None:
    refuse = READINGS[Kind.EMAIL].refusal.proves
    assert not refuse(
        column(*cells("'jane@example.com' | jane&#64;example.com | jane@exa\u200bmple.com | 'jane"))
    ).any()
    assert refuse(column(*cells("jane | j'ane(at)example.com | jane@@example.com | a@b | jane at example.com"))).all()


def check(field: str, texts: list[str]) -> None:
    """Every cell is empty, a value or one problem, and the column is left alone."""
    cells = column(*texts)
    parsed = parse(field, cells, READING)
    assert isinstance(parsed, Parsed) and len(parsed.values) == len(cells)
    assert cells.to_pylist() == texts
    for at, (text, value) in enumerate(zip(texts, parsed.values.to_pylist(), strict=True)):
        left_out = FIELDS[field] in (Kind.NAME, Kind.PHONE) and at in set().union(*parsed.mended.values())
        missing = not text or at in parsed.problems
        assert (value is None) is missing or left_out or not trim(text)
        assert value is None or isinstance(value, str | bool)
    assert set().union(*parsed.needs.values()) <= set(parsed.problems)
    assert not any(texts[at] == "" for at in parsed.problems)
