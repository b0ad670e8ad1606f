"""Which of several columns a draft reads: of times, addresses, names and amounts of which a file has more than one."""

import re

import pytest
from test_init import drafted, live

AT = "2024-05-0{n}T10:00:00Z"
DOCUMENT = "Document ID,Document name,Status,Owner email,Recipient first name,Recipient email,Value,Created,Completed"
DOCUMENTS = [
    f"d1,Offer,Completed,s@x.test,Ann,a@x.test,40.50,{AT},2024-06-01T10:00:00Z",
    f"d2,Offer,Sent,s@x.test,Bo,b@x.test,41.50,{AT},",
    f"d3,[DEV] Offer,Completed,s@x.test,Cas,c@x.test,42.50,{AT},2024-06-03T10:00:00Z",
]


def filled(lines: list[str]) -> list[str]:
    return [line.replace("{n}", str(at)) for at, line in enumerate(lines, 1)]


CASES = {  # what a file has, and of each field the columns that are read, or that it is asked
    "a document is a sale once it is signed, by whom it was sent to": (
        DOCUMENT,
        DOCUMENTS,
        {
            "event_time": "Completed Created",
            "email": "Recipient email",
            "first_name": "Recipient first name",
            "order_name": "Document name",
        },
    ),
    "an address at work, or else one at home": (
        "Order ID,Bill To: Work Email,Bill To: Personal Email,Total,Order date",
        [f"W{{n}}a,p{{n}}@work.test,,40.50,{AT}", f"W{{n}}a,,p{{n}}@x.test,41.50,{AT}"] * 2,
        {"email": "Bill To: Work Email Bill To: Personal Email"},
    ),
    "whom a host sees, and not the host": (
        "Appointment ID,Patient Email,Practitioner Email,Service,Start,End,Booked at",
        [f"7{{n}},{mail},ros@clinic.test,Massage,{AT},{AT},{AT}"
         for mail in ("a@x.test", "b@x.test", "", "c@x.test", "", "d@x.test", "e@x.test")],
        {"email": "Patient Email"},
    ),
    "a bill's own id, where not each is paid": (
        "Bill ID,Transaction ID,Email,Amount,State,Paid at",
        [f"b{{n}},T{{n}},p{{n}}@x.test,40.50,paid,{AT}", "b{n},,p{n}@x.test,41.50,due,"] * 2,
        {"order_id": "Bill ID"},
    ),
    "a payment's id, where each has one": (
        "Bill ID,Transaction ID,Email,Amount,State,Paid at",
        [f"b{{n}},T{{n}},p{{n}}@x.test,40.50,paid,{AT}", "b{n},T{n},p{n}@x.test,41.50,due,"] * 2,
        {"order_id": "Transaction ID"},
    ),
    "an id that the refunds repeat": (
        "Payment ID,Email,Amount,Type,Status,Date",
        [f"T1,p1@x.test,40.50,Sale,Successful,{AT}", f"T2,p2@x.test,41.50,Sale,Successful,{AT}",
         f"T1,p1@x.test,-40.50,Refund,Successful,{AT}", f"T2,p2@x.test,-41.50,Refund,Successful,{AT}"],
        {"order_id": "Payment ID"},
    ),
    "the person of a customer that may be a company": (
        "ID,Klant,Contactpersoon,E-mail,Aangemaakt op",
        [f"7{{n}},Lee bv,Ann Lee,p{{n}}@x.test,{AT}", f"7{{n}},Bo Ray,Bo Ray,p{{n}}@x.test,{AT}"],
        {"full_name": "Contactpersoon"},
    ),
    "a contact who is there for a few": (
        "ID,Customer,Contact person,Email,Created at",
        [f"7{{n}},Ann Lee,Ray Fox,p{{n}}@x.test,{AT}", *[f"7{{n}},Ann Lee,,p{{n}}@x.test,{AT}"] * 3],
        {"full_name": "Customer Contact person"},
    ),
    "an advertisement is nobody's name": (
        "ID,Ad,Last name,Email,Created at",
        [f"7{{n}},Spring,Lee,p{{n}}@x.test,{AT}", f"7{{n}},Summer,Fox,p{{n}}@x.test,{AT}"],
        {"first_name": None, "last_name": "Last name"},
    ),
    "orders in Korean": (
        "주문번호,품목별 주문번호,주문일시,결제일시(입금확인일),주문상태,주문자명,주문자 이메일,총 결제금액",
        [f"20240101-{{n}},20240101-{{n}}-01,{AT},{AT},배송완료,김서연,p{{n}}@x.test,5{{n}}000",
         f"20240101-{{n}},20240101-{{n}}-01,{AT},,입금전,이도윤,p{{n}}@x.test,5{{n}}000",
         f"20240101-{{n}},20240101-{{n}}-01,{AT},{AT},취소완료,박하은,p{{n}}@x.test,5{{n}}000"],
        {"order_id": "주문번호", "email": "주문자 이메일", "amount": "총 결제금액", "full_name": "주문자명",
         "event_time": "결제일시(입금확인일) 주문일시"},
    ),
    "when an inquiry was received, at what time": (
        "enq_no,rec_dt,rec_tm,fname,sname,mail_addr,upd_dt",
        [f"E{{n}}a,2024-05-0{{n}},08:1{{n}},{name},Lee,p{{n}}@x.test,2024-06-0{{n}}" for name in ("Ann", "Bo", "Cas")],
        {"event_time": "rec_dt rec_tm", "last_name": "sname", "first_name": "fname"},
    ),
    "who sends a document is no customer": (
        DOCUMENT.replace("Owner email", "Sender email"),
        DOCUMENTS,
        {"email": "Recipient email"},
    ),
    "a quote that was signed": (
        "Proposal ID,Proposal name,Client email,Total,Status,Created at,Signed at",
        [
            f"p1,Roof,a@x.test,40.50,Signed,{AT},2024-06-01T10:00:00Z",
            f"p2,Roof,b@x.test,41.50,Sent,{AT},",
            f"p3,Roof,c@x.test,42.50,Lost,{AT},",
        ],
        {"order_id": "Proposal ID", "order_name": "Proposal name", "amount": "Total"},
    ),
    "a lead's name, and that of its person": (
        "id,lead_name,contact_name,Email,Created at",
        [f"71,Acme Ltd,Ann Lee,a@x.test,{AT}", f"72,Bolt Ltd,Bo Lee,b@x.test,{AT}"],
        {"full_name": "contact_name", "order_name": "lead_name"},
    ),
    "a lead that is a deal": (
        "Lead ID,Lead name,Status,Value,Closed date,Person,Email",
        [
            f"71,Acme roof,Won,900.50,{AT},Ann Lee,a@x.test",
            f"72,Bolt roof,Lost,800.50,{AT},Bo Roy,b@x.test",
            f"73,Cask roof,Won,700.50,{AT},Cy Fox,c@x.test",
        ],
        {"order_id": "Lead ID", "order_name": "Lead name", "event_time": "Closed date"},
    ),
    "a lead that is a person": (
        "Lead ID,Lead name,Status,Value,Closed date,Email",
        [
            f"71,Ann Lee,Won,900.50,{AT},a@x.test",
            f"72,Bo Roy,Lost,800.50,{AT},b@x.test",
            f"73,Cy Fox,Won,700.50,{AT},c@x.test",
        ],
        {"order_id": None},
    ),
    "what was settled, and when a checkout was completed": (
        "Order ID,Email,Completed Checkout At,Settled Currency,Settled Gross,Settled Tax",
        [f"A1,a@x.test,{AT},GBP,24.50,1.50", f"A2,b@x.test,{AT},GBP,34.50,1.50", f"A3,c@x.test,{AT},GBP,44.50,2.50"],
        {"amount": "Settled Gross", "event_time": "Completed Checkout At"},
    ),
    "whole numbers of a currency without cents": (
        "Order ID,Email,Date,Total,Currency",
        [f"A{n},p{n}@x.test,{AT},{n}500,{code}" for n, code in enumerate(("JPY", "KRW", "JPY"), 1)],
        {"amount": "Total"},
    ),
    "whole numbers whose hundredths are next to nothing": (
        "Order ID,Email,Date,Total,Currency",
        [f"A{n},p{n}@x.test,{AT},{n}5000,IDR" for n in range(1, 4)],
        {"amount": "Total"},
    ),
    "whole numbers that may be cents": (
        "Order ID,Email,Date,Total,Currency",
        [f"A{n},p{n}@x.test,{AT},{n}500,{code}" for n, code in enumerate(("JPY", "EUR", "JPY"), 1)],
        {"amount": None},
    ),
    "cents by short words": (
        "orderid,email,orderts,subtotcents,totcents,currcode",
        [f"A1,a@x.test,{AT},2000,2450,EUR", f"A2,b@x.test,{AT},3000,3450,EUR", f"A3,c@x.test,{AT},4000,4450,EUR"],
        {"amount": "totcents currcode"},
    ),
    "what each row is about is no name of it": (
        "order_id,event_name,email,total,ordered_at",
        [f"A1,ride_paid,a@x.test,4.50,{AT}", f"A2,ride_refunded,b@x.test,5.50,{AT}", f"A3,ride_paid,c@x.test,6.5,{AT}"],
        {"order_name": None},
    ),
    "a secondary address": (
        "ID,Secondary Email,Email,Created at",
        [f"71,x@x.test,a@x.test,{AT}", f"72,y@x.test,b@x.test,{AT}", f"73,c@x.test,,{AT}"],
        {"email": "Email Secondary Email"},
    ),
    "an address that is the same in each row": (
        "ID,Client Email,Email,Created at",
        [f"7{n},s@x.test,{p}@x.test,{AT}" for n, p in enumerate("abcdef")],
        {"email": "Email"},
    ),
    "when it was billed is when it was paid": (
        "Order ID,Email,Total,Status,Created at,Billed at",
        [f"71,a@x.test,40.50,completed,{AT},2024-06-01T10:00:00Z", f"72,b@x.test,41.50,draft,{AT},"],
        {"event_time": "Billed at Created at"},
    ),
    "a time is no title": (
        "Email,First name,Registration date,Event,Attended live",
        [f"{p}@x.test,{p},{AT},2024-06-01T19:00:00Z,Yes" for p in "abc"],
        {"event_time": "Registration date", "order_name": None},
    ),
    "an order is one when it is placed, and complete when it is packed": (
        DOCUMENT.replace("Document ID", "Order ID"),
        DOCUMENTS,
        {"event_time": "Created", "email": None, "first_name": None},
    ),
    "what a document says of a gift": (
        DOCUMENT.replace("Owner email", "Buyer email"),
        DOCUMENTS,
        {"email": "Buyer email", "first_name": None},
    ),
    "an answer at the time at which it was sent": (
        "Entry ID,Email,Entry Created At,Entry Submitted At",
        [f"1,a@x.test,{AT},2024-05-01T10:05:00Z", f"2,b@x.test,{AT},"],
        {"event_time": "Entry Submitted At Entry Created At"},
    ),
    "a time that may be the payment's, beside that of a creation": (
        "Order ID,Email,Total,Created at,Provisionally paid at",
        [f"A1,a@x.test,4.50,{AT},{AT}", f"A2,b@x.test,5.50,{AT},"],
        {"event_time": None},
    ),
    "a payment's id beside its order's number": (
        "pay_id,ord_ref,Email,Total,paid_ts",
        [f"p1,R1,a@x.test,4.50,{AT}", f"p2,R2,b@x.test,5.50,{AT}"],
        {"order_id": None},
    ),
    "a time of settlement, which may be the bank's": (
        "Order ID,Email,Total,Created at,Settled at",
        [f"A1,a@x.test,4.50,{AT},{AT}", f"A2,b@x.test,5.50,{AT},"],
        {"event_time": None},
    ),
    "an answer that has but the time of its end": (
        "quiz_name,email,started_at,completed_at",
        [f"Style,a@x.test,{AT},{AT}", f"Style,b@x.test,{AT},{AT}"],
        {"event_time": "completed_at"},
    ),
    "an invoice's own amount, beside that of each of its rows": (
        "Invoice Number,Email,Invoice Date,Invoice Amount,Item Line Total",
        [f"7,a@x.test,{AT[:7]}-01,9.00,4.00", f"7,a@x.test,{AT[:7]}-01,9.00,5.00", f"8,b@x.test,{AT[:7]}-02,3.00,3.00"],
        {"amount": "Invoice Amount"},
    ),
    "an amount that is not the same in an invoice's rows": (
        "Invoice Number,Email,Invoice Date,Invoice Amount,Item Line Total",
        [f"7,a@x.test,{AT[:7]}-01,8.00,4.00", f"7,a@x.test,{AT[:7]}-01,9.00,5.00", f"8,b@x.test,{AT[:7]}-02,3.00,3.00"],
        {"amount": None},
    ),
    "a total with the tax in it": (
        "Order ID,Email,subtotaal_excl,btw_bedrag,totaal_incl,Date",
        [f"7,a@x.test,7.50,1.50,9.00,{AT}", f"8,b@x.test,2.50,0.50,3.00,{AT}"],
        {"amount": "totaal_incl"},
    ),
    "cents, of which some went back": (
        "id,Email,type,amount_in_cents,Currency,Date",
        [f"7,a@x.test,Payment,4900,USD,{AT}", f"8,b@x.test,Refund,-1900,USD,{AT}"],
        {"amount": "amount_in_cents Currency"},
    ),
    "what was paid in cents, before what it came to": (
        "Order ID,Email,gross_amount_cents,paid_amount_cents,Date",
        [f"7,a@x.test,4900,5300,{AT}", f"8,b@x.test,1900,2300,{AT}"],
        {"amount": "paid_amount_cents"},
    ),
    "a sum once more in another currency, and a state that is a province": (
        "Order ID,Email,State,Amount,Amount in USD,Status,Date",
        [f"7,a@x.test,OH,9.00,9.00,paid,{AT}", f"8,b@x.test,OH,3.00,3.00,paid,{AT}", ",,,12.00,,,"],
        {"amount": "Amount"},
    ),
    "what was paid of totals, some of it with credit": (
        "Invoice ID,Email,Total,Amount Paid,Status,Date",
        [f"7{n},a{n}@x.test,9.50,{p},paid,{AT}" for n, p in enumerate(("9.50", "9.50", "4.50", "9.50", "9.50"))],
        {"amount": "Amount Paid"},
    ),
    "what was paid of totals, most of it with credit": (
        "Invoice ID,Email,Total,Amount Paid,Status,Date",
        [f"7{n},a{n}@x.test,9.50,{p},paid,{AT}" for n, p in enumerate(("9.50", "2.50", "4.50", "3.50", "9.50"))],
        {"amount": None},
    ),
    "what each row of an order comes to": (
        "Transaction ID,Email,Date,Product,Quantity,Price,VAT,Gross",
        [
            f"T1,a@x.test,{AT[:7]}-01,Mug,2,4.00,1.60,9.60",
            f"T1,a@x.test,{AT[:7]}-01,Pen,1,2.00,0.40,2.40",
            f"T2,b@x.test,{AT[:7]}-02,Pen,1,2.00,0.40,2.40",
        ],
        {"amount": "Gross"},
    ),
    "sums of an order's rows that nothing explains": (
        "Transaction ID,Email,Date,Product,Quantity,Price,Gross",
        [
            f"T1,a@x.test,{AT[:7]}-01,Mug,2,4.00,10.00",
            f"T1,a@x.test,{AT[:7]}-01,Pen,1,2.00,2.00",
            f"T2,b@x.test,{AT[:7]}-02,Pen,1,2.00,2.00",
        ],
        {"amount": None},
    ),
    "the price of each of an order's items": (
        "Orders Order ID,Email,Orders Created Time,Order Items Sale Price,Order Items Margin",
        [f"7,a@x.test,{AT[:7]}-01,4.50,1", f"7,a@x.test,{AT[:7]}-01,5.50,2", f"8,b@x.test,{AT[:7]}-02,3.50,1"],
        {"amount": "Order Items Sale Price"},
    ),
    "the id of an order, and its GUID": (
        "OrderId,OrderGuid,Email,OrderTotal,Date",
        [f"71,aa-1,a@x.test,4.50,{AT}", f"72,aa-2,b@x.test,5.50,{AT}"],
        {"order_id": "OrderId"},
    ),
    "the ids of two things": (
        "Order UUID,Sale ID,Email,Total,Date",
        [f"aa-1,71,a@x.test,4.50,{AT}", f"aa-2,72,b@x.test,5.50,{AT}"],
        {"order_id": None},
    ),
    "an account's address, and that at work": (
        "Lead ID,User email,Work email,Created at",
        [f"71,a@x.test,a@w.test,{AT}", f"72,b@x.test,,{AT}", f"73,,c@w.test,{AT}", f"74,d@x.test,,{AT}"],
        {"email": "User email Work email"},
    ),
    "an account's address, and the customer's": (
        "Lead ID,User email,Customer email,Created at",
        [f"71,a@x.test,a@w.test,{AT}", f"72,b@x.test,,{AT}", f"73,,c@w.test,{AT}", f"74,d@x.test,,{AT}"],
        {"email": None},
    ),
    "an address of those who advertise": (
        "Conversion ID,Conversion Time,Sale Amount,Publisher Contact E-mail",
        [f"7{n},{AT},4.50,{p}@x.test" for n, p in enumerate("abcdab")],
        {"email": None, "event_time": "Conversion Time"},
    ),
    "the same few addresses of somebody": (
        "Order ID,Date,Total,Floor E-mail",
        [f"7{n},{AT[:8]}0{n % 9 + 1},4.50,{p}@x.test" for n, p in enumerate("abcabcabcabc")],
        {"email": None},
    ),
    "an account at the time of its creation, whenever it was confirmed": (
        "id,email,created_at,confirmed_at",
        [f"1,a@x.test,{AT},2024-06-01T10:00:00Z", f"2,b@x.test,{AT},", f"3,c@x.test,{AT},2024-06-02T10:00:00Z"],
        {"event_time": "created_at"},
    ),
    "a deal's own id, where a contact has two": (
        "OPP_ID,OPP_NM,CNTCT_ID,CNTCT_EMAIL_ADDR,CRT_TS",
        [f"71,Roof,8,a@x.test,{AT}", f"72,Attic,8,a@x.test,{AT}", f"73,Bath,9,b@x.test,{AT}"],
        {"order_id": "OPP_ID", "order_name": "OPP_NM"},
    ),
    "people of a table": (
        "Orders Order ID,Orders Created Time,Users Email,Users First Name,Users Last Name,Total",
        [f"71,{AT},a@x.test,Ann,Lee,4.50", f"72,{AT},b@x.test,Bo,Roy,5.50"],
        {"email": "Users Email", "first_name": "Users First Name", "last_name": "Users Last Name"},
    ),
    "who it was shipped to": (
        "Order Number,Date,Email,Total,Ship To Phone",
        [f"71,{AT},a@x.test,4.50,+15550101", f"72,{AT},b@x.test,5.50,+15550102"],
        {"phone": "Ship To Phone"},
    ),
    "what an invoice is for": (
        "Invoice No,Email,Subject,Total,Invoice Date",
        [f"7,a@x.test,Hedge,9.00,{AT}", f"8,b@x.test,Roof,3.00,{AT}"],
        {"order_name": "Subject"},
    ),
    "what a person wrote": (
        "Email,Subject,Created at",
        [f"a@x.test,Hi,{AT}", f"b@x.test,Roof,{AT}"],
        {"order_name": None},
    ),
    "an address at work or at home, whichever there is": (
        "ID,Work email,Private email,Other email,Created at",
        [f"71,a@x.test,,,{AT}", f"72,,b@x.test,,{AT}", f"73,,,c@x.test,{AT}"],
        {"email": "Work email Private email Other email"},
    ),
    "halves of a name": (
        "Email,cust_first,cust_last,First seen,Created at",
        [f"a@x.test,Ann,Lee,shop,{AT}", f"b@x.test,Bo,Lee,web,{AT}"],
        {"first_name": "cust_first", "last_name": "cust_last"},
    ),
    "one half alone, which may be anything": (
        "Email,customer_first,Created at",
        [f"a@x.test,Ann,{AT}", f"b@x.test,Bo,{AT}"],
        {"first_name": None},
    ),
    "what was sold": (
        "Transaction ID,Email,Amount,Description,Date",
        [f"t1,a@x.test,4.50,Club fee,{AT}", f"t2,b@x.test,5.50,Hall hire,{AT}"],
        {"order_name": "Description"},
    ),
    "what was sold, of an order with several rows": (
        "Order ID,Email,Order Total,Description,Date",
        [f"A1,a@x.test,9.50,Mug,{AT[:7]}-01", f"A1,a@x.test,9.50,Pen,{AT[:7]}-01", f"A2,b@x.test,5.50,Pen,{AT[:7]}-02"],
        {"order_id": "Order ID", "order_name": None},
    ),
    "what a person wrote of themselves": (
        "ID,Email,Description,Created at",
        [f"71,a@x.test,Tall,{AT}", f"72,b@x.test,Small,{AT}"],
        {"order_name": None},
    ),
    "a number that people see": (
        "Order ID,Email,Total,Number,Date",
        [f"A1,a@x.test,4.50,1001,{AT}", f"A2,b@x.test,5.50,1002,{AT}"],
        {"order_id": "Order ID", "order_name": "Number"},
    ),
    "a number of a house": (
        "Order ID,Email,Total,Street,Number,Date",
        [f"A1,a@x.test,4.50,High St,11,{AT}", f"A2,b@x.test,5.50,Low St,12,{AT}"],
        {"order_name": None},
    ),
    "an address and a phone in one cell": (
        "Order ID,Customer contacts,Total,Date",
        [f'A1,"a@x.test, +491511234567",4.50,{AT}', f"A2,b@x.test,5.50,{AT}", f"A3,+491511234568,6.50,{AT}"],
        {"email": "Customer contacts", "phone": "Customer contacts"},
    ),
    "a name and an address in one cell": (
        "Order ID,Customer,Total,Date",
        [f"A1,Ann Lee <a@x.test>,4.50,{AT}", f"A2,Bo Roy <b@x.test>,5.50,{AT}"],
        {"email": "Customer", "full_name": None},
    ),
    "an address as a link": (
        "Order ID,Email,Total,Date",
        [f"A1,mailto:a@x.test,4.50,{AT}", f"A2,mailto:b@x.test,5.50,{AT}"],
        {"email": "Email"},
    ),
    "two addresses in one cell": (
        "Order ID,Email,Total,Date",
        [f"A1,a@x.test; c@x.test,4.50,{AT}", f"A2,b@x.test; d@x.test,5.50,{AT}"],
        {"email": None},
    ),
    "addresses of nobody in particular": (
        "Order ID,Answer,Total,Date",
        [f"A1,see a@x.test,4.50,{AT}", f"A2,see b@x.test,5.50,{AT}"],
        {"email": None},
    ),
    "an address that a note has": (
        "Order ID,Note,Owner contact,Total,Date",
        [f"A1,see a@x.test,me s@x.test,4.50,{AT}", f"A2,ask b@x.test,me t@x.test,5.50,{AT}"],
        {"email": None, "phone": None},
    ),
    "items of one payment, by either of two ids, with a payout among them": (
        "Date,Item name,Item total,Buyer email,Shop transaction id,Card transaction id",
        [
            f"{AT[:7]}-01,Mug,4.50,a@x.test,71,x1",
            f"{AT[:7]}-02,Pen,1.50,b@x.test,72,x2",
            f"{AT[:7]}-02,Cap,9.50,b@x.test,72,x2",
            f"{AT[:7]}-03,to the bank,-15.00,,,",
        ],
        {"order_id": None, "order_name": None},
    ),
    "who ordered, beside those who come": (
        "Ticket Name,Ticket Email,Price,Order Reference,Order Name,Order Email,Order Phone Number,Order Date",
        [
            f"Ann Lee,a@x.test,4.50,R1,Ann Lee,a@x.test,+491511234567,{AT[:7]}-01",
            f"Bo Roy,b@x.test,4.50,R1,Ann Lee,a@x.test,+491511234567,{AT[:7]}-01",
            f"Cy Fox,c@x.test,4.50,R2,Di Day,d@x.test,,{AT[:7]}-02",
        ],
        {"email": "Order Email", "full_name": "Order Name", "phone": "Order Phone Number", "order_name": None},
    ),
    "an order's name, which is nobody's": (
        "Order ID,Order Name,Email,Total,Date",
        [f"A1,Blue shirt,a@x.test,4.50,{AT}", f"A2,Red shirt,b@x.test,5.50,{AT}"],
        {"full_name": None},
    ),
    "a user's id, where each row is a user": (
        "User ID,Name,Email,Created at",
        [f"u1,Ann Lee,a@x.test,{AT}", f"u2,Bo Roy,b@x.test,{AT}", f"u3,Cy Fox,c@x.test,{AT}"],
        {"order_id": "User ID"},
    ),
    "a user's id, where one is there twice": (
        "User ID,Name,Email,Created at",
        [f"u1,Ann Lee,a@x.test,{AT}", f"u2,Bo Roy,b@x.test,{AT}", f"u1,Ann Lee,a@x.test,{AT}"],
        {"order_id": None},
    ),
    "a user's id beside what was paid": (
        "User ID,Email,Total,Currency,Purchase date",
        [f"u1,a@x.test,4.50,EUR,{AT}", f"u2,b@x.test,5.50,EUR,{AT}", f"u3,c@x.test,6.50,EUR,{AT}"],
        {"order_id": None},
    ),
    "an answer's id, which is called by its form": (
        "FreeConsultation_Id,Email,Entry_Status,Created at",
        [f"71,a@x.test,Read,{AT}", f"72,b@x.test,Read,{AT}"],
        {"order_id": "FreeConsultation_Id"},
    ),
    "the login at a till is no buyer's address": (
        "Email,Date,Transaction ID,Total",
        [f"{'ab'[n % 2]}@x.test,2024-05-{n:02}T10:00:00Z,T{n}9,{n}.50" for n in range(1, 13)],
        {"email": None, "order_id": "Transaction ID"},
    ),
    "one buyer's many items": (
        "Order ID,Email,Date,Total,Item",
        [f"A{n // 4},p{n // 4}@x.test,2024-05-0{n // 4 + 1}T10:00:00Z,4{n // 4}.50,I{n}" for n in range(12)],
        {"email": "Email"},
    ),
    "a deal that was won is of when its last stage began": (
        "id,value,stage,contact_email,last_stage_change_at,added_on",
        [
            f"71,40.50,Won,a@x.test,2024-06-01T10:00:00Z,{AT}",
            f"72,41.50,Lost,b@x.test,2024-06-02T10:00:00Z,{AT}",
            f"73,42.50,Won,c@x.test,2024-06-03T10:00:00Z,{AT}",
        ],
        {"event_time": "last_stage_change_at"},
    ),
    "and of when it was closed, where that is known": (
        "id,value,stage,contact_email,last_stage_change_at,added_on,closed_at",
        [
            f"71,40.50,Won,a@x.test,2024-06-01T10:00:00Z,{AT},2024-05-31T10:00:00Z",
            f"72,41.50,Lost,b@x.test,2024-06-02T10:00:00Z,{AT},",
            f"73,42.50,Won,c@x.test,2024-06-03T10:00:00Z,{AT},2024-06-02T10:00:00Z",
        ],
        {"event_time": "closed_at"},
    ),
    "the total after all others": (
        "Token,InvoiceNumber,Email,CreationDate,Currency,ItemsTotal,FinalGrandTotal",
        [f"t{n}a,S-{n},p{n}@x.test,{AT},EUR,{n}.40,{n}.50" for n in range(1, 4)],
        {"order_id": "Token", "amount": "FinalGrandTotal"},
    ),
    "each ticket's part of an order": (
        "Référence commande,Date de la commande,Email payeur,Numéro de billet,Tarif,Montant tarif,"
        "Champ additionnel: Téléphone",
        [f"9{n // 2},2024-05-{13 + n // 2}T10:00:00Z,p{n // 2}@x.test,7{n},Adulte,4{n}.50,06 12 34 05 0{n // 2}"
         for n in range(6)],
        {"amount": "Montant tarif", "phone": "Champ additionnel: Téléphone"},
    ),
    "a confirmation's number, which only those who came have": (
        "Email Address,Invitee Status,Confirmation Number,Registration Date,Amount Paid",
        [f"a@x.test,Accepted,VQ7K,{AT},69.50", f"b@x.test,No Response,,{AT},", f"c@x.test,Accepted,KL2M,{AT},49.50"],
        {"order_id": "Confirmation Number"},
    ),
    "a lead of whom a contract was signed": (
        "Lead ID,Email,Created,Signed on,Last touched",
        [f"71,a@x.test,{AT},2024-06-01,2024-06-01T10:00:00Z", f"72,b@x.test,{AT},,2024-06-02T10:00:00Z"],
        {"event_time": "Created"},
    ),
    "the end of an answer to a survey": (
        "Respondent ID,Start Date,End Date,Email Address",
        [f"71,2024-05-0{n}T10:00:00Z,2024-05-0{n}T10:09:00Z,p{n}@x.test" for n in (1, 2, 3)],
        {"event_time": "End Date"},
    ),
    "the end of something else": (
        "Guest ID,Start Date,End Date,Email Address",
        [f"71,2024-05-0{n}T10:00:00Z,2024-05-0{n}T10:09:00Z,p{n}@x.test" for n in (1, 2, 3)],
        {"event_time": None},
    ),
    "a deal whose name is no person's": (
        "id,name,value,stage,main_contact,main_contact_email,added_on",
        [f"7{n},Trackers 40,4{n}.50,Won,Ann Lee,p{n}@x.test,{AT}" for n in (1, 2, 3)],
        {"order_name": "name", "full_name": "main_contact"},
    ),
    "a lead that is a deal, called by its title": (
        "Lead ID,Lead,Status,Amount,Created at,Closed at,First name,Last name,Email",
        [
            f"7{n},Kitchen {n},{status},4{n}.50,{AT},{AT},Ann,Lee,p{n}@x.test"
            for n, status in enumerate(("won", "lost", "todo"), 1)
        ],
        {"order_id": "Lead ID", "order_name": "Lead", "first_name": "First name"},
    ),
    "a person whose row is called lead": (
        "ID,Lead,Email,Created at",
        [f"7{n},Ann Lee,p{n}@x.test,{AT}" for n in (1, 2, 3)],
        {"order_name": None},
    ),
    "an order's id beside that of its payment": (
        "Order ID,Payment ID,Email,Total,Date",
        [f"A{at},T{n}9,p{n}@x.test,4{n}.50,{AT}" for n, at in ((1, 1), (2, 2), (3, 2), (4, 1))],
        {"order_id": "Payment ID", "order_name": "Order ID"},
    ),
    "a given and a family name": (
        "ID,mail,given,family,joined",
        [f"7{n},p{n}@x.test,Ann,Lee,{AT}" for n in (1, 2, 3)],
        {"first_name": "given", "last_name": "family"},
    ),
    "money that was given": (
        "ID,mail,given,joined",
        [f"7{n},p{n}@x.test,Ann,{AT}" for n in (1, 2, 3)],
        {"first_name": None},
    ),
    "the steps of one payment": (
        "Transaction ID,Email,Movement,Action Date,Amount",
        [
            f"7{n},p{n}@x.test,{kind},2024-05-0{n}T1{at}:00:00Z,4{n}.50"
            for n in (1, 2)
            for at, kind in enumerate(("sale", "settle", "refund")[: n + 1])
        ],
        {"order_id": "Transaction ID", "amount": "Amount"},
    ),
    "one address in each row": (
        "Email,Date,Transaction ID,Total",
        [f"a@x.test,2024-05-{n:02}T10:00:00Z,T{n}9,{n}.50" for n in range(1, 6)],
        {"email": None},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_of_several_columns(name: str) -> None:
    header, lines, wanted = CASES[name]
    found = live(drafted(header, *filled(lines))[1])
    assert {field: " ".join(found[field]) if field in found else None for field in wanted} == wanted


def test_of_a_cell_with_an_address_and_a_phone_each_is_taken_out() -> None:
    lines = [f'71,"a@x.test, +49 151 1234567",{AT}', f"72,b123456789@x.test,{AT}", f"73,+491511234568,{AT}"]
    mapping = drafted("ID,Contact,Created at", *filled(lines))[1]
    email, phone = (mapping.events[0].fields[name].extract for name in ("email", "phone"))
    assert email and phone and [c.matches.pattern for c in mapping.where if c.matches] == ["@"]
    assert [m[1] for text in ("mailto:a@x.test", "Ann <a@x.test>") if (m := re.search(email, text))] == ["a@x.test"] * 2
    found = [re.search(one, "a@x.test, +49 151 1234567") for one in (email, phone)]
    assert [match and match[1] for match in found] == ["a@x.test", "+49 151 1234567"]
    assert not re.search(phone, "b123456789@x.test")


@pytest.mark.parametrize(
    ("quoted", "minor"),
    [
        (["Mug ($49.00)", "Cap ($129.00)", "Pen ($19.50)", "Mat (¥7,800)"], True),
        (["Mug ($4,900)", "Cap ($12,900)", "Pen ($1,950)", "Mat (¥7,800)"], False),
        (["Mug", "Cap", "Pen", "Mat"], False),
    ],
    ids=["quoted in whole units", "quoted as they are", "not quoted"],
)
def test_prices_that_are_quoted_show_that_amounts_are_cents(quoted: list[str], minor: bool) -> None:
    amounts = ("4900", "usd"), ("12900", "usd"), ("1950", "usd"), ("7800", "jpy")
    lines = [
        f'A{n},p{n}@x.test,{total},{code},"{text}",2024-05-0{n}T10:00:00Z'
        for n, ((total, code), text) in enumerate(zip(amounts, quoted, strict=True), 1)
    ]
    found = drafted("id,email,total_amount,currency,bought,created_at", *lines)[1].events[0].fields["amount"]
    assert (found.minor_units == "currency") is minor and (found.columns == ("total_amount",)) is minor


def test_rows_with_a_total_and_an_item_are_orders_in_any_language() -> None:
    header = "code,date,etat,currency,email,totalPrice,itemName,itemQuantity,itemTotalPrice"
    lines = [f"91,{AT[:7]}-01,Abc,CZK,a@x.test,9.50,Mug,1,4.50", f"91,{AT[:7]}-01,Abc,CZK,a@x.test,9.50,Pen,1,5.00"]
    lines += [f"92,{AT[:7]}-02,Def,CZK,b@x.test,5.50,Pen,1,5.50", f"93,{AT[:7]}-03,Def,CZK,c@x.test,6.50,Cap,1,6.50"]
    made, mapping = drafted(header, *filled(lines))
    assert made.event == "purchase" and not mapping.source.group_by and "# group_by: code" in made.text


def test_rows_of_a_sandbox_are_left_out() -> None:
    mapping = drafted(DOCUMENT, *filled(DOCUMENTS))[1]
    [condition] = [c for c in mapping.where if c.column == "Document name"]
    assert condition.matches and condition.matches.search("Offer") and not condition.matches.search("[DEV] Offer")


def test_a_note_may_begin_as_it_likes() -> None:
    lines = [f"71,a@x.test,[test] the pump,{AT}", f"72,b@x.test,Roof,{AT}"]
    assert [c.column for c in drafted("ID,Email,Message,Created at", *filled(lines))[1].where] == []


def test_no_row_is_left_out_whose_address_is_in_another_column() -> None:
    lines = [f"71,a@x.test,,{AT}", f"72,,b@x.test,{AT}", f"73,c@x.test,,{AT}", f"74,d@x.test,,{AT}"]
    made, mapping = drafted("ID,Email,Newsletter email,Created at", *filled(lines))
    assert not mapping.where and '1 of 4 rows have an address in "Newsletter email" alone' in made.text


ROWS = [
    f"A{n},a{n}@x.test,{AT},{kind}"
    for n in (1, 2)
    for kind in ("{whole},9.50", "{line},6.00", "{line},3.50", "{paid},")
]


@pytest.mark.parametrize(
    ("name", "whole", "line", "paid", "taken"),
    [
        ("Line Type", "Sale", "Sale Line", "Payment", True),
        ("Row type", "Order", "Line item", "Shipping", True),
        ("Record Type", "Header", "Item", "Tax", True),
        ("Zeilenart Typ", "Rechnung", "Position", "Zahlung", True),
        ("Line Type", "Sale", "Sale", "Payment", False),
        ("Line Type", "Sale", "Booking", "Payment", False),
        ("Note", "Sale", "Sale Line", "Payment", False),
    ],
)
def test_of_an_orders_rows_the_one_that_is_it(name: str, whole: str, line: str, paid: str, taken: bool) -> None:
    lines = [row.format(n="1", whole=whole, line=line, paid=paid) for row in ROWS]
    mapping = drafted(f"Receipt Number,Email,Date,{name},Total", *lines)[1]
    found = [condition.one_of for condition in mapping.where if condition.column == name]
    assert (found == [(whole,)] and mapping.source.group_by is None) is taken


def test_a_price_that_was_paid_is_each_tickets() -> None:
    rows = [f"A{at},A{at}-{n},p{at}@x.test,100.00,2024-05-0{at}T10:00:00Z" for n, at in ((1, 1), (2, 1), (1, 2))]
    made, mapping = drafted("Order Reference,Ticket Reference,Order Email,Price Paid,Order Date", *rows)
    assert mapping.source.group_by == "Order Reference" and mapping.source.sum == ("Price Paid",), made.text


def test_no_time_is_the_id_of_a_payment() -> None:
    rows = [f"A{at},p{at}@x.test,100.00,2024-05-0{n}T10:00:00Z" for n, at in ((1, 1), (2, 1), (3, 2))]
    found = live(drafted("Order Reference,Order Email,Amount,Order Date", *rows)[1])
    assert found.get("order_id") != ("Order Date",)


def test_an_orders_first_row_that_has_all_is_no_payment_of_it() -> None:
    rows = [f"{n},a{n}@x.test,{AT},Line Item,9.50\n{n},,,Transaction,\n{n},,,Refund Line," for n in (1, 2)]
    mapping = drafted("ID,Email,Date,Line Type,Total", *"\n".join(filled(rows)).split("\n"))[1]
    assert mapping.source.group_by == "ID" and [one.column for one in mapping.where] == []


def test_deals_of_one_account_are_no_order_of_two_rows() -> None:
    header = "Opp ID,Account ID,Email,Created at,Closed at,Amount"
    rows = [f"71,8,a@x.test,{AT},{AT},4.50", "72,8,a@x.test,2024-06-01T10:00:00Z,,", f"73,9,b@x.test,{AT},{AT},5.50"]
    assert drafted(header, *filled(rows))[1].source.group_by is None
