"""Lookups: deals without an email are joined with their contacts."""

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from checking import Checked, Desk, write
from full_disk import little_room
from place import Place
from workbooks import workbook

from backfill.convert.lookup import open_lookups
from backfill.errors import MappingError, StateError
from backfill.fields.arrow import listed, texts_of
from backfill.mapping import load_text
from backfill.sandbox import SandboxThread

DEALS = "Deal,Contacts,Amount,Close\n"
CONTACTS = "Record ID,Email,First Name\n10,ann@example.com,Ann\n11,bob@example.com,Bob\n12,,Nobody\n"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def mapping(lookups: Any = None, fields: dict[str, Any] | None = None, **source: Any) -> str:
    made = {"order_id": "Deal", "email": "contacts.Email", "amount": "Amount", "event_time": "Close"}
    joined = lookups or {"contacts": {"on": ["Contacts", "Record ID"]}}
    event = {"event_name": "purchase", "fields": made | (fields or {})}
    return json.dumps({"mapping": 1, "name": "deals", "source": source, "lookups": joined, "events": [event]})


def deals(*contacts: str) -> str:
    return DEALS + "".join(f'{n},"{ids}",{n}.00,2024-05-01T10:00:00Z\n' for n, ids in enumerate(contacts, 1))


def joined_emails(tmp_path: Path, *contacts: str, text: str = CONTACTS, made: str | None = None) -> list[str]:
    """The emails that are joined to these cells of contacts."""
    (name,) = write(tmp_path, {"contacts.csv": text})
    with open_lookups(load_text(made or mapping(), "test.yaml"), {"contacts": [name]}) as (joined,):
        return [str(cell) for cell in listed(joined.join(texts_of(contacts))["contacts.Email"])]


def look(desk: Desk, *contacts: str, text: str | bytes = CONTACTS, made: str | None = None, **options: Any) -> Checked:
    (file,) = write(desk.folder, {"contacts.csv": text})
    lookups = options.pop("lookups", (("contacts", file),))
    return desk.check({"deals.csv": deals(*contacts)}, made or mapping(), lookups=lookups, **options)


@pytest.mark.parametrize(
    ("ids", "email"),
    [
        ("10", "ann@example.com"),
        (" 10 ", "ann@example.com"),
        ("11;10", "bob@example.com"),
        ("99; 10;11", "ann@example.com"),
        (";;11;", "bob@example.com"),
        ("12", ""),
        ("12;10", ""),  # the first that is found is taken, even if cells are empty: no other id is guessed
        ("99", ""),
        ("010", ""),
        ("1", ""),
        ("10,11", ""),
        ("", ""),
        (";", ""),
    ],
)
def test_the_first_id_that_is_found_is_taken(tmp_path: Path, ids: str, email: str) -> None:
    assert joined_emails(tmp_path, ids) == [email]


@pytest.mark.parametrize(
    ("damaged", "says"),
    [
        ("5.12346E+11", "scientific"),
        ("5,12346E+10", "scientific"),
        ("5E+11", "scientific"),
        ("#N/A", "nothing"),
        ("#REF!", "nothing"),
        ("NULL", "nothing"),
        ("-", "nothing"),
        ("12E4567", ""),  # an id
    ],
)
def test_an_id_that_lost_its_digits_finds_nobody(desk: Desk, damaged: str, says: str) -> None:
    """It is many people's, or none's: on either side, and among others in a cell."""
    text = CONTACTS + f'"{damaged}",eve@example.com,Eve\n'
    found = look(desk, "10", damaged, f"{damaged};11", text=text)
    assert found.codes == ({"2": "missing_identity"} if says else {})
    assert found["ready"] == (2 if says else 3)
    where = "column Contacts: 2 cells (first in row 2)"
    assert (where in found.said) == bool(says)
    assert (f"{where} are numbers in scientific notation" in found.said) == (says == "scientific")
    said = "lookup contacts: in 1 row Record ID is a number in scientific notation" in found.said
    assert said == (says == "scientific")


@pytest.mark.parametrize("written", ["10.0", "10.00", "1,007", "1,007.00"])
def test_an_id_that_a_spreadsheet_wrote_as_a_number_is_named_where_it_finds_nobody(desk: Desk, written: str) -> None:
    said = "column Contacts: 1 cell (first in row 2) is an id as a spreadsheet writes numbers"
    found = look(desk, "10", written)
    assert found.codes == {"2": "missing_identity"} and said in found.said
    assert said not in look(desk, "10", written, text=CONTACTS + f'"{written}",eve@example.com,Eve\n').said


@pytest.mark.parametrize("separator", ["|", "||", ".*", " + ", "\\", "[", ", "])
def test_another_separator_is_a_text_and_no_pattern(tmp_path: Path, separator: str) -> None:
    made = mapping({"contacts": {"on": ["Contacts", "Record ID"], "separator": separator}})
    emails = joined_emails(tmp_path, separator.join(("99", "11")), separator.join(("10", "11")), "10;11", made=made)
    assert emails == ["bob@example.com", "ann@example.com", ""]


