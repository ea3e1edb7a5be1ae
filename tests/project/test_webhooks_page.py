"""docs/webhooks.md says what the code does."""

import base64
import hmac
import json
import re
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import pytest

from contact_import.domain.http import HttpRequest
from contact_import.webhooks.senders.config import parse_sender_config
from contact_import.webhooks.senders.signature import verify_signature
from contact_import.webhooks.senders.signature_schemes import _OPTIONS, SCHEMES, TOKEN, Scheme, parse_custom_scheme

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text("utf-8")
SENDERS = dict(re.findall(r"^### (.+)\n(- \*\*Click\*\*(?:.+\n)+)", PAGE, re.MULTILINE))
EXAMPLES = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)


def test_many_senders_are_told() -> None:
    assert len(SENDERS) >= 25


@pytest.mark.parametrize("sender", SENDERS)
def test_each_sender_has_its_three_lines(sender: str) -> None:
    lines = SENDERS[sender].splitlines()

    assert [line.split(":")[0] for line in lines] == ["- **Click**", "- **Scheme**", "- **Through**"]


@pytest.mark.parametrize("sender", SENDERS)
def test_the_scheme_of_each_sender_is_there(sender: str) -> None:
    line = SENDERS[sender].splitlines()[1]
    named = set(re.findall(r"`([a-z_0-9]+)`", line)) & {TOKEN, *SCHEMES}

    assert named or "[described](#" in line
    if TOKEN not in named:
        assert "?token=" not in SENDERS[sender]


def test_each_scheme_has_a_sender() -> None:
    lines = " ".join(text.splitlines()[1] for text in SENDERS.values())

    assert [scheme for scheme in (TOKEN, *SCHEMES) if f"`{scheme}`" not in lines] == []


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_can_be_used(example: str) -> None:
    hooks = parse_sender_config(re.sub("…", "c2VjcmV0", example))

    assert hooks.faults == {}
    assert hooks.senders


def test_each_word_of_a_described_signature_is_told_with_its_default() -> None:
    table = PAGE.split("| word | what it says | default |")[1].split("\n\n")[0]
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
def test_each_unit_of_time_that_is_told_is_known(value: str) -> None:
    assert f"`{value}`" in PAGE
    assert parse_custom_scheme({"header": "x", "ts_unit": value}).ts_unit == value
