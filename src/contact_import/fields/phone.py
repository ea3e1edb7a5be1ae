"""Read a phone number in E.164 form from one cell or several, or return the reason why there is none.

The rules of numbers are those of Google's libphonenumber (github.com/daviddrysdale/python-phonenumbers). Only spellings
that it cannot read, or reads too slowly, are handled here.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import zip_longest
from typing import Any, NamedTuple

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType

from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.fields.phone_country import is_home, list_variants, parse_first_valid
from contact_import.fields.phone_reasons import (
    FOREIGN_ROW,
    INTERNATIONAL,
    LANDLINE,
    MIN_TYPO_DIGITS,
    MISSING,
    REASON_DIGITS_HIDDEN,
    REASON_DIGITS_LOST,
    REASON_OTHER_PERSON,
    SERVICE_NUMBER,
    SEVERAL,
    TOO_SHORT,
    NoPhone,
    describe_expected,
    explain_invalid,
    explain_letters,
    has_typo,
)
from contact_import.fields.phone_text import normalize_phone_text
from contact_import.fields.relatives import RELATIVE_WORDS

# The common spellings of an Australian mobile: `0491 570 006`, `+61491570006`, `61 491 570 006`, `+61 (0)491 570 006`.
# phonenumbers reads them as the same numbers (tests/unit/fields/test_phone.py compares), but takes 20 times as long: an
# import would take three times as long. Written for speed: possessive, and without counts of a class.
_COMMON_MOBILE = compile_lazily(
    r"(?:\+?61|0061|0011[ -]?61)?+[ -]?(?:\(0\)|0)?+[ -]?+(4[0-9][0-9])([ .-]?)([0-9][0-9][0-9])\2([0-9][0-9][0-9])"
)

_NUMBER_SEPARATOR = compile_lazily(r"\s*(?::::|[/;,|\n\r]| - |\bor\b|\band\b|&)\s*", re.IGNORECASE)
_LABEL_PREFIX = compile_lazily(
    r"^(?:tel|p|m|mob|mobile|cell|phone|ph|t|h|w|work|home|sms|whatsapp)\.?\s*[:.]\s*|"
    r"^(?:mob|mobile|ph|tel|phone|cell)\.?\s*(?=[+(0-9])",
    re.IGNORECASE,
)
_EXTENSION_SUFFIX = compile_lazily(r"\s*(?:ext\.?|extension|x|#|;ext=)\s*[0-9]{1,6}$", re.IGNORECASE)
_FLOAT = compile_lazily(r"^(\+?[0-9]{6,15})[.,]0+$")
_SCIENTIFIC = compile_lazily(r"^\+?([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,2})$")
_PHONE_CHARS = compile_lazily(r"^\+?[0-9 ()./-]*$")
_GAP_BETWEEN_NUMBERS = compile_lazily(r"(?<=[0-9]) +(?=\+|0[1-9])")
# A person who reads one of these words beside a number would not send to it: `wrong number`, `do not text`.
_DO_NOT_USE_WORDS = compile_lazily(
    r"\b(?:no(?= +[a-z])|not|dont|don't|never|stop|dnc|dnd|wrong|old|former|invalid|disconnected|dead|deceased|bad|"
    r"unsub\w*|opt(?:ed)?[ -]?out)\b",
    re.IGNORECASE,
)
_OTHER_PERSON_WORDS = compile_lazily(  # `(Mum's)`
    rf"\b(?:{'|'.join(sorted(RELATIVE_WORDS))}|emergency|fax|pager|assistant|pa|reception)\b",
    re.IGNORECASE,
)
_MIN_DIGITS = 8
_AMERICAN_CODE = compile_lazily(r"\+10(4[0-9]{8})")  # no American number has a zero after the 1


class Phone(NamedTuple):
    """A number in E.164 form. `warning` describes what was inferred or ignored, "" for nothing."""

    e164: str
    warning: str = ""


_AMERICAN_CODE_WARNING = "a +1 in front of an Australian number was ignored"
_PLUS_LOST_WARNING = "read as an international number without its plus"
_TWO_NUMBERS_WARNING = "two numbers in the cell: the first mobile was used"
_EXTRA_TEXT_WARNING = "extra text next to the number was ignored"


def choose_phone(
    cells: Iterable[str], *, region: str = "AU", mobile_only: bool = True, countries: Sequence[str] = ()
) -> Phone | NoPhone:
    """Return the first mobile of a row's phone cells, which are in order, best column first.

    If there is no mobile, return the first valid number unless `mobile_only`. If there is no number, return the reason
    of the first cell that is not empty. `countries` are the ISO countries of the cells, "" for an unknown one.
    """
    fallback: Phone | None = None
    rejection: NoPhone | None = None
    for place, (cell, country) in enumerate(zip_longest(cells, countries, fillvalue="")):
        found = read_phone(cell, region=region, mobile_only=True, country=country)
        if isinstance(found, Phone):
            return found
        if not mobile_only and fallback is None:
            other = read_phone(cell, region=region, mobile_only=False, country=country)
            fallback = other if isinstance(other, Phone) else None
        if rejection is None and found is not MISSING:
            rejection = found._replace(place=place)
    return fallback or rejection or MISSING


def read_phone(
    cell: str, *, region: str = "AU", mobile_only: bool = True, search_text: bool = True, country: str = ""
) -> Phone | NoPhone:
    """Read the number of one cell.

    `region` is the ISO country whose national numbers have no country code. `country` is the ISO country that the row
    gives for this number, "" for none. With `mobile_only`, any number that is not a mobile of the region is a
    `NoPhone`. `search_text` also finds a number among words, which is right below the header of a phone only.
    """
    is_domestic = is_home(country, region)
    if region == "AU" and is_domestic and (number := match_common_mobile(cell)):
        return Phone(number)
    text = normalize_phone_text(cell)
    if not text:
        return MISSING
    if not text.strip("#"):
        return REASON_DIGITS_HIDDEN
    reader = _Reader(region, region if is_domestic else country, mobile_only=mobile_only)
    found = reader.read_text(text, search_text=search_text)
    # In a row of another country, a number without a country code cannot be a number of this region.
    is_national = not is_domestic and isinstance(found, NoPhone) and "+" not in text and not text.startswith("00")
    return FOREIGN_ROW if is_national and any(map(str.isdigit, text)) else found


def match_common_mobile(cell: str) -> str:
    """Return the number in E.164 form if the cell is a common spelling of an Australian mobile, else "".

    `read_phone` reads other spellings. Example: `0491 570 006` is `+61491570006`.
    """
    if (match := _COMMON_MOBILE.fullmatch(cell)) and get_australian_mobile_pattern().fullmatch(
        digits := match[1] + match[3] + match[4]
    ):
        return "+61" + digits
    return ""


@cache
def get_australian_mobile_pattern() -> re.Pattern[str]:
    """Return the pattern of Australian mobiles in phonenumbers: not every range of numbers with a 4 is allocated."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region("AU")
    mobile: Any = metadata and metadata.mobile  # typed as optional: some regions have no mobiles
    return re.compile(mobile.national_number_pattern)


