"""Recognise headers about the end of a consent, and read the values below them: `Consent valid until`."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from contact_import.domain.consent import Consent
from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.fields.consent.membership import is_of_membership
from contact_import.fields.consent.words import MARKETING_WORDS, SMS_WORDS, STRONG_AGREEMENT_WORDS
from contact_import.fields.moment import is_zero_moment, read_moment

END_WORDS = frozenset(
    "expiry expiries expires expire expired expiration expiring until till ends ended end ending lapse lapses lapsed "
    "ablauf caducidad vencimiento".split()
)
# The day on which a consent has to be given again: `Consent renewal due`, `Re-consent by`.
_DUE_WORDS = frozenset("due renewal renew renews refresh review reconfirm reconfirmation re reconsent recheck".split())
_CONSENT_WORDS = STRONG_AGREEMENT_WORDS - {"subscription", "subscribe", "subscribed"}
# A subscription that ends may be one to a magazine: it is about consent beside a word for SMS or marketing.
_SUBSCRIPTION_WORDS = frozenset("subscription subscriber subscribed permit accepts allowed valid".split())
_YES = frozenset("yes y true t 1".split())
# Below a header with one of these, a yes means that the consent has ended: `Consent expired`.
_FLAG_WORDS = frozenset("expired lapsed ended due renewal review refresh".split())
_ENDED = frozenset("expired lapsed ended withdrawn revoked".split())
_ENDLESS = frozenset(
    "no n false f 0 never none nil n/a na #n/a - -- \u2013 \u2014 . null indefinite indefinitely ongoing unlimited "
    "permanent current active valid done completed".split()
) | frozenset(
    ("no expiry", "does not expire", "never expires", "not expired", "no end", "no end date", "until withdrawn")
)
_FAR_FUTURE = compile_lazily(
    r"(?:.*\D)?(?:[3-9]\d{3}|2[1-9]\d{2})[-/.]\d\d?[-/.]\d\d?(?:\D.*)?|.*[-/.](?:[3-9]\d{3}|2[1-9]\d{2})(?:\D.*)?"
)
_MEMBERSHIP_END_WORDS = (
    END_WORDS | _DUE_WORDS | frozenset("member membership club date on to valid paid is by next current".split())
)
_MAX_CHARS = 200
_MAX_WORDS = 6  # a longer header is a question: `I agree to SMS marketing, valid until I unsubscribe`


def asks_for_expiry(words: set[str]) -> bool:
    """Return whether a header asks for the end of a consent or membership: `Opt-in expires`, `Member until`.

    The day on which a consent has to be given again is its end.
    """
    is_end = not words.isdisjoint(END_WORDS | _DUE_WORDS) or words >= {"valid", "to"}
    if not is_end or len(words) > _MAX_WORDS:
        return False
    if is_of_membership(words) and words <= _MEMBERSHIP_END_WORDS:
        return True
    if {"re", "consent"} <= words or "reconsent" in words:
        return True
    is_marketing = not words.isdisjoint(SMS_WORDS | MARKETING_WORDS)
    is_opt_in = {"opt", "in"} <= words or {"opted", "in"} <= words
    return (
        is_opt_in
        or not words.isdisjoint(_CONSENT_WORDS)
        or (is_marketing and not words.isdisjoint(_SUBSCRIPTION_WORDS))
    )


def read_expiry(cell: str, today: date, header: Sequence[str] = ("expired",)) -> Consent:
    """Return the verdict of a consent with this end: a no if it has passed by `today`, `SILENT` for a later day.

    A consent that has not ended is not a yes: another column has to say that there is one. A text that is no day, or a
    day that may have passed (`5/12/2026`), is unclear. `Yes` says that it has not ended, unless the `header`, given as
    its words, asks whether it has.
    """
    text = " ".join(cell[:_MAX_CHARS].split()).casefold()
    if not text or text in _ENDLESS or is_zero_moment(text) or _FAR_FUTURE.fullmatch(text):
        return Consent.SILENT
    if text in _YES:
        return Consent.SILENT if _FLAG_WORDS.isdisjoint(header) else Consent.NO
    if text in _ENDED:
        return Consent.NO
    if not (moment := read_moment(text, is_serial_allowed=True)):
        return Consent.UNCLEAR
    tomorrow = datetime.combine(today, time()) + timedelta(days=1)
    if moment.latest <= tomorrow:
        return Consent.NO
    return Consent.SILENT if moment.earliest >= tomorrow else Consent.UNCLEAR
