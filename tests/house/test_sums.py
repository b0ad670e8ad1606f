"""Sums of money: exact at any number of digits, in every thread and process that adds up."""

from collections.abc import Iterator
from decimal import Context, Decimal, Inexact, InvalidOperation, localcontext
from fractions import Fraction
from pathlib import Path

import pytest
from checking import Desk, mapping_of
from hypothesis import given
from hypothesis import strategies as st
from place import Place
from plans import run, write_plan

from backfill.api.readback import same_amount
from backfill.counts import minus, plus, to_cents, total
from backfill.sandbox import SandboxThread

LARGE = "12345678901234567890123456.5"  # nearly as many digits as an amount may have
SMALL = "1.25"
BOTH = "12345678901234567890123457.75"
ROW = "{},p@example.com,{},2024-05-0{}T10:00:00Z\n"

NUMBERS = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places, Context(prec=200)),
    st.integers(-(10**30), 10**30),
    st.integers(0, 50),
)


@pytest.fixture
def coarse() -> Iterator[None]:
    """A thread whose own context keeps four digits, and says so where it loses one."""
    with localcontext(Context(prec=4, traps=[Inexact, InvalidOperation])):
        yield


@given(st.lists(NUMBERS, max_size=8), NUMBERS, NUMBERS)
def test_sums_are_those_of_fractions(numbers: list[Decimal], one: Decimal, other: Decimal) -> None:
    with localcontext(Context(prec=4)):
        assert Fraction(total(numbers)) == sum(map(Fraction, numbers))
        assert Fraction(plus(one, other)) == Fraction(one) + Fraction(other)
        assert Fraction(minus(one, other)) == Fraction(one) - Fraction(other)
        assert abs(Fraction(to_cents(one)) - Fraction(one)) <= Fraction(1, 200)
        assert same_amount(one, other) == (abs(Fraction(one) - Fraction(other)) <= Fraction(1, 200))


@pytest.mark.usefixtures("coarse")
@pytest.mark.parametrize("source", [{}, {"group_by": "id", "sum": ["total"]}])
def test_a_check_adds_up_exactly(tmp_path: Path, capsys: pytest.CaptureFixture[str], source: dict[str, object]) -> None:
    desk = Desk(tmp_path, capsys)
    rows = [ROW.format(1, LARGE, 1), ROW.format("1" if source else "2", SMALL, 1), ROW.format(3, "0.002", 2)]
    found = desk.check("id,email,total,at\n" + "".join(rows), mapping_of(**source), report=desk.folder / "page.html")
    assert found["amount"] == {"ready": "12345678901234567890123457.752"}
    assert found["by_event"]["purchase"]["amount"] == found["amount"]["ready"]
    assert "12,345,678,901,234,567,890,123,457.752" in (desk.folder / "page.html").read_text()


@pytest.mark.usefixtures("coarse")
def test_what_was_sent_adds_up_exactly(place: Place) -> None:
    text = "Order,Email,Total,When\n" + ROW.format(1, LARGE, 1) + ROW.format(2, SMALL, 1)
    (place.folder / "large.csv").write_text(text)
    with SandboxThread() as sandbox:
        found = place.upload(sandbox.url, str(place.folder / "large.csv"))
        assert found["amount"]["accepted"] == found["by_event"]["purchase"]["amount"] == BOTH
        again = place.upload(sandbox.url, str(place.folder / "large.csv"))
        assert (again["amount"]["already"], again["changed"]) == (BOTH, 0)


def test_jobs_add_up_as_check_does(place: Place) -> None:
    for name, amount in (("a.csv", LARGE), ("b.csv", SMALL)):
        (place.folder / name).write_text("Order,Email,Total,When\n" + ROW.format(name, amount, 1))
    plan = write_plan(place, {"files": "a.csv", "space": "acme"}, {"files": "b.csv", "space": "bolt"})
    code, found, _ = run(place, plan, "--sandbox", NOTHING="")
    assert (code, found["totals"]["amount"]["accepted"]) == (0, BOTH)
    assert [one["amount"]["accepted"] for one in found["jobs"]] == [f"{LARGE}0", SMALL]
