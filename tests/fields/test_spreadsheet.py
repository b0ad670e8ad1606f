"""The repair loop through a spreadsheet: a saved file gives the same keys as before, or a reject that says why."""

import csv
import io
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from checking import surveyed
from hypothesis import given, settings
from hypothesis import strategies as st

from backfill.errors import SourceError
from backfill.fields import Locale, parse_number
from backfill.fields.spreadsheet import doubtful, made_by_spreadsheet

MADE = [
    ("00012302", "12302"), ("5404319552844", "5.40432E+12"), ("5404319552844", "5,40E+12"), ("1,234.50", "1234,5"),
    ("10.00", "10"), ("true", "WAHR"), ("FALSE", "FAUX"), ("2024-01-31T10:00:00Z", "31.01.2024 10:00"),
    ("2024-05-01 11:00:37", "5/1/2024 11:00"), ("1-2", "02. Jan"), ("1-2", "1-Feb"), ("MAR1", "01. Mrz"),
    ("2024-01-05", "05.01.24"), ("05/01/2024", "5/1/2024"), ("1234567890123456789", "1234567890123450000"),
    ('="007"', "7"), ("'007", "7"), ("1E5", "100000"), ("1E5", "1.00E+05"), ("+49301234560", "49301234560"),
    ("-abc", "#NAME?"), ("Łuk", "?uk"), ("2024-01-31", "45322"), ("1.5", "01. Mai"), ("5.2024", "Mai 24"),
    ("2024-01-31 22:05", "1/31/2024 10:05 PM"), ("17.0", "17"), ("0.1234567890123", "0.123456789"),
    ("01.02.2024 10:00", "02/01/2024 10:00:00"), ("13.02.2024", "02/13/2024"), ("1/2/2024", "02.01.2024"),
    ("Mar 15, 2025 11:23:29", "03/15/25 11:23 AM"), ("5. Mai 2024", "05.05.24"), ("4086918E-0001", "4,09E+05"),
    ("4086918E-0001", "408691.8"), ("2025-02-10T16:54:01.082Z", "2025/02/10 16:54:01.082"), ("1,000", "1"),
    ("301.48", "301.48000000000000001"), ("$1,200", "1200"), ("1.200", "1200"), ("10.05", "45422"),
    ("(7)", "-7"), ("(1,200.50)", "-1200.5"), ("12%", "0.12"), ("12%", "12.00%"), ("12.5 %", "0.125"),
    ("5578,02 €", "5578.02"), ("5578,02€", "€5,578.02"),
]  # fmt: skip
NOT_MADE = [
    ("1001", "1002"), ("01/02/2024", "02/01/2024"), ("a@x.de", "b@x.de"), ("20.04", "20"), ("10.00", "11"),
    ("5.40E+12", "5404319552844"), ("00012302", "12303"), ("jose@x.de", "josé@x.de"), ("2024-01-31", "2024-02-01"),
    ("x", ""), ("5404319552844", "5.41E+12"), ("2024-05-01 11:00", "2024-05-01 12:00"), ("", "7"), ("true", "FALSCH"),
    ("01.02.2024", "02.01.2024"), ("01.02.2024", "03/01/2024"), ("01.02.2024 10:00", "02/01/2024 11:00"),
    ("Mar 15, 2025 11:23:29", "03/16/25 11:23 AM"), ("4086918E-0001", "4.10E+05"), ("301.48", "301.481"),
    ("1E5", "1.01E+05"), ("9E9999", "9E9998"), ("1990", "19.90"), ("1990", "19,90"), ("100", "1.00"), ("0.5", "5.0"),
    ("0.5", "0.05"), ("19.90", "1990.00"), ("5.10", "510"), ("10.05", "10.5"), ("10.05", "1005"), ("1990", "1.99"),
    ("(7)", "7"), ("12%", "12"), ("12%", "0.0012"),
    ("2024-05-06T11:00:00Z", "2024-05-06T11:00:00+02:00"), ("2024-05-06", "2024-05-06T00:00:00Z"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new"), MADE)
def test_what_a_spreadsheet_makes(old: str, new: str) -> None:
    assert made_by_spreadsheet(old, new)


@pytest.mark.parametrize(("old", "new"), NOT_MADE)
def test_what_a_person_meant(old: str, new: str) -> None:
    assert not made_by_spreadsheet(old, new)


WHOLE = r"[0-9]{1,4}|[0-9]{1,3}([.,' ][0-9]{3}){1,2}|[1-9]([.,][0-9]{2}){1,2}[.,][0-9]{3}"
AMOUNT = st.from_regex(rf"({WHOLE})([.,][0-9]{{0,3}})?( ?[€$£])?", fullmatch=True)
OTHER = [
    lambda text: re.sub(" ?[€$£]", "", text),
    lambda text: re.sub(" ?[€$£]", "", text).translate({46: 44, 44: 46}),
    lambda text: text.translate({46: 44, 44: 46}),
    lambda text: re.sub("[.,' ]", "", text),
    lambda text: f"{text}0",
]


@given(AMOUNT, st.sampled_from(OTHER) | AMOUNT.map(lambda text: lambda _: text), st.sampled_from(".,"))
def test_no_amount_is_taken_back_that_the_source_writes_for_another(old: str, change: Any, mark: Any) -> None:
    new, locale = change(old), Locale(0, decimal=mark)
    before, after = parse_number(old, locale), parse_number(new, locale)
    if None not in (before, after) and before != after:
        assert not made_by_spreadsheet(old, new) or doubtful(old, new, locale)
    elif before is not None and before == after:
        assert made_by_spreadsheet(old, new) and not doubtful(old, new, locale)


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.dates(), st.sampled_from(["dmy", "mdy"]))
def test_no_day_is_taken_back_that_the_source_writes_for_another(day: date, other: date, order: Any) -> None:
    """And every day that is the same is, however a spreadsheet writes it."""
    locale, layouts = Locale(0, date_order=order), {"dmy": "%d/%m/%Y", "mdy": "%m/%d/%Y"}
    old, turned = day.strftime(layouts[order]), day.replace(month=day.day, day=day.month) if day.day <= 12 else day
    for another in {other, turned} - {day}:
        assert not made_by_spreadsheet(old, str(another)) or doubtful(old, str(another), locale)
    for layout in ("%Y-%m-%d", "%d. %b %Y", "%d.%m.%Y" if order == "dmy" else "%m/%d/%y", layouts[order]):
        assert made_by_spreadsheet(old, day.strftime(layout)) and not doubtful(old, day.strftime(layout), locale)


HEADER = ["Order", "Email", "Total", "When", "Token", "Paid"]
FIELDS = {"order_id": "Order", "email": "Email", "amount": "Total", "event_time": "When", "comet_token": "Token"}
MONTHS = ["Jan", "Feb", "Mrz", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"]


def saved(cell: str, locale: str) -> str:
    """A cell as a spreadsheet in this language saves it."""
    if cell.startswith('="'):  # the only formula there is; its value is a text
        return cell[2:-1]
    if cell.casefold() in ("true", "false"):
        words = {"de": ("WAHR", "FALSCH"), "fr": ("VRAI", "FAUX"), "us": ("TRUE", "FALSE")}[locale]
        return words[cell.casefold() == "false"]
    if cell.isdigit() and cell.isascii():
        number = int(cell)
        return f"{number:.5E}".replace(".", "." if locale == "us" else ",") if number >= 10**11 else str(number)
    if cell.endswith("Z") and cell[10:11] == "T":  # Gnumeric drops the zone
        cell = cell[:-1].replace("T", " ")
    head, _, rest = cell.partition(" ")
    parts = head.split("-")
    if [len(part) for part in parts] == [4, 2, 2] and all(map(str.isdigit, parts)):
        year, month, day = map(int, parts)
        date = {"de": f"{day:02}.{month:02}.{year}", "fr": f"{day:02}/{month:02}/{year}", "us": f"{month}/{day}/{year}"}
        return f"{date[locale]} {rest[:5]}".strip()
    if len(parts) == 2 and all(part.isdigit() and 1 <= int(part) <= 12 for part in parts):
        return {"de": f"{parts[0]}. {MONTHS[int(parts[1]) - 1]}", "fr": f"{parts[0]}-{parts[1]}", "us": cell}[locale]
    whole, point, cents = cell.partition(".")
    if point and whole.isdigit() and cents.isdigit():
        return f"{cell.rstrip('0').rstrip('.')}".replace(".", "." if locale == "us" else ",")
    return cell


def through(path: Path, locale: str, form: str, mend: Any) -> None:
    """Open a reject file in a spreadsheet, mend what `mend` mends, and save it."""
    lines = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
    header, rows = lines[0], [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
    changed = [{name: saved(cell, locale) for name, cell in row.items()} for row in rows]
    mend(changed)
    delimiter, encoding, ending = {
        "csv": ({"us": ","}.get(locale, ";"), "cp1252", ""),
        "utf8": ({"us": ","}.get(locale, ";"), "utf-8-sig", ""),
        "unicode text": ("\t", "utf-16", ""),
        "trailing": (";", "utf-8-sig", ";;"),
    }[form]
    file = io.StringIO(newline="")
    quoting = csv.QUOTE_ALL if form == "unicode text" else csv.QUOTE_MINIMAL
    csv.writer(file, delimiter=delimiter, quoting=quoting).writerows(
        [header, *([row[name] for name in header] for row in changed)]
    )
    path.write_bytes(file.getvalue().replace("\r\n", f"{ending}\r\n").encode(encoding))


ORDER = st.sampled_from(
    ["0007", '="0008"', "'0009", "5404319552844", "1-2", "A-1", "#1001", "12", "00", "12E5", "true"]
)
WHEN = st.sampled_from(["2024-01-05 10:00:37", "2024-01-31 10:00", "2024-03-04", "2024-05-01T11:00:00Z"])
TOKEN = st.sampled_from(["", "00771", "tok", "123456789012345678"])
ROW = st.tuples(ORDER, st.sampled_from(["20.00", "1234.5", "free"]), WHEN, TOKEN, st.booleans())


@settings(max_examples=25, deadline=None)
@given(
    st.lists(ROW, min_size=1, max_size=5, unique_by=lambda row: row[0]),
    st.sampled_from(["de", "fr", "us"]),
    st.sampled_from(["csv", "utf8", "unicode text", "trailing"]),
    st.sampled_from(["purchase", "lead", "grouped"]),
    st.integers(0, 9),
)
def test_the_same_keys_or_a_reject(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], locale: str, form: str, kind: str, edited: int
) -> None:
    folder = tmp_path_factory.mktemp("trip")
    fields = {name: column for name, column in FIELDS.items() if kind != "lead" or name != "order_id"}
    event = {"event_name": "lead_generated" if kind == "lead" else "purchase", "fields": fields}
    source = {"timezone": "America/New_York", "decimal": "."} | ({"group_by": "Order"} if kind == "grouped" else {})
    mapping = json.dumps({"mapping": 1, "name": "t", "source": source, "where": {"Paid": "true"}, "events": [event]})
    good = [
        [order, f"p{at}@x.de", "7" if total == "free" else total, when, token and f"{token}{at}", "true"]
        for at, (order, total, when, token, _) in enumerate(rows)
    ]
    bad = [list(row) for row in good]
    for line, (_, total, _, _, mail) in zip(bad, rows, strict=True):
        line[2] = total if mail or total == "free" else "free"
        line[1] = line[1].replace("@", " at ") if mail else line[1]
    times = 2 if kind == "grouped" else 1
    paths = [folder / "good.csv", folder / "bad.csv"]
    for path, lines in zip(paths, (good, bad), strict=True):
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([HEADER, *(line for line in lines for _ in range(times))])
    with surveyed([str(paths[0])], mapping) as survey:
        meant = {event.key: json.loads(event.body) for event in survey.events(1, None)}
    with surveyed([str(paths[1])], mapping) as survey:
        assert survey.account.counts.verdicts["invalid"] == len(good)
        rejects = survey.rejects.write(folder / "bad.rejects.csv", survey.parts, survey.layouts, replace=True)

    def mend(lines: list[dict[str, str]]) -> None:
        for at, line in enumerate(lines):
            if at % times == 0 or (line["Email"].startswith("p") and " at " not in line["Email"]):
                line["Email"] = line["Email"].replace(" at ", "@")
                line["Total"] = "7" if line["Total"] == "free" else line["Total"]
            if edited == at:
                line["Order"] += "9"

    through(rejects, locale, form, mend)
    with surveyed([str(rejects)], mapping) as survey:
        counts = survey.account.counts
        assert counts.verdicts["ready"] + counts.verdicts["invalid"] + counts.unreadable >= len(good)
        assert counts.without_event == 0
        for event in survey.events(1, None):
            body = json.loads(event.body)
            assert event.key in meant, (event.key, list(meant))
            for name in ("email", "comet_token", "event_time", "order_id"):
                assert body.get(name) == meant[event.key].get(name), name


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Asia/Tokyo"])
@pytest.mark.parametrize("moment", ["2024-01-05T10:00:07Z", "2024-01-05T10:00:07.000Z", "2024-01-05 10:00:07 UTC"])
@pytest.mark.parametrize("now", ["2024/01/05 10:00:07", "2024-01-05 10:00:07"])  # as Gnumeric saves it
def test_a_time_that_loses_its_zone_stays_where_it_was(tmp_path: Path, zone: str, moment: str, now: str) -> None:
    mapping = json.dumps(
        {"mapping": 1, "name": "t", "source": {"timezone": zone, "date_order": "mdy"}, "events": [{
            "event_name": "purchase", "fields": {"order_id": "Order", "email": "Email", "event_time": "When"}}]}
    )  # fmt: skip
    (tmp_path / "o.csv").write_text(f"Order,Email,When\nA1,nobody,{moment}\n")
    with surveyed([str(tmp_path / "o.csv")], mapping) as survey:
        rejects = survey.rejects.write(tmp_path / "o.rejects.csv", survey.parts, survey.layouts, replace=True)
    lines = rejects.read_text().split("\n")
    lines[1] = lines[1].replace("nobody", "a@x.de", 1).replace(f",{moment}", f",{now}", 1)
    rejects.write_text("\n".join(lines))
    with surveyed([str(rejects)], mapping) as survey:
        events = [json.loads(event.body) for event in survey.events(1, None)]
    assert [one["event_time"] for one in events] == ["2024-01-05T10:00:07Z"]


TORN = {  # how a row with a cell too many or too few came to be, of its sound cells
    "behind": lambda row: [*row, "zz"],
    "before": lambda row: ["zz", *row],
    "between": lambda row: [*row[:3], "zz", *row[3:]],
    "lacking": lambda row: [*row[:1], *row[2:]],
}


@settings(max_examples=25, deadline=None)
@given(
    st.lists(ROW, min_size=1, max_size=4, unique_by=lambda row: row[0]),
    st.sampled_from(["de", "fr", "us"]),
    st.sampled_from(["csv", "utf8", "unicode text", "trailing"]),
    st.sampled_from(["purchase", "lead", "summed"]),
    st.sampled_from(sorted(TORN)),
)
def test_cells_filled_from_raw_give_what_they_were(
    tmp_path_factory: pytest.TempPathFactory, rows: list[Any], locale: str, form: str, kind: str, torn: str
) -> None:
    folder = tmp_path_factory.mktemp("torn")
    fields = {name: column for name, column in FIELDS.items() if kind != "lead" or name != "order_id"}
    event = {"event_name": "lead_generated" if kind == "lead" else "purchase", "fields": fields}
    source = {"timezone": "America/New_York", "decimal": "."} | (
        {"group_by": "Order", "sum": ["Total"]} if kind == "summed" else {}
    )
    mapping = json.dumps({"mapping": 1, "name": "t", "source": source, "events": [event]})
    good = [
        [order, f"p{at}@x.de", "7" if total == "free" else total, when, token and f"{token}{at}", "true"]
        for at, (order, total, when, token, _) in enumerate(rows)
    ]
    lines = [line for line in good for _ in range(2 if kind == "summed" else 1)]
    bad = [TORN[torn](line) if at % 2 == 0 else line for at, line in enumerate(lines)]
    paths = [folder / "good.csv", folder / "bad.csv"]
    for path, written in zip(paths, (lines, bad), strict=True):
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([HEADER, *written])
    with surveyed([str(paths[0])], mapping) as survey:
        meant = {event.key: json.loads(event.body) for event in survey.events(1, None)}
    with surveyed([str(paths[1])], mapping) as survey:
        assert survey.account.counts.unreadable == len(range(0, len(lines), 2))
        rejects = survey.rejects.write(folder / "bad.rejects.csv", survey.parts, survey.layouts, replace=True)

    def fill(found: list[dict[str, str]]) -> None:
        for line in found:
            if line.get("_raw"):
                sound = lines[int(line["_row"]) - 1]
                line |= {name: saved(cell, locale) for name, cell in zip(HEADER, sound, strict=True)}

    through(rejects, locale, form, fill)
    try:
        with surveyed([str(rejects)], mapping) as survey:
            made = {event.key: json.loads(event.body) for event in survey.events(1, None)}
            invalid = survey.account.counts.verdicts["invalid"]
    except SourceError as error:
        assert "_raw" in str(error) and torn != "behind"
        return
    assert made.items() <= meant.items()
    assert invalid or torn != "behind" or len(made) >= len(lines) / 2
