"""Conditions: which rows are what happened, and which are unpaid, cancelled, refunds or tests."""

from collections.abc import Iterable

import numpy as np

from backfill.commands.init.approvals import approvals, roles
from backfill.commands.init.choice import Choice, named
from backfill.commands.init.clauses import Conditions, entry, flag
from backfill.commands.init.evidence import FEW_BLANKS, SOME, frequencies, time_share
from backfill.commands.init.given_back import given_back
from backfill.commands.init.marks import (
    MEANINGS,
    cancelled,
    deleted,
    flags,
    marks_tests,
    refund_times,
    taken_back,
    tests_among,
    trials,
    unpaid,
    versions,
)
from backfill.commands.init.naming import naming, said_in, words
from backfill.commands.init.proof import is_payments, paid_in
from backfill.commands.init.sample import Column, Flags, Sample
from backfill.commands.init.signs import (
    APPROVALS,
    FLAGS,
    KINDS,
    STATES,
    is_answer,
    is_flag,
    is_of_kinds,
    is_short,
    is_state,
    is_suspect,
    mirrors,
    says_paid,
    tells,
    tells_kinds,
    tells_won,
    texts_in,
    varies,
)
from backfill.commands.init.status_stems import BACK, TURNED_DOWN
from backfill.commands.init.status_words import LIVE, SETTLED, TESTS, WHOLE
from backfill.commands.init.statuses import (
    is_back,
    is_gone,
    is_means,
    is_paid,
    is_refused,
    is_returned,
    is_sale,
    is_settled,
    is_taking,
    paid_among,
    sale_among,
    spelt,
)
from backfill.commands.init.verdicts import verdict
from backfill.commands.init.vocabulary import texts
from backfill.errors import counted
from backfill.mapping.yaml_text import several, shown

_ENVIRONMENTS = texts("environment, env, mode, gateway, umgebung, entorno, environnement, ambiente, omgeving, domain")
# Names of what people write or choose as they like: whatever stands there, it is no status.
_FREE = texts(
    "label, labels, tag, tags, note, notes, comment, comments, reason, segment, segments, list, lists, message"
)
# What goes on after a payment, and may have ended since.
_STANDING = texts(
    "subscription, subscriber, membership, account, abo, abonnement, suscripcion, abbonamento, assinatura, "
    "prenumeration, abonament, mitgliedschaft, lidmaatschap, plan"
)
_COMPANIES, _NAMED = texts("company, account, organization, organisation, firm"), texts("name")
_STAGES = texts("stage, stages, phase, fase, etapa, etape, etap, pipeline, verkaufsphase, dealphase, vertriebsphase")
_REFUNDS = texts("refund, erstattung, remboursement, rimborso, reembolso, terugbetaling")
_FAILURES = texts("failure, error, decline, fehler, erreur, errore, erro, fout, blad, fel")


