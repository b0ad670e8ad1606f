"""Drafts of databases' dumps, whose columns have short words, and words written together."""

import pytest
from test_init import drafted, live

from backfill.commands.init.naming import naming
from backfill.commands.init.short_words import written_out

MEANS = {  # whole names that databases give to a column -> the field that it is, and nothing else
    "email": "prim_eml_addr kdmail pat_eml custmail cust_email usr_eml buyer_emailaddr Private_email",
    "first_name": "frst_nm CUST_FST_NM studfname fnm fname custfname firstnm cust_fname",
    "last_name": "lname custlname cust_lname",
    "full_name": "kdname custname cust_nm clientnm buyername",
    "phone": "prim_ph_no kdtel custtel cust_mob phn phone_e164 custmob telno cust_phone_e164",
    "amount": "grossamt tot_amt ordamt ttl_amt pymt_amt order_val",
    "event_time": "PdDt zahldat bkd_ts paid_ts orderdt pmt_dt ord_dttm bookeddt trx_ts Marked_paid_date issued_dt",
    "order_id": "order_bk order_nk oid order_pk ord_no ordernum trx_id bookingid inv_nbr txnid",
    "currency": "curr ccy currcode",
    "status": "paystatus ord_sts pmt_stat orderstatus",
    "user_agent": "ua cust_ua user_agent_str",
    "url": "landing_pg lp_url landingpage signup_url",
    "test": "Test_User testkz istest testflag is_internal_test is_test_flg test_ind",
    "cancelled": "stornoflag is_canc cancelflag cancelled_ts cncl_flg cancelleddt canc_dt cancelled_at_utc",
    "deleted": "DEL_IND is_del ISDELETED deleted_at_utc is_deleted_flg deleted_ts",
    "undone": "REFUND_FLG refunded_ts is_spam_flag void_flg fraud_ind is_void",
    "order_name": "prodname prod_nm dealname Document_name Lead_form_name",
}
MEANS_NOT = {  # and those that only resemble it
    "email": "staffmail agt_email ownr_eml",
    "full_name": "cust_username usrlogin staffname campaign_nm",
    "amount": "netamt vatamt disc_amt depositamt bal_amt est_val",
    "event_time": "duedt modifieddt apptdt upd_ts exp_dt lst_ord_dt",
    "order_id": "order_sk customer_bk patid custid prod_id staff_pk",
    "test": "noshowflag active_flg",
}


def test_short_words_and_words_written_together() -> None:
    wrong = [
        (field, name)
        for field, names in MEANS.items()
        for name in names.split()
        if (found := naming(field, name.replace("_", " ") if name[0].isupper() else name)) is None or not found.plain
    ]
    assert wrong == []


def test_short_words_of_something_else() -> None:
    found = [(field, name, naming(field, name)) for field, names in MEANS_NOT.items() for name in names.split()]
    assert [(field, name) for field, name, named in found if named and named.plain] == []


@pytest.mark.parametrize(
    "word",
    [
        "note",
        "datetime",
        "onset",
        "statement",
        "username",
        "payment",
        "candidate",
        "photo",
        "island",
        "discord",
        "valid",
    ],
)
def test_a_whole_word_is_not_cut(word: str) -> None:
    assert written_out((word,)) == (word,)


def test_a_dump_of_orders() -> None:
    made, mapping = drafted(
        "order_pk,order_ref,custfname,custlname,custmail,staffmail,grossamt,netamt,paystatus,cancelflag,testflg,"
        "created_ts,paid_ts",
        "91,R-1,Ann,Lee,ann@x.test,s@x.test,12.50,10.00,PAID,0,0,2024-01-05T10:00:00Z,2024-01-05T10:01:00Z",
        "93,R-2,Bo,Lee,bo@x.test,s@x.test,22.50,20.00,OPEN,0,0,2024-01-06T10:00:00Z,",
        "95,R-3,Cas,Lee,cas@x.test,s@x.test,32.50,30.00,PAID,1,0,2024-01-07T10:00:00Z,2024-01-07T10:01:00Z",
        "97,R-4,Dan,Lee,dan@x.test,s@x.test,42.50,40.00,CHBK,0,1,2024-01-08T10:00:00Z,2024-01-08T10:01:00Z",
    )
    assert not made.asks and {name: " ".join(names) for name, names in live(mapping).items()} == {
        "order_id": "order_pk",
        "order_name": "order_ref",
        "email": "custmail",
        "first_name": "custfname",
        "last_name": "custlname",
        "amount": "grossamt",
        "event_time": "paid_ts created_ts",
    }
    assert [(c.column, c.one_of or c.none_of) for c in mapping.where] == [
        ("paystatus", ("PAID",)),
        ("cancelflag", ("1",)),
        ("testflg", ("1",)),
    ]


@pytest.mark.parametrize(
    ("name", "marks", "where"),
    [
        ("is_bot", "fftf", "not t"),
        ("internal_user", "fftf", "FILL IN the values that count"),
        ("isinternal", "0010", "FILL IN the values that count"),
        ("internal_user", "ffff", None),
        ("Do_you_need_internal_staff_training", "fftf", None),
        ("is_qualified", "fftf", None),
    ],
)
def test_a_mark_of_no_customer_is_never_passed_over(name: str, marks: str, where: str | None) -> None:
    lines = [f"7{n},p{n}@x.test,2024-01-0{n + 1}T10:00:00Z,{mark}" for n, mark in enumerate(marks)]
    found = {
        c.column: " ".join(c.one_of or ("not", *(c.none_of or ())))
        for c in drafted(f"ID,Email,Created at,{name}", *lines)[1].where
    }
    assert found == ({name: where} if where else {})


@pytest.mark.parametrize(
    ("addresses", "where"),
    [
        (["qa@x.test", "a@x.test", "b@x.test"], "not true"),
        (["qa@x.test", "a@x.test", "test+1@x.test"], "FILL IN the values that count"),
        (["ann@x.test", "a@x.test", "b@x.test"], "FILL IN the values that count"),
    ],
)
def test_a_mark_of_testers_is_sure_where_their_addresses_say_so(addresses: list[str], where: str) -> None:
    lines = [f"7{n},{mail},2024-01-0{n + 1}T10:00:00Z,{str(not n).lower()}" for n, mail in enumerate(addresses)]
    _, mapping = drafted("ID,Email,Created at,is_internal", *lines)
    assert [" ".join(c.one_of or ("not", *(c.none_of or ()))) for c in mapping.where] == [where]


@pytest.mark.parametrize("name", ["pat_id", "Referral code", "Google Click ID", "clnt_uuid"])
def test_an_id_of_somebody_else_is_no_orders(name: str) -> None:
    uuids = [f"0000000{n}-5c1e-4f11-9f89-00000000000{n}" for n in range(4)]
    mapping = drafted(
        f"Email,Created at,{name}", *(f"p{n}@x.test,2024-01-05T10:00:00Z,{u}" for n, u in enumerate(uuids))
    )[1]
    assert "order_id" not in live(mapping)
