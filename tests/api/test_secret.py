"""The API key: even if the API repeats it, no file holds it and no line shows it."""

import json
import random
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from place import Place

from backfill.api.secret import HIDDEN, hide, repeats
from backfill.cli import main
from backfill.errors import UsageError
from backfill.sandbox import Fault, SandboxThread
from backfill.space import refuse_address

KEY = "sk-secret/12345+67890=="
SPELLINGS = [str, lambda c: quote(c, safe=""), lambda c: f"%{ord(c):02X}", lambda c: f"&#{ord(c)};", str.upper]
SPELLINGS += [lambda c: f"\\u{ord(c):04x}", lambda c: f"&#x{ord(c):X};", lambda c: f"\\{c}" if c == "/" else c]


@given(st.text(max_size=20), st.text(max_size=20), st.integers(0, 10**6))
@settings(max_examples=40)
def test_the_key_is_hidden_in_any_spelling(before: str, after: str, seed: int) -> None:
    chance = random.Random(seed)
    spelled = "".join(chance.choice(SPELLINGS)(one) for one in KEY)
    assert hide(KEY, f"{before} {spelled} {after}") == f"{before} {HIDDEN} {after}"
    assert repeats(KEY, before, spelled)
    assert hide(KEY, before) == before and not repeats(KEY, before, after)


def test_a_short_key_is_not_hidden_as_a_word() -> None:
    assert hide("abc", "abc") == "abc" and not repeats("sandbox", "the sandbox")


BODIES: list[Any] = [
    {"message": f"Rejected. Authorization: Bearer {KEY}"},
    {"message": "no", "errors": {"token": [f"key {KEY} is out of quota"], KEY: "?"}},
    {"message": "x" * 490 + KEY},
    {"message": {"nested": KEY}, "errors": {"a": {"b": [KEY, 1]}}},
    f'{{"message": "the key {KEY.replace("s", chr(92) + "u0073")} is wrong"}}'.encode(),
    {"message": quote(KEY, safe="")},
    {"message": "\n".join([KEY[:9], KEY[9:]])},
    f"<html>{KEY}</html>".encode(),
]


def test_no_file_and_no_line_holds_the_key(place: Place, capfd: pytest.CaptureFixture[str]) -> None:
    faults = [Fault(status=422, body=body, headers={"X-Key": KEY}, times=1) for body in BODIES]
    written = {name: place.folder / name for name in ("metrics", "report")}
    with SandboxThread(keys=(KEY,), faults=faults) as sandbox:
        found = place.upload(sandbox.url, place.orders(len(BODIES) + 2), key=KEY, verbose=True, **written)
    assert (found["refused"], found["accepted"]) == (len(BODIES), 2)
    out, err = capfd.readouterr()
    whole = hide(KEY, out + err)
    assert KEY not in out + err and whole == out + err
    for path in place.folder.rglob("*"):
        if path.is_file():
            text = path.read_bytes().decode("latin-1")
            assert hide(KEY, text) == text, path
    rejects = Path(found["rejects_file"]).read_text()
    assert rejects.count(HIDDEN) >= 6 and "Bearer [API key]" in rejects


@pytest.mark.parametrize(
    "url",
    ["https://ann:pa55@x.test", "https://pa55@x.test", "ann:pa55@x.test", "//ann:pa55@x.test", "https:/ann:pa55@x.test",
     "https://x.test/?key=pa55", "https://x.test/#pa55", "https://[ann:pa55@x.test", "http://ann:pa55@127.0.0.1:1"],
)  # fmt: skip
def test_an_address_with_a_secret_is_refused_without_it(place: Place, url: str) -> None:
    with pytest.raises(UsageError) as error:
        refuse_address(url)
    assert "pa55" not in str(error.value)


def test_no_command_repeats_a_password_in_an_address(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(place.folder)
    monkeypatch.setenv("COMETLY_API_KEY", "sandbox")
    monkeypatch.setenv("BACKFILL_STATE", str(place.folder / "state"))
    address, orders = "https://ann:pa55@x.test", place.orders(1)
    plan = {"plan": 1, "jobs": [{"files": orders, "mapping": place.mapping, "base-url": address}]}
    Path("plan.yaml").write_text(json.dumps(plan))
    for words in (
        ["check", orders, "-m", place.mapping, "--base-url", address],
        ["upload", orders, "-m", place.mapping, "--yes", "--base-url", address],
        ["status", "--base-url", address],
        ["why", "A0", "--base-url", address],
        ["jobs", "plan.yaml", "--yes", "--json"],
        ["jobs", "plan.yaml", "--check", "--json"],
    ):
        assert main(words) == 2, words
        assert "pa55" not in "".join(capsys.readouterr()), words
    files = [path for path in place.folder.rglob("*") if path.is_file() and path.name != "plan.yaml"]
    assert not [path for path in files if b"pa55" in path.read_bytes()]
