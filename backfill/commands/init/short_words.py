"""Short words: what databases write for a word, and words that they write together: custfname, appt_dt, paystatus."""

from functools import cache

from backfill.commands.init.vocabulary import texts

# In the spelling of `naming.words`. What may be short for two things (del, exp, act) is not here.
SHORT: dict[str, str] = {
    # who
    **dict.fromkeys(("cust", "cstmr", "custmr"), "customer"), **dict.fromkeys(("clnt", "cli"), "client"),
    "cntct": "contact",
    "usr": "user", "mbr": "member", "stud": "student", "acct": "account", "emp": "employee", "mgr": "manager",
    "agt": "agent", "ownr": "owner", **dict.fromkeys(("kd", "kdn", "knd"), "kunde"), "fname": "first name",
    "lname": "last name",
    "sname": "surname", "enq": "enquiry", **dict.fromkeys(("fst", "frst"), "first"), "prim": "primary",
    "fnm": "first name", "lnm": "last name", "vname": "vorname",
    "nname": "nachname", "firstnm": "first name", "lastnm": "last name", "fullnm": "full name", "nm": "name",
    "nme": "name", "dispname": "display name", **dict.fromkeys(("eml", "emailaddr", "emailadr", "emailid"), "email"),
    "addr": "address", "addrs": "address", **dict.fromkeys(("mob", "mobno", "mobnum"), "mobile"),
    **dict.fromkeys(("ph", "phn", "phno", "phoneno"), "phone"),
    "telno": "telephone number", "telnum": "telephone number",
    "cellno": "mobile number", "cellphone": "mobile phone",
    # money
    **dict.fromkeys(("amt", "amnt"), "amount"), **dict.fromkeys(("ttl", "tot"), "total"),
    **dict.fromkeys(("curr", "ccy", "cur"), "currency"), "prc": "price", "val": "value", "disc": "discount",
    "pd": "paid", "zahl": "zahlung", "betr": "betrag", "rechn": "rechnung", "grs": "gross", "shp": "shipping",
    "shpg": "shipping", "bal": "balance", "subtot": "subtotal",
    # when
    **dict.fromkeys(("dt", "dte"), "date"), "dat": "datum",
    **dict.fromkeys(("ts", "tstamp", "tmstmp", "tmstp"), "timestamp"), "tm": "time",
    **dict.fromkeys(("dttm", "dtm", "dtime"), "datetime"), "tz": "time zone",
    **dict.fromkeys(("crtd", "creat", "cre", "crt", "crdt"), "created"), "upd": "updated", "updt": "updated",
    "mod": "modified", "modf": "modified", "lst": "last", "mins": "minutes", "regd": "registered",
    "reg": "registration",
    "subm": "submitted", "clsd": "closed", "expctd": "expected", "sched": "scheduled", "resched": "rescheduled",
    # what
    **dict.fromkeys(("ord", "ordr", "ordernr"), "order"), "inv": "invoice", "invc": "invoice", "doc": "document",
    **dict.fromkeys(("pmt", "pymt", "pymnt", "paymt", "pmnt"), "payment"),
    **dict.fromkeys(("trx", "txn", "trans", "trxn", "tx"), "transaction"), "rcpt": "receipt", "prod": "product",
    "prd": "product", "itm": "item", "svc": "service", "srv": "service", "descr": "description",
    **dict.fromkeys(("appt", "apptmt", "apt"), "appointment"), **dict.fromkeys(("bk", "bkg", "bkng"), "booking"),
    **dict.fromkeys(("resv", "rsvn", "resvn"), "reservation"), "sess": "session", "evt": "event", "bkd": "booked",
    "pat": "patient", "clin": "clinician", "opp": "opportunity", "oppty": "opportunity", "oid": "order id",
    "subs": "subscription", "ua": "user agent", "useragt": "user agent", "pg": "page", "lp": "landing page",
    "src": "source", "chan": "channel", "chnl": "channel",
    "camp": "campaign", "cmp": "campaign", "cmpgn": "campaign",
    # marks
    "flg": "flag", "ind": "flag", "kz": "flag", "cmd": "commande",
    **dict.fromkeys(("stat", "sts", "stts"), "status"), "typ": "type", "yn": "flag", "cd": "code", "nbr": "number",
    "nmbr": "number", "qty": "quantity", "pk": "id",
    **dict.fromkeys(("canc", "cancld", "cncl", "cncld", "cxl", "cxld"), "cancelled"), "rfnd": "refund",
    "noshow": "no show", "dup": "duplicate", "dupe": "duplicate", "tst": "test", "est": "estimated",
}  # fmt: skip
# Whole words that are written together with others, and with short ones.
_JOINED = texts(
    "customer, client, buyer, caller, call, user, member, guest, student, patient, attendee, staff, owner, login, "
    "contact, lead, billing, shipping, cent, cents, "
    "name, first, last, full, email, mail, phone, mobile, tel, telephone, cell, "
    "agent, address, amount, total, gross, net, tax, vat, price, value, paid, pay, currency, deposit, order, booking, "
    "booked, invoice, payment, transaction, product, item, service, deal, opportunity, document, event, session, "
    "appointment, date, time, timestamp, datetime, created, create, updated, modified, submitted, completed, "
    "registered, signup, due, status, state, stage, type, code, number, num, id, uid, uuid, no, nr, ref, at, on, "
    "flag, test, cancel, cancelled, canceled, storno, deleted, delete, void, voided, refund, refunded, spam, "
    "internal, bot, junk, fraud, source, channel, reason, landing, page, url, username, nickname, bestell, kunde, "
    "kunden, datum, nummer, betrag, brutto, netto, zahlung, rechnung"
)
_WHOLE = texts("discord, valid")  # words of their own, whatever may be cut out of them
_ENDS = texts("id, no, nr, at, on, dt, ts, tm, nm, pk, pg, cd, ua, tz, kz")  # of two letters, and only behind another
_STARTS = texts("kd, is")  # and only before another
_MOST = 4  # words that one is made of


def written_out(found: tuple[str, ...]) -> tuple[str, ...]:
    """Words as they are in full: cust, dt as customer, date, and custfname as customer, first, name.

    Behind what it is of, a warehouse's business key or natural key is the shop's own id: order_bk.
    """
    if found[:1] == ("rec",) and found[1:] in (("dt",), ("tm",), ("date",), ("time",)):
        found = ("received", *found[1:])
    if len(found) > 1 and found[-1] in ("bk", "nk"):
        found = (*found[:-1], "id")
    return tuple(part for word in found for part in _full(word))


@cache
def _full(word: str) -> tuple[str, ...]:
    if word in SHORT:
        return tuple(SHORT[word].split())
    parts = () if word in _JOINED | _WHOLE else _cut(word, _MOST)
    return tuple(full for part in parts for full in SHORT.get(part, part).split()) or (word,)


@cache
def _cut(word: str, most: int, first: bool = True) -> tuple[str, ...]:
    """The fewest words that it is made of, and nothing where it is not made of such."""
    if word in _ENDS:
        return () if first else (word,)
    if len(word) > 2 and (word in SHORT or word in _JOINED):
        return (word,)
    tries = ((word[:at], _cut(word[at:], most - 1, False)) for at in range(2, len(word) - 1)) if most > 1 else ()
    cuts = [
        (head, *rest)
        for head, rest in tries
        if rest and (head in _STARTS or (len(head) > 2 and (head in SHORT or head in _JOINED)))
    ]
    return min(cuts, key=len, default=())
