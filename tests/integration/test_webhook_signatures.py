"""Each way of proving who one is, at the door: let in, kept without its proof, and turned away when it is not right."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from contact_import.aws.s3 import Bucket
from contact_import.domain.http import Answer
from contact_import.settings import Settings
from contact_import.webhooks.api_gateway import to_post
from contact_import.webhooks.intake import Reception
from contact_import.webhooks.routes import Doors
from contact_import.webhooks.senders.config_cache import Guests
from contact_import.webhooks.senders.signature_schemes import SCHEMES
from local.aws.http_api import event_of
from tests.signers import NOW, SIGNERS, secret_for

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

TOKEN = "t0ken-4b1d/+=x"
BODY = json.dumps(
    {"name": "Zebedee Quartermain", "mobile": "0491 570 006", "note": "Grüße"}, ensure_ascii=False
).encode()
SENDERS = {scheme: {"scheme": scheme, "secrets": [secret_for(scheme)]} for scheme in SCHEMES}
HOOKS = {"tokens": [TOKEN], "senders": {**SENDERS, "form": {"scheme": "token", "secrets": [TOKEN]}}}


@dataclass
class House:
    s3: "S3Client"
    noted: list[object] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)
    now: datetime = NOW

    def ask(self, target: str, headers: dict[str, str], body: bytes = BODY, method: str = "POST") -> Answer:
        doors = Doors(
            settings=Settings(bucket="contacts", cellcast_secret="cellcast/api-key"),
            guests=Guests(lambda: json.dumps(HOOKS), lambda: 0.0),
            reception=Reception(Bucket(self.s3, "contacts"), lambda text, delay: self.sent.append(text)),
            run=lambda submission: ("", ""),
            now=lambda: self.now,
            name=lambda: "key",
            note=lambda *words, **fields: self.noted.append((words, fields)),
        )
        named = {"host": "hooks.example.com", "content-type": "application/json"} | headers
        event: dict[str, Any] = event_of(method, target, named.items(), body)
        return doors.answer(to_post(event))

    def kept(self) -> str:
        listed = self.s3.list_objects_v2(Bucket="contacts").get("Contents", [])
        bodies = [self.s3.get_object(Bucket="contacts", Key=one["Key"])["Body"].read() for one in listed]
        return " ".join(f"{one['Key']} {body.decode()}" for one, body in zip(listed, bodies, strict=True))


@pytest.fixture
def house(s3: "S3Client") -> House:
    return House(s3)


def _signed(scheme: str, target: str, body: bytes = BODY) -> dict[str, str]:
    sign: Callable[..., dict[str, str]] = SIGNERS[scheme]
    return sign(secret_for(scheme), body, NOW, url=f"https://hooks.example.com{target}")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_signed_delivery_is_kept_without_its_signature(house: House, scheme: str) -> None:
    target = f"/hooks/{scheme}?form=1"
    headers = _signed(scheme, target)
    # The first travels as text, the second in base64.
    kind = "application/json; charset=utf-8" if len(scheme) % 2 else "application/vnd.api+json"

    answer = house.ask(target, headers | {"content-type": kind})

    assert (answer.status, json.loads(answer.body)["contacts"]) == (200, 1)
    assert len(house.sent) == 1
    for word in (secret_for(scheme), headers[SCHEMES[scheme].header]):
        assert word not in house.kept() + str(house.noted)


def test_a_forged_delivery_leaves_nothing_behind(house: House) -> None:
    for scheme in SCHEMES:
        target = f"/hooks/{scheme}"
        headers = _signed(scheme, target)

        for forged in (BODY.replace(b"006", b"007"), BODY[:-1], b"", b"{" * 5000):
            assert house.ask(target, headers, forged).status == 401
        assert house.ask(target, {}).status == 401
    assert (house.kept(), house.sent) == ("", [])
    assert "Quartermain" not in str(house.noted)


def test_a_replay_of_another_hour_is_turned_away(house: House) -> None:
    for scheme in (name for name, scheme in SCHEMES.items() if scheme.is_dated):
        target = f"/hooks/{scheme}"
        headers = _signed(scheme, target)

        for house.now in (NOW + timedelta(hours=1), NOW - timedelta(hours=1)):
            assert house.ask(target, headers).status == 401


def test_a_replay_of_the_same_minute_is_the_same_import(house: House) -> None:
    for scheme in SCHEMES:
        target = f"/hooks/{scheme}"
        headers = _signed(scheme, target)

        first, second = (json.loads(house.ask(target, headers).body) for _ in range(2))

        assert first == second


@pytest.mark.parametrize(
    ("target", "headers", "body"),
    [
        ("/hooks/form?token=t0ken-4b1d%2F%2B%3Dx", {}, BODY),
        ("/hooks/form", {"authorization": f"Bearer {TOKEN}"}, BODY),
        ("/hooks/form", {"x-form-key": TOKEN}, BODY),
        ("/hooks/form", {}, BODY[:-1] + f', "google_key": "{TOKEN}"}}'.encode()),
        ("/hooks/form", {}, BODY[:-1] + f', "mine": "{TOKEN}"}}'.encode()),
    ],
)
def test_a_token_lets_in_and_is_not_kept(house: House, target: str, headers: dict[str, str], body: bytes) -> None:
    answer = house.ask(target, headers, body)

    assert (answer.status, json.loads(answer.body)["contacts"]) == (200, 1)
    assert TOKEN not in house.kept() + str(house.noted)
    assert "t0ken" not in house.kept() + str(house.noted)


def test_a_hook_never_hears_that_there_is_nothing(house: House) -> None:
    for target in ("/hooks/form", "/hooks/nobody", "/hooks/", "/hooks", "/hooks/a/b", "/hooks/%00"):
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"):
            for headers in ({}, {"authorization": f"Bearer {TOKEN}"}):
                status = house.ask(target, headers, BODY, method).status

                assert status in (200, 401, 405)
                assert status == 401 or target == "/hooks/form"
