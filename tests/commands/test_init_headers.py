"""What the names of columns mean, in nine languages, as shops, banks, forms and CRMs write them."""

from pathlib import Path

import pytest

from backfill.commands.init.naming import naming

TEXT = (Path(__file__).parent / "header_lists.txt").read_text("utf-8")
LISTS = dict(line.split(": ", 1) for line in TEXT.splitlines() if line[0] != "#")


@pytest.mark.parametrize("field", LISTS)
def test_what_names_mean(field: str) -> None:
    means, resembles = ([name.strip() for name in half.split(";") if name.strip()] for half in LISTS[field].split("|"))
    found = {name for name in (*means, *resembles) if (named := naming(field, name)) is not None and named.plain}
    assert found == {*means}


@pytest.mark.parametrize(
    ("name", "field", "tier"),
    [
        ("Valor (transaction_amount)", "amount", 1),
        ("Importe neto (net_amount)", "amount", None),
        ("Order No. / Bestellnummer", "order_id", 1),
        ("Total / Items", "amount", None),
    ],
)
def test_a_name_that_is_there_twice(name: str, field: str, tier: int | None) -> None:
    found = naming(field, name)
    assert (found.tier if found is not None and found.plain else None) == tier
