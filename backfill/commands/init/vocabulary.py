"""What exports call things, in nine languages: an export's header name to the API field that it seems to name."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

# A field's phrases by tier, the best first: from the help pages and headers of 26 exports, and the shop systems'
# translations of them (English, German, Spanish, French, Italian, Portuguese, Dutch, Polish, Swedish), in the spelling
# of `words`: no case, no accents, no punctuation. The tier called NEVER holds what resembles the field and is none.
NEVER = 9
_PHRASES: dict[str, dict[int, str]] = {
    "email": {
        0: "email, e mail, mail, emailadresse, mailadresse, e mailadresse, e mail adresse, correo, correo "
        "electronico, courriel, posta elettronica, emailadres, e mailadres, epost, e post, epostadress, e "
        "postadress, mejl",
    },
    "comet_token": {
        0: "comet token, comet_token",
    },
    "fingerprint": {
        0: "fingerprint, browser fingerprint, visitor fingerprint",
    },
    "ip": {
        0: "ip, ip address, browser ip, customer ip address, ip adresse, direccion ip, adresse ip, indirizzo "
        "ip, endereco ip, ip adres, adres ip, ip adress",
    },
    "first_name": {
        0: "first name, firstname, given name, forename, vorname, nombre de pila, primer nombre, prenom, "
        "primeiro nome, voornaam, imie, fornamn",
    },
    "last_name": {
        0: "last name, lastname, surname, family name, nachname, familienname, apellido, apellidos, nom de "
        "famille, cognome, sobrenome, apelido, achternaam, nazwisko, efternamn",
    },
    "full_name": {
        0: "full name, fullname, name, buyer, recipient name, kundenname, nombre, nombre completo, nom, nom "
        "complet, nome, nome completo, naam, volledige naam, imie i nazwisko, namn, klantnaam",
    },
    "phone": {
        0: "phone, phone number, telephone, telephone number, mobile, mobile phone, mobile number, cell "
        "phone, tel, telefon, telefonnummer, telefonnr, handy, handynummer, mobiltelefon, mobilnummer, "
        "telefono, movil, celular, portable, numero de telephone, cellulare, telefone, telemovel, "
        "telefoon, telefoonnummer, mobiel, komorka, numer telefonu, nr telefonu, mobil",
    },
    "url": {
        0: "landing page, landing page url, landing site, landingpage, landing url, entry url, page url",
    },
    "user_agent": {
        0: "user agent, useragent, browser user agent",
    },
    "order_id": {
        0: "order id, orderid, order gid, order uuid, purchase id, sale id, amazon order id, bestell id, "
        "bestellungs id, auftrags id, id pedido, id de pedido, id del pedido, identificador del pedido, id "
        "de la orden, identificador de la orden, id commande, id de commande, identifiant de commande, id "
        "ordine, id do pedido, id zamowienia, bestelling id",
        1: "order number, order no, order nr, order num, ordernumber, orderno, order, bestellnummer, "
        "bestellnr, bestell nr, bestellung, auftragsnummer, auftragsnr, auftrags nr, numero de pedido, "
        "numero del pedido, numero pedido, no pedido, n pedido, num pedido, pedido, numero de orden, n de "
        "orden, no de orden, numero de commande, numero commande, n commande, n de commande, no commande, "
        "commande, numero ordine, numero d ordine, n ordine, ordine, numero do pedido, ordernummer, "
        "bestelnummer, bestelnr, bestelling, numer zamowienia, nr zamowienia, zamowienie",
        2: "transaction id, transaction code, transaction no, payment id, charge id, payment intent id, "
        "transaktions id, transaktionsnummer, transaktionscode, transactionscode, id de transaccion, "
        "codigo de transaccion, id de transaction, code de transaction, numero de transaction, id "
        "transazione, codice transazione, id da transacao, codigo da transacao, transactie id, "
        "transactiecode, id transakcji, kod transakcji, transaktionsid, transaktionskod",
        3: "id, uuid, guid, record id, deal id, opportunity id, contact id, lead id, submission id, booking "
        "id, event id, invitee uuid, event uuid, kontakt id, datensatz id",
        4: "invoice id, invoice number, invoice no, invoice nr, receipt number, receipt no, rechnungsnummer, "
        "rechnungsnr, numero de factura, numero de facture, numero fattura, numero da fatura, "
        "factuurnummer, numer faktury, nr faktury, fakturanummer",
        NEVER: "customer id, user id, product id, item id, order item id, listing id, kundennummer, sku",
    },
    "order_name": {
        0: "order name, order number, order no, ordernumber, bestellnummer, numero de pedido, order nr, "
        "numero de commande, numero ordine, numero do pedido, bestelnummer, numer zamowienia, ordernummer",
    },
    "amount": {
        0: "total, order total, grand total, total amount, order total amount, order amount, amount paid, "
        "total paid, total price, total collected, gesamt, gesamtsumme, gesamtbetrag, gesamtpreis, "
        "bestellsumme, auftragssumme, bestellwert, rechnungsbetrag, endbetrag, importe total, precio "
        "total, montant total, total ttc, importo totale, totale, valor total, totaal, totaalbedrag, "
        "ordertotaal, suma, razem, kwota calkowita, wartosc zamowienia, summa, totalt, totalbelopp, "
        "totalsumma, ordersumma, amount total",
        1: "amount, value, revenue, gross, sum, betrag, wert, umsatz, summe, importe, monto, montant, "
        "importo, valore, valor, bedrag, waarde, kwota, wartosc, belopp, lead value, deal value, order "
        "value, payment value, brutto, bruto, brut, lordo, gross amount, amount gross, sale amount",
        NEVER: "subtotal, sub total, zwischensumme, sous total, subtotale, subtotaal, delsumma, suma czesciowa, "
        "net, netto, net sales, net total, shipping, versand, versandkosten, envio, livraison, spedizione, "
        "frete, verzendkosten, wysylka, frakt, tax, taxes, vat, mwst, steuer, iva, tva, btw, moms, "
        "discount, rabatt, descuento, remise, sconto, desconto, korting, rabat, price, preis, einzelpreis, "
        "precio, prix, prezzo, preco, prijs, cena, pris, unit price, item price, refund, refunded, "
        "balance, fee, fees, tip, cost, commission, deposit",
    },
    "event_time": {
        0: "paid at, paid on, date paid, paid date, payment date, payments date, paid time, bezahlt am, "
        "zahlungsdatum, bezahldatum, fecha de pago, date de paiement, date paiement, paye le, data "
        "pagamento, data di pagamento, data do pagamento, data de pagamento, pago em, betaald op, "
        "betaaldatum, data platnosci, data zaplaty, betalningsdatum, betald den, won time, date won, won "
        "date",
        1: "order date, ordered at, ordered on, order time, purchase date, purchase time, purchased at, date "
        "of purchase, sale date, transaction date, transaction time, processed at, date, datum, fecha, "
        "data, timestamp, event time, bestelldatum, bestellt am, auftragsdatum, kaufdatum, fecha de "
        "pedido, fecha del pedido, fecha pedido, fecha de compra, date de commande, date commande, date d "
        "achat, data ordine, data dell ordine, data acquisto, data do pedido, data da compra, data pedido, "
        "besteldatum, orderdatum, data zamowienia, data zakupu, kopdatum, invoice date, rechnungsdatum",
        2: "created at, created, created on, created date, create date, createdate, date created, creation "
        "date, created time, createdat, date added, signup date, sign up date, signed up at, registered "
        "at, registration date, submitted at, submission date, submitted, profile created on, subscribed "
        "at, erstellt, erstellt am, angelegt am, erstellungsdatum, anlagedatum, registrierungsdatum, "
        "anmeldedatum, fecha de creacion, fecha creacion, creado, creado el, fecha de registro, date de "
        "creation, cree le, date d inscription, data creazione, data di creazione, creato il, data de "
        "criacao, criado em, aangemaakt, aangemaakt op, aanmaakdatum, data utworzenia, utworzono, skapad, "
        "skapad den, skapad datum, skapat datum, submit date, joined, joined date, joineddate",
        NEVER: "updated, updated at, modified, last updated, shipped, shipped at, date shipped, fulfilled at, "
        "delivered, refunded, cancelled, canceled, due, due date, close date, closing date, expected, "
        "expires, start date, end date, birthday, date of birth, geburtsdatum, last activity",
    },
    "clock": {
        0: "time, uhrzeit, zeit, hora, horario, heure, ora, orario, tijd, tijdstip, godzina, czas, tid, "
        "tidspunkt, kello, order time, transaction time",
    },
    "zone": {
        0: "time zone, timezone, zeitzone, zona horaria, huso horario, fuseau horaire, fuso orario, fuso "
        "horario, tijdzone, strefa czasowa, tidszon, tidszone, aikavyohyke",
    },
    "currency": {
        0: "currency, currency code, currency iso code, wahrung, waehrung, moneda, divisa, devise, valuta, "
        "moeda, waluta, order currency, payment currency, deal currency",
    },
    "status": {
        0: "financial status, display financial status, payment status, zahlungsstatus, estado de pago, "
        "estado del pago, statut de paiement, statut du paiement, stato pagamento, stato del pagamento, "
        "status do pagamento, status pagamento, betaalstatus, betalingsstatus, status platnosci, "
        "betalningsstatus",
        1: "order status, status, bestellstatus, auftragsstatus, estado, estado del pedido, estado pedido, "
        "estado de la orden, status da transacao, estado de la transaccion, statut, statut de la commande, "
        "statut commande, stato, stato ordine, status do pedido, bestelstatus, orderstatus, status "
        "zamowienia, stan, state",
        2: "stage, deal stage, dealstage, phase, etapa, etape, fase, etap",
    },
    "type": {
        0: "type, transaction type, event type, payment type, typ, transaktionstyp, tipo, tipo de transaccion",
    },
    "cancelled": {
        0: "cancelled at, canceled at, cancelled, canceled, cancelled on, canceled on, cancelled date, date "
        "cancelled, cancellation date, storniert, storniert am, stornodatum, cancelado, cancelado el, "
        "fecha de cancelacion, fecha y hora de cancelacion, annule, annule le, date d annulation, "
        "annullato, annullato il, data annullamento, cancelado em, data de cancelamento, geannuleerd, "
        "geannuleerd op, anulowano, data anulowania, annullerad, makulerad",
    },
    "test": {
        0: "test, is test, test order, test mode, test transaction, test payment, testbestellung, sandbox, is "
        "sandbox, demo, is demo",
    },
    "undone": {
        0: "refunded, is refunded, fully refunded, disputed, is disputed, charged back, chargeback, is "
        "chargeback, voided, is voided, is void, reversed, is reversed, deleted, is deleted, is spam, is "
        "fraud, free trial, free trial purchase, is trial, pre order authorization, preorder "
        "authorization, erstattet, reembolsado, rembourse, rimborsato, terugbetaald",
    },
    "event": {
        0: "event, event name, eventname, event type, conversion, conversion name, conversion event, "
        "conversion type, conversion action, action, activity, activity type, ereignis, evento, nombre del "
        "evento, evenement, gebeurtenis",
    },
    "live": {
        0: "livemode, live mode, is live",
    },
}

# Words that may be next to a phrase and leave it the same thing. Any other word makes the name only a hint: "Email
# consent", "Shipping total", "Owner email".
_WRAPPERS = "data object node fields attributes properties the of de del du da do di la le el"
_WHOSE = (
    "customer customers buyer client contact billing bill invitee payer purchaser person lead details "
    "purchase user member student subscriber attendee registrant guest payer sender from von mittente remitente "
    "expediteur kunde kunden kaufer rechnung rechnungs cliente acheteur acquirente comprador klant klient klienta kund "
    "address "
    "adresse adres direccion indirizzo endereco primary invoice to shipping"
)
_CURRENCIES = "eur usd gbp chf pln sek nok dkk czk huf brl mxn cad aud nzd jpy inr euro euros"
_ALSO_PASSED: dict[str, str] = {
    **dict.fromkeys(("fingerprint", "comet_token", "first_name", "last_name", "full_name", "phone"), _WHOSE),
    "email": _WHOSE.replace(" to shipping", ""),
    "amount": f"order deal payment sale transaction opportunity purchase amount paid price set shop money pedido "
    f"commande ordine {_CURRENCIES}",
    "order_id": "shop store deal woocommerce shopify sales",
    "event_time": "order date time deal contact lead record profile purchase event at on utc gmt timezone zone",
    "status": "order deal transaction payment charge opportunity current",
    "cancelled": "order date time at",
    "currency": "amount order deal payment value shop money set total price code",
    "user_agent": "customer client details browser",
    "ip": "customer client details browser",
    "url": "order session",
    "type": "order row",
    "undone": "order payment sale purchase transaction was",
    "test": "order payment sale purchase transaction data",
}

# The bare noun is an id only where it is alone: "Data ordine" is a date.
ORDER = frozenset(["order", "bestellung", "pedido", "commande", "ordine", "bestelling", "zamowienie"])

_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")
_LETTERS = str.maketrans({"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "#": " no "})


@dataclass(frozen=True, slots=True)
class Naming:
    """How a name matches a field: `phrase` of this tier is in it; `other` are the words that speak against it."""

    phrase: str
    tier: int
    other: tuple[str, ...] = ()

    @property
    def plain(self) -> bool:
        """The name says this field and nothing else."""
        return not self.other and self.tier != NEVER


def words(text: str) -> tuple[str, ...]:
    """Take a text apart into words without case, accents and punctuation: createdAt gives created, at."""
    plain = unicodedata.normalize("NFKD", _CAMEL.sub(" ", text[:200]).translate(_LETTERS))
    return tuple(_WORD.findall("".join(c for c in plain if not unicodedata.combining(c)).casefold()))


def naming(field: str, name: str) -> Naming | None:
    """Say how a column's name matches a field, or None where it does not."""
    found = words(name)
    matches = []
    for phrase, tier in _phrases(field):
        at = _place(phrase, found)
        if at is not None:
            rest = found[:at] + found[at + len(phrase) :]
            passed_over = _passed_over(field) if " ".join(phrase) not in ORDER else ()
            other = tuple(word for word in rest if word not in passed_over)
            matches.append((len(other), -len(phrase), tier, Naming(" ".join(phrase), tier, other)))
    return min(matches, key=lambda match: match[:3])[3] if matches else None


