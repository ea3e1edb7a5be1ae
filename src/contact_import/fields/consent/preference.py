"""Recognise headers that ask for a preference: a no below them counts for SMS marketing, a yes does not.

Example: `SMS reminders ok?`. A person who refuses reminders does not want marketing either, but one who agrees to
reminders has not agreed to marketing.
"""

from collections.abc import Sequence

from contact_import.fields.consent.membership import asks_for_list_membership
from contact_import.fields.consent.words import (
    NUMBER_WORDS,
    ORIGIN_WORDS,
    OTHER_PURPOSE_WORDS,
    PHONE_WORDS,
    PREFERENCE_FILLERS,
    PREFERENCE_WORDS,
    PREFERRED_WORDS,
    SMS_WORDS,
    STRONG_AGREEMENT_WORDS,
)

_CONSENT_WORDS = STRONG_AGREEMENT_WORDS - {"subscription"}
# Words of headers about messages that a person gets or wants: `Notify by SMS`, but not `SMS gateway`.
_WISH_WORDS = OTHER_PURPOSE_WORDS | frozenset(
    "by via through over notify contact send sends enable updated informed posted touch alert alerts updates y yes ok "
    "okay can may".split()
)
_WISHES = tuple(
    map(
        frozenset,
        (
            *(("stay", "touch"), ("keep", "touch"), ("keep", "updated"), ("keep", "informed"), ("hear", "us")),
            *(("how", "contact", "you"), ("how", "contact", "me"), ("how", "reach", "you")),
        ),
    )
)
_SERVICE_WORDS = OTHER_PURPOSE_WORDS - {"privacy"}
_PAST_WORDS = frozenset("did about first where when".split())
# Words before `text` where it means a wording, not an SMS: `Consent text`.
_WORDING_OWNERS = frozenset("consent disclaimer form agreement permission checkbox label legal gdpr question".split())


def asks_for_preference(header: Sequence[str], words: set[str]) -> bool:
    """Return whether a header asks for a preference, so that only a no below it counts. `words` are its words."""
    if not words.isdisjoint(PHONE_WORDS | NUMBER_WORDS):
        return False
    return (
        _is_channel_question(words)
        or _is_about_consent(words)
        or _is_wish(words)
        or words in ({"subscription"}, {"member", "rating"})
        or asks_for_list_membership(words)
        or is_wording(header)
    )


def names_consent(header: Sequence[str]) -> bool:
    """Return whether a header is about consent or preferences in general, not about messages for one purpose."""
    if not _SERVICE_WORDS.isdisjoint(header):
        return False
    return not (_CONSENT_WORDS | PREFERENCE_WORDS | {"status", "state", "opt"}).isdisjoint(header)


def is_wording(header: Sequence[str]) -> bool:
    """Return whether a column has the wording of a consent instead of its answer: `Consent text`."""
    return tuple(header[-1:]) == ("text",) and not _WORDING_OWNERS.isdisjoint(header[-2:-1])


def _is_channel_question(words: set[str]) -> bool:
    """Return whether a header asks by which channel to contact the person."""
    rest = words - PREFERRED_WORDS
    if "preferred" in words:  # a `Preferred contact` may be a number
        return rest <= PREFERENCE_FILLERS and len(words & PREFERRED_WORDS) > ("contact" in words)
    has_preference = not words.isdisjoint({"preference", "preferences"})
    is_asked = bool(words & PREFERENCE_WORDS) and (
        has_preference or words.isdisjoint({"channel", "channels", "method"})
    )
    return is_asked and rest <= PREFERENCE_WORDS | PREFERENCE_FILLERS


def _is_about_consent(words: set[str]) -> bool:
    """Return whether a header is about a consent of another kind, or about the level or origin of one."""
    is_opt_in = "opt" in words and "in" in words
    return bool(words & _CONSENT_WORDS) or (is_opt_in and not words.isdisjoint(ORIGIN_WORDS | {"channel", "channels"}))


def _is_wish(words: set[str]) -> bool:
    is_sms = not words.isdisjoint(SMS_WORDS)
    if is_sms and (words <= SMS_WORDS | {"message", "messages"} or not words.isdisjoint(_WISH_WORDS)):
        return True
    return any(wish <= words for wish in _WISHES) and words.isdisjoint(_PAST_WORDS)
