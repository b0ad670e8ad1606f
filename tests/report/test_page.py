"""The page: what it says on every exit, what it hides, and where it may be written."""

import os
import pty
import re
import stat
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from checking import HEADER, MAPPING, Desk, mapping_of, orders
from place import Place

from backfill.mapping import load_text
from backfill.report.page.masking import harmless, veiled
from backfill.report.page.veil import Veil
from backfill.sandbox import Fault, SandboxThread
from backfill.upload.limits import MaxRejects

NASTY = '<script>alert(1)</script><img src=x onerror="alert(2)">'


class Seen(HTMLParser):
    """What a browser would find: tags, addresses, and the text alone."""

    def __init__(self, path: Path):
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []
        self.handlers: list[str] = []
        self.words: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))
        self.text = " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        linked = [value or "" for name, value in attrs if name in ("src", "href", "action", "xlink:href")]
        self.addresses += [address for address in linked if not address.startswith("#")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


class Terminal:
    """The real command with somebody at the terminal."""

    def __init__(self, place: Place, words: list[str], url: str):
        self._ours, theirs = pty.openpty()
        self._ran = place.start(*words, url=url, stdin=theirs, stderr=theirs)
        os.close(theirs)

    def read_until(self, text: bytes) -> bytes:
        seen = b""
        while text not in seen:
            seen += os.read(self._ours, 4096)
        return seen

    def answer(self, text: bytes) -> int:
        os.write(self._ours, text)
        self._ran.communicate(timeout=240)
        os.close(self._ours)
        return self._ran.returncode


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def seen(desk: Desk, files: dict[str, str | bytes] | str, mapping: str = MAPPING, **options: object) -> Seen:
    page = desk.folder / "page.html"
    desk.check(files, mapping, report=page, **options)
    return Seen(page)


def test_it_is_one_private_file_that_loads_and_runs_nothing(desk: Desk) -> None:
    page = seen(desk, orders(*range(30)))
    assert not page.tags & {"script", "iframe", "object", "embed", "form", "base", "img"}
    assert (page.addresses, page.handlers) == (["data:,"], [])
    path = desk.folder / "page.html"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "default-src 'none'" in path.read_text() and "url(" not in path.read_text()
    assert not list(desk.folder.glob(".page-*"))


def test_its_sums_visibly_add_up(desk: Desk) -> None:
    text = seen(desk, orders(1, 1, 2) + "3,nobody,5,2024-05-01T10:00:00Z\n4,a\n").text
    assert "2 events ready for Space default" in text
    assert "✓ Both sums add up: 5 = 5 + 0 rows, and 4 = 2 + 1 + 1 events." in text
    for verdict, number in (("ready", 2), ("duplicate", 1), ("invalid", 1)):
        assert re.search(rf"{verdict} [a-z ;]+ {number}\b", text), verdict
    assert "4.00" in text


@pytest.mark.parametrize("unmask", [False, True])
def test_people_are_masked_unless_asked_for(desk: Desk, unmask: bool) -> None:
    mapping = MAPPING.replace("at}", "at, full_name: name, phone: tel, order_name: deal}")
    cells = ["Ada Lovelace", "+44 20 7946 0958", "Roof for Ada", "12 Sample Street", "1990-05-01", "ada.l@example.org"]
    header = "id,email,total,at,name,tel,deal,street,born,other\n"
    row = f"1,ada@example.com,5.50,2024-05-01T10:00:00Z,{','.join(cells)}\n"
    seen(desk, header + row, mapping, unmask=unmask)
    text = (desk.folder / "page.html").read_text()
    for personal in ("ada@example.com", "Lovelace", "7946 0958", "Roof for", "Street", "1990-05-01", "ada.l@"):
        assert (personal in text) is unmask, personal
    assert "5.50" in text and "purchase:1" in text
    assert ("a***@e***.com" in text) is not unmask


def test_what_a_file_says_is_text_and_never_code(desk: Desk) -> None:
    mapping = MAPPING.replace("at}", 'at, first_name: "{}"}}'.format(NASTY.replace('"', '\\"')))
    cell = f'"{NASTY}"'.replace('="alert(2)"', '=""alert(2)""')
    header = f'id,email,total,at,{cell},Currency,{cell[:-1]}2"\n'
    rows = header + f"1,a@example.com,5,2024-05-01T10:00:00Z,{cell},{cell},{cell}\n" + f"{cell},b,x,y,z,,\n"
    page = seen(desk, {"<script>x.csv": rows}, mapping, unmask=True)
    assert not page.tags & {"script", "img"} and not page.handlers
    assert NASTY in page.text and "<script>x.csv" in page.text


def test_a_stop_is_shown_at_the_top(desk: Desk) -> None:
    found = seen(desk, orders(1) + "2,x,x,x\n" * 5, max_rejects=MaxRejects(number=1))
    head = found.text.split("Where every row went")[0]
    assert "Nothing was sent: the run ended early. 5 rejects" in head and "--max-rejects" in head
    found = seen(desk, HEADER + "1,a@example.com,5,2024-05-01\n")
    assert "ended early" in found.text and "source.timezone" in found.text
    found = seen(desk, "nothing,of,use\n1,2,3\n")
    assert "Nothing was read" in found.text and "no header within" in found.text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEADER, "There is no event to send"),
        (HEADER + "1,x,x,x\n" * 30, "Nothing is left"),
        (HEADER + "".join(f"{n},p{n}@example.com,0,2024-05-01T10:00:00Z\n" for n in range(5)), "No revenue"),
        (HEADER + "".join(f"{n},p{n}@example.com,5,2024-05-01T03:00:00Z\n" for n in range(60)), "that is a night full"),
        (orders(1), "Nothing stands out"),
        (HEADER + "1,a@example.com," + "9" * 12 + ".55,2024-05-01T10:00:00Z\n", "999,999,999,999.55"),
        (HEADER + "1,a@example.com,5,1980-01-01T00:00:00Z\n2,a@example.com,5,2024-01-01T00:00:00Z\n", "1985-07"),
        ("id,email,total,at,Currency\n" + "".join(
            f"{n},p{n}@example.com,5,2024-05-01T10:00:00Z,{chr(65 + n // 26)}{chr(65 + n % 26)}X\n" for n in range(100)
        ), "All other kinds of events"),
    ],
    ids=["empty", "rejected", "free", "night", "one", "huge", "long ago", "currencies"],
)  # fmt: skip
def test_odd_inputs(desk: Desk, text: str, says: str) -> None:
    assert says in seen(desk, text).text


