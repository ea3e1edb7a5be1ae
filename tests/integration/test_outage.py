"""An outage of Cellcast: deliveries wait in their queue for hours, in simulated time, and none of them stops."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contact_import.aws.events import QueueMessage
from contact_import.aws.s3 import Bucket
from contact_import.domain.object_keys import make_submission_key
from contact_import.pipelines.webhook.queue import process_messages
from contact_import.pipelines.webhook.submission import ProcessedSubmission
from contact_import.webhooks.queue_message import Message
from contact_import.webhooks.submission import Submission
from local.aws.template import read_template
from tests.make_submissions import make_person, make_submission

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

OUTAGE_SECONDS = 6 * 3600
DELIVERIES = read_template()["Resources"]["Deliveries"]["Properties"]


@dataclass
class _Waiting:
    """A message in the queue. Messages that a function sends to the queue that invokes it would be no such."""

    body: str
    visible_at: float = 0.0
    receives: int = 0


def test_no_delivery_stops_while_cellcast_is_away_for_six_hours(s3: "S3Client") -> None:
    submissions = [
        make_submission(str(n), make_person(f"+6149157{number}")) for n, number in enumerate(("0006", "0156"))
    ]
    for one in submissions:
        s3.put_object(Bucket="contacts", Key=make_submission_key(one.import_id), Body=one.to_bytes())
    queue = {str(n): _Waiting(Message(one.import_id).to_text()) for n, one in enumerate(submissions)}
    clock, imported_at = 0.0, dict[str, float]()

    def import_submissions(found: Sequence[Submission]) -> Mapping[str, ProcessedSubmission]:
        result = {"status": "completed"} if clock >= OUTAGE_SECONDS else None
        return {one.import_id: ProcessedSubmission(result, retry_after=0.0) for one in found}

    while queue:
        name, message = min(queue.items(), key=lambda item: item[1].visible_at)
        clock = message.visible_at
        message.receives += 1
        assert message.receives <= DELIVERIES["RedrivePolicy"]["maxReceiveCount"]
        received = QueueMessage(name, message.body, name, message.receives)
        processed = process_messages(
            [received], bucket=Bucket(s3, "contacts"), import_submissions=import_submissions, chance=lambda: 0.0
        )
        if processed.retries:
            ((_, delay),) = processed.retries
            message.visible_at = clock + delay
        else:
            imported_at[name] = clock
            del queue[name]

    assert len(imported_at) == 2
    assert max(imported_at.values()) <= OUTAGE_SECONDS + 900
