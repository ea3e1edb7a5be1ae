"""List words of headers, folded by `header_match.split_words`, by what each means for its column."""

from collections.abc import Sequence

from contact_import.domain.roles import Role
from contact_import.fields import relatives

# Words before a header that name the person of the whole table, not the content of the column.
OWNER_WORDS = frozenset(
    "contact contacts customer client person lead attendee buyer member subscriber billing shipping primary "
    "home main default your my mailing po sa guest patient student donor recipient parent personal participant "
    "visitor user kunde kunden applicant volunteer tenant resident registrant delegate invitee booking "
    "seu sua tu votre ihr ihre dein deine su uw je jouw".split()
)
# Words of a form's question: `What is your gender?`, `Please enter your address`.
QUESTION_WORDS = frozenset("what whats is s your please enter provide give tell us the".split())
# Words before or after the header of a phone, e-mail or address that distinguish it from others of its kind. For names
# they mean something else: a `Business Name` is not the name of a person.
QUALIFIERS = frozenset(
    "home work business office company other private personal residential physical delivery current alternate "
    "alternative alt secondary second preferred best privat prive geschaftlich weitere domicile bureau autre "
    "casa trabajo lavoro thuis werk h w m ah bh".split()
)
# Words after a header about how to fill in the field: `Date of birth (dd/mm/yyyy)`.
FILLER_WORDS = frozenset(
    "required optional mandatory only if any dd mm yy yyyy d m y format please enter the a no spaces example "
    "eg e g".split()
)
# Other people than the contact, in a header of any kind.
_OTHER_PEOPLE = frozenset(
    "spouse spouses partner partners wife husband kin child children kid emergency assistant manager referrer referred "
    "referral doctor gp supervisor agent".split()
)
# Words of a label whose value is of another person, of an organisation, or not current.
OTHER_PERSON_WORDS = _OTHER_PEOPLE | frozenset(
    "referee brother sister sibling friend friends colleague employer host organizer organiser fax pager cc bcc old "
    "previous shop store admin company organization organisation merchant seller support".split()
)
# People beside the contact: in a sentence after a phone (`Mobile (so we can reach your mum)`) they are its owners.
RELATIVE_WORDS = (
    _OTHER_PEOPLE | relatives.RELATIVE_WORDS | frozenset("assistants staff employee teacher colleague".split())
)
# Words of a sentence after a header: `Mobile (we text you when it is ready)`, `Phone with country code`.
SENTENCE_WORDS = frozenset(
    "a an and are as at be because but by can for from go have if in incl including into is it its of on only or our "
    "please so that the this to us we when where which will with without would you your".split()
)
# Words of the columns beside a number: its calling code, its area code.
CALLING_CODE_WORDS = frozenset("dial dialling dialing calling isd intl international prefix".split())
PHONE_PART_WORDS = CALLING_CODE_WORDS | frozenset("country code area std number no iso short name 1 2 3".split())
# Another person's name or number, that of a thing, or a number that cannot receive SMS. They outrank all other words of
# the header, because an SMS to the wrong person is worse than none.
EXCLUDED_WORDS = _OTHER_PEOPLE | frozenset(
    "fax telefax telecopie pager beeper assistants assistent managers referrers guardian mother mothers father "
    "fathers carer kids baby pet dog rep sales salesperson consultant broker staff employer employee employees owner "
    "assigned teacher school conjoint notfall emergencia urgence pareja company organisation organization campaign "
    "form ad adset file ip id abn acn tfn account order invoice yomi phonetic maiden middle nickname url website web "
    "linkedin facebook twitter instagram skype photo note notes radio tty isdn telex video source created updated "
    "modified timestamp app version model device os browser plan carrier network provider membership loyalty licence "
    "license passport medicare bank card iban vat username besitzer host organiser organizer".split()
)
# People for whom another person may pay: the names on the bill are not theirs.
ATTENDEE_WORDS = frozenset(
    "attendee participant student guest patient passenger delegate player camper visitor".split()
)
# Words of a column that describes a number or an address instead of containing one: `Phone Type`, `Email verified`.
METADATA_WORDS = frozenset(
    "type typ label status consent rating count total verified extension blacklisted accepts accept "
    "notifications notification reminder reminders alert alerts opt optin optout opted marketing subscribed "
    "subscription unsubscribed country bounce bounced domain confirmed sent opened clicked permission valid "
    "validation preference preferred frequency format display angezeigter date time last when credits "
    "campaigns method how many".split()
)
MOBILE_WORDS = frozenset(
    "mobile mobiles mobil mobilnummer mobilnr mobiltelefon mobilfunk mob cell cellphone cellular handy "
    "handynummer handynr sms msisdn portable movil celular cellulare mobiel gsm telemovel mobilenumber "
    "mobilephone natel hp handphone".split()
)
PHONE_WORDS = MOBILE_WORDS | frozenset(
    "phone telephone telefon telefono telefone telefoon whatsapp phonenumber telefonnummer rufnummer tel".split()
)
WORK_WORDS = frozenset("work business company office geschaftlich bureau ddi direct trabajo lavoro werk w bh".split())
HOME_WORDS = frozenset(
    "home other private privat prive domicile car evening ah h festnetz fixe fijo landline casa".split()
)
# Words that name a field together, wherever in a header: `Attendee First Name`.
CONTAINED_WORDS = (
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


def match_phone_part(words: tuple[str, ...]) -> Role | None:
    """Return the role of a column beside a number: `Mobile Country Code`, `Dial Code`, `Area Code`; else None."""
    all_words = set(words)
    if not all_words <= PHONE_PART_WORDS | PHONE_WORDS | OWNER_WORDS | QUALIFIERS:
        return None
    if "code" in all_words and all_words & {"area", "std"}:
        return Role.AREA_CODE
    if all_words & {"country", "prefix"} and all_words & (PHONE_WORDS | CALLING_CODE_WORDS - {"prefix"}):
        return Role.PHONE_COUNTRY
    return Role.PHONE_COUNTRY if "code" in all_words and all_words & CALLING_CODE_WORDS else None


def drop_repetition(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return a repeated label once: `Email ID (Email IDs)` is `email id`. Return other words unchanged."""
    for end in range(1, len(words)):
        label = "".join(words[:end])
        if "".join(words[end:]) in (label, f"{label}s"):
            return words[:end]
    return words


def is_sentence(words: Sequence[str]) -> bool:
    """Return whether the words after a phone are a sentence: `with country code`, but not `opt in`."""
    return words[0] in SENTENCE_WORDS or (len(words) > 2 and not SENTENCE_WORDS.isdisjoint(words))


def is_phone_of_other_person(words: Sequence[str]) -> bool:
    """Return whether a header has a phone and then a sentence about another person: `Mobile of your mum`."""
    phone = next((index for index, word in enumerate(words) if word in PHONE_WORDS or word == "number"), None)
    if phone is None or RELATIVE_WORDS.isdisjoint(rest := words[phone + 1 :]):
        return False
    return is_sentence(rest)
