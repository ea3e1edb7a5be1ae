"""Clean the text of a cell, and normalize the fields that are text: e-mail, address, postal code, gender, labels."""

import html
import re
import unicodedata
from collections.abc import Iterable

from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.fields.dressing import undress

# Cellcast documents no limits. No name or code needs more, and a longer text is a mistake of the export.
MAX_CHARS = 255
MAX_ADDRESS_CHARS = 500

# The spellings of "no value", in lower case: pandas exports `nan`, MySQL `\\N`, DBeaver `[NULL]`, Oracle `(null)`, a
# pivot table `(blank)`. A word in brackets is certainly from a program.
_EMPTY_PLAIN_WORDS = ("n/a", "na", "null", "none", "nil", "undefined", "nan")
_EMPTY_BRACKETED_WORDS = (*_EMPTY_PLAIN_WORDS, "blank", "empty", "not set", "no value")
EMPTY_WORDS = frozenset(
    {"", "-", "--", "---", ".", "..", "...", "?", "??", "???", "#n/a", "#n/v", "#nv", "\\n", *_EMPTY_PLAIN_WORDS}
    | {start + word + end for word in _EMPTY_BRACKETED_WORDS for start, end in ("()", "[]", "<>")}
)
# The errors of spreadsheets in any language: `#REF!`, `#NAME?`, `#DIV/0!`, `#BEZUG!`.
_SPREADSHEET_ERROR = compile_lazily(r"#[^\W\d_a-z](?:[^\W\d_a-z]|[/0_])*[!?]")
_ADDRESS_BREAK = compile_lazily(r"\s*[\r\n]+\s*")
_SPACES = compile_lazily(r"\s+")
# The addresses that mail systems deliver to; RFC 5321 (section 4.1.2) allows many more. A mailbox may not exist.
_EMAIL = compile_lazily(r"[^\s@<>\"(),:;\[\\\]]{1,64}@[^\s@<>\"(),:;\[\\\]]+(?:\.[^\s@<>\"(),:;\[\\\]]+)+")
# The fast path: nearly every address is in ASCII and short, and needs no cleaning. The general path takes 8 times as
# long, 7 % of an import (tests/unit/fields/test_text.py compares them). Possessive, so that it never backtracks.
COMMON_EMAIL = compile_lazily(
    r"[A-Za-z0-9_+-]{1,40}+(?:\.[A-Za-z0-9_+-]{1,20}+)?+"
    r"@[A-Za-z0-9-]{1,50}+\.(?:[A-Za-z0-9-]{1,50}+\.){0,2}+[A-Za-z]{2,20}+"
)
_VCARD_EMAIL = compile_lazily(r"^(?:item[0-9]+\.)?EMAIL(?:;[A-Za-z0-9,=-]+)*:")
_FORMULA = compile_lazily(r'^="(.*)"$')
_EMAIL_SEPARATOR = compile_lazily(r"\s*(?::::|[;,\s|])\s*")
_MALE_WORDS = frozenset(
    "m male man boy masculine mr mister sir master herr männlich maennlich mann monsieur homme masculin garçon señor "
    "sr hombre masculino varón signor sig uomo maschio maschile heer dhr meneer homem мужской 男 男性 ♂".split()
)
_FEMALE_WORDS = frozenset(
    "f w female woman girl lady feminine ms mrs miss madam frau weiblich femme féminin madame mme mademoiselle mlle "
    "señora señorita sra srta mujer femenino femenina signora sigra donna femmina femminile vrouw mevr mevrouw "
    "mulher feminino женский 女 女性 ♀".split()
)
# Answers that are not a gender: `Prefer not to say`, `Not specified`, `Unknown`, `Rather not disclose`.
_UNSPECIFIED = compile_lazily(
    r".*\b(?:not|no answer|prefer|rather|declined?|undisclosed|undefined|unknown|unsure|unspecified|keine angabe|"
    r"non spécifié|indéterminé)\b.*",
    re.IGNORECASE,
)
_NUMBER_FORMAT = compile_lazily(r"(\d{1,2}(?=,)|\d+)(?:,(\d{3}))?(?:[.,]0+)?")
_CODE_BESIDE_SUBURB = compile_lazily(r"[^\d]+[\s,]([0-9]{4})|([0-9]{4})[\s,][^\d]+")
_LABEL_SEPARATOR = compile_lazily(r"\s*(?::::|[;,|\n])\s*")
_IGNORED_LABELS = frozenset({"mycontacts", "my contacts", "starred"})
_ANSWERS = frozenset("yes|no|y|n|true|false|t|f|1|0|on|off".split("|"))  # no list is called Yes


