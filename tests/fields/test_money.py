"""Amounts and numbers: the grammar as a table, and laws of exactness."""

import re
import sys
import unicodedata
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backfill.counts import plus, total
from backfill.event import Code
from backfill.fields import Locale, Parsed, decimal_evidence, parse, parse_number
from backfill.fields.arrow import Texts, texts_of
from backfill.fields.money import SIGNS, total_of, totals_by

POINT = Locale(0)
COMMA = Locale(0, decimal=",")


def column(*texts: str) -> Texts:
    return texts_of(texts)


def cells(*lines: str) -> list[str]:
    return [text for line in lines for text in line.split(" | ")]


def amounts(reading: Locale, *texts: str) -> Parsed:
    return parse("amount", column(*texts), reading)


READ = [  # text, with a decimal point, with a decimal comma
    ("99.90", "99.9", None),
    ("100", "100", "100"),
    ("100.00", "100", None),
    ("100.", "100", None),
    ("0", "0", "0"),
    ("-0.00", "0", None),
    ("007.50", "7.5", None),
    (".50", "0.5", None),
    (",50", None, "0.5"),
    ("1,23", None, "1.23"),
    ("1,2345", None, "1.2345"),
    ("1,234", "1234", "1.234"),
    ("1.234", "1.234", "1234"),
    ("1.234.567", None, "1234567"),
    ("1,234,567", "1234567", None),
    ("0,125", None, "0.125"),  # an eighth: no grouping begins with 0
    ("1,234.00", "1234", None),
    ("4.626,81", None, "4626.81"),
    ("1,23,456.78", "123456.78", None),
    ("12,34,56,789", "123456789", None),
    ("1'234.50", "1234.5", None),
    ("1’234,50", None, "1234.5"),
    ("1 234,50", None, "1234.5"),
    ("1\u202f234\u202f567.5", "1234567.5", None),
    ("1\u00a0234", "1234", "1234"),
    ("$1,149.00", "1149", None),
    ("$ 1,149.00\u00a0", "1149", None),
    ("116,99 €", None, "116.99"),
    ("€116.99", "116.99", None),
    ("US$ 5.25", "5.25", None),
    ("C$5.25", "5.25", None),
    ("R$ 5,25", None, "5.25"),
    ("&pound;41.50", "41.5", None),
    ("&#8364;41.50", "41.5", None),
    ("1.241,50&nbsp;&euro;", None, "1241.5"),
    ("149 kr", "149", "149"),
    ("149,50 kr.", None, "149.5"),
    ("149,50 zł", None, "149.5"),
    ("Rs. 500", "500", "500"),
    ("Rs.500", "500", "500"),
    ("₹1,23,456.78", "123456.78", None),
    ("CHF 1'234.50", "1234.5", None),
    ("USD5.25", "5.25", None),
    ("5.25 usd", "5.25", None),
    ("US $5.25", "5.25", None),
    ("5,25 $ CAD", None, "5.25"),
    ("U$S 1.500", "1.5", "1500"),
    ("1 234,50 Kc", None, "1234.5"),
    ("1.234,50 KM", None, "1234.5"),
    ("KSh 1,200", "1200", "1.2"),
    ("Q12.50", "12.5", None),
    ("Rs.1,234/-", "1234", "1.234"),
    ("1 234:-", "1234", "1234"),
    ("5.25 USD", "5.25", None),
    ("$5.25 USD", "5.25", None),
    ("USD $5.25", "5.25", None),
    ("+5.25", "5.25", None),
    ("9225.225", "9225.225", None),
    ("123456789012345678901234567.890", "123456789012345678901234567.89", None),
    ("999999999999999999999999999999", "9" * 30, "9" * 30),
    ("0.0000001", "0.0000001", None),
    ("5.-", "5", None),
    ("149,-", None, "149"),
    ("1.149,– €", None, "1149"),
    ("CHF 1'149.--", "1149", None),
    ("1 234,50 Kč", None, "1234.5"),
    ("1 234,50 Kc\u030c", None, "1234.5"),
    ("1\u202f234,56\u00a0€", None, "1234.56"),
    ("12 500 Ft", "12500", "12500"),
    ("S/ 1,234.50", "1234.5", None),
    ("S/.1,234.50", "1234.5", None),
    ("AED 1,234.50", "1234.5", None),
    ("د.إ.\u200f 1,234.50", "1234.5", None),
    ("A$5.25", "5.25", None),
    ("1.234,50 TL", None, "1234.5"),
    ("₺1.234,50", None, "1234.5"),
    ("1.234,50 lei", None, "1234.5"),
    ("1 234,50 лв.", None, "1234.5"),
    ("1 234,50 руб.", None, "1234.5"),
    ("1,980円", "1980", "1.98"),
    ("¥1,980", "1980", "1.98"),
    ("Rs 1,23,456.50", "123456.5", None),
    ("R 1 234,50", None, "1234.5"),
    ("RM12.50", "12.5", None),
    ("Fr. 12.50", "12.5", None),
    ("12,50 Euro", None, "12.5"),
    ("\u200e12.50\u200e USD", "12.5", None),
]


