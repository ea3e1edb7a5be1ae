"""Clean the text of a phone cell before it is read as a number."""

import re
import unicodedata
from collections.abc import Iterator

from contact_import.fields.text import is_empty_word

_MAX_CHARS = 200
_STRIPPED_CHARS = " \t\r\n'`\u2018\u2019"
_FORMULA = re.compile(r'^=?"(.*)"$|^=(?=[+0-9])')
_THOUSANDS = re.compile(r"\+?[0-9]{1,4}(?:,[0-9]{3}){2,3}")


def normalize_phone_text(cell: str) -> str:
    """Return the cell with ASCII digits, blanks and dashes, and without what a spreadsheet added; "" for an empty one.

    A spreadsheet adds an apostrophe, `="…"` or commas between thousands. At most 200 characters are read.
    """
    text = unicodedata.normalize("NFKC", cell[:_MAX_CHARS])
    text = "".join(_normalize_letters(text)).strip(_STRIPPED_CHARS)
    while (stripped := _FORMULA.sub(lambda match: match[1] or "", text).strip(_STRIPPED_CHARS)) != text:
        text = stripped
    text = text.replace("(+", "+(").replace("++", "+")
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    return "" if is_empty_word(text) else text


def _normalize_letters(text: str) -> Iterator[str]:
    for letter in text:
        category = unicodedata.category(letter)
        if letter in "\t_\u00b7\u2022":
            yield " "
        elif letter.isascii():
            yield letter
        elif category == "Nd":
            yield str(unicodedata.digit(letter))
        elif category == "Zs" or letter in "\u2028\u2029":
            yield " "
        elif category == "Pd" or letter in "\u2212\u30fc":
            yield "-"
        elif category != "Cf":  # zero-width blanks and marks of direction
            yield letter
