"""Concepts: the kinds of words that headers are put together from, in eight languages, and what they name together.

A list of whole headers never ends: this reads one that is in no list. "Date du paiement" is a day and a payment, and
nothing else; "Last payment date" has a word that belongs to neither, and so stays open.
"""

from dataclasses import dataclass

from backfill.commands.init.vocabulary import CURRENCIES, texts

# In the spelling of `naming.words`.
_FILL = texts(
    "of, the, for, de, del, du, da, do, des, der, dem, di, della, delle, dello, dell, la, le, el, los, las, il, "
    "lo, l, d, van, von, et, y, e, und, and, en, a, o, object, node, fields, attributes, properties, details, "
    "record, info, information, payload, result, body, summary, by, pelo, pela, par, vom, door, przez, av, per"
)
_WHEN = texts(
    "date, datetime, datum, fecha, data, time, timestamp, uhrzeit, zeitpunkt, zeit, hora, heure, ora, tijd, "
    "tijdstip, tidspunkt, czas, day, dia, jour, tag, giorno, moment, utc, gmt"
)
_DAY = texts("date, datum, fecha, data, day, dia, jour")
_CLOCK = texts("time, uhrzeit, zeit, hora, heure, ora, tijd, tijdstip, czas, godzina, tid, horario, orario")
_DONE = texts(  # of what there was not before
    "created, made, submitted, received, added, erstellt, angelegt, cree, creee, creado, creada, creato, creata, "
    "criado, criada, aangemaakt, utworzono"
)
_SINCE = texts("on, at, am, le, el, em, op, den, il, dnia")  # next to a participle: payé le
_PAID = texts(
    "paid, pay, payment, payments, paiement, paiements, paye, payee, reglement, regle, reglee, encaissement, pago, "
    "pagos, pagado, pagada, cobro, cobrado, pagamento, pagamenti, pagata, pagato, paga, incasso, bezahlter, "
    "bezahlte, bezahltes, gezahlt, gezahlter, gezahlte, bezahlt, bezahlung, zahlung, zahlungs, bezahl, "
    "zahlungseingang, betaald, betaling, betalings, betaal, platnosc, platnosci, zaplaty, oplacone, betald, "
    "betalning, betalnings, charged, charge, captured, capture, funded, donated, aprovacao, aprobacion, "
    "approbation, deposited, cleared, oplacenia, zaplacona, zaplacone, oplacona, donado, donada, donato, doado, "
    "gespendet, acreditacion, liquidacion, abono, vereinnahmt"
)
_WON = texts("won, gewonnen, ganado, ganada, gagne, gagnee, vinto, vinta, ganho, ganha, wygrana, vunnen")
_ORDER = texts(
    "order, orders, ordered, purchase, purchased, sale, sales, sold, bought, bestellung, bestell, bestellt, "
    "auftrag, auftrags, kauf, gekauft, verkauf, verkauft, pedido, pedidos, orden, compra, comprado, venta, ventas, "
    "vendido, commande, commandes, achat, achete, vente, ordine, ordini, acquisto, acquistato, vendita, venda, "
    "vendas, bestelling, besteld, aankoop, verkoop, zamowienia, zamowienie, zakupu, zakup, sprzedazy, kop, kopt, "
    "forsaljning, donation, donations, dons, spenden, gift, gifts, pledge, contribution, don, spende, donacion, "
    "doacao, donazione, bestallning, darowizny, darowizna, donaciones"
)
_PAYMENT = texts(
    "transaction, transactions, txn, trx, transaktion, transaktions, transaccion, transacciones, transacao, "
    "transazione, transactie, transakcji, pay, payment, payments, zahlung, zahlungs, paiement, pago, pagamento, "
    "cobro, betaling, betalings, platnosci, platnosc, betalning, betalnings, charge, operacion, operacao, "
    "operazione, vorgang, vorgangs"
)
_OCCASION = texts(
    "booking, appointment, reservation, buchung, buchungs, buchen, termin, reserva, cita, prenotazione, "
    "appuntamento, boeking, afspraak, rezerwacji, wizyty, bokning, boknings, deal, opportunity, oportunidad, "
    "oportunidade, opportunite, affaire, trato, negocio, trattativa, registro, submission, response, entry, "
    "antwort, respuesta, reponse, risposta, resposta, einsendung, meeting, rsvp, agendamento, inquiry, enquiry, "
    "anfrage, deals, reservierung, reservierungs, enrollment, enrolment, rezerwacja, wizyta"
)
_INVOICE = texts(
    "quote, proposal, estimate, contract, agreement, envelope, invoice, bill, rechnung, rechnungs, receipt, document, "
    "documento, dokument, dokuments, facture, factura, fattura, fatura, factuur, faktury, faktura, beleg, recibo, "
    "ricevuta"
)
_PERSON = texts(
    "lead, contact, kontakt, contacto, contato, contatto, registrant, registration, subscriber, attendee, invitee, "
    "signup, anmeldung, inscription, inscripcion, inscricao, iscrizione, member, mitglied, participant, "
    "teilnehmer, abonnent, abonne, suscriptor, respondent, applicant, interessent, prospect, inschrijving, anmalan"
)
_CREATED = texts(
    "toegevoegd, hinzugefugt, anadido, agregado, ajoute, aggiunto, adicionado, dodano, tillagd, matricula, "
    "matriculacion, created, creation, create, added, add, submitted, submission, submit, registered, "
    "registration, registrierung, registrierungs, signup, signed, joined, subscribed, subscription, optin, opted, "
    "enrolled, enrollment, enrolment, entry, entered, received, eingang, eingangs, eingegangen, anmelde, "
    "anmeldung, angemeldet, erstellt, erstellung, erstellungs, angelegt, anlage, erfasst, creado, creada, "
    "creacion, alta, registro, registrado, inscripcion, envio, enviado, cree, creee, inscription, inscrit, "
    "soumission, soumis, envoi, envoye, ajout, creazione, creato, creata, registrazione, registrato, iscrizione, "
    "iscritto, invio, inviato, inserimento, criacao, criado, criada, cadastro, inscricao, aangemaakt, aanmaak, "
    "inschrijf, inschrijving, ingevuld, verzonden, utworzenia, rejestracji, zgloszenia, skapad, skapat, "
    "registrerad, anmalan, recorded, record, lead, contact, form, formulaire, formular, formulario, respondent, "
    "profile, member, membership, adhesion, abgeschickt, eingereicht, eingesendet, gesendet, inquiry, enquiry, "
    "anfrage, aanvraag, solicitud, richiesta, completion, fertigstellung, fertigstellungs, achevement, "
    "finalizacion, completamento, conclusao, voltooien, voltooid, absende, abgesendet, erfassungs, aangemeld, "
    "registriert, opt, recu, recue, wyslania, wyslano, wystawienia, dodania, zapisu, einreichungs, einreichung, "
    "absendung, gemaakt"
)
_FIRST = texts("first, erste, erster, ersten, primera, primeira, premiere, premier, prima, eerste")
_CONVERSION = texts("conversion, konversion, konvertierung, conversao, conversione, conversie")
_LASTING = texts("since, seit, desde, depuis, sinds")
_BOOKED = texts(
    "booked, booking, reserved, reservation, gebucht, buchung, buchungs, reservado, reserva, reserve, prenotato, "
    "prenotazione, agendado, agendamento, geboekt, boeking, bokad, boknings"
)
_PLACED = texts(
    "placed, submitted, accepted, made, processed, completed, confirmed, passee, aufgegeben, realizado, realizada, "
    "effettuato, zlozenia, opgave"
)
_ID = texts(
    "id, ids, uid, uuid, guid, identifier, identificador, identificativo, identifiant, kennung, identyfikator, "
    "token, gid"
)
_NUMBER = texts(
    "no, nr, num, number, numero, nummer, numer, n, ref, reference, referencia, referenz, riferimento, referentie, "
    "code, codigo, codice, kod, kode"
)
_TOTAL = texts(
    "total, totals, grand, gesamt, totale, totaal, totalt, razem, final, overall, gross, brutto, bruto, brut, "
    "lordo, ttc, collected"
)
_BUILT = texts(  # both in one word
    "gesamtbetrag, gesamtsumme, gesamtpreis, gesamtwert, totaalbedrag, totaalprijs, totalbelopp, totalsumma, "
    "endbetrag, endsumme"
)
_GROSS = texts("gross, brutto, bruto, brut, lordo")
_SUM = texts(
    "amount, amounts, sum, value, betrag, summe, wert, importe, monto, suma, valor, montant, somme, valeur, "
    "importo, somma, valore, bedrag, som, waarde, kwota, wartosc, belopp, summa, money"
)
_BUYER = texts(
    "customer, customers, buyer, client, payer, purchaser, donor, supporter, guest, kunde, kunden, kaufer, zahler, "
    "cliente, comprador, pagador, acheteur, payeur, acquirente, pagante, klant, koper, betaler, donateur, donante, "
    "doador, donatore, spender, klient, kund, kopare, shop, store"
)
_STATUS = texts("status, state, statut, etat, estado, stato, zustand, stan, situacao, situacion, situation, tila")


