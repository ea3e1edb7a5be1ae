"""One cell to a number in E.164 form, or to the reason why there is none."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, ValidationResult

_MAX_CHARS = 200
_QUOTES = " \t\r\n'`\u2018\u2019"

# What is certainly an Australian mobile: the spellings that make up nearly all of a usual file. A number found
# here is what phonenumbers finds too, at a thirtieth of its time; tests/unit/test_phones.py holds the two equal.
_CERTAIN = re.compile(r"(?:\+?61|0061|0011[ -]?61)?[ -]?(?:\(0\)|0)?[ -]?(4[0-9]{2})([ .-]?)([0-9]{3})\2([0-9]{3})")

_APART = re.compile(r"\s*(?::::|[/;,|\n\r]| - |\bor\b|\band\b|&)\s*", re.IGNORECASE)
_LABEL = re.compile(
    r"^(?:tel|p|m|mob|mobile|cell|phone|ph|t|h|w|work|home|sms)\.?\s*[:.]\s*|^(?:mob|mobile|ph|tel)\.?\s+",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"\s*(?:ext\.?|extension|x|#|;ext=)\s*[0-9]{1,6}$", re.IGNORECASE)
_FORMULA = re.compile(r'^=?"(.*)"$|^=(?=[+0-9])')
_FLOAT = re.compile(r"^(\+?[0-9]{6,15})[.,]0+$")
_SCIENTIFIC = re.compile(r"^\+?([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,2})$")
_ALLOWED = re.compile(r"^\+?[0-9 ()./-]*$")
_THOUSANDS = re.compile(r"\+?[0-9]{1,4}(?:,[0-9]{3}){2,3}")
_SIDE_BY_SIDE = re.compile(r"(?<=[0-9]) +(?=\+|0[1-9])")
# Who reads such words beside a number had better not send to it: `wrong number`, `do not text`.
_WARNINGS = re.compile(
    r"\b(?:no(?= +[a-z])|not|dont|don't|never|stop|dnc|dnd|wrong|old|former|invalid|disconnected|dead|deceased|bad|"
    r"unsub\w*|opt(?:ed)?[ -]?out)\b",
    re.IGNORECASE,
)
_OTHERS = re.compile(  # `(Mum's)`
    r"\b(?:mum|mom|mother|dad|father|parents?|wife|husband|spouse|partner|son|daughter|brother|sister|carer|kin|"
    r"emergency|fax|pager|assistant|pa|reception)\b",
    re.IGNORECASE,
)
_FEWEST_DIGITS = 8
_SERVICE = re.compile(r"^(?:\+?61|0)?(?:13[0-9]{4}|1[38]00[0-9]{6}|180[0-9]{4}|190[0-9]{7})$")


@dataclass(frozen=True, slots=True)
class Phone:
    """`caution` tells what was guessed or passed over, "" when nothing was."""

    e164: str
    caution: str = ""


@dataclass(frozen=True, slots=True)
class NoPhone:
    reason: str


MISSING = NoPhone("phone_number: missing")
_NOT_A_NUMBER = NoPhone("phone_number: not a phone number")
_DIGITS_LOST = NoPhone(
    "phone_number: the spreadsheet kept only the first digits (6.14E+10); "
    "format the column as text or number and export again"
)
_PLUS_LOST = "read as an international number without its plus"
_TWO = "two numbers in the cell: the first mobile was taken"
_WORDS = "something beside the number in the cell was passed over"


def choose(cells: Iterable[str], *, region: str = "AU", mobile_only: bool = True) -> Phone | NoPhone:
    """The number of a row with several phone columns, best column first: the first mobile.

    Without a mobile it is the first valid number, where `mobile_only` lets it in; otherwise the reason of the
    first cell that holds something.
    """
    second: Phone | None = None
    refusal: NoPhone | None = None
    for cell in cells:
        found = read_phone(cell, region=region, mobile_only=True)
        if isinstance(found, Phone):
            return found
        if not mobile_only and second is None:
            other = read_phone(cell, region=region, mobile_only=False)
            second = other if isinstance(other, Phone) else None
        if refusal is None and found is not MISSING:
            refusal = found
    return second or refusal or MISSING


def read_phone(cell: str, *, region: str = "AU", mobile_only: bool = True, in_words: bool = True) -> Phone | NoPhone:
    """`region` says how a number without a country code is read; `mobile_only` lets in its mobiles alone.

    `in_words` looks for a number in a text too: right under a header of phones, too eager elsewhere.
    """
    if region == "AU" and (number := certain_mobile(cell)):
        return Phone(number)
    text = _plain(cell)
    if not text:
        return MISSING
    found = _read_one(text, region, mobile_only=mobile_only)
    if isinstance(found, Phone):
        return found
    parts = [part for part in _APART.split(text) if part]
    if len(parts) > 1 and not _WARNINGS.search(text):
        for part in parts:
            several = _read_one(part, region, mobile_only=mobile_only)
            if isinstance(several, Phone):
                return Phone(several.e164, _TWO)
    return (in_words and _among_words(text, region, mobile_only=mobile_only)) or found


def certain_mobile(cell: str) -> str:
    """The Australian mobile that a cell certainly is, "" for everything else, other ways to write one among it."""
    if (certain := _CERTAIN.fullmatch(cell)) and australian_mobile().fullmatch(
        digits := certain[1] + certain[3] + certain[4]
    ):
        return "+61" + digits
    return ""


@cache
def australian_mobile() -> re.Pattern[str]:
    """The library's own pattern: not every number with 4 in front is one that was given out."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region("AU")
    mobile: Any = metadata and metadata.mobile  # the library allows for regions without any
    return re.compile(mobile.national_number_pattern)


