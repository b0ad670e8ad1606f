"""What is printed says "1 event", as people do, wherever there is one of anything."""

import re

import pytest
from place import Place
from reading import Reader, live, reader, space

from backfill.cli import main
from backfill.errors import counted

__all__ = ["reader"]

NOUNS = (
    "amounts|cells|columns|events|files|formulas|ids|jobs|keys|orders|others|pages|records|rejects|requests|rows|runs|"
    "spaces|times|values"
)
ONE_OF_MANY = re.compile(rf"(?<![\d.,:])\b1 (?:(?:live|more|other) )?(?:{NOUNS}|are|were|have)\b", re.IGNORECASE)
MORE = "Order,Email,Total,When\nB1,b@example.com,7,2024-05-01T10:00:00Z\nB2,no address,7,2024-05-01T10:00:00Z\n"


def misspelt(*texts: str) -> list[str]:
    return [text[max(0, met.start() - 40) : met.end() + 40] for text in texts for met in ONE_OF_MANY.finditer(text)]


def test_a_number_with_what_it_counts() -> None:
    assert [counted(number, "event") for number in (0, 1, 2, 1204)] == [
        "0 events",
        "1 event",
        "2 events",
        "1,204 events",
    ]
    assert [counted(number, "key is", "keys are") for number in (1, 2)] == ["1 key is", "2 keys are"]


def said_by(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    code = main(list(words))
    said = capsys.readouterr()
    assert code in (0, 3, 5), said.err
    return said.out + said.err


def test_runs_of_one_row_speak_of_one(
    place: Place, reader: Reader, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, broken = place.orders(1), place.folder / "broken.csv"
    broken.write_text(MORE, encoding="utf-8")
    state = ["--state", str(place.folder / "state")]
    mapping = ["-m", place.mapping]
    plan = place.folder / "plan.yaml"
    plan.write_text(
        f"plan: 1\njobs:\n  - files: [{one}]\n    mapping: {place.mapping}\n    space: default\n", encoding="utf-8"
    )
    page = place.folder / "page.html"

    def part(tag: re.Match[str]) -> str:
        return " | " if tag[0] in ("</td>", "</th>", "</tr>") else " "

    with space(live("A9")) as sandbox:
        monkeypatch.setenv("COMETLY_API_KEY", "sandbox")
        monkeypatch.setenv("COMETLY_API_URL", sandbox.url)
        printed = [
            said_by(capsys, "check", one, *mapping, *state, "--verbose", "--report", str(page)),
            said_by(capsys, "check", one, *mapping, *state, "--min-rows", "2"),
            said_by(capsys, "check", str(broken), *mapping, *state, "--max-rejects", "0"),
            said_by(capsys, "jobs", str(plan), "--check", *state),
            said_by(capsys, "upload", one, *mapping, *state, "--yes"),
            said_by(capsys, "upload", one, str(broken), *mapping, *state, "--yes"),
            said_by(capsys, "status", *state),
            said_by(capsys, "why", "A0", *state),
            said_by(capsys, "verify", one, *mapping, *state),
            said_by(capsys, "undo", "1", *state, "--yes"),
            said_by(capsys, "init", one, "-o", "-"),
        ]
    assert all(printed)
    text = re.sub(r"<style>.*?</style>|</t[dhr]>|<[^>]*>", part, page.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not misspelt(*printed, re.sub(r"\s+", " ", text))
    said = "\n".join(printed)
    for words in ("1 event", "1 row", "1 record", "1 job for 1 Space", "1 reject", "1 page"):
        assert words in said, words


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("1 events to send", True),
        ("sent 1 event", False),
        ("21 events", False),
        ("2.1 events", False),
        ("1 are new", True),
    ],
)
def test_what_is_looked_for_is_found(text: str, bad: bool) -> None:
    assert bool(misspelt(text)) is bad
