"""What the statuses of shops, processors, ledgers and CRMs say of a payment: lists of theirs, in nine languages."""

from pathlib import Path

import pytest

from backfill.commands.init.proof import is_payments
from backfill.commands.init.statuses import is_approved, is_booked, is_paid, paid_among, sale_among

LISTS = [
    line for line in (Path(__file__).parent / "status_lists.txt").read_text("utf-8").splitlines() if line[0] != "#"
]


def listed(cell: str) -> list[str]:
    return [text.strip() for text in cell.split(";") if text.strip()]


@pytest.mark.parametrize("line", LISTS, ids=lambda line: line.partition(":")[0])
def test_what_values_say(line: str) -> None:
    column, *cells = line.partition(":")[2].split("|")
    counts, none, asked = map(listed, cells)
    there = [*counts, *none, *asked]
    kinds = {"(kind)": sale_among(there), "(booking)": is_booked, "(answer)": is_approved}
    says = kinds.get(column.strip(), paid_among(there, is_payments(column)))
    found = {text: says(text) for text in there}
    assert found == {**dict.fromkeys(counts, True), **dict.fromkeys(none, False), **dict.fromkeys(asked)}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Cash on delivery",
            "Pay on delivery",
            "Return approved",
            "Not refunded",
            "Payment link sent",
        ),
        *("Proposal prepared", "Order confirmed", "Contrato enviado", "Pre-order", "Order placed", "Pedido realizado"),
        *("Refund requested", "Dispute won"),
    ],
)
def test_what_a_status_leaves_open(text: str) -> None:
    assert is_paid(text) is None
