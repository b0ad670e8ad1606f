"""What `presets` and `init` tell a program: the guide's tables name every key, and nothing else is printed."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from backfill.cli import main
from backfill.mapping import load_text, preset_text, presets

GUIDE = (Path(__file__).parents[2] / "backfill" / "guide" / "programs.md").read_text(encoding="utf-8")
ORDERS = (
    "Order ID,Email,Total,Created at,Status\n"
    "1001,ann@shop.test,12.50,2024-01-05T10:00:00Z,paid\n1002,bob@shop.test,22.50,2024-01-06T10:00:00Z,pending\n"
)


def keys_of_table(heading: str) -> set[str]:
    """The keys in the first column of the guide's table below a line that begins so."""
    table = GUIDE.partition(heading)[2].partition("\n\n| ")[2].partition("\n\n")[0]
    return {key for line in table.splitlines()[2:] for key in re.findall(r"`(\w+)`", line.split("|")[1])}


def printed(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main([*words, "--json"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return json.loads(said.out)


def test_presets_are_listed_for_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "presets")
    assert [one["name"] for one in found] == list(presets())
    documented = keys_of_table("`backfill presets --json`")
    for one in found:
        assert one.keys() == documented
        assert one["detect"] and set(one["detect"]) | set(one["columns"])
        assert one["events"] or one["refuse"]
    assert next(one for one in found if one["name"] == "gumroad_sales")["events"] == ["purchase", "start_trial"]


def test_one_preset_comes_with_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    found = printed(capsys, "presets", "shopify_orders")
    assert found["text"] == preset_text("shopify_orders") and found["name"] == "shopify_orders"


def test_a_draft_is_described_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS, encoding="utf-8")
    found = printed(capsys, "init", str(file))
    assert found.keys() == keys_of_table("`backfill init FILE --json`")
    assert found["mapping"] == str(tmp_path / "orders.yaml") and found["text"] is None and found["fill_in"] == []
    fields = {one["field"]: one for one in found["fields"]}
    assert fields["amount"]["columns"] == ["Total"] and "all 2 values are numbers" in fields["amount"]["reasons"][0]
    mapping = load_text(Path(found["mapping"]).read_text(encoding="utf-8"), "the file")
    assert {name: one["columns"] for name, one in fields.items()} == {
        name: list(cell.names) for name, cell in mapping.events[0].fields.items()
    }
    assert main(found["next"].split()[1:]) == 0


def test_a_draft_without_a_file_has_its_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS.replace("Total", "Shipping value"), encoding="utf-8")
    found = printed(capsys, "init", str(file), "-o", "-")
    assert found["mapping"] is None and found["next"] is None and list(tmp_path.iterdir()) == [file]
    assert load_text(found["text"], "the text").name == found["name"] == "orders"
    assert any(line.startswith("amount: ") for line in found["fill_in"])
    amount = next(one for one in found["fields"] if one["field"] == "amount")
    assert amount["columns"] == [] and [one["column"] for one in amount["candidates"]] == ["Shipping value"]
