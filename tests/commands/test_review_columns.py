"""Columns: another column is tried before it holds, and what is saved reads the file as the page said."""

import difflib
import html
import json
import os
import pty
import re
from pathlib import Path
from typing import Any

import pytest
from place import Place, ended_by_signals
from reviewing import Got, Review, reviewed
from test_review_mending import mend

EXPORT = """id,name,email,total,net,at,status,contact
1,#1001,ada@example.com,10.50,8.50,2024-01-31T10:00:00,paid,+1 212 555 0142
2,#1002,bob@example.com,free,20.25,2024-02-02T10:00:00,paid,+1 212 555 0143
3,#1003,nobody,30.00,25.00,2024-02-03T10:00:00,paid,
4,#1004,zoe@example.com,7.00,6.00,2024-02-04T10:00:00,refunded,
"""
MAPPING = """# Ours; ask Kim before you change it.
mapping: 1
name: shop
source: {timezone: UTC}
where: {status: paid}
events:
  - event_name: purchase
    fields:
      order_id: id
      email: email      # never the billing one
      amount: total
      event_time: at
"""


def export(place: Place) -> list[str]:
    (place.folder / "orders.csv").write_text(EXPORT)
    (place.folder / "shop.yaml").write_text(MAPPING)
    return ["orders.csv", "-m", "shop.yaml"]


def rev_of(review: Review) -> str:
    return re.findall(r'name="rev" value="(\d+)"', review.get("columns").text)[0]


def tried(review: Review, **sent: Any) -> Got:
    """The page of a trial, once the file is read."""
    got = review.send("columns", rev=rev_of(review), **({"event": "0"} | sent))
    assert got.status == 200, got.text
    return trial(review, f"columns?try={got.json['try']}")


def trial(review: Review, place: str) -> Got:
    return review.once(place, lambda got: "Trying it on the whole file" not in got.text)


def check(place: Place, *words: str) -> dict[str, Any]:
    ran = place.command("check", *words, "--json", "--state", str(place.folder / "state"))
    return dict(json.loads(ran.stdout))


def changed(before: str, after: str) -> list[str]:
    return [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[0] in "+-"]


def test_a_column_is_tried_kept_and_saved(place: Place) -> None:
    with reviewed(place, *export(place)) as review:
        words = review.get("columns").words
        assert "email email" in words.replace("E-mail", "email") and "a***@e***.com" in words and "ada@" not in words
        page = tried(review, field="amount", column=["net"]).words
        assert "Amount from net instead of total . Fit to send goes from 1 to 2 orders;" in page
        assert "their sum goes from 10.50 to 28.75." in page
        assert "To mend goes from 2 to 1." in page and "Nothing is changed until you keep it." in page
        assert "1 of 3 orders" not in page and "Mend first. 2 of 3 orders" in page  # nothing holds yet
        review.post("columns/back", rev=rev_of(review))
        assert "Tried: Amount from net instead of total: 2 orders fit to send, 28.75" in review.get("columns").words
        assert "Mend first. 2 of 3 orders" in review.get("counts").words

        tried(review, field="amount", column=["total", "net"])
        tried(review, field="amount", column=["net"])
        review.post("columns/keep", rev=rev_of(review))
        tried(review, field="phone", column=["contact"])
        review.post("columns/keep", rev=rev_of(review))
        page = review.get("columns").words
        assert "Mend first. 1 of 3 orders can’t go as it is." in page and "+1 *** 42" in page
        assert "The mapping is not saved." in review.get("hand-over").words
        assert review.send("plan", rev=rev_of(review)).status == 409
        assert (place.folder / "shop.yaml").read_text() == MAPPING
        mend(review, "0-3", email="eve@example.com")
        assert review.send("mapping", rev=rev_of(review)).json["file"] == "shop.yaml"
        assert "The mapping is not saved." not in review.get("hand-over").words
        assert "1 of 1 mended" in review.get("mend").words
        assert review.send("mend/save", rev=rev_of(review)).json["file"] == "orders.rejects.csv"
        assert "What you mended:" in review.get("hand-over").words
        tried(review, field="order_name", column=["name"])
        review.post("columns/keep", rev=rev_of(review))  # the file was written for the mapping before
        assert "What you mended is not in a reject file yet." in review.get("hand-over").words
        assert "What you mended:" not in review.get("hand-over").words
        assert review.send("mend/save", rev=rev_of(review)).json["file"] == "orders.rejects.csv"
        assert "What you mended:" in review.get("hand-over").words
        review.send("mapping", rev=rev_of(review))
        code, out, _ = review.end()
        assert code == 130 and f"mapping: {place.folder / 'shop.yaml'}" in out
    lines = changed(MAPPING, (place.folder / "shop.yaml").read_text())
    assert lines == [
        "-       amount: total",
        "+       amount: net",
        "+       phone: contact",
        "+       order_name: name",
    ]
    found = check(place, "orders.csv", "-m", "shop.yaml")
    assert (found["ready"], found["amount"]["ready"], found["invalid"]) == (2, "28.75", 1)


