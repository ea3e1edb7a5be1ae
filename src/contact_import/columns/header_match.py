"""A column's header to what the column holds. The same table serves files and forms."""

import re
import unicodedata
from functools import lru_cache

from contact_import.columns.header_names import SPELLINGS, Role
from contact_import.fields.consent import Kind, kind_of

_REMEMBERED = 10_000  # a file has no more than 1,000 headers, but webhooks bring other labels all day long
_CAMEL = re.compile(r"(?<=[a-zäöü0-9])(?=[A-ZÄÖÜ])|(?<=[A-Z])(?=[A-Z][a-z])")
_APART = re.compile(r"[\W_]+")
_PICTURES = str.maketrans(
    dict.fromkeys("\u260e\u2706\U0001f4de", " phone ")
    | dict.fromkeys("\U0001f4f1\U0001f4f2", " mobile ")
    | dict.fromkeys("\u2709\U0001f4e7\U0001f4e8\U0001f4e9", " email ")
    | {"\u0131": "i", "\u0142": "l", "\u00f8": "o"}  # letters that do not come apart
)
_NO_HEADER = re.compile(r"@|(?:\d\D?){6}")
_EXAMPLE = re.compile(r"\([^)]*\)|\b(?:e\.? ?g\b|eg\b|ex[.:]|z\. ?b\.|example|format|such as).*", re.IGNORECASE)

# Words in front of a header that say whose table it is, not what is in the column.
_PRODUCT_WORDS = frozenset(
    "contact contacts customer client person lead attendee buyer member subscriber billing shipping primary "
    "home main default your my mailing po sa guest patient student donor recipient parent personal participant "
    "visitor user kunde kunden applicant volunteer tenant resident registrant delegate invitee booking "
    "seu sua tu votre ihr ihre dein deine su uw je jouw".split()
)
# How a form asks: `What is your gender?`, `Please enter your address`.
_ASKING = frozenset("what whats is s your please enter provide give tell us the".split())
# Words before or after a header that say which of several it is. A `Business Name` is no person's name.
_QUALIFIERS = frozenset(
    "home work business office company other private personal residential physical delivery current alternate "
    "alternative alt secondary second preferred best privat prive geschaftlich weitere domicile bureau autre "
    "casa trabajo lavoro thuis werk h w m ah bh".split()
)
_FILLERS = frozenset(
    "required optional mandatory only if any dd mm yy yyyy d m y format please enter the a no spaces example "
    "eg e g".split()
)
_CONSENTS = {Kind.CONSENT: Role.CONSENT, Kind.OPT_OUT: Role.OPT_OUT}
_QUALIFIED = frozenset({Role.PHONE, Role.EMAIL, Role.ADDRESS, Role.COUNTRY, Role.POSTAL_CODE})

