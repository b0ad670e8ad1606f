"""Files in stores: read where they are, and what is written put next to them, in no other file's place."""

import gzip
import json
import os
import re
import shlex
import signal
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import pytest
from place import MAPPING, ROOT, Place, ended_by_signals, wait_for
from plans import ENV, KEYS, write_plan
from reviewing import reviewed
from stores import (
    STORES,
    Answers,
    Store,
    az_guest,
    az_store,
    gs_store,
    refusing,
    s3_store,
    sftp_store,
    unconditional,
    web_store,
)

from backfill.cli import main
from backfill.cli.jobs import settings
from backfill.commands.jobs.plan import Grammar, load_plan
from backfill.errors import SourceError, UsageError
from backfill.files.open import open_parts
from backfill.files.rejects import next_path
from backfill.run.options import Options
from backfill.sandbox import SandboxThread
from backfill.storage.remote import store as stores
from backfill.storage.remote import written
from backfill.storage.remote.path import RemotePath, masked

HEADER = "Order,Email,Total,When\n"
GOOD = "A1,a@example.com,1.50,2024-05-01T10:00:00Z\n"
BAD = "A2,nobody,2.50,2024-05-01T10:00:00Z\n"
MENDED = BAD.replace("nobody", "b@example.com")


@pytest.fixture(scope="module", params=list(STORES))
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with STORES[request.param](tmp_path_factory.mktemp(request.param)) as made:
        stores._system.cache_clear()
        yield made


@pytest.fixture
def store(server: Store, place: Place, monkeypatch: pytest.MonkeyPatch) -> Store:
    """A folder of a server that is this test's alone."""
    for name, value in server.env.items():
        monkeypatch.setenv(name, value)
    return server.within(place.folder.name)


class Ran(NamedTuple):
    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], place: Place, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """Run a command in this process, which has loaded what a store needs."""
    monkeypatch.chdir(place.folder)
    capsys.readouterr()

    def command(*words: str) -> Ran:
        return Ran(main(words), *capsys.readouterr())

    return command


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> Iterator[SandboxThread]:
    with SandboxThread() as sandbox:
        monkeypatch.setenv("COMETLY_API_URL", sandbox.url)
        monkeypatch.setenv("COMETLY_API_KEY", "sandbox")
        yield sandbox


def test_an_export_is_read_where_it_is_and_all_else_is_written_next_to_it(
    place: Place, store: Store, sandbox: SandboxThread, run: Callable[..., Ran]
) -> None:
    store.put("orders.csv", (HEADER + GOOD + BAD).encode())
    store.put("orders.rejects.csv", b"a person's")
    store.put("summary.json", b"another run's")
    before = store.files()
    outputs = ("--summary", store / "summary.json", "--report", store / "page.html")
    words = ("upload", store / "orders.csv", "-m", place.mapping, "--yes")
    first = run(*words, *outputs)
    assert first.code == 3, first.err
    files = store.files()
    assert files.keys() == before.keys() | {"orders.rejects-2.csv", "summary-2.json", "page.html"}
    assert {name: files[name] for name in before} == before
    assert f"{store.url}</" in files["page.html"].decode()
    summary = json.loads(files["summary-2.json"])
    assert summary["files"] == [store / "orders.csv"]
    assert summary["rejects_file"] == store / "orders.rejects-2.csv"
    assert f"see {store / 'summary-2.json'}" in first.err
    (place.folder / "orders.csv").write_text(HEADER + GOOD + BAD)
    assert run("check", "orders.csv", "-m", place.mapping).code == 3  # here it gives the same
    assert (place.folder / "orders.rejects.csv").read_bytes() == files["orders.rejects-2.csv"]
    for line in (words, ("check", *words[1:4], "--state", "lost")):  # the same rejects: no new file
        again = run(*line)
        assert (again.code, store / "orders.rejects-2.csv" in again.out) == (3, True), again.err
        assert store.files() == files
    store.put("orders.rejects-2.csv", files["orders.rejects-2.csv"].replace(b"nobody", b"b@example.com"))
    last = run(*shlex.split(summary["resume"])[1:], "--yes")
    assert last.code == 0, last.err
    assert [event.body["email"] for event in sandbox.events] == ["a@example.com", "b@example.com"]


def test_many_at_once_get_a_file_each(store: Store) -> None:
    store.put("orders.csv", b"there")
    path = RemotePath.of(store / "orders.rejects.csv")

    def add(number: int) -> RemotePath:
        return written.add(path, lambda file: file.write(b"%d" % number), next_path)

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(add, range(6)))
    assert len(set(made)) == 6
    files = store.files()
    assert [files[path.name] for path in made] == [b"%d" % number for number in range(6)]
    assert len(files) == 7  # nothing is left of what was on its way


