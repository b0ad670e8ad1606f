"""Words next to a phrase: those that leave it the same thing, and those that say whose it is or what else it is."""


def texts(listed: str) -> frozenset[str]:
    """The texts of a list with commas."""
    return frozenset(listed.split(", "))


# Whose an answer is: your name is the person's, but your revenue is the seller's.
POSSESSIVES = texts(
    "your, my, votre, notre, tu, tus, su, sus, tuo, tua, uw, jouw, je, seu, sua, teu, dein, deine, deinen, ihr, "
    "ihre, mein, meine, mon, ma, mi, mijn"
)
# Words that may be next to a phrase and leave it the same thing. Any other word makes the name only a hint: "Email
# consent", "Shipping total", "Owner email".
WRAPPERS = (
    f"{' '.join(sorted(POSSESSIVES))} "
    "required optional pflichtfeld pflicht obligatoire facultatif obligatorio opcional obrigatorio obbligatorio "
    "dim fact facoltativo verplicht optioneel wymagane opcjonalnie des dem l d dell van "
    "data object node fields attributes properties traits context details payload record result body action answers "
    "answer the of what s is txt str info de del du da do di la le el a o"
)
WHOSE = (
    "users members students subscribers guests donors "
    "customer customers buyer client contact billing bill invitee payer payeur pagador pagante zahler betaler "
    "purchaser person lead details purchase user member student subscriber attendee registrant guest donor supporter "
    "patron backer payer sender from von mittente remitente expediteur kunde kunden kaufer rechnung rechnungs cliente "
    "acheteur acquirente comprador klant klient klienta kund address adresse adres direccion indirizzo endereco "
    "primary invoice work home mobile other whatsapp whats app best ticket aluno alumno eleve studente schuler "
    "donateur donante doador donatore spender "
    "paciente patient consument consumidor teilnehmer participant participante partecipante asistente besteller "
    "auftraggeber kupujacego kupujacy nabywca nabywcy zamawiajacego counterparty counterpart contraparte gegenpartei "
    "musteri alici "
    "contrepartie controparte tegenpartij contacto contatto contato kontakt no nr to 1 shipping addresses associated "
    "parent guardian who people person attendees invitees 0 custom main private personal caller"
)
SENDERS = texts("sender, mittente, expediteur, remitente, absender, afzender, from, von")  # of money, or of documents
BUYERS = texts(
    "sender, mittente, expediteur, remitente, absender, afzender, customer, buyer, donor, supporter, patron, "
    "backer, invitee, client, attendee, purchaser, payer, purchase, order, checkout, billing, contact, lead, "
    "registrant, student, subscriber, guest, kunde, kunden, kaufer, cliente, comprador, acheteur, acquirente, "
    "klant, klient, kund, payeur, pagador, pagante, zahler, betaler, koper, primary"
)
# Of these, whoever pays: next to them a bare name is of the one who comes, or is given it.
PAYERS = texts(
    "buyer, purchaser, payer, kaufer, zahler, comprador, pagador, acheteur, payeur, acquirente, pagante, koper, "
    "betaler, kopare, nabywca, kupujacy"
)
SPARE = texts("secondary, alternate, alternative, alt, second, backup, 2, 2nd")  # another one of the same person
PLACES = texts("work, home, private, personal, business, office, company, geschaftlich, privat, travail, lavoro, werk")
ACCOUNTS = texts("user, member, account")
CURRENCIES = texts(
    "eur, usd, gbp, chf, pln, sek, nok, dkk, czk, huf, brl, mxn, cad, aud, nzd, jpy, inr, euro, euros, dollar, dollars"
)
# Of what was done to a row, as a mark or with its time.
_MARK = "was has is been at on date time datetime timestamp utc gmt flag"
ALSO_PASSED: dict[str, str] = {
    **dict.fromkeys(("fingerprint", "comet_token", "full_name"), WHOSE),
    **dict.fromkeys(("first_name", "last_name"), f"{WHOSE} account"),
    "email": f"{WHOSE.replace(' to', '').replace(' shipping', '')} account order value 0 bestellung "
    f"pedido commande ordine bestelling {' '.join(sorted(SPARE))}",
    "phone": f"{WHOSE} nummer numer numero portable movil movel komorkowy mobil mobiel privat day daytime evening "
    "telephone telefon telefono telefone office ship order e164 intl international formatted",
    "amount": f"in value invoice donation order deal payment sale transaction opportunity purchase amount paid price "
    f"set shop money pedido commande ordine compra base purchased totals gross brutto bruto brut lordo "
    f"{' '.join(CURRENCIES)}",
    "order_id": "shop store venda venta vente vendita deal woocommerce shopify sales opportunity oportunidad "
    "oportunidade opportunite trato negocio affaire transaccion transacao transaktion geschaft",
    "order_name": "relevant order line event purchased items item products lineitems lead 0",
    "event_time": "ticket in "
    "order date time deal contact lead record profile purchase event invitee at on utc gmt timezone zone datetime "
    "timestamp marked ms millis milliseconds epoch unix",
    "clock": "submitted created placed paid purchase payment booking signup registered",
    "zone": "created order transaction payment purchase booking event date",
    "status": "line pipeline trato negocio affaire booking appointment registration invoice pay billing order deal "
    "transaction payment charge opportunity current teilnehmer participant participante attendee type label name",
    "cancelled": f"order booking appointment {_MARK}",
    "currency": "transaction charge iso codigo kod customer paid settlement invoice amount order deal payment value "
    "shop money set total price code",
    "user_agent": "customer client details browser str string sign up signup registration order",
    "ip": "customer client details browser",
    "url": "order session lead first",
    "type": "order row txn sale",
    "paid": "order sale invoice flag",
    "deleted": f"order invoice transaction deal payment sale lead contact member user account {_MARK}",
    "outgoing": "amount sum total value betrag importe montant importo valor",
    "undone": f"order invoice payment sale purchase transaction charge ticket item status {_MARK}",
    "refund": "order payment sale purchase transaction charge total price",
    "test": "kauf bestellung zahlung modus compra pedido commande achat ordine venta venda pago paiement aankoop "
    "bestelling betaling order payment sale purchase transaction data lead response registration submission entry "
    "contact booking internal flag user account attendee registrant customer member",
    "live": "flag",
}

