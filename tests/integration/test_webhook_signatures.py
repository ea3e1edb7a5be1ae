"""Each signature scheme on its route: valid requests are stored without their signature, others get 401."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from contact_import.aws.s3 import Bucket
from contact_import.domain.http import HttpResponse
from contact_import.webhooks.api_gateway import parse_request
from contact_import.webhooks.intake import SubmissionStore
from local.aws.http_api import build_event
from tests.make_routes import make_routes
from tests.schemes import SCHEMES
from tests.signers import NOW, SIGNERS, make_secret

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

TOKEN = "t0ken-4b1d/+=x"
BODY = json.dumps(
    {"name": "Zebedee Quartermain", "mobile": "0491 570 006", "note": "Grüße"}, ensure_ascii=False
).encode()
SENDERS = {scheme: {"scheme": scheme, "secrets": [make_secret(scheme)]} for scheme in SCHEMES}
HOOKS = {"tokens": [TOKEN], "senders": {**SENDERS, "form": {"scheme": "token", "secrets": [TOKEN]}}}


@dataclass
class RoutesHarness:
    s3: "S3Client"
    logged: list[object] = field(default_factory=list)
    enqueued: list[str] = field(default_factory=list)
    now: datetime = NOW

    def send_request(
        self, target: str, headers: dict[str, str], body: bytes = BODY, method: str = "POST"
    ) -> HttpResponse:
        routes = make_routes(
            SubmissionStore(Bucket(self.s3, "contacts"), lambda text, delay: self.enqueued.append(text)),
            json.dumps(HOOKS),
            now=lambda: self.now,
            log=lambda *words, **fields: self.logged.append((words, fields)),
        )
        named = {"host": "hooks.example.com", "content-type": "application/json"} | headers
        event: dict[str, Any] = build_event(method, target, named.items(), body)
        return routes.handle(parse_request(event))

    def read_stored(self) -> str:
        listed = self.s3.list_objects_v2(Bucket="contacts").get("Contents", [])
        bodies = [self.s3.get_object(Bucket="contacts", Key=one["Key"])["Body"].read() for one in listed]
        return " ".join(f"{one['Key']} {body.decode()}" for one, body in zip(listed, bodies, strict=True))


@pytest.fixture
def routes_harness(s3: "S3Client") -> RoutesHarness:
    return RoutesHarness(s3)


def _signed(scheme: str, target: str, body: bytes = BODY) -> dict[str, str]:
    sign: Callable[..., dict[str, str]] = SIGNERS[scheme]
    return sign(make_secret(scheme), body, NOW, url=f"https://hooks.example.com{target}")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_signed_delivery_is_kept_without_its_signature(routes_harness: RoutesHarness, scheme: str) -> None:
    target = f"/hooks/{scheme}?form=1"
    headers = _signed(scheme, target)
    # The first travels as text, the second in base64.
    kind = "application/json; charset=utf-8" if len(scheme) % 2 else "application/vnd.api+json"

    answer = routes_harness.send_request(target, headers | {"content-type": kind})

    assert (answer.status, json.loads(answer.body)["contacts"]) == (200, 1)
    assert len(routes_harness.enqueued) == 1
    for word in (make_secret(scheme), headers[SCHEMES[scheme].header]):
        assert word not in routes_harness.read_stored() + str(routes_harness.logged)


def test_a_forged_delivery_leaves_nothing_behind(routes_harness: RoutesHarness) -> None:
    for scheme in SCHEMES:
        target = f"/hooks/{scheme}"
        headers = _signed(scheme, target)

        for forged in (BODY.replace(b"006", b"007"), BODY[:-1], b"", b"{" * 5000):
            assert routes_harness.send_request(target, headers, forged).status == 401
        assert routes_harness.send_request(target, {}).status == 401
    assert (routes_harness.read_stored(), routes_harness.enqueued) == ("", [])
    assert "Quartermain" not in str(routes_harness.logged)


def test_a_replay_of_another_hour_is_turned_away(routes_harness: RoutesHarness) -> None:
    for scheme in (name for name, scheme in SCHEMES.items() if scheme.has_timestamp):
        target = f"/hooks/{scheme}"
        headers = _signed(scheme, target)

        for routes_harness.now in (NOW + timedelta(hours=1), NOW - timedelta(hours=1)):
            assert routes_harness.send_request(target, headers).status == 401


def test_a_replay_of_the_same_minute_is_the_same_import(routes_harness: RoutesHarness) -> None:
    for scheme in SCHEMES:
        target = f"/hooks/{scheme}"
        headers = _signed(scheme, target)

        first, second = (json.loads(routes_harness.send_request(target, headers).body) for _ in range(2))

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
def test_a_token_lets_in_and_is_not_kept(
    routes_harness: RoutesHarness, target: str, headers: dict[str, str], body: bytes
) -> None:
    answer = routes_harness.send_request(target, headers, body)

    assert (answer.status, json.loads(answer.body)["contacts"]) == (200, 1)
    assert TOKEN not in routes_harness.read_stored() + str(routes_harness.logged)
    assert "t0ken" not in routes_harness.read_stored() + str(routes_harness.logged)


def test_a_hook_never_hears_that_there_is_nothing(routes_harness: RoutesHarness) -> None:
    for target in ("/hooks/form", "/hooks/nobody", "/hooks/", "/hooks", "/hooks/a/b", "/hooks/%00"):
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"):
            for headers in ({}, {"authorization": f"Bearer {TOKEN}"}):
                status = routes_harness.send_request(target, headers, BODY, method).status

                assert status in (200, 401, 405)
                assert status == 401 or target == "/hooks/form"