FREE = HEADER + "".join(f"{n},p{n}@example.com,0,2024-05-01T10:00:00Z\n" for n in range(5))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEADER, "Nothing to send. There is a header and no rows."),
        (orders(1, 2), "Send this. All 2 orders that count are fit to send."),
        (
            orders(1) + "2,x,5,2024-05-01T10:00:00Z\n3,a\n",
            "Mend first. 2 of 3 orders can’t go as they are. The other 1",
        ),
        (HEADER + "1,x,x,x\n" * 30, "Nothing is left: every order was rejected; look at the columns first."),
        (FREE, "Look first. No revenue. Otherwise all 5 orders that count are fit to send."),
    ],
)
def test_the_verdict_comes_first(desk: Desk, text: str, says: str) -> None:
    found = seen(desk, text).text.partition(" UTC")[2]  # after the title and when it was
    assert found.index(says) < min(found.index("ready for Space"), found.index("Revenue"))


def test_after_an_upload_the_verdict_is_about_what_is_left(place: Place) -> None:
    page, file = place.folder / "page.html", place.orders(5)
    with SandboxThread() as sandbox:
        place.upload(sandbox.url, file, report=page, limit=2)
        assert "Go on. 3 orders wait for another run; 2 are in Cometly." in Seen(page).text
        place.upload(sandbox.url, file, report=page)
        assert "Done. All 5 orders are in Cometly." in Seen(page).text
        with Path(file).open("a") as more:
            more.write("A9,nobody,5,2024-05-01T10:00:00Z\n")
        place.upload(sandbox.url, file, report=page)
        assert "Mend the rest. 1 order can’t be sent as it is. The other 5 are in Cometly." in Seen(page).text


