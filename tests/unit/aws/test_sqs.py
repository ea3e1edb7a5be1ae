from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from contact_import.aws.sqs import Queue
from contact_import.webhooks.queue_message import Message

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def test_messages_go_through_a_queue_ten_at_a_time(s3: "S3Client") -> None:
    client = boto3.client("sqs")
    url = client.create_queue(QueueName="deliveries")["QueueUrl"]
    queue = Queue(client, url)

    taken = list(queue.send_all([(Message("0" * 24, number).to_text(), 0) for number in range(23)]))
    queue.send(Message("1" * 24).to_text(), delay_seconds=900)

    attributes = client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    assert taken == [True] * 23
    assert (attributes["ApproximateNumberOfMessages"], attributes["ApproximateNumberOfMessagesDelayed"]) == ("23", "1")


def test_a_message_that_sqs_rejects_is_reported_and_the_others_are_in() -> None:
    client: Any = boto3.client("sqs")
    failed = {"Id": "1", "SenderFault": False, "Code": "InternalError"}
    response = {"Successful": [{"Id": "0", "MessageId": "m", "MD5OfMessageBody": "x"}], "Failed": [failed]}
    with Stubber(client) as stub:
        stub.add_response("send_message_batch", response, {"QueueUrl": "url", "Entries": ANY})

        taken = list(Queue(client, "url").send_all([("a", 0), ("b", 900)]))

    assert taken == [True, False]


@pytest.mark.parametrize("count", [0, 1])
def test_no_message_makes_no_call(count: int) -> None:
    client: Any = boto3.client("sqs")
    with Stubber(client) as stub:
        if count:
            stub.add_response(
                "send_message", {"MessageId": "m"}, {"QueueUrl": "url", "MessageBody": "a", "DelaySeconds": 9}
            )
            Queue(client, "url").send("a", 9)

        assert list(Queue(client, "url").send_all([])) == []
