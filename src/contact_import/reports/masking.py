"""Mask personal data for a screen, and escape characters that would change how the text around them is displayed."""

from contact_import.domain.lazy_pattern import compile_lazily

_MASK_CHAR = "\u2022"
_LETTER_OR_DIGIT = compile_lazily(r"[^\W_]")
_DIGITS = compile_lazily(r"\d")
_VISIBLE_DIGITS = 2
# These reverse the direction of the text around them (https://www.unicode.org/reports/tr9/): a name could hide the
# text beside it.
_BIDI_CONTROLS = compile_lazily("[\u202a-\u202e\u2066-\u2069]")
_CONTROLS = compile_lazily("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# Characters without a width inside a number, and the text that `escape_control_chars` wrote for some of them.
_INVISIBLE = r"\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffd\x00-\x1f\x7f-\x9f"
_MARK = rf"[{_INVISIBLE}]|\[U\+[0-9A-F]{{4}}\]"
# An email address, or seven digits and more: fewer may be a row number or an amount. The possessive `++` keeps a long
# text without an @ from taking quadratic time.
_EMAIL_OR_PHONE = compile_lazily(
    rf"(?<![\w.+{_INVISIBLE}-])(?:[\w.+{_INVISIBLE}-]|{_MARK})++@(?:[\w{_INVISIBLE}-]|{_MARK})++(?:\.(?:[\w-]|{_MARK})++)+"
    rf"|\+?\d(?:(?:[\s()./-]|{_MARK}){{0,4}}\d){{6,}}"
)
_HEX_OF_MARK = compile_lazily(r"\[U\+[0-9A-F]{4}\]")


def mask(text: str) -> str:
    """Replace letters and digits by dots, except a letter at the beginning and the last two digits of a longer number.

    "Ada Moss" gives "A•• ••••", "0491 570 006" gives "•••• ••• •06". The owner of a list can still find the row and
    see a wrong shape. A bystander cannot tell whose row it is.
    """
    # Two visible digits of at most four would be half of a year or a postcode: a short number is hidden whole.
    digit_places = [found.start() for found in _DIGITS.finditer(text)]
    visible_places = digit_places[-_VISIBLE_DIGITS:] if len(digit_places) > 2 * _VISIBLE_DIGITS else []
    if text and not text[0].isdigit():
        visible_places.append(0)
    masked = list(_LETTER_OR_DIGIT.sub(_MASK_CHAR, text))
    for place in visible_places:
        masked[place] = text[place]
    return "".join(masked)


def mask_personal_data(sentence: str) -> str:
    """Mask the phone numbers and email addresses inside a sentence, also with characters without a width in them."""
    return _EMAIL_OR_PHONE.sub(lambda found: mask(_HEX_OF_MARK.sub("", found[0])), sentence)


def escape_control_chars(text: str) -> str:
    """Replace characters that would reverse or hide the text beside them by visible ones."""
    return _CONTROLS.sub("\ufffd", _BIDI_CONTROLS.sub(lambda mark: f"[U+{ord(mark[0]):04X}]", text))
