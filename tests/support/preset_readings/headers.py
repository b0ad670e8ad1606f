"""Header lines of exports: other versions that a preset knows, and similar exports that none may know."""

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
    "paypal_activity, German": (
        "Datum,Uhrzeit,Zeitzone,Name,Typ,Status,Währung,Brutto,Gebühr,Netto,Absender E-Mail-Adresse,Transaktionscode"
    ),
    "paypal_activity, German, before 2017": (
        "Datum, Zeit, Zeitzone, Name, Typ, Status, Währung, Brutto, Gebühr, Netto, Von E-Mail-Adresse, "
        "An E-Mail-Adresse, Transactionscode, Zahlungsart, Rechnungsnummer, Guthaben, Telefonnummer, "
    ),
    "paypal_activity, Italian": (
        "Data,Orario,Fuso orario,Nome,Tipo,Stato,Valuta,Lordo,Tariffa,Netto,Indirizzo email mittente,"
        "Indirizzo email destinatario,Codice transazione,Titolo oggetto,"
        "Codice transazione di riferimento,Saldo,Telefono"
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
