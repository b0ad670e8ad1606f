"""Each preset's sample, through the real command: the events that a person reads out of it, and no others.

`PYTHONPATH=tests/support python -m tests.mapping.test_preset_samples` writes the golden files anew; what is in them is
checked against the tables below, which were written by hand from the samples.
"""

import csv
import io
import json
import random
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path

import pytest
from preset_readings import READINGS, Event

from backfill.cli import main
from backfill.convert.lookup import open_lookups
from backfill.mapping import detect, load, presets
from backfill.sandbox import SandboxThread

SAMPLES = Path(__file__).parents[2] / "sample_data" / "presets"
GOLDEN = SAMPLES.parent / "golden" / "presets"
ELSEWHERE = {"shopify_orders", "hubspot_contacts"}  # their samples are one folder up, with planted faults
REFUSED = {  # recognised only to say why they can't be used
    "adyen_payments",
    "amazon_orders",
    "ebay_orders",
    "etsy_orders",
    "google_ads_conversions",
    "klaviyo_events",
    "mollie_payments",
    "prestashop_orders",
    "woocommerce_analytics",
}
NOT_COUNTS = ("run", "command", "space", "files", "started", "seconds", "rejects_file", "resume")

# Other versions of an export, by their header lines.
VERSIONS = {
    "ebay_orders, UK": (
        "Sales record number,Order number,Buyer username,Buyer name,Buyer email,Post to name,Post to postcode,"
        "Item number,Item title,Custom label,Quantity,Sold for,Postage and packaging,Total price,Sale date,Paid on date"
    ),
    "etsy_orders, items": (
        "Sale Date,Item Name,Buyer,Quantity,Price,Coupon Code,Item Total,Currency,Transaction ID,Listing ID,Date Paid,"
        "Ship Name,Order ID,Variations,SKU"
    ),
    "amazon_orders, unshipped": (
        "order-id,order-item-id,purchase-date,payments-date,buyer-email,buyer-name,buyer-phone-number,sku,product-name,"
        "quantity-purchased,currency,item-price"
    ),
    "prestashop_orders, French": "ID,Référence,Nouveau client,Livraison,Client,Total,Paiement,État,Date",
    "adyen_payments, received": (
        "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,Creation Date,TimeZone,"
        "Currency,Amount,Type,Shopper Interaction"
    ),
    "gohighlevel_orders, older": (
        "Customer first name,Customer last name,Customer email,Customer phone,Currency,Sub total,Discount,"
        "Total Tax Amount,Amount,Quantity,Order date,Order time,Payment Method,Line item Name,Line item Price"
    ),
    "stripe_payments, default columns": (
        "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,Converted Amount Refunded,"
        "Converted Currency,Decline Reason,Description,Fee,Refunded date (UTC),Statement Descriptor,Status,"
        "Seller Message,Taxes On Fee,Card ID,Customer ID,Customer Description,Customer Email,Invoice ID,Transfer,"
        "order_id (metadata),email (metadata)"
    ),
    "stripe_payments, older": (
        "id,Description,Seller Message,Created (UTC),Amount,Amount Refunded,Currency,Converted Amount,Fee,Mode,Status,"
        "Customer Email,Captured,Card ID,Invoice ID"
    ),
    "woocommerce_orders, 2018": (
        "Order Number,Order Status,Order Date,Customer Note,First Name (Billing),Last Name (Billing),Email (Billing),"
        "Phone (Billing),Order Total Amount,Order Total Tax Amount,SKU,Item #,Item Name,Product Variation,Quantity,"
        "Order Line Total,Coupons Used,Total items,Total products,Order ID,Paid Date,Currency"
    ),
    "bigcommerce_orders, with times": (
        "Order ID,Customer ID,Customer Email,Order Date,Order Time,Order Status,Order Total (inc tax),Coupon Value"
    ),
    "squarespace_orders, newer": (
        "Order ID,Email,Financial Status,Paid at,Currency,Amount Refunded,Total,Created at,Lineitem name,"
        "Lineitem variant,Billing Name,Channel Type,Channel Name,Channel Order Number,Checkout Form: Note"
    ),
    "magento_orders, few columns": "ID,Purchase Point,Purchase Date,Grand Total (Base),Status,Customer Email",
    "woocommerce_webtoffee, few columns": (
        "order_id,order_number,order_date,status,order_total,customer_email,billing_email,'meta:_x'"
    ),
    "pipedrive_deals, list": "ID,Title,Value,Status,Won time,Deal created,Contact person,Person - Email (Work)",
    "pipedrive_deals, newer labels": (
        "Deal - ID,Deal - Deal value,Deal - Status,Deal - Deal created on,Deal - Won time,Person - Email"
    ),
    "gohighlevel_opportunities, with ids": (
        "Opportunity name,Contact Name,phone,email,pipeline,stage,Lead Value,source,assigned,Created on,Updated on,"
        "lost reason ID,lost reason name,Followers,Notes,tags,Engagement score,status,Opportunity ID,Contact ID"
    ),
    "calendly_events, many questions": (
        "User Name,Invitee Name,Invitee Email,Event Type Name,Start Date & Time,Event Created Date & Time,Canceled,"
        "EventQuery 1,Response 1,EventQuery 2,Response 2,EventQuery 3,Response 3,Event UUID,Invitee UUID"
    ),
    "paypal_activity, before 2017": (
        "Date, Time, Time Zone, Name, Type, Status, Currency, Gross, Fee, Net, From Email Address, To Email Address, "
        "Transaction ID, Counterparty Status, Address Status, Item Title, Balance,"
    ),
    "paypal_activity, all fields of today": (
        "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,To Email Address,Transaction ID,"
        "CounterParty Status,Invoice Number,Custom Number,Contact Phone Number,Balance Impact,Decline Code"
    ),
    "square_transactions, 2018": (
        "Date,Time,Time Zone,Gross Sales,Discounts,Net Sales,Gift Card Sales,Tax,Tip,Partial Refunds,Total Collected,"
        "Source,Card,Cash,Fees,Net Total,Transaction ID,Payment ID,Device Name,Details,Description,Event Type,Location,"
        "Customer ID,Customer Name,Customer Reference ID,Installment"
    ),
    "hubspot_deals, internal names": (
        "hs_object_id,dealname,dealstage,pipeline,amount,closedate,createdate,hubspot_owner_id,Associated Contact IDs"
    ),
    "hubspot_deals, with an email of its own": (
        "Record ID,Deal Name,Amount,Deal Stage,Close Date,Deal Owner,Company Name,Pipeline,Create Date,Email,"
        "Associated Contact,Associated Contact IDs,Associated Note IDs"
    ),
    "salesforce_opportunities, few columns": "Id,Name,StageName,Amount,CloseDate,IsWon,CreatedDate,ContactId",
    "salesforce_opportunities, with relations": (
        "ID,NAME,STAGENAME,AMOUNT,CLOSEDATE,ISWON,CREATEDDATE,CONTACTID,ACCOUNT.NAME,CONTACT.EMAIL"
    ),
    "salesforce_report, its usual columns": (
        "Opportunity Name,Stage,Amount,Close Date,Account Name,Opportunity Owner,Created Date,Type,Lead Source,"
        "Opportunity ID,Fiscal Period,Age,Contact ID"
    ),
    "salesforce_report, several currencies": (
        "Opportunity ID,Contact ID,Opportunity Name,Stage,Amount Currency,Amount,Amount (converted) Currency,"
        "Amount (converted),Close Date,Email"
    ),
    "zoho_deals, few columns": (
        "Record Id,Deal Owner.id,Deal Name,Amount,Stage,Closing Date,Created Time,Contact Name.id,Contact Name,Email"
    ),
    "stripe_api, older": (
        "id,object,amount,amount_refunded,billing_details,billing_details.email,created,currency,livemode,paid,refunded,"
        "status,source"
    ),
    "woocommerce_analytics, older": (
        "Date,Order #,N. Revenue,Status,Customer,Customer type,Product(s),Items sold,Coupon(s)"
    ),
    "skool_members, older": "FirstName,LastName,Email,Invited By,JoinedDate,Question1,Answer1",
    "skool_members, with a source": (
        "FirstName,LastName,Email,Invited By,JoinedDate,Question1,Question2,Question3,Answer1,Answer2,Answer3,Price,"
        "Recurring Interval,Tier,LTV,Source"
    ),
    "gumroad_sales, older": (
        "Purchase ID,Item Name,Buyer Name,Purchase Email,Buyer Email,Purchase Date,Purchase Time (UTC timezone),"
        "Subtotal ($),Taxes ($),Shipping ($),Sale Price ($),Fees ($),Refunded?,Fully Refunded?,Order Number"
    ),
    "kartra_transactions, in euros": (
        "ID,Transaction_Type,Date,Product,Buyer_Name,Buyer_Email,Amount (EUR),Revenue (EUR),Processor_transaction_id,"
        "Trial,Subscription_payment_number"
    ),
    "whop_payments, few columns": (
        "ID,Paid at,Created at,Status,Description,Email,Payment Amount,Billing reason,Payment Currency,Product ID"
    ),
    "meta_leads, through a sheet": (
        "lead_id,created_time,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,form_id,form_name,is_organic,"
        "platform,first_name,last_name,work_email,phone_number,inbox_url,lead_status"
    ),
    "tiktok_leads, of a page": (
        "lead id,created_time,ad_id,ad_name,adgroup_id,adgroup_name,campaign_id,campaign_name,page_id,page_name,Name,"
        "Email,Phone number"
    ),
    "typeform_responses, older": "#,What is your email?,Your name,Start Date (UTC),Submit Date (UTC),Network ID",
    "mailchimp_contacts, unsubscribed": (
        "Email Address,First Name,Last Name,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,"
        "LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,"
        "UNSUB_REASON_OTHER,LEID,EUID,NOTES,TAGS"
    ),
    "gohighlevel_contacts, more columns": (
        "Contact Id,First Name,Last Name,Business Name,Phone,Email,Created,Last Activity,Tags,Country,Opportunities"
    ),
    "wix_orders, doubled columns": (
        "Order number,Date created,Time,Total order quantity,Contact email,Item,Qty,Recipient name,Recipient phone,"
        "Delivery country,Delivery city,Billing name,Billing phone,Delivery country,Delivery city,Payment status,Total,"
        "Currency,Refunded amount,Fulfillment status"
    ),
    "matrixify_orders, few columns": (
        "ID,Name,Processed At,Currency,Price: Total,Payment: Status,Customer: Email,Line: Type,Line: Title"
    ),
    "edd_orders, with all settings": (
        "Order ID,Order Number,Email,Customer ID,Customer Name,Products (Verbose),Products (Raw),SKUs,Currency,Amount,"
        "Tax,Refunded,Transaction ID,Purchase Key,Date,User,IP Address,Mode (Live|Test),Status,VAT Number"
    ),
    "stripe_subscriptions, few columns": (
        "id,Customer ID,Customer Email,Plan,Amount,Interval,Status,Created (UTC),Start (UTC),"
        "Current Period Start (UTC),Trial Start (UTC),Trial End (UTC),Canceled At (UTC),Ended At (UTC)"
    ),
    "acuity_appointments, few columns": (
        "Start Time,End Time,First Name,Last Name,Phone,Email,Type,Calendar,Date Scheduled,Timezone,Appointment ID"
    ),
    "zoom_registrations, of a webinar": (
        "Attended,User Name (Original Name),First Name,Last Name,Email,Phone,Registration Time,Approval Status,"
        "Join Time,Leave Time,Time in Session (minutes),Is Guest,Country/Region Name"
    ),
    "luma_guests, older": (
        "api_id,name,first_name,last_name,email,phone_number,created_at,approval_status,custom_source,checked_in_at,"
        "qr_code_url,amount,currency,ticket_name,utm_source"
    ),
}

