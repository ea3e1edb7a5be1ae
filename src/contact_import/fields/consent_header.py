"""Find out whether a header speaks of consent to SMS, and whether a yes below it is a yes or a no."""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import lru_cache


class ConsentKind(StrEnum):
    CONSENT = "consent"  # "Accepts SMS marketing": only a clear yes is one
    OPT_OUT = "opt_out"  # "Unsubscribed": whatever is filled in is a no, unless it says the opposite
    STATUS = "status"  # words: subscribed, unsubscribed, cleaned, or something that is not about SMS at all


# Words of headers and labels, folded by `columns.header_match.split_words`.
SMS_WORDS = frozenset("sms text texts texting txt txts mms".split())
OTHER_CHANNEL_WORDS = frozenset(
    "email emails mail mails e whatsapp post postal letter letters call calls calling push fax faxes messenger web "
    "social rcs".split()
)
_PHONE_WORDS = frozenset("mobile phone cell cellphone handy msisdn phones mobiles".split())
_MARKETING_WORDS = frozenset(
    "marketing market promotional promotions promotion promos promo offers bulk werbung".split()
)
_ALERT_WORDS = frozenset("alert alerts news newsletter newsletters updates comms".split())
# One of these words is enough, whatever else the header says.
_STRONG_REFUSAL_WORDS = frozenset(
    "unsubscribed unsubscribe unsubscribes unsubscription unsub unsubs blacklisted blacklist blocklisted blocklist "
    "suppressed suppression suppressions optout optouts optedout dnd dnc deceased abgemeldet desinscrit".split()
)
# These mean it beside a word for SMS, contact or consent, or alone: a `Bus stop` is none, nor is a `Block` of flats.
_REFUSAL_WORDS = _STRONG_REFUSAL_WORDS | frozenset(
    "blocked block suppress stop stopped excluded exclude declined decline revoked withdrawn refused remove removed "
    "cleaned clean abmeldung gesperrt desinscription desabonne baja complained complaint death died deleted".split()
)
_STRONG_AGREEMENT_WORDS = frozenset(
    "consent consents consented optin optins optedin subscribed subscribe subscription permission permissions "
    "einwilligung consentement consentimiento toestemming".split()
)
_AGREEMENT_WORDS = _STRONG_AGREEMENT_WORDS | frozenset(
    "accept accepts accepted acceptance agree agrees agreed permitted receive receives allow allows allowed ok okay "
    "happy want wants enabled granted given subscriptions like love contactable join permit opting opt".split()
)
_NEGATIONS = frozenset("not dont never non nicht cannot cant".split())
# Between a negation and what it negates: `Do not allow bulk text messages`, `no longer subscribed`.
_BETWEEN_WORDS = frozenset(
    "to be been allow send receive wish want currently yet bulk any longer more wants marketing please the me us "
    "via by through further our accept have has".split()
)
_REFUSABLE_WORDS = frozenset(
    "contact contacted message messages messaging disturb market sms text texts texting txt phone call use solicit "
    "communication communications communicate approach promo promos promotions offers approached disturbed "
    "marketing".split()
)
_CONTACT_WORDS = _REFUSABLE_WORDS - {"use"}
# Words of headers about single messages, about a consent's wording and origin, and about anything but marketing.
_UNRELATED_WORDS = frozenset(
    "sent count credits last reminder reminders notification notifications delivery delivered code coupon discount "
    "gateway cost ip link url token id ids guid version language wording description expiry expires expire expiration "
    "rate total updated modified changed clicked opened photo photos media medical treatment cookie cookies privacy "
    "terms template segment body content".split()
)
# Of a consent, the origin: `SMS consent source`. Of an opt-out it is filled when somebody left: `Unsubscribe reason`.
_ORIGIN_WORDS = frozenset(
    "source method mode reason campaign comment comments note notes form page wording by user level title".split()
)
_SUBJECT_WORDS = frozenset(
    "is has was been are contact contacts customer client member subscriber recipient person lead patient guest list "
    "user i you we your my c cf hs custom field fields flag the of to from all date given for a an in out us if "
    "boolean bool value status state option choice double single preference preferences gdpr".split()
)
MOMENT_WORDS = frozenset("at on date datetime time timestamp since when day datum utc am um".split())
# Beside these, in the date of an answer: `consent_recorded_at` of `consent`.
CHANGE_WORDS = frozenset("collected recorded".split())
_STATUS_SUBJECTS = frozenset(
    "contact contacts customer client member members subscriber lead person list marketing subscription audience "
    "profile recipient user membership supporter donor patient".split()
)
# `Communication preferences`, `Preferred contact method`: their values name channels, or refuse. A `Marketing channel`
# says where somebody came from.
_PREFERENCE_WORDS = frozenset("preference preferences comms communications marketing".split())
_PREFERRED_WORDS = frozenset("contact channel channels communication communications method".split())
_PREFERENCE_FILLERS = _STATUS_SUBJECTS | frozenset(
    "of for the your my settings setting option options choice choices status sms text preferred".split()
)
_REASON_SUBJECTS = frozenset("status inactive inactivity block blocked".split())
# Whole headers of states.
_STATUS_HEADERS = frozenset({("status",), ("subscription",), ("member", "rating"), ("membership", "status")})
_JOINED_WORDS = (
    SMS_WORDS
    | OTHER_CHANNEL_WORDS - {"e"}
    | _PHONE_WORDS
    | _MARKETING_WORDS
    | _REFUSAL_WORDS
    | _AGREEMENT_WORDS
    | _NEGATIONS
    | _CONTACT_WORDS
    | frozenset("do is has can opt opted in out of from to contact status state receive send may".split())
)
_MIN_JOINED_CHARS = 5