def test_a_row_that_comes_again_changes_nothing_and_is_counted(tmp_path: Path) -> None:
    (name,) = write(tmp_path, {"contacts.csv": CONTACTS + "10,ann@example.com,Ann\n11,other@example.com,Bob\n"})
    with open_lookups(load_text(mapping(), "test.yaml"), {"contacts": [name]}) as (joined,):
        emails = listed(joined.join(texts_of(("10", "11", "10;11", "10;10", "99", "")))["contacts.Email"])
    assert emails == ["ann@example.com", "bob@example.com", "ann@example.com", "ann@example.com", "", ""]
    assert joined.counts == {"matched": 4, "unmatched": 1, "ambiguous": 2}


def test_what_was_joined_is_sent_and_what_was_not_is_a_reject(desk: Desk) -> None:
    found = look(desk, "10", "11;10", "99", "", made=mapping(fields={"first_name": "contacts.First Name"}))
    assert (found.code, found["ready"], found.codes) == (3, 2, {"3": "missing_identity", "4": "missing_identity"})
    assert "lookup contacts: 2 records found, 1 not found, 1 ambiguous (the first was taken)" in found.said
    own = [name for name in found.rejects[0] if not name.startswith("_")]  # without the marks
    assert own == DEALS.strip().split(",")  # the columns of the lookup are not the input's


def test_a_lookup_that_finds_every_contact_gives_no_warning(desk: Desk) -> None:
    found = look(desk, "10", "11", "10")
    assert (found.code, "lookup contacts:" in found.said) == (0, False)


def test_several_files_are_one_lookup(desk: Desk) -> None:
    more = write(desk.folder, {"more.jsonl": '{"Record ID": 20, "Email": "cleo@example.com"}\n', "c.csv": CONTACTS})
    found = look(desk, "20", "10", lookups=tuple(("contacts", name) for name in more))
    assert (found.code, found["ready"]) == (0, 2)


def test_a_file_of_another_encoding_and_delimiter_than_the_deals(desk: Desk) -> None:
    text = CONTACTS.replace(",", ";").replace("Ann", "Änn").encode("utf-16")
    assert look(desk, "10", "11", text=text)["ready"] == 2


@pytest.mark.parametrize("by", ["mapping", "option"])
def test_a_stated_encoding_is_used_for_a_lookup_whose_bytes_do_not_show_theirs(desk: Desk, by: str) -> None:
    fields = {"first_name": "contacts.First Name"}
    made = mapping(fields=fields, encoding="cp1253") if by == "mapping" else mapping(fields=fields)
    options = {"encoding": "cp1253"} if by == "option" else {}
    text = CONTACTS.replace("Ann", "Ελένη").replace("Bob", "Γιώργος")
    assert "a guess" not in look(desk, "10", "11", text=text.encode("cp1253"), made=made, **options).said
    assert look(desk, "10", "11", text=CONTACTS.replace("Ann", "Änn"), made=made, **options)["ready"] == 2


def test_the_sources_settings_reach_the_lookup(desk: Desk) -> None:
    made = mapping(
        fields={"phone": "contacts.Phone"},
        aliases={"contacts.Email": ["E-Mail"]},
        optional=["contacts.Phone"],
        empty=["NULL"],
    )
    found = look(desk, "10", "11", "12", text="Record ID,E-Mail\n10,NULL\n11,bob@example.com\nNULL,x@y.zz\n", made=made)
    assert (found["ready"], found.codes) == (1, {"1": "missing_identity", "3": "missing_identity"})
    assert "1 not found" in found.said


def test_where_and_groups_see_joined_columns(desk: Desk) -> None:
    made = json.loads(mapping(group_by="Deal", sum=["Amount"]))
    made["where"] = {"contacts.First Name": ["Ann"]}
    (contacts,) = write(desk.folder, {"contacts.csv": CONTACTS})
    rows = DEALS + "1,10,1.00,2024-05-01T10:00:00Z\n1,,2.00,\n2,11,4.00,2024-05-01T10:00:00Z\n"
    found = desk.check({"deals.csv": rows}, json.dumps(made), lookups=(("contacts", contacts),))
    assert (found["ready"], found["without_event"], found["amount"]) == (1, 1, {"ready": "3.00"})


def test_a_lookup_may_use_a_column_of_another(desk: Desk) -> None:
    made = mapping(
        {"contacts": {"on": ["Contacts", "Record ID"]}, "firms": {"on": ["contacts.Firm", "Id"]}},
        {"full_name": "firms.Name"},
    )
    names = write(desk.folder, {"c.csv": "Record ID,Email,Firm\n10,ann@example.com,7\n", "f.csv": "Id,Name\n7,Acme\n"})
    found = look(desk, "10", made=made, lookups=tuple(zip(("contacts", "firms"), names, strict=True)))
    assert found["ready"] == 1


@pytest.mark.parametrize(
    ("made", "part"),
    [
        (mapping({"firms": {"on": ["contacts.Firm", "Id"]}, "contacts": {"on": ["Contacts", "Record ID"]}}), "above"),
        (mapping(group_by="contacts.Email"), "must be one of the export itself"),
        (mapping(group_by="Deal", sum=["contacts.Amount"]), "must be one of the export itself"),
    ],
)
def test_what_can_not_be_joined_in_time(made: str, part: str) -> None:
    with pytest.raises(MappingError, match=part):
        load_text(made, "test.yaml")


