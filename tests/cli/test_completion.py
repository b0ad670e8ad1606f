"""Completion: the scripts for shells, and that a real bash completes with them; the words that a shell asks for."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from place import Place

from backfill.cli import main
from backfill.mapping import presets

TYPED = {
    "upl": "upload",
    "presets shopify_o": "shopify_orders",
    "check orders.csv -m hubspot_d": "hubspot_deals",
    "check --mapping sma": "small.yaml",
    "check ord": "orders.csv",
    "upload --also-in ac": "acme",
    "check --decimal ,": ",",
    "status --js": "--json",
}
PRESS = """
source script.bash
while IFS= read -r line; do
  COMP_WORDS=(backfill $line); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); COMPREPLY=()
  _shtab_backfill; echo "${COMPREPLY[*]}"
done
"""


def words(kind: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What a shell gets that asks for them."""
    with pytest.raises(SystemExit) as left:
        main(["--words", kind])
    assert left.value.code == 0
    return capsys.readouterr().out.split()


@pytest.mark.parametrize("shell", ["bash", "zsh", "tcsh"])
def test_there_is_a_script_for(shell: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--print-completion", shell])
    text = capsys.readouterr().out
    assert left.value.code == 0 and "backfill --words spaces" in text and "--words" in text
    (tmp_path / "script").write_text(text)
    if shell != "tcsh" and shutil.which(shell):
        assert subprocess.run([shell, "-n", tmp_path / "script"]).returncode == 0


@pytest.mark.skipif(not shutil.which("bash"), reason="no bash")
def test_bash_completes(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    place.orders(1), place.mapping
    program = place.folder / "bin" / "backfill"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m backfill "$@"\n')
    program.chmod(0o755)
    with pytest.raises(SystemExit):
        main(["--print-completion", "bash"])
    (place.folder / "script.bash").write_text(capsys.readouterr().out)
    env = place.environment(COMETLY_API_KEY_ACME="x")
    env["PATH"] = f"{program.parent}:{env['PATH']}"
    typed = "\n".join([*TYPED, ""])
    ran = subprocess.run(["bash", "-c", PRESS], cwd=place.folder, env=env, input=typed, capture_output=True, text=True)
    assert ran.stdout.splitlines() == [*TYPED.values()], ran.stderr


def test_words(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(place.folder)
    mine = Path(place.mapping).name
    assert words("presets", capsys) == [*presets()]
    assert words("mappings", capsys) == [*presets(), mine]
    assert "exit-codes" in words("topics", capsys) and "Europe/Berlin" in words("zones", capsys)
    assert words("spaces", capsys) == ["default"]
    monkeypatch.setenv("COMETLY_API_KEY_BOLT_2", "x")
    monkeypatch.setenv("BACKFILL_STATE", "a/relative/folder")
    assert words("spaces", capsys) == [], "a state folder that can't be used is no sentence on a command line"
    monkeypatch.setenv("BACKFILL_STATE", str(place.folder / "none"))
    assert words("spaces", capsys) == ["bolt_2", "default"]


def test_a_shell_that_is_not_known(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--print-completion", "fish"])
    assert left.value.code == 2 and "bash" in capsys.readouterr().err
