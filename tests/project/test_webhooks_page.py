"""docs/webhooks.md and docs/senders.md say what the code does."""

import base64
import hmac
import json
import re
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contact_import.domain.http import HttpRequest
from contact_import.webhooks.provider import Scheme
from contact_import.webhooks.registry import load_providers
from contact_import.webhooks.senders.config import parse_sender_config
from contact_import.webhooks.senders.signature import verify_signature
from contact_import.webhooks.senders.signature_schemes import _OPTIONS, TOKEN, parse_custom_scheme
from tests.schemes import SCHEMES

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "webhooks.md").read_text("utf-8")
SENDERS_PAGE = (DOCS / "senders.md").read_text("utf-8")
SENDERS = dict(re.findall(r"^### (.+)\n(- \*\*Click\*\*(?:.+\n)+)", SENDERS_PAGE, re.MULTILINE))
PROVIDERS = load_providers()
FIXTURES = Path(__file__).parents[1] / "fixtures" / "webhooks"
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)


def test_each_provider_has_its_section_and_each_section_its_provider() -> None:
    assert sorted(SENDERS) == sorted(provider.title for provider in PROVIDERS.values())


@pytest.mark.parametrize("name", PROVIDERS)
def test_each_provider_has_its_fixtures(name: str) -> None:
    deliveries = [path for path in (FIXTURES / name).glob("*.json") if path.stem != "handshake"]

    assert deliveries


@pytest.mark.parametrize("name", PROVIDERS)
def test_a_section_says_what_is_known_of_its_provider(name: str) -> None:
    """The lines come in one order, and one that would say nothing is left out."""
    provider, known = PROVIDERS[name], ["Click", "Scheme", "Imported"]
    known += ["Delivery id"] * bool(provider.event_ids)
    known += ["Handshake"] * (FIXTURES / name / "handshake.json").exists()
    known += ["Answer"] * bool(provider.acknowledge)
    known += ["Ids only"] * bool(provider.id_only_events)
    known += ["Also read"] * bool(provider.key_aliases)
    lines = dict(re.findall(r"^- \*\*(.+?)\*\*: (.+)", SENDERS[provider.title], re.MULTILINE))

    assert list(lines) == known
    names = {label: set(re.findall(r"`([^`]+)`", text)) for label, text in lines.items()}
    assert names["Scheme"] & {TOKEN, *SCHEMES} == {*provider.schemes, *[TOKEN] * provider.has_token}
    assert provider.has_token or "?token=" not in SENDERS[provider.title]
    ids = {name for one in provider.event_ids for name in (*one.headers, *one.paths)}
    assert names.get("Delivery id", set()) == ids
    keys = {key for event in provider.id_only_events for key in event.keys}
    assert names.get("Ids only", set()) == keys
    assert names.get("Also read", set()) == set(provider.key_aliases)
    assert ("Handshake" in lines) >= bool(provider.answer_handshake or provider.answer_challenge)


@pytest.mark.parametrize("name", PROVIDERS)
def test_the_fixtures_of_a_provider_show_what_is_known_of_it(name: str) -> None:
    provider = PROVIDERS[name]
    bodies = [path.read_text("utf-8").lower() for path in (FIXTURES / name).glob("*.json")]

    for event in provider.id_only_events:
        assert any(all(key in body for key in event.keys) for body in bodies), event.keys


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_can_be_used(example: str) -> None:
    hooks = parse_sender_config(re.sub("…", "c2VjcmV0", example))

    assert hooks.faults == {}
    assert hooks.senders


def test_each_word_of_a_described_signature_is_described_with_its_default() -> None:
    table = PAGE.split("| key | meaning | default |")[1].split("\n\n")[0]
    rows = [row.strip("| ") for row in table.splitlines()[2:]]
    told = {word: row for row in rows for word in re.findall(r"`(\w+)`", row.split("|")[0])}

    assert set(told) == set(_OPTIONS)
    defaults = {field.name: field.default for field in fields(Scheme)}
    for word, (name, _) in _OPTIONS.items():
        default = told[word].rpartition("|")[2]
        assert word == "header" or json.dumps(defaults[name]).strip('"') in default or default.startswith(" none"), word


def _hex(message: bytes, algorithm: str = "sha256") -> str:
    return hmac.new(b"s3cret", message, algorithm).hexdigest()


def _base64(message: bytes) -> str:
    return base64.b64encode(hmac.digest(b"s3cret", message, "sha256")).decode()


_BODY = b'{"name": "Jo"}'
_NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_AT = b"1772366400"


@pytest.mark.parametrize(
    ("name", "headers"),
    [
        (
            "webinars",
            {"x-zm-signature": "v0=" + _hex(b"v0:" + _AT + b":" + _BODY), "x-zm-request-timestamp": _AT.decode()},
        ),
        ("billing", {"paddle-signature": f"ts={_AT.decode()};h1={_hex(_AT + b':' + _BODY)}"}),
        ("xero", {"x-xero-signature": _base64(_BODY)}),
        ("intercom", {"x-hub-signature": "sha1=" + _hex(_BODY, "sha1")}),
        (
            "zendesk",
            {
                "x-zendesk-webhook-signature": _base64(b"2026-03-01T12:00:01Z" + _BODY),
                "x-zendesk-webhook-signature-timestamp": "2026-03-01T12:00:01Z",
            },
        ),
    ],
)
def test_each_described_example_reads_what_its_vendor_signs(name: str, headers: dict[str, str]) -> None:
    example = next(one for one in EXAMPLES if f'"{name}": {{' in one)
    sender = parse_sender_config(re.sub(r'"secrets": \["[^"]*"\]', '"secrets": ["s3cret"]', example)).find_sender(name)
    assert sender

    for body, verdict in ((_BODY, ""), (_BODY + b" ", "a wrong signature")):
        post = HttpRequest("POST", f"/hooks/{name}", f"https://hooks.example.com/hooks/{name}", headers, {}, body)
        assert verify_signature(post, sender, _NOW) == verdict


@pytest.mark.parametrize("value", ["s", "ms", "http-date", "iso"])
def test_each_unit_of_time_that_is_described_is_known(value: str) -> None:
    assert f"`{value}`" in PAGE
    assert parse_custom_scheme({"header": "x", "ts_unit": value}).ts_unit == value