def test_three_warnings_are_open_and_the_others_folded(desk: Desk) -> None:
    rows = "".join(f"{n},p{n}@example.com,0,2024-05-01T03:00:00,{'UE'[n % 2]}SD\n" for n in range(60))
    rows += "".join(f"{n},x,{'=' * (n % 2)}5,2024-05-01T10:00:00,USD\n5.4E+12,p,5,soon,USD\n" for n in range(9))
    seen(desk, "id,email,total,at,Currency\n" + rows, mapping_of(timezone="Asia/Tokyo"))
    page = (desk.folder / "page.html").read_text()
    shown, folded = page.partition('id="doubts"')[2].partition("</section>")[0].split("<details>", 1)
    assert shown.count("<li><b>") == 3 and folded.count("<li><b>") >= 1
    number = folded.partition("<summary>")[2].partition(" more warning")[0]
    assert int(number) == folded.partition("</details>")[0].count("<li><b>")


def test_money_is_written_as_the_shop_writes_it(desk: Desk) -> None:
    text = HEADER + "".join(f'{n},p{n}@example.com,"1.234,5{n}",2024-05-01T10:00:00Z\n' for n in range(3))
    found = seen(desk, text)
    assert "3.703,53" in found.text and "3,703.53" not in found.text
    assert "3,703.53" in seen(desk, text.replace("1.234,5", "1,234.5")).text


def test_jsonl_and_several_files(desk: Desk) -> None:
    lines = '{"id":"%s","who":{"email":"a%s@example.com","born":"x"},"total":5.10,"at":1714557600,"currency":"eur"}\n'
    mapping = MAPPING.replace("email: email", "email: who.email")
    text = seen(desk, {"a.jsonl": lines % (1, 1), "b.jsonl": lines % (2, 2)}, mapping).text
    assert "EUR 10.20" in text and "event 2, row 1 of b.jsonl" in text
    assert "2 columns that no event uses who.born currency" in text
    assert "a1@" not in text


def test_rejects_have_rows_reasons_and_cures(desk: Desk) -> None:
    rows = "".join(f"{n},p{n}@example.com,{n}.50,2024-05-0{n % 9 + 1} 10:00\n" for n in range(30))
    text = seen(desk, orders(100) + rows + "x,nobody,5,2024-05-01T10:00:00Z\n").text
    assert re.search(r"invalid_time 30 event_time: .+? 2, 3, 4, 5, 6 \.\.\.", text)
    assert re.search(r"invalid_email 1 email: not one e-mail address 32\b", text)
    assert "source: timezone: Europe/Berlin" in text


@pytest.mark.parametrize("taken", ["orders.csv", "rejects.csv", "summary.json"])
def test_it_replaces_no_input_and_no_other_output(desk: Desk, taken: str) -> None:
    path = desk.folder / taken
    found = desk.check(orders(1), report=path, rejects=desk.folder / "rejects.csv")
    assert (found.code, taken in found.said) == (2, True)
    assert not path.exists() or path.read_text().startswith("id,email")


def test_it_is_refused_where_it_can_not_be(desk: Desk) -> None:
    assert desk.check(orders(1), report=desk.folder / "nowhere" / "page.html").code == 2