def conditions(
    made: Conditions,
    sample: Sample,
    paying: bool,
    used: Iterable[Column],
    group: Column | None = None,
    booked: bool = False,
) -> None:
    """Say which rows to take; only an event that is paid for (`paying`) asks the status, or one that is `booked`.

    A column whose values say that rows are no event is always mentioned, whatever its name, unless a field reads it
    (`used`), it differs within an order (`group`), or it repeats what another one says.
    """
    people = [column for name in ("full_name", "first_name", "email") for column in named(name, sample)]
    companies = [c for c in sample.columns if {*words(c.name)} - _NAMED and {*words(c.name)} <= _COMPANIES | _NAMED]
    called = [*people, *companies, *named("order_name", sample)]
    goods = [
        c for c in called if c not in (*people, *companies) and (name := naming("order_name", c.name)) and name.tier
    ]
    for column in (*people, *companies, *sample.columns):
        trials(column, made, column in called, column in goods)
    taken = {column.name for column in used}
    rest = [c for c in sample.columns if c.name not in taken and not (group and varies(c, group))]
    names = ("status", "type", "cancelled", "paid", *MEANINGS)
    known = {name: [c for c in named(name, sample) if c in rest] for name in names}
    states = [column for column in known["status"] if is_state(column)] or [c for c in rest if tells(c) or tells_won(c)]
    answers = [column for column in known["paid"] if not states and is_answer(column)]
    backs = [c for c in known["undone"] if not is_flag(c) and len(c.filled) and is_back(c.name)]
    known["undone"] = [c for c in known["undone"] if is_flag(c) or (len(c.filled) and _is_time_of_return(c))]
    kinds = [column for column in known["type"] if is_short(column)]
    dealt = [*known["cancelled"], *(column for name in MEANINGS for column in known[name])]
    if paying:
        made.unsold = _unsold(kinds[0], made) if kinds else None
        for column in answers[:1]:
            made.decide(column, says_paid(column), "mean paid for")
        for column in states[:1]:
            if _is_mark_of_losses(column):
                made.say("most rows have none, and what it says of the others is that they are no purchases")
                made.table(column)
                made.add(column, f"{{not: {several([text for text, _ in frequencies(column)])}}}")
            else:
                made.decide(column, paid_in(sample, column), "mean paid for")
        if not states and not answers and not any(map(is_flag, known["paid"])):
            unpaid(sample, made, group)
        for column in kinds[:1]:
            _kinds(column, made)
        dealt += [*answers[:1], *states[:1], *kinds[:1]]
        others = [c for c in rest if c not in dealt and ((not kinds and tells_kinds(c)) or is_of_kinds(c))]
        for column in others[:1]:
            _kinds(column, made)
        dealt += others[:1]
    if not paying or not made.sure:
        dealt += roles(made, [column for column in rest if column not in dealt])
    if not paying:
        dealt += approvals(made, sample, [column for column in rest if column not in dealt], booked)
    for column in known["cancelled"]:
        cancelled(column, made, paying)
    for column in known["deleted"]:
        deleted(column, made)
    if not paying:  # of people: who saw it live, or has come back
        known["live"] = [c for c in known["live"] if len(words(c.name)) > 1]
        known["undone"] = [c for c in known["undone"] if "returned" not in words(c.name)]
    flags(known, made)
    for column in known["current"]:
        versions(column, sample, made)
    for column in known["paid"] if paying and (made.sure or not made.rival) else ():
        if is_flag(column):
            _paid(column, states[:1], made)
    if paying and not states and not given_back(sample):
        taken_back(known["undone"], made)
    if paying and not given_back(sample) and not any(map(_tells_back, made.columns)):
        refund_times(backs, made)
    dealt += made.columns
    for column in rest:
        if column not in dealt and is_suspect(column):
            if marks_tests(column, named("email", sample)[:1]):
                made.say("sure: the marked rows, and no others, have addresses of testers or robots")
                made.table(column)
                flag(column, True, made)
                continue
            made.table(column)
            made.ask(column, "count")
    dealt += made.columns
    for column in rest:
        if column not in dealt and not any(mirrors(column, other) for other in made.columns):
            _other(column, column in states, made, paying)
    marks = {
        column.name: int(name in ("paid", "live"))  # of a pair of marks the one that says that a row does not count
        for name in ("cancelled", "paid", *MEANINGS)
        for column in named(name, sample)
    }
    for column in sample.columns if group else ():
        if column.name not in taken and column not in rest:
            _differing(column, group, marks, made)


def with_address(made: Conditions, email: Choice, group: Column | None, others: list[Column]) -> None:
    """Leave out what has no address, which can't become an event; of an order's rows (`group`), one has it.

    Where one of the `others` has the address of such a row, a person decides: until then it is rejected, and seen.
    """
    for column in email.columns if len(email.columns) == 1 else ():
        lacks = np.array([email.among not in text or not text for text in column.cells.tolist()], dtype=bool)
        elsewhere = [other for other in others if (other.cells[lacks] != "").any()]
        for other in elsewhere:
            count = int((lacks & (other.cells != "")).sum())
            made.say(f"{count:,} of {counted(len(column.cells), 'row')} have an address in {shown(other.name)} alone")
        if elsewhere:
            return
        keys = group.cells.tolist() if group else [str(at) for at in range(len(column.cells))]
        there = {key for key, lost in zip(keys, lacks.tolist(), strict=True) if not lost}
        blanks = len({*keys} - there)
        if blanks:
            of = counted(len({*keys}), "order" if group else "row")
            made.say(f"{blanks:,} of {of} without an address, which can't become events")
            made.add(column, f"{{matches: '{email.among}'}}" if email.among else "present")
            if group is None and not email.among:
                made.present.append(column)


