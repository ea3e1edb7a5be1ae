"""Whether a person may be sent SMS, by what the file's columns say. Silence is not a no.

Australia's Spam Act allows SMS only to people who consented; acma.gov.au, "Avoid sending spam".
"""

import re
from enum import StrEnum


class Kind(StrEnum):
    CONSENT = "consent"  # "Accepts SMS marketing": yes or no
    OPT_OUT = "opt_out"  # "Unsubscribed": the other way round
    STATE = "state"  # a word: subscribed, unsubscribed, cleaned, or something that is not about SMS at all


_YES = frozenset(
    "yes y true t 1 on x checked ja oui si sí da active granted accepted accepts agreed confirmed consented "
    "enabled".split()
)
_NO = frozenset("no n false f 0 off nein non nee não nao never declined denied rejected disabled inactive".split())
_IN = frozenset("subscribed subscribe optin optedin".split())
_OUT = frozenset(
    "unsubscribed unsubscribe unsub optout optedout cleaned donotcontact donotsms donotcall donottext dnc blacklisted "
    "blacklist blocked suppressed revoked withdrawn stop stopped complained complaint notsubscribed nonsubscribed "
    "neversubscribed abgemeldet désinscrit baja".split()
)
# Words that say nothing was decided, or that speak of e-mail.
_NEITHER = frozenset("unknown pending notset bounced transactional na null none nil unspecified".split())
_BETWEEN = re.compile(r"[\W_]+")
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}\b.*", re.DOTALL)


def says_no(cell: str, kind: Kind) -> bool | None:
    """None when the words are not understood."""
    text = cell[:80].strip().strip("'\"").removesuffix(".0")
    word = _BETWEEN.sub("", text).casefold()
    if word in _OUT:
        return True
    if not word or word in _IN or word in _NEITHER or kind is Kind.STATE:
        return False
    if word in _NO:
        return kind is Kind.CONSENT
    if word in _YES or _DATE.fullmatch(text):  # the day on which it happened
        return kind is Kind.OPT_OUT
    return None