# Similar exports that no preset may recognise as its own.
STRANGERS = {
    "Stripe, balance history": "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),Description",
    "Stripe, application fees": (
        "id,Created (UTC),Amount,Amount Refunded,Currency,User ID,User Email,Application ID,Transaction ID"
    ),
    "WooCommerce, SkyVerge": "order_id,order_number,date,status,order_total,billing_email",
    "PrestaShop, with emails": "ID,Reference,Delivery,Customer,Email,Total,Payment,Status,Date",
    "Adyen, with emails": "Company Account,Merchant Account,Psp Reference,Merchant Reference,Shopper Email,Amount",
    "Google Ads, enhanced conversions": "Email,Google Click ID,Conversion Name,Conversion Time,Conversion Value",
    "Zoho, contacts": "Record Id,Contact Owner.id,Contact Owner,First Name,Last Name,Email,Create Date,Created Time",
    "Zoho, Bigin deals": "Deal Id,Deal Owner.id,Deal Name,Sub-Pipeline,Stage,Amount,Closing Date,Contact Name.id",
    "PayPal, statement report": (
        "Date,Time,Time Zone,Description,Currency,Gross,Fee,Net,Balance,Transaction ID,From Email Address,Name,"
        "Bank Name,Bank Account,Shipping and Handling Amount,Sales Tax,Invoice ID,Reference Txn ID"
    ),
    "PayPal, statement report in Spanish": (
        "Fecha,Hora,Zona horaria,Descripción,Divisa,Bruto,Comisión,Neto,Saldo,Id. de transacción,"
        "Correo electrónico del remitente,Nombre,,,,,,"
    ),
    "PayPal, activity in German": (
        "Datum,Uhrzeit,Zeitzone,Name,Typ,Status,Währung,Brutto,Gebühr,Netto,Absender E-Mail-Adresse,Transaktionscode"
    ),
    "Square, items": (
        "Date,Time,Time Zone,Category,Item,Qty,Price Point Name,SKU,Gross Sales,Discounts,Net Sales,Tax,Transaction ID,"
        "Payment ID,Device Name,Notes,Details,Event Type,Location,Dining Option,Customer ID,Customer Name"
    ),
    "Square, customers": "Reference ID,First Name,Last Name,Email Address,Phone Number,Square Customer ID,Total Spent",
    "HubSpot, companies": "Record ID,Company name,Company owner,Create Date,Phone Number,Associated Contact IDs",
    "HubSpot, tickets": "Record ID,Ticket name,Ticket status,Create Date,Email",
    "Salesforce, contacts": "Id,IsDeleted,AccountId,LastName,FirstName,Phone,Email,CreatedDate",
    "Salesforce, accounts": "Id,IsDeleted,Name,Type,ParentId,CreatedDate",
    "Salesforce, report without ids": "Opportunity Name,Stage,Amount,Close Date,Account Name,Opportunity Owner,Age",
    "Salesforce, report of contacts": "First Name,Last Name,Email,Phone,Contact ID",
    "Stripe API, payment intent": "id,object,amount,amount_received,currency,livemode,status,created,receipt_email",
    "Stripe API, payment method": "id,object,billing_details,billing_details.email,card,created,customer,livemode,type",
    "Stripe API, checkout session": (
        "id,object,amount_total,currency,customer_details,livemode,payment_status,status,created"
    ),
    "Stripe API, refund": "id,object,amount,charge,created,currency,status",
    "Stripe API, page of charges": "object,data,has_more,url",
    "Close, opportunities": "id,lead_id,contact_id,status_type,value,value_currency,date_created,date_won",
    "Whop, members": "ID,Name,Email,Subscription status,Total spend (in USD),Joined at,Product ID",
    "ThriveCart, customers": (
        "order_date,customer_first_name,customer_last_name,customer_email,customer_phone,total,relevant_item_name,"
        "relevant_item_pricing_option,payment_processor,address_country"
    ),
    "Lemon Squeezy API, subscription invoices": (
        "type,id,attributes.subscription_id,attributes.user_email,attributes.billing_reason,attributes.status,"
        "attributes.total,attributes.created_at,attributes.test_mode"
    ),
    "ClickFunnels 2.0, transactions": "id,public_id,order_id,amount,currency,status,result,is_rebill,created_at",
    "Stripe, customers": "id,Description,Email,Name,Created (UTC),Delinquent,Plan,Status,Total Spend,Payment Count",
    "Razorpay, payments": (
        "id,amount,currency,status,order_id,invoice_id,method,amount_refunded,refund_status,captured,email,contact,"
        "created_at"
    ),
    "Zoom, participants": "Name (original name),Email,Total duration (minutes),Guest",
    "Close, contacts": "id,lead_id,name,title,primary_phone,primary_email,date_created",
    "Shopware, orders": "id;order_number;customer_firstname;customer_email;amount_total;order_state_id;order_date_time",
    "Systeme.io, contacts": "Email,First name,Surname,Phone number,Country,Tags,Date registered",
    "Kit, subscribers": "first_name,email_address,created_at,status",
    "Cal.com, bookings": (
        "Booking UID,Title,Status,Start Time,End Time,Attendee Name,Attendee Email,Event Type,Location"
    ),
    "any list": "ID,Name,Email,Status,Amount,Created At",
}


