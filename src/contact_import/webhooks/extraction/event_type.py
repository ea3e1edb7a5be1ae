"""What a delivery is about when it is not simply a person: a test, an unsubscribing, an event of ids only."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from contact_import.columns.header_match import words_of
from contact_import.webhooks.extraction.body import Tree, as_mapping

_TEST = "The sender marked this delivery as a test."
_PING = "The sender only tried whether this address answers."
NOBODY = "Nobody who could be contacted was found in it."
EMPTY = "The delivery was empty."

EVENT_KEYS = (
    "type event event_type eventtype topic triggerevent trigger triggertype action webhook_event metric event_name "
    "eventname event_key scope"
).split()
_EVENT_HEADERS = ("x-shopify-topic", "x-wc-webhook-topic", "x-hook-event", "ce-type")
_LEAVING = frozenset(
    "unsubscribe unsubscribed unsubscribes unsub cleaned optout optedout spam complaint complained blocked "
    "blacklisted stop".split()
)
_GONE = frozenset("delete deleted deletion deletes destroy destroyed removed erase erased redact redacted".split())
_TESTS = frozenset("is_test istest test test_mode testmode is_testing test_lead is_test_lead".split())
_CONNECT = "use a connector such as Zapier or Make, which fetches the person and posts it here"
# The keys that such an event has, and what to do about it.
_THIN: tuple[tuple[frozenset[str], str], ...] = (
    (
        frozenset({"subscriptiontype", "objectid"}),
        "HubSpot's app webhooks carry ids only: use a workflow with `Send a webhook`, or a connector such as Zapier.",
    ),
    (frozenset({"leadgen_id"}), f"Meta's lead webhooks carry ids only: {_CONNECT}."),
    (frozenset({"leadgenformresponse"}), f"LinkedIn's lead webhooks carry ids only: {_CONNECT}."),
    (frozenset({"api_url", "config"}), f"Eventbrite's webhooks carry an address only: {_CONNECT}."),
    (frozenset({"appointmenttypeid", "calendarid"}), f"Acuity's webhooks carry ids only: {_CONNECT}."),
    (frozenset({"scope", "store_id", "producer"}), f"BigCommerce's webhooks carry ids only: {_CONNECT}."),
    (frozenset({"websiteid", "subscriptionid", "topic"}), f"Squarespace's webhooks carry ids only: {_CONNECT}."),
    (
        frozenset({"object_keys", "event_key"}),
        "Keap's REST hooks carry ids only: use `Send a HTTP POST` in a campaign, or a connector such as Zapier.",
    ),
    (frozenset({"ids", "updated_attributes"}), f"Copper's webhooks carry ids only: {_CONNECT}."),
    (
        frozenset({"module", "ids"}),
        "Zoho's notifications carry ids only: use a workflow rule with a webhook, which can send the fields.",
    ),
    (frozenset({"filter_id", "object_id"}), f"SurveyMonkey's webhooks carry ids only: {_CONNECT}."),
    (
        frozenset({"base", "webhook", "timestamp"}),
        "Airtable's webhooks carry ids only: use an automation with `Run a script`, which can send the record.",
    ),
)
_BY_ID = f"The event names its person by an id only: let the sender put the fields into it, or {_CONNECT}."


@dataclass(frozen=True, slots=True)
class Occasion:
    """`refusal` is what the event says against contacting its people, "" when it does not.

    `reason` is given when there can be nobody to contact in it, whatever else it holds.
    """

    refusal: str = ""
    reason: str = ""


def occasion_of(tree: Tree, headers: Mapping[str, str]) -> Occasion:
    outer = [node for node in (tree if isinstance(tree, list) else [tree]) if isinstance(node, dict)]
    if headers.get("x-shopify-test", "").lower() == "true" or any(_is_test(node) for node in outer[:1]):
        return Occasion(reason=_TEST)
    told = [headers[name] for name in _EVENT_HEADERS if name in headers]
    for node in outer[:1]:
        told += _events(node)
    words = {word for text in told for word in words_of(text)}
    if any(is_leaving(words_of(text)) for text in told):
        return Occasion(refusal="unsubscribed")
    if any(_has_left(node) for node in outer[:1]):
        return Occasion(refusal="unsubscribed")
    if words & _GONE:
        return Occasion(refusal="is deleted")
    return Occasion()


def is_leaving(words: Sequence[str]) -> bool:
    """Whether the words of an event's name say that its person left."""
    together = "".join(words)
    return not _LEAVING.isdisjoint(words) or any(word in together for word in ("unsubscribe", "optout", "optedout"))


def _has_left(node: Mapping[str, Tree]) -> bool:
    """Kit says it by the subscriber's state alone."""
    state = as_mapping(node.get("subscriber")).get("state")
    return isinstance(state, str) and state.lower() in ("cancelled", "canceled", "complained", "unsubscribed")


def why_nobody(tree: Tree) -> str:
    """The reason for people why there is nobody in a body."""
    if tree in ({}, [], "", None):
        return EMPTY
    for keys in _objects(tree, 5):
        for wanted, reason in _THIN:
            if wanted <= keys:
                return reason
    mapping = as_mapping(tree)
    keys = {key.lower() for key in mapping}
    if keys in ({"webhook_id"}, {"test"}) or any(
        text.lower() in ("ping", "test", "webhook.test") for text in _events(mapping)
    ):
        return _PING
    if keys & {"type", "event", "event_type", "topic"} and keys & {"id", "data", "payload", "object", "resource"}:
        return _BY_ID
    return NOBODY


def _is_test(node: Mapping[str, Tree]) -> bool:
    for key, value in node.items():
        text = str(value).lower()
        if key.lower() in _TESTS and text in ("true", "1", "yes"):
            return True
        if key.lower() in ("livemode", "live_mode") and text == "false":
            return True
    return False


def _events(node: Mapping[str, Tree]) -> list[str]:
    """What calls itself the event, in the outermost object or one below."""
    told: list[str] = []
    for inner in (node, as_mapping(node.get("meta")), as_mapping(node.get("event")), as_mapping(node.get("header"))):
        told += [
            value for key, value in inner.items() if key.lower() in EVENT_KEYS and isinstance(value, str) and value
        ]
    return [text[:80] for text in told]


def _objects(tree: Tree, depth: int) -> Iterator[set[str]]:
    """The keys of each object, down to a depth and with no more than a few of each array."""
    if isinstance(tree, dict):
        yield {key.lower() for key in tree}
    below = list(tree.values()) if isinstance(tree, dict) else tree if isinstance(tree, list) else []
    for child in below[:50] if depth else []:
        yield from _objects(child, depth - 1)
