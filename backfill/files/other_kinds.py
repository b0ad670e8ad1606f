"""Other kinds of files than exports, by their first bytes or by what is in them."""

import codecs
import re

from backfill.errors import SourceError
from backfill.files.part import Part

_NO_EXPORT = {
    b"%PDF": "a PDF; an export is needed as CSV or JSON lines",
    b"SQLite format 3": "a database; an export is needed as CSV or JSON lines",
    b"PAR1": "a Parquet file; an export is needed as CSV or JSON lines",
    b"\x89PNG": "a picture; an export is needed as CSV or JSON lines",
    b"\xff\xd8\xff": "a picture; an export is needed as CSV or JSON lines",
    b"GIF8": "a picture; an export is needed as CSV or JSON lines",
    b"{\\rtf": "a text document; an export is needed as CSV or JSON lines",
    b"PK\x05\x06": "a zip with no file in it",
    b"PK\x07\x08": "one piece of a zip in several; put them together first",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive; unpack it first",
    b"Rar!": "a RAR archive; unpack it first",
}
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
ARCHIVES = {  # zips that are no archives, by the members that identify them
    "xl/workbook.bin": "a binary Excel workbook; save it as .xlsx",
    "[Content_Types].xml": "an Office document; an export is needed as CSV or JSON lines",
    "META-INF/manifest.xml": "an OpenDocument file; save it as .xlsx or CSV",
    "Index/Document.iwa": "an Apple Numbers or Pages file; export it as CSV",
}
WORKBOOK = "xl/workbook.xml"  # a zip that has it is a workbook
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # what such a file has in it where it is a workbook with a password


def refuse_other_kinds(part: Part, head: bytes) -> None:
    """Raise SourceError where a part begins as what is no export."""
    if head.startswith(_OLD_OFFICE):
        raise SourceError(f"{part.label}: {_old_office(part)}")
    for magic, kind in _NO_EXPORT.items():
        if head.startswith(magic):
            raise SourceError(f"{part.label}: {kind}")
    start = head.removeprefix(codecs.BOM_UTF8).lstrip()[:200].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<body", b"<meta", b"<div", b"<!--")):
        raise SourceError(f"{part.label}: a web page, not an export (a sign-in page, perhaps); export it again")
    if part.member is not None and head.startswith(_PACKED):
        raise SourceError(
            f"{part.label}: an archive within an archive; unpack {part.path.name}, and give what is in it"
        )
    if re.match(rb"<[?a-z][^,;\t]*>", start):
        raise SourceError(f"{part.label}: an XML file; an export is needed as CSV or JSON lines")


def _old_office(part: Part) -> str:
    with part.binary() as stream:
        before = b""
        while block := stream.read(1 << 20):
            if _ENCRYPTED in before + block:
                return "a workbook protected by a password; save it without one"
            before = block[-len(_ENCRYPTED) :]
    return "an old Excel workbook (.xls) or other Office file; save it as .xlsx or CSV"