def sample(name: str) -> Path:
    return next(path for path in SAMPLES.glob(f"{name}.*") if path.stem == name)


def preset(name: str) -> str:
    return READINGS[name].preset or name


def flags(name: str) -> list[str]:
    """The options that the command needs with the sample."""
    reading = READINGS[name]
    joined = ["--lookup", f"{reading.lookup}={SAMPLES / f'{name}.{reading.lookup}.csv'}"] if reading.lookup else []
    return [*reading.flags, *joined]


def header(path: Path) -> list[str]:
    if path.suffix == ".jsonl":
        return list(paths(json.loads(path.read_text("utf-8").splitlines()[0])))
    reading = READINGS.get(path.stem)
    encoding, delimiter = (reading.encoding, reading.delimiter) if reading else ("utf-8-sig", ",")
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        return next(islice(csv.reader(file, delimiter=delimiter), reading.above if reading else 0, None))


def paths(found: Event, prefix: str = "") -> Iterator[str]:
    """The names of an object's values, those within objects dotted."""
    for name, value in found.items():
        yield from paths(value, f"{prefix}{name}.") if isinstance(value, dict) else [prefix + name]


def backfill(folder: Path, url: str, *arguments: str) -> Event:
    """Run a command here; return its summary."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMETLY_API_URL", url)
        patch.setenv("COMETLY_API_KEY", "sandbox")
        places = {"--state": folder / "state", "--rejects": folder / "rejects", "--summary": folder / "summary.json"}
        code = main([*arguments, "--quiet", *(str(part) for pair in places.items() for part in pair)])
    summary: Event = json.loads((folder / "summary.json").read_text("utf-8"))
    assert summary["exit_code"] == code
    return summary


def counts(summary: Event) -> Event:
    """The summary without what differs from run to run."""
    kept = {name: value for name, value in summary.items() if name not in NOT_COUNTS}
    return kept | {"inferred": without_files(kept["inferred"])}


def without_files(found: Event) -> Event:
    """What was inferred, a clue a setting or, by column, several; without the files, which have another path here."""
    return {k: without_files(v) if isinstance(v, dict) else v for k, v in found.items() if k != "file"}


def uploaded(name: str, folder: Path) -> dict[str, str]:
    """The golden files' names and texts, from a run."""
    with SandboxThread(rate=None) as sandbox:
        summary = backfill(folder, sandbox.url, "upload", str(sample(name)), "--yes", *flags(name))
        bodies = sorted((json.loads(arrival.raw) for arrival in sandbox.arrivals), key=lambda b: b["idempotency_key"])
    return {
        f"{name}.events.jsonl": "".join(json.dumps(b, sort_keys=True, ensure_ascii=False) + "\n" for b in bodies),
        f"{name}.summary.json": json.dumps(counts(summary), indent=2) + "\n",
    }


