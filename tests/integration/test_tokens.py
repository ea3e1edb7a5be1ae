"""Whoever has no token of the API gets nothing: every route of docs/openapi.yaml, with everything that is no token."""

import base64
from typing import TYPE_CHECKING

import pytest

from contact_import.handlers import dependencies
from contact_import.webhooks.api.signed_links import build_signed_link
from tests.conftest import API_KEY
from tests.integration.webhook_client import (
    API_TOKEN,
    CONTACTS,
    LINK_KEY,
    SURVEY_SECRET,
    WEBSITE_SECRET,
    WebhookClient,
)
from tests.openapi_check import load_openapi

if TYPE_CHECKING:
    from datetime import datetime

    from mypy_boto3_s3.client import S3Client

METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
OPEN = {("get", "/")}  # the import page, without data
HOOKS = "/hooks/{sender}"
OPERATIONS = [
    (method, path)
    for path, operations in load_openapi()["paths"].items()
    for method in operations
    if method in METHODS and (method, path) not in OPEN and path != HOOKS
]
FILES = ("failed.csv", "accepted.csv", "report.html")
BASIC = base64.b64encode(f"user:{WEBSITE_SECRET}".encode()).decode()
# Headers and query of a request that has no token of the API.
CREDENTIALS: dict[str, tuple[dict[str, str], str]] = {
    "none": ({}, ""),
    "empty": ({"Authorization": ""}, ""),
    "empty bearer": ({"Authorization": "Bearer "}, ""),
    "wrong": ({"Authorization": "Bearer wrong-token-0000"}, ""),
    "the beginning of one": ({"Authorization": f"Bearer {API_TOKEN[:-1]}"}, ""),
    "one and more": ({"Authorization": f"Bearer {API_TOKEN}x"}, ""),
    "of a sender": ({"Authorization": f"Bearer {WEBSITE_SECRET}"}, ""),
    "of a sender, basic": ({"Authorization": f"Basic {BASIC}"}, ""),
    "of a sender, in the address": ({}, f"token={WEBSITE_SECRET}"),
    "the secret of a signature": ({"Authorization": f"Bearer {SURVEY_SECRET}"}, ""),
    "the key of Cellcast": ({"Authorization": f"Bearer {API_KEY}"}, ""),
    "the key of links": ({"Authorization": f"Bearer {LINK_KEY}"}, ""),
    "one in the address": ({}, f"token={API_TOKEN}"),
    "one in the cookie": ({"Cookie": f"token={API_TOKEN}"}, ""),
    "null": ({"Authorization": "Bearer null"}, ""),
    "an array": ({"Authorization": f'Bearer ["{API_TOKEN}"]'}, ""),
}


@pytest.fixture
def ids(webhook_client: WebhookClient, s3: "S3Client") -> dict[str, str]:
    """Make a finished import and an upload, and return what the paths need to name them."""
    import_id = webhook_client.post_contacts(CONTACTS).json["import_id"]
    new = webhook_client.send_request(
        "POST", "/uploads", {"name": "zebedee.csv", "size": 30}, Authorization=f"Bearer {API_TOKEN}"
    ).json
    s3.put_object(Bucket="contacts", Key=new["post"]["fields"]["key"], Body=b"Name,Mobile\nAnn,0491570006\n")
    return {"import_id": import_id, "upload_id": new["upload_id"], "file": "failed.csv"}


def _list_keys(s3: "S3Client") -> set[str]:
    return {one["Key"] for one in s3.list_objects_v2(Bucket="contacts")["Contents"]}


def test_the_table_has_every_route_that_needs_a_token() -> None:
    """Also of those that are not described: the token is what decides, and not the description."""
    assert len(OPERATIONS) == 8
    described = {(method, path): load_openapi()["paths"][path][method].get("security") for method, path in OPERATIONS}
    signed = {key for key, security in described.items() if security and security != [{"token": []}]}
    assert {key for key, security in described.items() if not security} == set()
    assert {path for _, path in signed} <= {"/imports/{import_id}/{file}"}