@pytest.mark.parametrize(("text", "point", "comma"), READ)
def test_an_amount_is_read_with_the_stated_mark(text: str, point: str | None, comma: str | None) -> None:
    for reading, expected, other in ((POINT, point, comma), (COMMA, comma, point)):
        parsed = amounts(reading, text)
        value = parsed.values[0].as_py()
        assert value == expected
        assert parsed.needs == ({"decimal": [0]} if expected is None and other is not None else {})
        assert [problem.code for problem in parsed.problems.values()] == [Code.INVALID_AMOUNT] * (expected is None)


NEGATIVE = [
    ("-0.95", "-0.95"),
    ("−0.95", "-0.95"),
    ("-$0.95", "-0.95"),
    ("$-0.95", "-0.95"),
    ("- $ 0.95", "-0.95"),
    ("0.95-", "-0.95"),
    ("0.95 USD-", "-0.95"),
    ("($33.62)", "-33.62"),
    ("$(33.62)", "-33.62"),
    ("( 1,033.60 )", "-1033.6"),
    ("(33.62) USD", "-33.62"),
    ("(33.62 €)", "-33.62"),
    ("−5", "-5"),
    ("1,234.56-", "-1234.56"),
]


@pytest.mark.parametrize(("text", "expected"), NEGATIVE)
def test_below_zero_is_a_number_and_no_amount(text: str, expected: str) -> None:
    assert parse_number(text, POINT) == Decimal(expected)
    assert parse("profile_field_16", column(text), POINT).values.to_pylist() == [expected]
    parsed = amounts(POINT, text)
    assert parsed.values.to_pylist() == [None]
    assert parsed.problems[0].code is Code.INVALID_AMOUNT and "below zero" in parsed.problems[0].reason
    assert not parsed.needs


@pytest.mark.parametrize("text", ["0.00", "-0", "(0.00)", "−0,00", "0"])
def test_zero_is_an_amount_without_a_sign(text: str) -> None:
    parsed = amounts(COMMA if "," in text else POINT, text)
    assert str(parsed.values[0].as_py()) == "0"


REFUSED = cells(
    "1e3 | 1E3 | 5.4E+12 | inf | Infinity | nan | NaN | sNaN | 0x10 | 5% | 5 ‰ | --5 | +-5 | -5- | -(5)",
    "(-5) | (5 | 5) | ((5)) | 1_000 | ١٢٣ | １２ | ² | ½ | five | 5 pieces | free",
    "$ | USD | . | , | - | () | 12,34,5 | 1,234 567 | 1,234'567.00 | 1 2 | 1,,234 | 1.2.3 | 1,234,56.7 | 1.2,3.4",
    "2024-01-15 | 10:30 | 50¢ | 5 mil | 5 MIO | 5 pcs | 5K | abc5 | 5 USD EUR | 1234567890123456789012345678901",
    "0000000000000000000000000000001 | True | None | #N/A | 5\n6 | \x00 | 1 234 5",
)


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_number_is_refused(text: str) -> None:
    for reading in (POINT, COMMA):
        assert parse_number(text, reading) is None
        parsed = parse("profile_field_25", column(text), reading)
        assert parsed.values.to_pylist() == [None]
        assert parsed.problems[0].code is Code.INVALID_NUMBER
        assert not parsed.needs


def test_every_cell_keeps_its_place() -> None:
    parsed = amounts(POINT, "", "5.50", "x", "$5.50", "x", "1,5", "-1")
    assert parsed.values.to_pylist() == [None, "5.5", None, "5.5", None, None, None]
    assert sorted(parsed.problems) == [2, 4, 5, 6]
    assert parsed.needs == {"decimal": [5]}
    assert amounts(POINT).values.to_pylist() == []