def golden_events(name: str) -> list[Event]:
    lines = (GOLDEN / f"{name}.events.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]


def golden_summary(name: str) -> Event:
    summary: Event = json.loads((GOLDEN / f"{name}.summary.json").read_text("utf-8"))
    return summary


def fits(names: list[str]) -> list[str]:
    return [mapping.name for mapping in detect(names)]


def folded(names: Iterable[str]) -> set[str]:
    return {name.strip().casefold() for name in names}


def test_every_preset_has_its_sample_and_reading() -> None:
    assert {path.stem for path in SAMPLES.iterdir() if "." not in path.stem} == READINGS.keys() | REFUSED
    assert {preset(name) for name in READINGS} == presets().keys() - ELSEWHERE - REFUSED
    assert {name for name in presets() if load(name).refuse} == REFUSED
    for name in READINGS:
        assert list(load(preset(name)).lookups) == ([READINGS[name].lookup] if READINGS[name].lookup else [])


@pytest.mark.parametrize("name", READINGS)
def test_the_golden_events_are_those_that_a_person_reads_out_of_the_sample(name: str) -> None:
    read, events = READINGS[name].rows(), golden_events(name)
    made = [
        [e["event_name"], e.get("order_id", "-"), e["email"], e["event_time"], e.get("amount", "-")] for e in events
    ]
    expected = [[n, i, who, time, amount if amount == "-" else Decimal(amount)] for n, i, who, amount, time in read]
    assert sorted(made, key=str) == sorted(expected, key=str)
    assert all(e["idempotency_key"] == f"{e['event_name']}:{e['order_id']}" for e in events if "order_id" in e)
    assert all(e["do_not_capi"] is True for e in events)
    for key, fields in READINGS[name].details.items():
        (event,) = [e for e in events if e["idempotency_key"] == key]
        assert {field: event.get(field) for field in fields} == fields


@pytest.mark.parametrize("name", READINGS)
def test_the_golden_summary_accounts_for_every_row(name: str) -> None:
    reading, summary = READINGS[name], golden_summary(name)
    assert {count: summary[count] for count in reading.counts} == reading.counts
    assert (summary["codes"], summary["amount"]["accepted"]) == (reading.codes, reading.amount)
    assert summary["accepted"] == len(reading.rows()) == summary["events"] - summary["invalid"] - summary["duplicate"]
    per_name = Counter(row[0] for row in reading.rows())
    assert {kind: row["accepted"] for kind, row in summary["by_event"].items() if row["accepted"]} == per_name
    assert (summary["mapping"], summary["balanced"]) == (preset(name), True)
    assert summary["exit_code"] == (3 if reading.codes else 0)


@pytest.mark.parametrize("name", READINGS)
def test_a_sample_arrives_as_its_golden_files_say(name: str, tmp_path: Path) -> None:
    for file, text in uploaded(name, tmp_path).items():
        assert text == (GOLDEN / file).read_text("utf-8"), file


@pytest.mark.parametrize("name", READINGS)
def test_order_and_case_of_the_columns_make_no_difference(name: str, tmp_path: Path) -> None:
    path, shuffle = sample(name), random.Random(name)
    text = path.read_text(READINGS[name].encoding)
    if path.suffix == ".jsonl":
        lines = [shuffle.sample(list(json.loads(line).items()), len(json.loads(line))) for line in text.splitlines()]
        text = "".join(json.dumps(dict(line)) + "\n" for line in lines)
    else:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=READINGS[name].delimiter))
        at = READINGS[name].above
        whole = len(rows[at])  # rows of another length are above or below the data
        order = shuffle.sample(range(whole), whole)
        written = io.StringIO(newline="")
        rows[at] = [f" {column.upper()}" for column in rows[at]]
        csv.writer(written, delimiter="|").writerows(
            [row[one] for one in order] if len(row) == whole else row for row in rows
        )
        text = written.getvalue()
    other = tmp_path / path.name
    other.write_bytes(b"\xef\xbb\xbf" + text.encode())
    summary, golden = (
        counts(backfill(tmp_path, "http://127.0.0.1:9", "check", str(other), *flags(name))),
        golden_summary(name),
    )
    same = ("mapping", "rows", "merged", "without_event", "events", "codes", "first_event_time", "last_event_time")
    assert {key: summary[key] for key in same} == {key: golden[key] for key in same}
    assert summary["amount"].get("ready") == golden["amount"]["accepted"]