CONTAINERS = texts("event, properties, params, parameters, ecommerce, payload")  # what an event has in its record
CUSTOM = texts(  # what stands before a question of one's own: Champ additionnel: Téléphone
    "custom, additional, extra, field, fields, question, questions, answer, champ, champs, additionnel, personnalise, "
    "complementaire, reponse, campo, campos, adicional, personalizado, pregunta, respuesta, aggiuntivo, "
    "personalizzato, domanda, risposta, zusatzfeld, zusatz, feld, frage, benutzerdefiniert, antwort, veld, aangepast, "
    "vraag, pole, dodatkowe, pytanie"
)
BILLED_TO = texts("bill to, sold to")  # the customer's part of an account, before what it has
# Whose address is not the customer's, and what a column about addresses may say instead.
OTHERS = texts(
    "publisher, advertiser, influencer, ambassador, owner, staff, seller, host, agent, affiliate, afiliado, "
    "promoter, partner, provider, assigned, assignee, rep, salesperson, referrer, referral, referred, sponsor, "
    "vendor, producer, produtor, coproducer, admin, manager, closer, setter, support, reply, cc, bcc, employee, "
    "creator, organizer, organiser, company, merchant, instructor, teacher, coach, "
    "trainer, practitioner, therapist, clinician, doctor, dentist, stylist, recipient, "
    "giftee, team, responsible, verantwoordelijke, verantwortlicher, responsable, responsabile, responsavel, "
    "consent, marketing, opt, optin, status, verified, valid, template, subject, campaign, author, approver, "
    "location, branch, office, supplier, payee, beneficiary, guests, invited, inviter, vendeur, verkaufer, "
    "vendedor, venditore, verkoper, mitarbeiter, berater, destinatario, destinataire, empfanger"
)
# What an id is of where it is none of what its row is.
OTHER_IDS = texts(
    "customer, user, product, item, items, line, sku, form, ad, adset, campaign, store, location, coupon, card, "
    "device, session, company, staff, tracking, affiliate, gateway, merchant, parent, refunded, original, related, "
    "tax, vat, subscription, plan, price, discount, promo, voucher, gift, account, owner, organization, "
    "organisation, event, shipping, zip, postal, phone, page, ticket, barcode, serial, license, licence, batch, "
    "payout, settlement, terminal, register, till, channel, source, list, tag, segment, group, team, employee, "
    "host, agent, partner, vendor, seller, supplier, warehouse, visitor, client, cliente, kunde, bank, iban, bic, "
    "fiscal, cpf, cnpj, ean, upc, isrc, isbn, asin, authorization, approval, response, error, reason, status, "
    "country, state, currency, language, patient, guest, donor, provider, practitioner, clinician, referral, "
    "referrer, invite, invitation, click, gcl, gclid, fbclid, msclkid, unsubscribe, dial, area, paypal, stripe, "
    "braintree, adyen, klarna, mollie, square, worldpay, razorpay, checkout"
)
# The bare noun is an id only where it is alone: "Data ordine" is a date.
ORDER = texts(
    "transaction, transacao, transaccion, transaktion, transazione, transactie, transakcja, order, bestellung, "
    "pedido, commande, ordine, bestelling, zamowienie, invoice, receipt, fatura, factura, facture, fattura, "
    "rechnung, faktura, factuur, beleg, recibo, recu, ricevuta"
)

