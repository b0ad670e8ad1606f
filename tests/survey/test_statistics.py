"""Figures: the sums of ready events, compared with an independent reading; months and hours in the source's zone."""

import csv
import json
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from checking import Desk, mapping_of, orders, surveyed, write

from backfill.mapping import load, load_text
from backfill.survey.currencies import currency_column
from backfill.survey.statistics import FEW, Statistics, Sum, total_text, without_gaps

ROOT = Path(__file__).parents[2]
HEADER = "id,email,total,at\n"


def figures_of(folder: Path, text: str, zone: str | None = None, **options: int) -> Statistics:
    mapping = mapping_of(timezone=zone) if zone else mapping_of()
    with surveyed(write(folder, {"orders.csv": text}), mapping, **options) as survey:
        return survey.account.statistics


@pytest.mark.parametrize("frame", [9, 20_000])
def test_the_samples_months_are_those_of_the_golden_events(tmp_path: Path, frame: int) -> None:
    expected: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for line in (ROOT / "sample_data" / "golden" / "shopify_orders.events.jsonl").read_text().splitlines():
        event = json.loads(line, parse_float=Decimal)
        expected[event["event_name"], event["event_time"][:7]].append(Decimal(event["amount"]))
    name = str(ROOT / "sample_data" / "shopify_orders.csv")
    with surveyed([name], (ROOT / "mappings" / "shopify_orders.yaml").read_text(), frame=frame) as survey:
        found = survey.account.statistics.by(0, 2)
        assert {key: (one.events, one.amount) for key, one in found.items()} == {
            key: (len(amounts), sum(amounts)) for key, amounts in expected.items()
        }
        assert (
            sum(survey.account.statistics.hours)
            == survey.account.statistics.events
            == survey.account.counts.verdicts["ready"]
        )


