"""Classify the values of a column by their form, whatever its header says."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import islice

from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.fields.dressing import undress
from contact_import.fields.phone import Phone, read_phone
from contact_import.fields.phone_text import is_whatsapp_id
from contact_import.fields.text import clean_text, normalize_email

_LETTERS = compile_lazily(r"[^\W\d_]+(?:[-'\u2019., &]+[^\W\d_]+)*\.?")
_NOT_A_PHONE = compile_lazily(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b.*|[$€£].*|\d{1,3}(\.\d{1,3}){3}|-?\d+[.,]\d{1,3}|\d{4}-\d{2}-\d{2}.*|\d{1,6}",
    re.DOTALL,
)
_PHONE_LIKE = compile_lazily(r"(?:[a-z]+[.:]? ?)?[+(]?\d[\d ()./+-]{4,20}\d|\d[.,]\d+e\+?\d\d", re.IGNORECASE)
_CALLING_CODE = compile_lazily(r"\(?\+ ?[1-9]\d{0,2}\)?|[A-Za-z ]{2,40}\(\+[1-9]\d{0,2}\)")
_YES_NO_WORDS = frozenset(
    "yes|no|y|n|true|false|t|f|1|0|ja|nein|oui|non|si|sí|x|on|off|opt in|opt out|opt-in|opt-out|opted in|opted out|"
    "opted-in|opted-out|optin|optout|subscribed|unsubscribed|not subscribed|never subscribed|granted|denied|"
    "✓|✔|✅|☑|✗|✘|❌|☐".split("|")
)
_TITLE_WORDS = frozenset(
    "mr mrs ms miss mx dr prof sir madam rev herr frau m mme mlle monsieur madame sr sra srta dhr mevr".split()
)
_BARE_MOBILE_DIGITS = 9


class ValueType(StrEnum):
    """The form of a value. The role of its column is decided later, with the header and the other columns."""

    MOBILE = "mobile"  # one of the region's
    PHONE = "phone"  # another number that exists
    DIGITS = "digits"  # as long as a phone, with only the signs of one
    EMAIL = "email"
    YES_NO = "yes_no"  # yes or no
    TITLE = "title"  # Mr, Ms
    NAME = "name"  # two words or more, of letters
    WORD = "word"  # one word of letters
    CALLING_CODE = "calling_code"  # +61
    CODE = "code"  # digits and signs without a letter, and none of the above
    OTHER = "other"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """The number of a column's sampled cells of each type. Empty cells do not count.

    `distinct_count` is the number of different cells, and `bare_count` that of cells with nine digits, which may be
    mobiles without their zero.
    """

    counts: Counter[ValueType] = field(default_factory=Counter)
    distinct_count: int = 0
    bare_count: int = 0

    @property
    def filled_count(self) -> int:
        """Return the number of sampled cells."""
        return self.counts.total()

    def get_share(self, *value_types: ValueType) -> float:
        """Return the share of cells of these types, from 0 to 1; 0 for an empty column."""
        return sum(self.counts[value_type] for value_type in value_types) / (self.filled_count or 1)

    @property
    def phone_share(self) -> float:
        """Return the share of phone numbers that exist."""
        return self.get_share(ValueType.MOBILE, ValueType.PHONE)

    @property
    def maybe_phone_share(self) -> float:
        """Return the share of cells that may be phone numbers, those with lost or wrong digits included."""
        return self.get_share(ValueType.MOBILE, ValueType.PHONE, ValueType.DIGITS)


def classify_value(cell: str, region: str) -> ValueType:
    """Return the type of a cell. Phones are read as numbers of the `region`, an ISO country."""
    text = clean_text(undress(cell)[:200])
    if not text:
        return ValueType.EMPTY
    if "@" in text and not is_whatsapp_id(text):
        return ValueType.EMAIL if normalize_email([text])[0] else ValueType.OTHER
    if any(letter.isdecimal() for letter in text):
        return _classify_digits(text, region)
    word = text.casefold().rstrip(".")
    if word in _TITLE_WORDS:
        return ValueType.TITLE
    if word in _YES_NO_WORDS:
        return ValueType.YES_NO
    if not _LETTERS.fullmatch(text) or len(text) > 60:
        return ValueType.OTHER
    return ValueType.NAME if " " in text else ValueType.WORD


def _classify_digits(text: str, region: str) -> ValueType:
    if text in _YES_NO_WORDS:
        return ValueType.YES_NO
    if _NOT_A_PHONE.fullmatch(text) or len(text) > 60:
        return _classify_code(text)
    if _CALLING_CODE.fullmatch(text):
        return ValueType.CALLING_CODE
    if isinstance(read_phone(text, region=region, mobile_only=True, search_text=False), Phone):
        return ValueType.MOBILE
    if isinstance(read_phone(text, region=region, mobile_only=False, search_text=False), Phone):
        return ValueType.PHONE
    return ValueType.DIGITS if _PHONE_LIKE.fullmatch(text) else _classify_code(text)


def _classify_code(text: str) -> ValueType:
    return ValueType.OTHER if any(letter.isalpha() for letter in text) else ValueType.CODE


def profile_column(cells: Iterable[str], region: str, *, sample_size: int = 60) -> ColumnProfile:
    """Return the profile of a column's first `sample_size` filled cells."""
    filled = list(islice((cell for cell in cells if cell and not cell.isspace()), sample_size))
    counts = Counter(classify_value(cell, region) for cell in filled)
    del counts[ValueType.EMPTY]
    return ColumnProfile(counts, len(set(filled)), sum(map(_is_bare_number, filled)))


def _is_bare_number(cell: str) -> bool:
    digits = cell.strip()
    return len(digits) == _BARE_MOBILE_DIGITS and digits.isdecimal()


def has_phone_or_email(cells: Sequence[str], region: str) -> bool:
    """Return whether a row is certainly data: one of its cells is a phone number or an e-mail address."""
    return any(classify_value(cell, region) in (ValueType.MOBILE, ValueType.PHONE, ValueType.EMAIL) for cell in cells)
