"""Proof: what the other columns of a row show of a status whose word is not known."""

import numpy as np

from backfill.commands.init.choice import named
from backfill.commands.init.evidence import frequencies, time_share
from backfill.commands.init.naming import naming, said_in
from backfill.commands.init.sample import Column, Flags, Sample
from backfill.commands.init.signs import is_state, tells
from backfill.commands.init.statuses import is_held, paid_among, sale_among
from backfill.commands.init.value_tables import Says, numbers
from backfill.commands.init.vocabulary import texts

_PAYMENTS = texts("payment, pay, charge, zahlung, zahlungs, pago, pagamento, paiement, betaal, betaling, betalings")
_DATES = texts("date, at, on, time, datum, am, fecha, data, el, le, em, op")
_OWED = texts("balance, outstanding, due, owed, remaining, restbetrag, offener, saldo, solde, pendiente, openstaand")


def paid_in(sample: Sample, status: Column) -> Says:
    """What a column's texts say of a payment; of an unknown one, what the rest of its rows shows.

    A time of payment that is there in each row with a text which means paid, and is missing in some row with one that
    does not, speaks for the others too; and so does what is still owed.
    """
    there = [text for text, _ in frequencies(status)]
    says = paid_among(there, is_payments(status.name))
    unknown = [text for text in there if says(text) is None]
    proofs = (
        {text: paid for mark in _marks(sample) for text, paid in shown(mark, status, there, says).items()}
        if unknown
        else {}
    )

    def proven(text: str) -> bool | None:
        known = says(text)
        return proofs.get(text) if known is None else known

    return proven


def paid_rows(sample: Sample) -> Flags:
    """The rows that a status says are paid; none where there is no status."""
    states = [column for column in named("status", sample) if is_state(column)]
    for column in (states or [column for column in sample.columns if tells(column)])[:1]:
        says = paid_among([text for text, _ in frequencies(column)])
        return np.array([bool(text) and says(text) is True for text in column.cells.tolist()], dtype=bool)
    return np.zeros(len(sample.numbers), dtype=bool)


def sold_rows(sample: Sample) -> Flags:
    """The rows that a column of kinds does not say are refunds or the like: all, where there is no such column."""
    for column in named("type", sample)[:1]:
        says = sale_among([text for text, _ in frequencies(column)])
        return np.array([says(text) is not False for text in column.cells.tolist()], dtype=bool)
    return np.ones(len(sample.numbers), dtype=bool)


def is_payments(name: str) -> bool:
    """Whether a status is a payment's, by its name."""
    return bool(_PAYMENTS & said_in(name))


def _marks(sample: Sample) -> list[Flags]:
    """For each column that shows a payment, the rows that it shows as paid."""
    found = []
    for column in sample.columns:
        said = said_in(column.name)
        name = naming("event_time", column.name)
        dated = name is not None and name.tier == 0 and name.other in ((), ("last",), ("first",)) and said & _DATES
        if dated and len(column.filled) and time_share(column) > 0.5:
            found.append(column.cells != "")
        elif said & _OWED and not said & _DATES and len(column.filled):
            found.append((column.cells != "") & np.array([number <= 0 for number in numbers(column)], dtype=bool))
    return found


def shown(mark: Flags, status: Column, there: list[str], says: Says) -> dict[str, bool]:
    """What a mark shows of each unknown text, where it agrees with those that are known."""
    rows = {text: mark[status.cells == text] for text in there}
    paid = [rows[text] for text in there if says(text)]
    unpaid = [rows[text] for text in there if says(text) is False]
    if not unpaid or not all(one.all() for one in paid) or all(one.all() for one in unpaid):
        return {}
    unknown = {text: one for text, one in rows.items() if says(text) is None}
    stays = any(one.any() for one in unpaid)  # where money that went back leaves it there, it shows none that stayed
    found = {text: bool(one.all()) for text, one in unknown.items() if one.all() or not one.any()}
    return {text: known for text, known in found.items() if not known or not (stays or is_held(text))}