def test_a_setting_is_tried_too(place: Place) -> None:
    with reviewed(place, *export(place), "--timezone", "Asia/Tokyo") as review:
        page = tried(review, setting="timezone", value="America/New_York").words
        assert "Time zone of the shop: America/New_York ." in page and "sent as 2024-01-31T15:00:00Z" in page
        review.post("columns/keep", rev=rev_of(review))
        review.send("mapping", rev=rev_of(review))
        assert "--timezone" not in review.get("hand-over").text
        assert review.send("columns", rev=rev_of(review), setting="timezone", value="Berlin").status == 400
    assert changed(MAPPING, (place.folder / "shop.yaml").read_text())[1] == "+ source: {timezone: America/New_York}"


def test_a_preset_is_copied_and_no_file_is_written_over(place: Place) -> None:
    header = "Name,Id,Email,Financial Status,Paid at,Created at,Total,Subtotal,Lineitem name,Currency,Phone"
    row = "#1001,541,ada@example.com,paid,2024-01-31 10:00:00 -0500,2024-01-31 10:00:00 -0500,10.50,9.50,Mug,USD,1"
    (place.folder / "orders.csv").write_text(f"{header}\n{row}\n")
    (place.folder / "orders.yaml").write_text("somebody's")
    with reviewed(place, "orders.csv") as review:
        tried(review, field="amount", column=["Subtotal"])
        review.post("columns/keep", rev=rev_of(review))
        assert "-m shopify_orders" in review.get("hand-over").text  # as long as nothing else is saved
        assert review.send("mapping", rev=rev_of(review)).json["file"] == "orders-2.yaml"
        assert "-m orders-2.yaml" in review.get("hand-over").text
        tried(review, field="phone", column=[])
        review.post("columns/keep", rev=rev_of(review))
        assert review.send("mapping", rev=rev_of(review)).json["file"] == "orders-2.yaml"
    assert (place.folder / "orders.yaml").read_text() == "somebody's"
    text = (place.folder / "orders-2.yaml").read_text()
    assert "name: shopify_orders\n" in text and "amount: Subtotal  " in text and "phone:" not in text
    assert text.startswith("# The preset shopify_orders, changed in a review: Amount from Subtotal instead of Total.")
    assert check(place, "orders.csv", "-m", "orders-2.yaml")["amount"] == {"ready": "9.50"}


def test_a_question_of_the_file_is_asked_on_the_page(place: Place) -> None:
    """As long as somebody has the page open, the answer is all that is needed; else the command ends with exit 2."""
    rows = "".join(f"{n},#{n},p{n}@example.com,5,4,05/06/2024 10:00,paid,\n" for n in range(60_000))
    (place.folder / "orders.csv").write_text(EXPORT.splitlines(keepends=True)[0] + rows)
    (place.folder / "shop.yaml").write_text(MAPPING.replace("source: {timezone: UTC}\n", ""))
    with reviewed(place, "orders.csv", "-m", "shop.yaml") as review:
        asked = review.get("").words
        assert "One question first" in asked and "day come first, or the month?" in asked
        assert "choose one of" in review.post("answer", value="both").words
        review.post("answer", value="dmy")
        asked = review.once("counts", lambda got: "In which time zone" in got.words or "Reading" not in got.words)
        assert "In which time zone" in asked.words
        assert "is no IANA time zone" in review.post("answer", value="Mars").words
        review.post("answer", value="Europe/Berlin")
        page = review.once("counts", lambda got: "Reading orders.csv" not in got.words).words
        assert "Send this. All 60,000 orders that count are fit to send." in page
        words = review.get("hand-over").words
        assert "--timezone Europe/Berlin --date-order dmy" in words
        assert review.send("answer", value="dmy").status == 404
        assert review.end()[0] == 130
    ran = place.command("review", "orders.csv", "-m", "shop.yaml", "--no-browser", "--state", "state")
    assert ran.returncode == 2 and "set source.date_order" in ran.stderr


