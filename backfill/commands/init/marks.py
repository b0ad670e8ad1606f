"""Marks: the columns that mark a row by a flag or a time, as cancelled, deleted, a test, or never paid for."""

import re

import numpy as np

from backfill.commands.init.choice import named
from backfill.commands.init.clauses import Conditions, entry, flag
from backfill.commands.init.evidence import SOME, frequencies, time_share
from backfill.commands.init.naming import naming, said_in, words
from backfill.commands.init.sample import Column, Sample
from backfill.commands.init.signs import FLAGS, is_flag, is_part_of_another, texts_in
from backfill.commands.init.status_words import TRIALS
from backfill.commands.init.vocabulary import texts
from backfill.errors import counted
from backfill.mapping.model import BLANK
from backfill.mapping.yaml_text import scalar, several, shown

_TESTERS = texts("qa, test, tests, tester, testing, bot, robot, dummy, fake, sandbox, staging, demo, selenium, cypress")
_WAYS = texts(  # by which a row came
    "gateway, provider, processor, payment, channel, kanal, canal, canale, kanaal, mode, environment, "
    "zahlungsanbieter, fournisseur, proveedor"
)
_KINDS = texts("type, kind, typ, art, tipo, soort, rodzaj")  # among which a test may be an exam
_TESTED = texts(  # what is tested, in the name of a test
    "internal, intern, interno, interne, lead, leads, order, orders, payment, transaction, mode, user, gateway, "
    "data, entry, booking, contact, sale, purchase, only, invoice, provider, channel, record, bestellung, zahlung, "
    "pedido, pago"
)
_TEST = texts("test, tests, testing, sandbox, teste, testmodus, testbestellung, testzahlung, testlead")
_CAMPAIGNS = texts("utm, campaign, ad, adset, content, term, medium, product, item")
_TITLE = r"^(?!TEST\b)"
_titled = re.compile(r"TEST\b").match
_VERSIONS = texts("version, versions, revision, scd, versao, versione, wersja")
_VALID = texts("valid, effective, eff, validity, gultig, vigente")
_SPANS = texts("from, to, until, thru, through, end, ab, bis")
MEANINGS = {
    "test": "no tests",
    "live": "no tests",
    "deleted": "what was deleted is no event",
    "undone": "what was taken back, or never was paid for, is no event",
    "current": "an old version of a row is no event",
}


def trials(column: Column, made: Conditions, is_name: bool, is_goods: bool = False) -> None:
    """Leave out the rows that the platform made itself, whatever else their column is; one column tells them.

    So does the name of a person or a deal that begins with TEST, where others are not in capitals; goods may.
    """
    for begin, pattern in TRIALS.items():
        if (
            column not in made.columns
            and not made.tried
            and (is_name or not begin.startswith("["))  # which a person may begin a note with
            and any(text.casefold().startswith(begin) for text in column.filled.tolist())
        ):
            made.say("rows that the platform made itself are no event")
            made.add(column, f"{{matches: {scalar(pattern)}}}")
            made.tried = True
    titled = (
        sum(bool(_titled(text)) for text in column.filled.tolist())
        if is_name and not is_goods and not made.tried
        else 0
    )
    if titled and column not in made.columns and 2 * sum(map(str.isupper, column.filled.tolist())) < len(column.filled):
        made.say(f"{titled:,} of {counted(len(column.filled), 'name')} begin with TEST")
        made.add(column, f"{{matches: {scalar(_TITLE)}}}")
        made.tried = True


def tests_among(column: Column) -> list[str]:
    """The texts that call their rows tests, in a column that says where or how each row came: Test, internal test.

    What a campaign or a link is called may be anything.
    """
    named = said_in(column.name)
    if not (_WAYS | _KINDS) & named or _CAMPAIGNS & named:
        return []
    states = [text for text, _ in frequencies(column)]
    found = [text for text in states if _calls_test({*words(text)})]
    if not _WAYS & named:
        found = [text for text in found if {*words(text)} & _TESTED]
    return found if len(found) < len(states) else []


def _calls_test(said: set[str]) -> bool:
    return bool(said & _TEST) and said <= _TEST | _TESTED


def cancelled(column: Column, made: Conditions, paying: bool) -> None:
    """A time of cancellation must be empty, a mark must not be set; either only takes rows away."""
    if is_flag(column):
        made.table(column)
        flag(column, True, made)
    elif not len(column.filled) or time_share(column) > 0.5:
        rows = counted(len(column.cells), "row")
        if paying or made.sure:
            made.say(f"what is cancelled is no purchase: {len(column.filled):,} of {rows}")
            made.add(column, "empty")
        else:
            made.say(
                f"{entry(column, 'empty')}     # if what is cancelled does not count: {len(column.filled):,} of {rows}"
            )


