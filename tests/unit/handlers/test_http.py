"""WebhookFunction: a fault of ours is a 503, and only an event of another kind is raised."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from contact_import.errors import EventError
from contact_import.handlers import dependencies
from contact_import.handlers.http import on_webhook

EVENTS = Path(__file__).parents[3] / "events"


def _load_event(name: str) -> dict[str, Any]:
    event: dict[str, Any] = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    return event


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Configure the tokens of the API and a queue."""
    secret = {"tokens": ["an-api-token-of-32-characters-..."]}
    boto3.client("secretsmanager").create_secret(Name="hooks", SecretString=json.dumps(secret))
    monkeypatch.setenv("HOOKS_SECRET", "hooks")
    monkeypatch.setenv("QUEUE_URL", boto3.client("sqs").create_queue(QueueName="submissions")["QueueUrl"])
    dependencies.get_settings.cache_clear()


@pytest.mark.parametrize("name", ["HOOKS_SECRET", "QUEUE_URL"])
@pytest.mark.usefixtures("configured")
def test_without_its_settings_it_answers_503_and_logs_which_one(
    name: str, monkeypatch: pytest.MonkeyPatch, context: Any, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv(name)
    dependencies.get_settings.cache_clear()

    response = on_webhook(_load_event("webhook_import"), context)

    assert response["statusCode"] == 503
    assert {vars(record)["words"] for record in caplog.records} == {f"{name} is not set."}
    assert [record.getMessage() for record in caplog.records] == ["setup fault", "request was not handled"]


@pytest.mark.usefixtures("configured")
def test_a_secret_of_the_senders_that_became_malformed_is_reported_although_the_old_one_still_works(
    context: Any, caplog: pytest.LogCaptureFixture
) -> None:
    event = _load_event("webhook_import")
    event["headers"]["authorization"] = "Bearer an-api-token-of-32-characters-..."
    on_webhook(event, context)
    boto3.client("secretsmanager").put_secret_value(SecretId="hooks", SecretString='{"tokens": ')
    event["headers"]["authorization"] = "Bearer wrong"  # so that it reads the secret again

    response = on_webhook(event, context)

    assert response["statusCode"] == 401
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == ["setup fault"]


@pytest.mark.usefixtures("configured")
def test_a_caller_without_the_right_token_is_turned_away(context: Any) -> None:
    event = _load_event("webhook_import")
    event["headers"]["authorization"] = "Bearer wrong"

    assert on_webhook(event, context)["statusCode"] == 401


def test_an_unexpected_error_is_a_503_without_its_text(
    monkeypatch: pytest.MonkeyPatch, context: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ValueError("0491 570 006")

    with monkeypatch.context() as patch:
        patch.setattr(dependencies, "get_settings", fail)
        response = on_webhook(_load_event("webhook_import"), context)

    assert response["statusCode"] == 503
    assert [vars(record)["error"] for record in caplog.records] == ["ValueError"]
    assert "0491" not in json.dumps(response) + caplog.text


def test_an_event_that_is_no_request_is_an_error(context: Any) -> None:
    with pytest.raises(EventError):
        on_webhook({"source": "aws.s3"}, context)