def test_a_terminal_without_a_browser_waits_for_the_answer(place: Place) -> None:
    """Reading a small file takes less time than opening its page by hand."""
    files = export(place)
    (place.folder / "shop.yaml").write_text(MAPPING.replace("source: {timezone: UTC}\n", ""))
    ours, theirs = pty.openpty()
    ran = place.start("review", *files, "--no-browser", "--state", "state", stdin=theirs, stderr=theirs)
    assert ran.stdout is not None
    assert "The page is at http://127.0.0.1:" in ran.stdout.readline()
    assert ran.stdout.readline() == "It asks one question first: answer it there.\n"
    ended_by_signals(ran)
    assert ran.returncode == 130
    os.close(ours)
    os.close(theirs)


def test_what_counts_is_tried_too(place: Place) -> None:
    files = export(place)
    with reviewed(place, *files) as review:
        got = review.send("counts", rev=rev_of(review), condition="0", value=["paid", "refunded"])
        assert got.status == 200, got.text
        page = trial(review, f"counts?try={got.json['try']}")
        assert "status counts where it is paid, refunded . Fit to send goes from 1 to 2 orders;" in page.words
        assert "refunded yes 1 7.00" in page.words and "Left out goes from 1 to 0." in page.words
        assert "refunded no 1 7.00" in review.get("counts").words
        assert "Fit to send 2 17.50" in review.post("columns/keep", rev=rev_of(review)).words  # on the same screen
        assert review.send("counts", rev=rev_of(review), condition="0").status == 400  # nothing would count
        assert review.send("counts", rev=rev_of(review), condition="7", value=["paid"]).status == 400
        review.send("mapping", rev=rev_of(review))
    lines = changed(MAPPING, (place.folder / "shop.yaml").read_text())
    assert lines == ["- where: {status: paid}", "+ where: {status: [paid, refunded]}"]
    assert check(place, *files)["ready"] == 2


VALUES = [
    ("[paid, gone, other]", ["paid"], ["paid", "gone", "other"]),  # what the file has not, stays
    ("{not: [refunded, gone]}", ["paid", "refunded"], ["gone"]),
]


@pytest.mark.parametrize(("condition", "ticked", "listed"), VALUES)
def test_the_values_of_a_condition(place: Place, condition: str, ticked: list[str], listed: list[str]) -> None:
    (place.folder / "orders.csv").write_text(EXPORT)
    (place.folder / "shop.yaml").write_text(MAPPING.replace("{status: paid}", f"{{status: {condition}}}"))
    with reviewed(place, "orders.csv", "-m", "shop.yaml") as review:
        # values that are in the condition and not in the file are shown too: ticked as they are
        more = [one for one in ("gone", "other") if one in condition and "not" not in condition]
        got = review.send("counts", rev=rev_of(review), condition="0", value=[*ticked, *more])
        assert got.status == 200, got.text
        trial(review, f"counts?try={got.json['try']}")
        review.post("columns/keep", rev=rev_of(review))
        text = html.unescape(review.get("columns").text)
    where = next(line for line in text.splitlines() if line.startswith("where:"))
    assert re.findall(r"\w+", where.partition("status:")[2].replace("not:", "")) == listed, where


def test_examples_that_name_other_columns_are_left_out(place: Place) -> None:
    files = export(place)
    tests = "tests:\n  - name: paid\n    rows: {id: 1, total: 5, status: open}\n    events: []\n"
    (place.folder / "shop.yaml").write_text(MAPPING + tests)
    with reviewed(place, *files) as review:
        assert "examples" not in tried(review, field="phone", column=["contact"]).words
        assert "examples, which name other columns, are left out" in tried(review, field="amount", column=["net"]).words
        review.post("columns/keep", rev=rev_of(review))
        review.send("mapping", rev=rev_of(review))
    assert (place.folder / "shop.yaml").read_text() == MAPPING.replace("amount: total", "amount: net")
    got = check(place, "orders.csv", "-m", "shop.yaml")
    assert got["ready"] == 2


