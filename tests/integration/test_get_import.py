"""A caller asks for GET /imports/<import_id>."""

import json

import pytest

from contact_import.domain.ids import compute_import_id
from contact_import.domain.object_keys import make_config_key, make_results_prefix
from contact_import.reports.summary import summarize_result
from contact_import.webhooks.api.signed_links import RESULT_FILES
from tests.integration.webhook_client import API_TOKEN, WebhookClient


def test_the_import_of_a_file_can_be_asked_for_too(webhook_client: WebhookClient) -> None:
    put = webhook_client.s3.put_object(Bucket="contacts", Key="incoming/june.csv", Body=b"Mobile\n0491570006\n")
    ident = compute_import_id("contacts", "incoming/june.csv", put["VersionId"])
    key = make_results_prefix("incoming/june.csv", ident)

    early = webhook_client.get_import(ident)
    webhook_client.s3.put_object(
        Bucket="contacts",
        Key=make_config_key(ident),
        Body=json.dumps({"upload": {"key": "incoming/june.csv"}}).encode(),
    )
    running = webhook_client.get_import(ident)
    result = webhook_client.post_contacts().json | {"import_id": ident}
    del result["failures"]  # those of a file are in its failed.csv
    webhook_client.s3.put_object(Bucket="contacts", Key=f"{key}result.json", Body=json.dumps(result).encode())

    assert (early.status, running.status, running.json["status"]) == (404, 202, "running")
    summary = {"headline": "1 of 2 contacts imported.", "todos": {"to correct": 1}}
    assert webhook_client.get_import(ident).json == result | {"summary": summary}


@pytest.mark.parametrize("ident", ["0" * 24, "..", "%2e%2e%2fresults", "x" * 24, "A" * 24, ""])
def test_an_import_that_no_one_knows_is_404(webhook_client: WebhookClient, ident: str) -> None:
    assert webhook_client.get_import(ident).status == 404


@pytest.mark.parametrize(
    ("stage", "seconds_left", "retry_after"), [("sending", 12, "12"), ("sending", 700, "30"), ("reading", None, "5")]
)
def test_a_running_import_says_how_far_it_is_and_when_to_ask_again(
    webhook_client: WebhookClient, stage: str, seconds_left: int | None, retry_after: str
) -> None:
    """The estimate is that of the report's page: only sending has one, counted from its own beginning."""
    ident = compute_import_id("contacts", "incoming/june.csv", "v1")
    upload = {"upload": {"key": "incoming/june.csv"}}
    progress = {
        "import_id": ident,
        "status": "finished",
        "stage": stage,
        "percent": 80.0,
        "seconds_left": seconds_left,
        "rows": {"read": 100, "accepted": 75, "failed": 5},
        "calls": 2,
        "dry_run": False,
        "started_at": "2026-11-29T22:00:00Z",
        "updated_at": "2026-11-29T22:00:40Z",
    }
    for key, value in (
        (make_config_key(ident), upload),
        (f"{make_results_prefix('incoming/june.csv', ident)}progress.json", progress),
    ):
        webhook_client.s3.put_object(Bucket="contacts", Key=key, Body=json.dumps(value).encode())

    running = webhook_client.get_import(ident)

    assert (running.status, running.headers["retry-after"]) == (202, retry_after)
    assert running.json == progress | {"status": "running"}


def test_head_is_answered_as_get_is(webhook_client: WebhookClient) -> None:
    ident = webhook_client.post_contacts().json["import_id"]

    head = webhook_client.send_request("HEAD", f"/imports/{ident}", Authorization=f"Bearer {API_TOKEN}")

    assert (head.status, head.text) == (200, "")


_GOOD, _BAD = {"phone_number": "0491570006", "first_name": "Ann"}, {"phone_number": "12", "first_name": "Ann"}
_ALL_ACCEPTED, _ALL_FAILED, _MIXED = ({"contacts": some} for some in ([_GOOD], [_BAD], [_GOOD, _BAD]))


def test_a_delivery_stores_only_files_with_something_in_them(webhook_client: WebhookClient) -> None:
    for body, stored in (
        (_ALL_ACCEPTED, {"accepted.csv", "result.json"}),
        (_ALL_FAILED, {"failed.csv", "report.html", "result.json"}),
        (_MIXED, {"accepted.csv", "failed.csv", "report.html", "result.json"}),
    ):
        result = webhook_client.post_contacts(body).json

        files = webhook_client.list_result_files(result["import_id"])
        assert set(files) == stored
        assert result["failed_csv"] == files.get("failed.csv")
        assert result["report_html"] == files.get("report.html")


@pytest.mark.parametrize(
    ("body", "name", "stored_beside"),
    [(_ALL_ACCEPTED, "failed.csv", _ALL_FAILED), (_ALL_FAILED, "accepted.csv", _ALL_ACCEPTED)],
)
def test_a_csv_file_that_was_not_stored_has_its_header_when_someone_asks(
    webhook_client: WebhookClient, body: object, name: str, stored_beside: object
) -> None:
    ident = webhook_client.post_contacts(body).json["import_id"]
    other = webhook_client.post_contacts(stored_beside).json["import_id"]

    responses = [webhook_client.get_file(ident, name) for _ in range(2)]

    assert [one.status for one in responses] == [302, 302]
    header = webhook_client.read_result_file(ident, name)
    assert header == webhook_client.read_result_file(other, name).partition("\n")[0] + "\n"
    assert (webhook_client.get_file(ident, "result.json").status) == 404


def test_the_report_of_a_delivery_without_a_failed_contact_is_made_when_someone_asks(
    webhook_client: WebhookClient,
) -> None:
    ident = webhook_client.post_contacts(_ALL_ACCEPTED).json["import_id"]

    response = webhook_client.get_file(ident, "report.html", accept="application/json")

    assert response.status == 200
    assert "report.html" in response.json["url"]
    page = webhook_client.read_result_file(ident, "report.html")
    assert summarize_result(webhook_client.get_import(ident).json) in page
    assert "491570006" not in page


def test_a_file_that_was_stored_and_deleted_is_not_made_again(webhook_client: WebhookClient) -> None:
    ident = webhook_client.post_contacts(_MIXED).json["import_id"]
    for name, key in webhook_client.list_result_files(ident).items():
        if name != "result.json":
            webhook_client.s3.delete_object(Bucket="contacts", Key=key)

    assert [webhook_client.get_file(ident, name).status for name in RESULT_FILES] == [404] * 3
    assert set(webhook_client.list_result_files(ident)) == {"result.json"}
