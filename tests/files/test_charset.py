"""Encodings are recognised by words: Windows-1252, unless the words show another."""

from pathlib import Path

import pytest
from checking import MAPPING, Desk, orders

from backfill.files.charset import decided, guess

TIME = "2024-05-01T10:00:00Z"


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1252", "Müller"),
        ("cp1252", "Müller € 5"),
        ("cp1252", "Müller,Jörg Bäcker,Groß Ößling,Ärzte"),
        ("cp1252", "François Lefèvre,Hélène Cœur,Noël Gâteau,L’Été,Benoît,Loïc,Œuvre"),
        ("cp1252", "José Núñez,María Peña,Ángel Íñiguez,Calle nº 5,¿Qué?"),
        ("cp1252", "João Simões,Conceição,Antônio,Camões,Irmã,São Paulo,Nª Srª"),
        ("cp1252", "Nicolò,Niccolò D'Alì,Gesù,Libertà,Forlì"),
        ("cp1252", "Jørgen Sørensen,Åse Nygård,Bjørn Ærø,Håkon,Guðmundsdóttir,Þór"),
        ("cp1252", "MÜLLER,JOSÉ NÚÑEZ,FRANÇOIS"),
        ("cp1252", "Total £5,Straße ½,25 °C,m²,“quoted”,O’Brien,100 €"),
        ("mac_roman", "Müller,Jörg Bäcker,Groß Ößling,Käthe,Größe"),
        ("mac_roman", "François Lefèvre,Hélène,Noël Gâteau,Benoît"),
        ("mac_roman", "José Núñez,María Peña,Ángel Íñiguez"),
        ("mac_roman", "O’Brien,Müller,François,“Zoë”"),
        ("cp1250", "Łukasz Wójcik,Győző Őri,Žižka Němec"),
        ("cp1250", "Wiśniewski,Małgorzata Dąbrowska,Żółć"),
        ("cp1250", "Jiří Dvořák,Lukáš Černý,Růžička"),
        ("cp1250", "Szűcs,Erdős Pál,Vörösmarty,Szőllő"),
        ("cp1250", "Ştefan Ţepeş,Mădălina Ionică,Brâncuşi"),
        ("cp1250", "Đorđe Petrović,Šimić,Čović"),
        ("cp1250", "Ľubomír Kráľ,Peter Šťastný"),
        ("cp1250", "Müller,Jörg,Groß,Łukasz,Schröder"),
        ("cp1251", "Иван Петров,Мария Иванова,Сергей Кузнецов"),
        ("koi8_r", "Иван Петров,Мария Иванова,Сергей Кузнецов"),
        ("cp1253", "Γιώργος Παπαδόπουλος,Μαρία Νικολάου,Ελένη"),
        ("cp932", "田中太郎,さとう はなこ,スズキ"),
    ],
)
def test_words_show_the_encoding(encoding: str, text: str) -> None:
    sample = text.encode(encoding)
    assert guess(sample) == [encoding]
    assert decided(sample, encoding) == [cell for cell in text.split(",") if not cell.isascii()][:3]
    assert guess((sample + b"\n") * 200) == [encoding], "the same word often is one word"


@pytest.mark.parametrize(
    ("encoding", "text", "likely"),
    [
        ("mac_roman", "Müller", {"mac_roman", "cp1250"}),
        ("cp1252", "Tõnu Kõiv", {"cp1252", "cp1250"}),
        ("cp932", "田中太郎", {"cp932", "gb18030"}),
    ],
)
def test_two_equally_likely_encodings_are_asked_for(desk: Desk, encoding: str, text: str, likely: set[str]) -> None:
    mapping = MAPPING.replace("at}", "at, full_name: name}")
    data = {"orders.csv": f"id,email,total,at,name\n1,a@x.de,1,{TIME},{text}\n".encode(encoding)}
    assert set(guess(text.encode(encoding))) >= likely
    found = desk.check(data, mapping)
    assert found.code == 2 and "as likely; say which with --encoding NAME" in found.said
    assert all(name in found.said for name in likely)
    assert desk.check(data, mapping, encoding=encoding)["ready"] == 1


def test_a_byte_order_mark_comes_before_what_was_stated(desk: Desk) -> None:
    """A file that a spreadsheet saved again shows its encoding itself."""
    for mark in ("utf-8-sig", "utf-16"):
        assert desk.check({"orders.csv": orders(1).encode(mark)}, encoding="cp1252")["ready"] == 1