def test_what_can_not_be_is_said(place: Place) -> None:
    with reviewed(place, *export(place)) as review:
        rev = rev_of(review)

        def sentence(status: int, **sent: Any) -> str:
            got = review.send("columns", **({"rev": rev, "event": "0"} | sent))
            assert got.status == status, got.text
            return str(got.json["sentence"])

        assert "no column nonsense" in sentence(400, field="amount", column=["nonsense"])
        assert "no such field" in sentence(400, field="nonsense", column=["net"])
        assert "no such field" in sentence(400, event="7", field="amount", column=["net"])
        assert "maps no event_time" in sentence(400, field="event_time", column=[])
        assert "changed in another tab" in sentence(409, rev="99", field="amount", column=["net"])
        assert review.send("columns/keep", rev=rev).status == 409
        page = tried(review, field="event_time", column=["contact"])  # all of them are no times: each is a reject
        assert "To mend goes from 2 to 3." in page.words
        tried(review, field="amount", column=["net"])
        review.post("columns/keep", rev=rev_of(review))
        own = MAPPING + "# and mine\n"
        (place.folder / "shop.yaml").write_text(own)
        got = review.send("mapping", rev=rev_of(review))
        assert got.status == 409 and "is not what it was when it was read" in got.json["sentence"]
        assert Path(place.folder / "shop.yaml").read_text() == own
        page = review.post("mapping", rev=rev_of(review))
        assert "Save as shop-2.yaml" in page.words and "Read it again" in page.words and "in no file yet" in page.words
        review.post("mapping/other", rev=rev_of(review))
        assert "amount: net" in Path(place.folder / "shop-2.yaml").read_text()
        assert "-m" in review.get("hand-over").text and "shop-2.yaml" in review.get("hand-over").text
        tried(review, field="amount", column=["total"])
        review.post("columns/keep", rev=rev_of(review))
        review.send("columns", rev=rev_of(review), event="0", field="amount", column=["net"])
        code, out, err = review.end()  # in the middle of a trial
        assert code == 130 and "not saved: the other columns" in out and "Traceback" not in err


SWITCHED = """where:
  # those without a buyer
  email: present
  total: {at_least: 0}
  status: [paid]
"""


def test_a_condition_that_lists_nothing_is_counted_and_switched(place: Place) -> None:
    rows = "5,#1005,,955.10,,2024-02-04T10:00:00,paid,\n6,#1006,x@example.com,-12.50,,2024-02-05T10:00:00,paid,\n"
    files = export(place)
    (place.folder / "orders.csv").write_text(EXPORT + rows)
    mapping = place.folder / "shop.yaml"
    mapping.write_text(before := MAPPING.replace("where: {status: paid}\n", SWITCHED))

    def switched(review: Review, condition: str, **on: str) -> str:
        got = review.send("counts", rev=rev_of(review), condition=condition, switch="yes", **on)
        assert got.status == 200, got.text
        page = trial(review, f"counts?try={got.json['try']}")
        assert "Required Leaves out" in page.words
        return page.words

    with reviewed(place, *files) as review:
        words = review.get("counts").words
        assert "filled in yes 1 955.10" in words and "at least 0 yes 1 -12.50" in words
        page = switched(review, "0")
        assert "email (filled in) is no longer required . Fit to send stays 1 order;" in page
        assert "To mend goes from 2 to 3. Left out goes from 3 to 2." in page and "filled in no – –" in page
        assert "filled in yes 1" in review.get("counts").words  # it holds once it is kept
        kept = review.post("columns/keep", rev=rev_of(review)).words
        assert "filled in no – –" in kept and "at least 0 yes 1 -12.50" in kept
        assert review.send("counts", rev=rev_of(review), condition="off-1", switch="yes", on="yes").status == 400
        review.send("mapping", rev=rev_of(review))
    assert changed(before, mapping.read_text()) == ["-   email: present", "+   # email: present"]
    with reviewed(place, *files) as review:
        assert "Left out goes from 2 to 3." in switched(review, "off-0", on="yes")
        review.post("columns/keep", rev=rev_of(review))
        review.send("mapping", rev=rev_of(review))
    assert mapping.read_text() == before
