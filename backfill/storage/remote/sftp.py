"""A new file on an SSH server: it is written aside, and then given its name, which fails where that is taken."""

import secrets
from pathlib import Path
from typing import Any

import asyncssh
from fsspec.asyn import sync

_BLOCK = 1 << 20  # bytes that are sent at once


def create_by_link(system: Any, name: str, source: Path, replacing: bool) -> None:
    """Write a private file next to it, and give that the name, which fails where the name is taken."""
    folder, slash, _ = name.rpartition("/")
    aside = f"{folder}{slash}.backfill-{secrets.token_hex(8)}"
    sync(system.loop, _linked, system.client, name, aside, source, replacing)


async def _linked(client: Any, name: str, aside: str, source: Path, replacing: bool) -> None:
    async with client.start_sftp_client() as sftp:
        private = asyncssh.SFTPAttrs(permissions=0o600)
        try:
            async with sftp.open(aside, "xb", attrs=private) as file:
                with source.open("rb") as data:
                    while block := data.read(_BLOCK):
                        await file.write(block)
            if replacing:
                await sftp.posix_rename(aside, name)
                return
            try:
                await sftp.link(aside, name)
            except asyncssh.SFTPOpUnsupported:
                await sftp.rename(aside, name)  # which takes no other file's place in the protocol's version 3
        except asyncssh.SFTPFailure:
            if not replacing and await sftp.lexists(name):
                raise FileExistsError(name) from None
            raise
        finally:
            if await sftp.lexists(aside):
                await sftp.unlink(aside)