@pytest.mark.parametrize("version", VERSIONS)
def test_other_versions_of_an_export_are_known(version: str) -> None:
    mapping, names = load(version.split(",")[0]), VERSIONS[version].split(",")
    assert fits(names) == fits([name.upper() for name in reversed(names)]) == [mapping.name]
    for group in mapping.required:
        spellings = {spelling for name in group for spelling in (name, *mapping.source.aliases.get(name, ()))}
        assert folded(spellings) & folded(names), f"one of {group}"


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_similar_export_is_not_recognised_as_another(stranger: str) -> None:
    assert fits(STRANGERS[stranger].split(",")) == []


@pytest.mark.parametrize("name", READINGS)
def test_each_header_is_known_as_one_preset_and_has_all_its_columns(name: str) -> None:
    names = header(sample(name))
    assert fits(names) == [preset(name)]
    if sample(name).suffix == ".csv":
        mapping = load(preset(name))
        lacking = folded(mapping.columns) - folded(names)
        assert lacking <= folded([*mapping.source.optional, *_instead(preset(name))])


@pytest.mark.parametrize("name", READINGS)
def test_columns_that_anybody_adds_make_no_header_doubtful(name: str) -> None:
    common = {"Name", "Email", "Status", "Amount", "Currency", "Total", "Phone", "Created At", "Create Date", "Notes"}
    assert fits([*header(sample(name)), *common]) == [preset(name)]


