"""Match a header of a file, or a label of a webhook, to the role of its values."""

import re
import unicodedata
from functools import lru_cache

from contact_import.columns.header_names import HEADER_NAMES
from contact_import.columns.header_words import (
    ATTENDEE_WORDS,
    CONTAINED_WORDS,
    EXCLUDED_WORDS,
    FILLER_WORDS,
    HOME_WORDS,
    METADATA_WORDS,
    MOBILE_WORDS,
    OTHER_PERSON_WORDS,
    OWNER_WORDS,
    PHONE_WORDS,
    QUALIFIERS,
    QUESTION_WORDS,
    RELATIVE_WORDS,
    WORK_WORDS,
    drop_repetition,
    is_phone_of_other_person,
    is_sentence,
    match_phone_part,
)
from contact_import.domain.roles import Role
from contact_import.fields.consent.header import classify_consent_header, is_negated, split_joined_word
from contact_import.fields.consent.kinds import ROLE_BY_CONSENT_KIND, ConsentKind
from contact_import.fields.consent.words import CHANGE_WORDS, MOMENT_WORDS, SMS_WORDS

_MAX_CACHED_HEADERS = (
    10_000  # a file has at most 1,000 headers, but webhooks bring new labels as long as a process runs
)
_CAMEL_CASE_BOUNDARY = re.compile(r"(?<=[a-zäöü0-9])(?=[A-ZÄÖÜ])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATORS = re.compile(r"[\W_]+")
# `witness2`, `contact2name`: a person or field with its number. A longer number is part of an id.
_NUMBERED_WORD = re.compile(r"\b(?:([a-z]{3,})([1-9]\d?)\b|([a-z]{4,})([1-9])(?=[a-z]{4}))")
_CHAR_REPLACEMENTS = str.maketrans(
    dict.fromkeys("\u260e\u2706\U0001f4de", " phone ")
    | dict.fromkeys("\U0001f4f1\U0001f4f2", " mobile ")
    | dict.fromkeys("\u2709\U0001f4e7\U0001f4e8\U0001f4e9", " email ")
    | {"\u0131": "i", "\u0142": "l", "\u00f8": "o"}  # letters that NFKD does not decompose
)
# `SMS同意`: no blank separates two scripts.
_SCRIPT_BOUNDARY = re.compile(
    r"(?<=[A-Za-z0-9])(?=[\u0e00-\u0e7f\u3040-\u9fff\uac00-\ud7af])|(?<=[\u0e00-\u0e7f\u3040-\u9fff\uac00-\ud7af])(?=[A-Za-z0-9])"
)
# An @ or six digits: this is a value, not a header. Examples in a header are removed first.
_DATA_PATTERN = re.compile(r"@|(?:\d\D?){6}")
_EXAMPLE_TEXT = re.compile(r"\([^)]*\)|\b(?:e\.? ?g\b|eg\b|ex[.:]|z\. ?b\.|example|format|such as).*", re.IGNORECASE)

_DATE_WORDS = MOMENT_WORDS | CHANGE_WORDS
_QUALIFIABLE_ROLES = frozenset({Role.PHONE, Role.EMAIL, Role.ADDRESS, Role.COUNTRY, Role.POSTAL_CODE})
# Headers with different meanings in different files: they count only if the values below confirm them.
_VAGUE_HEADERS = frozenset(
    "number no contact person customer client attendee member guest patient student participant visitor numero "
    "numéro sms whatsapp text home work mobil portable first last title titre prefix work number "
    "home number m p h".split()
)


@lru_cache(maxsize=_MAX_CACHED_HEADERS)
def match_role(header: str) -> Role | None:
    """Return the role that a header names, or None.

    The first match decides: the whole header (`HEADER_NAMES`); the header without unimportant words (`Your mobile
    (required)`); a phone at its beginning; a word in it (`What is your mobile number?`). For a header that `is_vague`,
    the caller must compare the values.
    """
    words = drop_repetition(split_words(header))
    is_report_column = header.lstrip().startswith("_")
    if not words or is_report_column or is_phone_of_other_person(words):
        return None
    if _DATA_PATTERN.search(_EXAMPLE_TEXT.sub(" ", header)):
        return None
    return _match_exact(words) or match_phone_part(words) or _match_sentence(words) or _match_contained(words)


@lru_cache(maxsize=_MAX_CACHED_HEADERS)
def is_vague(header: str) -> bool:
    """Return whether a header is not in `HEADER_NAMES`, or has different meanings in different files."""
    words = split_words(header)
    return is_record_number(header) or " ".join(words) in _VAGUE_HEADERS or _match_exact(words) is None


def _match_exact(words: tuple[str, ...]) -> Role | None:
    if role := find_header_name(words):
        return role
    if len(words) > 1 and words[-1] in FILLER_WORDS and (role := _match_exact(words[:-1])):
        return role
    if len(words) > 1 and words[0] in QUESTION_WORDS and (role := _match_exact(words[1:])):
        return role
    if len(words) > 1 and words[0] in OWNER_WORDS and (role := _match_exact(words[1:])):
        # `User Name` is the name of an account.
        return None if words[0] == "user" and role is Role.FULL_NAME else role
    # `Home Phone` is a phone, but a `Business Name` is not the name of a person.
    for shorter in _strip_qualifiers(words):
        if (role := _match_exact(shorter)) in _QUALIFIABLE_ROLES:
            return role
    return None


def find_header_name(words: tuple[str, ...]) -> Role | None:
    """Return the role of exactly these words in `HEADER_NAMES`, or None."""
    if role := _ROLE_BY_FOLDED_NAME.get(" ".join(words)) or _ROLE_BY_FOLDED_NAME.get("".join(words)):
        return role
    roles = {_ROLE_BY_FOLDED_NAME.get(word) for word in words}  # `Sex/Gender`
    return roles.pop() if len(roles) == 1 else None


def _strip_qualifiers(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    shorter = []
    if len(words) > 1 and words[0] in QUALIFIERS:
        shorter.append(words[1:])
    if len(words) > 1 and (words[-1] in QUALIFIERS or (words[-1].isdecimal() and len(words[-1]) == 1)):
        shorter.append(words[:-1])
    return shorter


def _match_sentence(words: tuple[str, ...]) -> Role | None:
    """Return PHONE for a phone with a sentence after it, unless that is about consent or another person."""
    is_other = not (OTHER_PERSON_WORDS | RELATIVE_WORDS).isdisjoint(words) or classify_consent_header(words)
    for end in () if is_other else range(min(len(words) - 1, 4), 0, -1):
        if find_header_name(words[:end]) is Role.PHONE and " ".join(words[:end]) not in _VAGUE_HEADERS:
            return Role.PHONE if is_sentence(words[end:]) else None
    return None


def _match_contained(words: tuple[str, ...]) -> Role | None:
    """Return the role of a question or compound: `What is your mobile number?`, `Person - Phone`, `Attendee Email`."""
    all_words = set(words)
    excluded_words = all_words & EXCLUDED_WORDS - ({"updated"} if "keep" in all_words else set())
    kind = classify_consent_header(words)
    if kind and (excluded_words <= _DATE_WORDS | {"membership", "carrier"} or kind is ConsentKind.NUMBER_NOTE):
        return ROLE_BY_CONSENT_KIND[kind]
    if excluded_words:
        return None
    if is_negated(words):
        return None  # `Do Not Phone` has no phones, `(Do Not Modify) Contact` no names
    if all_words & {"birthday", "dob", "birthdate"} or {"date", "birth"} <= all_words:
        return Role.BIRTHDAY
    if all_words & METADATA_WORDS - ({"last"} if "name" in all_words else set()):
        return None
    if "email" in all_words or {"e", "mail"} <= all_words:
        return Role.EMAIL
    if all_words & PHONE_WORDS:
        return Role.PHONE
    return next((role for role, wanted in CONTAINED_WORDS if all_words.issuperset(wanted)), None)


@lru_cache(maxsize=_MAX_CACHED_HEADERS)
def split_words(header: str) -> tuple[str, ...]:
    """Split a header's first 200 characters into words without case, accents and signs: `E-mail` → `("e", "mail")`."""
    # Each step is skipped where it would change nothing: at import this function reads the 1,000 spellings.
    text = header[:200]
    if not text.isascii():
        text = _SCRIPT_BOUNDARY.sub(" ", text.translate(_CHAR_REPLACEMENTS))
    if not text.islower():
        text = _CAMEL_CASE_BOUNDARY.sub(" ", text)
    text = _SEPARATORS.sub(" ", _fold_text(text))
    if not text.replace(" ", "").isalpha():
        text = _NUMBERED_WORD.sub(r"\1\3 \2\4 ", text)
    return tuple(text.split())


def _fold_text(text: str) -> str:
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def has_example(header: str) -> bool:
    """Return whether a header names a role and has an example, which is not data: `Mobile (0400 000 000)`."""
    return bool(_EXAMPLE_TEXT.search(header)) and match_role(header) is not None


def is_record_number(header: str) -> bool:
    """Return whether a header more likely means the number of a record than a phone: `Number`, `Customer No.`."""
    *front, last = split_words(header) or ("",)
    return last in ("number", "no", "nummer") and OWNER_WORDS.difference({"contact"}).issuperset(front)


def is_contact_phrase(header: str) -> bool:
    """Return whether a header may ask for a phone in its own words: `Best number to reach you on`."""
    words = split_words(header)
    calls = {"reach", "ring", "call", "text", "contact", "number", "phone", "mobile"}
    if calls.isdisjoint(words) or not EXCLUDED_WORDS.isdisjoint(words) or is_phone_of_other_person(words):
        return False
    return not is_record_number(header) and header.lstrip()[0] != "_"


def is_excluded_header(header: str) -> bool:
    """Return whether a column cannot have the contact's own phone or e-mail, whatever its values look like."""
    words = split_words(header)
    excluded = EXCLUDED_WORDS | METADATA_WORDS | {"number", "no", "nr", "ref", "reference", "amount", "price", "code"}
    return header.lstrip().startswith("_") or not excluded.isdisjoint(words) or is_phone_of_other_person(words)


def rank_phone_header(header: str) -> int:
    """Return the rank of a phone, best first: mobile (0), work mobile, WhatsApp, phone, home phone, work phone (5)."""
    words = set(split_words(header))
    if words & MOBILE_WORDS:
        return 1 if words & WORK_WORDS else 0
    if "whatsapp" in words or {"whats", "app"} <= words:
        return 2
    return 5 if words & WORK_WORDS else 4 if words & (HOME_WORDS | {"address", "billing"}) else 3


def is_phone_and_email(header: str) -> bool:
    """Return whether a cell may have a phone, an e-mail address or both: `Email / Phone`."""
    words = set(split_words(header))
    return bool(words & PHONE_WORDS) and bool(words & {"email", "mail"})


def is_buyer_or_recipient(header: str) -> bool:
    """Return whether a column is about the person who pays or who gets the parcel."""
    return bool(set(split_words(header)) & {"buyer", "purchaser", "parent", "shipping", "recipient", "delivery", "sa"})


def is_billing_header(header: str) -> bool:
    """Return whether a column is about the person on the bill: `Billing First Name`, `First Name (Billing)`."""
    return "billing" in split_words(header)


def is_attendee_header(header: str) -> bool:
    """Return whether a column is about a person for whom another may pay: `Attendee First Name`."""
    return not ATTENDEE_WORDS.isdisjoint(split_words(header))


def is_about_sms(header: str) -> bool:
    """Return whether a header names SMS."""
    return any(part in SMS_WORDS for word in split_words(header) for part in split_joined_word(word))


_ROLE_BY_NAME = {spelling: role for role, spellings in HEADER_NAMES.items() for spelling in spellings.split("|")}
# By joined words (`postalcode`), then by the listed spellings, which replace them: `birth day` joined is `birthday`.
_ROLE_BY_FOLDED_NAME = {"".join(split_words(spelling)): role for spelling, role in _ROLE_BY_NAME.items()}
_ROLE_BY_FOLDED_NAME |= {" ".join(split_words(spelling)): role for spelling, role in _ROLE_BY_NAME.items()}