def test_a_file_is_created_or_left_alone(store: Store, tmp_path: Path) -> None:
    store.put("page.html", b"there")
    (tmp_path / "new").write_bytes(b"new")
    with pytest.raises(FileExistsError):
        stores.create(RemotePath.of(store / "page.html"), tmp_path / "new")
    assert store.files() == {"page.html": b"there"}


def test_a_file_that_is_another_by_now_is_no_input(store: Store) -> None:
    store.put("orders.csv", (HEADER + GOOD).encode())
    with open_parts([store / "orders.csv"]) as (part,):
        assert part.copy is not None
        part.check_unchanged()
        time.sleep(1.1)  # an SSH server tells whole seconds
        store.put("orders.csv", (HEADER + GOOD.replace("A1", "B1")).encode())
        part.copy.look()
        with pytest.raises(SourceError, match="changed while it was being read"):
            part.check_unchanged()
    with open_parts([store / "orders.csv"]) as (part,), part.binary() as stream:
        assert b"B1" in stream.read()
        assert part.copy is not None
        part.settle()  # it was read whole, and what it is next is the next run's
        store.put("orders.csv", b"tomorrow's")
        part.copy.look()
        part.check_unchanged()
    assert not part.copy.path.parents[1].exists()


def test_a_pattern_takes_nothing_that_backfill_wrote(place: Place, store: Store, run: Callable[..., Ran]) -> None:
    for number in range(2):
        store.put(f"orders-{number}.csv.gz", gzip.compress((HEADER + GOOD + BAD).encode()))
    outputs = ("--summary", store / "summary.json", "--report", store / "page.html", "--events", store / "events.json")
    empty = ("--changes", store / "none.jsonl")
    assert run("check", store / "orders-0.csv.gz", "-m", place.mapping, *outputs, *empty).code == 3
    store.put("renamed.csv.gz", gzip.compress(store.files()["orders-0.rejects.csv"]))
    assert len(store.files()) == 8 and store.files()["none.jsonl"] == b""
    assert planned(place, store / "*") == [store / "orders-0.csv.gz", store / "orders-1.csv.gz"]
    assert planned(place, store / "orders-[1-9]*") == [store / "orders-1.csv.gz"]
    assert planned(place, store / "orders-2*") == [store / "orders-2*"]  # which the job then does not find


def planned(place: Place, pattern: str) -> list[str]:
    """The files of a plan's one job."""
    plan = place.folder / "plan.yaml"
    plan.write_text(f"plan: 1\njobs:\n  - files: {pattern!r}\n    mapping: {place.mapping}\n", encoding="utf-8")
    (job,) = load_plan(plan, Grammar(settings(), Options.of("check")))
    return list(job.options.source.files)


def test_what_is_fetched_is_shown(store: Store) -> None:
    data = (HEADER + GOOD * 40_000).encode()
    store.put("orders.csv", data)
    told: list[tuple[str, int, list[int]]] = []

    @contextmanager
    def fetching(name: str, size: int) -> Iterator[Callable[[int], None]]:
        told.append((name, size, []))
        yield told[-1][2].append

    with open_parts([store / "orders.csv"], fetching):
        pass
    ((name, size, steps),) = told
    assert (name, size, sum(steps)) == ("orders.csv", len(data), len(data))


def test_a_file_begins_as_it_does(store: Store) -> None:
    store.put("orders.csv", (HEADER + GOOD * 10_000).encode())
    assert stores.beginning(RemotePath.of(store / "orders.csv"), 30) == (HEADER + GOOD)[:30].encode()


def test_what_is_not_there_is_said(place: Place, store: Store, run: Callable[..., Ran]) -> None:
    for name, said in (("nothing.csv", "there is no such file in"), ("", "names no file")):
        ran = run("check", store / name, "-m", place.mapping)
        (line,) = ran.err.splitlines()
        assert (ran.code, line.startswith(f"backfill: {store / name}: {said}")) == (2, True), ran.err


def test_a_store_that_knows_no_conditions_is_asked_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with s3_store(tmp_path) as whole, refusing(whole, unconditional) as store:
        for name, value in store.env.items():
            monkeypatch.setenv(name, value)
        stores._system.cache_clear()
        store.put("page.html", b"there")
        made = written.put(RemotePath.of(store / "page.html"), lambda file: file.write(b"new"))
        assert str(made) == store / "page-2.html"
        assert store.files() == {"page.html": b"there", "page-2.html": b"new"}


