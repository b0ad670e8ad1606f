"""Status words: what shops, banks and people write of a payment, an order, a deal or an answer, in nine languages."""

from backfill.commands.init.vocabulary import texts

# In the spelling of `words`. Processing counts as paid: shops set it when the money has come.
PAID = texts(
    "paid, partially paid, partially refunded, complete, completed, processing, shipped, fulfilled, delivered, won, "
    "closed won, closedwon, succeeded, success, successful, captured, settled, charge, payment, sale, bezahlt, "
    "teilweise bezahlt, abgeschlossen, versendet, versandt, geliefert, gewonnen, in bearbeitung, zahlung, pagado, "
    "pagada, completado, completada, enviado, entregado, ganado, ganada, procesando, paye, payee, termine, terminee, "
    "expedie, expediee, livre, livree, gagne, gagnee, en cours de traitement, pagato, pagata, completato, completata, "
    "spedito, consegnato, vinto, in lavorazione, pago, paga, concluido, concluida, entregue, ganho, processando, "
    "betaald, voltooid, afgerond, verzonden, geleverd, in behandeling, oplacone, oplacona, zaplacone, zaplacono, "
    "zrealizowane, zrealizowana, wyslane, dostarczone, wygrana, betald, betalt, slutford, skickad, levererad, vunnen, "
    "charged, approved, partial refund, partially captured, settling, submitted for settlement, posted, cleared, "
    "confirmed payment, payment accepted, payment received, dispatched, in transit, out for delivery, picked up, "
    "attending, attended, checked in, paiement accepte, pago aceptado, pagamento accettato, zahlung eingegangen, "
    "aprovado, aprovada, completo, completa, aprobado, aprobada, recibido, recibida, recebido, recebida, approve, "
    "approuvee, approvato, approvata, genehmigt, eingegangen, collected, shipping, to ship, to receive, ready to ship, "
    "por enviar, a enviar, versandbereit, validee, valide, validado, validada, validato, validata, teilnehmend, "
    "participe, participante, asistira, partecipa, paid out, finished, done, beendet, terminado, terminada, sold, "
    "verkocht, verkauft, vendido, vendida, vendu, vendue, venduto, venduta, valid, valida, gultig, geldig, verwerken, "
    "verwerkt, evaso, evasa, em transporte, in transito, en camino, en route, unterwegs, onderweg, erfolgreich, "
    "exitoso, exitosa, exito, reussi, reussie, riuscito, riuscita, sucesso, bem sucedido, bem sucedida, geslaagd, "
    "gelukt, lyckad, udana, udane, finalizada, finalizado, finalise, finalisee, efetuado, efetuada, encaissee, "
    "encaisse, regle, reglee, acquittee, liquidada, liquidado, saldata, saldato, cobrada, cobrado, incassata, "
    "contabilizzato, contabilizzata, compl, cmpl, cmplt, pd, succ, shpd, dlvd"
)
UNPAID = texts(
    "pending, unpaid, open, new, draft, authorized, expired, voided, void, refunded, refund, cancelled, canceled, "
    "failed, declined, on hold, holded, pending payment, payment pending, awaiting payment, requires payment method, "
    "requires action, uncaptured, abandoned, lost, closed lost, closedlost, disputed, chargeback, reversed, denied, "
    "incomplete, trash, checkout draft, fraud, payment review, unavailable, returned, offen, ausstehend, unbezahlt, "
    "storniert, abgebrochen, erstattet, ruckerstattet, fehlgeschlagen, verloren, abgelehnt, neu, in wartestellung, "
    "zahlung ausstehend, erstattung, pendiente, pendiente de pago, impagado, anulado, anulada, cancelado, cancelada, "
    "reembolsado, reembolsada, fallido, perdido, abierto, en espera, en attente, en attente de paiement, impaye, "
    "annule, annulee, rembourse, remboursee, echouee, echoue, perdu, ouvert, in attesa, in attesa di pagamento, "
    "annullato, annullata, rimborsato, rimborsata, fallito, perso, aperto, in sospeso, pendente, aguardando, "
    "aguardando pagamento, falhou, aberto, malsucedido, onbetaald, in de wacht, wacht op betaling, geannuleerd, "
    "terugbetaald, mislukt, oczekujace, oczekuje na platnosc, nieoplacone, anulowane, anulowano, zwrocone, nieudane, "
    "przegrana, wstrzymane, obetald, vantande, avbruten, annullerad, aterbetald, misslyckad, forlorad, oppen, "
    "authorised, uncollectible, created, initiated, attempted, in progress, past due, overdue, not paid, failure, "
    "unsuccessful, not successful, requires capture, payment due, not attending, billed, refused, chargedback, "
    "retourniert, devuelto, devuelta, retourne, devolvido, devolvida, rejected, inactive, incomplete expired, lapsed, "
    "fraudulent, revoked, queued, skipped, error, timeout, scheduled, expirado, expirada, boleto impresso, nowe, "
    "nowy, em analise, iniciado, iniciada, atrasado, atrasada, reclamado, reclamada, suspended, suspendido, "
    "ruckbuchung, ruckerstattung, ruckgabe, ruckbelastung, gutschrift, mahnung, uberfallig, en retard, scaduto, "
    "openstaand, avbokad, em aberto, waiting, wartend, out sold, optional, tentative, provisional, provisorisch, "
    "requested, option, invoice sent, no payment required, not required, free, waived, sent, viewed, opened, token, "
    "errored, dropped, late, upcoming, due, not due, bad debt, written off, write off, canc, cncl, cncld, cxl, cxld, "
    "review, in review, under review, manual review, pend, decl, refd, rfd, unpd, perdida, perdidas"
)
# How words begin that say of a payment that it did not come, or did not stay.
REFUSED = (
    *(
        "cancel",
        "annul",
        "anul",
        "storn",
        "abgebroch",
        "geannul",
        "avbr",
        "makul",
        "fail",
        "fehl",
        "echou",
        "echec",
        "fallid",
    ),
    *(
        "falh",
        "fallit",
        "misluk",
        "misslyck",
        "nieud",
        "declin",
        "refus",
        "rechaz",
        "recus",
        "rifiut",
        "geweig",
        "abgelehn",
    ),
    *(
        "nekad",
        "odrzuc",
        "reject",
        "refund",
        "erstatt",
        "ruckerstatt",
        "reembols",
        "reintegr",
        "rembours",
        "rimbors",
        "terugbet",
    ),
    *(
        "zwroc",
        "aterbet",
        "devol",
        "estorn",
        "dispute",
        "chargeback",
        "contest",
        "reclam",
        "ruckbuch",
        "ruckbelast",
        "expir",
    ),
    *(
        "abgelauf",
        "verlopen",
        "caduc",
        "vencid",
        "wygas",
        "abandon",
        "error",
        "invalid",
        "ungultig",
        "overdue",
        "unpaid",
    ),
    *(
        "unbez",
        "impag",
        "impay",
        "onbet",
        "nieopl",
        "obet",
        "draft",
        "entwurf",
        "borrador",
        "brouillon",
        "bozza",
        "rascunho",
    ),
    *(
        "perd",
        "verlor",
        "lost",
        "verloren",
        "forlor",
        "przegran",
        "scadut",
        "retard",
        "laat",
        "atras",
        "moros",
        "uberfal",
        "vervall",
        "concept",
        "chgbk",
        "chbk",
        "chbck",
        "cgbk",
        "rfnd",
        "insf",
    ),
    *(
        "deneg",
        "negad",
        "rechaz",
        "drop",
        "initiali",
        "ongoing",
        "fraud",
        "betrug",
        "timed",
        "timeout",
        "suspend",
        "delet",
        "gelosch",
        "trash",
        "spam",
    ),
)
# How words begin of what somebody stopped, whether it was paid or not.
HELD = (
    *("block", "frozen", "freez", "suspicio", "flagg", "escalat", "complain", "gesperr", "bloqu", "blocc", "geblok"),
    *("zablok", "sparrad", "eingefror", "congel", "verdacht", "sospech", "suspect", "sospett", "beschwerde", "hold"),
)
# How words begin of money that went back, and of goods that went out.
BACK = (
    *("refund", "erstatt", "ruckerstatt", "reembols", "rembours", "rimbors", "terugbet", "zwroc", "aterbet", "devol"),
    *("estorn", "restitu", "reintegr", "ruckzahl", "ruckgab", "teruggav"),
)
RETURNED = texts(  # of goods that came back
    "returned, retourniert, devuelto, devuelta, retourne, retournee, devolvido, devolvida, zwrocone, zwrocona, "
    "zwrocono, geretourneerd, returnerad, reso, zuruckgesendet, zuruckgegeben"
)
SENT = (
    *("ship", "deliver", "fulfil", "dispatch", "versand", "versend", "geliefert", "enviad", "entreg", "expedi", "livr"),
    *("sped", "consegn", "verzond", "gelever", "wysl", "dostarcz", "skick", "lever", "pick", "pack"),
)
# Next to these it is not known what became of it: a refund that was asked for, or refused; a dispute that was won.
UNDECIDED = texts(
    "failed, requested, request, won, closed, resolved, part, review, declined, rejected, denied, reversed, abgelehnt, "
    "refuse, rechazado, angefragt, solicitado, demande, richiesto, aangevraagd, attempt, retry, retrying"
)
# No purchase and no lead whatever else a row says; what a shop has only not shipped yet is not in this list.
GONE = texts(
    "cancelled, canceled, refunded, refund, fully refunded, voided, void, failed, declined, denied, rejected, "
    "expired, trash, spam, fraud, chargeback, charged back, disputed, reversed, deleted, abandoned, test, storniert, "
    "abgebrochen, erstattet, ruckerstattet, fehlgeschlagen, abgelehnt, geloscht, cancelado, cancelada, reembolsado, "
    "reembolsada, fallido, fallida, rechazado, rechazada, anulado, anulada, annule, annulee, rembourse, remboursee, "
    "echoue, echouee, refuse, refusee, annullato, annullata, rimborsato, rimborsata, fallito, fallita, rifiutato, "
    "rifiutata, falhou, recusado, recusada, geannuleerd, terugbetaald, mislukt, geweigerd, anulowane, anulowano, "
    "zwrocone, nieudane, odrzucone, annullerad, avbruten, aterbetald, misslyckad, nekad, fraudulent, revoked, canc, "
    "cncl, cncld, cxl, cxld"
)
# What is awaited says whether the money has come: a shipment, or the payment itself.
AWAITS = texts(
    "awaiting, waiting, wait, pending, ready, wartet, wacht, attente, attesa, espera, aguardando, oczekuje, "
    "ausstehend, pendiente, pendente"
)
SHIPPING = texts(
    "fulfillment, fulfilment, shipment, shipping, pickup, delivery, dispatch, collection, versand, lieferung, "
    "abholung, envio, entrega, expedition, livraison, spedizione, consegna, verzending, wysylke"
)
PAYING = texts(
    "submission, virement, transfer, wire, uberweisung, transferencia, bonifico, overschrijving, cheque, check, "
    "payment, authorization, approval, verification, review, zahlung, freigabe, genehmigung, pago, pagamento, "
    "paiement, betaling, platnosc, "
    "platnosci"
)
ACCEPTED = texts(  # of a payment
    "approved, accepted, confirmed, received, aprovado, aprobado, approuve, approvato, accepte, aceptado, aceito, "
    "accettato, confirmado, confirme, confermato, recibido, recebido, recu, ricevuto, eingegangen, erhalten, "
    "bestatigt, ontvangen, geaccepteerd, otrzymano, mottagen"
)
PART = texts("partially, partial, partly, part, teilweise, parcialmente, partiellement, parzialmente, gedeeltelijk")
# Words of what a row is: money that came in for a sale, or anything else that a list of transactions has.
SALES = texts(
    "inv, renovacion, renovacao, renouvellement, rinnovo, verlangerung, verlenging, bill, charge, charged, payment, "
    "sale, order, purchase, invoice, rebill, renewal, recurring, checkout, upsell, downsell, zahlung, verkauf, pago, "
    "venta, paiement, vente, vendita, venda, verkoop, sprzedaz, forsaljning"
)
GOODS = texts("order, upsell, downsell, renewal, recurring, checkout")
NO_SALES = texts(
    "pending, unpaid, ausstehend, pendiente, pendente, "
    "contracargo, retrocession, rfnd, cgbk, chgbk, insf, refund, refunded, chargeback, dispute, reversal, reversed, "
    "reverse, payout, withdrawal, transfer, conversion, hold, release, reserve, authorization, authorisation, auth, "
    "void, voided, fee, fees, adjustment, cancel, verify, verification, canceled, cancelled, cancellation, failed, "
    "failure, declined, denied, request, revert, reverted, abandoned, expired, draft, ruckgabe, ruckbuchung, "
    "ruckerstattung, ruckbelastung, gutschrift, erstattung, ruckzahlung, auszahlung, gebuhr, storno, stornierung, "
    "umrechnung, reembolso, retirada, comision, remboursement, virement, frais, annulation, rimborso, prelievo, "
    "commissione, estorno, terugbetaling, uitbetaling, zwrot, wyplata, aterbetalning, utbetalning"
)
MEANS = texts(  # by which somebody pays
    "card, credit card, debit card, creditcard, bank transfer, banktransfer, wire transfer, wire, cash, check, "
    "cheque, direct debit, bank account, ach, sepa, paypal, apple pay, google pay, klarna, ideal, sofort, giropay, "
    "bancontact, stripe, ussd, mobile money, mobilemoney, upi, netbanking, wallet, pix, boleto, gift card, "
    "kreditkarte, uberweisung, bankuberweisung, lastschrift, bar, vorkasse, karte, tarjeta, tarjeta de credito, "
    "transferencia, transferencia bancaria, efectivo, carte, carte bancaire, carte de credit, virement, "
    "virement bancaire, especes, prelevement, carta, carta di credito, bonifico, bonifico bancario, contanti, cartao, "
    "cartao de credito, dinheiro, overschrijving, bankoverschrijving, overboeking, contant, pin, przelew, karta, "
    "gotowka, kort, swish, bankoverforing"
)
OUT = texts(  # of money
    "payout, payouts, withdrawal, withdrawals, chargeback, chargebacks, dispute, reversal, auszahlung, ruckbuchung, "
    "retirada, virement, prelievo, uitbetaling, wyplata, utbetalning"
)
# What a status says of money alone: where a file has one of these, its rows are no mere contacts.
MONEY = texts(
    "paid, unpaid, refunded, partially paid, partially refunded, chargeback, chargedback, charged, captured, settled, "
    "overdue, bezahlt, unbezahlt, erstattet, pagado, pagada, pago, paga, reembolsado, reembolsada, paye, payee, "
    "rembourse, pagato, pagata, rimborsato, betaald, onbetaald, terugbetaald, oplacone, zwrocone, betald, aterbetald"
)
AUTHORIZED, CAPTURED = texts("authorization, authorisation, auth"), texts("capture, captured")
SIGNUPS = texts("signup, sign up, lead, trial, trial start, click, visit, registration, account created, subscriber")
CREDITS = texts(
    "cn, crn, credit, credit note, credit memo, return, returns, retoure, devolucion, retour, reso, devolucao, "
    "zwrot, retur"
)
# What says that the money has come, and those for what may be paid or not where a status has that one too.
SETTLED = texts(
    "paid, bezahlt, pagado, pagada, pago, paga, paye, payee, pagato, pagata, betaald, oplacone, zaplacone, betald, "
    "settled, captured, succeeded, collected, cleared, paid out"
)
DEBITS = texts("pending submission, pending customer approval, customer approval denied")  # what only direct debits are
PROCESSING = texts(
    "processing, in bearbeitung, en cours de traitement, procesando, in lavorazione, processando, in behandeling, "
    "verwerken, w trakcie realizacji"
)
WELL = texts(
    "fully, vollstandig, komplett, completamente, entierement, integralement, interamente, volledig, totalmente, "
    "successfully, erfolgreich, exitosamente, correctement"
)
NOT = texts("not, no, never, un, nicht, kein, keine, non, nao, niet, nie, inte, ej, pas")
CONFIRMED = texts(  # of an order, the best that some shops say of it; of a payment, that it came
    "confirmed, confirmado, confirmada, bestatigt, confirme, confirmee, confermato, confermata, bevestigd, "
    "potwierdzone, bekraftad, validated"
)
SIGNED = texts(  # of a quote, likewise
    "signed, fully signed, countersigned, accepted, unterzeichnet, unterschrieben, angenommen, firmado, firmada, "
    "aceptado, aceptada, signe, signee, accepte, acceptee, firmato, firmata, accettato, accettata, assinado, "
    "assinada, aceito, aceita, ondertekend, geaccepteerd, podpisane, undertecknad"
)
# Where a deal may stand before it is won, and what a shop calls an order that it is at work on.
WON = texts("won, closed won, closedwon, gewonnen, ganado, ganada, gagne, gagnee, vinto, ganho, vunnen, wygrana")
SOLD = texts("sold, vendida, vendido, vendu, vendue, verkauft, verkocht")  # where that is all: "Out-Sold" is lost
PIPELINE = texts(
    "qualification, qualified, qualify, qualifiedtobuy, prospecting, prospect, negotiation, negotiating, proposal, "
    "quote, demo, presentation, presentationscheduled, appointment, appointmentscheduled, scheduled, decision, "
    "decisionmakerboughtin, contractsent, discovery, contacted, lead, open, new, active, analysis, evaluation, needs, "
    "bid, suspect, qualifying, contact, kontaktiert, erstkontakt, kontakt, contactado, contacto, contacte, contattato, "
    "contato, presupuesto, devis, preventivo, orcamento, entwurf, nuevo, nueva, neu, nouveau, nouvelle, nuovo, novo, "
    "nova, nieuw, sent, verzonden, gesendet, versendet, enviado, enviada, envoye, envoyee, inviata, inviato, meeting, "
    "pitch, verbal, interested, nurture, stalled, pipeline, qualifiziert, angebot, verhandlung, erstgesprach, termin, "
    "propuesta, negociacion, calificacion, proposition, negociation, proposta, negociacao, trattativa, offerte, "
    "onderhandeling, oferta, negocjacje, offert, forhandling"
)
UNDER_WAY = texts(
    "in progress, in process, in bearbeitung, en cours, en cours de traitement, en cours de preparation, en proceso, "
    "en curso, in corso, in lavorazione, em andamento, em processamento, in behandeling, w trakcie realizacji, w "
    "realizacji, behandlas, under behandling"
)
APPROVED = texts(
    "approved, accepted, confirmed, registered, attended, attending, going, checked in, complete, completed, "
    "submitted, finished, active, subscribed, genehmigt, bestatigt, angemeldet, aprobado, confirmado, approuve, "
    "confirme, inscrit, scheduled, booked, confirmada, confirmee, confermata, confermato, bevestigd, potwierdzone, "
    "bekraftad, registrada, registrado, iscritto, iscritta"
)
NOT_APPROVED = texts(
    "denied, declined, rejected, pending, pending approval, awaiting approval, waitlist, waitlisted, waiting list, "
    "invited, not going, maybe, partial, incomplete, started, in progress, draft, abandoned, unsubscribed, spam, "
    "abgelehnt, rechazado, no asistio, no presentado, nicht erschienen, absent, absente, nao compareceu, niet "
    "verschenen, refuse, in attesa, pendiente, en attente, ausstehend, pendente, in afwachting, bounced, no show"
)

