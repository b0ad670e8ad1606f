"""Make sample_data/report.png anew: the page of a shop's made-up year, as a browser shows its beginning.

    .venv/bin/python sample_data/report.py

It needs Chromium and the tests' own packages. Nothing in the year is anybody's: names, addresses and amounts are made.
"""

import math
import random
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
SEED, ORDERS = 7, 4812
HEADER = "Name,Email,Financial Status,Paid at,Currency,Total,Created at,Billing Name,Phone,Lineitem name,Id"
NAMES = ["Ada Sample", "Björn Örn", "عمر مثال", "Chloé Example", "例 示", "Imani Sampleton"]


def year(path: Path) -> None:
    """Write a shop's year: busy evenings, a busier December, and some of everything that goes wrong."""
    rng = random.Random(SEED)  # noqa: S311 (a made-up shop)
    zone = ZoneInfo("America/New_York")
    days = [datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day) for day in range(366)]
    weights = [
        1 + 0.4 * math.sin(day / 58) + 1.6 * (day > 325) + 0.3 * (one.weekday() > 4) for day, one in enumerate(days)
    ]
    hours = [3, 2, 1, 1, 1, 2, 4, 8, 14, 20, 24, 26, 28, 26, 24, 24, 26, 30, 36, 44, 46, 38, 22, 9]
    lines = [HEADER]
    for number, day in enumerate(sorted(rng.choices(days, weights, k=ORDERS))):
        hour = rng.choices(range(24), hours)[0]
        at = day.replace(hour=hour, minute=rng.randrange(60), second=rng.randrange(60), tzinfo=zone)
        email = "nobody at example.com" if rng.random() < 0.004 else f"buyer{number % 2900}@example.com"
        total = "" if rng.random() < 0.003 else f"{rng.lognormvariate(4.1, 0.6):.2f}"
        status = rng.choices(["paid", "refunded", "voided"], [95, 4, 1])[0]
        shown = at.strftime("%Y-%m-%d %H:%M:%S %z")
        cells = [f"#{1001 + number}", email, status, shown, "USD", total, shown, rng.choice(NAMES), "", "Teapot"]
        lines.append(",".join([*cells, str(5412039803771 + number * 32771)]))
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def shoot(page: Path, picture: Path) -> None:
    """Take the picture: the beginning of the page, light."""
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        view = browser.new_page(viewport={"width": 880, "height": 1480}, color_scheme="light")
        view.goto(page.as_uri())
        view.screenshot(path=picture)
        browser.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        year(folder / "orders_2024.csv")
        words = [
            "check",
            "orders_2024.csv",
            "--timezone",
            "America/New_York",
            "--state",
            "state",
            "--report",
            "page.html",
        ]
        subprocess.run([sys.executable, "-m", "backfill", *words, "--quiet"], cwd=folder, check=False)  # noqa: S603
        shoot(folder / "page.html", HERE / "report.png")
        if len(sys.argv) > 1:
            shutil.copytree(folder, sys.argv[1], dirs_exist_ok=True)


if __name__ == "__main__":
    main()