@pytest.mark.parametrize(("scheme", "module"), [(scheme, module) for scheme, (module, _) in stores._SYSTEMS.items()])
def test_a_missing_extra_is_named(
    scheme: str, module: str, run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    stores._system.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)
    ran = run("check", f"{scheme}://host/orders.csv")
    what = f"{scheme}:// takes an extra: pip install 'cometly-backfill[{scheme}]'"
    assert (ran.code, ran.err) == (2, f"backfill: {scheme}://host/orders.csv: {what}\n")
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert scheme in tomllib.load(file)["project"]["optional-dependencies"]


def test_a_plan_does_its_jobs_where_the_files_are(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "store").mkdir()
    with s3_store(tmp_path / "store") as store, SandboxThread() as sandbox:
        for name, value in store.env.items():
            monkeypatch.setenv(name, value)
        contacts = "".join(f"A{n},p{n}@example.com\n" for n in range(3))
        store.put("contacts.csv", f"Order,Email\n{contacts}".encode())
        for number in range(2):
            rows = f"A{number},,1.50,2024-05-01T10:00:00Z\nB{number},,1.50,2024-05-01T10:00:00Z\n"
            store.put(f"orders-{number}.csv", (HEADER + rows).encode())
        joined = MAPPING.replace("email: Email", "email: contacts.Email")
        (place.folder / "joined.yaml").write_text(f"{joined}lookups: {{contacts: {{on: [Order, Order]}}}}\n")
        (place.folder / "plan.yaml").write_text(
            f"plan: 1\njobs:\n  - files: {store / 'orders-*'}\n    mapping: joined.yaml\n"
            f"    lookup: {{contacts: {store / 'contacts.csv'}}}\n    summary: {store / 'summary.json'}\n"
        )
        ran = place.command("jobs", "plan.yaml", "--yes", "--json", url=sandbox.url)
        (job,) = json.loads(ran.stdout)["jobs"]
        assert (ran.returncode, job["rows"], job["accepted"], job["invalid"]) == (3, 4, 2, 2), ran.stderr
        files = store.files()
        assert files.keys() == {f"orders-{n}.csv" for n in range(2)} | {
            "contacts.csv",
            "orders-0.rejects.csv",
            "summary.json",
        }
        assert job["rejects_file"] == store / "orders-0.rejects.csv"
        assert {event.body["email"] for event in sandbox.events} == {"p0@example.com", "p1@example.com"}


