"""A caller with a token, or a person with a signed link, gets the files of an import."""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from contact_import.domain.object_keys import make_config_key, make_results_prefix
from contact_import.handlers import dependencies
from contact_import.webhooks.api.signed_links import RESULT_FILES, build_signed_link
from tests.integration.conftest import clear_caches
from tests.integration.webhook_client import API_TOKEN, LINK_KEY, WEBSITE_SECRET, HttpResult, WebhookClient


def _make_link(import_id: str, file_name: str, days: float = 1.0, key: str = LINK_KEY) -> str:
    expires_at = dependencies.get_utc_now() + timedelta(days=days)
    return build_signed_link(key.encode(), "", import_id, file_name, expires_at)


def _read(client: WebhookClient, response: HttpResult) -> bytes:
    """Return the object that a presigned URL names."""
    parts = urlsplit(response.headers["location"])
    assert parts.hostname
    key = parts.path.removeprefix("/").removeprefix("contacts/")
    return client.s3.get_object(Bucket="contacts", Key=key)["Body"].read()


def _assert_presigned(response: HttpResult) -> None:
    query = parse_qs(urlsplit(response.headers["location"]).query)
    assert response.status == 302
    assert response.headers["cache-control"] == "no-store"
    assert response.text == ""
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert int(query["X-Amz-Expires"][0]) <= 60


@pytest.mark.parametrize("name", RESULT_FILES)
def test_a_token_or_a_link_leads_to_each_file(webhook_client: WebhookClient, name: str) -> None:
    ident = webhook_client.post_contacts().json["import_id"]

    by_token = webhook_client.get_file(ident, name)
    by_link = webhook_client.send_request("GET", _make_link(ident, name))

    for response in (by_token, by_link):
        _assert_presigned(response)
    body = _read(webhook_client, by_link).decode("utf-8-sig")
    assert {"failed.csv": "_status", "accepted.csv": "Ann", "report.html": "<html"}[name] in body


def test_a_csv_is_saved_under_the_name_of_the_upload(webhook_client: WebhookClient) -> None:
    ident = webhook_client.post_contacts().json["import_id"]

    query = parse_qs(urlsplit(webhook_client.get_file(ident, "failed.csv").headers["location"]).query)

    assert "contacts-failed.csv" in query["response-content-disposition"][0]
    assert query["response-cache-control"] == ["no-store"]


def test_what_gives_no_access_is_turned_away_whether_the_import_exists_or_not(webhook_client: WebhookClient) -> None:
    ident = webhook_client.post_contacts().json["import_id"]
    other = webhook_client.post_contacts().json["import_id"]
    wrong_links = [
        _make_link(other, "failed.csv").replace(other, ident),
        _make_link(ident, "report.html").replace("report.html", "failed.csv"),
        _make_link(ident, "failed.csv", key="another key of the same length......."),
        _make_link(ident, "failed.csv").replace("expires=", "expires=9"),
        _make_link(ident, "failed.csv").replace("signature=", "signature=%FF%00é"),
        f"/imports/{ident}/failed.csv?signature=",
        f"/imports/{ident}/failed.csv?expires=99999999999&signature=%E2%82%AC",
    ]

    for known in (ident, "0" * 24, "%2e%2e", "x" * 5000):
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {WEBSITE_SECRET}"}):
            assert webhook_client.send_request("GET", f"/imports/{known}/failed.csv", **headers).status == 401
    assert webhook_client.send_request("GET", f"/imports/{ident}/failed.csv?token={API_TOKEN}").status == 401
    assert {webhook_client.send_request("GET", link).status for link in wrong_links} == {403}
    # The signature of a file does not open the result, which has the people that failed.
    assert webhook_client.send_request("GET", _make_link(ident, "failed.csv").replace("/failed.csv", "")).status == 401


def test_a_link_that_has_expired_says_so_to_a_person(webhook_client: WebhookClient) -> None:
    ident = webhook_client.post_contacts().json["import_id"]
    link = _make_link(ident, "report.html", days=-0.001)

    response = webhook_client.send_request("GET", link)
    page = webhook_client.send_request("GET", link, Accept="text/html,application/xhtml+xml")

    assert response.json["error"].startswith("This link has expired.")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "This link has expired." in page.text


