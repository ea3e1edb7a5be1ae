"""People's data as it may be seen over a shoulder, and text that cannot pretend to be other text."""

import re

_MASK_CHAR = "\u2022"
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_DIGITS = re.compile(r"\d")
_VISIBLE_DIGITS = 2
# What turns the direction of the text around it (unicode.org, UAX #9): a name could hide what stands beside it.
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# What looks like somebody's number or address inside a sentence.
_EMAIL_OR_PHONE = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+?\d(?:[ ().-]{0,2}\d){6,}")


def mask(text: str) -> str:
    """Dots for letters and digits, all but the first letter and, in a longer number, its last two digits.

    The owner of a list finds the row again, and sees what is wrong with the shape of a number; nobody else learns
    whose it is.
    """
    digits = len(_DIGITS.findall(text))
    hidden_digits = digits - _VISIBLE_DIGITS if digits > 2 * _VISIBLE_DIGITS else digits
    digits_seen = 0
    masked = []
    for place, letter in enumerate(text):
        if not _LETTER_OR_DIGIT.match(letter):
            masked.append(letter)
        elif letter.isdigit():
            digits_seen += 1
            masked.append(letter if digits_seen > hidden_digits else _MASK_CHAR)
        else:
            masked.append(letter if place == 0 else _MASK_CHAR)
    return "".join(masked)


def mask_personal_data(sentence: str) -> str:
    """A sentence with the numbers and addresses of people in it masked."""
    return _EMAIL_OR_PHONE.sub(lambda found: mask(found[0]), sentence)


def escape_control_chars(text: str) -> str:
    """The text with marks that would turn or hide its neighbours written out."""
    return _CONTROLS.sub("\ufffd", _BIDI_CONTROLS.sub(lambda mark: f"[U+{ord(mark[0]):04X}]", text))