@cache
def _phrases(field: str) -> list[tuple[tuple[str, ...], int]]:
    return [(tuple(p.split()), tier) for tier, row in _PHRASES[field].items() for p in row.split(", ")]


@cache
def _passed_over(field: str) -> frozenset[str]:
    return frozenset(f"{_WRAPPERS} {_ALSO_PASSED.get(field, '')}".split())


def _place(phrase: tuple[str, ...], found: tuple[str, ...]) -> int | None:
    spans = range(len(found) - len(phrase) + 1)
    return next((at for at in spans if found[at : at + len(phrase)] == phrase), None)


def _texts(text: str) -> frozenset[str]:
    return frozenset(text.split(", "))


# What a status says, in the spelling of `words`. Processing counts as paid: shops set it when the money has come.
PAID = _texts(
    "paid, partially paid, partially refunded, complete, completed, processing, shipped, fulfilled, "
    "delivered, won, closed won, closedwon, succeeded, success, successful, captured, settled, charge, "
    "payment, sale, bezahlt, teilweise bezahlt, abgeschlossen, versendet, versandt, geliefert, gewonnen, "
    "in bearbeitung, zahlung, pagado, pagada, completado, completada, enviado, entregado, ganado, ganada, "
    "procesando, paye, payee, termine, terminee, expedie, expediee, livre, livree, gagne, gagnee, en cours "
    "de traitement, pagato, pagata, completato, completata, spedito, consegnato, vinto, in lavorazione, "
    "pago, paga, concluido, concluida, entregue, ganho, processando, betaald, voltooid, afgerond, "
    "verzonden, geleverd, in behandeling, oplacone, oplacona, zaplacone, zaplacono, zrealizowane, "
    "zrealizowana, wyslane, dostarczone, wygrana, betald, betalt, slutford, skickad, levererad, vunnen, "
    "charged, approved, partial refund, partially captured, aprovado, aprovada, completo, completa, "
    "aprobado, aprobada, recibido, recibida, recebido, recebida, approve, approuvee, approvato, approvata, "
    "genehmigt, eingegangen"
)
UNPAID = _texts(
    "pending, unpaid, open, new, draft, authorized, expired, voided, void, refunded, refund, cancelled, "
    "canceled, failed, declined, on hold, holded, pending payment, payment pending, awaiting payment, "
    "requires payment method, requires action, uncaptured, abandoned, lost, closed lost, closedlost, "
    "disputed, chargeback, reversed, denied, incomplete, trash, checkout draft, fraud, payment review, "
    "unavailable, returned, offen, ausstehend, unbezahlt, storniert, abgebrochen, erstattet, "
    "ruckerstattet, fehlgeschlagen, verloren, abgelehnt, neu, in wartestellung, zahlung ausstehend, "
    "erstattung, pendiente, pendiente de pago, impagado, anulado, anulada, cancelado, cancelada, "
    "reembolsado, reembolsada, fallido, perdido, abierto, en espera, en attente, en attente de paiement, "
    "impaye, annule, annulee, rembourse, remboursee, echouee, echoue, perdu, ouvert, in attesa, in attesa "
    "di pagamento, annullato, annullata, rimborsato, rimborsata, fallito, perso, aperto, in sospeso, "
    "pendente, aguardando, aguardando pagamento, falhou, aberto, malsucedido, onbetaald, in de wacht, "
    "wacht op betaling, geannuleerd, terugbetaald, mislukt, oczekujace, oczekuje na platnosc, nieoplacone, "
    "anulowane, anulowano, zwrocone, nieudane, przegrana, wstrzymane, obetald, vantande, avbruten, "
    "annullerad, aterbetald, misslyckad, forlorad, oppen"
)
# No purchase and no lead whatever else a row says; what a shop has only not shipped yet is not in this list.
GONE = _texts(
    "cancelled, canceled, refunded, refund, fully refunded, voided, void, failed, declined, denied, "
    "rejected, expired, trash, spam, fraud, chargeback, charged back, disputed, reversed, deleted, "
    "abandoned, test, storniert, abgebrochen, erstattet, ruckerstattet, fehlgeschlagen, abgelehnt, "
    "geloscht, cancelado, cancelada, reembolsado, reembolsada, fallido, fallida, rechazado, rechazada, "
    "anulado, anulada, annule, annulee, rembourse, remboursee, echoue, echouee, refuse, refusee, "
    "annullato, annullata, rimborsato, rimborsata, fallito, fallita, rifiutato, rifiutata, falhou, "
    "recusado, recusada, geannuleerd, terugbetaald, mislukt, geweigerd, anulowane, anulowano, zwrocone, "
    "nieudane, odrzucone, annullerad, avbruten, aterbetald, misslyckad, nekad"
)
REFUND = _texts(
    "refund, chargeback, reversal, payment refund, payment reversal, erstattung, ruckzahlung, reembolso, "
    "remboursement, rimborso, terugbetaling, zwrot, aterbetalning, payout, withdrawal"
)
SALE = _texts(
    "charge, payment, sale, order, purchase, invoice, zahlung, verkauf, pago, venta, paiement, vente, vendita, venda"
)