def test_an_import_that_is_unknown_or_running_says_so(webhook_client: WebhookClient) -> None:
    running = webhook_client.post_contacts(Prefer="respond-async").json["import_id"]
    unknown = "0" * 24

    assert webhook_client.get_file(unknown, "failed.csv").status == 404
    assert webhook_client.send_request("GET", _make_link(unknown, "failed.csv")).status == 404
    assert webhook_client.get_file("..%2f..%2fincoming", "failed.csv").status == 404
    for response in (
        webhook_client.get_file(running, "report.html"),
        webhook_client.send_request("GET", _make_link(running, "report.html")),
    ):
        assert (response.status, response.headers["retry-after"]) == (409, "5")


@pytest.mark.parametrize("name", ["result.json", "submission.json", "..", "failed.csv%00", "FAILED.CSV", "é"])
def test_there_are_three_files_and_no_others(webhook_client: WebhookClient, name: str) -> None:
    ident = webhook_client.post_contacts().json["import_id"]

    assert webhook_client.get_file(ident, name).status == 404


def test_a_file_that_was_deleted_is_404(webhook_client: WebhookClient) -> None:
    result = webhook_client.post_contacts().json
    webhook_client.s3.delete_object(Bucket="contacts", Key=result["failed_csv"])

    response = webhook_client.get_file(result["import_id"], "failed.csv")

    assert (response.status, response.json["error"]) == (404, "This file was deleted.")


def test_without_a_key_no_link_opens_anything(webhook_client: WebhookClient, monkeypatch: pytest.MonkeyPatch) -> None:
    ident = webhook_client.post_contacts().json["import_id"]
    monkeypatch.delenv("LINKS_SECRET")
    clear_caches()

    assert webhook_client.send_request("GET", _make_link(ident, "report.html")).status == 403
    assert webhook_client.get_file(ident, "report.html").status == 302


def test_a_key_that_cannot_be_used_is_503_and_opens_nothing(webhook_client: WebhookClient) -> None:
    ident = webhook_client.post_contacts().json["import_id"]
    boto3.client("secretsmanager").put_secret_value(SecretId="cellcast/links", SecretString="short")
    clear_caches()

    assert webhook_client.send_request("GET", _make_link(ident, "report.html", key="short")).status == 503


def test_a_file_of_an_upload_is_there_too(webhook_client: WebhookClient) -> None:
    key, ident = "incoming/list=News/juni ü.csv", "a" * 24
    prefix = make_results_prefix(key, ident)
    for name, body in (
        (make_config_key(ident), json.dumps({"upload": {"key": key}})),
        (f"{prefix}result.json", json.dumps({"source": {"key": key}})),
        (f"{prefix}failed.csv", "the rows"),
    ):
        webhook_client.s3.put_object(Bucket="contacts", Key=name, Body=body.encode())

    response = webhook_client.get_file(ident, "failed.csv")

    _assert_presigned(response)
    assert "juni%2520%25C3%25BC-failed.csv" in response.headers["location"]


def test_head_gets_an_address_for_head(webhook_client: WebhookClient) -> None:
    ident = webhook_client.post_contacts().json["import_id"]
    urls = [
        webhook_client.send_request(
            method, f"/imports/{ident}/failed.csv", Authorization=f"Bearer {API_TOKEN}"
        ).headers["location"]
        for method in ("GET", "HEAD")
    ]

    signatures = [parse_qs(urlsplit(url).query)["X-Amz-Signature"][0] for url in urls]
    assert signatures[0] != signatures[1]


def test_no_log_has_a_link_or_where_it_leads(
    webhook_client: WebhookClient, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    ident = webhook_client.post_contacts().json["import_id"]
    link = _make_link(ident, "failed.csv")
    location = webhook_client.send_request("GET", link).headers["location"]
    webhook_client.send_request("GET", link.replace("signature=", "signature=x"))

    captured = capsys.readouterr()
    logged = captured.out + captured.err + caplog.text
    for secret in (
        LINK_KEY,
        link.rpartition("signature=")[2],
        parse_qs(urlsplit(location).query)["X-Amz-Signature"][0],
    ):
        assert secret not in logged
