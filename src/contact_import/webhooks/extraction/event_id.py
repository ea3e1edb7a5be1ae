"""Find the sender's own id of a delivery: the same delivery twice must not become two imports."""

import hashlib
from collections.abc import Iterator

from contact_import.domain.http import HttpRequest
from contact_import.webhooks.extraction.json_value import JsonValue, to_mapping

_EVENT_ID_HEADERS = ("x-shopify-event-id", "webhook-id", "svix-id", "framer-webhook-submission-id")
_MAX_EVENT_ID_CHARS = 200
# The sender, the paths that a body of it has, and the paths of the id. `*` is each element of an array.
_EVENT_ID_RULES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("typeform", ("event_id", "form_response"), ("event_id",)),
    ("tally", ("eventId", "eventType", "data.fields"), ("eventId",)),
    ("stripe", ("data.object", "livemode", "type"), ("id",)),
    ("calendly", ("payload.uri", "event"), ("payload.uri", "event")),
    ("webflow", ("triggerType", "payload.id"), ("payload.id",)),
    ("meta", ("entry.0.changes.0.value.leadgen_id",), ("entry.*.changes.*.value.leadgen_id",)),
    ("hubspot", ("0.subscriptionType", "0.eventId", "0.objectId"), ("*.eventId", "*.objectId")),
    ("hubspot", ("subscriptionType", "eventId", "objectId"), ("eventId", "objectId")),
    ("google-ads", ("lead_id", "user_column_data"), ("lead_id",)),
    ("pipedrive", ("meta.id", "meta.action"), ("meta.id", "meta.action", "meta.timestamp")),
    (
        "salesforce",
        ("Envelope.Body.notifications.Notification",),
        ("Envelope.Body.notifications.Notification.*.Id", "Envelope.Body.notifications.Notification.Id"),
    ),
    ("cloudevents", ("specversion", "id", "source"), ("id", "source")),
    ("wix", ("submissionId", "formId"), ("submissionId",)),
    ("wix", ("data.submissionId", "data.formId"), ("data.submissionId",)),
    ("klaviyo", ("data.0.external_id",), ("data.*.external_id",)),
    ("segment", ("messageId", "type", "traits"), ("messageId",)),
    ("square", ("event_id", "merchant_id", "type"), ("event_id",)),
)


def find_event_id(request: HttpRequest, tree: JsonValue) -> str:
    """Return the sender's id of a delivery, "" when it has none that is unique."""
    for name in _EVENT_ID_HEADERS:
        if value := request.headers.get(name, "").strip():
            return _normalize_event_id(value)
    if topic := request.headers.get("x-wc-webhook-topic"):
        # WooCommerce gives two customers of one second the same delivery id.
        parts = [*_find_texts(tree, ["id"]), *_find_texts(tree, ["date_modified_gmt"])]
        return _normalize_event_id("\n".join([*parts, topic])) if len(parts) == 2 else ""
    if "ce-id" in request.headers and "ce-source" in request.headers:
        return _normalize_event_id(f"{request.headers['ce-id']}\n{request.headers['ce-source']}")
    if "submissionID" in to_mapping(tree) and "rawRequest" in to_mapping(tree):
        # Jotform keeps the id when an entry is edited, and the edited entry is another delivery.
        return _normalize_event_id(
            "\n".join([*_find_texts(tree, ["submissionID"]), *_find_texts(tree, ["rawRequest"])]) + "\n" * 2
        )
    for _, required_paths, paths in _EVENT_ID_RULES:
        if all(any(True for _ in _find_nodes(tree, path.split("."))) for path in required_paths):
            return _normalize_event_id("\n".join(text for path in paths for text in _find_texts(tree, path.split("."))))
    return ""


def _normalize_event_id(event_id: str) -> str:
    """Return an id that is printable ASCII and short; any other id becomes its SHA-256."""
    if event_id.isprintable() and event_id.isascii() and len(event_id) <= _MAX_EVENT_ID_CHARS:
        return event_id
    return hashlib.sha256(event_id.encode("utf-8", "replace")).hexdigest() if event_id else ""


def _find_texts(tree: JsonValue, path: list[str]) -> Iterator[str]:
    return (node for node in _find_nodes(tree, path) if isinstance(node, str) and node)


def _find_nodes(tree: JsonValue, path: list[str]) -> Iterator[JsonValue]:
    if not path:
        yield tree
    elif isinstance(tree, dict):
        if path[0] in tree:
            yield from _find_nodes(tree[path[0]], path[1:])
    elif isinstance(tree, list):
        for node in tree if path[0] == "*" else tree[int(path[0]) : int(path[0]) + 1] if path[0].isdecimal() else []:
            yield from _find_nodes(node, path[1:])
