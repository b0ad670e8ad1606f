"""What programs, pages and spreadsheets leave in cells, and what was meant, where that is plain; all is counted."""

import html
import json
import re

# What was found, as the report says it: "column Id: 12 cells (first in row 7) " and then this.
GUARDED = 'had a spreadsheet\'s guard (="0123", or an apostrophe before a number), which was taken off'
QUOTES = "had quotes around them, which were taken off"
NOTHING = "hold what a program writes for nothing (such as NULL, nan, undefined or #N/A), and count as empty"
ENTITIES = "had HTML entities (such as &amp;), which were decoded"
HIDDEN = "had invisible characters inside, which were taken off"
CUT_PHONES = "are phone numbers that a spreadsheet has cut (such as 4.479E+11), and were left out; export again"
FLOAT_PHONES = "are phone numbers with a .0 behind, as a spreadsheet writes numbers, which was taken off"
SEVERAL = "hold several values, of which the first was taken"
ZEROS = "had lost zeros in front, as a spreadsheet takes them off numbers, which were put back"
GROUPED_IDS = "are ids with thousands commas or the like, as a spreadsheet writes numbers, which were taken off"
OBJECTS = "are objects or lists of JSON, and were left out; name what is in them, such as phones.0"
FINDINGS = (
    HIDDEN,
    ENTITIES,
    GUARDED,
    QUOTES,
    FLOAT_PHONES,
    CUT_PHONES,
    OBJECTS,
    NOTHING,
)  # of a field's cells, in the order they are said

# Characters that nobody sees: joiners, directions, byte order marks, fillers, selectors of a variant, tags. They come
# along with what is copied from a page.
_UNSEEN = [
    *(0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010)),
    *(*range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0),
    *(*range(0xFFF9, 0xFFFC), 0xE0001, *range(0xE0020, 0xE0080), *range(0xE0100, 0xE01F0)),
]
INVISIBLE: dict[int, None] = dict.fromkeys(_UNSEEN)
# Every blank that Unicode has, and every character that has no shape.
BLANKS = "".join([*filter(str.isspace, map(chr, range(0x3001))), *map(chr, INVISIBLE), "\u2800"])

