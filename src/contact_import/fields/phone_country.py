"""Determine the country of a phone number from a calling code, an area code or a country in the same row."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumber

from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.fields.text import is_empty_word

UNKNOWN_COUNTRY = "ZZ"  # phonenumbers' code for it: only numbers with a calling code can be read there

_PLUS_CODE = compile_lazily(r"(?:\+|\b00)\s?([1-9]\d{0,2})\b")
_BARE_CODE = compile_lazily(r"0*([1-9]\d{0,2})(?:\.0)?")
_US_EXIT_CODE = "011"
_FLAG_LETTERS = {0x1F1E6 + place: chr(ord("A") + place) for place in range(26)}
_WORD = compile_lazily(r"[^\W\d_]+")
# Australia in the languages of `HEADER_NAMES` and of its larger communities. A name that is not in the list counts as
# another country: it is safer not to send than to send to a number that only looks Australian.
_AUSTRALIA_WORDS = frozenset(
    "au aus oz aussie australia australian australien australie austrália australië avustralya австралия 澳大利亚 "
    "澳大利亞 澳洲 オーストラリア 호주 úc nsw vic qld tas".split()
)
_NO_COUNTRY_WORDS = frozenset({"unknown", "other", "unspecified", "not specified", "select", "please select", "any"})
_ISO_ALIASES = {"uk": "GB", "usa": "US", "nzl": "NZ", "gbr": "GB"}
# One number with its calling code, in at most 15 digits (ITU-T E.164). No calling code begins with 0, and no American
# number has a 0 after its 1.
_INTERNATIONAL = compile_lazily(r"(?:\+ ?|00)(?!1[ -]?0)[1-9](?:[^0-9]*[0-9]){6,14}[^0-9]*")
_UNASSIGNED_CODE = 999  # reserved by the ITU: a number with it is never valid
_LOCAL_NUMBER_DIGITS = 9  # Australian numbers have nine digits, and one with fewer lacks its area code


@lru_cache(maxsize=10_000)
def read_country(cell: str, *, is_calling_code: bool = False) -> str:
    """Return the ISO country of a cell with a name, a code, a calling code or a flag: `Australia`, `AUS`, `+61`, 🇦🇺.

    Return "" for an empty cell, and `UNKNOWN_COUNTRY` for a name that is not known. A number without a plus (`61`) is a
    calling code only in a column of calling codes (`is_calling_code`): in others it may be an id.
    """
    text = " ".join(cell.translate(_FLAG_LETTERS).split())
    if is_empty_word(text) or text.casefold() in _NO_COUNTRY_WORDS:
        return ""
    if code := _PLUS_CODE.search(text):
        return phonenumbers.region_code_for_country_code(int(code[1]))
    if code := _BARE_CODE.fullmatch(text):
        region = phonenumbers.region_code_for_country_code(int(code[1]))
        return region if is_calling_code or region == "AU" else ""
    words = {word.casefold() for word in _WORD.findall(text)}
    if not words:
        return ""
    if words & _AUSTRALIA_WORDS:
        return "AU"
    iso = _ISO_ALIASES.get(text.casefold(), text.upper())
    return iso if iso in phonenumbers.SUPPORTED_REGIONS else UNKNOWN_COUNTRY


@lru_cache(maxsize=1_000)
def is_home(country: str, region: str) -> bool:
    """Return whether a country has the calling code of the `region`, both ISO countries. "" counts as the region.

    Christmas Island (CX), for example, shares Australia's code, and its mobiles are Australian mobiles.
    """
    if country in ("", region):
        return True
    return phonenumbers.country_code_for_region(country) == phonenumbers.country_code_for_region(region)


def add_area_code(number: str, area_code: str) -> str:
    """Return a number with the area code of another cell, unless it has one: `5550 1234` and `02`: `02 5550 1234`."""
    digits = sum(map(str.isdecimal, number))
    if not 4 <= digits < _LOCAL_NUMBER_DIGITS or "+" in number or not any(map(str.isdecimal, area_code)):
        return number
    return f"{area_code.strip()} {number.strip()}"


def add_calling_code(number: str, country: str) -> str:
    """Return a national number with the calling code of its ISO country: `0491 57 01 56` of BE is `+32491570156`.

    A number with a calling code is unchanged. The number of an unknown country gets an unassigned code, so that it is
    never read as a number of this region.
    """
    text = number.strip()
    if not country or not any(map(str.isdecimal, text)) or _INTERNATIONAL.fullmatch(text):
        return number
    code = phonenumbers.country_code_for_region(country)
    prefix = phonenumbers.ndd_prefix_for_region(country, True) if code else ""
    # Without blanks, no part of it can be read as a number by itself.
    digits = "".join(filter(str.isdecimal, text)).removeprefix(prefix or "0")
    is_possible = code and not (code == 1 and digits.startswith("0"))
    return f"+{code if is_possible else _UNASSIGNED_CODE}{digits}"


def list_variants(text: str, digits: str, country: str) -> Iterator[str]:
    """Yield the spellings of a number that phonenumbers may be able to read, the likeliest first.

    `digits` are the digits of `text`, with a plus if it has one. `country` is its ISO country.
    """
    yield text.replace("(0)", "")
    if country == "AU":
        # `+61 04…` and `0061…`. The prefix of a call abroad is 0011 in Australia, 011 in America, and 00 elsewhere.
        yield re.sub(r"^(?:\+|00|0011)?61\(?0", "+61", digits)
    if digits.startswith("00"):
        yield "+" + digits[2:]
    if digits.startswith(_US_EXIT_CODE):
        yield "+" + digits[len(_US_EXIT_CODE) :]


def parse_first_valid(variants: Iterable[str], region: str) -> PhoneNumber | None:
    """Return the first spelling that is a valid number in the region or abroad, None if there is none."""
    for variant in variants:
        try:
            number = phonenumbers.parse(variant, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return number
    return None
