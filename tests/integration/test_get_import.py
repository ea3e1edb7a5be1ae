"""A caller asks for GET /imports/<import_id>."""

import json

import pytest

from contact_import.domain.ids import compute_import_id
from contact_import.domain.object_keys import make_config_key, make_results_prefix
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
def test_an_import_that_nobody_knows_is_404(webhook_client: WebhookClient, ident: str) -> None:
    assert webhook_client.get_import(ident).status == 404


def test_a_running_import_says_how_far_it_is_and_when_to_ask_again(webhook_client: WebhookClient) -> None:
    ident = compute_import_id("contacts", "incoming/june.csv", "v1")
    upload = {"upload": {"key": "incoming/june.csv"}}
    progress = {
        "import_id": ident,
        "status": "finished",
        "stage": "sending",
        "percent": 80.0,
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

    assert (running.status, running.headers["retry-after"]) == (202, "10")
    assert running.json == progress | {"status": "running", "seconds_left": 10}


def test_head_is_answered_as_get_is(webhook_client: WebhookClient) -> None:
    ident = webhook_client.post_contacts().json["import_id"]

    head = webhook_client.send_request("HEAD", f"/imports/{ident}", Authorization=f"Bearer {API_TOKEN}")

    assert (head.status, head.text) == (200, "")