def test_an_export_to_be_joined_is_not_recognised_as_the_one_it_joins() -> None:
    joined = {path.stem: fits(header(path)) for path in SAMPLES.iterdir() if "." in path.stem}
    assert {stem for stem, found in joined.items() if found} == {"hubspot_deals.contacts"}
    assert joined["hubspot_deals.contacts"] == ["hubspot_contacts"]


def _instead(name: str) -> set[str]:
    """Columns that need not be there because another of their group is."""
    return {column for group in load(name).required if len(group) > 1 for column in group}


@pytest.mark.parametrize("name", READINGS)
def test_a_sample_shows_no_real_person(name: str) -> None:
    for event in golden_events(name):
        assert event["email"].endswith(("@example.com", "@example.org"))
        assert "555-01" in event.get("phone", "555-01")


def refusal(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> str:
    """Run a command that must end with exit code 2 and no event; return its last line."""
    summary = backfill(folder, "http://127.0.0.1:9", *arguments)
    assert (summary["exit_code"], summary["accepted"], summary["requests"]) == (2, 0, 0)
    return capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("command", ["check", "upload"])
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_an_export_that_can_not_be_used_is_refused_with_the_reason(
    name: str, command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reason = load(name).refuse
    assert reason and reason in refusal(capsys, tmp_path, command, str(sample(name)))
    assert reason in refusal(capsys, tmp_path, command, str(sample(name)), "-m", name)
    assert reason in refusal(capsys, tmp_path, command, str(sample("magento_orders")), "-m", name)


@pytest.mark.parametrize("name", [name for name, reading in READINGS.items() if reading.lookup])
def test_a_preset_that_joins_another_export_asks_for_it(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refusal(capsys, tmp_path, "check", str(sample(name)), *READINGS[name].flags)
    assert f"--lookup {READINGS[name].lookup}=FILE" in said


def test_what_is_below_a_joined_report_is_no_data() -> None:
    with open_lookups(
        load("salesforce_report"), {"contacts": [str(SAMPLES / "salesforce_report.contacts.csv")]}
    ) as read:
        assert [joined.warnings for joined in read] == [[]]


def test_days_and_months_that_no_row_distinguishes_are_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = sample("paypal_activity").read_text("utf-8-sig").splitlines(keepends=True)
    doubtful = tmp_path / "doubtful.csv"
    doubtful.write_text("".join(line for line in lines if line.startswith(('"Date"', '"01/'))), "utf-8")
    said = refusal(capsys, tmp_path, "check", str(doubtful))
    assert "date_order" in said and "--date-order" in said


def _write_golden() -> None:
    for name in READINGS:
        with tempfile.TemporaryDirectory() as folder:
            for file, text in uploaded(name, Path(folder)).items():
                (GOLDEN / file).write_bytes(text.encode())


if __name__ == "__main__":
    _write_golden()
