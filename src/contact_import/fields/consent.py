"""Whether a person may be sent SMS, by what the file's columns say. Silence is not a no.

Australia's Spam Act allows SMS only to people who consented; acma.gov.au, "Avoid sending spam".
"""

import re
from collections.abc import Sequence
from enum import StrEnum


class Kind(StrEnum):
    CONSENT = "consent"  # "Accepts SMS marketing": yes or no
    OPT_OUT = "opt_out"  # "Unsubscribed": the other way round
    STATE = "state"  # a word: subscribed, unsubscribed, cleaned, or something that is not about SMS at all


# What a header can say.
_SMS = frozenset("sms text texts texting".split())
_MARKETING = frozenset("marketing market promotional promotions promotion promos promo offers bulk werbung".split())
_REFUSALS = frozenset(
    "unsubscribed unsubscribe unsub blacklisted blacklist blocked suppressed suppress suppression stop dnd dnc optout "
    "excluded exclude declined decline revoked withdrawn refused remove abgemeldet abmeldung gesperrt desinscrit "
    "desinscription desabonne baja dont".split()
)
_ALONE = frozenset("unsubscribed unsubscribe unsub blacklisted suppressed blocked optout dnd dnc".split())
_AGREEMENTS = frozenset(
    "consent consents consented optin accept accepts accepted acceptance agree agrees agreed subscribed subscribe "
    "subscription permission permitted receive receives allow allows allowed ok okay happy want wants enabled "
    "einwilligung consentement consentimiento toestemming".split()
)
_OTHER_WAYS = frozenset(
    "email emails mail mails e whatsapp post postal letter call calls calling push fax messenger".split()
)
_MESSAGES = frozenset("contact message messages disturb market marketing".split())
_STATED = frozenset("is has was been contact customer client member subscriber recipient".split())
# Columns about single messages, and about what is no marketing.
_NO_CONSENT = frozenset(
    "sent count credits last reminder reminders notification notifications delivery delivered code coupon discount "
    "source mode reason gateway cost".split()
)

# What a cell can say, its words in small letters without accents' help: `Opted-out` is `optout` here.
_YES = frozenset(
    "yes y true t 1 on x checked ja oui si sí sim da да tak はい 是 active granted accepted accepts accept "
    "agreed agree confirmed consented consent enabled yep yeah ok okay sure allowed "
    "permitted wahr vrai verdadero ✓ ✔ ✅ ☑".split()
)
_NO = frozenset(
    "no n false f 0 off nein non nee não nao nej nei nie нет いいえ 否 never declined denied rejected disabled "
    "inactive nope not dont falsch faux falso refused disagree unchecked nunca jamais ✗ ✘ ❌ ☐".split()
)
_NEGATIONS = frozenset("not dont never disagree cannot refuse decline".split())
_IN = frozenset("subscribed subscribe optin optedin".split())
_OUT = frozenset(
    "unsubscribed unsubscribe unsub optout optedout cleaned donotcontact donotsms donotcall donottext donotsend "
    "donotdisturb dontcontact donttext dnc dnd blacklisted blacklist blocked suppressed revoked withdrawn stop stopped "
    "complained complaint notsubscribed nonsubscribed neversubscribed abgemeldet désinscrit baja emailonly".split()
)
# Words that say nothing was decided, or that speak of e-mail.
_NEITHER = frozenset("unknown pending notset bounced transactional na null none nil unspecified".split())
_BETWEEN = re.compile(r"[\W_]+")
_WORD = re.compile(r"[^\W_]+|[✓✔✅☑✗✘❌☐]")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b.*", re.DOTALL)
_OPTED = re.compile(r"\bopt(?:ed)?[\W_]*(in|out)\b")


def kind_of(header: Sequence[str]) -> Kind | None:
    """What a header, given by its words, says about SMS; None for one that says nothing about it."""
    words = set(header)
    is_sms = bool(words & _SMS)
    if words & _NO_CONSENT or (not is_sms and words & _OTHER_WAYS):
        return None
    opted = bool(words & {"opt", "opted"})
    refusal = bool(words & _REFUSALS) or (opted and "out" in words) or words >= {"don", "t"}
    refusal = refusal or bool(words & {"not", "never"}) or header[:1] == ("no",)
    agreement = bool(words & _AGREEMENTS) or (opted and "in" in words) or words >= {"can", "text"}
    if is_sms:
        if refusal:
            return Kind.OPT_OUT
        return Kind.CONSENT if agreement or words & (_MARKETING | {"status", "state"}) else None
    if refusal and (words & _MESSAGES or words - _STATED <= _ALONE):
        return Kind.OPT_OUT
    of_number = words & {"mobile", "phone"} and (words & _MARKETING or opted)
    return Kind.CONSENT if of_number or (agreement and words & _MARKETING) else None


def says_no(cell: str, kind: Kind) -> bool | None:
    """None when the words are not understood."""
    text = cell[:80].strip().strip("'\"").removesuffix(".0").casefold().replace("'", "").replace("\u2019", "")
    whole = _BETWEEN.sub("", text) or text
    if whole in _OUT:
        return True
    words = _WORD.findall(_OPTED.sub(r"opt\1", text))
    if not words or whole in _IN or whole in _NEITHER:
        return False
    if kind is Kind.STATE:
        return words[0] in _OUT
    if _DATE.fullmatch(text):  # the day on which it happened
        return kind is Kind.OPT_OUT
    negated = words[0] in _NO or not _NEGATIONS.isdisjoint(words)
    if any(word in _OUT for word in words):
        return words[0] not in ("not", "never") and not (kind is Kind.OPT_OUT and negated)
    if negated:
        return kind is Kind.CONSENT or (len(words) > 1 and not (_SMS | _MESSAGES).isdisjoint(words))
    if words[0] in _YES or not (_AGREEMENTS | _IN).isdisjoint(words):
        return kind is Kind.OPT_OUT
    return None