def test_months_and_currencies_against_the_file_itself(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Add up the paid rows of an export by hand. Currency is no field of the API, and the mapping does not name it."""
    lines = ["Order,Email,Total,When,Currency"]
    for n in range(400):
        day = f"{2023 + n // 200}-{n % 12 + 1:02d}-{n % 28 + 1:02d}T{n % 24:02d}:59:59Z"
        lines.append(f"A{n},p{n}@example.com,{n}.{n % 100:02d},{day},{['usd', 'EUR', ''][n % 3]}")
    (tmp_path / "orders.csv").write_text("\n".join([*lines, ""]))
    by_hand: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for row in csv.DictReader((tmp_path / "orders.csv").read_text().splitlines()):
        by_hand[row["Currency"].upper(), row["When"][:7]].append(Decimal(row["Total"]))
    mapping = mapping_of().replace("id,", "Order,").replace("order_id: id", "order_id: Order")
    mapping = mapping.replace("email: email", "email: Email").replace("total", "Total").replace("at}", "When}")
    page = tmp_path / "page.html"
    Desk(tmp_path, capsys).run("check", str(tmp_path / "orders.csv"), mapping=mapping, report=page)
    text = page.read_text()
    for (sign, month), amounts in by_hand.items():
        section = text.split(f'purchase <span class="tag">{sign}</span>' if sign else "<h3>purchase</h3>")[1]
        row = section.split(f'<th scope="row">{month}</th>')[1].split("</tr>")[0]
        assert row == f"<td>{len(amounts)}</td><td>{sum(amounts):,.2f}</td>"
    assert "Several currencies" in text


def test_the_currency_decides_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rows of one record that disagree in a column which only the page reads are one record all the same."""
    text = "id,email,total,at,Currency\n1,a@example.com,5,2024-05-01T10:00:00Z,USD\n1,,,,EUR\n"
    found = Desk(tmp_path, capsys).check(text, mapping_of(group_by="id"))
    assert (found["ready"], found["codes"]) == (1, {})
    assert Desk(tmp_path, capsys).check("Currency," + "Currency," + orders(1).replace("\n1,", "\nX,Y,1,"))["ready"] == 1


@pytest.mark.parametrize(
    ("zone", "month", "hour"),
    [("UTC", "2024-06", 2), ("America/New_York", "2024-05", 22), ("Asia/Kolkata", "2024-06", 7)],
)
def test_months_and_hours_are_those_of_the_sources_zone(tmp_path: Path, zone: str, month: str, hour: int) -> None:
    time = datetime(2024, 6, 1, 2, 15, tzinfo=ZoneInfo("UTC"))
    found = figures_of(tmp_path, HEADER + f"1,a@example.com,5,{time.isoformat()}\n", zone)
    assert (list(found.by(2)), found.hours[hour], found.zone_name) == ([month], 1, zone)


def test_a_night_full_of_orders_is_no_ordinary_day(tmp_path: Path) -> None:
    def day(hours: list[int]) -> Statistics:
        rows = [f"{n},p{n}@example.com,5,2024-05-01T{hour:02d}:30:00Z\n" for n, hour in enumerate(hours)]
        return figures_of(tmp_path, HEADER + "".join(rows))

    assert day([1, 2, 3, 4] * FEW).nightly
    assert not day([1, 9, 10, 11, 12, 13, 20, 21] * FEW).nightly
    assert not day([1, 2]).nightly


def test_dates_without_times_are_recognised(tmp_path: Path) -> None:
    rows = "".join(f"{n},p{n}@example.com,5,2024-05-{n:02d}\n" for n in range(1, 9))
    assert figures_of(tmp_path, HEADER + rows, "Europe/Berlin").dates_alone
    assert not figures_of(tmp_path, orders(1, 2, 3)).dates_alone


@pytest.mark.parametrize("frame", [7, 20_000])
def test_samples_are_the_first_one_in_the_middle_and_the_last(tmp_path: Path, frame: int) -> None:
    samples = figures_of(tmp_path, orders(*range(100)), frame=frame).samples()
    assert [one.ordinal for one in samples] == [0, 63, 99]
    assert [one.rows[0].number for one in samples] == [1, 64, 100]
    assert json.loads(samples[2].body)["order_id"] == "99"


def test_of_few_events_each_is_a_sample_once(tmp_path: Path) -> None:
    assert figures_of(tmp_path, HEADER).samples() == []
    assert [one.ordinal for one in figures_of(tmp_path, orders(1)).samples()] == [0]
    assert [one.ordinal for one in figures_of(tmp_path, orders(1, 2)).samples()] == [0, 1]


@pytest.mark.parametrize(
    ("names", "column"),
    [
        (["Total", "Currency"], "Currency"),
        (["Converted Currency", "Payment Currency"], "Payment Currency"),
        (["Order Currency Code", "Currency"], "Currency"),
        (["totalPriceSet.shopMoney.currencyCode", "x"], "totalPriceSet.shopMoney.currencyCode"),
        (["CurrencyIsoCode"], "CurrencyIsoCode"),
        (["Currency rate", "Exchange Currency", "recurrency"], None),
    ],
)
def test_the_column_of_the_currency(names: list[str], column: str | None) -> None:
    assert currency_column(load_text(mapping_of(), "x.yaml"), names) == column


def test_minor_units_name_the_currency() -> None:
    assert currency_column(load("stripe_api"), ["currency_x"]) == "currency"


def test_gaps_and_totals() -> None:
    assert without_gaps({"2024-11", "2025-02"}) == ["2024-11", "2024-12", "2025-01", "2025-02"]
    assert without_gaps(["0001-01", "2024-05"]) == ["0001-01", "2024-05"]
    sums = {
        ("purchase", sign, "2024-05"): Sum(1, Decimal(n)) for n, sign in enumerate(["USD", "EUR", "", "JPY", "GBP"], 1)
    }
    assert total_text(sums) == "GBP 5.00 + JPY 4.00 + 3.00 + EUR 2.00 + 1 more currencies"
    assert total_text({}) == "0.00"


def test_accepted_events_are_summed_too(tmp_path: Path) -> None:
    with surveyed(write(tmp_path, {"orders.csv": orders(1, 2)})) as survey:
        events = list(survey.events(1, None))
        survey.count_accepted(events[:1])
        assert survey.account.statistics.accepted != survey.account.statistics.months
        survey.count_accepted(events[1:])
        assert survey.account.statistics.accepted == survey.account.statistics.months
