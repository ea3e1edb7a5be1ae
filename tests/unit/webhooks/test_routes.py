"""Each route, its methods and who may call it. The integration tests follow requests through to Cellcast."""

import json
from typing import Any

import pytest

from contact_import.aws.s3 import Bucket
from contact_import.domain.http import MAX_BODY_BYTES, HttpRequest, HttpResponse
from contact_import.webhooks.intake import SubmissionStore
from tests.make_routes import make_routes
from tests.memory_bucket import MemoryBucket

CONFIG = {"tokens": ["t0ken"], "senders": {"site": {"scheme": "token", "secrets": ["s3cret"]}}}
BEARER = {"authorization": "Bearer t0ken"}
SIGNED = {"authorization": "Bearer s3cret"}
BODY = b'{"contacts": [{"phone_number": "0491570006"}]}'


class Api:
    """The routes over a bucket in memory. `sent` are the messages, `ran` the imports that ran while a caller waited."""

    def __init__(self, result: str = "") -> None:
        no_client: Any = None
        self.sent: list[str] = []
        self.ran: list[str] = []

        def run(submission: Any) -> tuple[str, str]:
            self.ran.append(submission.import_id)
            return result, "" if result else "Cellcast is down."

        store = SubmissionStore(MemoryBucket(Bucket(no_client, "contacts")), lambda text, _: self.sent.append(text))
        self._routes = make_routes(store, json.dumps(CONFIG), run=run)

    def call(self, method: str, path: str, headers: dict[str, str] | None = None, body: bytes = BODY) -> HttpResponse:
        named = {"content-type": "application/json", **(headers or {})}
        return self._routes.handle(HttpRequest(method, path, f"https://api.example{path}", named, {}, body))


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("POST", "/hooks/site", SIGNED, 200),
        ("POST", "/hooks/site", {}, 401),
        ("POST", "/hooks/other", SIGNED, 401),
        ("PUT", "/hooks/site", SIGNED, 405),
        ("GET", "/hooks/site", {}, 200),
        ("POST", "/contacts", BEARER, 202),
        ("POST", "/contacts", SIGNED, 401),
        ("GET", "/contacts", BEARER, 405),
        ("GET", f"/imports/{'0' * 24}", BEARER, 404),
        ("HEAD", "/imports/x", BEARER, 404),
        ("GET", "/imports/x", {}, 401),
        ("POST", "/imports/x", BEARER, 405),
        ("GET", "/other", {}, 404),
        ("GET", "/imports/x/y", BEARER, 404),
        ("GET", "/imports/x/y", {}, 401),
        ("GET", f"/imports/{'0' * 24}/failed.csv", BEARER, 404),
        ("POST", f"/imports/{'0' * 24}/failed.csv", BEARER, 405),
        ("GET", "/imports/x/y/z", BEARER, 404),
    ],
)
def test_each_route_has_its_methods_and_callers(method: str, path: str, headers: dict[str, str], status: int) -> None:
    assert Api().call(method, path, headers).status == status


def test_a_delivery_is_stored_once_and_enqueued_until_it_has_a_result() -> None:
    api = Api()

    first, second = (json.loads(api.call("POST", "/hooks/site", SIGNED).body) for _ in range(2))

    assert first == second
    assert first["contacts"] == 1
    assert len(api.sent) == 2
    assert api.ran == []


def test_a_call_runs_while_the_caller_waits_unless_it_prefers_not_to() -> None:
    api = Api(result='{"rows": {"read": 1, "accepted": 1}}')

    waited = api.call("POST", "/contacts", {**BEARER, "idempotency-key": "1"})
    left = api.call("POST", "/contacts", {**BEARER, "idempotency-key": "2", "prefer": "respond-async"})

    assert (waited.status, json.loads(waited.body)) == (200, {"rows": {"read": 1, "accepted": 1}, "failures": []})
    assert left.status == 202
    assert (len(api.ran), len(api.sent)) == (1, 2)


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"{", 400), (b"[]", 422), (b" " * (MAX_BODY_BYTES + 1), 413)],
)
def test_a_body_that_cannot_be_imported_is_refused(body: bytes, status: int) -> None:
    api = Api()

    assert api.call("POST", "/contacts", BEARER, body).status == status
    assert api.sent == []


def test_the_answer_to_head_has_no_body() -> None:
    assert Api().call("HEAD", "/hooks/site").body == ""
