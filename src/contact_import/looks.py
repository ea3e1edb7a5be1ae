"""What a cell looks like, whatever stands above it."""

import re
from enum import StrEnum

from contact_import import values
from contact_import.phones import Phone, read_phone


class Look(StrEnum):
    EMPTY = "empty"
    PHONE = "phone"
    EMAIL = "email"
    NAME = "name"  # two words or more, of letters
    WORD = "word"  # one word of letters
    OTHER = "other"


_LETTERS = re.compile(r"[^\W\d_]+(?:[-'\u2019. ]+[^\W\d_]+)*\.?")
_DATE_OR_AMOUNT = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|[$€£].*|\d{1,3}(\.\d{1,3}){3}|\d+[.,]\d{1,3}", re.DOTALL
)


def look_of(cell: str, region: str) -> Look:
    text = values.clean(cell[:200])
    if not text:
        return Look.EMPTY
    if "@" in text:
        return Look.EMAIL if values.email([text])[0] else Look.OTHER
    if any(letter.isdigit() for letter in text):
        is_phone = not _DATE_OR_AMOUNT.fullmatch(text) and isinstance(
            read_phone(text, region=region, mobile_only=False), Phone
        )
        return Look.PHONE if is_phone else Look.OTHER
    if not _LETTERS.fullmatch(text) or len(text) > 60:
        return Look.OTHER
    return Look.NAME if " " in text else Look.WORD
