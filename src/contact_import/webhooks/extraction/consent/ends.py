"""Find the end of a consent: `{"given": true, "revokedAt": "2025-02-01"}` is one that was taken back.

A consent may have ended in as many words as there are senders (`voided`, `terminatedAt`). So only the words for its
beginning are known, and a moment or flag with any other word is an end.
"""

from contact_import.columns.header_match import split_words
from contact_import.fields.consent.header import classify_consent_header, has_moment_word
from contact_import.fields.consent.words import MOMENT_WORDS
from contact_import.fields.moment import read_moment
from contact_import.webhooks.extraction.consent.keys import (
    CHANNEL_WORDS,
    is_about_other_channel,
    is_verdict_key,
    split_parts,
)
from contact_import.webhooks.extraction.json_value import to_text

# Words for the beginning of a consent, for how it was collected, and for messages.
_BEGINNING_WORDS = frozenset(
    "granted grant given give created create updated update collected consented consent confirmed confirm accepted "
    "accept agreed agree signed sign subscribed subscribe opted optin recorded record captured requested start starts "
    "started from since begin began issued obtained last first verified imported synced modified changed checked check "
    "effective sent received read seen delivered opened clicked queued valid double required allowed enabled active "
    "activated approved joined added registered submitted entered acknowledged renewed resumed asked provided "
    "contacted messaged texted used viewed shared needed preferred hashed encrypted version policy terms revision "
    "whitelisted allowlisted birth review reviewed due id opt action doc".split()
)
_END_PARTICIPLES = frozenset("withdrawn void left gone over ended end".split())
_FLAGS = frozenset("true false yes no y n 1 0".split())
_FILLER_WORDS = frozenset("by in of up is was has been".split())


def is_end(key: str, value: str | bool | None) -> bool:
    """Return whether a member says that its consent has ended: a moment or a flag that is not of its beginning."""
    text = ("" if value is None else to_text(value)).strip().casefold()
    if not text or is_verdict_key(key) or classify_consent_header(split_words(key)) or is_beginning(key):
        return False
    last = _find_core(key)[-1]
    if text in _FLAGS:
        return last.endswith("ed") or last in _END_PARTICIPLES
    return read_moment(text) is not None and (not text.isdecimal() or has_moment_word(split_words(key)))


def is_beginning(key: str) -> bool:
    """Return whether a member is about the beginning of a consent, by the last word that is not for a moment."""
    core = _find_core(key)
    return not core or core[-1] in _BEGINNING_WORDS or not split_parts(core[-1]).isdisjoint(CHANNEL_WORDS)


def _find_core(key: str) -> list[str]:
    words = split_words(key)
    if is_about_other_channel(words):
        return []
    return [word for word in words if word not in MOMENT_WORDS | _FILLER_WORDS]