@pytest.mark.parametrize(
    ("lookups", "text", "part"),
    [
        ((), CONTACTS, "joins contacts; name its export with --lookup contacts=FILE"),
        ((("people", "contacts.csv"),), CONTACTS, "--lookup contacts=FILE"),
        ((("contacts", "contacts.csv"), ("firms", "contacts.csv")), CONTACTS, "it has contacts"),
        ((("contacts", "absent.csv"),), CONTACTS, "absent.csv: no such file"),
        ((("contacts", "contacts.csv"),) * 2, CONTACTS, "named twice"),
        ((("contacts", "contacts.csv"),), "", "0 bytes"),
        ((("contacts", "contacts.csv"),), "Record Id,E-mail\n1,a@b.cc\n", "'Email' (near: 'E-mail')"),
        ((("contacts", "contacts.jsonl"),), '{"Record ID": 1, "Mail": "x"}\n', "'Email' (near: 'Mail')"),
    ],
)
def test_a_lookup_that_can_not_be_used(
    desk: Desk, lookups: tuple[tuple[str, str], ...], text: str, part: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(desk.folder, {"contacts.csv": text, "contacts.jsonl": text})
    monkeypatch.chdir(desk.folder)
    found = look(desk, "10", text=text, lookups=lookups)
    assert (found.code, part in found.said, found.said.count("\n")) == (2, True, 1), found.said


def test_rows_that_can_not_be_read_are_reported_once(desk: Desk) -> None:
    found = look(desk, "10", "11", text=CONTACTS + "13,too,many,cells\n14\n")
    assert (found.code, found["ready"]) == (0, 2)
    assert found.said.count("lookup contacts: 2 rows can't be read and are left out") == 1


def test_many_contacts_take_no_memory(tmp_path: Path) -> None:
    rows = "".join(f"{n},p{n}@example.com,Somebody with a rather long name\n" for n in range(12_000))
    (name,) = write(tmp_path, {"contacts.csv": "Record ID,Email,First Name\n" + rows})
    made = load_text(mapping(fields={"first_name": "contacts.First Name"}), "test.yaml")
    read = []
    for text in (rows[: len(rows) // 2], rows):
        write(tmp_path, {"contacts.csv": "Record ID,Email,First Name\n" + text})
        tracemalloc.start()
        with open_lookups(made, {"contacts": [name]}) as (joined,):
            read.append(tracemalloc.get_traced_memory()[0])
            assert joined.join(texts_of(("5999",)))["contacts.Email"][0].as_py() == "p5999@example.com"
        tracemalloc.stop()
    assert read[1] - read[0] < 200_000


def test_the_private_file_has_no_name_from_the_start_and_ends_with_one_sentence_where_it_is_full(
    tmp_path: Path,
) -> None:
    rows = "".join(f"{n},p{n}@example.com,Somebody with a rather long name\n" for n in range(60_000))
    (name,) = write(tmp_path, {"contacts.csv": "Record ID,Email,First Name\n" + rows})
    made = load_text(mapping(fields={"first_name": "contacts.First Name"}), "test.yaml")
    with open_lookups(made, {"contacts": [name]}) as (joined,):
        assert joined.db.execute("PRAGMA database_list").fetchone()[2] == ""
    full = pytest.raises(StateError, match="temporary file can't be written")
    with full, little_room(), open_lookups(made, {"contacts": [name]}):
        raise AssertionError("all of it was written")


def test_the_command_that_goes_on_names_the_lookup(place: Place) -> None:
    file, contacts = write(place.folder, {"deals.csv": deals("10", "99", "11"), "contacts.csv": CONTACTS})
    (place.folder / "deals.yaml").write_text(mapping())
    with SandboxThread(keys=("sandbox",)) as sandbox:
        given = {"mapping": str(place.folder / "deals.yaml"), "lookups": (("contacts", contacts),)}
        found = place.upload(sandbox.url, file, **given)
        assert found["accepted"] == 2
        assert f"--lookup contacts={contacts}" in found["resume"]
        repaired = Path(found["rejects_file"])
        repaired.write_text(repaired.read_text().replace(",99,", ",10,", 1).replace('"99"', '"10"'))
        again = place.upload(sandbox.url, str(repaired), **given)
        assert (again["exit_code"], again["accepted"]) == (0, 1)
        assert {e.body["email"] for e in sandbox.events} == {"ann@example.com", "bob@example.com"}


def test_a_workbook_of_several_sheets_that_fit_is_to_be_left_with_one(desk: Desk) -> None:
    """The option that names a sheet names the input's."""
    rows = [("Record ID", "Email", "First Name"), ("10", "ann@example.com", "Ann")]
    names = write(desk.folder, {"contacts.xlsx": workbook(rows, "A", more={"B": rows})})
    found = desk.check({"deals.csv": deals("10")}, mapping(), lookups=(("contacts", names[0]),))
    assert found.code == 2 and "the sheets A, B all fit; leave that one alone in the file" in found.said
