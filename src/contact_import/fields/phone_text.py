"""Clean the text of a phone cell before it is read as a number."""

import unicodedata
from collections.abc import Iterator
from urllib.parse import unquote

from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.fields.dressing import undress
from contact_import.fields.text import is_empty_word

_MAX_CHARS = 200
_STRIPPED_CHARS = " \t\r\n'`\u2018\u2019"
_FORMULA = compile_lazily(r'^=?"(.*)"$|^=(?=[+0-9])')
# `61,491,570,006` or `61.491.570.006,00`: a spreadsheet has formatted the number.
_THOUSANDS = compile_lazily(r"\+?[0-9]{1,4}(?:,[0-9]{3}){2,3}(?:\.0+)?|[0-9]{1,4}(?:\.[0-9]{3}){2,3},0+")
_DECIMALS = compile_lazily(r"[.,]0+$")
_VCARD_PHONE = compile_lazily(r"^(?:item[0-9]+\.)?TEL(?:;[A-Za-z0-9,=-]+)*:")
_CURRENCY = compile_lazily(r"^(?:A|AU)?[$\u20ac\u00a3] ?(?=[0-9+])")
_WHATSAPP_ID = compile_lazily(r"\+?([0-9]{8,15})(?::[0-9]+)?@(?:c\.us|s\.whatsapp\.net)")
_PLUS_BEFORE_ZERO = compile_lazily(r"\+(?=[ (]*0)")  # no calling code begins with 0


def normalize_phone_text(cell: str) -> str:
    """Return the cell with ASCII digits, blanks and dashes, and without the additions of programs; "" for none.

    A spreadsheet adds an apostrophe, `="…"`, a currency sign, or commas between thousands. A web form writes `%2B` for
    a plus, WhatsApp `61491570006@c.us`. Only the first 200 characters are read.
    """
    text = unicodedata.normalize("NFKC", _VCARD_PHONE.sub("", undress(cell))[:_MAX_CHARS])
    text = "".join(_normalize_letters(text)).strip(_STRIPPED_CHARS)
    while (stripped := _FORMULA.sub(lambda match: match[1] or "", text).strip(_STRIPPED_CHARS)) != text:
        text = stripped
    if "%2" in text:
        text = unquote(text)
    if found := _WHATSAPP_ID.fullmatch(text):
        return f"+{found[1]}"  # a WhatsApp id always begins with the calling code
    text = _PLUS_BEFORE_ZERO.sub("", _CURRENCY.sub("", text).replace("(+", "+(").replace("++", "+"))
    if _THOUSANDS.fullmatch(text):
        text = _DECIMALS.sub("", text)
        text = text.replace(",", "").replace(".", "")
    return "" if is_empty_word(text) else text


def is_whatsapp_id(text: str) -> bool:
    """Return whether a text is a WhatsApp id (`61491570006@c.us`), which looks like an e-mail address."""
    return _WHATSAPP_ID.fullmatch(text) is not None


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
