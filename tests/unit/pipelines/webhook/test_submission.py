from contact_import.domain.object_keys import make_webhook_prefix
from contact_import.domain.outcomes import Status
from contact_import.ledger.ledger import ActiveClaim, Ledger
from contact_import.pipelines.webhook.submission import (
    OpenSubmission,
    SubmissionClaim,
    finish_submission,
    open_submission,
)
from contact_import.sending.deliver import BatchResult, dry_run, mark_unsent
from contact_import.sending.merged import SubmissionBatchRef
from contact_import.webhooks.submission import Submission
from tests.make_submissions import NOW, make_person, make_submission, validate_plainly
from tests.unit.fakes import make_bucket

ANN, BEN = "+61491570006", "+61491570156"


def _open(submission: Submission, bucket: object) -> OpenSubmission:
    return open_submission(submission, bucket, lambda: NOW, validate_plainly, bucket)  # type: ignore[arg-type]


def _commit(opened: OpenSubmission, result: BatchResult) -> None:
    (batch,) = opened.batches
    claim = opened.ledger.claim(batch.number)
    assert isinstance(claim, ActiveClaim)
    SubmissionClaim(SubmissionBatchRef(opened.submission.import_id, batch), claim, opened).commit(result)


def test_a_submission_has_the_same_batches_in_every_run() -> None:
    bucket, submission = make_bucket(), make_submission("a", make_person(ANN), make_person("12"))

    first, second = _open(submission, bucket), _open(submission, bucket)

    assert first.batches == second.batches
    assert [len(batch.contacts) for batch in first.batches] == [1]
    assert [outcome.status for outcome in first.batches[0].decided] == [Status.INVALID]


def test_a_submission_that_is_not_committed_waits_and_says_for_what() -> None:
    bucket = make_bucket()
    opened = _open(make_submission("a", make_person(ANN)), bucket)

    assert finish_submission(opened, bucket, lambda: NOW, messages=(), stop_reason="no answer") is None

    assert Ledger(bucket, opened.submission.import_id, lambda: NOW).unavailable_reason == "no answer"


def test_a_partial_commit_is_no_result() -> None:
    bucket = make_bucket()
    opened = _open(make_submission("a", make_person(ANN)), bucket)
    unsent = mark_unsent(opened.batches[0], "no answer")
    _commit(opened, BatchResult(unsent.outcomes, {}, retry_rows=(1,)))

    assert finish_submission(opened, bucket, lambda: NOW, messages=(), stop_reason="") is None


def test_what_another_run_committed_is_finished_from_the_ledger() -> None:
    bucket, submission = make_bucket(), make_submission("a", make_person(ANN), make_person(BEN))
    other = _open(submission, bucket)
    _commit(other, dry_run(other.batches[0]))

    result = finish_submission(
        _open(submission, bucket), bucket, lambda: NOW, messages=["a message"], stop_reason="no answer"
    )

    assert result is not None
    assert (result["status"], result["rows"]["accepted"]) == ("completed", 2)
    assert (result["source"]["kind"], result["messages"]) == ("webhook", ["a message"])
    assert bucket.read_json(make_webhook_prefix(submission.import_id, NOW) + "result.json") == result


def test_a_result_that_is_there_counts_whatever_this_run_knows() -> None:
    bucket, submission = make_bucket(), make_submission("a", make_person(ANN))
    bucket.put_json(make_webhook_prefix(submission.import_id, NOW) + "result.json", {"status": "completed"})

    result = finish_submission(_open(submission, bucket), bucket, lambda: NOW, messages=(), stop_reason="no answer")

    assert result == {"status": "completed"}


def test_a_submission_of_no_one_shows_its_request() -> None:
    bucket, submission = make_bucket(), make_submission("a", reason="It carries ids only.")
    opened = _open(submission, bucket)

    result = finish_submission(opened, bucket, lambda: NOW, messages=(), stop_reason="")

    assert result is not None
    assert result["rows"]["read"] == 0
    assert bucket.has_object(make_webhook_prefix(submission.import_id, NOW) + "delivery.json")
