"""A column's header to what the column holds. The same table serves files and forms."""

import re
import unicodedata
from functools import lru_cache

from contact_import.columns.header_names import HEADER_NAMES
from contact_import.domain.roles import Role
from contact_import.fields.consent import ConsentKind, classify_consent_header

_CACHE_SIZE = 10_000  # a file has no more than 1,000 headers, but webhooks bring other labels all day long
_CAMEL_CASE_BOUNDARY = re.compile(r"(?<=[a-zäöü0-9])(?=[A-ZÄÖÜ])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATORS = re.compile(r"[\W_]+")
_CHAR_REPLACEMENTS = str.maketrans(
    dict.fromkeys("\u260e\u2706\U0001f4de", " phone ")
    | dict.fromkeys("\U0001f4f1\U0001f4f2", " mobile ")
    | dict.fromkeys("\u2709\U0001f4e7\U0001f4e8\U0001f4e9", " email ")
    | {"\u0131": "i", "\u0142": "l", "\u00f8": "o"}  # letters that do not come apart
)
_DATA_PATTERN = re.compile(r"@|(?:\d\D?){6}")
_EXAMPLE_TEXT = re.compile(r"\([^)]*\)|\b(?:e\.? ?g\b|eg\b|ex[.:]|z\. ?b\.|example|format|such as).*", re.IGNORECASE)

# Words in front of a header that say whose table it is, not what is in the column.
_OWNER_WORDS = frozenset(
    "contact contacts customer client person lead attendee buyer member subscriber billing shipping primary "
    "home main default your my mailing po sa guest patient student donor recipient parent personal participant "
    "visitor user kunde kunden applicant volunteer tenant resident registrant delegate invitee booking "
    "seu sua tu votre ihr ihre dein deine su uw je jouw".split()
)
# How a form asks: `What is your gender?`, `Please enter your address`.
_QUESTION_WORDS = frozenset("what whats is s your please enter provide give tell us the".split())
# Words before or after a header that say which of several it is. A `Business Name` is no person's name.
_QUALIFIERS = frozenset(
    "home work business office company other private personal residential physical delivery current alternate "
    "alternative alt secondary second preferred best privat prive geschaftlich weitere domicile bureau autre "
    "casa trabajo lavoro thuis werk h w m ah bh".split()
)
_FILLER_WORDS = frozenset(
    "required optional mandatory only if any dd mm yy yyyy d m y format please enter the a no spaces example "
    "eg e g".split()
)
_ROLE_BY_CONSENT_KIND = {ConsentKind.CONSENT: Role.CONSENT, ConsentKind.OPT_OUT: Role.OPT_OUT}
_QUALIFIABLE_ROLES = frozenset({Role.PHONE, Role.EMAIL, Role.ADDRESS, Role.COUNTRY, Role.POSTAL_CODE})

# Whose number or name it is not, and numbers that cannot get SMS: whatever else the header says.
_EXCLUDED_WORDS = frozenset(
    "fax telefax telecopie pager beeper spouse spouses partner partners kin emergency assistant assistants "
    "assistent manager managers referrer referrers referred referral guardian mother mothers father fathers "
    "wife husband carer children child kid kids baby pet dog agent rep sales salesperson consultant broker "
    "staff employer employee employees owner assigned supervisor doctor gp teacher school conjoint notfall "
    "emergencia urgence pareja company organisation organization campaign form ad adset file ip id abn acn tfn "
    "account order invoice yomi phonetic maiden middle nickname url website web linkedin facebook twitter "
    "instagram skype photo note notes radio tty isdn telex video source created updated modified timestamp app "
    "version model device os browser plan carrier network provider membership loyalty licence license passport "
    "medicare bank card iban vat username besitzer host organiser organizer".split()
)
_ATTENDEE_WORDS = frozenset(
    "attendee participant student guest patient passenger delegate player camper visitor".split()
)
# Words of a column that speaks about a number or an address and does not hold it.
_METADATA_WORDS = frozenset(
    "type typ label status consent rating count total verified extension blacklisted accepts accept "
    "notifications notification reminder reminders alert alerts opt optin optout opted marketing subscribed "
    "subscription unsubscribed country bounce bounced domain confirmed sent opened clicked permission valid "
    "validation preference preferred frequency format display angezeigter date time last when credits "
    "campaigns method how many".split()
)
_MOBILE_WORDS = frozenset(
    "mobile mobiles mobil mobilnummer mobilnr mobiltelefon mobilfunk mob cell cellphone cellular handy "
    "handynummer handynr sms msisdn portable movil celular cellulare mobiel gsm telemovel mobilenumber "
    "mobilephone natel hp handphone".split()
)
_PHONE_WORDS = _MOBILE_WORDS | frozenset(
    "phone telephone telefon telefono telefone telefoon whatsapp phonenumber telefonnummer rufnummer tel".split()
)
_WORK_WORDS = frozenset("work business company office geschaftlich bureau ddi direct trabajo lavoro werk w bh".split())
_HOME_WORDS = frozenset(
    "home other private privat prive domicile car evening ah h festnetz fixe fijo landline casa".split()
)
_CONTAINED_WORDS = (
    (Role.FIRST_NAME, ("first", "name")),
    (Role.FIRST_NAME, ("given", "name")),
    (Role.LAST_NAME, ("last", "name")),
    (Role.LAST_NAME, ("family", "name")),
    (Role.LAST_NAME, ("surname",)),
    (Role.FULL_NAME, ("full", "name")),
    (Role.POSTAL_CODE, ("postcode",)),
    (Role.POSTAL_CODE, ("postal", "code")),
    (Role.POSTAL_CODE, ("zip",)),
    (Role.POSTAL_CODE, ("zipcode",)),
    (Role.ADDRESS, ("suburb",)),
    (Role.ADDRESS, ("street", "address")),
    (Role.ADDRESS, ("address", "line")),
)
# Headers that mean one thing in one file and another in the next: their values must bear them out.
_VAGUE_HEADERS = frozenset(
    "number no contact person customer client attendee member guest patient student participant visitor numero "
    "numéro sms whatsapp text home work mobil portable first last title titre prefix work number "
    "home number m p h".split()
)


@lru_cache(maxsize=_CACHE_SIZE)
def match_role(header: str) -> Role | None:
    """The role that a header names, None when it names none. `is_vague` says when the values must agree."""
    words = split_words(header)
    if not words or header.lstrip().startswith("_") or _DATA_PATTERN.search(_EXAMPLE_TEXT.sub(" ", header)):
        return None
    return _match_exact(words) or _match_contained(words)


@lru_cache(maxsize=_CACHE_SIZE)
def is_vague(header: str) -> bool:
    """Whether the header is no known spelling, or one that says nothing certain."""
    words = split_words(header)
    return is_record_number(header) or " ".join(words) in _VAGUE_HEADERS or _match_exact(words) is None


def has_example(header: str) -> bool:
    """`Mobile (0400 000 000)`: a header with a number in it, and nobody's number."""
    return bool(_EXAMPLE_TEXT.search(header)) and match_role(header) is not None


def is_record_number(header: str) -> bool:
    """`Number`, `Customer No.`: rather what a person is counted by than called on."""
    *front, last = split_words(header) or ("",)
    return last in ("number", "no", "nummer") and _OWNER_WORDS.difference({"contact"}).issuperset(front)


def is_contact_phrase(header: str) -> bool:
    """`Best number to reach you on`: no spelling of a phone, but for numbers that look like one it will do."""
    words = set(split_words(header))
    calls = {"reach", "ring", "call", "text", "contact", "number", "phone", "mobile"}
    return (
        bool(words & calls)
        and not words & _EXCLUDED_WORDS
        and not is_record_number(header)
        and header.lstrip()[0] != "_"
    )


def is_excluded_header(header: str) -> bool:
    """Whether nothing in the column can be the contact's own, whatever its values look like."""
    words = set(split_words(header))
    return header.lstrip().startswith("_") or bool(
        words
        & (_EXCLUDED_WORDS | _METADATA_WORDS | {"number", "no", "nr", "ref", "reference", "amount", "price", "code"})
    )


@lru_cache(maxsize=_CACHE_SIZE)
def split_words(header: str) -> tuple[str, ...]:
    """Without case, accents, emoji and punctuation: `E-mail 1 - Value` → e, mail, 1, value."""
    return tuple(
        _SEPARATORS.sub(
            " ", _fold_text(_CAMEL_CASE_BOUNDARY.sub(" ", header[:200].translate(_CHAR_REPLACEMENTS)))
        ).split()
    )


def rank_phone_header(header: str) -> int:
    """0 for a person's mobile, then a mobile at work, WhatsApp, plain phones, those of an address, and work last."""
    words = set(split_words(header))
    if words & _MOBILE_WORDS:
        return 1 if words & _WORK_WORDS else 0
    if "whatsapp" in words or {"whats", "app"} <= words:
        return 2
    return 5 if words & _WORK_WORDS else 4 if words & (_HOME_WORDS | {"address", "billing"}) else 3


def is_phone_and_email(header: str) -> bool:
    """`Email / Phone`: a cell may hold either, or both."""
    words = set(split_words(header))
    return bool(words & _PHONE_WORDS) and bool(words & {"email", "mail"})


def is_buyer_or_recipient(header: str) -> bool:
    """Whether the column is about who paid or who gets the parcel, when another is about the person."""
    return bool(set(split_words(header)) & {"buyer", "purchaser", "parent", "shipping", "recipient", "delivery", "sa"})


def is_billing_header(header: str) -> bool:
    """`Billing First Name`, `First Name (Billing)`: whose name is on the bill."""
    return "billing" in split_words(header)


def is_attendee_header(header: str) -> bool:
    """`Attendee First Name`: somebody for whom another may have paid."""
    return not _ATTENDEE_WORDS.isdisjoint(split_words(header))


def is_about_sms(header: str) -> bool:
    return bool({"sms", "text", "texts"} & set(split_words(header)))


def _fold_text(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _match_exact(words: tuple[str, ...]) -> Role | None:
    if role := _find_header_name(words):
        return role
    if len(words) > 1 and words[-1] in _FILLER_WORDS and (role := _match_exact(words[:-1])):
        return role
    if len(words) > 1 and words[0] in _QUESTION_WORDS and (role := _match_exact(words[1:])):
        return role
    if len(words) > 1 and words[0] in _OWNER_WORDS and (role := _match_exact(words[1:])):
        # A user's name is an account's, and a `Contact Title` says what somebody's work is.
        return None if words[0] == "user" and role is Role.FULL_NAME else role
    for shorter in _strip_qualifiers(words):
        if (role := _match_exact(shorter)) in _QUALIFIABLE_ROLES:
            return role
    return None


def _find_header_name(words: tuple[str, ...]) -> Role | None:
    if role := _ROLE_BY_FOLDED_NAME.get(" ".join(words)) or _ROLE_BY_FOLDED_NAME.get("".join(words)):
        return role
    each = {_ROLE_BY_FOLDED_NAME.get(word) for word in words}  # `Sex/Gender`
    return each.pop() if len(each) == 1 else None


def _strip_qualifiers(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    shorter = []
    if len(words) > 1 and words[0] in _QUALIFIERS:
        shorter.append(words[1:])
    if len(words) > 1 and (words[-1] in _QUALIFIERS or (words[-1].isdecimal() and len(words[-1]) == 1)):
        shorter.append(words[:-1])
    return shorter


def _match_contained(words: tuple[str, ...]) -> Role | None:
    """Questions and composed headers: `What is your mobile number?`, `Person - Phone`, `Attendee #1 Email`."""
    all_words = set(words)
    if all_words & _EXCLUDED_WORDS:
        return None
    if kind := classify_consent_header(words):
        return _ROLE_BY_CONSENT_KIND[kind]
    if all_words & {"birthday", "dob", "birthdate"} or {"date", "birth"} <= all_words:
        return Role.BIRTHDAY
    if all_words & _METADATA_WORDS - ({"last"} if "name" in all_words else set()):
        return None
    if "email" in all_words or {"e", "mail"} <= all_words:
        return Role.EMAIL
    if all_words & _PHONE_WORDS:
        return Role.PHONE
    return next((role for role, wanted in _CONTAINED_WORDS if all_words.issuperset(wanted)), None)


_ROLE_BY_NAME = {spelling: role for role, spellings in HEADER_NAMES.items() for spelling in spellings.split("|")}
# Written as one word too (`postalcode`), but never in place of a spelling that is listed (`birthday`).
_ROLE_BY_FOLDED_NAME = {"".join(split_words(spelling)): role for spelling, role in _ROLE_BY_NAME.items()}
_ROLE_BY_FOLDED_NAME |= {" ".join(split_words(spelling)): role for spelling, role in _ROLE_BY_NAME.items()}
