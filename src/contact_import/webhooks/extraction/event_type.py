"""Classify the event of a delivery: a test, an unsubscribe, a deletion, or an event that has ids only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from contact_import.columns.header_match import split_words
from contact_import.webhooks.extraction.json_value import JsonValue, to_mapping
from contact_import.webhooks.extraction.leaving_events import name_leaving
from contact_import.webhooks.provider import USE_CONNECTOR, IdOnlyEvent
from contact_import.webhooks.registry import load_providers

_TEST_REASON = "The sender marked this delivery as a test."
_PING_REASON = "The sender only checked that this address responds."
NO_CONTACT_REASON = "It contains no person with contact details."
EMPTY_REASON = "The delivery was empty."

EVENT_KEYS = (
    "type event event_type eventtype topic triggerevent trigger triggertype action webhook_event metric event_name "
    "eventname event_key scope"
).split()
# A reply of one of these words alone opts out. They are the default keywords of a large SMS platform
# (https://www.twilio.com/docs/messaging/tutorials/advanced-opt-out).
_STOP_REPLIES = frozenset("stop stopall unsubscribe unsub cancel end quit optout optoutall".split())
_REPLY_KEY_WORDS = frozenset("text body message content keyword reply msg".split())
_REPLY_DEPTH = 10
_TEST_KEYS = frozenset("is_test istest test test_mode testmode is_testing test_lead is_test_lead".split())
_ID_ONLY_REASON = f"The event contains only an id of its person: let the sender include the fields, or {USE_CONNECTOR}."


@dataclass(frozen=True, slots=True)
class EventType:
    """The effect of an event on its people.

    `opt_out_label` names an event after which its people may not be contacted (`unsubscribed`), "" for other events.
    `reason` says why nothing of the body may become a contact (the sender marked it as a test), "" for other events.
    """

    opt_out_label: str = ""
    reason: str = ""


def classify_event(tree: JsonValue, headers: Mapping[str, str]) -> EventType:
    """Return the type of an event, by its headers and its outermost object (of an array, the first one)."""
    outer = [node for node in (tree if isinstance(tree, list) else [tree]) if isinstance(node, dict)]
    is_test = any(headers.get(one.test_header, "").lower() == "true" for one in load_providers().values())
    if is_test or any(_is_test(node) for node in outer[:1]):
        return EventType(reason=_TEST_REASON)
    event_names = [headers[name] for name in _list_event_headers() if name in headers]
    # Each object of several has an event of its person; `match_field` reads those.
    for node in outer if len(outer) == 1 else ():
        event_names += _find_event_names(node)
    labels = [label for text in event_names if (label := name_leaving(text, tree))]
    labels.sort(key=("unsubscribed", "is deleted").__contains__, reverse=True)
    if labels:
        return EventType(opt_out_label=labels[0])
    if any(_has_unsubscribed(node) for node in outer[:1]):
        return EventType(opt_out_label="unsubscribed")
    if _has_stop_reply(tree, _REPLY_DEPTH):
        return EventType(opt_out_label="unsubscribed by reply")
    return EventType()


@cache
def _list_event_headers() -> tuple[str, ...]:
    known = (name for provider in load_providers().values() for name in provider.event_headers)
    return (*known, "x-hook-event")  # which several senders use


@cache
def _list_id_only_events() -> tuple[IdOnlyEvent, ...]:
    return tuple(event for provider in load_providers().values() for event in provider.id_only_events)


def is_event_name(path: Sequence[str], label: str) -> bool:
    """Return whether a value is the name of an event: `type`, or `name` of `metric`."""
    key = path[-2] if label.lower() == "name" and len(path) > 1 else label
    return key.lower() in EVENT_KEYS


def _has_stop_reply(node: JsonValue, depth: int) -> bool:
    """Return whether a message in the body is STOP or another of `_STOP_REPLIES` and nothing else."""
    if isinstance(node, list):
        return depth > 0 and any(_has_stop_reply(one, depth - 1) for one in node[:50])
    if not isinstance(node, dict):
        return False
    return any(
        _has_stop_reply(value, depth - 1) if isinstance(value, dict | list) else _is_stop_reply(key, value)
        for key, value in node.items()
        if depth > 0
    )


def _is_stop_reply(key: str, value: JsonValue) -> bool:
    return (
        isinstance(value, str)
        and len(value) < 40
        and "".join(split_words(value)) in _STOP_REPLIES
        and not _REPLY_KEY_WORDS.isdisjoint(split_words(key))
    )


def _has_unsubscribed(node: Mapping[str, JsonValue]) -> bool:
    """Return whether the state of the body's `subscriber` says that the person left."""
    state = to_mapping(node.get("subscriber")).get("state")
    return isinstance(state, str) and state.lower() in ("cancelled", "canceled", "complained", "unsubscribed")


def explain_no_contacts(tree: JsonValue) -> str:
    """Return a sentence for people that says why a body has no contacts: it is empty, a ping, or has ids only."""
    if tree in ({}, [], "", None):
        return EMPTY_REASON
    for keys in _iterate_object_keys(tree, 5):
        for event in _list_id_only_events():
            if event.keys <= keys:
                return event.reason
    mapping = to_mapping(tree)
    keys = {key.lower() for key in mapping}
    if keys in ({"webhook_id"}, {"test"}) or any(
        text.lower() in ("ping", "test", "webhook.test") for text in _find_event_names(mapping)
    ):
        return _PING_REASON
    if keys & {"type", "event", "event_type", "topic"} and keys & {"id", "data", "payload", "object", "resource"}:
        return _ID_ONLY_REASON
    return NO_CONTACT_REASON


def _is_test(node: Mapping[str, JsonValue]) -> bool:
    for key, value in node.items():
        text = str(value).lower()
        if key.lower() in _TEST_KEYS and text in ("true", "1", "yes"):
            return True
        if key.lower() in ("livemode", "live_mode") and text == "false":
            return True
    return False


def _find_event_names(node: Mapping[str, JsonValue]) -> list[str]:
    """Return the names of the event, from the outermost object or one directly below it."""
    names: list[str] = []
    for inner in (node, to_mapping(node.get("meta")), to_mapping(node.get("event")), to_mapping(node.get("header"))):
        names += [value for key, value in inner.items() if key.lower() in EVENT_KEYS and isinstance(value, str)]
    # {"event": {"name": "unsubscribed"}}
    names += [
        name
        for key, inner in node.items()
        if key.lower() in EVENT_KEYS and isinstance(name := to_mapping(inner).get("name"), str)
    ]
    return [text[:80] for text in names if text]


def _iterate_object_keys(tree: JsonValue, depth: int) -> Iterator[set[str]]:
    """Yield the lower-case keys of each object, down to a depth, with at most 50 children of each node."""
    if isinstance(tree, dict):
        yield {key.lower() for key in tree}
    below = list(tree.values()) if isinstance(tree, dict) else tree if isinstance(tree, list) else []
    for child in below[:50] if depth else []:
        yield from _iterate_object_keys(child, depth - 1)