_ALL_SALES = texts("sales, purchases, ventas, vendas, ventes, vendite, compras, achats")  # of a person, perhaps
_COUNTED = texts(  # so many of them, and no sum
    "orders, pedidos, commandes, ordini, payments, paiements, pagos, pagamenti, transactions, transacciones, "
    "donations, bookings, opportunities, deals, reservations, enrollments, responses, entries, submissions, "
    "appointments, meetings"
)


# Words that others are written together with: Belegnummer, Zahlungseingang.
_OF_TIMES = _WHEN | _CREATED | _BOOKED | _PAID
_OF_THINGS = _NUMBER | _INVOICE | _SUM | _ORDER | _PAYMENT | _STATUS | _BUYER | _PERSON | _OCCASION
JOINED = frozenset(word for word in _OF_TIMES | _OF_THINGS if len(word) > 3 or word == "tag")


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a field's name has: a word of each of `all`, and none but those, words of `also`, and words that fill."""

    tier: int
    all: tuple[frozenset[str], ...]
    also: frozenset[str] = frozenset()

    def fits(self, found: frozenset[str]) -> bool:
        known = self.also.union(*self.all, _FILL)
        return found <= known and all(found & one for one in self.all)


_MOMENT = _WHEN | _SINCE
_MARK = _ID | _NUMBER
# What has an id of its own, with the tier of its id, and that of its number.
_THINGS = (
    (_ORDER, 0, 1),
    (_PAYMENT, 2, 4),
    (_OCCASION, 3, 3),
    (_INVOICE, 4, 4),
    (_PERSON, 5, 5),
)
_RULES: dict[str, tuple[_Rule, ...]] = {
    "event_time": (
        _Rule(0, (_PAID | _WON, _MOMENT), _PAYMENT | _INVOICE | _BUYER | _OCCASION),
        _Rule(1, (_ORDER | _PAYMENT | _INVOICE, _MOMENT), _PLACED | _BUYER | texts("local, full")),
        _Rule(1, (texts("accepted, placed, processed"), _MOMENT)),
        _Rule(1, (_DAY, _CLOCK), texts("in, local, utc, gmt")),
        _Rule(1, (_DAY | _CLOCK, texts("utc, gmt, local")), texts("in")),
        _Rule(2, (_DONE, _ORDER | _OCCASION | _INVOICE | _PERSON | _BUYER | _PAYMENT)),
        _Rule(2, (_LASTING, texts("registriert, angemeldet, inscrit, inscrito, registrado, iscritto, registered"))),
        _Rule(2, (_FIRST, _CONVERSION, _MOMENT)),
        _Rule(1, (_CONVERSION, _MOMENT)),
        _Rule(2, (_LASTING, _PERSON | _BUYER | texts("patron, patronage"))),
        _Rule(2, (_LASTING, _MOMENT, _PERSON | _BUYER | texts("patron, patronage"))),
        _Rule(
            2,
            (_CREATED | _BOOKED, _MOMENT),
            _ORDER | _PAYMENT | _OCCASION | _PERSON | _BUYER | texts("event, ticket, in"),
        ),
    ),
    "order_id": (
        *(
            _Rule(tier, (things, mark))
            for things, by_id, by_number in _THINGS
            for mark, tier in ((_ID, by_id), (_NUMBER, by_number))
        ),
    ),
    "amount": (
        _Rule(0, (_PAID, _SUM), _TOTAL | _ORDER | _PAYMENT | _BUYER | CURRENCIES),
        _Rule(
            0,
            (_TOTAL - _GROSS, _SUM | (_ORDER - _ALL_SALES) | _PAYMENT | _INVOICE | _PAID),
            _GROSS | _BUYER | CURRENCIES,
        ),
        _Rule(0, (_BUILT,), _PAID | _ORDER | _PAYMENT | _INVOICE | _GROSS | _BUYER | CURRENCIES),
        _Rule(0, (_TOTAL - _GROSS, _OCCASION), _SUM | _BUYER | CURRENCIES),
        _Rule(1, (_PAID - texts("pay, pago, charge, capture"), _BUYER), CURRENCIES),
        _Rule(1, (_GROSS, _SUM | _ORDER | _PAYMENT | _INVOICE | _PAID), _BUYER | CURRENCIES),
        _Rule(1, (_SUM, _ORDER | _PAYMENT | _INVOICE | _OCCASION), _BUYER | CURRENCIES),
    ),
    "status": (
        _Rule(0, (_STATUS, _PAID | _PAYMENT)),
        _Rule(1, (_STATUS, _ORDER | _INVOICE)),
        _Rule(1, (_STATUS, _OCCASION)),
    ),
}


def concept(field: str, found: tuple[str, ...]) -> int | None:
    """The tier of the field that a name's words make together, or None where one of them says something else."""
    said = frozenset(word for word in found if not word.isdecimal())
    if field == "amount" and said & _COUNTED:
        return None
    if "number" in said and "of" in said:  # a count
        return None
    return next((rule.tier for rule in _RULES.get(field, ()) if rule.fits(said)), None)
