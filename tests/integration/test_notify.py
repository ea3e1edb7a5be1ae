"""A finished import publishes an event, a mail and metrics."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from contact_import.errors import EventError
from contact_import.handlers import dependencies
from contact_import.handlers.notify import on_notify
from contact_import.webhooks.api.signed_links import LinkVerdict, check_signed_link
from local.lambda_context import LambdaContext
from tests.integration.conftest import clear_caches
from tests.unit.reports.test_notifications import RESULT

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

EVENTS = Path(__file__).parents[2] / "events"
CONTEXT: Any = LambdaContext("NotifyFunction", deadline=float("inf"))


@pytest.fixture
def event(s3: "S3Client") -> dict[str, Any]:
    text = (EVENTS / "notify_queue.json").read_text("utf-8").replace("contacts-example-bucket", "contacts")
    event: dict[str, Any] = json.loads(text)
    s3.put_object(Bucket="contacts", Key=_key(event), Body=json.dumps(RESULT).encode())
    return event


def _key(event: dict[str, Any]) -> str:
    return str(json.loads(event["Records"][0]["body"])["detail"]["object"]["key"])


@pytest.fixture
def topic(s3: "S3Client", monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    arn = boto3.client("sns").create_topic(Name="News")["TopicArn"]
    for name, value in {
        "BUCKET": "contacts",
        "CELLCAST_SECRET": "cellcast/api-key",
        "NOTIFY_TOPIC_ARN": arn,
        "AWS_REGION": "ap-southeast-2",
    }.items():
        monkeypatch.setenv(name, value)
    clear_caches()
    yield arn
    clear_caches()


@pytest.fixture
def subscriber_queues(topic: str) -> tuple[str, str]:
    """Return the URLs of a queue that gets the events and one that gets the notifications."""
    sqs, bridge = boto3.client("sqs"), boto3.client("events")
    urls = [sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("programs", "people")]
    programs, people = (
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"] for url in urls
    )
    bridge.put_rule(Name="r", EventPattern=json.dumps({"detail-type": ["Contact Import Finished"]}))
    bridge.put_targets(Rule="r", Targets=[{"Id": "q", "Arn": programs}])
    boto3.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=people)
    return urls[0], urls[1]


def _read_messages(url: str) -> list[dict[str, Any]]:
    messages = boto3.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [json.loads(message["Body"]) for message in messages]


def test_a_program_and_a_person_hear_of_it(event: dict[str, Any], subscriber_queues: tuple[str, str]) -> None:
    answer = on_notify(event, CONTEXT)

    (event_sent,), (mail,) = _read_messages(subscriber_queues[0]), _read_messages(subscriber_queues[1])
    assert answer == {"batchItemFailures": []}
    assert (event_sent["source"], event_sent["detail"]["rows"]) == ("contact-import", RESULT["rows"])
    assert event_sent["detail"]["result_json"] == _key(event)
    assert (mail["Subject"], "1,204 of 1,250" in mail["Message"]) == ("Imported with 30 problems: june.csv", True)


def _sign_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINKS_SECRET", "links")
    monkeypatch.setenv("PUBLIC_URL", "https://api.example.com")
    dependencies.get_settings.cache_clear()


def test_the_links_of_a_mail_open_without_a_login(
    event: dict[str, Any], subscriber_queues: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    boto3.client("secretsmanager").create_secret(Name="links", SecretString="k" * 40)
    _sign_links(monkeypatch)

    on_notify(event, CONTEXT)

    [mail] = _read_messages(subscriber_queues[1])
    links = [urlsplit(line) for line in mail["Message"].splitlines() if line.startswith("https://")]
    assert [link.path.rpartition("/")[2] for link in links] == ["report.html", "failed.csv"]
    for link in links:
        query = {name: values[0] for name, values in parse_qs(link.query).items()}
        name = link.path.rpartition("/")[2]
        verdict = check_signed_link(b"k" * 40, RESULT["import_id"], name, query, dependencies.get_utc_now())
        assert (link.netloc, verdict) == ("api.example.com", LinkVerdict.VALID)
    assert "without a login for 7 days" in mail["Message"]
    assert f"https://api.example.com/#import={RESULT['import_id']}" in mail["Message"]


def test_without_the_key_of_the_links_the_mail_leads_to_the_console(
    event: dict[str, Any], subscriber_queues: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _sign_links(monkeypatch)

    answer = on_notify(event, CONTEXT)

    [mail] = _read_messages(subscriber_queues[1])
    assert answer == {"batchItemFailures": []}
    assert "https://ap-southeast-2.console.aws.amazon.com/s3/object/contacts" in mail["Message"]
    assert "need a login" in mail["Message"]


def test_what_the_dashboard_counts_is_what_the_result_says(
    event: dict[str, Any], topic: str, capsys: pytest.CaptureFixture[str]
) -> None:
    on_notify(event, CONTEXT)

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    counted = next(line for line in lines if "_aws" in line)
    assert counted["RowsAccepted"] == [1204.0]
    assert counted["RequestsSent"] == [4.0]
    assert counted["_aws"]["CloudWatchMetrics"][0]["Dimensions"] == [["service"]]


def test_a_mail_that_no_one_took_is_tried_again(event: dict[str, Any], topic: str) -> None:
    boto3.client("sns").delete_topic(TopicArn=topic)

    answer = on_notify(event, CONTEXT)

    assert answer == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}


def test_without_a_topic_programs_hear_of_it_anyway(
    event: dict[str, Any], subscriber_queues: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOTIFY_TOPIC_ARN")
    dependencies.get_settings.cache_clear()

    on_notify(event, CONTEXT)

    assert (len(_read_messages(subscriber_queues[0])), len(_read_messages(subscriber_queues[1]))) == (1, 0)


def test_a_result_that_is_gone_is_not_reported(
    event: dict[str, Any], subscriber_queues: tuple[str, str], s3: "S3Client"
) -> None:
    s3.delete_object(Bucket="contacts", Key=_key(event))

    answer = on_notify(event, CONTEXT)

    assert (answer, _read_messages(subscriber_queues[0])) == ({"batchItemFailures": []}, [])


def test_a_file_that_only_looks_like_a_result_is_not_reported(
    event: dict[str, Any], subscriber_queues: tuple[str, str], s3: "S3Client"
) -> None:
    dropped = "incoming/results/result.json"
    s3.put_object(Bucket="contacts", Key=dropped, Body=json.dumps(RESULT).encode())
    record = event["Records"][0]
    record["body"] = record["body"].replace(_key(event), dropped)

    on_notify(event, CONTEXT)

    assert _read_messages(subscriber_queues[0]) == []


def test_an_event_that_comes_over_no_queue_is_an_error(topic: str) -> None:
    with pytest.raises(EventError):
        on_notify({"source": "aws.s3"}, CONTEXT)