@lru_cache(maxsize=10_000)
def classify_consent_header(header: tuple[str, ...]) -> ConsentKind | None:
    """Return what a column with this header, given as its words, says about SMS; None for an unrelated header.

    A refusal beats an agreement in the same header. E-mail and other channels do not count.
    """
    header = tuple(part for word in header for part in split_joined_word(word))
    words = set(header)
    is_sms = bool(words & SMS_WORDS)
    if words & _UNRELATED_WORDS:
        return None
    negated = _find_negated_word(header)
    if negated is not None and negated not in _REFUSABLE_WORDS | _AGREEMENT_WORDS | _REFUSAL_WORDS | {"opted", "opt"}:
        return None
    if not is_sms and words & OTHER_CHANNEL_WORDS and negated not in ("call", "phone"):
        return None
    has_opt = bool(words & {"opt", "opted", "opting"})
    is_refusal = bool(words & _REFUSAL_WORDS) or (has_opt and "out" in words)
    if negated is not None or is_refusal:
        return (
            ConsentKind.OPT_OUT
            if _is_opt_out(words, negated, is_sms=is_sms, has_opt=has_opt)
            else _find_state(words, header)
        )
    return ConsentKind.CONSENT if _is_consent(words, is_sms=is_sms, has_opt=has_opt) else _find_state(words, header)


def _is_opt_out(words: set[str], negated: str | None, *, is_sms: bool, has_opt: bool) -> bool:
    if is_sms or negated is not None or words & _STRONG_REFUSAL_WORDS or (has_opt and "out" in words):
        return True
    if words & (_CONTACT_WORDS | _STRONG_AGREEMENT_WORDS | _PHONE_WORDS) and not words & {"number", "no"}:
        return True
    return words - _SUBJECT_WORDS - MOMENT_WORDS - _ORIGIN_WORDS <= _REFUSAL_WORDS - {"withdrawn", "clean", "remove"}


