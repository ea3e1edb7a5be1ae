"""By what each sender tells one delivery from another: the same one twice must not become two imports."""

import hashlib
from collections.abc import Iterator

from contact_import.domain.http import Post
from contact_import.webhooks.extraction.body import Tree, as_mapping

_HEADERS = ("x-shopify-event-id", "webhook-id", "svix-id", "framer-webhook-submission-id")
_MAX_CHARS = 200
# What an object must have so that it is this sender's, and where the key is. `*` is each element of an array.
_RULES: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
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


def key_of(post: Post, tree: Tree) -> str:
    """The sender's own key of a delivery, "" when it has none that is safe to go by."""
    for name in _HEADERS:
        if value := post.headers.get(name, "").strip():
            return _bounded(value)
    if topic := post.headers.get("x-wc-webhook-topic"):
        # Its delivery id repeats for two customers in one second.
        parts = [*_texts(tree, ["id"]), *_texts(tree, ["date_modified_gmt"])]
        return _bounded("\n".join([*parts, topic])) if len(parts) == 2 else ""
    if "ce-id" in post.headers and "ce-source" in post.headers:
        return _bounded(f"{post.headers['ce-id']}\n{post.headers['ce-source']}")
    if "submissionID" in as_mapping(tree) and "rawRequest" in as_mapping(tree):
        # Jotform keeps the id when an entry is edited, and the edited entry is another delivery.
        return _bounded("\n".join([*_texts(tree, ["submissionID"]), *_texts(tree, ["rawRequest"])]) + "\n" * 2)
    for _, wanted, paths in _RULES:
        if all(any(True for _ in _nodes(tree, path.split("."))) for path in wanted):
            return _bounded("\n".join(text for path in paths for text in _texts(tree, path.split("."))))
    return ""


def _bounded(key: str) -> str:
    """Printable and short: what is neither is told apart by its digest."""
    if key.isprintable() and key.isascii() and len(key) <= _MAX_CHARS:
        return key
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest() if key else ""


def _texts(tree: Tree, path: list[str]) -> Iterator[str]:
    return (node for node in _nodes(tree, path) if isinstance(node, str) and node)


def _nodes(tree: Tree, path: list[str]) -> Iterator[Tree]:
    if not path:
        yield tree
    elif isinstance(tree, dict):
        if path[0] in tree:
            yield from _nodes(tree[path[0]], path[1:])
    elif isinstance(tree, list):
        for node in tree if path[0] == "*" else tree[int(path[0]) : int(path[0]) + 1] if path[0].isdecimal() else []:
            yield from _nodes(node, path[1:])
