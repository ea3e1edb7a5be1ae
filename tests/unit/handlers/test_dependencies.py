"""The composition root builds objects from the settings, and reuses some of them between invocations."""

import time
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters.constants import DEFAULT_PROVIDERS

from contact_import.aws.events import Upload
from contact_import.errors import SecretError
from contact_import.handlers import dependencies
from local.sandbox.endpoint import Sandbox
from tests.conftest import API_KEY

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def test_a_client_ends_before_the_invocation_by_its_reserve(context: Any) -> None:
    settings = dependencies.get_settings()

    clients = [dependencies.build_client(settings, context, 5.0, reserve) for reserve in (60.0, 8.0, 9999.0)]

    assert [client.remaining_seconds for client in clients] == pytest.approx([840, 892, 1], abs=1)
    assert {client.outage_timeout for client in clients} == {5.0}
    assert clients[0].rate_limiter is not clients[1].rate_limiter


def test_an_api_key_is_cached_until_a_fresh_one_is_asked_for() -> None:
    assert dependencies.fetch_api_key("cellcast/api-key", fresh=False) == API_KEY
    boto3.client("secretsmanager").put_secret_value(SecretId="cellcast/api-key", SecretString="rotated")

    assert dependencies.fetch_api_key("cellcast/api-key", fresh=False) == API_KEY
    assert dependencies.fetch_api_key("cellcast/api-key", fresh=True) == "rotated"


def test_a_secret_that_is_not_there_is_named() -> None:
    with pytest.raises(SecretError, match="The secret nowhere could not be read: ResourceNotFoundException"):
        dependencies.fetch_api_key("nowhere", fresh=False)


def test_a_file_is_handed_over_only_where_there_is_a_state_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert dependencies.build_hand_over(dependencies.get_settings()) is None

    states = boto3.client("stepfunctions")
    role = "arn:aws:iam::123456789012:role/x"
    arn = states.create_state_machine(name="large", definition='{"StartAt": "A", "States": {}}', roleArn=role)
    monkeypatch.setenv("STATE_MACHINE_ARN", arn["stateMachineArn"])
    dependencies.get_settings.cache_clear()
    hand_over = dependencies.build_hand_over(dependencies.get_settings())

    assert hand_over is not None
    hand_over(Upload("contacts", "incoming/june.csv", "etag", "version", 1))
    assert len(states.list_executions(stateMachineArn=arn["stateMachineArn"])["executions"]) == 1


def test_connections_are_kept_between_invocations(sandbox: Sandbox, s3: "S3Client") -> None:
    assert dependencies.get_bucket("contacts") is dependencies.get_bucket("contacts")
    assert dependencies.get_transport("https://a.example", 4) is dependencies.get_transport("https://a.example", 4)
    assert dependencies.get_opt_out_cache("contacts") is dependencies.get_opt_out_cache("contacts")


def test_a_put_asks_for_no_permission_before_its_body(monkeypatch: pytest.MonkeyPatch) -> None:
    headers: list[dict[str, Any]] = []
    bucket = dependencies.get_bucket("contacts")
    bucket._client.meta.events.register_last(
        "before-call.s3", lambda params, **_: headers.append(dict(params["headers"]))
    )

    bucket.put("results/x", b"body")

    assert [name for sent in headers for name in sent if name.lower() == "expect"] == []


def test_the_opt_out_list_is_used_only_where_it_is_switched_on(monkeypatch: pytest.MonkeyPatch, context: Any) -> None:
    def build() -> Any:
        dependencies.get_settings.cache_clear()
        settings = dependencies.get_settings()
        return dependencies.build_submission_batch(settings, dependencies.build_client(settings, context, 5.0))

    without = build()
    monkeypatch.setenv("SCREEN_OPT_OUTS", "true")

    assert (without._get_opt_outs, build()._get_opt_outs is None) == (None, False)


def test_no_client_waits_for_a_minute_while_an_http_caller_waits() -> None:
    """Botocore's own time-out of 60 seconds is longer than WebhookFunction may run."""
    dependencies.fetch_api_key("cellcast/api-key", fresh=True)
    clients = [
        dependencies.get_bucket("contacts")._client,
        dependencies.get_delivery_queue("http://127.0.0.1/q")._client,
        DEFAULT_PROVIDERS["secrets"].client,
    ]

    assert [one.meta.config.read_timeout + one.meta.config.connect_timeout < 10 for one in clients] == [True] * 3


def test_the_time_of_day_has_a_zone() -> None:
    assert dependencies.get_utc_now().timestamp() == pytest.approx(time.time(), abs=5)


def test_a_key_that_could_be_guessed_signs_nothing() -> None:
    boto3.client("secretsmanager").create_secret(Name="links", SecretString="password")

    with pytest.raises(SecretError, match="too short") as error:
        dependencies.fetch_link_key("links")

    assert "password" not in str(error.value)


def test_a_download_is_signed_for_the_host_of_the_region() -> None:
    url = dependencies.get_bucket("contacts").make_download_url("results/june failed.csv", 60, disposition="inline")

    assert url.startswith("https://contacts.s3.ap-southeast-2.amazonaws.com/results/june%20failed.csv?")
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in url