# What Excel, LibreOffice and Google write for an error, in each language that has its own words for it.
_ERRORS = (
    "#N/A", "#N/D", "#N/D!", "#N/B", "#NV", "#I/T", "#I/U", "#Н/Д", "#YOK", "#BRAK", "#FALTA!", "#SAKNAS!", "#PUUTTUU!",
    "#HIÁNYZIK", "#N/DISP", "#Δ/Υ", "#NENÍ_K_DISPOZICI", "#IKKE.TILGJENGELIG", "#REF!", "#REF", "#BEZUG!", "#¡REF!",
    "#RIF!", "#VERW!", "#REFERENS!", "#REFERENCE!", "#VIITTAUS!", "#ADR!", "#ODKAZ!", "#HIV!", "#ССЫЛКА!", "#BAŞV!",
    "#ΑΝΑΦ!", "#VALUE!", "#WERT!", "#VALEUR!", "#¡VALOR!", "#VALOR!", "#VALORE!", "#WAARDE!", "#VÄRDEFEL!", "#VÆRDI!",
    "#VERDI!", "#ARVO!", "#ARG!", "#HODNOTA!", "#ÉRTÉK!", "#ЗНАЧ!", "#DEĞER!", "#ΤΙΜΗ!", "#NAME?", "#NOM?", "#¿NOMBRE?",
    "#NOMBRE?", "#NOME?", "#NAAM?", "#NAMN?", "#NAVN?", "#NIMI?", "#NAZWA?", "#NÁZEV?", "#NÁZOV?", "#NÉV?", "#ИМЯ?",
    "#AD?", "#ΟΝΟΜΑ?", "#DIV/0!", "#DIV/0", "#¡DIV/0!", "#DEEL/0!", "#DIVISION/0!", "#JAKO/0!", "#DĚLENÍ_NULOU!",
    "#DELENIENULOU!", "#ZÉRÓOSZTÓ!", "#ДЕЛ/0!", "#SAYI/0!", "#NUM!", "#ZAHL!", "#NOMBRE!", "#¡NUM!", "#NÚM!", "#GETAL!",
    "#OGILTIGT!", "#LUKU!", "#LICZBA!", "#ČÍSLO!", "#SZÁM!", "#ЧИСЛО!", "#SAYI!", "#ΑΡΙΘ!", "#NULL!", "#¡NULO!",
    "#NULO!", "#NULLO!", "#NUL!", "#LEEG!", "#SKÄRNING!", "#TYHJÄ!", "#ZERO!", "#NULLA!", "#ПУСТО!", "#BOŞ!", "#ΚΕΝΟ!",
    "#SPILL!", "#ÜBERLAUF!", "#CALC!", "#KALK!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#GETTING_DATA",
    "#ERROR!", "#NOT_FOUND!", "#PYTHON!", "#BUSY!", "#EXTERNAL!", "Err:502", "Err:504", "Err:508", "Err:509", "Err:511",
    "Err:512", "Err:519", "Err:520", "Err:522", "Err:523",
)  # fmt: skip
# Null, Nan and None with one capital are people's names as well; None alone is also what Python writes.
_WORDS = (
    "NULL", "null", "(null)", "(NULL)", "[null]", "<null>", "<NULL>", "\\N", "nan", "NaN", "-nan", "None", "nil",
    "undefined", "[undefined]", "NaT", "<NA>", "N/A", "n/a", "none", "(none)", "(not set)", "[object Object]",
    "(blank)", "-", "--", "---", "–", "—",
)  # fmt: skip
_ZERO_DATES = (
    "0000-00-00", "0000/00/00", "00/00/0000", "00-00-0000", "00.00.0000", "00/00/00", "0001-01-01", "01.01.0001",
    "1/1/0001", "01/01/0001",
)  # fmt: skip
_ZERO_CLOCKS = (
    "", " 00:00", " 00:00:00", "T00:00:00", "T00:00:00Z", "T00:00:00.000Z", " 00:00:00 UTC", " 00:00:00.000",
    " 00:00:00.000000", "T00:00:00+00:00", " 12:00:00 AM",
)  # fmt: skip
_ZEROS = (day + clock for day in _ZERO_DATES for clock in _ZERO_CLOCKS)
_ERROR_WORDS = frozenset((*_ERRORS, *map(str.lower, _ERRORS), *("#" * n for n in range(2, 64))))
NOTHINGS = frozenset((*_ERROR_WORDS, *_WORDS, *_ZEROS))

GUARDS = ("'", "=")  # every guard begins with one of them
_guard = re.compile(
    r'="(?P<quoted>(?:[^"]|"")*)"|=(?=[-+]?[0-9]+$)(?P<bare>.*)|\'(?=[-+=@0-9])(?P<marked>.*)', re.DOTALL
).fullmatch
_entity = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,31}[0-9]{0,2});")
NAMELESS = ("undefined", "null", "NULL", "#N/A", "nan nan", "NaN NaN", "None None")  # in a name of which parts lack
NAMELESS_MARKS = ("#", "/", "- -")  # what errors, N/A and names of dashes have, of which most columns have none
_nameless = re.compile(r"(?<!\S)(?:undefined|null|NULL|\(null\)|#N/A|N/A|n/a)(?!\S)")
# 5.40E+12, 4,086918E+02, 5E+12, 5.4e12; a genuine id such as 12E4567 or 4086918E-0001 has neither a point nor a plus.
_cut = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]*[eE][+-]?|[eE]\+)[0-9]+").fullmatch
# No phone number is written as 4479E8 is; an id may be.
CUT_PHONE = "[+-]?[0-9]+(?:[.,][0-9]*)?[eE][+-]?[0-9]{1,3}"
_cut_phone = re.compile(CUT_PHONE).fullmatch
# The same with thousands commas and the like, as a spreadsheet's format for numbers has it: 1,234,567.00, 1.234.567,00.
GROUPED_FLOAT = (
    r"[1-9][0-9]{0,2}(?:(?:,[0-9]{3})+\.|(?:\.[0-9]{3})+,|"
    "(?:['’\u00a0\u202f ][0-9]{3})+[.,])0+"
    r"|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}\.0+"
)
FLOAT = f"[0-9]+[.,]0+|{GROUPED_FLOAT}"  # a number with decimals, which are all 0
WHOLE_FLOAT = "[0-9]+[.,]0"  # as a program writes a whole number that it holds as a fraction
FLOAT_PART = f"{WHOLE_FLOAT}|[0-9]{{5,}}[.,]0+"  # of a phone number; 555.0000 is how some write the whole
_float_phone = re.compile(r"\+?[0-9]{5,}[.,]0+").fullmatch
# 12,34,567 is how India writes it.
# 1,234 and 1'234 are numbers that a spreadsheet has written; 1.234 may be a part of order 1, but 1.234.567 is none.
_grouped = re.compile(
    r"[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"
    r"|[1-9][0-9]{0,2}(?:(?P<by>[,'’\u00a0\u202f])[0-9]{3}(?:(?P=by)[0-9]{3})*"
    r"|(?P<of>[. ])[0-9]{3}(?:(?P=of)[0-9]{3})+)"
).fullmatch
GROUPS = ",'’\u00a0\u202f. "  # what separates groups of digits
_error = re.compile(r"#N/[AD]|#NV|#GETTING_DATA|#[¡¿]?[^\W\d_][\w/.]*[!?]|##+|Err:[0-9]{3}", re.IGNORECASE).fullmatch


