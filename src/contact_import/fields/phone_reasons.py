"""Explain to people why a cell has no usable phone number."""

import re
from typing import NamedTuple

import phonenumbers
from phonenumbers import ValidationResult

from contact_import.domain.lazy_pattern import compile_lazily


class NoPhone(NamedTuple):
    """A reason why a cell has no usable number. In reports it follows the name of the column, and never has the cell.

    `place` is the index of the cell among those of `choose_phone`.
    """

    reason: str
    place: int = 0


# The beginnings of all reasons: `reports.advice` gives advice for each of them.
EMPTY = "empty"
NO_NUMBER = "not a phone number"
HAS_LETTER = "contains a letter"
SEVERAL = "several numbers in one cell, and none of them a mobile"
TOO_SHORT = "too short to be a mobile number"
TOO_LONG = "too long to be a mobile number"
LANDLINE = "a landline"
SERVICE_NUMBER = "a service number"
INTERNATIONAL = "an international number"
OTHER_COUNTRY = f"{INTERNATIONAL} without its country code"
OTHER_PERSON = "marked as another person's number"
DIGITS_LOST = "the spreadsheet shortened the number (6.14E+10), and its digits are lost"
DIGITS_HIDDEN = "the spreadsheet wrote ##### because its column was too narrow, and the digits are lost"

MISSING = NoPhone(EMPTY)
NOT_A_NUMBER = NoPhone(NO_NUMBER)
REASON_DIGITS_LOST = NoPhone(f"{DIGITS_LOST}; format the column as text or number and export again")
REASON_DIGITS_HIDDEN = NoPhone(f"{DIGITS_HIDDEN}; widen the column and export again")
FOREIGN_ROW = NoPhone(OTHER_COUNTRY)
REASON_OTHER_PERSON = NoPhone(OTHER_PERSON)
_MAX_TYPOS = 2  # letters among the digits; with more it is a text
MIN_TYPO_DIGITS = 6
# The prefix that a national number of nine digits may have.
_AUSTRALIAN_PREFIX = compile_lazily(r"^(?:\+?61(?=4)|\+61)?0?")
_AUSTRALIAN_DIGITS = 9
# 13, 1300, 1800, 180 and 190 numbers (ACMA, "Telecommunications Numbering Plan 2015").
_SERVICE_NUMBER = compile_lazily(r"^(?:\+?61|0)?(?:13[0-9]{4}|1[38]00[0-9]{6}|180[0-9]{4}|190[0-9]{7})$")


def explain_letters(text: str) -> NoPhone:
    """Return the reason why a text with letters is not a number: it has a typo, or it is something else."""
    return NoPhone(HAS_LETTER) if has_typo(text) else NOT_A_NUMBER


def has_typo(text: str) -> bool:
    """Return whether a text is a number except for one or two letters: `O491 570 006`."""
    digits, letters = sum(map(str.isdigit, text)), sum(map(str.isalpha, text))
    return digits >= MIN_TYPO_DIGITS and 0 < letters <= _MAX_TYPOS


def explain_invalid(text: str, region: str, *, mobile_only: bool) -> NoPhone:
    """Return the reason why digits are not a valid number of the region."""
    digits = re.sub(r"[^0-9+]", "", text)
    if region == "AU" and _SERVICE_NUMBER.match(digits):
        return NoPhone(f"{SERVICE_NUMBER}, {describe_expected(region)}")
    length = _check_length(text, digits, region)
    if length:
        return NoPhone(length)
    return NoPhone(describe_expected(region) if mobile_only else "not a number that exists")


def _check_length(text: str, digits: str, region: str) -> str:
    """Return the reason why the length of a number is wrong, "" if it is right."""
    if region == "AU" and not digits.startswith("00") and (digits[:1] != "+" or digits.startswith("+61")):
        # phonenumbers accepts five digits as a possible number, because some local ones are that short.
        national = _AUSTRALIAN_PREFIX.sub("", digits, count=1)
        if len(national) == _AUSTRALIAN_DIGITS:
            return ""
        return TOO_SHORT if len(national) < _AUSTRALIAN_DIGITS else TOO_LONG
    try:
        possible = phonenumbers.is_possible_number_with_reason(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return NO_NUMBER
    if possible in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return TOO_SHORT
    return TOO_LONG if possible == ValidationResult.TOO_LONG else ""


def describe_expected(region: str) -> str:
    """Return what a number should have been, for a reason: `not an Australian mobile`."""
    return "not an Australian mobile" if region == "AU" else f"not a mobile of {region}"
