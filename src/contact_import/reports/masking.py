"""People's data as it may be seen over a shoulder, and text that cannot pretend to be other text."""

import re

_DOT = "\u2022"
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_DIGITS = re.compile(r"\d")
_KEPT_DIGITS = 2
# What turns the direction of the text around it (unicode.org, UAX #9): a name could hide what stands beside it.
_TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
# What looks like somebody's number or address inside a sentence.
_PERSONAL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+?\d(?:[ ().-]{0,2}\d){6,}")


def mask(text: str) -> str:
    """Dots for letters and digits, all but the first letter and, in a longer number, its last two digits.

    The owner of a list finds the row again, and sees what is wrong with the shape of a number; nobody else learns
    whose it is.
    """
    digits = len(_DIGITS.findall(text))
    kept = digits - _KEPT_DIGITS if digits > 2 * _KEPT_DIGITS else digits
    seen = 0
    masked = []
    for place, letter in enumerate(text):
        if not _LETTER_OR_DIGIT.match(letter):
            masked.append(letter)
        elif letter.isdigit():
            seen += 1
            masked.append(letter if seen > kept else _DOT)
        else:
            masked.append(letter if place == 0 else _DOT)
    return "".join(masked)


def mask_inside(sentence: str) -> str:
    """A sentence with the numbers and addresses of people in it masked."""
    return _PERSONAL.sub(lambda found: mask(found[0]), sentence)


def visible(text: str) -> str:
    """The text with marks that would turn or hide its neighbours written out."""
    return _CONTROLS.sub("\ufffd", _TURNS.sub(lambda mark: f"[U+{ord(mark[0]):04X}]", text))
