"""Occasions: what shows that rows are bookings, registrations or members, and what others call the API's events."""

from backfill.commands.init.vocabulary import texts

# Words of headers that show that rows are neither orders nor people who left an address, and what they are instead.
OCCASIONS: dict[str, frozenset[str]] = {
    "schedule": texts(
        "invitee, invitees, appointment, appointments, meetings, booking, bookings, booked, meeting, calendar, "
        "scheduled, scheduling, rescheduled, termin, cita, reserva, rendez, appuntamento, prenotazione, "
        "prenotazioni, "
        "reservation, reservations, reservatie, reservaties, reservering, reserveringen, boeking, boekingen, "
        "bokning, "
        "bokningar, rdv, rezerwacja, buchungs, buchung, buchungen, afspraak, agendamento, wizyta"
    ),
    "webinar_registration": texts(
        "attendance, webinar, rsvp, minutes, attended, attendee, attendees, registrants, registrations, registrant, "
        "registration, approval, ticket, checked, panelist, anmeldung"
    ),
    "sign_up": texts("join, member, membership, joined, tier, recurring, ltv, invited"),
    "complete_registration": texts("enrolled, enrollment, enrolment, enrollments, enrolments"),
    "start_trial": texts("trial"),
    "subscribe": texts("subscription, plan"),
}
# What else an appointment has: somebody who gives it, and what is given.
HOSTS = texts(
    "provider, staff, host, practitioner, therapist, stylist, instructor, technician, clinician, doctor, dentist, "
    "coach, trainer, consultant, barber, specialist, teacher, tutor, behandler, mitarbeiter, berater, profesional, "
    "praticien, operatore, profissional, medewerker, behandelaar"
)
COMING = texts("invitee, invitees, attendee, attendees")
VISITS = texts(
    "party, covers, pax, service, services, treatment, session, class, lesson, consultation, leistung, "
    "dienstleistung, behandlung, servicio, cita, prestation, servizio, servico, dienst, behandeling, duration, "
    "minutes, dauer, duracion, duree, durata, duracao, duur"
)
ATTENDED = texts("attended, did not attend, not attended, left early, teilgenommen, asistio, participe, partecipato")
MISSED = texts("no show, noshow, nicht erschienen, no asistio, no presentado, absent, nao compareceu, niet verschenen")
STARTS_ENDS = texts("start, starts, end, ends")
SIGNS = 3  # of an appointment, with a word of its own among them
ASKING = texts("lead, leads, form, submission, submitted, inquiry, enquiry, response, entry, anfrage")
WORTH = texts("value, worth, wert, valor, valore, valeur, waarde")
FORMS = texts("quiz, survey, form, questionnaire, assessment, application, submission, response, entry")
# What a sum of money is called that nobody has paid: what a person would spend, or earns.
HOPED = texts(
    "budget, budgets, budgeted, estimate, estimated, expected, desired, monthly, annual, yearly, salary, turnover, "
    "presupuesto, orcamento, begroting, range"
)
COSTS = texts(  # what who gets a lead pays for it
    "cost, costs, fee, fees, cpl, credit, credits, kosten, gebuhr, coste, cout, frais, costo, custo, tarifa"
)
SUBSCRIPTIONS = texts("subscription, trial, interval, period, renews, renewal")
# Words of names whose rows are no purchases: baskets that were left, and money that went back or out.
LEFT, BASKETS = texts("abandoned"), texts("checkout, cart, basket")
BACK = texts("refund, payout, dispute, chargeback")
LABELS = texts("id, no, number, reference, url, link, at, date")
RENEWING = texts(
    "subscription, subscriptions, membership, renewal, renews, interval, recurring, expires, abonnement, abo, "
    "suscripcion, abbonamento, assinatura, prenumeration"
)
LASTING = texts("lifetime, ltv, since, spent, churned")  # what a row sums up is a person, all their life as a customer
AVERAGES = texts("average, avg, aov, spend, durchschnitt, promedio, moyenne, media, gemiddeld")
SIGNED_UP = (" sign up ", " signup ", " signed up ")
SIGNED_IN = (" sign in ", " signin ", " signed in ", " login ", " logged in ", " logins ")
REGISTERED = texts("registered, registration, signup, regd")
LOGINS = texts("login, logins, logged, signin, lastlogin")
# Of the names of events: what was completed or paid, and what was sent in.
ORDERED = texts("order, purchase, checkout, payment, transaction, donation, sale, ecommerce, shop")
SENT_IN = texts("submitted, submit, sent, completed, generated, captured, created, received, submission")
# What a row is, where a column says that it is an order or a part of one.
WHOLES = texts(
    "order, sale, invoice, transaction, receipt, header, head, document, purchase, bestellung, verkauf, rechnung, "
    "kopf, kopfzeile, pedido, venta, factura, commande, vente, facture, ordine, vendita, fattura, venda, fatura, "
    "bestelling, verkoop, factuur, zamowienie, sprzedaz, faktura"
)
PARTS = texts(
    "payment, tender, tax, shipping, discount, fee, tip, refund, detail, details, pos, artikelzeile, zahlung, "
    "steuer, "
    "versand, rabatt, pago, impuesto, envio, descuento, paiement, taxe, livraison, remise, pagamento, imposta, "
    "spedizione, sconto, imposto, desconto, betaling, korting, platnosc, wysylka"
)
SEVERAL = 2  # of these words make an occasion sure
MEMBERS = ("sign_up", "subscribe")
# Of what people come to as well, to a course or a hall, and may pay for.
IN_HALLS = texts("registration, registrations, ticket, checked, anmeldung")
SURE = ("schedule", "webinar_registration", "sign_up")
# Words of headers that show that rows are about money which somebody paid.
BOUGHT = texts(
    "order, orders, donation, donations, donated, pledge, purchase, purchases, purchased, sale, sales, transaction, "
    "payment, paid, checkout, cart, invoice, charge, buyer, deal, opportunity, bestellung, kauf, pedido, compra, "
    "commande, achat, ordine, acquisto, bestelling, venda, venta, vente, vendita, verkauf, fatura, factura, facture, "
    "fattura, rechnung, pagamento, pago, paiement, zahlung, transacao, transaccion, transaktion, receipt, refund, "
    "refunded, charged, sold, pagato, pagata, pagado, pagada, paye, payee, bezahlt, betaald, oplacone, oplacono, "
    "zaplacono, betald"
)
# What pixels and tag managers call the API's events, in the spelling of `words`.
EVENTS: dict[str, frozenset[str]] = {
    "purchase": texts(
        "purchase, purchased, purchases, order completed, completed order, order placed, placed order, order paid, "
        "payment succeeded, sale, kauf, compra, achat, acquisto, aankoop"
    ),
    "lead_generated": texts("lead, leads, lead generated, generate lead, submit lead"),
    "complete_registration": texts("complete registration, registration, completed registration"),
    "sign_up": texts("sign up, signup, signed up"),
    "start_trial": texts("start trial, trial started, trial"),
    "subscribe": texts("subscribe, subscribed, subscription started"),
    "schedule": texts("schedule, scheduled, appointment booked, booking"),
    "submit_application": texts("submit application, application submitted"),
    "add_to_cart": texts("add to cart, addtocart, added to cart"),
    "initiate_checkout": texts("initiate checkout, begin checkout, checkout started"),
    "add_payment_info": texts("add payment info"),
    "view_content": texts("view content, view item, viewed content"),
    "webinar_registration": texts("webinar registration"),
    "contact": texts("contact"),
}