class _Reader(NamedTuple):
    """A reader of numbers for a `region`. Numbers without a calling code are of the `country`."""

    region: str
    country: str
    mobile_only: bool

    def read_text(self, text: str, *, search_text: bool) -> Phone | NoPhone:
        """Read the number in a text, or the first mobile of several."""
        found = self._read_single_number(text)
        if isinstance(found, Phone):
            return found
        parts = [part for part in _NUMBER_SEPARATOR.split(text) if part]
        if any(map(_names_only_person, parts)) and _has_number(text):
            return REASON_OTHER_PERSON  # `0491 570 006 - husband Tom`
        if len(parts) > 1 and not _DO_NOT_USE_WORDS.search(text):
            for part in parts:
                part_result = self._read_single_number(part)
                if isinstance(part_result, Phone):
                    return Phone(part_result.e164, _TWO_NUMBERS_WARNING)
        # The readings are in order of their certainty: the text as a number, its parts, a number among words.
        in_text = self._find_in_text(text) if search_text else None
        is_several = sum(map(_has_number, parts)) > 1
        if in_text or is_several:
            return in_text or NoPhone(SEVERAL)
        # `0491 57x 804` is not too short but has a typo: ` x 804` was removed as an extension.
        return explain_letters(text) if found.reason == TOO_SHORT and has_typo(text) else found

    def _read_single_number(self, text: str) -> Phone | NoPhone:
        text = _EXTENSION_SUFFIX.sub("", _LABEL_PREFIX.sub("", text))
        if scientific := _SCIENTIFIC.match(text):
            digits = scientific[1] + (scientific[2] or "")
            # `6.14E+10` has three of eleven digits; `6.1491570006E+10` has all of them.
            if len(digits) != int(scientific[3]) + 1:
                return REASON_DIGITS_LOST
            text = digits
        if whole := _FLOAT.match(text):
            text = whole[1]
        if not _PHONE_CHARS.match(text) or not any(letter.isdigit() for letter in text):
            return explain_letters(text)
        digits = re.sub(r"[^0-9+]", "", text)
        number = parse_first_valid(list_variants(text, digits, self.country), self.country)
        if number is not None:
            return self._validate_number(number)
        is_domestic = self.country == self.region
        if self.country == "AU" and is_domestic and (american := _AMERICAN_CODE.fullmatch(digits)):
            found = self._read_single_number(american[1])
            return Phone(found.e164, _AMERICAN_CODE_WARNING) if isinstance(found, Phone) else found
        # Long digits without a plus may begin with a calling code (`6591234567` of Singapore), but not in the row of
        # another country, where they may be national.
        if digits.startswith(("+", "0")) or len(digits) <= 9 or not is_domestic:
            return explain_invalid(text, self.region, mobile_only=self.mobile_only)
        number = parse_first_valid(["+" + digits], self.region)
        if number is None:
            return explain_invalid(text, self.region, mobile_only=self.mobile_only)
        found = self._validate_number(number)
        return Phone(found.e164, _PLUS_LOST_WARNING) if isinstance(found, Phone) else found

    def _find_in_text(self, text: str) -> Phone | NoPhone | None:
        """Find a number among words (`Ann 0491 570 006 (work)`), unless a word forbids it. Return None for none."""
        words = " ".join(word for word in _GAP_BETWEEN_NUMBERS.sub(" ; ", text).split() if "@" not in word)
        if sum(map(str.isdigit, words)) < _MIN_DIGITS or (words == text and _PHONE_CHARS.match(text)):
            return None
        if _DO_NOT_USE_WORDS.search(text):
            return None
        if _OTHER_PERSON_WORDS.search(text):
            return REASON_OTHER_PERSON
        numbers = [match.number for match in phonenumbers.PhoneNumberMatcher(words, self.country)]
        validated = [self._validate_number(number) for number in numbers]
        for found in validated:
            if isinstance(found, Phone):
                return Phone(found.e164, _TWO_NUMBERS_WARNING if len(validated) > 1 else _EXTRA_TEXT_WARNING)
        return validated[0] if validated else None

    def _validate_number(self, number: PhoneNumber) -> Phone | NoPhone:
        e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        if not self.mobile_only:
            return Phone(e164)
        expected = describe_expected(self.region)
        if phonenumbers.region_code_for_number(number) != self.region:
            return NoPhone(f"{INTERNATIONAL}, {expected}")
        number_type = phonenumbers.number_type(number)
        if number_type in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE):
            return Phone(e164)
        if number_type == PhoneNumberType.FIXED_LINE:
            return NoPhone(f"{LANDLINE}, {expected}")
        return NoPhone(f"{SERVICE_NUMBER}, {expected}")


def _has_number(text: str) -> bool:
    return sum(map(str.isdigit, text)) >= MIN_TYPO_DIGITS


def _names_only_person(text: str) -> bool:
    """Return whether a part of a cell names another person, and has no number: the number beside it is theirs."""
    return not _has_number(text) and _OTHER_PERSON_WORDS.search(text) is not None
