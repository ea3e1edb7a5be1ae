from typing import TYPE_CHECKING, Any

import boto3
from botocore.stub import Stubber

from contact_import.aws.sqs import Queue, compute_retry_delay

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


def test_a_message_is_postponed_and_counts_its_receives(s3: "S3Client") -> None:
    client = boto3.client("sqs")
    url = client.create_queue(QueueName="deliveries", Attributes={"VisibilityTimeout": "1860"})["QueueUrl"]
    queue = Queue(client, url)
    for number in range(23):
        queue.send(str(number))
    handles: list[str] = []
    while found := client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        handles += [message["ReceiptHandle"] for message in found]

    left = queue.postpone([(handle, 0) for handle in handles])

    again = client.receive_message(
        QueueUrl=url, MaxNumberOfMessages=1, MessageSystemAttributeNames=["ApproximateReceiveCount"]
    )
    assert (len(handles), left) == (23, 0)
    assert again["Messages"][0]["Attributes"]["ApproximateReceiveCount"] == "2"


def test_what_cannot_be_postponed_is_counted_and_raises_nothing() -> None:
    client: Any = boto3.client("sqs")
    failed = {"Id": "1", "SenderFault": True, "Code": "ReceiptHandleIsInvalid"}
    entries = [{"Id": str(n), "ReceiptHandle": h, "VisibilityTimeout": 60} for n, h in enumerate("ab")]
    with Stubber(client) as stub:
        expected = {"QueueUrl": "url", "Entries": entries}
        stub.add_response(
            "change_message_visibility_batch", {"Successful": [{"Id": "0"}], "Failed": [failed]}, expected
        )
        stub.add_client_error("change_message_visibility_batch", "AccessDenied", expected_params=expected)
        queue = Queue(client, "url")

        assert [queue.postpone([("a", 60), ("b", 60)]) for _ in range(2)] == [1, 2]
        assert queue.postpone([]) == 0


def test_a_message_that_failed_is_delivered_again_after_one_to_five_minutes() -> None:
    assert [compute_retry_delay(count) for count in (0, 1, 2, 3, 4, 5, 6, 100)] == [
        60,
        60,
        120,
        180,
        240,
        300,
        300,
        300,
    ]