# An amount with the tax in it is what was paid, one without is not.
WITH = texts(
    "inc, incl, including, inclusive, included, with, inkl, mit, com, con, avec, incluso, inclusa, incluida, "
    "incluido, inclus"
)
WITHOUT = texts(
    "ex, excl, excluding, exclusive, without, before, exkl, ohne, sem, sin, hors, senza, exclusief, zonder, bez"
)
TAX = texts(
    "tax, taxes, vat, gst, mwst, ust, steuer, steuern, imposto, impostos, impuestos, iva, taxe, tva, btw, moms, "
    "dph, afa, alv, kdv, mva"
)

# Of the times of an answer or a document those at which it was done, and those at which it was begun.
FINISHED = texts(
    "submitted, submission, submit, completed, completion, finished, sent, signed, abgeschickt, gesendet, "
    "eingereicht, eingesendet, abgeschlossen, enviado, envio, envoi, envoye, soumission, soumis, termine, inviato, "
    "invio, completato, concluido, verzonden, voltooid, ingezonden, wyslano, skickad"
)
BEGUN = texts(
    "created, creation, create, started, start, begun, opened, drafted, erstellt, begonnen, creado, creacion, "
    "cree, creato, creazione, criado, criacao, aangemaakt, gestart, utworzono, skapad"
)

OTHER_TIMES = texts(  # than when it happened, or was paid for the first time
    "last, latest, next, previous, until, expiry, expires, expiration, update, updated, modified, changed, login, "
    "seen, visit, visited, active, activity, birth, birthday, dob, due, renewal, start, starts, end, ends, begin, "
    "begins, shipped, delivered, delivery, refund, refunded, cancel, canceled, cancelled, opened, clicked, "
    "unsubscribed, letzte, letzter, ultimo, ultima, dernier, derniere, laatste, senast, ostatnie, bis, hasta, "
    "jusqu, fino, tot"
)

# What is sent to a customer, who signs it.
DOCUMENTS = texts(
    "document, documents, quote, proposal, estimate, contract, agreement, envelope, angebot, vertrag, dokument, "
    "presupuesto, contrato, documento, devis, contrat, preventivo, contratto, orcamento, offerte, umowa"
)
# What a form collects.
ANSWERS = texts("entry, entries, submission, response, answer, antwort, respuesta, reponse, risposta, resposta")