# Of a booking: it was made, and stood until its time, whoever came; one that was only asked for is not in the list.
BOOKED = texts(
    "signed in, check in, accepted, approved, arrived, attended, attending, booked, checked in, checked out, closed, "
    "complete, completed, confirmed, done, finished, held, in progress, late, missed, moved, new, no show, not "
    "arrived, not attended, open, pending, pending confirmation, planned, registered, reminded, rescheduled, "
    "reserved, scheduled, seated, showed, showed up, started, unconfirmed, upcoming, active, did not attend, did not "
    "show, bestatigt, gebucht, abgeschlossen, erschienen, nicht erschienen, geplant, verschoben, confirmada, "
    "confirmado, reservada, reservado, asistio, no asistio, completada, realizada, programada, agendada, agendado, "
    "reprogramada, confirme, confirmee, reserve, honore, absent, absente, termine, reporte, confermato, confermata, "
    "prenotato, completato, completata, assente, compareceu, nao compareceu, realizado, remarcado, bevestigd, "
    "geboekt, gepland, afgerond, niet verschenen, verplaatst, potwierdzona, umowiona, bekraftad, bokad"
)
DECLINED = texts(  # by who is asked for it
    "rejected, declined, denied, refused, abgelehnt, rechazado, rechazada, refuse, refusee, rifiutato, rifiutata, "
    "recusado, recusada, geweigerd, afgewezen, odrzucone, odrzucona, nekad, avvisad"
)
MOVED = texts(  # of a booking
    "rescheduled, moved, verschoben, reprogramada, reprogramado, reporte, reportee, remarcado, verplaatst, spostato"
)
# Of a person among the users of a platform: those who run it, and those whom it is for.
STAFF = texts(
    "admin, administrator, super admin, superadmin, staff, owner, instructor, teacher, tutor, editor, author, "
    "contributor, moderator, shop manager, manager, support, employee, trainer, coach, host, co host, panelist, "
    "speaker, organizer, organiser, collaborator, mitarbeiter, administrador, administrateur, amministratore, beheerder"
)
USERS = texts(
    "user, users, member, student, subscriber, customer, learner, participant, attendee, registrant, guest, client, "
    "buyer, teilnehmer, kunde, nutzer, mitglied, usuario, alumno, cliente, miembro, utilisateur, eleve, membre, "
    "utente, studente, membro, aluno, gebruiker, klant, lid"
)
# Of an address that reaches nobody.
NOBODYS = texts("invalid, invalid email, invalid address, undeliverable, ungultig, invalido, invalide, ongeldig")
# Of a mailing list.
LISTED = texts(
    "subscribed, unsubscribed, unconfirmed, confirmed, not confirmed, active, inactive, bounced, cleaned, complained, "
    "pending, unsub, opted out, opted in, opt out, opt in, suppressed, hard bounced, soft bounced, not subscribed, "
    "cancelled, canceled, non subscribed, abgemeldet, angemeldet, bestatigt, unbestatigt"
)

WHOLE = texts(  # of a refund: all of it went back
    "full, fully, full refund, complete, completed, refunded, fully refunded, processed, succeeded, total, voll, "
    "completo, complet, totale, volledig"
)
# What a column says of an environment, whatever its name.
LIVE = texts("live, production, prod, real, liveumgebung, produktion, produccion, producao, produzione, productie")
TESTS = texts(
    "test, testing, sandbox, demo, staging, development, dev, prueba, pruebas, teste, testes, prova, essai, tests"
)

TRIALS = {  # how a cell begins of a row that a platform made itself, to try a form or to show a board; as a pattern
    "<test lead": "^(?!<test lead)",  # Meta lead ads
    "(example)": "^(?![(]Example[)])",  # HighLevel opportunities
    **dict.fromkeys(("[dev]", "[test]", "[sandbox]", "[staging]"), r"^(?!\[(?i:dev|test|sandbox|staging)\])"),
}
