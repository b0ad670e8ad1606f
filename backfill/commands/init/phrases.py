"""Phrases: what exports call things, in nine languages: whole header names that mean an API's field, by tiers."""

# A field's phrases by tier, the best first: from the help pages and headers of 26 exports, and the shop systems'
# translations of them (English, German, Spanish, French, Italian, Portuguese, Dutch, Polish, Swedish), in the spelling
# of `words`: no case, no accents, no punctuation. The tier called NEVER holds what resembles the field and is none.
NEVER = 9
PERSONAL = 5  # of an id: a person's
PAYMENT, RECORD, INVOICE = 2, 3, 4  # of an id: a payment's, a record's, of whatever kind, and an invoice's
CREATED = 2  # of a time: of a person, or of what a person sent
COMPLETED = 3  # of a time
SERVICE, SUBJECT, GOODS = 3, 4, 5  # of a name: what is booked, what an invoice is for, and what was sold
CLOSING = 4  # of a time: when a deal was closed, which is when it was won, or only hoped for
PHRASES: dict[str, dict[int, str]] = {
    "email": {
        0: "sahkoposti, sahkopostiosoite, e posta, eposta, e posta adresi, e postadresse, epostadresse, "
        "e mailova adresa, emailova adresa, adresa de email, adresa email, e mail cim, email cim, "
        "email id, mail id, email, e mail, mail, emailadresse, mailadresse, e mailadresse, e mail adresse, "
        "correo, correo electronico, courriel, posta elettronica, emailadres, e mailadres, epost, e post, "
        "epostadress, e postadress, mejl, adresse electronique, adresse de courriel, direccion de correo, "
        "indirizzo di posta elettronica",
    },
    "comet_token": {
        0: "comet token, comet_token",
    },
    "fingerprint": {
        0: "fingerprint, browser fingerprint, visitor fingerprint",
    },
    "ip": {
        0: "ip, ip address, browser ip, customer ip address, ip adresse, direccion ip, adresse ip, indirizzo ip, "
        "endereco ip, ip adres, adres ip, ip adress",
    },
    "first_name": {
        1: "first, given",  # of a customer, beside their last, or family
        0: "fornavn, krestni jmeno, etunimi, prenume, keresztnev, "
        "first name, name first, firstname, given name, forename, vorname, nombre de pila, primer nombre, "
        "prenom, primeiro nome, voornaam, imie, fornamn, fn",
    },
    "last_name": {
        1: "last, family",
        0: "efternavn, etternavn, prijmeni, sukunimi, soyad, soyadi, vezeteknev, "
        "primer apellido, last name, name last, lastname, surname, family name, nachname, familienname, "
        "apellido, apellidos, nom de famille, cognome, sobrenome, apelido, achternaam, nazwisko, efternamn, ln",
    },
    "full_name": {
        0: "navn, fulde navn, fullt navn, kundenavn, jmeno, jmeno a prijmeni, jmeno zakaznika, zakaznik, "
        "odberatel, kupujici, nimi, asiakas, asiakkaan nimi, ad soyad, adi soyadi, musteri, musteri "
        "adi, nume, nume complet, nume client, nev, teljes nev, vevo, ugyfel, vasarlo, "
        "nazwa klienta, nombre del comprador, nome do aluno, teilnehmername, kaufername, full name, fullname, "
        "name, names, buyer, comprador, acheteur, acquirente, kaufer, koper, recipient name, kundenname, nombre, "
        "nombre completo, nom, nom complet, nome, nome completo, naam, volledige naam, imie i nazwisko, namn, "
        "klantnaam, vor und nachname, vorname und nachname, vor und zuname, first and last name, first name and "
        "last name, nombre y apellido, nombre y apellidos, nombres y apellidos, nom et prenom, prenom et nom, "
        "nome e cognome, nome e sobrenome, voor en achternaam, for och efternamn",
        NEVER: "username, nickname, login, screen name",
        1: "patient, paciente, paziente, pacjent, parent, guardian, elternteil, "
        "genitore, ouder, rodzic, gast, huesped, ospite, hospede, alumno, aluno, eleve, "
        "studente, applicant, bewerber, "
        "donor, payer, purchaser, patron, backer, donateur, pessoa, persona, personne, persoon, person, person "
        "name, contact, contact person, contacto, persona de contacto, kontakt, kontaktperson, ansprechpartner, "
        "ansprechperson, kupujacy, nabywca, user, supporter, contatto, contato, customer, client, cliente, "
        "kunde, klant, kund, klient",
    },
    "phone": {
        0: "best number, best number to reach you, number to reach you, best contact number, best phone "
        "number, callback number, call back number, daytime number, tlf, tlf nr, tlfnr, telefonni "
        "cislo, telefonszam, puhelin, puhelinnumero, matkapuhelin, cep telefonu, telefon numarasi, "
        "numar de telefon, "
        "cell, whatsapp number, rufnummer, gsm, sms number, contact phone number, phone contact, phone, phones, phone "
        "number, phone numbers, sms, whatsapp, text reminder number, telephone, telephone number, mobile, mobile "
        "phone, mobile number, cell phone, tel, telefon, telefonnummer, telefonnr, handy, handynummer, "
        "mobiltelefon, mobilnummer, telefono, movil, celular, portable, numero de telefono, numero di telefono, "
        "numero de telefone, numero de celular, numero de portable, whats app, numero de telephone, cellulare, "
        "telefone, telemovel, telefoon, telefoonnummer, mobiel, komorka, numer telefonu, nr telefonu, mobil, "
        "fone, fones, telefones, telefonos, telefoni, telefone celular",
        1: "contact number, contact no, kontaktnummer, numero de contacto, numero de contato, "
        "contact, kontakt, contacto, contatto",  # of phones, where they begin with +
    },
    "url": {
        0: "landing page, tracked url, source url, event source url, page location, conversion page, landing page "
        "url, landing site, landingpage, landing url, entry url, page url, signup url, sign up url, signup page, "
        "sign up page, optin url, opt in url, opt in page, add url, form url, form page, submission url",
    },
    "user_agent": {
        0: "user agent, useragent, browser user agent",
    },
    "order_id": {
        0: "ordre id, id objednavky, siparis id, id comanda, rendeles azonosito, "
        "order id, orderid, order gid, order uuid, purchase id, sale id, amazon order id, bestell id, "
        "bestellungs id, auftrags id, id pedido, id de pedido, id del pedido, identificador del pedido, id de la "
        "orden, identificador de la orden, id commande, id de commande, identifiant de commande, id ordine, id "
        "do pedido, id zamowienia, bestelling id, donation id, pledge id",
        1: "ordrenummer, ordrenr, ordre nr, bestillingsnummer, cislo objednavky, objednavka, "
        "tilausnumero, tilaus, siparis no, siparis numarasi, siparis, numar comanda, nr comanda, "
        "comanda, rendelesszam, rendeles szama, megrendeles szama, "
        "order number, order ref, order reference, confirmation number, order no, order nr, order num, "
        "ordernumber, orderno, order, bestellnummer, bestellnr, bestell nr, bestellung, auftragsnummer, "
        "auftragsnr, auftrags nr, numero de pedido, numero del pedido, numero pedido, no pedido, n pedido, num "
        "pedido, pedido, numero de orden, n de orden, no de orden, numero de commande, numero commande, n "
        "commande, n de commande, no commande, commande, numero ordine, numero d ordine, n ordine, ordine, "
        "numero do pedido, ordernummer, bestelnummer, bestelnr, bestelling, numer zamowienia, nr zamowienia, "
        "zamowienie, codice ordine, codigo de pedido, codigo do pedido, codigo del pedido, code commande, order "
        "code, ordercode, bestellcode, kod zamowienia, sale number, reference number, reference no, donation "
        "ref, donation reference, donation number, buchungsreferenz",
        2: "transaction, transacao, transaccion, transaktion, transazione, transactie, transakcja, transaction id, "
        "odeme no, odeme id, odeme numarasi, islem no, islem id, islem numarasi, checkout session id, "
        "transaction code, transaction no, payment id, charge id, payment intent id, "
        "transaktions id, transaktionsnummer, transaktionscode, transactionscode, id de transaccion, codigo de "
        "transaccion, id de transaction, code de transaction, numero de transaction, id transazione, codice "
        "transazione, id da transacao, codigo da transacao, transactie id, transactiecode, id transakcji, kod "
        "transakcji, transaktionsid, transaktionskod, numero de operacion, n de operacion, id de operacion, "
        "codigo de operacion, operation id, operation number, numero operazione, id operazione, vorgangsnummer",
        3: "confirmation code, reservierungsnummer, numer rezerwacji, kod rezerwacji, bokningsnummer, backer "
        "number, backer uid, oportunidad no, id, uuid, guid, no, matricula, record id, identifier, deal id, "
        "form submission id, "
        "opportunity id, submission id, response id, entry id, booking id, appointment id, event id, event uuid, "
        "api id, token, datensatz id, booking reference, reservation number, reservation id, identifiant, "
        "identificador, identificativo, kennung, identyfikator, booking number, booking ref, buchungs id, "
        "buchungsnummer, id prenotazione, codice prenotazione, numero prenotazione, id reserva, id de reserva, "
        "codigo de reserva, numero de reserva, numero de reservation, reserveringsnummer",
        4: "cislo faktury, cislo dokladu, fakturanr, laskun numero, laskunumero, fatura no, numar "
        "factura, szamlaszam, szamla sorszama, "
        "ref no, ref nr, ref num, ref id, reference id, ref, reference, referencia, referenz, referentie, "
        "riferimento, number, num, numero, nummer, numer, invoice id, invoice number, invoice no, invoice nr, "
        "receipt number, receipt no, rechnungsnummer, rechnungsnr, numero de factura, numero de facture, numero "
        "fattura, numero da fatura, factuurnummer, numer faktury, nr faktury, fakturanummer, invoice, receipt, "
        "fatura, factura, facture, fattura, rechnung, faktura, factuur, beleg, recibo, recu, ricevuta",
        5: "enrollment id, enrolment id, contact id, lead id, member id, registrant id, registration id, invitee "
        "uuid, invitee id, leid, kontakt id",
        NEVER: "purchase order number, purchase order no, purchase order, po number, payment transaction id, "
        "gateway transaction id, processor transaction id, gateway id, external id, psp reference, customer "
        "id, user id, product id, form id, ad id, adset id, adgroup id, campaign id, item id, order item id, "
        "listing id, kundennummer, sku",
    },
    "order_name": {
        0: "lead, "
        "nombre del negocio, nombre negocio, nom de la transaction, nom de l opportunite, dealname, nombre "
        "oportunidad, nombre de oportunidad, order name, order number, order no, ordernumber, bestellnummer, "
        "numero de pedido, order nr, numero de commande, numero ordine, numero do pedido, bestelnummer, numer "
        "zamowienia, ordernummer, invoice number, deal name, deal title, opportunity name, lead name, nombre de "
        "la oportunidad, nombre del trato, nome do negocio, nome da oportunidade, nom de l affaire, order title, "
        "deal, opportunity, lead title, document name, document title, quote name, quote title, proposal name, "
        "proposal title, estimate title, display id, display number, display order number",
        1: "product title, nome prodotto, nome do curso, nombre del curso, productnaam, nazwa produktu, workshop "
        "title, nazwa kursu, kursbezeichnung, artikelname, artikelbezeichnung, product name, product, item name, "
        "offer title, offer name, produto, nome do produto, produkt, produktname, artikel, producto, nombre del "
        "producto, produit, nom du produit, prodotto, event type name, ticket name, form name, course, course "
        "name, course title, deal titel, titre de l affaire, titulo del trato, event name, event title, ticket "
        "type, plan, plan name, membership plan, campaign title, title, kurs, kursname, curso, cours, "
        "membership, membership name",
        2: "appointment type, session name, session title, webinar, webinar name, webinar title, level name, "
        "membership level, offer, offering, package name, item title, reward title, reward, aktivitet, "
        "actividad, activite, attivita, atividade, campaign, campagne, campana, campagna, campanha, kampagne, "
        "event, evenement, veranstaltung, workshop",
        3: "service, service name, services, treatment, treatment name, class, class name, event type, booking "
        "page, meeting type, meeting name, session, session type, appointment name, type of appointment, booking "
        "type, appointment title, leistung, dienstleistung, behandlung, servicio, tratamiento, prestation, "
        "servizio, trattamento, servico, dienst, behandeling, usluga, tjanst",
        5: "description, payment description, item, items, object name, line items, products, product names, tier, "
        "tier name, beschreibung, descripcion, concepto, descrizione, descricao, omschrijving, opis, beskrivning",
        4: "subject, betreff, asunto, objet, oggetto, assunto, onderwerp, project, project name, project title",
    },
    "amount": {
        0: "belob i alt, i alt, samlet belob, totalbelob, totalbelop, ordretotal, ordresum, celkem, "
        "celkova cena, cena celkem, celkem s dph, cena celkem s dph, celkova castka, yhteensa, "
        "loppusumma, kokonaissumma, toplam, toplam tutar, genel toplam, siparis tutari, valoare "
        "totala, total comanda, osszesen, vegosszeg, "
        "prix total, prezzo totale, preco total, prijs totaal, cena calkowita, final total, checkout amount, "
        "total booking value, total ordered, total, order total, grand total, total amount, order total amount, "
        "order amount, amount paid, total paid, total price, total collected, gesamt, gesamtsumme, gesamtbetrag, "
        "final grand total, grand total final, total final, overall total, total overall, grand total amount, "
        "gesamtpreis, bestellsumme, auftragssumme, auftragswert, bestellwert, odenen, odenen tutar, rechnungsbetrag, "
        "endbetrag, importe total, "
        "precio total, montant total, total ttc, importo totale, totale, valor total, totaal, totaalbedrag, "
        "ordertotaal, suma, razem, kwota calkowita, wartosc zamowienia, summa, totalt, totalbelopp, totalsumma, "
        "ordersumma, amount total, amount charged, payment amount, final price, price paid, total charged, paid "
        "amount, checkout total, montant paye, importe pagado, amount submitted for settlement, importo pagato, "
        "valor pago, betaald bedrag, zahlbetrag, gezahlter betrag",
        1: "belob, belop, castka, castka s dph, tutar, valoare, osszeg, "
        "amount authorized, authorized amount, received, money in, paid in, amount in, amount, transaction "
        "amount, value, gross, sum, sale price, purchase price, betrag, wert, summe, importe, monto, montant, "
        "importo, valore, valor, bedrag, waarde, kwota, wartosc, belopp, lead value, deal value, order value, "
        "payment value, brutto, bruto, brut, lordo, gross amount, amount gross, sale amount, verkaufspreis, sale "
        "value, valor da venda, valor da compra, valor da transacao, valor do pedido, importe de la venta, "
        "importe del pedido, montant de la vente, importo della vendita, verkaufsbetrag, kaufbetrag, kaufpreis, "
        "sepet tutari, islem tutari",
        2: "authorization amount, settlement amount, valor del producto, valor do produto, item total, line total, "
        "settled gross, gross settled, "
        "montant tarif, montant billet, montant du billet, prix du billet, ticket amount, ticket total, importo "
        "biglietto, valor do ingresso, ticketbetrag, "
        "line gross, gross line, row gross, line value, row total, lineitem total, line item total, item amount, "
        "line amount, total ligne, total linea, "
        "positionssumme, zeilensumme, actual revenue, actual value, actual amount, revenue, income, umsatz, "
        "ingresos, chiffre d affaires, ricavo, receita, omzet, przychod",
        NEVER: "est revenue, estimated revenue, expected revenue, forecast revenue, estimated value, expected "
        "value, weighted value, weighted amount, subtotal, sub total, zwischensumme, sous total, subtotale, "
        "subtotaal, delsumma, suma czesciowa, net, netto, net sales, net total, shipping, versand, "
        "versandkosten, envio, livraison, spedizione, frete, verzendkosten, wysylka, frakt, tax, taxes, vat, "
        "mwst, steuer, iva, tva, btw, moms, discount, rabatt, descuento, remise, sconto, desconto, korting, "
        "rabat, price, preis, einzelpreis, precio, prix, prezzo, preco, prijs, cena, pris, unit price, item "
        "price, refund, refunded, balance, fee, fees, tip, cost, commission, deposit, outstanding, due, "
        "total spent, spent, lifetime value, ltv, profit, earnings, payout, score, limit, discount code, "
        "coupon",
    },
    "event_time": {
        0: "betalt, betalt dato, betalingsdato, betalt den, datum zaplaceni, datum uhrady, datum platby, "
        "zaplaceno, zaplaceno dne, uhrazeno dne, maksettu, maksupaiva, odeme tarihi, data platii, "
        "fizetes datuma, "
        "won, gewonnen, ganado, ganada, gagne, gagnee, vinto, vinta, ganho, ganha, gewonnen am, payment "
        "received, paid, bezahlt, paye, pagado, pagato, pago, betaald, paid at, paid on, date paid, paid date, "
        "payment date, payments date, paid time, bezahlt am, zahlungsdatum, bezahldatum, fecha de pago, date de "
        "paiement, date paiement, paye le, data pagamento, data di pagamento, data do pagamento, data de "
        "pagamento, pago em, betaald op, betaaldatum, data platnosci, data zaplaty, betalningsdatum, betald den, "
        "won time, date won, won date, billed at, billed on, date billed, billed date, charged at, charged on, "
        "captured at",
        1: "ordredato, dato, bestillingsdato, kobsdato, datum objednavky, datum vystaveni, paivamaara, "
        "pvm, tilauspaiva, tilattu, tarih, siparis tarihi, islem tarihi, data comenzii, data comanda, rendeles "
        "datuma, vasarlas datuma, "
        "checkout completed at, completed checkout at, "
        "occurred at, occurred on, occurred, happened at, event at, time utc, data wystawienia, buchungstag, "
        "ordered, purchased, placed, sold, order date, order placed, placed at, placed on, date placed, sold at, "
        "sold on, ordered at, ordered on, order time, purchase date, purchase time, purchased at, date of "
        "purchase, sale date, transaction date, transaction time, data da transacao, fecha de la transaccion, "
        "fecha de transaccion, date de transaction, data della transazione, transactiedatum, transaktionsdatum, "
        "processed at, date, datum, fecha, data, timestamp, event time, bestelldatum, bestellt am, "
        "auftragsdatum, kaufdatum, fecha de pedido, fecha del pedido, fecha pedido, fecha de compra, date de "
        "commande, date commande, date d achat, data ordine, data dell ordine, data acquisto, data do pedido, "
        "data da compra, data pedido, besteldatum, orderdatum, data zamowienia, data zakupu, kopdatum, invoice "
        "date, issued, issued at, issued on, issued date, issue date, date issued, ausgestellt am, fecha de "
        "emision, date d emission, data emissione, data de emissao, uitgegeven op, rechnungsdatum, donated at, "
        "donation date, donated on, pledged at, pledged on, data zlozenia",
        2: "oprettet, oprettet den, opprettet, opprettet dato, vytvoreno, datum vytvoreni, luotu, "
        "olusturulma tarihi, olusturuldu, kayit tarihi, data crearii, letrehozva, letrehozas datuma, "
        "datum registrace, lead received, lead received on, "
        "angelegt, creado en, gemaakt op, booked, enrolled, reserved, created at, created, created on, created "
        "date, create date, createdate, date created, creation date, created time, createdat, date added, signup "
        "date, sign up date, signed up at, registered at, registration date, call date, call time, call "
        "timestamp, call datetime, date of call, submitted at, submission date, submitted, profile created on, "
        "subscribed at, erstellt, erstellt am, angelegt am, erstellungsdatum, anlagedatum, registrierungsdatum, "
        "anmeldedatum, fecha de creacion, fecha creacion, creado, creado el, fecha de registro, date de "
        "creation, cree le, date d inscription, data creazione, data di creazione, creato il, data de criacao, "
        "criado em, aangemaakt, aangemaakt op, aanmaakdatum, data utworzenia, utworzono, skapad, skapad den, "
        "skapad datum, skapat datum, submit date, joined, joined date, joined at, join date, opt in time, optin "
        "time, opt in date, optin date, confirm time, confirmed at, confirmation time, registration time, "
        "registered, date registered, date joined, added, added time, added at, subscribed, subscribe date, "
        "subscription date, entry date, date scheduled, scheduled on, booked at, booked on, booking date, "
        "booking time, date booked, event created date, zeitstempel, horodateur, marca temporal, carimbo de data "
        "hora, informazioni cronologiche, tijdstempel, sygnatura czasowa, tidsstampel, erstelldatum, "
        "eintragsdatum, angemeldet am, registriert am, eingetragen am, fecha de alta, fecha de inscripcion, date "
        "d ajout, data de cadastro, data di iscrizione, inschrijfdatum, data rejestracji, lead date, lead "
        "created, submission time, submit time, submitted on, submitted time, lead submit time, rsvp date, rsvp "
        "at, enrolled at, enrolled on, enrollment date, enrolment date, date de soumission, date d envoi, fecha "
        "de envio, data de envio, data di invio, eingereicht am, abgesendet am, data przeslania, inzenddatum, "
        "horodatage, reserved at, reserved on, reservation date, data prenotazione, prenotato il, fecha de "
        "reserva, date de reservation, data da reserva, reserveringsdatum, buchungsdatum, gebucht am, hora de "
        "creacion, fecha y hora de creacion, bokad den, bokningsdatum, signed up, signed up on, sign up time, "
        "registered on",
        NEVER: "forfaldsdato, forfallsdato, splatnost, datum splatnosti, duzp, erapaiva, vade tarihi, data "
        "scadenta, fizetesi hatarido, "
        "updated, updated at, modified, last updated, shipped, shipped at, date shipped, fulfilled at, "
        "delivered, refunded, cancelled, canceled, due, due date, expected close date, expected, expires, "
        "start date, end date, start time, end time, trial start, trial end, rescheduled, date rescheduled, "
        "checked in, changed, last changed, last seen, stage date, unsub time, birthday, date of birth, "
        "geburtsdatum, last activity, event date, event start, event end, appointment date, appointment "
        "time, session date, class date, arrival, arrival date, departure, check in date, check out date, "
        "delivery date, data appuntamento, fecha de la cita, fecha del evento, date du rendez vous, termin, "
        "terminsdatum",
        CLOSING: "closed, geschlossen, cerrado, cerrada, ferme, fermee, chiuso, chiusa, fechado, fechada, gesloten, "
        "zamkniete, date de fermeture, gesloten op, cloture le, cerrado el, chiuso il, fechado em, cierre, "
        "cloture, close date, closing date, closed date, closed on, closed at, date closed, closed time, "
        "close time, actual close, actual close date, closedate, abschlussdatum, geschlossen am, fecha de "
        "cierre, date de cloture, data di chiusura, data de fechamento, sluitdatum, afsluitdatum, data "
        "zamkniecia, stangningsdatum, last stage change at, last stage change, last stage change date, last stage "
        "change time, last stage changed at, stage last changed, stage last changed at, stage changed at, stage "
        "changed on, stage changed, stage change date, stage change time, date stage changed, stage updated at, "
        "stage updated, last stage update, stage entered at, date entered stage, stage entered on, date entered "
        "current stage, stage moved at, letzter phasenwechsel, phase geandert am, letzte phasenanderung, ultimo "
        "cambio de etapa, fecha de cambio de etapa, dernier changement d etape, date de changement d etape, ultimo "
        "cambio di fase, data cambio fase, ultima mudanca de etapa, data de mudanca de etapa, laatste faseverandering, "
        "laatste fasewijziging",
        3: "completed, completed at, completed on, completed date, completion date, date completed, completed time, "
        "abgeschlossen am",
    },
    "clock": {
        0: "time, uhrzeit, zeit, hora, horario, heure, ora, orario, tijd, tijdstip, godzina, czas, tid, tidspunkt, "
        "kello, order time, transaction time",
    },
    "zone": {
        0: "time zone, timezone, zeitzone, zona horaria, huso horario, fuseau horaire, fuso orario, fuso horario, "
        "tijdzone, strefa czasowa, tidszon, tidszone, aikavyohyke",
    },
    "currency": {
        1: "unit",
        0: "mena, valuutta, para birimi, penznem, "
        "wahrungscode, codigo de moneda, kod waluty, codigo da moeda, code devise, currency, currency code, "
        "currency iso code, wahrung, waehrung, moneda, divisa, devise, valuta, moeda, waluta, order currency, "
        "payment currency, deal currency",
    },
    "status": {
        0: "stav platby, stav uhrady, maksun tila, odeme durumu, islem durumu, starea platii, stare plata, fizetesi "
        "allapot, fizetes allapota, "
        "financial status, display financial status, payment status, zahlungsstatus, estado de pago, estado del "
        "pago, statut de paiement, statut du paiement, stato pagamento, stato del pagamento, status do "
        "pagamento, status pagamento, betaalstatus, betalingsstatus, status platnosci, betalningsstatus",
        1: "ordrestatus, stav, stav objednavky, tila, tilauksen tila, siparis durumu, stare, stare "
        "comanda, allapot, rendeles allapota, "
        "situacao, estatus, durum, order status, status, bestellstatus, auftragsstatus, estado, estado del "
        "pedido, estado pedido, estado de la orden, status da transacao, estado de la transaccion, statut, "
        "statut de la commande, etat, etat de la commande, statut commande, stato, stato ordine, status do "
        "pedido, bestelstatus, orderstatus, status zamowienia, stan, state",
        2: "verkaufsphase, dealphase, deal phase, vertriebsphase, pipeline stage, etapa del trato, etapa do "
        "negocio, fase de venta, etapa de venta, sales stage, stage, deal stage, dealstage, phase, etapa, etape, "
        "fase, etap",
    },
    "type": {
        0: "typ dokladu, transaktionstype, tyyppi, islem tipi, "
        "type, transaction type, event type, payment type, typ, transaktionstyp, transaktionsart, buchungsart, "
        "vorgangsart, tipo operacion, tipo transaccion, tipo transacao, type transaction, type operation, art "
        "der transaktion, tipo, tipo de transaccion, tipo de operacion, tipo transazione, tipo de transacao, "
        "type de transaction, type d operation, transactietype, rodzaj transakcji",
    },
    "cancelled": {
        0: "annulleret, annulleret den, kansellert, zruseno, stornovano, datum storna, peruttu, "
        "peruutettu, iptal, iptal tarihi, anulat, "
        "voided at, voided on, date annulation, data do cancelamento, cancellation time, cancel date, cancel "
        "time, stornozeit, cancel, storno, cancelled at, canceled at, cancelled, canceled, cancelled on, "
        "canceled on, cancelled date, date cancelled, cancellation date, storniert, storniert am, stornodatum, "
        "cancelado, cancelado el, fecha de cancelacion, fecha y hora de cancelacion, annule, annule le, date d "
        "annulation, annullato, annullato il, data annullamento, cancelado em, data de cancelamento, "
        "geannuleerd, geannuleerd op, anulowano, data anulowania, annullerad, makulerad",
    },
    "test": {
        0: "ordine di prova, zamowienie testowe, testowe, order di test, compte test, test, is test, test order, "
        "test mode, test transaction, test payment, testbestellung, testmodus, testmode, mode test, modo de "
        "prueba, modo prueba, modo teste, modalita test, testzahlung, paiement test, commande test, prueba, "
        "essai, teste, test purchase, test lead, test data, is test order, sandbox, is sandbox, demo, is demo",
    },
    "undone": {
        0: "draft, is draft, entwurf, ist entwurf, borrador, es borrador, brouillon, bozza, rascunho, "
        "utkast, abandoned, is abandoned, unfinished, is unfinished, "
        "refund, erstattung, remboursement, rimborso, reembolso, terugbetaling, "
        "returned, is returned, failed, is failed, declined, rejected, duplicate, is duplicate, spam, junk, "
        "fraud, fraudulent, retourniert, devuelto, retourne, reso, devolvido, refunded, is refunded, fully "
        "refunded, disputed, is disputed, charged back, chargeback, is chargeback, void, voided, is voided, is "
        "void, bot, is bot, refund flag, is refund, dispute flag, return flag, is return, reversed, is reversed, "
        "is spam, is fraud, free trial, free trial purchase, is trial, pre order authorization, preorder "
        "authorization, erstattet, reembolsado, rembourse, rimborsato, terugbetaald",
    },
    "paid": {
        0: "money in, payment received, payment in, paid in full, fully paid, is settled, geld "
        "eingegangen, zahlung eingegangen, geld da, cobrado, cobrada, encaisse, "
        "encaissee, incassato, incassata, geld ontvangen, betalt, "
        "zaplaceno, uhrazeno, maksettu, odendi, platit, fizetve, "
        "paid, is paid, captured, is captured, paye, payee, bezahlt, pagado, pagada, pagato, pagata, pago, paga, "
        "betaald, zaplacono, oplacone, betald, success, is success, successful, is successful, succeeded, "
        "erfolgreich, exitoso, exitosa, reussi, reussie, riuscito, riuscita, sucesso, bem sucedido, geslaagd, "
        "lyckad, udana, valid, is valid, validated, is validated, valide, gultig",
    },
    "deleted": {
        0: "removed, is removed, soft deleted, is soft deleted, row deleted, deactivated, desactive, desactivee, "
        "deaktiviert, desactivado, desactivada, disattivato, disattivata, desativado, desativada, deleted, is "
        "deleted, del flag, is del, delete flag, deleted at, deleted on, date deleted, deleted date, deletion "
        "date, removed at, removed on, trashed, trashed at, geloscht, geloscht am, supprime, supprime le, "
        "eliminado, eliminado el, eliminato, excluido, excluido em, verwijderd, verwijderd op, usunieto",
    },
    "outgoing": {
        0: "given, debit, money out, paid out, amount out, withdrawal, withdrawn, spent, outgoing, ausgang, soll, "
        "lastschrift, debe, cargo, debito, uscite, addebito, saida, uit, af",
    },
    "refund": {
        0: "refunderet belob, refundert belop, vracena castka, iade tutari, suma rambursata, "
        "erstattungsbetrag, ruckerstattung, ruckerstattungsbetrag, monto devuelto, importe devuelto, valor "
        "estornado, kwota zwrotu, zwrocona kwota, refund value, returned amount, valor devolvido, importo reso, "
        "retourbedrag, gutschriftbetrag, montant du remboursement, refund total, total refund, amount refunded, "
        "refunded amount, refund amount, refund, refunded, refunds, total refunded, refunded total, erstattet, "
        "erstatteter betrag, importe reembolsado, montant rembourse, importo rimborsato, valor reembolsado, "
        "terugbetaald bedrag",
    },
    "event": {
        0: "event, event name, eventname, event type, conversion, conversion name, conversion event, conversion "
        "type, conversion action, action, activity, activity type, ereignis, evento, nombre del evento, "
        "evenement, gebeurtenis",
    },
    "current": {
        0: "is current, current flag, current record, is current record, current row, is current row, current version, "
        "is current version, is latest, latest flag, is latest version, latest version flag, latest record, is latest "
        "record, row is current, is last version, is newest, active row, is active row, is active record, aktueller "
        "satz, curr flag, curr ind, curr flg, is curr, current ind, current flg, current indicator, ist aktuell, "
        "es actual, version actual, est actuel, version actuelle, is actueel",
    },
    "live": {
        0: "live, production, livemode, live mode, is live",
    },
}