def _plain(cell: str) -> str:
    """The cell with every kind of digit, blank and dash in its plain form, and what a spreadsheet added gone."""
    text = unicodedata.normalize("NFKC", cell[:_MAX_CHARS])
    text = "".join(_plain_letters(text)).strip(_QUOTES)
    while (bare := _FORMULA.sub(lambda match: match[1] or "", text).strip(_QUOTES)) != text:
        text = bare
    text = text.replace("(+", "+(").replace("++", "+")
    if _THOUSANDS.fullmatch(text):
        text = text.replace(",", "")
    return "" if text.casefold() in ("", "-", "n/a", "na", "null", "none", "nil", "#n/a", "undefined") else text


def _plain_letters(text: str) -> Iterator[str]:
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


def _read_one(text: str, region: str, *, mobile_only: bool) -> Phone | NoPhone:
    text = _EXTENSION.sub("", _LABEL.sub("", text))
    if scientific := _SCIENTIFIC.match(text):
        digits = scientific[1] + (scientific[2] or "")
        if len(digits) != int(scientific[3]) + 1:
            return _DIGITS_LOST
        text = digits
    if whole := _FLOAT.match(text):
        text = whole[1]
    if not _ALLOWED.match(text) or not any(letter.isdigit() for letter in text):
        return _NOT_A_NUMBER
    digits = re.sub(r"[^0-9+]", "", text)
    number = _first_valid(_as_written(text, digits, region), region)
    if number is not None:
        return _judge(number, region, mobile_only=mobile_only)
    if digits.startswith(("+", "0")) or len(digits) <= 9:
        return _why_not(text, region, mobile_only=mobile_only)
    number = _first_valid(["+" + digits], region)
    if number is None:
        return _why_not(text, region, mobile_only=mobile_only)
    found = _judge(number, region, mobile_only=mobile_only)
    return Phone(found.e164, _PLUS_LOST) if isinstance(found, Phone) else found


def _among_words(text: str, region: str, *, mobile_only: bool) -> Phone | NoPhone | None:
    """`Ann 0491 570 006 (work)`: what the library finds in the text, unless its words warn of the number."""
    words = " ".join(word for word in _SIDE_BY_SIDE.sub(" ; ", text).split() if "@" not in word)
    if sum(map(str.isdigit, words)) < _FEWEST_DIGITS or (words == text and _ALLOWED.match(text)):
        return None
    if _WARNINGS.search(text) or _OTHERS.search(text):
        return None
    numbers = [match.number for match in phonenumbers.PhoneNumberMatcher(words, region)]
    judged = [_judge(number, region, mobile_only=mobile_only) for number in numbers]
    for one in judged:
        if isinstance(one, Phone):
            return Phone(one.e164, _TWO if len(judged) > 1 else _WORDS)
    return judged[0] if judged else None


def _as_written(text: str, digits: str, region: str) -> Iterator[str]:
    yield text.replace("(0)", "")
    if region == "AU":
        # `+61 04…` and `0061…`; Australia dials abroad with 0011, the rest of the world with 00.
        yield re.sub(r"^(?:\+|00|0011)?61\(?0", "+61", digits)
    if digits.startswith("00"):
        yield "+" + digits[2:]


def _first_valid(spellings: Iterable[str], region: str) -> PhoneNumber | None:
    for spelling in spellings:
        try:
            number = phonenumbers.parse(spelling, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return number
    return None


def _judge(number: PhoneNumber, region: str, *, mobile_only: bool) -> Phone | NoPhone:
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not mobile_only:
        return Phone(e164)
    if phonenumbers.region_code_for_number(number) != region:
        return NoPhone(f"phone_number: a foreign number, {_wanted(region)}")
    kind = phonenumbers.number_type(number)
    if kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE):
        return Phone(e164)
    if kind == PhoneNumberType.FIXED_LINE:
        return NoPhone(f"phone_number: a landline, {_wanted(region)}")
    return NoPhone(f"phone_number: a service number, {_wanted(region)}")


def _why_not(text: str, region: str, *, mobile_only: bool) -> NoPhone:
    digits = re.sub(r"[^0-9+]", "", text)
    if region == "AU" and _SERVICE.match(digits):
        return NoPhone(f"phone_number: a service number, {_wanted(region)}")
    try:
        possible = phonenumbers.is_possible_number_with_reason(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return _NOT_A_NUMBER
    if possible in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return NoPhone("phone_number: too short")
    if possible == ValidationResult.TOO_LONG:
        return NoPhone("phone_number: too long")
    return NoPhone(f"phone_number: {_wanted(region) if mobile_only else 'not a number that exists'}")


def _wanted(region: str) -> str:
    return "not an Australian mobile" if region == "AU" else f"not a mobile of {region}"
