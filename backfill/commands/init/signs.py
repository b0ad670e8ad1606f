"""Signs: what a column may say of its rows, by its name and by the few texts that it holds."""

from backfill.commands.init.evidence import frequencies
from backfill.commands.init.naming import said_in, words
from backfill.commands.init.sample import Column
from backfill.commands.init.status_words import PAYMENTS
from backfill.commands.init.statuses import (
    is_approved,
    is_back,
    is_credit,
    is_gone,
    is_paid,
    is_sale,
    is_taking,
    is_won,
    paid_among,
    sale_among,
)
from backfill.commands.init.value_tables import Says
from backfill.commands.init.vocabulary import texts

MOST_STATES = 25
FLAGS = (  # of a mark that is set, and of one that is not, in each language
    ("true", "false"), ("yes", "no"), ("1", "0"), ("t", "f"), ("y", "n"),
    ("ja", "nein"), ("wahr", "falsch"), ("oui", "non"), ("vrai", "faux"), ("sí", "no"), ("si", "no"),
    ("verdadero", "falso"), ("sim", "não"), ("verdadeiro", "falso"), ("sì", "no"), ("vero", "falso"),
    ("ja", "nee"), ("waar", "onwaar"), ("tak", "nie"), ("ja", "nej"),
    ("x", ""), ("✓", ""), ("✔", ""), ("✔️", ""), ("☑", "☐"), ("✅", "❌"), ("checked", "unchecked"), ("on", "off"),
)  # fmt: skip
_ON, _OFF = ({pair[at] for pair in FLAGS} for at in (0, 1))
MOST_WORDS = 3
SUSPECTS = texts(
    "internal, employee, bot, robot, crawler, dummy, fake, qa, test, testing, tester, sandbox, staging, spam, junk, "
    "fraud, fraudulent, void, voided, chargeback"
)
_STAFF = texts(
    "staff, admin, administrator, superuser, mitarbeiter, empleado, employe, dipendente, funcionario, medewerker, "
    "pracownik, intern, interno, interne, user, users"
)
_ROWS = texts("order, purchase, sale, transaction, booking, registration, record")  # what is marked
MARKED = texts("is, was, flag, yes, no, y, n, true, false")  # next to what a mark says
AMBIGUOUS = frozenset(["state", "estado", "stan", "stato", "etat"])  # a province as well
APPROVALS = texts(
    "approval, response, registration, rsvp, status, submission, stato, estado, statut, stan, etat, zustand"
)
KINDS = texts("type, kind, typ, art, tipo, genre, rodzaj, soort, slag")
STATES = texts(
    "situacao, situacion, situation, estatus, durum, tila, result, ergebnis, resultado, resultat, risultato, "
    "resultaat, status, stage, fase, phase, etapa, etape, estado, stato, statut"
)


def varies(column: Column, group: Column) -> bool:
    """Whether the rows of one order differ in it: conditions are about orders."""
    seen: dict[str, str] = {}
    pairs = zip(group.cells.tolist(), column.cells.tolist(), strict=True)
    return any(key and text and seen.setdefault(key, text) != text for key, text in pairs)


def mirrors(column: Column, other: Column) -> bool:
    """Whether a column says in other words what another one says: their values go together one by one."""
    pairs = {*zip(column.cells.tolist(), other.cells.tolist(), strict=True)}
    return 1 < len(pairs) == len({*column.cells.tolist()}) == len({*other.cells.tolist()}) < len(column.cells)


def is_approval(column: Column) -> bool:
    """Whether it says which registrations or answers were taken, and which were not."""
    says = [is_approved(text) for text, _ in frequencies(column)] if is_short(column) else []
    known = True in says and False in says and says.count(None) * 2 < len(says)
    return known and not APPROVALS.isdisjoint(said_in(column.name))


def is_part_of_another(column: Column, marks: list[Column]) -> bool:
    """Whether another mark says it more exactly: for "Refunded?" that is "Fully Refunded?"."""
    own = {*words(column.name)}
    return any(own < {*words(other.name)} and "fully" in words(other.name) for other in marks)


def is_state(column: Column) -> bool:
    there = [text for text, _ in frequencies(column)] if is_short(column) else []
    known = [is_paid(text) for text in there]
    if any(map(is_gone, there)):
        return True  # which no province is
    return bool(known) and (known.count(None) * 2 <= len(known) or not AMBIGUOUS & said_in(column.name))


def tells(column: Column) -> bool:
    """Whether it is some status, whatever else its name says, and one of its values says that it was paid for."""
    payments = (
        bool(words(column.name)) and {*words(column.name)} <= PAYMENTS
    )  # "Payment" alone, which may also say by what means
    if not is_short(column) or not (payments or STATES & said_in(column.name)) or not (column.cells != "").all():
        return False
    there = [text for text, _ in frequencies(column)]
    says = {*map(paid_among(there), there)}
    return len(there) > 1 and True in says and (not payments or False in says)


def tells_won(column: Column) -> bool:
    """Whether it says which deals were won, whatever its name."""
    there = [text for text, _ in frequencies(column)] if is_short(column) else []
    says = [*map(paid_among(there), there)]
    return any(map(is_won, there)) and False in says and says.count(None) * 2 <= len(says) and all(column.cells)


def tells_kinds(column: Column) -> bool:
    """Whether its values are kinds of transactions, whatever its name: most are known, and some are no sales."""
    there = [text for text, _ in frequencies(column)] if is_short(column) else []
    says = [*map(sale_among(there), there)]
    takes = any(is_taking(text) for text, _ in frequencies(column))
    return takes and {True, False} <= {*says} and says.count(None) * 2 < len(says) and all(column.cells)


def is_of_kinds(column: Column) -> bool:
    """Whether it says what kinds of things its rows are, such as goods, and some are money that went back or out."""
    named_so = bool(KINDS & said_in(column.name)) and is_short(column)
    there = [text for text, _ in frequencies(column)] if named_so else []
    return any(map(is_back, there)) or (any(map(is_credit, there)) and any(map(is_sale, there)))


def is_short(column: Column) -> bool:
    """Whether it has a few short values, which may be shown."""
    states = frequencies(column)
    return 0 < len(states) <= MOST_STATES and not any(len(text) > 60 or "@" in text for text, _ in states)


def is_flag(column: Column) -> bool:
    return bool(len(column.filled)) and texts_in(column) <= {text for pair in FLAGS for text in pair}


def is_answer(column: Column) -> bool:
    """Whether it says yes, and more than yes or no: yes, no, refunded."""
    return is_short(column) and not is_flag(column) and bool(texts_in(column) & (_ON - {"1"}))


def says_paid(column: Column) -> Says:
    """What its texts say of a payment where yes means paid."""
    says = paid_among([text for text, _ in frequencies(column)])
    marks = {**dict.fromkeys(_ON, True), **dict.fromkeys(_OFF, False)}
    return lambda text: marks[text.casefold()] if text.casefold() in marks else says(text)


def is_suspect(column: Column) -> bool:
    """Whether it marks rows that seem to be no customers' at all: those of the shop's own people, of robots or tests.

    What a form asks has more words.
    """
    said = [word for word in words(column.name) if word not in MARKED]
    marks = texts_in(column) & {pair[0] for pair in FLAGS}
    theirs = bool(SUSPECTS & said_in(column.name)) or (
        {*said} - _ROWS <= _STAFF and not {*said} <= {"user", "users"} | _ROWS
    )
    return is_flag(column) and bool(marks) and len(said) <= MOST_WORDS and theirs


def texts_in(column: Column) -> set[str]:
    return {text.casefold() for text in column.filled.tolist()}
