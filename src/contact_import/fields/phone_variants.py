"""The spellings in which one number may be dialled from different countries."""

import re
from collections.abc import Iterable, Iterator

import phonenumbers
from phonenumbers import PhoneNumber

_US_EXIT_CODE = "011"


def list_variants(text: str, digits: str, country: str) -> Iterator[str]:
    """Yield the spellings of a national or international number that phonenumbers may know, the likeliest first."""
    yield text.replace("(0)", "")
    if country == "AU":
        # `+61 04…` and `0061…`; Australia dials abroad with 0011, America with 011, the rest of the world with 00.
        yield re.sub(r"^(?:\+|00|0011)?61\(?0", "+61", digits)
    if digits.startswith("00"):
        yield "+" + digits[2:]
    if digits.startswith(_US_EXIT_CODE):
        yield "+" + digits[len(_US_EXIT_CODE) :]


def parse_first_valid(variants: Iterable[str], region: str) -> PhoneNumber | None:
    """Return the first spelling that is a number, read in the region; None without one."""
    for variant in variants:
        try:
            number = phonenumbers.parse(variant, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return number
    return None