def _is_consent(words: set[str], *, is_sms: bool, has_opt: bool) -> bool:
    is_opt_in = has_opt and "in" in words
    is_agreement = bool(words & _AGREEMENT_WORDS - {"opt"}) or is_opt_in or words >= {"can", "text"}
    if words & _ORIGIN_WORDS - {"by", "user", "list"}:
        return False
    if is_sms:
        return is_agreement or bool(
            words & (_MARKETING_WORDS | _ALERT_WORDS | {"status", "state", "can", "may", "preference", "preferences"})
        )
    if words & _PHONE_WORDS and (words & _MARKETING_WORDS or is_opt_in or words & {"consent", "permission"}):
        return True
    if is_agreement and words & (_MARKETING_WORDS | {"contact", "contacted"}) and not words & {"subscription"}:
        return bool(words & (_MARKETING_WORDS | _STRONG_AGREEMENT_WORDS)) or is_opt_in
    rest = words - _SUBJECT_WORDS - MOMENT_WORDS - CHANGE_WORDS - _MARKETING_WORDS - {"by", "opt", "opted"}
    is_strong = is_opt_in or bool(words & _STRONG_AGREEMENT_WORDS - {"subscription"})
    return is_strong and rest <= _STRONG_AGREEMENT_WORDS


def _find_state(words: set[str], header: Sequence[str]) -> ConsentKind | None:
    """Return `STATUS` for a header of somebody's state, or of the reason for it."""
    if tuple(header) in _STATUS_HEADERS:
        return ConsentKind.STATUS
    if "status" in words and words - {"status", "is"} <= _STATUS_SUBJECTS:
        return ConsentKind.STATUS
    if _is_preference(words):
        return ConsentKind.STATUS
    if (
        "reason" in words
        and words & _REASON_SUBJECTS
        and words - {"reason", "for"} <= _REASON_SUBJECTS | _STATUS_SUBJECTS
    ):
        return ConsentKind.STATUS
    return None


def _is_preference(words: set[str]) -> bool:
    """Return whether a header asks by which channel to contact somebody."""
    rest = words - _PREFERRED_WORDS
    if "preferred" in words:  # a `Preferred contact` may be a number
        return rest <= _PREFERENCE_FILLERS and len(words & _PREFERRED_WORDS) > ("contact" in words)
    has_preference = not words.isdisjoint({"preference", "preferences"})
    is_asked = bool(words & _PREFERENCE_WORDS) and (
        has_preference or words.isdisjoint({"channel", "channels", "method"})
    )
    return is_asked and rest <= _PREFERENCE_WORDS | _PREFERENCE_FILLERS


def _find_negated_word(header: Sequence[str]) -> str | None:
    """Return the word that a negation is about, "" at the end of the header, None without a negation."""
    for index, word in enumerate(header):
        is_split = word == "don" and header[index + 1 : index + 2] == ("t",)  # `don't`
        if word in _NEGATIONS or is_split:
            rest = header[index + 1 + is_split :]
            return next((after for after in rest if after not in _BETWEEN_WORDS), rest[-1] if rest else "")
    if header[:1] == ("no",):
        after = next((word for word in header[1:] if word not in _BETWEEN_WORDS), header[-1])
        is_refused = after in (_REFUSABLE_WORDS - {"phone", "call"}) | _STRONG_AGREEMENT_WORDS
        return after if is_refused or "marketing" in header else None
    return None


def is_negated(header: tuple[str, ...]) -> bool:
    """Return whether a header says what is not so: `(Do Not Modify) Contact`, `Do not e-mail`, `Non-member`."""
    header = tuple(part for word in header for part in split_joined_word(word))
    no_channel = header[:1] == ("no",) and not OTHER_CHANNEL_WORDS.isdisjoint(header[1:])
    return no_channel or _find_negated_word(header) is not None


def has_moment_word(header: Sequence[str]) -> bool:
    """Return whether a header asks for a moment: `Unsubscribed at`, `Opt-out date`."""
    return not MOMENT_WORDS.isdisjoint(header)


@lru_cache(maxsize=10_000)
def split_joined_word(word: str) -> tuple[str, ...]:
    """Split a word that is nothing but words about consent: `donotsms`, `hasoptedoutofmobile`. Others come back."""
    if len(word) < _MIN_JOINED_CHARS or word in _JOINED_WORDS or not word.isalpha():
        return (word,)
    return next(_split_word(word), (word,))


def _split_word(word: str) -> Iterator[tuple[str, ...]]:
    if not word:
        yield ()
    for end in range(len(word), 1, -1):
        if word[:end] in _JOINED_WORDS:
            for rest in _split_word(word[end:]):
                yield (word[:end], *rest)
