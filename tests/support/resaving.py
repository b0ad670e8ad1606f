"""The presets' samples as spreadsheets save them: opened as a CSV file, every number and date recognised, saved again.

`PYTHONPATH=tests/support python -m resaving` (with LibreOffice and Gnumeric) makes the archives in
`sample_data/spreadsheets` anew, so that tests need none.
"""

import io
import os
import runpy
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from preset_readings import READINGS

ROOT = Path(__file__).parents[2] / "sample_data"
SAVED = ROOT / "spreadsheets"
SOUND = ("shopify_orders", "hubspot_contacts")
_CHARSETS = {"utf-8-sig": 76, "utf-16": 65535, "cp1252": 1}  # as LibreOffice counts them


@dataclass(frozen=True)
class Saving:
    """A language that a spreadsheet runs in, and how files are saved there."""

    language: str
    delimiter: str = ","
    suffix: str = ".csv"

    def filters(self, encoding: str, delimiter: str) -> tuple[str, str]:
        """How a file is opened, with "detect special numbers" as its dialogue has it, and saved, as shown."""
        read = f"CSV:{ord(delimiter)},34,{_CHARSETS[encoding]},1,,0,false,true"
        write = f"csv:Text - txt - csv (StarCalc):{ord(self.delimiter)},34,76,1,,0,false,true"
        return read, write if self.suffix == ".csv" else self.suffix[1:]


SAVINGS = {
    "us": Saving("en-US"),
    "german": Saving("de-DE", ";"),
    "french": Saving("fr-FR", ";"),
    "workbook": Saving("en-US", suffix=".xlsx"),
    "gnumeric": Saving("C.UTF-8"),
}
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
 <item oor:path="/org.openoffice.Setup/L10N">
  <prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>{}</value></prop>
 </item>
</oor:items>
"""


def samples(own: Path) -> list[Path]:
    """Every sample that is a table, no JSON lines. Those with planted faults are made without, in `own`."""
    made = runpy.run_path(str(ROOT / "make.py"), run_name="make")["SAMPLES"]
    for name in SOUND:
        (own / f"{name}.csv").write_text(made[name](sound=True).text, "utf-8", newline="")
    return [*sorted(ROOT.glob("presets/*.csv")), *sorted(own.iterdir())]


def save(files: Iterable[Path], saving: Saving, to: Path) -> None:
    """Have a spreadsheet open files and save them."""
    if saving is SAVINGS["gnumeric"]:
        for file in files:
            command, environment = (
                ["ssconvert", str(file), str(to / file.name)],
                os.environ | {"LC_ALL": saving.language},
            )
            subprocess.run(command, check=True, capture_output=True, timeout=600, env=environment)
        return
    alike = defaultdict(list)
    for file in files:
        reading = READINGS.get(file.name.partition(".")[0])
        alike[(reading.encoding, reading.delimiter) if reading else ("utf-8-sig", ",")].append(str(file))
    for how, names in alike.items():
        read, write = saving.filters(*how)
        with tempfile.TemporaryDirectory() as profile:
            settings = Path(profile, "user", "registrymodifications.xcu")
            settings.parent.mkdir()
            settings.write_text(_SETTINGS.format(saving.language), "utf-8")
            own = f"-env:UserInstallation={Path(profile).as_uri()}"
            command = ["soffice", own, "--headless", f"--infilter={read}", "--convert-to", write, "--outdir", str(to)]
            subprocess.run([*command, *names], check=True, capture_output=True, timeout=600)


def unpack(name: str, to: Path) -> dict[str, Path]:
    """The files of one saving, by the names of their samples."""
    with tarfile.open(SAVED / f"{name}.tar.xz") as archive:
        archive.extractall(to, filter="data")
    return {path.stem: path for path in to.iterdir()}


def pack(name: str, folder: Path) -> None:
    """Keep files small: workbooks, which are archives, are packed once, together."""
    SAVED.mkdir(exist_ok=True)
    with tarfile.open(SAVED / f"{name}.tar.xz", "w:xz", preset=9) as archive:
        for path in sorted(folder.iterdir()):
            data = _stored(path.read_bytes()) if path.suffix == ".xlsx" else path.read_bytes()
            entry = tarfile.TarInfo(path.name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))


def _stored(book: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(file, "w") as new:
        for one in old.infolist():
            new.writestr(zipfile.ZipInfo(one.filename), old.read(one))
    return file.getvalue()


def main(names: list[str]) -> None:
    for name in names or SAVINGS:
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as own:
            save(samples(Path(own)), SAVINGS[name], Path(folder))
            pack(name, Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
