"""The reading side in this process: commands that read a sandbox's events back, and what they printed."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from place import Place

from backfill.commands.undo import undo
from backfill.commands.upload import upload
from backfill.commands.verify import verify
from backfill.run.options import Options
from backfill.sandbox import SandboxThread

LIVE = {"event_name": "purchase", "email": "p@example.com", "amount": 9.5, "event_time": "2024-05-02T10:00:00Z"}


def live(order_id: str | None, **fields: Any) -> dict[str, Any]:
    """An event as live tracking recorded it; None leaves a field out."""
    body = {**LIVE, "order_id": order_id, **fields}
    return {name: value for name, value in body.items() if value is not None}


def overlap(number: int, first: int = 0, **fields: Any) -> list[dict[str, Any]]:
    """The orders of `Place.orders`, as live tracking has them."""
    return [
        live(f"A{n}", email=f"p{n}@example.com", amount=n % 90 + 1.5, event_time=f"2024-05-{n % 28 + 1:02d}T10:00:00Z")
        | fields
        for n in range(first, number)
    ]


def space(*existing: dict[str, Any], **options: Any) -> SandboxThread:
    """A Space without limits that has these events."""
    return SandboxThread(**{"existing": existing, "read_rate": None, "delete_rate": None, "rate": None} | options)


@dataclass
class Result:
    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.out))


@dataclass
class Reader:
    place: Place
    capsys: pytest.CaptureFixture[str]
    given: dict[str, Any] = field(
        default_factory=lambda: {
            "list_rate": 1000,
            "delete_rate": 1000,
            "patience": 5.0,
            "pauses": (0.005, 0.3),
            "api_key": "sandbox",
            "unlimited": True,  # at which pace it was sent is no matter of those who read it back
        }
    )

    def run(self, command: str, url: str, *files: str, **options: Any) -> Result:
        """Run a command; its options replace those of the fixture."""
        given = {"mapping": self.place.mapping, "state": self.place.folder / "state", "base_url": url}
        argv = options.pop("argv", ("backfill", command, *files))
        made = Options.of(command, files, argv, **(given | self.given | options))
        self.capsys.readouterr()
        code = {"verify": verify, "undo": undo}.get(command, upload)(made)
        said = self.capsys.readouterr()
        assert "Traceback" not in said.err
        return Result(code, said.out, said.err)

    def summary(self, command: str, url: str, *files: str, **options: Any) -> dict[str, Any]:
        result = self.run(command, url, *files, json=True, **options)
        found = result.json
        assert found["exit_code"] == result.code
        return found

    def upload(self, url: str, *files: str, **options: Any) -> dict[str, Any]:
        return self.summary("upload", url, *files, **options)

    def verify(self, url: str, *files: str, **options: Any) -> dict[str, Any]:
        return self.summary("verify", url, *files, **options)

    def undo(self, url: str, number: int, **options: Any) -> Result:
        return self.run("undo", url, number=number, **({"yes": True} | options))

    @property
    def kept(self) -> list[Path]:
        """Readings that can be continued."""
        return list((self.place.folder / "state").glob("*/*.readback"))


@pytest.fixture
def reader(place: Place, capsys: pytest.CaptureFixture[str]) -> Reader:
    return Reader(place, capsys)
