"""Find the values of a container of consents that say yes or no, such as `granted`."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from contact_import.columns.header_match import split_words
from contact_import.domain.consent import Consent
from contact_import.fields.consent.answer import read_consent
from contact_import.fields.consent.header import classify_consent_header
from contact_import.fields.consent.kinds import ConsentKind
from contact_import.fields.consent.words import SMS_WORDS
from contact_import.webhooks.extraction.consent.ends import is_end
from contact_import.webhooks.extraction.consent.keys import (
    CHANNELS_WITH_SMS,
    MAX_NAME_CHARS,
    has_channel,
    is_about_other_channel,
    is_product,
    is_verdict_key,
    split_parts,
)
from contact_import.webhooks.extraction.json_value import JsonValue, normalize_key, to_text

MAX_DEPTH = 6
_MAX_ANSWER_CHARS = 16  # a longer `text` is the wording of a consent
# The member of an element that says which channel it is about.
_CHANNEL_KEYS = ("channel", "type", "name", "medium", "kind", "method", "key", "code")
# Values that say yes or no by themselves, below a channel: `sms.value`.
_BARE_VERDICTS = frozenset("active value".split())
_OTHER_FLAGS = frozenset("primary default verified double confirmed doubleoptin required".split())
_MARKETING_KEYS = frozenset("marketing promotions promotional promo offers".split())
# The member of an element that says what it is about, and subjects that are neither contact nor marketing.
_NAME_KEYS = ("name", "type", "purpose", "title", "label", "category", "topic", "key", "code")
_OTHER_SUBJECTS = frozenset(
    "terms conditions cookie cookies analytics profiling tracking statistics personalisation personalization "
    "data processing photo photos medical treatment health research age newsletter".split()
)
# Members about earlier consents.
_PAST_KEYS = frozenset("history log logs previous old audit changes versions".split())

type Flag = str | bool | None


class Leaf(NamedTuple):
    """A value inside a container. `names` are the keys and channels that lead to it.

    A purpose (`is_purpose`) is a flag such as `promotions: true`, which names neither a channel nor a verdict.
    """

    names: tuple[str, ...]
    value: Flag
    is_purpose: bool = False
    is_end: bool = False

    @property
    def label(self) -> str:
        """Return the names as one label. A channel called `mobile` or `all` is or includes SMS."""
        if self.is_end:
            return f"consent {self.names[-1]} ended"
        label = " ".join(self.names)
        words = split_parts(label)
        label = f"sms {label}" if words & CHANNELS_WITH_SMS and not words & SMS_WORDS else label
        # `channels.sms: false` and `sms.value: "off"` have no word for consent.
        last = normalize_key(self.names[-1])
        # A field `text` has text: its value is an answer only if it is a yes or a no.
        is_answer = last in _BARE_VERDICTS and not words.isdisjoint(SMS_WORDS - {"text", "texts"})
        is_bare = (
            (is_answer or _is_flag(self.value))
            and has_channel(self.names[-2:] if last in _BARE_VERDICTS else self.names[-1:])
            and classify_consent_header(split_words(label)) in (None, ConsentKind.HINT)
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
            return not is_about_other_channel(split_parts(" ".join(self.names)))
        return not split_parts(self.label).isdisjoint(SMS_WORDS | _MARKETING_KEYS)

    @property
    def is_general(self) -> bool:
        """Return whether a leaf is an answer about no channel in particular: `consent.given`."""
        is_answer = self.kind in (ConsentKind.CONSENT, ConsentKind.OPT_OUT, ConsentKind.PREFERENCE)
        is_other = has_channel(self.names) or not split_parts(" ".join(self.names)).isdisjoint(_OTHER_SUBJECTS)
        return is_answer and not self.is_purpose and not is_other

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
        may_end = not is_product(node)
        for key, value in node.items():
            if isinstance(value, dict | list):
                yield from find_leaves(value, (*names, key), depth + 1) if key.lower() not in _PAST_KEYS else ()
            elif key != channel_key and (leaf := _read_leaf(names, key, value, may_end=may_end)):
                yield leaf


def _find_element_leaves(element: dict[str, JsonValue], names: tuple[str, ...], depth: int) -> Iterator[Leaf]:
    channel_key = _find_channel_key(element)
    purposes = (one for key, one in element.items() if normalize_key(key) in _NAME_KEYS and isinstance(one, str))
    purpose = tuple(text for text in purposes if len(text) < MAX_NAME_CHARS and text[:1].isalpha())[:1]
    leaves = list(find_leaves(element, names if channel_key else (*names, *purpose), depth + 1))
    yield from leaves
    if not leaves and channel_key:
        yield Leaf((*names, str(element[channel_key])), True)
    elif not leaves and classify_consent_header(split_words(names[-1])) is ConsentKind.OPT_OUT:
        yield Leaf(names, True)  # {"suppressions": [{"reason": …}]}


def _read_leaf(names: tuple[str, ...], key: str, value: Flag, *, may_end: bool) -> Leaf | None:
    """Return the leaf of a member, None for a member that is not about consent."""
    leaf = Leaf((*names, key), value)
    if may_end and is_end(key, value):
        return leaf._replace(is_end=True)
    if normalize_key(key) in _OTHER_FLAGS:
        return None
    is_verdict = is_verdict_key(key) or classify_consent_header(split_words(key)) is ConsentKind.OPT_OUT
    if _is_flag(value):
        return leaf._replace(is_purpose=not (is_verdict or has_channel((key,))))
    is_answer = (
        is_verdict
        or leaf.kind is ConsentKind.EXPIRY
        or (has_channel((key,)) and (key.casefold() != "text" or len(_to_text(value)) < _MAX_ANSWER_CHARS))
        or normalize_key(key) in _MARKETING_KEYS
    )
    return leaf if is_answer else None


def _find_channel_key(node: Mapping[str, JsonValue]) -> str:
    """Return the key of the member that names the channel of an object, "" if none does."""
    return next((key for key, one in node.items() if normalize_key(key) in _CHANNEL_KEYS and _names_channel(one)), "")


def settle_purposes(leaves: Sequence[Leaf]) -> list[Leaf]:
    """Return the leaves without refused purposes, if another purpose beside them was agreed to.

    A person who accepts `promotions` and refuses `analytics` agreed to SMS about promotions.
    """
    agreed = {leaf.names[:-1] for leaf in leaves if leaf.is_purpose and leaf.verdict is Consent.YES}
    return [
        leaf for leaf in leaves if not (leaf.is_purpose and leaf.names[:-1] in agreed and leaf.verdict is Consent.NO)
    ]


def _is_flag(value: Flag) -> bool:
    return _to_text(value).casefold() in ("true", "false")


def _to_text(value: Flag) -> str:
    return "" if value is None else to_text(value)


def _names_channel(value: JsonValue) -> bool:
    return isinstance(value, str) and 0 < len(value) < MAX_NAME_CHARS and has_channel((value,))
