"""Describe how an import would read a webhook delivery: its people, their fields, and the values left out."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from contact_import.contacts.validate import Contact
from contact_import.domain.http import HttpRequest
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome
from contact_import.domain.person import ExtractionResult, Person, PersonField
from contact_import.domain.roles import CONSENT_ROLES, Role
from contact_import.errors import BodyError
from contact_import.pipelines.column_mapping import FIELD_NAMES
from contact_import.settings import Settings
from contact_import.webhooks.extraction.body import parse_body
from contact_import.webhooks.extraction.field_match import SenderMapping, match_field
from contact_import.webhooks.extraction.flatten import BodyValue, flatten_body
from contact_import.webhooks.extraction.form_answers import read_answers
from contact_import.webhooks.extraction.form_definitions import find_definitions
from contact_import.webhooks.extraction.json_value import JsonValue, to_text
from contact_import.webhooks.extraction.people import extract_people
from contact_import.webhooks.registry import load_providers
from contact_import.webhooks.senders.config import WebhookSender, parse_sender_config
from contact_import.webhooks.submission import BatchSettings, Submission
from contact_import.webhooks.submission_contacts import validate_submission
from local.inspection import mask_value

_CONTENT_TYPES = {".json": "application/json", ".xml": "text/xml"}
_FORM = "application/x-www-form-urlencoded"
_ENVELOPE_KEYS = {"headers", "content_type", "method"}


def find_sender(name: str, hooks: Path | None) -> WebhookSender:
    """Return the sender of a name: one of the file `hooks`, or a listed one. Raise RuntimeError for an unknown name."""
    if hooks:
        found = parse_sender_config(hooks.read_text("utf-8")).find_sender(name)
        if not found:
            raise RuntimeError(f"{hooks} has no sender {name!r}")
        return found
    wanted = name.strip().lower().replace("-", "_").replace(" ", "_")
    for module, provider in load_providers().items():
        if wanted in (module, provider.title.lower().replace(" ", "_")):
            return WebhookSender(module, next(iter(provider.schemes), "token"), ())
    raise RuntimeError(f"there is no sender {name!r}; docs/senders.md lists them, --hooks takes your own")


def read_delivery(path: Path) -> HttpRequest:
    """Return the request in a file: a body alone, or an object with `body` and `headers`, as in `delivery.json`."""
    raw = path.read_bytes()
    headers = {"content-type": _CONTENT_TYPES.get(path.suffix.lower(), "")}
    try:
        envelope = json.loads(raw)
    except ValueError:
        envelope = None
    if isinstance(envelope, dict) and "body" in envelope and _ENVELOPE_KEYS & envelope.keys():
        headers |= {name.lower(): str(value) for name, value in (envelope.get("headers") or {}).items()}
        headers["content-type"] = str(envelope.get("content_type") or headers["content-type"])
        raw = _encode_body(envelope["body"], headers["content-type"])
    return HttpRequest("POST", "/hooks/inspect", "https://localhost/hooks/inspect", headers, {}, raw)


def _encode_body(body: object, content_type: str) -> bytes:
    if isinstance(body, dict) and content_type.startswith(_FORM):
        body = urlencode({name: one if isinstance(one, str) else json.dumps(one) for name, one in body.items()})
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def build_delivery_inspection(path: Path, sender: WebhookSender | None) -> dict[str, Any]:
    """Return what `inspect --json` prints of a delivery."""
    request = read_delivery(path)
    sender = sender or WebhookSender("", "token", ())
    inspection: dict[str, Any] = {"file": path.name, "sender": sender.name or None}
    try:
        found = extract_people(request, sender)
        left_out = list(_find_left_out(request, found.people, sender.mapping))
    except BodyError as error:
        return inspection | {"error": str(error)}
    return inspection | {
        "event_id": found.event_id,
        "people": _describe_people(request, found, sender),
        "left_out": left_out,
        "error": found.reason or None,
    }


def _describe_people(request: HttpRequest, found: ExtractionResult, sender: WebhookSender) -> list[dict[str, Any]]:
    # PHONE_REGION and MOBILE_ONLY of the caller count; a bucket and a secret are not needed here.
    settings = Settings.from_env(os.environ | {"BUCKET": "none", "CELLCAST_SECRET": "none"})
    submission = Submission(
        "", f"hooks/{sender.name}", datetime.now(UTC), Labels() + sender.labels, found.people, found.reason,
        BatchSettings.from_settings(settings), request,
    )  # fmt: skip
    _, outcomes = validate_submission(submission, frozenset())
    return [
        _describe_outcome(one) | {"fields": [_describe_field(field) for field in person.fields if field.role]}
        for person, one in zip(found.people, outcomes, strict=True)
    ]


def _describe_outcome(outcome: Contact | Outcome) -> dict[str, Any]:
    if isinstance(outcome, Contact):
        return {"status": "sendable", "reason": "", "warnings": [one.reason for one in outcome.warnings]}
    return {"status": outcome.status.value, "reason": outcome.reason, "warnings": []}


def _describe_field(field: PersonField) -> dict[str, Any]:
    # The word of a consent is no personal data, and the reader must see it to settle it.
    value = field.value if field.role in CONSENT_ROLES else mask_value(field.value)
    return {"label": field.label, "field": _name_field(field.role), "value": value}


def _name_field(role: Role | None) -> str:
    return FIELD_NAMES.get(role, role.value) if role else ""


def _find_left_out(
    request: HttpRequest, people: Iterable[Person], mapping: Mapping[str, str | None]
) -> Iterator[dict[str, str]]:
    """Yield the values that no person has as a field, each with its path and the reason."""
    tree = parse_body(request)
    definitions = find_definitions(tree)
    values = flatten_body(read_answers(tree, definitions), definitions)
    used = {(field.label, field.value) for person in people for field in person.fields if field.role}
    sender_mapping = SenderMapping(mapping)
    for value in values:
        if (value.label, value.text) not in used:
            yield _describe_left_out(value.path, value.text, _explain_unused(value, sender_mapping))
    yield from _find_unread(tree, values)


def _find_unread(tree: JsonValue, values: Iterable[BodyValue]) -> Iterator[dict[str, str]]:
    """Yield the outermost objects and values of a body that none of its values was taken from."""
    read = {value.path[:end] for value in values for end in range(len(value.path) + 1)}
    # Beside the value of an answer are its label and its ids.
    whole = {value.path[:-1] for value in values if value.kind and len(value.path) > 1}
    whole |= {value.path for value in values}
    unread: dict[tuple[str, ...], list[str]] = {}
    for path, text in _iterate_leaves(tree, ()):
        is_part = any(path[:end] in whole for end in range(1, len(path) + 1))
        if text.strip() and path not in read and not is_part:
            outermost = next(path[:end] for end in range(1, len(path) + 1) if path[:end] not in read)
            unread.setdefault(outermost, []).append(text)
    for path, texts in unread.items():
        text = texts[0] if len(texts) == 1 else f"{len(texts)} values"
        yield _describe_left_out(path, text, "about another person, or not about a person", is_masked=len(texts) == 1)


def _explain_unused(value: BodyValue, mapping: SenderMapping) -> str:
    match = match_field(value, mapping)
    if match is None:
        return "a secret or a file"
    if match.role is None:
        return "left out by the sender's mapping" if match.is_mapped else "not a field of Cellcast"
    return f"{_name_field(match.role)}: another value was used, or it belongs to another person"


def _describe_left_out(path: tuple[str, ...], text: str, reason: str, *, is_masked: bool = True) -> dict[str, str]:
    return {"path": ".".join(path), "value": mask_value(text.strip()) if is_masked else text, "reason": reason}


def _iterate_leaves(node: JsonValue, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(node, dict | list):
        members = node.items() if isinstance(node, dict) else ((str(index), one) for index, one in enumerate(node))
        for key, one in members:
            yield from _iterate_leaves(one, (*path, key))
    elif node is not None:
        yield path, to_text(node)