def flags(known: dict[str, list[Column]], made: Conditions) -> None:
    """Leave out the rows that a flag marks as tests, or as taken back; of a pair of flags the more exact one."""
    marks = [column for name in ("cancelled", *MEANINGS) for column in known[name]]
    for name, meaning in (("test", True), ("live", False), ("undone", True)):
        for column in known[name]:
            if is_flag(column) and not is_part_of_another(column, marks):
                made.say(MEANINGS[name])
                made.table(column)
                flag(column, meaning, made)


def versions(column: Column, sample: Sample, made: Conditions) -> None:
    """Leave out the old versions of a row, where others of its columns speak of versions; else only show them."""
    off = {pair[1] for pair in FLAGS}
    if not is_flag(column) or not texts_in(column) & off:
        return
    if _has_versions(sample):
        made.say(MEANINGS["current"])
        made.table(column)
        flag(column, False, made)
    else:
        made.say(f"{entry(column, '[...]')}     # if not every one of these counts")
        made.table(column)


def newest(sample: Sample) -> Sample:
    """The rows without their old versions, which have the same id."""
    marks = [column for column in named("current", sample) if is_flag(column)] if _has_versions(sample) else []
    on = {pair[0] for pair in FLAGS}
    kept = [np.array([text.casefold() in on for text in column.cells.tolist()], dtype=bool) for column in marks[:1]]
    return sample.only(kept[0]) if kept and kept[0].any() else sample


def _has_versions(sample: Sample) -> bool:
    """Whether columns count the versions of a row, or say since when and how long one was valid."""
    said = [said_in(name) for name in sample.header]
    return any(_VERSIONS & one for one in said) or any(_VALID & one and _SPANS & one for one in said)


def deleted(column: Column, made: Conditions) -> None:
    """A time at which it was deleted must be empty, a mark must not be set."""
    if is_flag(column):
        made.say(MEANINGS["deleted"])
        made.table(column)
        flag(column, True, made)
    elif len(column.filled) and time_share(column) > SOME:
        made.say(f"{MEANINGS['deleted']}: {len(column.filled):,} of {counted(len(column.cells), 'row')}")
        made.add(column, "empty")


def unpaid(sample: Sample, made: Conditions, group: Column | None) -> None:
    """Where no status says what was paid for, leave out what has no time of payment, while others have one."""
    for column in named("event_time", sample)[:1]:
        name, left = naming("event_time", column.name), made.left(column)
        keys = made.left(group).cells.tolist() if group else [str(at) for at in range(len(left.cells))]
        there = {key for key, text in zip(keys, left.cells.tolist(), strict=True) if text}
        blanks, most = len({*keys} - there), len({*keys}) / 2
        if name is None or name.tier != 0 or not blanks or not there or time_share(column) <= SOME:
            continue
        of = counted(len({*keys}), "order" if group else "row")
        made.say(f"{blanks:,} of {of} without a time of payment, and no status says if they were paid for")
        if blanks < most:
            made.add(column, "present")
        else:
            made.add(column, several([f"{BLANK}present, or take this line out"]))
            made.asks.append(f"where, {shown(column.name)}: whether what has no time of payment was paid for")


def taken_back(marks: list[Column], made: Conditions) -> None:
    """Where no status and no sum says it, the time of a refund does."""
    for column in marks:
        if len(column.filled) and not is_flag(column) and time_share(column) > SOME:
            rows = counted(len(column.cells), "row")
            made.say(f"what was taken back is no purchase: {len(column.filled):,} of {rows}")
            made.add(column, "empty")


def refund_times(times: list[Column], made: Conditions) -> None:
    """Ask of the rows that count and have a time of a refund, where nothing says how much went back."""
    for column in times[:1]:
        count = len(made.left(column).filled)
        if count and time_share(column) > SOME:
            made.say(f"{count:,} of {counted(len(column.cells), 'row')} have a time of a refund, of an unknown sum")
            made.add(column, several([f"{BLANK}empty, or take this line out"]))
            made.asks.append(f"where, {shown(column.name)}: whether what has a time of a refund counts")


def marks_tests(mark: Column, addresses: list[Column]) -> bool:
    """Whether each marked row, and no other, has an address that is called so: qa@, test+1@, bot@."""
    marks = {pair[0] for pair in FLAGS}
    for address in addresses:
        pairs = zip(mark.cells.tolist(), address.cells.tolist(), strict=True)
        shown = {(one.casefold() in marks, bool(_TESTERS & {*words(mail.partition("@")[0])})) for one, mail in pairs}
        return shown == {(True, True), (False, False)}
    return False