def test_a_full_disk_is_reported_in_one_sentence(place: Place) -> None:
    """No file may be larger than 8 kB here. The run ends all the same, and reports what it could not write."""
    command = f"{sys.executable} -B -m backfill check {place.orders(3)} -m {place.mapping} --state s --report p.html"
    ran = subprocess.run(
        ["bash", "-c", f"trap '' XFSZ; ulimit -f 8; exec {command}"],
        cwd=place.folder,
        env=place.environment(),
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert (ran.returncode, ran.stderr.splitlines()[-1]) == (
        2,
        "backfill: --report p.html: can't be written (File too large)",
    )
    assert "3 ready" in ran.stdout
    assert not (place.folder / "p.html").exists() and not list(place.folder.glob(".page-*"))


def test_an_upload_shows_how_it_was_sent(place: Place) -> None:
    page = place.folder / "page.html"
    faults = [Fault(status=429, at=(4,), retry_after=1), Fault(status=503, at=(6,)), Fault(status=422, at=(9,))]
    with SandboxThread(faults=faults) as sandbox:
        found = place.upload(sandbox.url, place.orders(20), report=page, pauses=(0.01, 0.02))
    text = Seen(page).text
    assert (found["accepted"], found["refused"]) == (19, 1)
    assert "19 events sent to Space default" in text
    assert "the API asked to wait (HTTP 429)" in text and "Nothing was started for 1 s in all" in text
    assert re.search(r"Requests 22 .* Asked to wait \(429\) 1 To be tried again 1 ", text)
    assert re.search(r"All 20 [\d.]+ 19 [\d.]+", text)
    assert f"{found['amount']['accepted']} Period" in text


def test_the_page_is_written_before_the_question_and_after_a_no(place: Place) -> None:
    """The person who is asked can look at the page first. After a no, the page says that nothing was sent."""
    page = place.folder / "page.html"
    with SandboxThread() as sandbox:
        words = ["upload", place.orders(5), "-m", place.mapping, "--report", str(page), "--state", "s"]
        asking = Terminal(place, words, sandbox.url)
        asked = asking.read_until(b"[y/N]")
        assert b"Send 5 events to Space default?" in asked and b"page: " in asked
        assert "5 events ready for Space default" in Seen(page).text
        assert asking.answer(b"n\n") == 2
    assert "Nothing was sent: the run ended early. not confirmed" in Seen(page).text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("jane.doe@example.com", "j***@e***.com"),
        ("Ada Lovelace", "A*** L***"),
        ("+44 20 7946 0958", "+4 *** 58"),
        ("write to jane@example.com", "***"),
        ("عمر خان", "ع*** خ***"),
        ("", ""),
    ],
)
def test_masks(text: str, masked: str) -> None:
    assert veiled(text) == masked


@pytest.mark.parametrize(
    ("column", "text", "seen"),
    [
        ("status", "paid", "paid"),
        ("status", "pending", "pending"),  # as the summary says of what is left out
        ("status", "ask ann@example.com", "ask a***@e***.com"),
        ("status", "a long text that is " * 3, "a***"),
        ("note", "pending", "p***"),
        ("email", "nobody", "n***"),
    ],
)
def test_a_status_is_seen_and_a_person_is_not(column: str, text: str, seen: str) -> None:
    text_of = mapping_of() + "where: {status: [paid], email: [a@b.test]}\n"
    assert Veil(load_text(text_of, "x"), unmask=False).cell(column, text).startswith(seen)


@pytest.mark.parametrize("text", ["5", "12.50", "$1,234.50", "US", "true", "#1001", "2024-05-01 10:00:00 +0200"])
def test_cells_that_say_nothing_of_people(text: str) -> None:
    assert harmless(text)


@pytest.mark.parametrize("text", ["Ann", "02155", "1990-05-01", "2125550101", "a@b.co", "Berlin", "12 Main St"])
def test_cells_that_may(text: str) -> None:
    assert not harmless(text)


@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_a_stated_zone_is_doubted_where_the_night_is_full(desk: Desk, zone: str | None) -> None:
    """Times with their own offset can't be in the wrong zone. Night in UTC may be evening at the shop."""
    offset = "" if zone else "Z"
    rows = "".join(f"{n},p{n}@example.com,5,2024-05-01T03:00:00{offset}\n" for n in range(60))
    text = seen(desk, HEADER + rows, mapping_of(timezone=zone) if zone else MAPPING).text
    assert ("Is Europe/Berlin the zone that the export is written in?" in text) is bool(zone)
    assert "100 % of the events fall between midnight and 6" in text
    assert ("Nothing stands out" in text) is not bool(zone)


def test_its_libraries_leave_no_import_hook() -> None:
    """An old import hook would raise an error at every import that fails."""
    assert all(hasattr(finder, "find_spec") for finder in sys.meta_path)
