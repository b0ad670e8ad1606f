"""Hand over: the commands that the page ends with do what it has shown, and the terminal says them too."""

import fcntl
import html
import json
import os
import pty
import re
import shlex
import signal
import struct
import termios
from decimal import Decimal
from pathlib import Path

import pytest
from place import Place
from reading import space
from reviewing import Review, reviewed
from test_review_mending import MAPPING, mend

ROWS = 24  # more than are looked up one by one


def export(place: Place) -> list[str]:
    rows = [f"{n},#10{n:02d},p{n}@example.com,{n}.50,2024-02-{n:02d}T10:00:00Z,paid" for n in range(1, ROWS + 1)]
    rows[4] = rows[4].replace("p5@example.com", "nobody")
    rows[6] = rows[6].replace("7.50", "free")
    rows.append(rows[0])  # the same twice, before it is sent and after
    (place.folder / "or ders.csv").write_text("\n".join(["id,name,email,total,at,status", *rows, ""]))
    (place.folder / "shop.yaml").write_text(MAPPING)
    return ["or ders.csv", "-m", "shop.yaml"]


def commands(text: str) -> list[list[str]]:
    found = re.findall(r'<pre id="command[^>]*>(.*?)</pre>', re.sub(r"</?span[^>]*>", "", text))
    return [shlex.split(html.unescape(one)) for one in found]


def rev_of(review: Review) -> str:
    return re.findall(r'name="rev" value="(\d+)"', review.get("mend").text)[0]


def test_the_commands_send_what_the_page_has_shown(place: Place) -> None:
    with space() as sandbox:
        with reviewed(place, *export(place), "--base-url", sandbox.url, "--until", "2024-02-24") as review:
            page = review.get("hand-over").words
            assert "Goes out 21 orders" in page and "2 orders, 5.50, would stay out" in page, page
            mend(review, "0-5", email="five@example.com")
            mend(review, "0-7", total="700.25")
            assert "What you mended is not in a reject file yet." in review.get("hand-over").words
            review.send("mend/save", rev=rev_of(review))
            ten, rest, mended, proof = commands(review.get("hand-over").text)
            assert "Not everything is mended" not in review.get("hand-over").words
            code, out, _ = review.end()
            assert code == 130 and all(shlex.join(line) in out for line in (ten, rest, mended, proof)), out

        def run(words: list[str]) -> dict[str, object]:
            assert words[0] == "backfill"
            ran = place.command(*words[1:], "--json", url=sandbox.url)
            assert ran.stdout, ran.stderr
            return dict(json.loads(ran.stdout))

        assert [run(words)["accepted"] for words in (ten, rest, mended)] == [10, 11, 2]
        assert {event.body["order_id"] for event in sandbox.events} == {str(n) for n in range(1, ROWS)}
        assert run(proof)["exit_code"] == 0
        _says_what_was_sent(place, sum(Decimal(str(event.body["amount"])) for event in sandbox.events), sandbox.url)


def _says_what_was_sent(place: Place, amount: Decimal, url: str) -> None:
    """Once all of it is sent, the page's money is what Cometly has, and there is nothing left to do or to doubt."""
    words = ["or ders.csv", "-m", "shop.yaml", "--base-url", url, "--until", "2024-02-24", "--report", "r.html"]
    checked = place.command("check", *words, "--state", str(place.folder / "state"))
    assert checked.returncode == 0 and "Changed since" not in (place.folder / "r.html").read_text()
    with reviewed(place, *words[:-2]) as review:
        counts, page = review.get("counts").words, review.get("hand-over")
        assert "the same twice 1 1.50" in counts
        assert f"already sent from here {ROWS - 1} {amount}" in counts and f"Feb 2024 {ROWS} {amount}" in counts
        assert "Changed since" not in page.words and "reject file yet" not in page.words
        assert [line[1] for line in commands(page.text)] == ["verify"]
        assert "Nothing to mend" in review.get("mend").words
        assert "700.25" in review.get("orders?show=already&page=1").words
        assert "mended cell" not in review.end()[1]


@pytest.mark.parametrize(("width", "end"), [(40, signal.SIGINT), (80, None), (120, signal.SIGTERM)])
def test_on_a_terminal_too_a_command_is_one_line(place: Place, width: int, end: int | None) -> None:
    with reviewed(place, *export(place), "--until", "2024-02-24", "--space", "acme", width=width) as review:
        mend(review, "0-5", email="five@example.com")
        review.send("mend/save", rev=rev_of(review))
        shown = [shlex.join(line) for line in commands(review.get("hand-over").text)]
        if end is None:
            review.post("finish")
        lines = review.end(end)[1].splitlines()
    assert len(shown) == 4 and {f"  {line}" for line in shown} <= set(lines), lines


def test_a_plan_is_sent_by_somebody_else(place: Place) -> None:
    with space() as sandbox:
        (place.folder / "or ders.plan").write_text("the shop's own notes")
        with reviewed(place, *export(place), "--base-url", sandbox.url) as review:
            found = review.send("plan", rev=rev_of(review)).json
            assert found == {"file": "or ders-2.plan"}
            words = commands(review.get("hand-over").text)[-1]
            page = review.post("finish")
            assert "backfill has ended in the terminal" in page.words and "or ders-2.plan" in page.words
            assert review.end(None)[0] == 3
        ran = place.command(*words[1:], "--json", url=sandbox.url)
        assert json.loads(ran.stdout)["accepted"] == ROWS - 2, ran.stderr
    assert (place.folder / "or ders.plan").read_text() == "the shop's own notes"


def test_nothing_is_handed_over_where_nothing_can_go(place: Place) -> None:
    files = export(place)
    path = Path(place.folder / files[0])
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:1]))
    with reviewed(place, *files) as review:
        page = review.get("hand-over")
        assert "There is nothing to send yet." in page.words and not commands(page.text)
        assert review.post("finish").status == 200 and review.end(None)[0] == 0


def test_a_check_on_a_terminal_leads_to_the_page(place: Place) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(ours, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    ran = place.start("check", *export(place), "--until", "2024-02-24", "--state", "s", stdin=theirs, stderr=theirs)
    said = b""
    while b"backfill review" not in said or not said.endswith(b"\n"):
        said += os.read(ours, 4096)
    ran.communicate(timeout=240)
    line = said.decode().replace("\r", "").splitlines()[-1].strip()
    assert re.fullmatch(r"backfill review 'or ders.csv' -m shop.yaml .*--until 2024-02-24", line), said
    os.close(ours)
    os.close(theirs)
    assert "of this machine" not in place.command("check", *export(place), "--state", "s").stderr
