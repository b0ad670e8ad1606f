"""Status stems: how the words begin that a status is put together from, in nine languages, whatever they end in."""


def _stems(listed: str) -> tuple[str, ...]:
    """The stems of a list with commas, as `str.startswith` takes them."""
    return tuple(listed.split(", "))


# Of a payment that it did not come, or did not stay.
REFUSED = _stems(
    "cancel, annul, anul, storn, abgebroch, geannul, avbr, makul, fail, fehl, echou, echec, fallid, falh, fallit, "
    "misluk, misslyck, nieud, declin, refus, rechaz, recus, rifiut, geweig, abgelehn, nekad, odrzuc, reject, "
    "refund, erstatt, ruckerstatt, reembols, reintegr, rembours, rimbors, terugbet, zwroc, aterbet, devol, estorn, "
    "dispute, chargeback, contest, reclam, ruckbuch, ruckbelast, expir, abgelauf, verlopen, caduc, vencid, wygas, "
    "abandon, error, invalid, ungultig, overdue, unpaid, unbez, impag, impay, onbet, nieopl, obet, draft, entwurf, "
    "borrador, brouillon, bozza, rascunho, perd, verlor, lost, verloren, forlor, przegran, scadut, retard, laat, "
    "atras, moros, uberfal, vervall, concept, chgbk, chbk, chbck, cgbk, rfnd, insf, deneg, negad, initiali, "
    "deny, ongoing, fraud, betrug, timed, timeout, suspend, delet, gelosch, trash, spam"
)
# Of what somebody stopped, whether it was paid or not.
HELD = _stems(
    "block, frozen, freez, suspicio, flagg, escalat, complain, gesperr, bloqu, blocc, geblok, zablok, sparrad, "
    "eingefror, congel, verdacht, sospech, suspect, sospett, beschwerde, hold"
)
# Of money that went back.
BACK = _stems(
    "refund, erstatt, ruckerstatt, reembols, rembours, rimbors, terugbet, zwroc, aterbet, devol, estorn, restitu, "
    "reintegr, ruckzahl, ruckgab, teruggav"
)
# Of goods that went out.
SENT = _stems(
    "ship, deliver, fulfil, dispatch, versand, versend, geliefert, enviad, entreg, expedi, livr, sped, consegn, "
    "verzond, gelever, wysl, dostarcz, skick, lever, pick, pack"
)
# Of money that has come.
CAME = _stems(
    "paid, payee, bezahlt, gezahlt, teilbezahlt, anbezahlt, beglichen, pagad, pagat, encaiss, acquit, cobrad, "
    "incassat, "
    "saldat, quitad, liquidad, betaald, voldaan, oplacon, oplacil, zaplacon, rozliczon, zaksiegowan, betald, "
    "slutbetald, delbetald, captur, capturad, settl, cleared, deposited, overpaid, autopaid, collected, prepaid"
)
# Of a payment: that it was made, accepted or received; of an order, that it is done.
DONE = _stems(
    "complet, success, succeed, accept, confirm, receiv, approv, aprov, aprob, validee, validad, validat, valide, "
    "eingegangen, erhalten, bestatig, akzeptiert, genehmigt, erfolgreich, gelungen, recibid, recebid, recu, "
    "ricevut, effectu, efetuad, efectuad, effettuat, realizad, exitos, reussi, riuscit, sucedid, gelukt, geslaagd, "
    "ontvangen, aanvaard, geaccepteerd, goedgekeurd, otrzyman, zakonczon, potwierdzon, zaakceptowan, udan, mottag, "
    "godkan, bekraft, lyckad, finaliz, finalis, conclu, termine, terminad, terminato, terminata, abgeschlossen, "
    "voltooid, afgerond, processed, aceit, accettat, aceptad, captur, made, cleared, settled, done, ok"
)
# Of goods that are made ready, and of those that are ready.
PREPARED = _stems(
    "prepar, preparac, preparaz, preparat, vorbereit, versandvorbereit, versandbereit, separac, em separ, packag, "
    "packed, packing, gepackt, verpack, kompletowan, skompletowan, spakowan, pakowan, picking, picked, kommission, "
    "empaquet, empacad, emball, ingepakt, handling, handled, manuseio, warenausgang, versandfreigab, voorbereid, "
    "przygotow"
)
MOVED_ON = _stems(  # of goods: that they go out, or are fetched
    "ship, dispatch, deliver, fulfil, versand, versend, verschick, geliefert, ausgeliefert, zugestellt, "
    "teilliefer, enviad, enviar, envio, entreg, despach, expedi, livr, sped, consegn, verzond, verzend, verstuur, "
    "gelever, afgelever, bezorgd, wysl, wysyl, dostarcz, odebran, odbior, skick, skeppad, transit, pickup, picked, "
    "pick, afhal, afgehaald, abgehol, abhol, recog, retirad, ritir, imprimir"
)
# Of what is awaited.
AWAITED = _stems(
    "await, waiting, pending, warte, wacht, attente, attesa, espera, aguard, oczek, ausstehend, pendient, pendent, "
    "sospes, vanta, avvakt, uncleared"
)
# Of a payment that is owed, asked for, late, or under dispute.
OWED = _stems(
    "payer, regler, pagar, pagare, saldare, incassare, cobrar, receber, zahlen, bezahlen, betalen, zaplaty, "
    "betala, zahlungspflicht, offen, open, outstand, unpaid, due, fallig, vencid, vence, forfall, przetermin, "
    "verzug, mahn, inkasso, oninbaar, uncollect, erinner, herinner, remind, reminder, dispu, litig, mediac, "
    "mediat, contracarg, rucklast, delinq, dunning, retain, unclaimed, openstaand, analis, analys, krediter, "
    "teruggest, teruggedr, teruggeb, gestorneerd, reverti, rejet, cofniet, zuruckgez, zuruckers, zuruckge, "
    "aborted, unvollst, incomplet, declin, bounce, undeliver, unbestatig, zweryfik, revers, ausgesetzt, stuck, "
    "withdr, wycof, retry, utkast, saved, unsent, escheat, erreur, errore, erro, fout, blad, devuel, negat"
)
# Of a debt, which may have been paid since.
LATE = _stems(
    "overdue, late, due, outstand, open, delinq, dunning, remind, mahn, inkasso, erinner, uberfal, offen, fallig, "
    "verzug, vencid, atras, moros, retard, scadut, sollecit, herinner, openstaand, przetermin, forfall, paminnel"
)
# Of a dispute: that it is over, whoever won it.
OVER = _stems(
    "settl, resolv, close, clos, gelost, beigelegt, geschlossen, resuel, cerrad, resol, ferme, risolt, chius, "
    "opgelost, gesloten"
)
REQUIRED = _stems("requir, need, notwendig, erforderlich, requis, requerid, richiest, necessar, vereist, wymagan")
AUTHORISED = _stems("authori, auth, autoris, autoriz, geautoris, autoryz, preauth, preapprov, reserviert, gereserveerd")
ROMANCE = _stems("autorizad, autorizz, autorise")  # in whose languages a card that is authorised may have paid
# Of money that somebody has fetched, or not.
CLAIMED = _stems("claim, reclam, eingefordert, riscoss, resgatad, geind, incass, odebran")
# Of documents: what is only offered, and what was ordered.
OFFERED = _stems(
    "quot, angebot, devis, presupuest, preventiv, offert, cotac, cotiz, orcament, oferta, wycen, estimat, "
    "kostenvoranschlag"
)
ORDERED = _stems(
    "sales order, order, verkaufsauftrag, auftrag, bon de commande, commande, pedido de venta, pedido, ordine, "
    "verkooporder, zamowieni, lock, gesperrt, verrouill, bloquead, bloccat, vergrendeld, invoiced, fully invoiced"
)
INVOICED = _stems(
    "invoiced, billed, faturad, facturad, fatturat, fakturier, gefactureerd, facturee, zafakturow, nota fiscal emitid"
)
# Of the stage of a deal: that it may come after the deal was won.
AFTERWARDS = _stems(
    "onboard, deliver, implement, activ, client, customer, sign, retain, renew, upsell, paid, invoic, live, kick, "
    "complet, finish, done, install, deposit, order, sold, fulfil, ship, project, production, close, unter, abges, "
    "factur, fattur, kunde, kund, klant, cliente, firmad, gefirm, umgesetzt, umsetz, bezahlt, pagad, geschlossen, "
    "fechad, cerrad, gesloten, chius, ferme, conclu, gan, success"
)
# Of a payment as its processor speaks of it, and as shops do too.
PROCESSORS = _stems("succeed, captur, chargeb, authori, aprob, aprov, approv, contracarg")
TURNED_DOWN = _stems(
    "declin, reject, denied, deny, refus, rechaz, deneg, negad, recus, rifiut, geweig, abgelehn, odrzuc"
)
# Of a booking that was called off.
CALLED_OFF = _stems(
    "abgesagt, absage, disdett, afgezegd, desmarcad, odwolan, usuniet, withdraw, supprim, elimin, verwijder"
)
# Of invoices, as no goods are: not sent yet, or late.
BILLS = _stems(
    "draft, entwurf, concept, borrador, brouillon, bozza, rascunho, utkast, szkic, overdue, uberfallig, vencid, "
    "retard, scadut, przetermin, forfall, laat, "
    "splatnost, eraant, forfald, koncept, luonnos, kladde"
)
