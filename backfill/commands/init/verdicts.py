"""Verdicts: what a bank's answer, or a check for fraud, says of a payment beside its status."""

from backfill.commands.init.clauses import Conditions
from backfill.commands.init.evidence import frequencies
from backfill.commands.init.naming import said_in, words
from backfill.commands.init.sample import Column
from backfill.commands.init.status_stems import HELD, REFUSED
from backfill.commands.init.statuses import is_paid, spelt
from backfill.commands.init.vocabulary import texts
from backfill.mapping.yaml_text import several

_JUDGES = texts(  # who says it
    "response, fraud, risk, decision, outcome, result, screening, authorization, authorisation, issuer, acquirer, "
    "antwort, betrug, betrugsprufung, ergebnis, entscheidung, respuesta, fraude, riesgo, resultado, decision, "
    "reponse, risque, resultat, risposta, frode, rischio, esito, resposta, risco, antwoord, risico, resultaat, "
    "odpowiedz, ryzyko, wynik, svar, bedrageri"
)
_PASSED = texts(
    "accept, approve, pass, passed, clear, ok, allow, allowed, genuine, legit, legitimate, no fraud, not fraud, safe, "
    "akzeptiert, freigegeben, unauffallig, aceptado, aceptada, aceptar, accepte, acceptee, accettato, accettata, "
    "aceito, aceita, geaccepteerd, zaakceptowano, godkand, no risk, approved or completed successfully"
)
_STOPPED = ("challeng", "insuffic", "stolen", "honor", "honour", "gestohlen", "robad", "vole", "rubat", "roubad")


def verdict(column: Column, made: Conditions) -> bool:
    """Leave out what a bank refused, or a check stopped; whether it is such a column, and says so of rows that count.

    Where another of its texts is not known, that is asked.
    """
    left = [text for text, _ in frequencies(made.left(column))]
    if not _JUDGES & said_in(column.name) or not {True, False} <= {_passes(text) for text in left}:
        return False
    made.table(column, _passes)
    if any(_passes(text) is None for text in left):
        made.ask(column, "count", _passes)
        return True
    made.say("sure: each of those that are left is known; what was refused or stopped was not paid for")
    made.add(column, f"{{not: {several([text for text, _ in frequencies(column) if not _passes(text)])}}}")
    return True


def _passes(text: str) -> bool | None:
    stopped = any(word.startswith((*REFUSED, *HELD, *_STOPPED)) for word in words(text))
    return True if spelt(text) in _PASSED else False if stopped else is_paid(text)