def test_what_is_mended_on_the_page_goes_next_to_the_file(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3_store(tmp_path) as store:
        for name, value in store.env.items():
            monkeypatch.setenv(name, value)
        store.put("orders.csv", (HEADER + GOOD + BAD).encode())
        store.put("orders.rejects.csv", b"a person's")
        with reviewed(place, store / "orders.csv", "-m", place.mapping) as review:
            rev = re.findall(r'name="rev" value="(\d+)"', review.get("mend").text)[0]
            found = review.send("mend/0-2", rev=rev, **{"c|0-2|Email": "b@example.com"}).json
            assert found["unsaved"], found
            saved = review.send("mend/save", rev=found["rev"]).json
            assert (saved["file"], saved["unsaved"]) == ("orders.rejects-2.csv", False)
            assert store / "orders.rejects-2.csv" in review.get("hand-over").text
        assert store.files()["orders.rejects.csv"] == b"a person's"
        assert b"b@example.com" in store.files()["orders.rejects-2.csv"]


# -- rights ------------------------------------------------------------------------------------------------------------


def test_rejects_go_to_the_current_folder_where_the_right_to_write_is_missing(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import boto3

    (tmp_path / "store").mkdir()
    with s3_store(tmp_path / "store", INITIAL_NO_AUTH_ACTION_COUNT="8") as store:  # those of this test
        given = {"endpoint_url": store.env["AWS_ENDPOINT_URL"], "region_name": "us-east-1"}
        given |= {"aws_access_key_id": "x", "aws_secret_access_key": "x"}
        iam = boto3.client("iam", **given)
        store.put("orders.csv", (HEADER + GOOD + BAD).encode())
        keys = []
        for user, allowed in (("reader", ["s3:GetObject", "s3:ListBucket"]), ("blind", ["s3:GetObject"])):
            iam.create_user(UserName=user)
            rights = {"Effect": "Allow", "Action": allowed, "Resource": "*"}
            policy = json.dumps({"Version": "2012-10-17", "Statement": [rights]})
            iam.put_user_policy(UserName=user, PolicyName="read", PolicyDocument=policy)
            keys.append(iam.create_access_key(UserName=user)["AccessKey"])
        key, blind = keys
        secret = key["SecretAccessKey"]
        env = {**store.env, "AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": secret}
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        ran = place.command("check", store / "orders.csv", "-m", place.mapping)
        assert ran.returncode == 3, ran.stderr
        assert (
            f"warning: {store / 'orders.rejects.csv'}: access denied: to write takes s3:PutObject on bucket exports; "
            "the file goes to the current folder"
        ) in ran.stderr
        assert BAD[:-1] in (place.folder / "orders.rejects.csv").read_text()
        named = place.command("check", store / "orders.csv", "-m", place.mapping, "--summary", store / "summary.json")
        assert named.returncode == 2
        assert "s3:PutObject on bucket exports" in named.stderr
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", blind["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", blind["SecretAccessKey"])
        plan = write_plan(place, {"files": store / "orders-*.csv"})
        unlisted = place.command("jobs", "--check", plan)
        assert unlisted.returncode == 2
        assert "to list takes s3:ListBucket on bucket exports" in unlisted.stderr
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody's")
        unknown = place.command("check", store / "orders.csv", "-m", place.mapping)
        assert unknown.returncode == 2
        assert "the credentials for bucket exports are wrong or have expired (InvalidAccessKeyId)" in unknown.stderr
        assert secret not in ran.stderr + named.stderr + unknown.stderr


def test_azure_s_missing_rights_are_named(
    place: Place, tmp_path: Path, run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    with az_store(tmp_path) as store:
        store.put("orders.csv", (HEADER + GOOD + BAD).encode())
        plan = place.folder / "plan.yaml"
        plan.write_text(f"plan: 1\njobs:\n  - {{files: {store / 'orders-*.csv'}, mapping: {place.mapping}}}\n")
        check = ("check", store / "orders.csv", "-m", place.mapping)
        said = ""
        for rights, words, code, what in (
            (
                ["read", "list"],
                check,
                3,
                "to write takes Storage Blob Data Contributor (in a SAS: create) on container",
            ),
            (["read"], (*check, "--summary", store / "s.json"), 2, "can't be written (access denied: to write takes"),
            (["list"], check, 2, "to read takes Storage Blob Data Reader (in a SAS: read) on container exports"),
            (["read"], ("jobs", "--check", str(plan)), 2, "to list takes Storage Blob Data Reader (in a SAS: list) on"),
        ):
            said += (ran := refused(run, code, words, az_guest(store, *rights), monkeypatch))
            assert what in ran
        for env in (
            az_guest(store, "read", "list", hours=-1),
            {"AZURE_STORAGE_CONNECTION_STRING": store.env["AZURE_STORAGE_CONNECTION_STRING"].replace("Eby8", "Eby9")},
        ):
            said += (ran := refused(run, 2, check, env, monkeypatch))
            assert "they are wrong or have expired" in ran
        assert "sig=" not in said
        assert "Eby" not in said
    assert "orders.rejects.csv" in {path.name for path in place.folder.iterdir()}


def refused(
    run: Callable[..., Ran], code: int, words: tuple[str, ...], env: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> str:
    """What a command says that a store refuses something; it ends with this code."""
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    stores._system.cache_clear()
    ran = run(*words)
    assert ran.code == code, ran.err
    return ran.out + ran.err


def google(status: int, reason: str, message: str) -> bytes:
    """An error as Google documents it: cloud.google.com/storage/docs/json_api/v1/status-codes."""
    errors = [{"domain": "global", "reason": reason, "message": message}]
    return json.dumps({"error": {"code": status, "message": message, "errors": errors}}).encode()


def test_google_s_missing_rights_are_named(
    place: Place, tmp_path: Path, run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    met: list[tuple[str, str, int]] = []

    def refusal(asked: str, path: str, _: object) -> tuple[int, bytes] | None:
        method, part, status = met[-1]
        message = "me@project.iam.gserviceaccount.com does not have access to ya29.TOKEN (or it may not exist)."
        error = google(status, "forbidden" if status == 403 else "authError", message)
        return (status, error) if method == asked and part in path else None

    with gs_store(tmp_path) as whole, refusing(whole, refusal) as store:
        whole.put("orders.csv", (HEADER + GOOD + BAD).encode())
        plan = place.folder / "plan.yaml"
        plan.write_text(f"plan: 1\njobs:\n  - {{files: {store / 'orders-*.csv'}, mapping: {place.mapping}}}\n")
        check, jobs = ("check", store / "orders.csv", "-m", place.mapping), ("jobs", "--check", str(plan))
        for refused_one, words, code, what in (
            (("GET", "/o/in", 403), check, 2, "to read takes storage.objects.get on bucket exports"),
            (("POST", "/upload/", 403), check, 3, "to write takes storage.objects.create on bucket exports"),
            (("GET", "/o?", 403), jobs, 2, "to list takes storage.objects.list on bucket exports"),
            (("GET", "/o/in", 401), check, 2, "are wrong or have expired (401)"),
        ):
            met.append(refused_one)
            ran = refused(run, code, words, store.env, monkeypatch)
            assert what in ran
            assert "TOKEN" not in ran
            assert "gserviceaccount" not in ran


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (400, "ExpiredToken", "the credentials for bucket exports have expired; get new ones"),
        (403, "InvalidAccessKeyId", "the credentials for bucket exports are wrong or have expired"),
        (403, "SignatureDoesNotMatch", "the credentials for bucket exports are wrong or have expired"),
        (403, "RequestTimeTooSkewed", "as its clock is wrong"),
        (400, "AuthorizationHeaderMalformed", "is in another region, or at another address; set AWS_DEFAULT_REGION or"),
        (403, "AccessDenied", "access denied: to read takes s3:GetObject on bucket exports"),
    ],
)
def test_what_s3_says_to_credentials_is_passed_on(
    place: Place,
    run: Callable[..., Ran],
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    code: str,
    said: str,
) -> None:
    body = f"<Error><Code>{code}</Code><Message>The token AKIDTESTS is no good</Message></Error>".encode()
    env = {"AWS_ENDPOINT_URL": "", "AWS_ACCESS_KEY_ID": "AKIDTESTS", "AWS_SECRET_ACCESS_KEY": "x"}
    with refusing(Store("s3://exports", lambda *_: None, dict, env), lambda *_: (status, body)) as store:
        check = ("check", store / "orders.csv", "-m", place.mapping)
        ran = refused(run, 2, check, store.env, monkeypatch)
    assert said in ran
    assert "AKIDTESTS" not in ran


_NOWHERE = "http://127.0.0.1:9"
_ANYWHERE = "AccountName=a;AccountKey=aGVsbG8=;BlobEndpoint="


@pytest.mark.parametrize(
    ("url", "env", "said"),
    [
        ("s3://b/x.csv", {}, "no credentials that s3:// takes were found; set AWS_PROFILE"),
        ("s3://b/x.csv", {"AWS_PROFILE": "nobody"}, "no credentials that s3:// takes were found; set AWS_PROFILE"),
        ("s3://b/x.csv", {"AWS_ENDPOINT_URL": _NOWHERE, "KEYS": "1"}, "bucket b can't be reached"),
        ("s3://b/x.csv", {"AWS_ENDPOINT_URL": "http://nowhere.invalid", "KEYS": "1"}, "bucket b can't be reached"),
        ("s3://b/x.csv", {"AWS_ENDPOINT_URL": "nowhere", "KEYS": "1"}, "AWS_ENDPOINT_URL is no address"),
        ("s3://b/x.csv", {"AWS_DEFAULT_REGION": "no region", "KEYS": "1"}, "is no region"),
        ("s3://B B/x.csv", {"AWS_ENDPOINT_URL": _NOWHERE, "KEYS": "1"}, "bucket B B has a name that none can have"),
        ("gs://b/x.csv", {"STORAGE_EMULATOR_HOST": _NOWHERE}, "bucket b can't be reached"),
        ("gs://b/x.csv", {"GOOGLE_APPLICATION_CREDENTIALS": "/no/such"}, "GOOGLE_APPLICATION_CREDENTIALS is set, and"),
        ("az://b/x.csv", {}, "no credentials that az:// takes were found; set AZURE_STORAGE_CONNECTION_STRING"),
        ("az://b/x.csv", {"AZURE_STORAGE_CONNECTION_STRING": "hunter2"}, "AZURE_STORAGE_CONNECTION_STRING is set, and"),
        (
            "az://b/x.csv",
            {"AZURE_STORAGE_CONNECTION_STRING": f"{_ANYWHERE}{_NOWHERE}/a"},
            "container b can't be reached",
        ),
        ("sftp://127.0.0.1:9/x.csv", {}, "127.0.0.1:9 can't be reached"),
        ("sftp://nowhere.invalid/x.csv", {}, "nowhere.invalid can't be reached"),
        ("https://nowhere.invalid/x.csv?sig=hunter2", {}, "nowhere.invalid can't be reached"),
    ],
)
def test_what_is_not_set_up_is_said_soon(
    run: Callable[..., Ran],
    place: Place,
    monkeypatch: pytest.MonkeyPatch,
    url: str,
    env: dict[str, str],
    said: str,
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x") if "KEYS" in env else monkeypatch.delenv(name, raising=False)
    for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "STORAGE_EMULATOR_HOST", "AZURE_STORAGE_CONNECTION_STRING"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(place.folder))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    began = time.monotonic()
    ran = refused(run, 2, ("check", url, "-m", place.mapping), env, monkeypatch)
    assert said in ran
    assert "hunter2" not in ran
    assert len(ran.splitlines()) == 1
    assert time.monotonic() - began < 60


def test_an_ssh_server_must_show_the_key_that_is_known(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "store").mkdir()
    with sftp_store(tmp_path / "store") as store:
        home = Path(store.env["HOME"])
        monkeypatch.setenv("HOME", str(home))
        store.put("orders.csv", (HEADER + GOOD).encode())
        assert place.command("check", store / "orders.csv", "-m", place.mapping).returncode == 0
        (home / ".ssh" / "known_hosts").unlink()
        stranger = place.command("check", store / "orders.csv", "-m", place.mapping)
        assert stranger.returncode == 2
        assert "is not in ~/.ssh/known_hosts" in stranger.stderr


def test_an_export_that_is_still_being_written_over_ssh_is_no_input(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "store").mkdir()
    with sftp_store(tmp_path / "store") as store:
        monkeypatch.setenv("HOME", store.env["HOME"])
        path, done = tmp_path / "store" / "there" / "orders.csv", Event()
        path.write_text(HEADER + GOOD * 100)

        def write() -> None:
            while not done.wait(0.002):
                with path.open("a") as file:
                    file.write(GOOD)

        thread = Thread(target=write)
        thread.start()
        try:
            ran = place.command("upload", store / "orders.csv", "-m", place.mapping, "--sandbox", "--yes")
        finally:
            done.set()
            thread.join()
        assert ran.returncode == 2
        assert "changed while it was being read; run again when it is complete" in ran.stderr


@pytest.mark.parametrize(("kind", "grows"), [("sftp", True), ("web", False)])
def test_a_file_written_to_a_moment_ago_is_looked_at_once_more(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, grows: bool
) -> None:
    (tmp_path / "store").mkdir()
    with sftp_store(tmp_path / "store") if kind == "sftp" else web_store(tmp_path / "store") as store:
        for name, value in store.env.items():
            monkeypatch.setenv(name, value)
        store.put("orders.csv", (HEADER + GOOD).encode())
        words = ("check", store / "orders.csv", "-m", place.mapping)
        assert "waiting" not in place.command(*words).stderr  # it is a minute old
        path, said = tmp_path / "store" / ("there" if kind == "sftp" else "web") / "orders.csv", tmp_path / "said.txt"
        ahead = time.time() + 600  # of a server whose clock is: the wait is never shorter, however slow the start
        os.utime(path, (ahead, ahead))
        with said.open("w") as errors:
            ran = place.start(*words, stderr=errors)
        wait_for(lambda: "s to see whether it is complete" in said.read_text())
        if grows:
            with path.open("a") as file:
                file.write(GOOD.replace("A1", "A2"))
        ran.communicate(timeout=240)
        assert ran.returncode == (2 if grows else 0)
        assert ("changed while it was being read; run again when it is complete" in said.read_text()) == grows


# -- the web -----------------------------------------------------------------------------------------------------------

SIGNATURE = "X-Amz-Signature=5EC12E7"


def test_a_signature_is_nowhere_but_in_the_request(
    place: Place, tmp_path: Path, sandbox: SandboxThread, run: Callable[..., Ran]
) -> None:
    with web_store(tmp_path, SIGNATURE) as store:
        store.put("orders.csv", (HEADER + GOOD + BAD).encode())
        url, outputs = store / "orders.csv", ("--summary", "summary.json", "--report", "page.html")
        signed = f"{url}?X-Amz-Expires=60&{SIGNATURE}"
        ran = run("upload", signed, "-m", place.mapping, "--yes", "--verbose", *outputs)
        assert ran.code == 3, ran.err
        assert [event.body["order_id"] for event in sandbox.events] == ["A1"]
        summary = json.loads((place.folder / "summary.json").read_text())
        assert summary["files"] == [f"{url}?***"]
        assert summary["rejects_file"] == str(place.folder / "orders.rejects.csv")  # the web is read only
        gone = run("upload", store / f"gone.csv?{SIGNATURE}", "-m", place.mapping, "--yes")
        assert (gone.code, "there is no such file" in gone.err) == (2, True)
        plan = write_plan(place, {"files": signed})
        jobs = place.command("jobs", plan, "--yes", "--json", url=sandbox.url)
        assert jobs.returncode == 3, jobs.stderr
        (place.folder / plan).unlink()
        drafted = run("init", signed)
        assert drafted.code == 0, drafted.err
        with reviewed(place, signed, "-m", place.mapping) as review:
            pages = [review.get(page).text for page in ("counts", "mend", "hand-over", "columns")]
        assert all("orders.csv" in text for text in pages)
        why = run("why", "A2")
        forbidden = run("check", f"{url}?X-Amz-Signature=0", "-m", place.mapping)
        assert (forbidden.code, "does not let this user read" in forbidden.err) == (2, True)
        said = "".join(one.out + one.err for one in (ran, gone, drafted, why, forbidden))
        said += "".join([jobs.stdout, jobs.stderr, *pages])
        kept = b"".join(path.read_bytes() for path in place.folder.rglob("*") if path.is_file())
        assert "5EC12E7" not in said
        assert b"5EC12E7" not in kept
        printed = run("check", f"{url}?***", "-m", place.mapping)
        assert (printed.code, "put that there again" in printed.err) == (2, True)


def test_a_plan_reads_a_file_once_for_all_spaces_of_a_route(place: Place, tmp_path: Path) -> None:
    with web_store(tmp_path) as store, SandboxThread(keys=KEYS) as sandbox:
        rows = "".join(f"{space},{n},a@example.com,1,2024-05-01\n" for n, space in enumerate(KEYS.values()))
        store.put("orders.csv", f"Shop,{HEADER}{rows}".encode())
        spaces = {space: space for space in KEYS.values()}
        route = {"column": "Shop", "spaces": spaces}
        plan = write_plan(place, {"files": store / "orders.csv", "route": route}, timezone="UTC")
        ran = place.command("jobs", plan, "--yes", "--json", "--state", "state", url=sandbox.url, **ENV)
        jobs = json.loads(ran.stdout)["jobs"]
        assert ([job["accepted"] for job in jobs], ran.returncode) == ([1, 1, 1], 0), ran.stderr
        assert Answers.got == ["orders.csv"]


def test_an_export_that_is_still_being_written_is_no_input(place: Place, tmp_path: Path) -> None:
    with web_store(tmp_path) as store:
        store.put("growing.csv", (HEADER + GOOD).encode())
        ran = place.command("upload", store / "growing.csv", "-m", place.mapping, "--sandbox", "--yes")
        assert ran.returncode == 2
        assert ran.stderr == (
            f"backfill: {store / 'growing.csv'}: changed while it was being read; run again when it is complete\n"
        )
        broken = place.command("check", store / "broken.csv", "-m", place.mapping)
        assert broken.returncode == 2
        assert "gave no answer to go by, to a request to read (ClientResponseError, 500)" in broken.stderr
        refused = place.command("check", store / "growing.csv", "--summary", store / "summary.json")
        assert refused.returncode == 2
        assert "http:// is read only" in refused.stderr


JSON = b'{"Order": "A1", "Email": "a@example.com", "Total": "1.50", "When": "2024-05-01T10:00:00Z"}'
DOUBTED = "the server did not say how long it is, so rows may be missing at its end"


@pytest.mark.parametrize(
    ("name", "body", "code", "said"),
    [
        ("open.csv", (HEADER + GOOD).encode(), 0, DOUBTED),
        ("open.csv", (HEADER + GOOD).encode("utf-16"), 0, DOUBTED),
        ("open.csv", (HEADER + GOOD)[:-1].encode(), 2, "so it may be half of one"),
        ("open.csv", (HEADER + GOOD)[:-1].encode("utf-16"), 2, "so it may be half of one"),
        ("open.csv", b"<html>sign in", 2, "a web page, not an export"),
        ("open.csv.gz", gzip.compress((HEADER + GOOD)[:-1].encode()), 0, ""),
        ("open.csv.gz", gzip.compress((HEADER + GOOD)[:-1].encode())[:-1], 2, "damaged or cut short"),
        ("open.jsonl", JSON, 0, DOUBTED),
        ("open.jsonl", JSON + b"\n" + JSON[:-20], 3, DOUBTED),
        ("open.json", b"[" + JSON + b"]", 0, ""),
        ("open.json", b"[" + JSON, 2, "cut"),
        ("open.json", b'{"orders": [' + JSON + b"]}", 0, ""),
        ("open.json", b'{"page": {"orders": [' + JSON + b"]}}\n", 0, ""),
        ("open.json", b'{"orders": [' + JSON + b']}\n{"orders": [' + JSON.replace(b"A1", b"A2") + b"]}", 0, DOUBTED),
        ("open.json", JSON[:-1] + b', "items": [{"id": "1"}]}', 0, DOUBTED),  # it may be the first of several lines
        ("orders.csv", (HEADER + GOOD)[:-1].encode(), 0, ""),
        ("short.csv", (HEADER + GOOD).encode(), 2, "broke off before the end of the file"),
        ("chunks.csv", b"", 2, "broke off before the end of the file"),
        ("circle.csv", b"", 2, "leads on from one address to the next, and to no file"),
        ("astray.csv", b"", 2, "gave no answer to go by, to a request to read (NonHttpUrlRedirectClientError)"),
    ],
)
def test_half_a_file_is_never_taken_for_a_whole_one(
    place: Place, tmp_path: Path, run: Callable[..., Ran], name: str, body: bytes, code: int, said: str
) -> None:
    with web_store(tmp_path) as store:
        store.put(name, body)
        ran = run("check", store / name, "-m", place.mapping)
    assert (ran.code, said in ran.err) == (code, True), ran.err
    assert "no such file" not in ran.err
    assert (DOUBTED in ran.err) == (said == DOUBTED)


def test_a_signal_ends_the_wait_for_a_file(place: Place, tmp_path: Path) -> None:
    with web_store(tmp_path) as store:
        store.put("endless.csv", b"x" * 1_000_000)
        running = place.start("check", store / "endless.csv", "-m", place.mapping)
        assert Answers.asked.wait(120)
        _, err = ended_by_signals(running, signal.SIGTERM)
        assert (running.returncode, err.splitlines()[0]) == (143, "backfill: interrupted by SIGTERM")
        assert len(err.splitlines()) == 2  # and the command that goes on


def test_a_server_on_the_web_must_be_the_one_that_it_says(place: Place, tmp_path: Path) -> None:
    with web_store(tmp_path, secure=True) as store:
        store.put("orders.csv", (HEADER + GOOD).encode())
        words, fresh = ("check", store / "orders.csv", "-m", place.mapping), {"PYTHONUTF8": "1"}  # a new interpreter
        known = place.command(*words, **fresh, **store.env)
        assert known.returncode == 0, known.stderr
        stranger = place.command(*words, **fresh)
        assert (stranger.returncode, "SSLCertVerificationError" in stranger.stderr) == (2, True)


# -- names -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://host/x.csv", "can't be opened; name a file, or a URL that begins with s3://, gs://"),
        ("s3://key:hunter2@bucket/x.csv", "holds a password"),
        ("sftp://me:hunter2@host/x.csv", "BACKFILL_SFTP_PASSWORD"),
        ("https://me:hunter2@host/x.csv?sig=hunter2", "~/.netrc"),
        ("http://example.com/x.csv", "unencrypted"),
        ("s3://bucket", "names no file"),
        ("s3://bucket/folder/", "names no file"),
        ("s3:///x.csv", "names no file"),
        ("https://host?x.csv", "names no file"),
        ("https://host:99999/x.csv", "names a port that is none"),
        ("sftp://me@host:ssh/x.csv", "names a port that is none"),
        ("https://host/x.csv?***", "printed without what is behind the ?"),
    ],
)
def test_a_url_that_can_not_be_opened_is_refused(url: str, why: str) -> None:
    with pytest.raises(UsageError) as refused:
        RemotePath.of(url)
    assert why in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("orders.csv", "orders.csv"),
        ("s3://bucket/a?b#c.csv", "s3://bucket/a?b#c.csv"),  # characters of a key
        ("https://host/x.csv", "https://host/x.csv"),
        ("https://host/x.csv?a=1&sig=2 3", "https://host/x.csv?***"),
        ("contacts=HTTPS://host/x.csv?sig=1", "contacts=HTTPS://host/x.csv?***"),
        ("--lookup=c=https://me:pw@host/x.csv?sig=1", "--lookup=c=https://me:***@host/x.csv?***"),
        ("sftp://me:pw@host/x.csv", "sftp://me:***@host/x.csv"),
        ("sftp://me@host:22/x.csv", "sftp://me@host:22/x.csv"),
    ],
)
def test_what_may_be_secret_in_a_word_is_masked(word: str, shown: str) -> None:
    assert masked(word) == shown


def test_a_path_names_files_next_to_it() -> None:
    path = RemotePath.of("s3://bucket/a/orders.v1.csv")
    assert (path.name, path.stem, path.suffix) == ("orders.v1.csv", "orders.v1", ".csv")
    assert str(path.with_name("x.csv")) == "s3://bucket/a/x.csv"
    assert str(RemotePath.of("s3://bucket/orders.csv").with_suffix(".xlsx")) == "s3://bucket/orders.xlsx"
    assert (
        str(next_path(RemotePath.of("sftp://me@host/a/orders.rejects-2.csv")))
        == "sftp://me@host/a/orders.rejects-3.csv"
    )
