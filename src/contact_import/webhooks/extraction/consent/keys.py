"""Classify the keys of a delivery that are about consents: containers, channels, and members that say yes or no."""

from collections.abc import Collection, Mapping, Sequence

from contact_import.columns.header_match import split_words
from contact_import.fields.consent.header import classify_consent_header, split_joined_word
from contact_import.fields.consent.kinds import ConsentKind
from contact_import.fields.consent.words import OTHER_CHANNEL_WORDS, SMS_WORDS
from contact_import.webhooks.extraction.json_value import JsonValue

CHANNELS_WITH_SMS = frozenset({"mobile", "all", "any"})
CHANNEL_WORDS = SMS_WORDS | OTHER_CHANNEL_WORDS | CHANNELS_WITH_SMS | {"phone"}
# Members that say yes or no. Of other members only true and false count: those are purposes, such as `analytics`.
_VERDICT_WORDS = frozenset(
    "state status value consent consents granted given opted optin optout subscribed unsubscribed accepted enabled "
    "allowed active valid val opt permission permitted blocked suppressed blacklisted revoked withdrawn agreed "
    "allow".split()
)
# Keys of objects and arrays that may contain consents. Without a channel inside, they contain something else.
_CONTAINER_WORDS = frozenset(
    "consent consents permission permissions preference preferences subscription subscriptions subscribed unsubscribed "
    "optin optout opt opted dnc dnd channels channel marketing suppressions suppression suppressed blocklist "
    "communication communications gdpr sms text".split()
)
MAX_NAME_CHARS = 40  # of a channel or a list; a longer text is a sentence
_OTHER_CHANNEL_KEYS = frozenset("email emails mail mails whatsapp whats app push fax messenger rcs".split())
_PRODUCT_WORDS = frozenset(
    "plan price product products item items amount interval currency billing invoice order variant sku quantity "
    "period".split()
)


def may_hold_consents(key: str) -> bool:
    """Return whether the object or array of a key may contain consents."""
    kind = classify_consent_header(split_words(key))
    return not _CONTAINER_WORDS.isdisjoint(split_parts(key)) or kind in (ConsentKind.CONSENT, ConsentKind.OPT_OUT)


def is_product(node: Mapping[str, JsonValue]) -> bool:
    """Return whether a subscription is to something that is paid for, which is no consent."""
    return any(not split_parts(key).isdisjoint(_PRODUCT_WORDS) for key in node)


def is_other_channel_key(key: str) -> bool:
    """Return whether a key names another channel and nothing else: below `whatsapp`, a `consent` is not about SMS."""
    words = split_words(key)
    return bool(words) and _OTHER_CHANNEL_KEYS.issuperset(words)


def is_about_other_channel(words: Collection[str]) -> bool:
    """Return whether words name another channel and not SMS."""
    return not OTHER_CHANNEL_WORDS.isdisjoint(words) and SMS_WORDS.isdisjoint(words)


def split_parts(name: str) -> set[str]:
    """Return the words of a name, also of joined ones: `donotsms` has three."""
    return {part for word in split_words(name) for part in split_joined_word(word)}


def has_channel(names: Sequence[str]) -> bool:
    """Return whether one of the names is that of a channel."""
    return not CHANNEL_WORDS.isdisjoint(split_parts(" ".join(names)))


def is_verdict_key(key: str) -> bool:
    """Return whether a member says yes or no by its key: `granted`, but not `status_updated`."""
    words = split_parts(key)
    return not _VERDICT_WORDS.isdisjoint(words) and not words & {"updated", "level", "collected", "source", "id", "by"}