def trim(text: str) -> str:
    """A text without blanks and invisible characters at its ends."""
    return text.strip() if text.isascii() else text.strip(BLANKS)


def unguarded(text: str) -> str:
    """A trimmed text without what keeps a spreadsheet from reading it as a number: ="0123" and '0123 are 0123."""
    while text[:1] in GUARDS and (found := _guard(text)):
        text = trim((found["quoted"] or "").replace('""', '"') or found["bare"] or found["marked"] or "")
    return text


def revealed(text: str) -> str:
    """A text without characters that nobody sees."""
    return text if text.isascii() else text.translate(INVISIBLE)


def decoded(text: str) -> str:
    """A text whose HTML entities are characters, also where it was encoded twice."""
    made = text
    for _ in range(3):
        if not _entity.search(made):
            break
        made = _entity.sub(lambda found: html.unescape(found[0]), made)
    return text if made == text else trim(made)


def named(text: str) -> str:
    """A name without the words that programs put where a part of it was missing."""
    if not any(word in text for word in (*NAMELESS, *NAMELESS_MARKS)):
        return text
    words, kept = text.split(), [word for word in _nameless.sub(" ", text).split() if not is_error(word)]
    if all(word in NOTHINGS for word in kept):
        return ""
    return text if kept == words else " ".join(kept)


def unquoted(text: str) -> str:
    """An address without the apostrophes that a spreadsheet or a mail program has put around it."""
    return text.strip("'")


def is_formula(text: str) -> bool:
    """Whether it is a spreadsheet's formula; a guard is none."""
    return text[:1] == "=" and unguarded(text) == text


def is_cut(text: str) -> bool:
    """Whether a spreadsheet wrote it as a number in scientific notation, and lost its digits."""
    return _cut(text) is not None


def is_cut_phone(text: str) -> bool:
    """The same for a phone number."""
    return _cut_phone(text) is not None


def whole_phone(text: str) -> str:
    """A phone number without the .0 that a spreadsheet has added."""
    return text.replace(",", ".").partition(".")[0] if _float_phone(text) else text


def is_error(text: str) -> bool:
    """Whether a spreadsheet wrote it for an error, in any language."""
    return _error(text) is not None or text in _ERROR_WORDS


_object = re.compile(r"\{|\[\s*(?:[\[{\"\]]|[0-9.]+\s*,)").match


def is_object(text: str) -> bool:
    """Whether it is an object or a list of JSON."""
    if not _object(text):  # [1001] may be an id
        return False
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def ungrouped(text: str) -> str:
    """An id without thousands commas and the like."""
    return "".join(filter(str.isdigit, text)) if _grouped(text) else text