# --- a column of each kind


def _unsold(kinds: Column, made: Conditions) -> Flags | None:
    """The rows that are no sales by their kind, where it is known of each kind if it is one."""
    there = [text for text, _ in frequencies(kinds)]
    says = sale_among(there)
    if {says(text) for text in there} != {True, False} or made.rival:
        return None
    return np.isin(kinds.cells, [text for text in there if says(text) is False])


def _kinds(column: Column, made: Conditions) -> None:
    """Rows of several kinds are not all purchases; kinds of which nothing is known are not asked for.

    Nor is a kind of which no row is left: a payout has no address. The kinds of goods are all purchases.
    """
    there = [text for text, _ in frequencies(column)]
    if any(map(is_means, there)) and all(is_means(text) for text in there if is_sale(text) is False):
        return  # how it was paid
    says, left = made.unpaid(column, sale_among(there)), {*made.left(column).filled.tolist()}
    known = [says(text) for text in there]
    needless = None in known and not any(says(text) is False for text in left)
    if (False in known and not needless) or ({True, None} == {*known} and any(map(is_taking, there))):
        made.decide(column, says, "are purchases")
    elif None in known and len(known) > 1:
        made.say(f"if not each kind is a purchase: {entry(column, '[...]')}")
        made.table(column, says)


def _paid(column: Column, states: list[Column], made: Conditions) -> None:
    """Take what is paid; where a status says so of its rows already, ask only for those that the mark contradicts."""
    decided = any(column is states[0] for column, _ in made.taken) if states else False
    if decided and not texts_in(made.left(column)) & {off for _, off in FLAGS}:
        return
    made.say("what is not paid is no purchase")
    made.table(column)
    left = made.left(column)
    blanks = len(left.cells) - len(left.filled)
    said = bool(texts_in(column) & {off for _, off in FLAGS})  # where no cell says no, the blank ones may
    if decided or blanks > (FEW_BLANKS if said else SOME) * len(left.cells):
        made.ask(column, "mean paid for")
    else:
        flag(column, False, made)


def _differing(column: Column, group: Column | None, marks: dict[str, int], made: Conditions) -> None:
    """Show what some rows of an order say that is no purchase, and ask where all rows of one say it."""
    flagged = {pair[marks.get(column.name, 0)] for pair in FLAGS} if is_flag(column) else set()
    gone = {
        text for text, _ in frequencies(column) if text.casefold() in flagged or is_gone(text) or is_sale(text) is False
    }
    named_so = column.name in marks or is_suspect(column) or bool((STATES | KINDS) & said_in(column.name))
    if not gone or not named_so or not is_short(column) or group is None:
        return
    pairs = [*zip(group.cells.tolist(), column.cells.tolist(), strict=True)]
    whole = {key for key, _ in pairs} - {key for key, text in pairs if text not in gone}
    made.say(
        f"{shown(column.name)} differs between the rows of an order; by a condition on it such an order is rejected"
    )
    made.table(column)
    if whole:
        made.say(f"of {counted(len(whole), 'order')} no row is left:")
        made.ask(column, "count")


def _tells_back(column: Column) -> bool:
    """Whether it says of some rows that their money went back."""
    return any(is_back(text) for text, _ in frequencies(column)) or (is_flag(column) and is_back(column.name))


def _is_time_of_return(column: Column) -> bool:
    """Whether it is when something was taken back; a refund's may be of a part."""
    return time_share(column) > SOME and not _REFUNDS & {*words(column.name)}


def _is_mark_of_losses(status: Column) -> bool:
    """Whether an order's status is blank in most rows, and says of the others that they were cancelled or the like."""
    return (
        not is_payments(status.name)
        and 2 * len(status.filled) < len(status.cells)
        and all(is_gone(text) for text, _ in frequencies(status))
    )