def is_empty_word(text: str) -> bool:
    """Return whether a trimmed text is empty, or a word that programs write into empty cells."""
    return text.casefold() in EMPTY_WORDS or (text[:1] == "#" and _SPREADSHEET_ERROR.fullmatch(text) is not None)


def clean_text(cell: str, limit: int = MAX_CHARS) -> str:
    """Return the text of a cell in NFC, with single blanks and no control characters; "" for an empty word.

    The text is cut after `limit` characters.
    """
    text = undress(cell).strip()
    if not text.isascii() or not text.isprintable() or "&" in text or "  " in text:
        text = _normalize_unicode(text)
    if text.startswith("'") and len(text) > 1:
        text = text[1:].lstrip()  # Excel's mark for "this is text"
    if is_empty_word(text):
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
    """Return a zero-width joiner that `undress` left unchanged, a blank for a break, and "" for anything else."""
    if letter in "\u200c\u200d":
        return letter
    return " " if letter.isspace() else ""


def join_address(parts: Iterable[str]) -> str:
    """Join the parts of an address in one line of at most `MAX_ADDRESS_CHARS` characters. Equal parts appear once."""
    lines = (
        clean_text(_ADDRESS_BREAK.sub(", ", undress(part).strip()), MAX_ADDRESS_CHARS).strip(", ") for part in parts
    )
    return ", ".join(dict.fromkeys(line for line in lines if line))[:MAX_ADDRESS_CHARS].rstrip(", ")


def normalize_email(cells: Iterable[str]) -> tuple[str, bool]:
    """Return the first e-mail address of a row, "" for none, and whether a cell has something else instead.

    The cells are those of the row's e-mail columns, best column first. A cell may have several addresses.
    """
    has_invalid = False
    for cell in cells:
        if COMMON_EMAIL.fullmatch(cell):
            return cell, False
        text = clean_text(_VCARD_EMAIL.sub("", cell))
        if not text:
            continue
        for candidate in (text, *_EMAIL_SEPARATOR.split(text)):
            candidate = candidate.removeprefix("mailto:").strip('<>"').rstrip(".")
            if _EMAIL.fullmatch(candidate) and ".." not in candidate and len(candidate) <= 254:
                return candidate, False
        has_invalid = True
    return "", has_invalid


def normalize_postal_code(cell: str, *, australian: bool) -> tuple[str, bool]:
    """Return the code as text, and whether a leading zero was restored.

    Spreadsheets drop the zero of Darwin's `0800`: it is restored for an `australian` code of three digits only. Their
    commas and decimals (`2,000`, `800.00`) and the suburb (`Footscray 3011`) are removed.
    """
    text = clean_text(cell, 60).removeprefix("z:")  # Meta's prefix, so that Excel keeps it as text
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if not text.isalnum():
        text = _FORMULA.sub(r"\1", text)
        if number := _NUMBER_FORMAT.fullmatch(text):
            text = number[1] + (number[2] or "")
        elif australian and (code := _CODE_BESIDE_SUBURB.fullmatch(text)):
            text = code[1] or code[2]
    text = text[:20].rstrip()
    if australian and len(text) == 3 and text.isdecimal() and text.isascii():
        return f"0{text}", True
    return text, False


def normalize_gender(cell: str, title: str = "") -> str:
    """Return `male`, `female`, or the cleaned cell. A title such as Mrs decides if the cell is empty or unspecified.

    `Unspecified`, `Unknown` and `Prefer not to say` are not genders.
    """
    text = clean_text(cell)
    if not text or _UNSPECIFIED.fullmatch(text):
        return _match_gender(clean_text(title))
    return _match_gender(text) or text


def _match_gender(word: str) -> str:
    word = word.casefold().rstrip(".")
    if word in _MALE_WORDS:
        return "male"
    return "female" if word in _FEMALE_WORDS else ""


def split_labels(cells: Iterable[str]) -> tuple[str, ...]:
    """Return the names in cells of tags or lists: `VIP; Perth`, Mailchimp's `"VIP","Blog"`, Google's `* a ::: b`."""
    names: dict[str, None] = {}
    for text in map(undress, cells):
        for part in _LABEL_SEPARATOR.split(text) if text.strip().casefold() not in _ANSWERS else ():
            name = clean_text(part.strip().strip('"').removeprefix("* "), 100)
            if name and name.casefold() not in _IGNORED_LABELS:
                names[name] = None
    return tuple(names)
