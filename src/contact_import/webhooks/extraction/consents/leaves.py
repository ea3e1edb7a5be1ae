"""Find the values of a container of consents that say yes or no: `granted` of `{"channel": "sms", "granted": false}`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from contact_import.columns.header_match import split_words
from contact_import.domain.consent import Consent
from contact_import.fields.consent.answer import read_consent
from contact_import.fields.consent.header import ConsentKind, classify_consent_header, split_joined_word
from contact_import.fields.consent.words import OTHER_CHANNEL_WORDS, SMS_WORDS
from contact_import.webhooks.extraction.json_value import JsonValue, normalize_key, to_text

MAX_DEPTH = 6
_MAX_ANSWER_CHARS = 16  # a longer `text` is the wording of a consent
_CHANNELS_WITH_SMS = frozenset({"mobile", "all"})
_CHANNEL_WORDS = SMS_WORDS | OTHER_CHANNEL_WORDS | _CHANNELS_WITH_SMS | {"phone"}
# The member of an element that says which channel it is about.
_CHANNEL_KEYS = ("channel", "type", "name", "medium", "kind", "method", "key", "code")
# Members that say yes or no. Of other members only true and false count: those are purposes, such as `analytics`.
_VERDICT_WORDS = frozenset(
    "state status value consent consents granted given opted optin optout subscribed unsubscribed accepted enabled "
    "allowed active permission permitted blocked suppressed blacklisted revoked withdrawn agreed allow".split()
)
# Values that say yes or no by themselves, below a channel: `sms.value`.
_BARE_VERDICTS = frozenset("active value".split())
_OTHER_FLAGS = frozenset("primary default verified valid double confirmed doubleoptin required".split())
_MARKETING_KEYS = frozenset("marketing promotions promotional promo offers".split())

type Flag = str | bool | None


class Leaf(NamedTuple):
    """A value inside a container. `names` are the keys and channels that lead to it.

    A purpose (`is_purpose`) is a flag such as `promotions: true`, which names neither a channel nor a verdict.
    """

    names: tuple[str, ...]
    value: Flag
    is_purpose: bool = False

    @property
    def label(self) -> str:
        """Return the names as one label. A channel called `mobile` or `all` is or includes SMS."""
        label = " ".join(self.names)
        words = split_parts(label)
        label = f"sms {label}" if words & _CHANNELS_WITH_SMS and not words & SMS_WORDS else label
        # `channels.sms: false` and `sms.value: "off"` have no word for consent.
        last = normalize_key(self.names[-1])
        # A field `text` has text: its value is an answer only if it is a yes or a no.
        is_answer = last in _BARE_VERDICTS and not words.isdisjoint(SMS_WORDS - {"text", "texts"})
        is_bare = (
            (is_answer or _is_flag("", self.value))
            and has_channel(self.names[-2:] if last in _BARE_VERDICTS else self.names[-1:])
            and not classify_consent_header(split_words(label))
        )
        return f"{label} consent" if is_bare else label

    @property
    def kind(self) -> ConsentKind | None:
        """Return the kind of question that the label asks, None for one that is not about consent to SMS."""
        return classify_consent_header(split_words(self.label))

    @property
    def is_about_sms(self) -> bool:
        """Return whether a leaf is about SMS, or about marketing by whatever channel: `consent.promotions`."""
        if self.kind is ConsentKind.EXPIRY:
            return True
        return not split_parts(self.label).isdisjoint(SMS_WORDS | _MARKETING_KEYS)

    @property
    def verdict(self) -> Consent:
        """Return what the value says about SMS."""
        return read_consent(_to_text(self.value), self.kind or ConsentKind.STATUS).verdict


def find_leaves(node: JsonValue, names: tuple[str, ...], depth: int = 0) -> Iterator[Leaf]:
    """Yield the values of a container that say yes or no, and elements that mean a yes because they are listed."""
    if depth > MAX_DEPTH:
        return
    if isinstance(node, list):
        for one in node:
            if isinstance(one, dict):
                yield from _find_element_leaves(one, names, depth)
    elif isinstance(node, dict):
        channel_key = _find_channel_key(node)
        names = (*names, str(node[channel_key])) if channel_key else names
        for key, value in node.items():
            if isinstance(value, dict | list):
                yield from find_leaves(value, (*names, key), depth + 1)
            elif key == channel_key:
                continue
            elif _is_flag(key, value):
                yield Leaf((*names, key), value, is_purpose=not (is_verdict_key(key) or has_channel((key,))))
            elif (
                is_verdict_key(key)
                or Leaf((*names, key), value).kind is ConsentKind.EXPIRY
                or (has_channel((key,)) and (key.casefold() != "text" or len(_to_text(value)) < _MAX_ANSWER_CHARS))
                or normalize_key(key) in _MARKETING_KEYS
            ):
                yield Leaf((*names, key), value)


def _find_element_leaves(element: Mapping[str, JsonValue], names: tuple[str, ...], depth: int) -> Iterator[Leaf]:
    leaves = list(find_leaves(dict(element), names, depth + 1))
    yield from leaves
    if not leaves and (channel_key := _find_channel_key(element)):
        yield Leaf((*names, str(element[channel_key])), True)


def _find_channel_key(node: Mapping[str, JsonValue]) -> str:
    """Return the key of the member that names the channel of an object, "" if none does."""
    return next((key for key, one in node.items() if normalize_key(key) in _CHANNEL_KEYS and _names_channel(one)), "")


def settle_purposes(leaves: Sequence[Leaf]) -> list[Leaf]:
    """Return the leaves without refused purposes, if another purpose beside them was agreed to.

    A person who accepts `promotions` and refuses `analytics` agreed to SMS about promotions.
    """
    agreed = {leaf.names[:-1] for leaf in leaves if leaf.is_purpose and leaf.verdict is Consent.YES}
    return [
        leaf
        for leaf in leaves
        if not (leaf.is_purpose and leaf.names[:-1] in agreed and leaf.verdict is Consent.NO)
    ]


def split_parts(name: str) -> set[str]:
    """Return the words of a name, also of joined ones: `donotsms` has three."""
    return {part for word in split_words(name) for part in split_joined_word(word)}


def has_channel(names: Sequence[str]) -> bool:
    """Return whether one of the names is that of a channel."""
    return not _CHANNEL_WORDS.isdisjoint(split_parts(" ".join(names)))


def is_verdict_key(key: str) -> bool:
    """Return whether a member says yes or no by its key: `granted`, but not `status_updated`."""
    words = split_parts(key)
    return not _VERDICT_WORDS.isdisjoint(words) and not words & {"updated", "level", "collected", "source", "id", "by"}


def _is_flag(key: str, value: Flag) -> bool:
    return _to_text(value).casefold() in ("true", "false") and normalize_key(key) not in _OTHER_FLAGS


def _to_text(value: Flag) -> str:
    return "" if value is None else to_text(value)


def _names_channel(value: JsonValue) -> bool:
    return isinstance(value, str) and 0 < len(value) < 40 and has_channel((value,))
