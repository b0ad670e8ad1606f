"""What the statuses of shops, processors, ledgers and CRMs say of a payment: lists of theirs, in nine languages."""

from pathlib import Path

import pytest

from backfill.commands.init.proof import is_payments
from backfill.commands.init.statuses import is_paid, paid_among

LISTS = [
    line for line in (Path(__file__).parent / "status_lists.txt").read_text("utf-8").splitlines() if line[0] != "#"
]


def listed(cell: str) -> list[str]:
    return [text.strip() for text in cell.split(";") if text.strip()]


@pytest.mark.parametrize("line", LISTS, ids=lambda line: line.partition(":")[0])
def test_what_statuses_say_of_a_payment(line: str) -> None:
    column, *cells = line.partition(":")[2].split("|")
    counts, not_paid, asked = map(listed, cells)
    says = paid_among([*counts, *not_paid, *asked], is_payments(column))
    found = {text: says(text) for text in (*counts, *not_paid, *asked)}
    assert found == {**dict.fromkeys(counts, True), **dict.fromkeys(not_paid, False), **dict.fromkeys(asked)}


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