def _other(column: Column, main: bool, made: Conditions, paying: bool) -> None:
    """A column of another name: ask where it seems to say that some rows are no event."""
    texts = [text for text, _ in frequencies(column)]
    if not is_short(column):
        return
    tests = [text for text in texts if spelt(text) in TESTS]
    named_so = bool(_ENVIRONMENTS & said_in(column.name))
    if not ({spelt(text) for text in texts} <= LIVE | TESTS and (named_so or len(tests) < len(texts))):
        tests = [] if main else tests_among(column)
    if tests:
        made.say(MEANINGS["test"])
        made.table(column)
        made.add(column, f"{{not: {several(tests)}}}")
        return
    stated = bool(STATES & said_in(column.name))
    gone = [t for t in texts if is_gone(t) or (paying and stated and is_refused(t))]
    if paying and stated and any(word.startswith(BACK) for word in said_in(column.name)):
        if whole := [text for text in texts if spelt(text) in WHOLE]:
            made.say("what was given back whole is no purchase")
            made.table(column)
            made.add(column, f"{{not: {several(whole)}}}")
        return
    decides = paying and not main and bool(made.taken or made.asks)  # another column, of the row itself
    if decides and _FAILURES & said_in(column.name) and "code" in said_in(column.name):
        return  # why it failed
    if decides and verdict(column, made):
        return
    if decides and (stated or "state" in said_in(column.name)) and _STANDING & said_in(column.name):
        if gone:
            made.say(f"{entry(column, '[...]')}     # as it stands today; if not every one of these counts")
            made.table(column)
        return
    if not paying and _STAGES & said_in(column.name):  # what became of a lead later, which it was all the same
        gone = [text for text in gone if not any(word.startswith(TURNED_DOWN) for word in words(text))]
    gone = [text for text in texts if text in gone or (main and _is_unpaid(column, text, made))]
    known = [paid for text in texts if (paid := is_paid(text)) is not None]
    if not paying and is_payments(column.name):
        return  # of who has not bought, or not here
    if not main and not (STATES | APPROVALS) & said_in(column.name) and _FREE & said_in(column.name):
        return
    if paying and made.taken and _settles(column, made):
        return
    decided = [is_paid(text) or is_gone(text) or (bool(made.taken) and is_settled(text)) for text in texts]
    known_back = any(is_back(text) for other, _ in made.taken for text, _ in frequencies(other))
    if known_back and any(map(is_returned, made.left(column).filled.tolist())):
        made.say("goods that came back are there beside orders whose money went back: it is open if theirs did")
        made.table(column, is_paid)
        made.ask(column, "count", is_paid)
    elif gone and (main or (any(known) and all(decided))):
        made.table(column, lambda text: False if text in gone else None)
        if made.sure or (paying and not made.rival):
            made.add(column, f"{{not: {several(gone)}}}")
        else:
            made.say(f"{entry(column, f'{{not: {several(gone)}}}')}     # likely, if those are no such event")
            made.ask(column, "count")
    elif gone and not {*gone} & {*made.left(column).filled.tolist()}:
        return  # what another condition leaves out already
    elif gone and len(known) * 2 >= len(texts):
        made.table(column, is_paid)
        made.say("if all of them count, take the line out")
        made.ask(column, "count", is_paid)
    elif main or (not paying and stated and len(texts) > 1 and is_state(column) and time_share(column) < SOME):
        made.say(f"{entry(column, '[...]')}     # if not every one of these counts")
        made.table(column)
    elif gone and KINDS & said_in(column.name):  # of which no text is a person's
        made.say(f"{entry(column, f'{{not: {several(gone)}}}')}     # if those do not count")
        made.table(column)


def _settles(column: Column, made: Conditions) -> bool:
    """Take what a second status calls paid, where each of its texts is known, and each row that is left is paid by it.

    Next to "paid", what is due is not: another file's rows may have only that one to say so.
    """
    there = [text for text, _ in frequencies(column)]
    says = paid_among(there)
    left = {*made.left(column).cells.tolist()}
    known = {says(text) for text in there} == {True, False} and all(text and says(text) for text in left)
    if not (known and left and SETTLED & {spelt(text) for text in there}):
        return False
    made.table(column, says)
    made.say("sure: each of them is known; what is not named here gives no event")
    made.take(column, [text for text in there if says(text)])
    return True


def _is_unpaid(column: Column, text: str, made: Conditions) -> bool:
    """Whether a text of a second status means unpaid, and no row with it is left: a checkout may expire.

    That an order is open says nothing of its payment, even where none of those here is paid for.
    """
    expires = any("expired" in words(other) for other, _ in frequencies(column))
    return expires and is_paid(text) is False and not (made.left(column).cells == text).any()