# What shows that an export is not about orders or people who left an address, and what it is about instead.
OCCASIONS: dict[str, frozenset[str]] = {
    "schedule": _texts("invitee, appointment, booking, meeting, calendar, termin, cita, reserva, rendez, appuntamento"),
    "webinar_registration": _texts("webinar, attended, attendee, registrant"),
    "start_trial": _texts("trial"),
    "subscribe": _texts("subscription, membership, plan, tier"),
}
# What pixels and tag managers call the API's events, in the spelling of `words`.
EVENTS: dict[str, frozenset[str]] = {
    "purchase": _texts("purchase, purchased, purchases, kauf, compra, achat, acquisto, aankoop"),
    "lead_generated": _texts("lead, leads, lead generated, generate lead, submit lead"),
    "complete_registration": _texts("complete registration, registration, completed registration"),
    "sign_up": _texts("sign up, signup, signed up"),
    "start_trial": _texts("start trial, trial started, trial"),
    "subscribe": _texts("subscribe, subscribed, subscription started"),
    "schedule": _texts("schedule, scheduled, appointment booked, booking"),
    "submit_application": _texts("submit application, application submitted"),
    "add_to_cart": _texts("add to cart, addtocart, added to cart"),
    "initiate_checkout": _texts("initiate checkout, begin checkout, checkout started"),
    "add_payment_info": _texts("add payment info"),
    "view_content": _texts("view content, view item, viewed content"),
    "webinar_registration": _texts("webinar registration"),
    "contact": _texts("contact"),
}
