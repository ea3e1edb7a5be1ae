"""Judge whether a word with letters beyond ASCII looks like a word, or like bytes in the wrong encoding."""

import re
import unicodedata

from contact_import.domain.lazy_pattern import compile_lazily

# The letters beyond ASCII of languages in Latin script. A word has those of only one language.
_ALPHABETS = tuple(
    map(
        frozenset,
        (
            "àâæçéèêëîïôœùûüÿ",  # French
            "äöüßé",  # German
            "áéíïñóúüç",  # Spanish, Catalan
            "àáâãçéêíòóôõúü",  # Portuguese
            "àèéìíòóù",  # Italian
            "åäæöøéüô",  # Swedish, Danish, Norwegian
            "áæðéíóöúýþ",  # Icelandic
            "áéëïíóöúüèê",  # Dutch
            "áéíóúàèìòù",  # Irish, Scottish
            "ąćęłńóśźż",  # Polish
            "áčďéěíňóřšťúůýžäĺľŕô",  # Czech, Slovak
            "áéíóöőúüű",  # Hungarian
            "čćđšž",  # Croatian, Slovene, Serbian
            "ăâîșşțţ",  # Romanian
            "çğıöşüâîû",  # Turkish
            "äõöüšž",  # Estonian, Finnish
        ),
    )
)
_OPENING_APOSTROPHE, _APOSTROPHE = "\u2018", "\u2019"
_GREEK_ACCENTS = frozenset("άέήίόύώ")
_TOO_MANY_CONSONANTS = compile_lazily("[бвгджзйклмнпрстфхцчшщ]{5}")


def is_latin_word(word: str) -> bool:
    """Return whether a word is one of a language in Latin script: `José`, and neither `JosŽ` nor `Jos£`."""
    if word.endswith(_OPENING_APOSTROPHE) or _OPENING_APOSTROPHE in word[1:-1]:
        return False
    word = word.strip(_OPENING_APOSTROPHE + _APOSTROPHE)
    foreign = [letter for letter in word if not letter.isascii() and letter != _APOSTROPHE]
    letters = {letter.lower() for letter in foreign} - {"i\u0307"}
    # Hardly any word has more letters with marks than without.
    if len(foreign) > 1 and len(foreign) * 2 > len(word) + 1:
        return False
    if not any(letters <= alphabet for alphabet in _ALPHABETS):
        return False
    # A capital with a mark is at the beginning of a part (`D'Élia`), or among capitals.
    parts = re.split(f"[{_APOSTROPHE}-]", word)
    return not any(
        any(letter.isupper() and not letter.isascii() for letter in part[1:]) for part in parts if not part.isupper()
    )


def is_cyrillic_word(word: str) -> bool:
    """Return whether a word is Cyrillic, with capitals only at its beginning or everywhere."""
    return _is_of_script(word, "CYRILLIC") and not _TOO_MANY_CONSONANTS.search(word.lower())


def is_greek_word(word: str) -> bool:
    """Return whether a word is Greek. A word in small letters has exactly one accent, unless it is short."""
    accents = sum(letter in _GREEK_ACCENTS for letter in word.lower())
    return _is_of_script(word, "GREEK") and (accents == 1 or len(word) < 4 or word.isupper())


def _is_of_script(word: str, script: str) -> bool:
    letters = word.strip(_APOSTROPHE)
    return all(unicodedata.name(letter, "").startswith(script) for letter in letters) and (
        word.isupper() or word[1:] == word[1:].lower()
    )


def is_chinese_word(word: str) -> bool:
    """Return whether all signs are of the first level of GB 2312, the one in common use."""
    return all(sign.isascii() or _is_level_one(sign, "gb2312", 0xB0, 0xD7) for sign in word)


def is_traditional_chinese_word(word: str) -> bool:
    """Return whether all signs are of the first level of Big5."""
    return all(sign.isascii() or _is_level_one(sign, "big5", 0xA4, 0xC6) for sign in word)


def is_japanese_word(word: str) -> bool:
    """Return whether all signs are kana, or kanji of the first level of JIS X 0208."""
    return all(
        sign.isascii() or "\u3005" <= sign <= "\u30ff" or _is_level_one(sign, "shift_jis", 0x88, 0x98) for sign in word
    )


def is_korean_word(word: str) -> bool:
    """Return whether all signs are syllables of Hangul."""
    return all(sign.isascii() or "\uac00" <= sign <= "\ud7a3" for sign in word)


def _is_level_one(sign: str, codec: str, first_lead: int, last_lead: int) -> bool:
    """Return whether the first byte of a sign is in the range of the common ones ("level 1") of its character set."""
    try:
        encoded = sign.encode(codec)
    except UnicodeEncodeError:
        return False
    return len(encoded) == 2 and first_lead <= encoded[0] <= last_lead
