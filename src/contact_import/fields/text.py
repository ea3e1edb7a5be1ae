"""Cells to the values that Cellcast takes: trimmed, normal, bounded text."""

import html
import re
import unicodedata
from collections.abc import Iterable

MAX_CHARS = 255
MAX_ADDRESS_CHARS = 500

EMPTY_WORDS = frozenset(
    {"", "-", "--", "n/a", "#n/a", "na", "null", "none", "nil", "undefined", "nan", "(blank)", "(none)"}
)
_ADDRESS_BREAK = re.compile(r"\s*[\r\n]+\s*")
_SPACES = re.compile(r"\s+")
# local.wtf rules allow far more; this is what mail systems deliver to. Deliverability is not ours to judge.
_EMAIL = re.compile(r"[^\s@<>\"(),:;\[\\\]]{1,64}@[^\s@<>\"(),:;\[\\\]]+(?:\.[^\s@<>\"(),:;\[\\\]]+)+")
_FORMULA = re.compile(r'^="(.*)"$')
_EMAIL_SEPARATOR = re.compile(r"\s*(?::::|[;,\s|])\s*")
_MALE_WORDS = frozenset(
    "m male man boy masculine mr mister sir master herr männlich maennlich mann monsieur homme masculin garçon señor "
    "sr hombre masculino varón signor sig uomo maschio maschile heer dhr meneer homem мужской 男 男性 ♂".split()
)
_FEMALE_WORDS = frozenset(
    "f w female woman girl lady feminine ms mrs miss madam frau weiblich femme féminin madame mme mademoiselle mlle "
    "señora señorita sra srta mujer femenino femenina signora sigra donna femmina femminile vrouw mevr mevrouw "
    "mulher feminino женский 女 女性 ♀".split()
)
_UNSPECIFIED_WORDS = frozenset(
    {"unspecified", "not specified", "unknown", "keine angabe", "non spécifié", "indéterminé"}
)
_LABEL_SEPARATOR = re.compile(r"\s*(?::::|[;,|\n])\s*")
_IGNORED_LABELS = frozenset({"mycontacts", "my contacts", "starred"})


def clean_text(cell: str, limit: int = MAX_CHARS) -> str:
    """The text of a cell: NFC, one blank between words, no control characters, "" for what means nothing.

    It may be longer than `limit` in the file; what is over is cut.
    """
    text = cell.strip()
    if not text.isascii() or not text.isprintable() or "&" in text or "  " in text:
        text = _normalize_unicode(text)
    if text.startswith("'") and len(text) > 1:
        text = text[1:].lstrip()  # Excel's mark for "this is text"
    if text.casefold() in EMPTY_WORDS:
        return ""
    return text[:limit].rstrip() if len(text) > limit else text


def _normalize_unicode(text: str) -> str:
    text = unicodedata.normalize("NFC", html.unescape(text) if "&" in text else text)
    letters = (
        letter if unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co") else _replace_invisible(letter)
        for letter in text
    )
    return _SPACES.sub(" ", "".join(letters)).strip()


def _replace_invisible(letter: str) -> str:
    """Zero-width joiners belong to emoji and to Indic and Persian writing; other marks go, breaks are blanks."""
    if letter in "\u200c\u200d":
        return letter
    return " " if letter.isspace() else ""


def join_address(parts: Iterable[str]) -> str:
    """The parts of an address on one line, equal ones once."""
    lines = (clean_text(_ADDRESS_BREAK.sub(", ", part.strip()), MAX_ADDRESS_CHARS).strip(", ") for part in parts)
    return ", ".join(dict.fromkeys(line for line in lines if line))[:MAX_ADDRESS_CHARS].rstrip(", ")


def normalize_email(cells: Iterable[str]) -> tuple[str, bool]:
    """The first address that can be one, and whether a cell held something that cannot."""
    has_invalid = False
    for cell in cells:
        text = clean_text(cell)
        if not text:
            continue
        for candidate in (text, *_EMAIL_SEPARATOR.split(text)):
            candidate = candidate.removeprefix("mailto:").strip('<>"').rstrip(".")
            if _EMAIL.fullmatch(candidate) and ".." not in candidate and len(candidate) <= 254:
                return candidate, False
        has_invalid = True
    return "", has_invalid


def normalize_postal_code(cell: str, *, australian: bool) -> tuple[str, bool]:
    """The code as text, and whether a zero that a spreadsheet took was given back (`800` is Darwin's `0800`)."""
    text = clean_text(cell, 20).removeprefix("z:")  # Meta's prefix, so that Excel keeps it as text
    if not text.isalnum():
        text = _FORMULA.sub(r"\1", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if text.endswith(".0") and text[:-2].isdecimal():
        text = text[:-2]
    if australian and len(text) == 3 and text.isdecimal() and text.isascii():
        return f"0{text}", True
    return text, False


def normalize_gender(cell: str, title: str = "") -> str:
    """`male`, `female`, or the cell as it is; a title such as Mrs is a hint when the cell does not tell."""
    text = clean_text(cell)
    if not text or text.casefold() in _UNSPECIFIED_WORDS:
        return _match_gender(clean_text(title)) or text
    return _match_gender(text) or text


def _match_gender(word: str) -> str:
    word = word.casefold().rstrip(".")
    if word in _MALE_WORDS:
        return "male"
    return "female" if word in _FEMALE_WORDS else ""


def split_labels(cells: Iterable[str]) -> tuple[str, ...]:
    """The names in cells of tags or lists: `VIP; Perth`, Mailchimp's `"VIP","Blog"`, Google's `* a ::: b`."""
    names: dict[str, None] = {}
    for cell in cells:
        for part in _LABEL_SEPARATOR.split(cell):
            name = clean_text(part.strip().strip('"').removeprefix("* "), 100)
            if name and name.casefold() not in _IGNORED_LABELS:
                names[name] = None
    return tuple(names)
