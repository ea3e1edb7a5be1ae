"""Recognise the names of events after which a person may not be contacted: `unsubscribe`, `subscriber.deactivated`.

Words for leaving are endless. So an event about a consent, a subscription or a list is one of leaving if any of its
words is unknown. Of other events only words for leaving count.
"""

from collections.abc import Sequence

from contact_import.columns.header_match import split_words
from contact_import.domain.consent import Consent
from contact_import.fields.consent.answer import read_consent
from contact_import.fields.consent.answer_words import GOOD_STATES
from contact_import.fields.consent.header import classify_consent_header
from contact_import.fields.consent.kinds import ConsentKind
from contact_import.fields.consent.words import OTHER_CHANNEL_WORDS
from contact_import.webhooks.extraction.consent.keys import is_product
from contact_import.webhooks.extraction.json_value import JsonValue

_UNSUBSCRIBE_WORDS = frozenset(
    "unsubscribe unsubscribed unsubscribes unsub cleaned optout optedout spam complaint complained blocked "
    "blacklisted stop bounce bounced".split()
)
_DELETION_WORDS = frozenset(
    "delete deleted deletion deletes destroy destroyed removed erase erased redact redacted".split()
)
# Things that may be removed from a person who stays: `contact_tag_removed`, `cart.item_removed`.
_THING_WORDS = frozenset(
    "tag tags item items product products note notes task tasks file files field fields line cart coupon role label "
    "labels attachment comment photo image deal discount order invoice quote booking appointment reservation job "
    "ticket conversation message".split()
)
_SUBJECTS = frozenset(
    "consent consents optin subscriber subscribers subscription subscriptions list lists audience permission "
    "permissions preference preferences".split()
)
_PAID_SUBJECTS = frozenset("subscription subscriptions".split())
# Words of events about those subjects that say nothing of leaving. Good states (`confirmed`) say nothing either.
_HARMLESS_WORDS = _SUBJECTS | frozenset(
    "person people profile lead leads contacts customers members user users sms text mms phone number consented "
    "opt in data event events webhook hook new the a an of an by from via on form forms form submission create created "
    "add added adding update updated updates updating change changed changes modified join joined joins joining given "
    "gave grant collected recorded renew renewed renewal resume resumed reactivated activated start started restarted "
    "charged payment succeeded completed order item management center api v v1 v2 membership reminder subscribe "
    "complete course purchase purchased sequence tag".split()
)
_PRODUCT_DEPTH = 5
_MAX_CHILDREN = 50


def name_leaving(text: str, tree: JsonValue = None) -> str:
    """Return what an event says by its name, `unsubscribed` or `is deleted` or the name itself, "" if nothing.

    `tree` is the body: a subscription in it that has a plan or a price is no consent.
    """
    words = split_words(text)
    if is_unsubscribe(words):
        return "unsubscribed"
    if not _THING_WORDS.isdisjoint(words):
        return ""
    if not _DELETION_WORDS.isdisjoint(words):
        return "is deleted"
    # With a word before it, the name of a channel alone (`"type": "web"`) is no answer.
    is_leaving = read_consent(f"event {' '.join(words)}", ConsentKind.STATUS).verdict is Consent.NO
    is_fault = classify_consent_header(words) is ConsentKind.OPT_OUT
    return text if is_leaving or is_fault or _has_unknown_word(text, words, tree) else ""


def is_unsubscribe(words: Sequence[str]) -> bool:
    """Return whether the words of an event's name say that its person unsubscribed."""
    together = "".join(words)
    return not _UNSUBSCRIBE_WORDS.isdisjoint(words) or any(
        word in together for word in ("unsubscribe", "optout", "optedout")
    )


def _has_unknown_word(text: str, words: Sequence[str], tree: JsonValue) -> bool:
    """Return whether the name of an event about a consent has an unknown word. A text with blanks is not a name."""
    subjects = _SUBJECTS.intersection(words) | ({"optin"} if {"opt", "in"} <= set(words) else set())
    if not subjects or " " in text.strip() or not OTHER_CHANNEL_WORDS.isdisjoint(words):
        return False
    if subjects <= _PAID_SUBJECTS and _has_product(tree, _PRODUCT_DEPTH):
        return False
    return not all(word in _HARMLESS_WORDS | GOOD_STATES or word.isdecimal() for word in words)


def _has_product(node: JsonValue, depth: int) -> bool:
    """Return whether an object in the body is a subscription to something that is paid for."""
    below = [*node.values()] if isinstance(node, dict) else node if isinstance(node, list) else []
    is_paid = isinstance(node, dict) and is_product(node)
    return is_paid or (depth > 0 and any(_has_product(one, depth - 1) for one in below[:_MAX_CHILDREN]))
