"""Rejections: what a reject file's marks say of the events that a record gave."""

import pytest

from backfill.convert.rejection import Rejection, nameless, old_order_id

BOTH = "purchase:8|lead_generated:8"


def rejection(events: str, keys: str = "", codes: str = "", open_: str = "", columns: str = "") -> Rejection:
    fields = "|".join("email" for _ in codes.split("|"))
    return Rejection.of(events, keys, open_, codes, fields, columns or "|".join("" for _ in codes.split("|")))


@pytest.mark.parametrize(
    ("events", "keys", "codes", "open_", "had"),
    [
        ("purchase", "purchase:8", "invalid_email", "", "purchase:8"),
        ("purchase|purchase", "purchase:8", "invalid_email|missing_time", "", "purchase:8"),
        ("purchase", "purchase:a|b", "invalid_email", "", "purchase:a|b"),
        ("purchase|sign_up", "purchase:a|b|sign_up:a|b", "", "", "purchase:a|b sign_up:a|b"),
        ("purchase|sign_up", "purchase@x:1|sign_up@x:1", "", "", "purchase@x:1 sign_up@x:1"),
        ("purchase", "'00771", "invalid_email", "", "00771"),
        ("purchase", "", "undelivered", "undelivered", "purchase:?"),
        (f"purchase|{nameless(1)}", "purchase:8", "invalid_amount|invalid_event_name", "", "purchase:8"),
        ("", "", "unreadable", "", ""),
    ],
)
def test_names_and_keys(events: str, keys: str, codes: str, open_: str, had: str) -> None:
    found = rejection(events, keys, codes, open_)
    names = [name for name in ("purchase", "sign_up") if name in events]
    assert (found.names, found.keys, found.silent) == (names, had.split(), not names)


@pytest.mark.parametrize(
    ("events", "codes", "columns", "wrong", "gone", "unsure", "torn"),
    [
        ("purchase", "invalid_email", "Mail", {"mail"}, False, False, False),
        ("purchase", "missing_amount|refused", "Total|", {"total"}, False, False, False),
        ("purchase", "conflicting_rows", "Total", {"total"}, False, True, False),
        ("purchase", "key_changed", "state", set(), True, False, False),
        ("purchase", "key_changed", "", set(), False, False, False),
        ("purchase|", "invalid_email|unreadable", "Mail|", {"mail"}, False, True, True),
        ("purchase", "invalid_email", "a|b", set(), False, False, False),  # a bar in a column's name
    ],
)
def test_what_was_wrong(
    events: str, codes: str, columns: str, wrong: set[str], gone: bool, unsure: bool, torn: bool
) -> None:
    found = rejection(events, "purchase:8", codes, columns=columns)
    assert (found.wrong & {"mail", "total"}, found.gone, found.unsure, found.torn) == (wrong, gone, unsure, torn)


@pytest.mark.parametrize(
    ("events", "codes", "now", "varying", "templates"),
    [
        ("purchase", "invalid_email", ["purchase", "sign_up"], set(), [0]),
        ("purchase", "invalid_email", ["purchase", "purchase"], set(), [0, 1]),
        ("subscribe", "invalid_email", ["purchase", "subscribe"], {1}, [1]),
        ("subscribe", "invalid_email", ["purchase", "contact"], {1}, [1]),  # the cell that names it was mended
        ("#2", "invalid_event_name", ["purchase", "subscribe", "contact"], {1, 2}, [1]),
        ("#9", "invalid_event_name", ["purchase", "subscribe"], {1}, [1]),  # the mapping has changed since
        ("purchase|#2", "missing_amount|invalid_event_name", ["purchase", "subscribe"], {1}, [0, 1]),
        ("sign_up", "invalid_email", ["purchase"], set(), []),
    ],
)
def test_the_templates_that_may_have_made_them(
    events: str, codes: str, now: list[str | None], varying: set[int], templates: list[int]
) -> None:
    assert rejection(events, "purchase:8", codes).templates(now, frozenset(varying)) == templates


@pytest.mark.parametrize(
    ("codes", "made", "missing"),
    [
        ("invalid_time|invalid_time", [0, 1], []),
        ("invalid_time|invalid_time", [0], [([1], ["lead_generated:8"])]),
        ("invalid_time|invalid_time", [], [([0], ["purchase:8"]), ([1], ["lead_generated:8"])]),
        ("conflicting_rows|conflicting_rows", [0], []),  # all were held back: one of them may be the order's
        ("conflicting_rows|conflicting_rows", [], [([0, 1], BOTH.split("|"))]),
    ],
)
def test_what_no_template_gives_again(codes: str, made: list[int], missing: list[tuple[list[int], list[str]]]) -> None:
    found = rejection("purchase|lead_generated", BOTH, codes)
    assert found.missing({0: "purchase", 1: "lead_generated"}, made) == missing


@pytest.mark.parametrize(
    ("events", "keys", "name", "key", "old"),
    [
        ("purchase", "purchase:8", "purchase", "purchase:9", "purchase:8"),
        ("purchase|lead_generated", BOTH, "lead_generated", "lead_generated:9", "lead_generated:8"),
        ("purchase|lead_generated", BOTH, "lead_generated", "purchase:8", "purchase:8"),
        ("purchase", "771", "purchase", "772", "771"),  # a column's
        ("purchase|contact", "purchase:8|771", "contact", "772", None),  # whose end is anybody's guess
        ("purchase", "purchase:8", "subscribe", "subscribe:8", "purchase:8"),  # the cell that names it has changed
        ("purchase|#2", "purchase:8", "subscribe", "subscribe:8", None),
        ("purchase", "", "purchase", "purchase:9", None),
    ],
)
def test_the_key_that_an_event_had(events: str, keys: str, name: str, key: str, old: str | None) -> None:
    assert rejection(events, keys, "|".join("invalid_email" for _ in events.split("|"))).key_of(name, key) == old


@pytest.mark.parametrize(
    ("old", "namespace", "now", "order_id"),
    [
        ("purchase:00012302", None, "12302", "00012302"),
        ("purchase@shop:00012302", "shop", "12302", "00012302"),
        ("purchase:shop:00012302", "shop", "12302", "00012302"),  # of an earlier release
        ("purchase@shop:00012302", None, "12302", None),
        ("purchase:00012302", None, "12399", None),
        ("purchase:00012302", None, "", None),
    ],
)
def test_an_id_that_a_spreadsheet_has_changed(old: str, namespace: str | None, now: str, order_id: str | None) -> None:
    assert old_order_id(old, "purchase", namespace, now) == order_id