@pytest.mark.parametrize("name", CREDENTIALS)
def test_no_route_answers_without_a_token(
    webhook_client: WebhookClient, s3: "S3Client", ids: dict[str, str], name: str
) -> None:
    headers, query = CREDENTIALS[name]
    before, sent = _list_keys(s3), len(webhook_client.sandbox.log)

    for method, path in OPERATIONS:
        for unknown in ({}, {"import_id": "0" * 24, "upload_id": "0" * 24}):
            target = path.format(**ids | unknown) + (f"?{query}" if query else "")
            body = CONTACTS if path == "/contacts" else {"name": "x.csv", "size": 1}
            answer = webhook_client.send_request(method.upper(), target, body, **headers)

            # What is there and what is not has the same answer.
            assert (answer.status, list(answer.json)) == (401, ["error"]), (method, target)
            assert not [one for one in (*ids.values(), "zebedee", "491") if one in answer.text]
    assert _list_keys(s3) == before
    assert len(webhook_client.sandbox.log) == sent


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
def test_no_other_method_or_path_answers_without_a_token(
    webhook_client: WebhookClient, s3: "S3Client", ids: dict[str, str], method: str
) -> None:
    before = _list_keys(s3)

    for path in {path for _, path in OPERATIONS} | {"/imports/{import_id}/result.json", "/uploads/{upload_id}", "/x"}:
        answer = webhook_client.send_request(method, path.format(**ids), {})

        assert answer.status in (401, 404, 405), (method, path)
        assert method == "HEAD" or list(answer.json) == ["error"]
    assert _list_keys(s3) == before


def _make_links(import_id: str, expires_at: "datetime") -> dict[str, str]:
    key = LINK_KEY.encode()
    return {name: build_signed_link(key, "https://api.example", import_id, name, expires_at) for name in FILES}


def test_a_link_of_a_mail_opens_its_file_and_nothing_else(
    webhook_client: WebhookClient, s3: "S3Client", ids: dict[str, str]
) -> None:
    now = dependencies.get_utc_now()
    links = _make_links(ids["import_id"], now.replace(year=now.year + 1))
    query = links["failed.csv"].partition("?")[2]
    before = _list_keys(s3)

    opened = {
        (method, path): webhook_client.send_request(method.upper(), f"{path.format(**ids)}?{query}", CONTACTS).status
        for method, path in OPERATIONS
    }
    others = [
        webhook_client.send_request("GET", f"/imports/{import_id}/{file}?{query}").status
        for import_id, file in ((ids["import_id"], "accepted.csv"), ("0" * 24, "failed.csv"))
    ]

    assert {key for key, status in opened.items() if status != 401} == {("get", "/imports/{import_id}/{file}")}
    assert opened["get", "/imports/{import_id}/{file}"] == 302
    assert others == [403, 403]
    assert _list_keys(s3) == before


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": f"Bearer {API_TOKEN}"},
        {"Authorization": f"Bearer {SURVEY_SECRET}"},
        {"X-Api-Key": "wrong"},
    ],
)
@pytest.mark.parametrize("sender", ["website", "survey", "unknown"])
def test_a_hook_takes_only_the_secret_of_its_sender(
    webhook_client: WebhookClient, s3: "S3Client", sender: str, headers: dict[str, str]
) -> None:
    answers = [
        webhook_client.send_request(method, f"/hooks/{sender}", {"mobile": "0491570006"}, **headers)
        for method in ("POST", "GET", "OPTIONS")
    ]

    assert {answer.status for answer in answers} <= {200, 401}
    assert answers[0].status == 401
    assert "Contents" not in s3.list_objects_v2(Bucket="contacts")
    assert webhook_client.peek_messages() == []


def test_the_page_has_no_data(webhook_client: WebhookClient, ids: dict[str, str]) -> None:
    page = webhook_client.send_request("GET", "/")

    assert page.status == 200
    assert not [one for one in (*ids.values(), "zebedee", API_TOKEN) if one in page.text and one != ids["file"]]
