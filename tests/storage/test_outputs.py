"""Outputs: whole and private or not there at all; nothing but a regular file is ever renamed over."""

import ast
import os
import re
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import IO

import pytest
from checking import MAPPING, orders, write
from full_disk import little_room
from place import PACKAGE, Place

from backfill.commands.upload import upload
from backfill.errors import UsageError
from backfill.run.options import Options
from backfill.sandbox import SandboxThread
from backfill.storage import outputs
from backfill.storage.guard import Guard

OLD, NEW = b"old", b"new " * 2000
Write = Callable[[Path, Callable[[IO[bytes]], object]], object]


def following(path: Path) -> Path:
    return path.with_name(path.name + "+")


def add(path: Path, content: Callable[[IO[bytes]], object]) -> Path:
    return outputs.add(path, content, following)


def new(file: IO[bytes]) -> None:
    file.write(NEW)


@contextmanager
def open_mask() -> Iterator[None]:
    before = os.umask(0)
    try:
        yield
    finally:
        os.umask(before)


def names(folder: Path) -> list[str]:
    return sorted(one.name for one in folder.iterdir())


@pytest.mark.parametrize("put", [outputs.replace, add])
def test_a_new_file_is_whole_and_private(tmp_path: Path, put: Write) -> None:
    with open_mask():
        put(tmp_path / "a", new)
    assert (tmp_path / "a").read_bytes() == NEW and names(tmp_path) == ["a"]
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(OLD)
    path.chmod(0o666)
    outputs.replace(path, new)
    assert path.read_bytes() == NEW and stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o664])
def test_a_file_of_peoples_keeps_its_mode_and_its_owner(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "out"
    path.write_bytes(OLD)
    path.chmod(mode)
    if os.geteuid() == 0:
        os.chown(path, 12345, 12346)
    was = path.stat()
    assert outputs.rewrite(path, new) == path and path.read_bytes() == NEW
    found = path.stat()
    assert (found.st_mode, found.st_uid, found.st_gid) == (was.st_mode, was.st_uid, was.st_gid)
    fresh, own = tmp_path / "fresh", tmp_path / "own"
    own.touch()
    outputs.rewrite(fresh, new)
    assert fresh.stat().st_mode == own.stat().st_mode and {*tmp_path.iterdir()} == {path, fresh, own}


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077])
def test_a_new_file_of_peoples_is_as_their_own_programs_would_make_it(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        outputs.create(tmp_path / "new", new)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o666 & ~mask
    for name in ("new", "dangling"):
        with suppress(FileExistsError):
            (tmp_path / name).symlink_to("nowhere")
        with pytest.raises(FileExistsError, match=name):
            outputs.create(tmp_path / name, lambda file: file.write(OLD))
    assert (tmp_path / "new").read_bytes() == NEW and names(tmp_path) == ["dangling", "new"]


def test_added_next_to_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(OLD)
    (tmp_path / "a+").symlink_to("nowhere")
    assert add(tmp_path / "a", new) == tmp_path / "a++"
    assert names(tmp_path) == ["a", "a+", "a++"] and (tmp_path / "a").read_bytes() == OLD


@pytest.mark.parametrize("put", [outputs.replace, add])
@pytest.mark.parametrize("trouble", ["full", "error", "interrupt"])
def test_what_fails_leaves_nothing(tmp_path: Path, put: Write, trouble: str) -> None:
    raised = {"full": OSError, "error": ValueError, "interrupt": KeyboardInterrupt}[trouble]

    def half(file: IO[bytes]) -> None:
        file.write(NEW)
        if trouble != "full":
            raise raised

    (tmp_path / "a").write_bytes(OLD)
    with pytest.raises(raised), little_room() if trouble == "full" else nullcontext():
        put(tmp_path / "a", half)
    with pytest.raises(raised), little_room() if trouble == "full" else nullcontext():
        outputs.create(tmp_path / "b", half)
    assert names(tmp_path) == ["a"] and (tmp_path / "a").read_bytes() == OLD


@pytest.mark.parametrize("target", ["target", "none yet"])
def test_a_link_stays_and_its_target_is_replaced(tmp_path: Path, target: str) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "target").write_bytes(OLD)
    (tmp_path / "link").symlink_to(Path("there") / target)
    (tmp_path / "further").symlink_to("link")
    outputs.replace(tmp_path / "further", new)
    assert (tmp_path / "further").is_symlink() and (tmp_path / "link").is_symlink()
    assert (tmp_path / "there" / target).read_bytes() == NEW


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    pipe, got = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    outputs.replace(pipe, new)
    reader.join()
    assert got == [NEW] and pipe.is_fifo() and names(tmp_path) == ["pipe"]


def test_devices_are_written_into(tmp_path: Path) -> None:
    outputs.replace(Path("/dev/null"), new)
    assert Path("/dev/null").is_char_device()
    (tmp_path / "link").symlink_to("/dev/null")
    outputs.replace(tmp_path / "link", new)
    assert (tmp_path / "link").is_symlink()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
def test_a_device_without_room() -> None:
    with pytest.raises(OSError, match="No space left"):
        outputs.replace(Path("/dev/full"), new)


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
def test_what_is_open_already_is_continued(place: Place, name: str) -> None:
    """A shell's `> out` has it open: what is there stays, and what is written next comes after it."""
    (place.folder / "link").symlink_to("/dev/stdout")
    code = "from pathlib import Path; from backfill.storage import outputs; print('before'); "
    code += f"outputs.replace(Path('{name}'), lambda file: file.write(b'it\\n')); print('after')"
    for out in ("| cat", "> out.txt; cat out.txt"):
        ran = subprocess.run(
            ["sh", "-c", f'"$0" -c "{code}" {out}', sys.executable],
            cwd=place.folder, env=place.environment(), capture_output=True, text=True, timeout=240,
        )  # fmt: skip
        assert ran.stdout.split() == ["before", "it", "after"], ran.stderr


