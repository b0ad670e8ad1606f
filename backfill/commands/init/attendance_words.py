"""Attendance words: what is said of answers, registrations and bookings, and of people on lists and platforms."""

from backfill.commands.init.vocabulary import texts

APPROVED = texts(
    "approved, accepted, confirmed, registered, attended, attending, going, checked in, complete, completed, "
    "submitted, finished, active, subscribed, genehmigt, bestatigt, angemeldet, aprobado, confirmado, approuve, "
    "confirme, inscrit, scheduled, booked, confirmada, confirmee, confermata, confermato, bevestigd, potwierdzone, "
    "bekraftad, registrada, registrado, iscritto, iscritta, zugesagt, teilgenommen, present, presente, inscrito, "
    "asistio, partecipato, aangemeld, aanwezig, ingeschreven, zarejestrowany, potwierdzony, obecny, compareceu, "
    "done, enrolled, abgeschlossen, vollstandig, eingereicht, gesendet, complet, termine, envoye, soumis, "
    "completo, completado, enviado, completato, inviato, voltooid, ingevuld, accepte, aceptado, aceito, "
    "registriert, admitted"
)
NOT_APPROVED = texts(
    "denied, declined, rejected, pending, pending approval, awaiting approval, waitlist, waitlisted, waiting list, "
    "invited, not going, maybe, partial, incomplete, started, in progress, draft, abandoned, unsubscribed, spam, "
    "abgelehnt, rechazado, no asistio, no presentado, nicht erschienen, absent, absente, nao compareceu, niet "
    "verschenen, refuse, in attesa, pendiente, en attente, ausstehend, pendente, in afwachting, bounced, no show, "
    "can t go, cannot go, not attending, can t make it, abgesagt, warteliste, abgemeldet, eingeladen, unbestatigt, "
    "desinscrit, liste d attente, invite, invitee, invitado, invitato, invitada, lista de espera, lista d attesa, "
    "afgemeld, wachtlijst, uitgenodigd, lista rezerwowa, zaproszony, odrzucony, convidado, disqualified, screened "
    "out, unvollstandig, entwurf, teilweise, incomplet, partiel, brouillon, abandonne, incompleto, parcial, "
    "borrador, abandonado, bozza, rascunho, onvolledig, concept, abgebrochen"
)

# Of a booking: it was made, and stood until its time, whoever came; one that was only asked for is not in the list.
BOOKED = texts(
    "honore, non honore, non honoree, "
    "signed in, check in, accepted, approved, arrived, attended, attending, booked, checked in, checked out, "
    "closed, complete, completed, confirmed, done, finished, held, in progress, late, missed, moved, new, no show, "
    "not arrived, not attended, open, pending, pending confirmation, planned, registered, reminded, rescheduled, "
    "reserved, scheduled, seated, showed, showed up, started, unconfirmed, upcoming, active, did not attend, did "
    "not show, bestatigt, gebucht, abgeschlossen, erschienen, nicht erschienen, geplant, verschoben, confirmada, "
    "confirmado, reservada, reservado, asistio, no asistio, completada, realizada, programada, agendada, agendado, "
    "reprogramada, confirme, confirmee, reserve, honore, absent, absente, termine, reporte, confermato, "
    "confermata, prenotato, completato, completata, assente, compareceu, nao compareceu, realizado, remarcado, "
    "bevestigd, geboekt, gepland, afgerond, niet verschenen, verplaatst, potwierdzona, umowiona, bekraftad, bokad, "
    "show, past, elapsed, service completed, ready to start, assumed finished, walk in, current, occurred, "
    "wahrgenommen, erledigt, stattgefunden, eingecheckt, anwesend, abwesend, teilgenommen, venu, non venu, "
    "effectue, planifie, planifiee, a venir, excuse, present, vu, atendida, atendido, reagendada, reagendado, "
    "finalizada, finalizado, non presentato, eseguito, presente, in programma, effettuato, voltooid, aanwezig, "
    "afwezig, zakonczona, nieobecnosc, zrealizowana, zaplanowana, odbyta, faltou, citada, citado, concluido, "
    "concluida, partially arrived, left, recorded, honoree, terminee, reservee, partecipato, in house, staying, "
    "checked"
)
BLOCKED = texts(  # of a time in a calendar that nobody can book
    "break, lunch, lunch break, time off, day off, block, blocked, blocked time, block time, blockout, "
    "vacation, pause, "
    "mittagspause, urlaub, gesperrt, blockiert, pausa, bloqueado, vacaciones, conges, bloque, ferie, bloccato, ferias, "
    "pauze, vakantie, geblokkeerd, przerwa, urlop"
)
DECLINED = texts(  # by who is asked for it
    "rejected, declined, denied, refused, abgelehnt, rechazado, rechazada, refuse, refusee, rifiutato, rifiutata, "
    "recusado, recusada, geweigerd, afgewezen, odrzucone, odrzucona, nekad, avvisad"
)
MOVED = texts(  # of a booking
    "rebooked, rescheduled, moved, umgebucht, deplace, deplacee, spostata, remarcada, "
    "verschoben, reprogramada, reprogramado, reporte, reportee, remarcado, verplaatst, spostato"
)
# Of a person among the users of a platform: those who run it, and those whom it is for.
STAFF = texts(
    "admin, administrator, super admin, superadmin, staff, owner, instructor, teacher, tutor, editor, author, "
    "contributor, moderator, shop manager, manager, support, employee, trainer, coach, host, co host, panelist, "
    "speaker, organizer, organiser, collaborator, mitarbeiter, administrador, administrateur, amministratore, "
    "beheerder"
)
USERS = texts(
    "user, users, member, student, subscriber, customer, learner, participant, attendee, registrant, guest, "
    "client, buyer, teilnehmer, kunde, nutzer, mitglied, usuario, alumno, cliente, miembro, utilisateur, eleve, "
    "membre, utente, studente, membro, aluno, gebruiker, klant, lid"
)
# Of an address that reaches nobody.
NOBODYS = texts("invalid, invalid email, invalid address, undeliverable, ungultig, invalido, invalide, ongeldig")
# Of a mailing list.
LISTED = texts(
    "subscribed, unsubscribed, unconfirmed, confirmed, not confirmed, active, inactive, bounced, cleaned, "
    "complained, pending, unsub, opted out, opted in, opt out, opt in, suppressed, hard bounced, soft bounced, not "
    "subscribed, cancelled, canceled, non subscribed, abgemeldet, angemeldet, bestatigt, unbestatigt"
)
