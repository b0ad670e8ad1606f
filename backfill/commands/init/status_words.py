"""Status words: what shops, banks and people write of a payment, an order, a deal or an answer, in nine languages."""

from backfill.commands.init.asian_words import ASIAN_GONE, ASIAN_PAID, ASIAN_UNPAID
from backfill.commands.init.vocabulary import texts

# In the spelling of `words`. Processing counts as paid: shops set it when the money has come.
PAID = (
    texts(
        "delvist betalt, delvis betalt, gennemfort, fuldfort, fullfort, afsendt, leveret, levert, zaplaceno, "
        "zaplacena, zaplacen, uhrazeno, uhrazena, castecne zaplaceno, castecne uhrazeno, vyrizeno, vyrizena, "
        "zaplaceny, uhrazeny, vyrizeny, doruceny, doruceno, dorucena, expedovano, expedovana, maksettu, toimitettu, "
        "lahetetty, "
        "basarili, onaylandi, tahsil edildi, odendi, tamamlandi, kargolandi, kargoya verildi, teslim edildi, platit, "
        "platita, achitat, achitata, "
        "finalizat, finalizata, livrat, livrata, expediat, expediata, fizetve, kifizetve, teljesitve, "
        "kiszallitva, "
        "paid, partially paid, partially refunded, complete, completed, processing, shipped, fulfilled, delivered, "
        "won, closed won, closedwon, succeeded, success, successful, captured, settled, charge, payment, sale, "
        "bezahlt, teilweise bezahlt, abgeschlossen, versendet, versandt, geliefert, gewonnen, in bearbeitung, zahlung, "
        "pagado, pagada, completado, completada, enviado, entregado, ganado, ganada, procesando, paye, payee, termine, "
        "terminee, expedie, expediee, livre, livree, gagne, gagnee, en cours de traitement, pagato, pagata, "
        "completato, completata, spedito, consegnato, vinto, in lavorazione, pago, paga, concluido, concluida, "
        "entregue, ganho, processando, betaald, voltooid, afgerond, verzonden, geleverd, in behandeling, oplacone, "
        "oplacona, zaplacone, zaplacono, zrealizowane, zrealizowana, wyslane, dostarczone, wygrana, betald, betalt, "
        "slutford, skickad, levererad, vunnen, charged, approved, partial refund, partially captured, settling, "
        "submitted for settlement, posted, cleared, confirmed payment, payment accepted, payment received, dispatched, "
        "in transit, out for delivery, picked up, attending, attended, checked in, paiement accepte, pago aceptado, "
        "pagamento accettato, zahlung eingegangen, aprovado, aprovada, completo, completa, aprobado, aprobada, "
        "recibido, recibida, recebido, recebida, approve, approuvee, approvato, approvata, genehmigt, eingegangen, "
        "collected, shipping, to ship, to receive, ready to ship, por enviar, a enviar, versandbereit, validee, "
        "valide, validado, validada, validato, validata, teilnehmend, participe, participante, asistira, partecipa, "
        "paid out, finished, done, beendet, terminado, terminada, sold, verkocht, verkauft, vendido, vendida, vendu, "
        "vendue, venduto, venduta, valid, valida, gultig, geldig, verwerken, verwerkt, evaso, evasa, em transporte, in "
        "transito, en camino, en route, unterwegs, onderweg, erfolgreich, exitoso, exitosa, exito, reussi, reussie, "
        "riuscito, riuscita, sucesso, bem sucedido, bem sucedida, geslaagd, gelukt, lyckad, udana, udane, finalizada, "
        "finalizado, finalise, finalisee, efetuado, efetuada, encaissee, encaisse, regle, reglee, acquittee, "
        "liquidada, liquidado, saldata, saldato, cobrada, cobrado, incassata, contabilizzato, contabilizzata, compl, "
        "cmpl, cmplt, pd, succ, shpd, dlvd, processed, verarbeitet, procesado, traite, elaborato, processado, "
        "przetworzone, ok, acknowledged, packed, partially returned, partially returned refunded, on backorder, "
        "backordered, back ordered, backorder, awaiting stock, awaiting settlement, pending settlement, auto paid, "
        "verse, versee, ausgezahlt, disponivel, poprawna, part paid, part captured, partly fulfilled, in payment, paid "
        "in full, full payment, zugestellt, sent for settle, sent for settlement, settled externally, prete, being "
        "prepared, zakonczono, zakonczone, zakonczona, facture reglee, teilbezahlt, oplacono, zaplacona, odebrane, "
        "unshipped paid, rozliczona, realizado, realizada, realizzato, kommissioniert, abgeholt, verschickt, "
        "ausgeliefert, verstuurd, afgehaald, opgehaald, afgeleverd, renewal, zrealizowano, em separacao, "
        "paidinfull, to deliver and bill, paid deferred, deferred paid, uberwiesen, overgemaakt, freigabe versand, "
        "warenausgang gebucht, etiqueta lista para imprimir"
    )
    | ASIAN_PAID
)
UNPAID = (
    texts(
        "ikke betalt, ubetalt, afventer, afventer betaling, avventer betaling, annulleret, kansellert, "
        "refunderet, refundert, returneret, returnert, mislykket, mislykkedes, fejlet, feilet, udkast, "
        "kladde, forfalden, forfalt, nezaplaceno, nezaplacena, neuhrazeno, neuhrazena, po splatnosti, "
        "stornovano, stornovana, storno, zruseno, zrusena, vraceno, vracena, nevyrizeno, nevyrizena, ceka na "
        "platbu, maksamaton, peruutettu, peruttu, palautettu, hyvitetty, odottaa, odottaa maksua, uusi, "
        "luonnos, eraantynyt, odenmedi, bekliyor, beklemede, odeme bekleniyor, iptal, iptal edildi, iade, "
        "iade edildi, yeni, basarisiz, reddedildi, neplatit, neplatita, neachitat, anulat, anulata, "
        "rambursat, rambursata, returnat, returnata, in asteptare, esuat, fizetetlen, fuggoben, torolve, "
        "visszateritve, uj, sikertelen, vystavena, vystaveno, nedobytna, proforma, pro forma, "
        "pending, unpaid, open, new, draft, authorized, expired, voided, void, refunded, refund, cancelled, canceled, "
        "failed, declined, on hold, holded, pending payment, payment pending, awaiting payment, requires payment "
        "method, requires action, uncaptured, abandoned, lost, closed lost, closedlost, disputed, chargeback, "
        "reversed, denied, incomplete, trash, checkout draft, fraud, payment review, unavailable, returned, offen, "
        "ausstehend, unbezahlt, storniert, abgebrochen, erstattet, ruckerstattet, fehlgeschlagen, verloren, abgelehnt, "
        "neu, in wartestellung, zahlung ausstehend, erstattung, pendiente, pendiente de pago, impagado, anulado, "
        "anulada, cancelado, cancelada, reembolsado, reembolsada, fallido, perdido, abierto, en espera, en attente, en "
        "attente de paiement, impaye, annule, annulee, rembourse, remboursee, echouee, echoue, perdu, ouvert, in "
        "attesa, in attesa di pagamento, annullato, annullata, rimborsato, rimborsata, fallito, perso, aperto, in "
        "sospeso, pendente, aguardando, aguardando pagamento, falhou, aberto, malsucedido, onbetaald, in de wacht, "
        "wacht op betaling, geannuleerd, terugbetaald, mislukt, oczekujace, oczekuje na platnosc, nieoplacone, "
        "anulowane, anulowano, zwrocone, nieudane, przegrana, wstrzymane, obetald, vantande, avbruten, annullerad, "
        "aterbetald, misslyckad, forlorad, oppen, authorised, uncollectible, created, initiated, attempted, in "
        "progress, past due, overdue, not paid, failure, unsuccessful, not successful, requires capture, payment due, "
        "not attending, billed, refused, chargedback, retourniert, devuelto, devuelta, retourne, devolvido, devolvida, "
        "rejected, inactive, incomplete expired, lapsed, fraudulent, revoked, queued, skipped, error, timeout, "
        "scheduled, expirado, expirada, boleto impresso, nowe, nowy, em analise, iniciado, iniciada, atrasado, "
        "atrasada, reclamado, reclamada, suspended, suspendido, ruckbuchung, ruckerstattung, ruckgabe, ruckbelastung, "
        "gutschrift, mahnung, uberfallig, en retard, scaduto, openstaand, avbokad, em aberto, waiting, wartend, out "
        "sold, optional, tentative, provisional, provisorisch, requested, option, invoice sent, no payment required, "
        "not required, free, waived, sent, viewed, opened, token, errored, dropped, late, upcoming, due, not due, bad "
        "debt, written off, write off, canc, cncl, cncld, cxl, cxld, review, in review, under review, manual review, "
        "pend, decl, refd, rfd, unpd, perdida, perdidas, nieuw, nouveau, nouvelle, nuevo, nueva, nuovo, nuova, novo, "
        "nova, ny, nowa, nowe zamowienie, ko, nok, lose, loss, authreceived, auth received, unclaimed, aborted, zwrot, "
        "zwroty, retour, retoure, retouren, reso, devolucion, devolucao, contracargo, litige, litigio, preapproved, "
        "payment authorized, pending capture, authorized pending capture, saved, unsent, submitted for approval, "
        "invalid, test, test order, a payer, por pagar, da pagare, te betalen, do zaplaty, zu zahlen, att betala, a "
        "receber, a regler, por cobrar, da saldare, da incassare, te laat, oninbaar, verfallen, falszywe, utracone, "
        "geretourneerd, zuruckgesendet, rto, shipped back, unsold, unbestatigt, en cours de paiement, retrying, "
        "returned to seller, unprocessed, wystawiona, verlopen, borrador, draft order, a venir, foreseen, contestado, "
        "contestada, mediation, in mediation, gecrediteerd, gutgeschrieben, credited, creditata, creditee, en "
        "mediacion, return, credit note, credit note issued, in rechnung gestellt, rechnung gestellt, teilweise in "
        "rechnung gestellt, komplett in rechnung gestellt, retenu, retenue, bloque, uncleared, "
        "deferred, payment deferred, deferred payment, wroff, no response, did not respond, no reply"
    )
    | ASIAN_UNPAID
)
RETURNED = texts(  # of goods that came back
    "returned, retourniert, devuelto, devuelta, retourne, retournee, devolvido, devolvida, zwrocone, zwrocona, "
    "zwrocono, geretourneerd, returnerad, reso, zuruckgesendet, zuruckgegeben"
)
# Next to these it is not known what became of it: a refund that was asked for, or refused; a dispute that was won.
UNDECIDED = texts(
    "failed, requested, request, won, closed, resolved, part, review, declined, rejected, denied, reversed, "
    "abgelehnt, refuse, rechazado, angefragt, solicitado, demande, richiesto, aangevraagd, attempt, retry, "
    "retrying, fehlgeschlagen, echoue, fallido, fallida, fallito, falhou, mislukt, rechazada, refusee, rifiutato, "
    "recusado, geweigerd, misslyckad"
)
# What may be called off, and then leaves open if the money stayed; and what may be settled for either side.
CLAIMS = texts(
    "refund, refunds, dispute, disputes, chargeback, chargebacks, reversal, return, claim, erstattung, "
    "ruckerstattung, ruckzahlung, ruckbuchung, ruckbelastung, rucklastschrift, retoure, reembolso, devolucion, "
    "contracargo, reclamacion, disputa, remboursement, retour, litige, retrocession, rimborso, reso, "
    "contestazione, devolucao, estorno, contestacao, terugbetaling, retourzending, geschil, zwrot, reklamacja, "
    "spor, aterbetalning, tvist, reklamation, inkasso, collection"
)
DISPUTES = texts(
    "dispute, disputes, disputed, chargeback, chargebacks, claim, case, ruckbuchung, ruckbelastung, reklamation, "
    "contracargo, reclamacion, disputa, litige, reclamation, contestazione, contestacao, geschil, reklamacja, tvist"
)
BILLED = texts("invoice, invoices, rechnung, factura, facture, fattura, fatura, factuur, faktura")  # for a payment
# No purchase and no lead whatever else a row says; what a shop has only not shipped yet is not in this list.
GONE = (
    texts(
        "zruseny, stornovany, annulleret, kansellert, refunderet, refundert, mislykket, stornovano, stornovana, "
        "zruseno, zrusena, "
        "peruutettu, peruttu, hyvitetty, iptal, iptal edildi, iade edildi, anulat, anulata, rambursat, "
        "rambursata, visszateritve, "
        "cancelled, canceled, refunded, refund, fully refunded, voided, void, failed, declined, denied, rejected, "
        "expired, trash, spam, fraud, chargeback, charged back, disputed, reversed, deleted, abandoned, test, "
        "storniert, abgebrochen, erstattet, ruckerstattet, fehlgeschlagen, abgelehnt, geloscht, cancelado, cancelada, "
        "reembolsado, reembolsada, fallido, fallida, rechazado, rechazada, anulado, anulada, annule, annulee, "
        "rembourse, remboursee, echoue, echouee, refuse, refusee, annullato, annullata, rimborsato, rimborsata, "
        "fallito, fallita, rifiutato, rifiutata, falhou, recusado, recusada, geannuleerd, terugbetaald, mislukt, "
        "geweigerd, anulowane, anulowano, zwrocone, nieudane, odrzucone, annullerad, avbruten, aterbetald, misslyckad, "
        "nekad, fraudulent, revoked, canc, cncl, cncld, cxl, cxld"
    )
    | ASIAN_GONE
)
# What is awaited says whether the money has come: a shipment, or the payment itself.
AWAITS = texts(
    "awaiting, waiting, wait, pending, ready, wartet, wacht, attente, attesa, espera, aguardando, oczekuje, "
    "ausstehend, pendiente, pendente, warten, wachten, warte, oczekiwanie, oczekujaca, aguarda"
)
SHIPPING = texts(
    "fulfillment, fulfilment, shipment, shipping, pickup, delivery, dispatch, collection, versand, lieferung, "
    "abholung, envio, entrega, expedition, livraison, spedizione, consegna, verzending, wysylke, collected, "
    "courier, stock, fulfil, despatch, reapprovisionnement, odbior, wysylki, envios, afhalen, ritiro, retirada, "
    "retiro, recogida, abholbereit, restock, restocking, carrier, lager"
)
PAYING = texts(
    "submission, virement, transfer, wire, uberweisung, transferencia, bonifico, overschrijving, cheque, check, "
    "payment, authorization, approval, verification, review, zahlung, freigabe, genehmigung, pago, pagamento, "
    "paiement, betaling, platnosc, platnosci, confirmation, validation, bestatigung, confirmacion, confirmacao, "
    "conferma, bevestiging, potwierdzenie, deposit, anzahlung, zahlungseingang, geldeingang, betalning, wplata, "
    "przelew, bankowy, aprovacao, aprobacion, approbation, approvazione, autorizacao, autorizacion, capture, "
    "funds, cash, bank, credit"
)
ACCEPTED = texts(  # of a payment
    "approved, accepted, confirmed, received, aprovado, aprobado, approuve, approvato, accepte, aceptado, aceito, "
    "accettato, confirmado, confirme, confermato, recibido, recebido, recu, ricevuto, eingegangen, erhalten, "
    "bestatigt, ontvangen, geaccepteerd, otrzymano, mottagen"
)
PART = texts(
    "half, partially, partial, partly, part, teilweise, teil, teilliefer, parcialmente, parcial, partiellement, "
    "partiel, partielle, parzialmente, parziale, gedeeltelijk, deels, czesciowo, czesciowy, czesciowa, delvis"
)
PAYMENTS = texts(  # what is made, received or refused
    "payment, payments, pymt, pmt, zahlung, zahlungs, zahlungseingang, anzahlung, geldeingang, pago, pagos, cobro, "
    "paiement, paiements, reglement, encaissement, virement, pagamento, pagamenti, incasso, bonifico, betaling, "
    "betalings, overboeking, platnosc, platnosci, wplata, przelew, betalning, transaction, transaktion, "
    "transaccion, transacao, transazione, transactie, transakcja, deposit, charge, card, tarjeta, kredit"
)
# Of these a status says what became of them; next to such words it is not of goods that were sent.
DOCUMENTS = texts(
    "invoice, quote, quotation, contract, proposal, offer, estimate, rechnung, angebot, vertrag, factura, "
    "presupuesto, contrato, propuesta, facture, devis, contrat, fattura, preventivo, contratto, fatura, orcamento, "
    "proposta, factuur, offerte, faktura, oferta, umowa, email, mail, reminder, request, link, form, message, "
    "erinnerung, anfrage"
)
ON_DELIVERY = texts("cash, pay, cod, contra, contre, przy, bij, kontant, efectivo, nachnahme")  # paid for when it comes
BESIDE_PAYMENTS = texts(  # of which they say nothing
    "remote, remoto, remota, distance, a, auf, out, for, por, falta, pay, pal, curso, corso, toku, w, trakcie, "
    "bezig, listo, lista, pronto, pronta, klaar, gotowe, voor, il, pour, tot, till, o, manuseio"
)
# Next to a status they say nothing of it.
NEUTRAL = texts(
    "user, shopper, usuario, utilisateur, utente, nutzer, gebruiker, "
    "order, orders, bestellung, auftrag, pedido, pedidos, commande, commandes, ordine, ordini, bestelling, "
    "zamowienie, zamowienia, the, of, de, del, do, da, du, by, via, with, per, mit, par, con, com, met, przez, "
    "vom, von, buyer, customer, client, kunde, kunden, cliente, klant, klienta, status, was, is, has, been, being, "
    "wurde, ist, wird, und, and, e, et, y, en, em, in, on, at, der, die, das, la, le, el, total, totalidad, "
    "totalite, full, gerade, im, zur, para, to, now, already, bereits, item, items, artikel, venta, venda, vente, "
    "sale, purchase, compra, achat, kauf, manually, automatically"
)
# Words of what a row is: money that came in for a sale, or anything else that a list of transactions has.
SALES = texts(
    "odeme, satis, tahsilat, "
    "inv, fac, fact, renovacion, renovacao, renouvellement, rinnovo, verlangerung, verlenging, bill, charge, "
    "charged, "
    "payment, sale, order, purchase, invoice, rebill, renewal, recurring, checkout, upsell, downsell, zahlung, "
    "verkauf, pago, venta, paiement, vente, vendita, venda, verkoop, sprzedaz, forsaljning, rechnung, facture, "
    "factura, fattura, factuur, faktura, fatura, bestellung, commande, pedido, ordine, bestelling, zamowienie, "
    "spende, don, donacion, donazione, donation, cobro, rebilling, sales receipt, sales"
)
BESIDE_SALES = texts(  # what an account has next to sales
    "tax, taxes, vat, iva, tva, btw, steuer, impuesto, impuestos, imposta, imposto, claim, shipping label, costo "
    "de envio, expense, journal entry, estimate, quote, loan, loan disbursement, financing, angebot, devis, "
    "presupuesto, preventivo, offerte, lieferschein, albaran, bon de livraison, settlement, marketing fee, "
    "updateinfo, update info, payment method update, card update, card verification, subscription modification, "
    "subscription cancellation"
)
# What a webhook says happened to a payment or to another thing: that money came, or what comes before and after it.
SUCCEEDED = texts("paid, succeeded, success, completed, captured, successful, payment succeeded")
BEFORE = texts(
    "created, create, updated, update, upcoming, finalized, finalised, sent, published, opened, viewed, started, "
    "start, initiated, requires, processing, attached, detached, marked, authorized, authorised, scheduled, "
    "deleted, disabled, disable, enabled, issued, overdue, paused, resumed, uncollectible, warning, action, "
    "expiring, billed, approved, added"
)
PLACES = texts(  # that somebody pays for, as for goods
    "enrollment, enrolment, booking, reservation, registration, ticket, membership, course, appointment, seat"
)
OBJECTS = texts(  # that no money comes by
    "customer, subscription, plan, product, coupon, cart, method, setup, radar, mandate, price, file, account, "
    "quote, intent, invoiceitem, session, checkout, invoice"
)
GOODS = texts(
    "order, upsell, downsell, renewal, recurring, checkout, bestellung, commande, pedido, ordine, bestelling, "
    "zamowienie, sales"
)
NO_SALES = texts(
    "iade, iptal, proforma, zalohova, zalohovy, predfaktura, "
    "pending, unpaid, ausstehend, pendiente, pendente, contracargo, retrocession, rfnd, cgbk, chgbk, insf, refund, "
    "refunded, chargeback, dispute, reversal, reversed, reverse, payout, withdrawal, transfer, conversion, hold, "
    "release, reserve, authorization, authorisation, auth, void, voided, fee, fees, adjustment, cancel, verify, "
    "verification, canceled, cancelled, cancellation, failed, failure, declined, denied, request, revert, "
    "reverted, abandoned, expired, draft, ruckgabe, ruckbuchung, ruckerstattung, ruckbelastung, gutschrift, "
    "erstattung, ruckzahlung, auszahlung, gebuhr, storno, stornierung, umrechnung, reembolso, retirada, comision, "
    "remboursement, virement, frais, annulation, rimborso, prelievo, commissione, estorno, terugbetaling, "
    "uitbetaling, zwrot, wyplata, aterbetalning, utbetalning, abbuchung, wahrungsumrechnung, bankgutschrift, "
    "ubertrag, servicegebuhr, lagergebuhr, tarifa, ajuste, anpassung, ajustement, transfert, transferir, "
    "trasferimento, saque, comissao, retencion, einbehaltene, einbehaltung, retrocharge, holdback, rejet, retiro, "
    "conversione, conversao, rucklastschrift, stripe fee, topup, top up, entnahme, einlage, stornorechnung, "
    "mahnung"
)
MEANS = texts(  # by which somebody pays
    "card, credit card, debit card, creditcard, bank transfer, banktransfer, wire transfer, wire, cash, check, "
    "cheque, direct debit, bank account, ach, sepa, paypal, apple pay, google pay, klarna, ideal, sofort, giropay, "
    "bancontact, stripe, ussd, mobile money, mobilemoney, upi, netbanking, wallet, pix, boleto, gift card, "
    "kreditkarte, uberweisung, bankuberweisung, lastschrift, bar, vorkasse, karte, tarjeta, tarjeta de credito, "
    "transferencia, transferencia bancaria, efectivo, carte, carte bancaire, carte de credit, virement, virement "
    "bancaire, especes, prelevement, carta, carta di credito, bonifico, bonifico bancario, contanti, cartao, "
    "cartao de credito, dinheiro, overschrijving, bankoverschrijving, overboeking, contant, pin, przelew, karta, "
    "gotowka, kort, swish, bankoverforing"
)
PAYOUTS = texts("payout, payouts, withdrawal, deposit, auszahlung")  # of all that has come, to the seller
OUT = texts(  # of money
    "payout, payouts, withdrawal, withdrawals, chargeback, chargebacks, dispute, reversal, auszahlung, "
    "ruckbuchung, retirada, virement, prelievo, uitbetaling, wyplata, utbetalning"
)
# What a status says of money alone: where a file has one of these, its rows are no mere contacts.
MONEY = texts(
    "betalt, ubetalt, refunderet, zaplaceno, zaplacena, nezaplaceno, uhrazena, neuhrazena, maksettu, "
    "odendi, platit, fizetve, "
    "paid, unpaid, refunded, partially paid, partially refunded, chargeback, chargedback, charged, captured, "
    "settled, overdue, bezahlt, unbezahlt, erstattet, pagado, pagada, pago, paga, reembolsado, reembolsada, paye, "
    "payee, rembourse, pagato, pagata, rimborsato, betaald, onbetaald, terugbetaald, oplacone, zwrocone, betald, "
    "aterbetald"
)
AUTHORIZED, CAPTURED = texts("authorization, authorisation, auth"), texts("capture, captured")
SIGNUPS = texts(
    "signup, sign up, lead, trial, trial start, click, visit, registration, account created, subscriber, trial "
    "started, expiration, billing issue, subscription paused, product change"
)
CREDITS = texts(
    "dobropis, opravny danovy doklad, kreditnota, hyvityslasku, factura storno, "
    "nc, ncr, gu, gs, cn, crn, credit, credit note, credit memo, return, returns, retoure, devolucion, retour, reso, "
    "devolucao, zwrot, retur, abono, avoir, facture d avoir, creditnota, creditfactuur, nota de credito, "
    "nota di credito, "
    "nota di accredito, nota de abono, gutschrift, stornorechnung, rechnungskorrektur, factura rectificativa, "
    "faktura korygujaca, korekta, korygujaca"
)
# What says that the money has come, and those for what may be paid or not where a status has that one too.
SETTLED = texts(
    "betalt, zaplaceno, zaplacena, uhrazeno, uhrazena, maksettu, odendi, platit, platita, achitat, "
    "fizetve, "
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
NOT = texts(
    "not, no, never, un, nicht, kein, keine, non, nao, niet, nie, inte, ej, pas, sin, sem, sans, ohne, senza, "
    "zonder, brak, bez, geen, without, noch, yet"
)
CONFIRMED = texts(  # of an order, the best that some shops say of it; of a payment, that it came
    "booked, gebucht, reservada, reservado, prenotato, prenotata, geboekt, bokad, zarezerwowana, "
    "zarezerwowano, "
    "confirmed, confirmado, confirmada, bestatigt, confirme, confirmee, confermato, confermata, bevestigd, "
    "potwierdzone, potwierdzona, bekraftad, validated"
)
CLOSED = texts(  # of a receipt, where nothing else says that it was paid
    "closed, geschlossen, cerrado, cerrada, ferme, fermee, chiuso, chiusa, fechado, fechada, gesloten, zamkniete, "
    "zamkniety, final, finalized, archived, archiviert, archivado, archive"
)
LOST = texts("lost, closed lost, verloren, perdido, perdida, perdu, perso, refunded, returned, open")
SENT_OUT = texts(  # of an invoice
    "odeslano, odeslana, odeslany, "
    "sent, verzonden, verstuurd, enviado, enviada, envoye, envoyee, versendet, versandt, verschickt, gesendet, "
    "inviato, inviata, wyslane, wyslana, skickad"
)
SIGNED = texts(  # of a quote, likewise
    "signed, fully signed, countersigned, accepted, unterzeichnet, unterschrieben, angenommen, firmado, firmada, "
    "aceptado, aceptada, signe, signee, accepte, acceptee, firmato, firmata, accettato, accettata, assinado, "
    "assinada, aceito, aceita, ondertekend, geaccepteerd, podpisane, undertecknad"
)
# Where a deal may stand before it is won, and what a shop calls an order that it is at work on.
WON = texts(
    "won, negocio fechado, deal won, closed won, closedwon, gewonnen, ganado, ganada, gagne, gagnee, vinto, ganho, "
    "vunnen, wygrana"
)
SOLD = texts("sold, vendida, vendido, vendu, vendue, verkauft, verkocht")  # where that is all: "Out-Sold" is lost
PIPELINE = texts(
    "qualification, qualified, qualify, qualifiedtobuy, prospecting, prospect, negotiation, negotiating, proposal, "
    "quote, demo, presentation, presentationscheduled, appointment, appointmentscheduled, scheduled, decision, "
    "decisionmakerboughtin, contractsent, discovery, contacted, lead, open, new, active, analysis, evaluation, "
    "needs, bid, suspect, qualifying, contact, kontaktiert, erstkontakt, kontakt, contactado, contacto, contacte, "
    "contattato, contato, presupuesto, devis, preventivo, orcamento, entwurf, nuevo, nueva, neu, nouveau, "
    "nouvelle, nuovo, novo, nova, nieuw, sent, verzonden, gesendet, versendet, enviado, enviada, envoye, envoyee, "
    "inviata, inviato, meeting, pitch, verbal, interested, nurture, stalled, pipeline, qualifiziert, angebot, "
    "verhandlung, erstgesprach, termin, propuesta, negociacion, calificacion, proposition, negociation, proposta, "
    "negociacao, trattativa, offerte, onderhandeling, oferta, negocjacje, offert, forhandling"
)
MADE = texts(
    "made, placed, efetuado, realizado, efectuado, effettuato, effectue, aufgegeben, geplaatst, zlozone"
)  # orders
UNDER_WAY = texts(
    "processing in progress, being processed, en proceso de pago, processando transacao, in progress, in process, "
    "in bearbeitung, en cours, en cours de traitement, en cours de preparation, en proceso, en curso, in corso, in "
    "lavorazione, em andamento, em processamento, in behandeling, w trakcie realizacji, w realizacji, behandlas, "
    "under behandling"
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