@pytest.mark.parametrize("name", ["r.csv", "link.csv", "/dev/null", "null", "/dev/stdout", "pipe"])
def test_what_can_not_be_read_again_is_no_input_of_the_next_command(place: Place, name: str) -> None:
    (place.folder / "link.csv").symlink_to("r.csv")
    (place.folder / "null").symlink_to("/dev/null")
    os.mkfifo(place.folder / "pipe")
    orders = place.orders(2)
    with Path(orders).open("a") as file:
        file.write("B1,nobody,1.00,2024-05-01T10:00:00Z\n")
    if name == "pipe":
        threading.Thread(target=(place.folder / "pipe").read_bytes).start()
    with SandboxThread() as sandbox:
        found = place.upload(sandbox.url, orders, rejects=place.folder / name)
    assert (found["invalid"], found["rejects_file"]) == (1, str(place.folder / name))
    assert ("upload" in (found["resume"] or "")) is (name in ("r.csv", "link.csv"))


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("folder", "is a folder"),
        ("none/a", "its folder is not there or can't be written to"),
        ("file/a", "Not a directory"),
        ("loop", "Too many levels of symbolic links"),
        ("n" * 300, "File name too long"),
        ("nul\0", "null (byte|character)"),
        ("input", "is an input"),
        ("alias", "is an input"),
    ],
)
def test_where_nothing_can_be_written_is_reported_before(tmp_path: Path, name: str, part: str) -> None:
    (tmp_path / "folder").mkdir()
    for one in ("file", "input"):
        (tmp_path / one).write_bytes(OLD)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "alias").symlink_to("input")
    before = names(tmp_path)
    guard = Guard()
    guard.reads(tmp_path / "input")
    guard.writes("--summary", tmp_path / name)
    with pytest.raises(UsageError, match=part):
        guard.refuse()
    assert names(tmp_path) == before


@pytest.mark.parametrize("option", ["summary", "metrics", "report", "rejects"])
def test_a_full_disk_is_reported_and_leaves_what_was_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str
) -> None:
    rows = "".join(f"{n},nobody,1.00,2024-05-03T10:00:00Z\n" for n in range(60))
    names_of = write(tmp_path, {"orders.csv": orders(1) + rows * (option == "rejects"), "m.yaml": MAPPING})
    out = tmp_path / "out"
    out.mkdir()
    path = out / ("rejects.csv" if option == "rejects" else option)
    path.write_bytes(OLD)
    given = {"mapping": names_of[1], "state": tmp_path / "state", "base_url": "https://a.test", "quiet": True}
    with little_room():
        code = upload(Options.of("check", tuple(names_of[:1]), ("backfill",), **given, **{option: path}))  # type: ignore[arg-type]
    said = capsys.readouterr().err
    assert code == 2 and said.count("\n") == 1 and "can't be written (File too large)" in said
    assert names(out) == [path.name] and path.read_bytes() == OLD
    assert not (tmp_path / "state").exists() or not [one for one in names(tmp_path / "state") if one.startswith(".")]


@pytest.mark.skipif(shutil.which("strace") is None, reason="looks at what the system is asked")
def test_synced_before_and_after_it_has_its_name(tmp_path: Path) -> None:
    code = "from pathlib import Path; from backfill.storage.outputs import add, create, replace\n"
    code += "to = lambda file: file.write(b'x')\n"
    code += "replace(Path('there/a'), to); add(Path('there/b'), to, lambda path: path)\ncreate(Path('there/c'), to)"
    (tmp_path / "there").mkdir()
    calls = "fsync,fdatasync,rename,renameat,renameat2,link,linkat"
    subprocess.run(
        ["strace", "-f", "-y", "-e", f"trace={calls}", "-o", "trace", sys.executable, "-c", code],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(PACKAGE.parent)}, check=True, timeout=240,
    )  # fmt: skip
    asked = []
    for line in (tmp_path / "trace").read_text().splitlines():
        call = re.search(r"(fsync|rename|link)\w*\(.*there(/\.backfill)?", line)
        asked += [f"{call[1]} {'file' if call[2] else 'folder'}" if call[1] == "fsync" else call[1]] if call else []
    assert asked == ["fsync file", "rename", "fsync folder", *["fsync file", "link", "fsync folder"] * 2]


DOORS = {PACKAGE / "storage" / "outputs.py", PACKAGE / "storage" / "remote" / "sftp.py"}  # on this machine, on a server


def test_no_other_module_renames_a_file() -> None:
    """A file renamed elsewhere might be half a file, or replace something that is no file."""
    renaming = {"rename", "renames", "link", "hardlink_to", "mkstemp"}
    for path in sorted(set(PACKAGE.rglob("*.py")) - DOORS):
        calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
        for call in calls:
            if isinstance(call.func, ast.Attribute):
                name, given = call.func.attr, len(call.args)
                owner = ast.unparse(call.func.value)
                assert name not in renaming, f"{path.name}:{call.lineno} {name}"
                renames = name == "replace" and (
                    owner == "os" or (given == 1 and owner != "outputs" and not call.keywords)
                )
                assert not renames, f"{path.name}:{call.lineno}"