def test_evidence_of_the_decimal_mark_is_a_value_that_only_one_mark_can_read() -> None:
    assert decimal_evidence(column("", "x", "100", "1 234", "٣")) == {}
    assert decimal_evidence(column("1,234", "1,23", "0,5", "5.00", "4.50")) == {"?,": 0, ",": 1, ".": 3}
    assert decimal_evidence(column("5&nbsp;&euro;", "12,50&nbsp;&euro;")) == {",": 1}
    assert decimal_evidence(column("5.00", "1.234.567")) == {",": 1, ".": 0}
    assert decimal_evidence(column("5.00", "7.25", "$1,149.00", "116,99 €")) == {",": 3, ".": 0}
    assert decimal_evidence(column("950", "12.500 €", "0.500")) == {"?.": 1, ".": 2}
    assert decimal_evidence(column("(12.500)", "1,200-")) == {"?,": 1, "?.": 0}


def test_the_currency_signs_are_those_of_unicode() -> None:
    known = re.compile(f"[{SIGNS}]").fullmatch
    signs = [chr(code) for code in range(sys.maxunicode + 1) if unicodedata.category(chr(code)) == "Sc"]
    assert [sign for sign in signs if not known(sign)] == ["¢", "￠"]


decimals = st.decimals(0, Decimal(10) ** 18, allow_nan=False, allow_infinity=False, places=None).map(
    lambda number: round(number, 6)
)


@given(decimals, st.sampled_from("., '"), st.sampled_from(["", "$", "€ ", "USD "]))
def test_a_decimal_is_read_exactly(number: Decimal, group: str, currency: str) -> None:
    plain = format(number, "f")
    reading = COMMA if group == "." else POINT
    grouped = format(number, ",f").replace(".", "|").replace(",", group).replace("|", "," if group == "." else ".")
    for text in (plain if reading is POINT else plain.replace(".", ","), grouped, currency + grouped):
        value = amounts(reading, text).values[0].as_py()
        assert Decimal(value) == number == parse_number(text, reading)
        assert not re.search(r"\.\d*0$|E|^-0$", value)


@given(st.one_of(st.text("0123456789.,'-() $", max_size=12), st.text(max_size=12)), st.sampled_from([POINT, COMMA]))
def test_the_quick_way_and_the_slow_way_agree(text: str, reading: Locale) -> None:
    text = text.strip()
    number = parse_number(text, reading)
    assert parse("profile_field_16", column(text), reading).values[0].as_py() == (
        None if number is None else format(number, "f")
    )
    assert amounts(reading, text).values[0].as_py() == (
        format(number, "f") if number is not None and number >= 0 else None
    )
    assert bool(amounts(reading, text).problems) is (bool(text) and (number is None or number < 0))


def test_a_long_cell_is_refused_in_no_time() -> None:
    assert parse_number("1" + " " * 100_000 + "x", POINT) is None
    assert parse_number("$" * 100_000, POINT) is None


SUMMED = st.decimals(-(10**30), 10**30, places=2) | st.decimals(-1000, 1000, places=0) | st.decimals(-9, 9, places=29)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([1, 2]), st.none() | SUMMED)))
def test_sums_by_groups_are_exact_at_any_length(rows: list[tuple[str, int, Decimal | None]]) -> None:
    expected: dict[tuple[str, int], tuple[int, Decimal]] = {}
    for name, month, amount in rows:
        count, so_far = expected.get((name, month), (0, Decimal()))
        expected[name, month] = count + 1, so_far if amount is None else plus(so_far, amount)
    names, months = column(*(name for name, _, _ in rows)), pa.array([month for _, month, _ in rows], pa.int64())
    sent = pa.array([None if amount is None else format(amount, "f") for *_, amount in rows], pa.string())
    found: dict[tuple[str, int], tuple[int, Decimal]] = {}
    for key, events, amount in totals_by({"name": names, "month": months}, sent):
        count, so_far = found.get(key, (0, Decimal()))
        found[key] = count + events, plus(so_far, amount)
    assert found == expected
    assert {key: one.as_tuple() for key, (_, one) in found.items()} == {
        key: one.as_tuple() for key, (_, one) in expected.items()
    }, "no sum has more decimals than its amounts"
    assert total_of(sent) == total(one for _, one in expected.values())