# Whose number or name it is not, and numbers that cannot get SMS: whatever else the header says.
_NEVER = frozenset(
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
_GUESTS = frozenset("attendee participant student guest patient passenger delegate player camper visitor".split())
# Words of a column that speaks about a number or an address and does not hold it.
_ABOUT = frozenset(
    "type typ label status consent rating count total verified extension blacklisted accepts accept "
    "notifications notification reminder reminders alert alerts opt optin optout opted marketing subscribed "
    "subscription unsubscribed country bounce bounced domain confirmed sent opened clicked permission valid "
    "validation preference preferred frequency format display angezeigter date time last when credits "
    "campaigns method how many".split()
)
_MOBILES = frozenset(
    "mobile mobiles mobil mobilnummer mobilnr mobiltelefon mobilfunk mob cell cellphone cellular handy "
    "handynummer handynr sms msisdn portable movil celular cellulare mobiel gsm telemovel mobilenumber "
    "mobilephone natel hp handphone".split()
)
_PHONES = _MOBILES | frozenset(
    "phone telephone telefon telefono telefone telefoon whatsapp phonenumber telefonnummer rufnummer tel".split()
)
_WORK = frozenset("work business company office geschaftlich bureau ddi direct trabajo lavoro werk w bh".split())
_HOME = frozenset("home other private privat prive domicile car evening ah h festnetz fixe fijo landline casa".split())
_CONTAINED = (
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
_VAGUE = frozenset(
    "number no contact person customer client attendee member guest patient student participant visitor numero "
    "numéro sms whatsapp text home work mobil portable first last title titre prefix work number "
    "home number m p h".split()
)


@lru_cache(maxsize=_REMEMBERED)
def role_of(header: str) -> Role | None:
    """The role that a header names, None when it names none. `is_vague` says when the values must agree."""
    words = words_of(header)
    if not words or header.lstrip().startswith("_") or _NO_HEADER.search(_EXAMPLE.sub(" ", header)):
        return None
    return _exact(words) or _by_contained(words)


@lru_cache(maxsize=_REMEMBERED)
def is_vague(header: str) -> bool:
    """Whether the header is no known spelling, or one that says nothing certain."""
    words = words_of(header)
    return is_numbering(header) or " ".join(words) in _VAGUE or _exact(words) is None


def has_example(header: str) -> bool:
    """`Mobile (0400 000 000)`: a header with a number in it, and nobody's number."""
    return bool(_EXAMPLE.search(header)) and role_of(header) is not None


def is_numbering(header: str) -> bool:
    """`Number`, `Customer No.`: rather what a person is counted by than called on."""
    *front, last = words_of(header) or ("",)
    return last in ("number", "no", "nummer") and _PRODUCT_WORDS.difference({"contact"}).issuperset(front)


def is_for_calls(header: str) -> bool:
    """`Best number to reach you on`: no spelling of a phone, but for numbers that look like one it will do."""
    words = set(words_of(header))
    calls = {"reach", "ring", "call", "text", "contact", "number", "phone", "mobile"}
    return bool(words & calls) and not words & _NEVER and not is_numbering(header) and header.lstrip()[0] != "_"


def is_decoy(header: str) -> bool:
    """Whether nothing in the column can be the contact's own, whatever its values look like."""
    words = set(words_of(header))
    return header.lstrip().startswith("_") or bool(
        words & (_NEVER | _ABOUT | {"number", "no", "nr", "ref", "reference", "amount", "price", "code"})
    )


@lru_cache(maxsize=_REMEMBERED)
def words_of(header: str) -> tuple[str, ...]:
    """Without case, accents, emoji and punctuation: `E-mail 1 - Value` → e, mail, 1, value."""
    return tuple(_APART.sub(" ", _folded(_CAMEL.sub(" ", header[:200].translate(_PICTURES)))).split())


def phone_rank(header: str) -> int:
    """0 for a person's mobile, then a mobile at work, WhatsApp, plain phones, those of an address, and work last."""
    words = set(words_of(header))
    if words & _MOBILES:
        return 1 if words & _WORK else 0
    if "whatsapp" in words or {"whats", "app"} <= words:
        return 2
    return 5 if words & _WORK else 4 if words & (_HOME | {"address", "billing"}) else 3


def is_phone_and_email(header: str) -> bool:
    """`Email / Phone`: a cell may hold either, or both."""
    words = set(words_of(header))
    return bool(words & _PHONES) and bool(words & {"email", "mail"})


def is_second_hand(header: str) -> bool:
    """Whether the column is about who paid or who gets the parcel, when another is about the person."""
    return bool(set(words_of(header)) & {"buyer", "purchaser", "parent", "shipping", "recipient", "delivery", "sa"})


def is_of_payer(header: str) -> bool:
    """`Billing First Name`, `First Name (Billing)`: whose name is on the bill."""
    return "billing" in words_of(header)


def is_of_guest(header: str) -> bool:
    """`Attendee First Name`: somebody for whom another may have paid."""
    return not _GUESTS.isdisjoint(words_of(header))


def is_about_sms(header: str) -> bool:
    return bool({"sms", "text", "texts"} & set(words_of(header)))


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _exact(words: tuple[str, ...]) -> Role | None:
    if role := _spelled(words):
        return role
    if len(words) > 1 and words[-1] in _FILLERS and (role := _exact(words[:-1])):
        return role
    if len(words) > 1 and words[0] in _ASKING and (role := _exact(words[1:])):
        return role
    if len(words) > 1 and words[0] in _PRODUCT_WORDS and (role := _exact(words[1:])):
        # A user's name is an account's, and a `Contact Title` says what somebody's work is.
        return None if words[0] == "user" and role is Role.FULL_NAME else role
    for shorter in _unqualified(words):
        if (role := _exact(shorter)) in _QUALIFIED:
            return role
    return None


def _spelled(words: tuple[str, ...]) -> Role | None:
    if role := _FOLDED.get(" ".join(words)) or _FOLDED.get("".join(words)):
        return role
    each = {_FOLDED.get(word) for word in words}  # `Sex/Gender`
    return each.pop() if len(each) == 1 else None


def _unqualified(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    shorter = []
    if len(words) > 1 and words[0] in _QUALIFIERS:
        shorter.append(words[1:])
    if len(words) > 1 and (words[-1] in _QUALIFIERS or (words[-1].isdecimal() and len(words[-1]) == 1)):
        shorter.append(words[:-1])
    return shorter


def _by_contained(words: tuple[str, ...]) -> Role | None:
    """Questions and composed headers: `What is your mobile number?`, `Person - Phone`, `Attendee #1 Email`."""
    every = set(words)
    if every & _NEVER:
        return None
    if kind := kind_of(words):
        return _CONSENTS[kind]
    if every & {"birthday", "dob", "birthdate"} or {"date", "birth"} <= every:
        return Role.BIRTHDAY
    if every & _ABOUT - ({"last"} if "name" in every else set()):
        return None
    if "email" in every or {"e", "mail"} <= every:
        return Role.EMAIL
    if every & _PHONES:
        return Role.PHONE
    return next((role for role, wanted in _CONTAINED if every.issuperset(wanted)), None)


_BY_SPELLING = {spelling: role for role, spellings in SPELLINGS.items() for spelling in spellings.split("|")}
# Written as one word too (`postalcode`), but never in place of a spelling that is listed (`birthday`).
_FOLDED = {"".join(words_of(spelling)): role for spelling, role in _BY_SPELLING.items()}
_FOLDED |= {" ".join(words_of(spelling)): role for spelling, role in _BY_SPELLING.items()}
