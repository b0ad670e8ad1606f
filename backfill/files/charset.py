"""Charset: which encoding text is in that is not UTF-8, judged by the words that hold its bytes beyond ASCII.

A word speaks for an encoding in which it is one of a language, or of a script; against one in which it has signs within
it, or capitals after small letters. Windows-1252 is what most programs write: another one takes words that speak for it
and that nobody would write in Windows-1252.
"""

import re
import unicodedata

USUAL = "cp1252"
_MOST = 2_000  # words that are judged
_ENOUGH = 40  # bytes beyond ASCII in which a detector can distinguish one script from another

_LANGUAGES = {
    "cp1252": (
        *("äöüßéàè", "éèêëàâîïôùûüÿçœæ", "áéíóúüñç", "ãõáàâéêíóôúüç", "àèéìíòóù"),
        *("åäöéüšž", "æøåéä", "þðæöáéíóúý", "ëéèïöüê"),
    ),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž", "äöüßé", "çë"),
}  # fmt: skip
_LANGUAGES["mac_roman"] = _LANGUAGES["cp1252"]
_SCRIPTS = {"cp1251": "CYRILLIC", "koi8_r": "CYRILLIC", "cp866": "CYRILLIC", "cp1253": "GREEK", "cp1255": "HEBREW"}
_COMMON = {"CYRILLIC": "оеаинтсрвлкмя", "GREEK": "αοιετσνηυρπκςμλάόίέήύώ", "HEBREW": "יוהלרמאתבשנ"}
_WIDE = ("cp932", "gb18030", "cp949", "big5")
_IDEOGRAPHS = ("CJK", "HIRAGANA", "KATAKANA", "HANGUL", "FULLWIDTH")
_EDGES = "’‘‚“”„‹›«»–—…€®©™°\u00a0§¿¡•·"  # what may be at a word's end, or between two
_MID = re.compile(f"[{_EDGES}'´`]+")
_word = re.compile(rb"[A-Za-z\x80-\xff]+")
_controls = re.compile(rb"[\x00-\x08\x0e-\x1f]").findall
_cell = re.compile(rb"[^,;\t|\r\n]+")


def guess(sample: bytes) -> list[str]:
    """The encoding that the sample is in, or several that are as likely. The sample has bytes that are not UTF-8."""
    if len(_controls(sample)) * 100 > len(sample):
        return [USUAL]  # it is no text in any encoding
    words = list(dict.fromkeys(word for word in _word.findall(sample) if not word.isascii()))[:_MOST]
    usual = [_latin(word, USUAL) for word in words]
    if sum(score == 0 for score in usual) * 2 > len(words) and (found := _scripts(sample, words)):
        return found
    balances = {name: _balance(words, usual, name) for name in ("cp1250", "mac_roman")}
    best = max(balances, key=lambda name: balances[name][0] - balances[name][1])
    likely, against, impossible = balances[best]
    if likely < 0.5 or likely <= against:
        return [USUAL]
    rivals = [name for name, one in balances.items() if name != best and one[0] - one[1] >= likely - against - 0.25]
    if rivals:
        return [best, *rivals]
    return [best] if impossible and likely >= 4 * against else [USUAL, best]


def _balance(words: list[bytes], usual: list[float], name: str) -> tuple[float, float, bool]:
    """What speaks for an encoding, what for the usual one, and whether a word can't be in the usual one."""
    likely = against = 0.0
    impossible = False
    for word, score in zip(words, usual, strict=True):
        if word.decode(name, "replace") != word.decode(USUAL, "replace"):
            more = _latin(word, name) - score
            likely, against = likely + max(more, 0), against + max(-more, 0)
            impossible |= score == 0 < more
    return likely, against, impossible


def _latin(word: bytes, name: str) -> float:
    """How a word reads: 1 as one of a language, 0.5 as letters of several, 0 as none."""
    text = None if _long_run(word) else text_in(word, name)
    if not text:
        return 0
    parts = (part for part in _MID.split(text) if not part.isascii())
    return min((1 if _is_sign(part) else _natural(part, _LANGUAGES[name]) for part in parts), default=1)


_long_run = re.compile(rb"[\x80-\xff]{4}").search  # no word of these languages
_is_sign = re.compile(r"[^\w\s]+|[½¼¾¹²³ªº]+|[A-Za-z]{1,2}[ªº²³]").fullmatch  # £, nº, m²


def _natural(word: str, languages: tuple[str, ...]) -> float:
    if not word.isalpha() or not _cased(word) or _misplaced(word.lower()):
        return 0
    letters = {letter for letter in word.lower() if letter > "\x7f"}
    if any(letters <= set(language) for language in languages) and not re.search("õ[^e]", word.lower()):
        return 1
    return 0.5 if letters <= set("".join(languages) + "ý") else 0


def _cased(word: str) -> bool:
    """Whether no capital, except a plain one as in DiCaprio, comes after the beginning of a word in small letters."""
    return word.isupper() or all(letter.isascii() or not letter.isupper() for letter in word[1:])


# Grave letters of Italian end a word, a Portuguese õ is before e, no vowel before æ, and never three in a row.
_misplaced = re.compile(r"ì\w|ù\w\w|õ$|õ.*õ|[aeiou]æ|[^\x00-\x7f]{3}").search


def _scripts(sample: bytes, words: list[bytes]) -> list[str]:
    """Encodings of other scripts in which most words, or all of the text, are in one."""
    scores = {name: sum(_in_script(word, name) for word in words) / len(words) for name in _SCRIPTS}
    found = [name for name, score in scores.items() if score >= 0.8]
    found += [name for name in _WIDE if _ideographic(sample, name)]
    if "cp932" in found and any(_is_in(letter, ("HIRAGANA", "KATAKANA")) for letter in sample.decode("cp932")):
        return ["cp932"]
    if len(found) > 1 and sum(byte > 0x7F for byte in sample) >= _ENOUGH:
        import charset_normalizer  # few files are anything but UTF-8, and it takes a while to load

        matches = charset_normalizer.from_bytes(sample, cp_isolation=found)
        if (best := matches.best()) is not None and best.encoding in found:
            return [best.encoding]
    return found


def _in_script(word: bytes, name: str) -> bool:
    letters = _MID.sub("", text_in(word, name) or "")
    common = sum(letter in _COMMON[_SCRIPTS[name]] for letter in letters.lower())
    return 2 * common >= len(letters) > 0 and _cased(letters) and all(_is_in(one, (_SCRIPTS[name],)) for one in letters)


def _ideographic(sample: bytes, name: str) -> bool:
    text = text_in(sample, name)
    if text is None:
        return False
    wide = [letter for letter in text if letter > "\x7f"]
    mixed = re.findall(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]", text)
    return sum(_is_in(letter, _IDEOGRAPHS) for letter in wide) >= 0.9 * len(wide) >= 4.5 * len(mixed)


def text_in(written: bytes, name: str) -> str | None:
    """The text in an encoding, or None where it is none."""
    try:
        return written.decode(name)
    except UnicodeDecodeError:
        return None


def _is_in(letter: str, scripts: tuple[str, ...]) -> bool:
    return unicodedata.name(letter, "").startswith(scripts)


def decided(sample: bytes, encoding: str, most: int = 3) -> list[str]:
    """Cells that the guess decides, as they read."""
    cells = dict.fromkeys(cell.strip(b" \"'") for cell in _cell.findall(sample) if not cell.isascii())
    shown: dict[str, None] = {}
    for cell in cells:
        if len(text := cell.decode(encoding, "replace")) <= 40:
            shown[text] = None
        if len(shown) == most:
            break
    return list(shown)
