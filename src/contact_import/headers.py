"""A column's header to what the column holds. The same table serves files and forms."""

import re
import unicodedata
from functools import cache

from contact_import.spellings import SPELLINGS, Role

_CAMEL = re.compile(r"(?<=[a-zäöü0-9])(?=[A-ZÄÖÜ])|(?<=[A-Z])(?=[A-Z][a-z])")
_APART = re.compile(r"[\W_]+")

# Words in front of a header that say whose table it is, not what is in the column.
_PRODUCT_WORDS = frozenset(
    "contact contacts customer client person lead attendee buyer member subscriber billing shipping primary home main "
    "default your my mailing po sa user guest patient student donor owner1 recipient account1 personal kunde kunden".split()
)

_BY_SPELLING = {spelling: role for role, spellings in SPELLINGS.items() for spelling in spellings.split("|")}

# Whose number or name it is not, and numbers that cannot get SMS: whatever else the header says.
_NEVER = frozenset(
    "fax pager spouse partner partners kin emergency assistant assistants manager managers referrer referred guardian "
    "mother mothers father fathers wife husband carer children agent rep owner company organisation organization "
    "employer business1 campaign form ad adset file ip id number1 employees abn acn account order invoice "
    "yomi phonetic maiden nickname middle url website web linkedin facebook twitter instagram skype photo "
    "note notes radio tty video source created updated modified timestamp".split()
)
# Words of a column that speaks about a number or an address and does not hold it.
_ABOUT = frozenset(
    "type label status consent rating count total verified extension blacklisted accepts accept notifications "
    "notification opt optin optout opted marketing subscribed subscription unsubscribed country bounced bounce "
    "domain confirmed sent opened clicked permission valid validation preference frequency format carrier".split()
)


@cache
def role_of(header: str) -> Role | None:
    """The role that a header names for certain, None when it names none."""
    words = words_of(header)
    if not words or header.lstrip().startswith("_"):
        return None
    return _exact(words) or _by_contained(words)


@cache
def words_of(header: str) -> tuple[str, ...]:
    """Without case, accents, emoji and punctuation: `E-mail 1 - Value` → e, mail, 1, value."""
    return tuple(_APART.sub(" ", _folded(_CAMEL.sub(" ", header[:200]))).split())


def phone_rank(header: str) -> int:
    """0 for a column of mobiles, then plain phones, then home, then work."""
    words = set(words_of(header))
    if words & _MOBILE_WORDS:
        return 0
    if words & {
        "work",
        "business",
        "company",
        "office",
        "geschaftlich",
        "ddi",
        "direct",
        "daytime",
        "w",
        "bh",
    }:
        return 3
    return 2 if words & {"home", "other", "privat", "car", "evening", "ah", "h"} else 1


_MOBILE_WORDS = frozenset(
    "mobile mobiles mobil mobilnummer mobiltelefon mobilfunk mob cell cellphone cellular handy handynummer sms msisdn portable movil "
    "celular cellulare mobiel gsm telemovel mobilenumber mobilephone whatsapp".split()
)


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _exact(words: tuple[str, ...]) -> Role | None:
    while words:
        if role := _FOLDED.get(" ".join(words)) or _FOLDED.get("".join(words)):
            return role
        if words[0] not in _PRODUCT_WORDS:
            return None
        words = words[1:]
    return None


def _by_contained(words: tuple[str, ...]) -> Role | None:
    """Questions and composed headers: `What is your mobile number?`, `Person - Phone`, `Attendee #1 Email`."""
    every = set(words)
    if every & _NEVER:
        return None
    consent = _consent_in(every)
    if consent:
        return consent
    if every & _ABOUT:
        return None
    if every & {"birthday", "dob"} or {"date", "birth"} <= every:
        return Role.BIRTHDAY
    if "email" in every or {"e", "mail"} <= every:
        return Role.EMAIL
    if every & (_MOBILE_WORDS | {"phone", "telephone", "telefon", "phonenumber"}):
        return Role.PHONE
    for name, role in (
        ("first name", Role.FIRST_NAME),
        ("last name", Role.LAST_NAME),
        ("full name", Role.FULL_NAME),
    ):
        if set(name.split()) <= every:
            return role
    if every & {"surname"}:
        return Role.LAST_NAME
    if every & {"postcode", "zip", "zipcode"} or {"postal", "code"} <= every:
        return Role.POSTAL_CODE
    return None


def _consent_in(words: set[str]) -> Role | None:
    sms = words & {"sms", "text", "texts"}
    if not sms:
        return None
    if (
        words & {"unsubscribed", "blacklisted", "suppressed", "stop", "dnd"}
        or {"opt", "out"} <= words
        or {"opted", "out"} <= words
    ):
        return Role.OPT_OUT
    if words & {"status", "state"}:
        return Role.STATUS
    if words & {"consent", "accept", "accepts", "agree", "subscribed", "permission", "optin"} or {"opt", "in"} <= words:
        return Role.CONSENT
    return None


# Written as one word too (`postalcode`), but never in place of a spelling that is listed (`birthday`).
_FOLDED = {"".join(words_of(spelling)): role for spelling, role in _BY_SPELLING.items()}
_FOLDED |= {" ".join(words_of(spelling)): role for spelling, role in _BY_SPELLING.items()}
