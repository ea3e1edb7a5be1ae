"""Find out whether a person may be sent SMS, from the headers and cells of consent columns.

An empty cell is not a refusal: the list may come from a form that asked. Australia's Spam Act allows SMS only to
people who consented (acma.gov.au, "Avoid sending spam").
"""

import re
from collections.abc import Sequence
from enum import StrEnum


class ConsentKind(StrEnum):
    CONSENT = "consent"  # "Accepts SMS marketing": yes or no
    OPT_OUT = "opt_out"  # "Unsubscribed": the other way round
    STATUS = "status"  # a word: subscribed, unsubscribed, cleaned, or something that is not about SMS at all


# Words of headers, folded by `columns.header_words.split_words`.
_SMS_WORDS = frozenset("sms text texts texting".split())
_MARKETING_WORDS = frozenset(
    "marketing market promotional promotions promotion promos promo offers bulk werbung".split()
)
_REFUSAL_WORDS = frozenset(
    "unsubscribed unsubscribe unsub blacklisted blacklist blocked suppressed suppress suppression stop dnd dnc optout "
    "excluded exclude declined decline revoked withdrawn refused remove abgemeldet abmeldung gesperrt desinscrit "
    "desinscription desabonne baja dont".split()
)
_STANDALONE_REFUSAL_WORDS = frozenset(
    "unsubscribed unsubscribe unsub blacklisted suppressed blocked optout dnd dnc".split()
)
_AGREEMENT_WORDS = frozenset(
    "consent consents consented optin accept accepts accepted acceptance agree agrees agreed subscribed subscribe "
    "subscription permission permitted receive receives allow allows allowed ok okay happy want wants enabled "
    "einwilligung consentement consentimiento toestemming".split()
)
_OTHER_CHANNEL_WORDS = frozenset(
    "email emails mail mails e whatsapp post postal letter call calls calling push fax messenger".split()
)
_CONTACT_WORDS = frozenset("contact message messages disturb market marketing".split())
_SUBJECT_WORDS = frozenset("is has was been contact customer client member subscriber recipient".split())
# Words of columns about single messages, and about anything but marketing.
_UNRELATED_WORDS = frozenset(
    "sent count credits last reminder reminders notification notifications delivery delivered code coupon discount "
    "source mode reason gateway cost".split()
)

# Words of cells in lower case, with their accents, and joined: `Opted-out` is `optout` here.
_YES_WORDS = frozenset(
    "yes y true t 1 on x checked ja oui si sí sim da да tak はい 是 active granted accepted accepts accept "
    "agreed agree confirmed consented consent enabled yep yeah ok okay sure allowed "
    "permitted wahr vrai verdadero ✓ ✔ ✅ ☑".split()
)
_NO_WORDS = frozenset(
    "no n false f 0 off nein non nee não nao nej nei nie нет いいえ 否 never declined denied rejected disabled "
    "inactive nope not dont falsch faux falso refused disagree unchecked nunca jamais ✗ ✘ ❌ ☐".split()
)
_NEGATION_WORDS = frozenset("not dont never disagree cannot refuse decline".split())
_OPT_IN_WORDS = frozenset("subscribed subscribe optin optedin".split())
_OPT_OUT_WORDS = frozenset(
    "unsubscribed unsubscribe unsub optout optedout cleaned donotcontact donotsms donotcall donottext donotsend "
    "donotdisturb dontcontact donttext dnc dnd blacklisted blacklist blocked suppressed revoked withdrawn stop stopped "
    "complained complaint notsubscribed nonsubscribed neversubscribed abgemeldet désinscrit baja emailonly".split()
)
# Words that mean that nothing was decided, or that are about e-mail only.
_UNDECIDED_WORDS = frozenset("unknown pending notset bounced transactional na null none nil unspecified".split())
_SEPARATORS = re.compile(r"[\W_]+")
_WORD = re.compile(r"[^\W_]+|[✓✔✅☑✗✘❌☐]")
_DATE_VALUE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b.*", re.DOTALL)
_OPTED_IN_OR_OUT = re.compile(r"\bopt(?:ed)?[\W_]*(in|out)\b")


def classify_consent_header(header: Sequence[str]) -> ConsentKind | None:
    """Return what a column with this header, given as its words, says about SMS; None for an unrelated header.

    A refusal beats an agreement in the same header. E-mail and other channels do not count.
    """
    words = set(header)
    is_sms = bool(words & _SMS_WORDS)
    if words & _UNRELATED_WORDS or (not is_sms and words & _OTHER_CHANNEL_WORDS):
        return None
    has_opt_word = bool(words & {"opt", "opted"})
    is_refusal = bool(words & _REFUSAL_WORDS) or (has_opt_word and "out" in words) or words >= {"don", "t"}
    is_refusal = is_refusal or bool(words & {"not", "never"}) or header[:1] == ("no",)
    is_agreement = bool(words & _AGREEMENT_WORDS) or (has_opt_word and "in" in words) or words >= {"can", "text"}
    if is_sms:
        if is_refusal:
            return ConsentKind.OPT_OUT
        return ConsentKind.CONSENT if is_agreement or words & (_MARKETING_WORDS | {"status", "state"}) else None
    if is_refusal and (words & _CONTACT_WORDS or words - _SUBJECT_WORDS <= _STANDALONE_REFUSAL_WORDS):
        return ConsentKind.OPT_OUT
    of_number = words & {"mobile", "phone"} and (words & _MARKETING_WORDS or has_opt_word)
    return ConsentKind.CONSENT if of_number or (is_agreement and words & _MARKETING_WORDS) else None


def parse_opt_out(cell: str, kind: ConsentKind) -> bool | None:
    """Return whether a cell of a column of this `kind` refuses SMS; None when its words are not understood.

    An empty cell and a word such as `pending` do not refuse.
    """
    text = cell[:80].strip().strip("'\"").removesuffix(".0").casefold().replace("'", "").replace("\u2019", "")
    joined = _SEPARATORS.sub("", text) or text
    if joined in _OPT_OUT_WORDS:
        return True
    words = _WORD.findall(_OPTED_IN_OR_OUT.sub(r"opt\1", text))
    if not words or joined in _OPT_IN_WORDS or joined in _UNDECIDED_WORDS:
        return False
    if kind is ConsentKind.STATUS:
        return words[0] in _OPT_OUT_WORDS
    if _DATE_VALUE.fullmatch(text):  # the day on which it happened
        return kind is ConsentKind.OPT_OUT
    is_negated = words[0] in _NO_WORDS or not _NEGATION_WORDS.isdisjoint(words)
    if any(word in _OPT_OUT_WORDS for word in words):
        return words[0] not in ("not", "never") and not (kind is ConsentKind.OPT_OUT and is_negated)
    if is_negated:
        return kind is ConsentKind.CONSENT or (len(words) > 1 and not (_SMS_WORDS | _CONTACT_WORDS).isdisjoint(words))
    if words[0] in _YES_WORDS or not (_AGREEMENT_WORDS | _OPT_IN_WORDS).isdisjoint(words):
        return kind is ConsentKind.OPT_OUT
    return None
