"""Submissions with an endpoint that is a function; the journeys are integration tests."""

from dataclasses import replace
from typing import Any

import pytest

from contact_import.aws.s3 import Bucket
from contact_import.cellcast.queries import QueryFailed
from contact_import.checks.opt_outs import OptOuts
from contact_import.domain.object_keys import make_group_key
from contact_import.errors import LedgerError
from contact_import.pipelines.webhook.batch import SubmissionBatch
from contact_import.pipelines.webhook.submission import GetTable, ProcessedSubmission, refuse_table
from contact_import.webhooks.submission import Submission
from tests.make_submissions import NOW, make_person, make_submission, validate_plainly
from tests.unit.fake_endpoint import YES, Endpoint
from tests.unit.fakes import make_bucket

ANN, BEN = "+61491570006", "+61491570156"


def _run(
    bucket: Bucket,
    endpoint: Endpoint,
    *submissions: Submission,
    get_opt_outs: Any = None,
    validate: Any = None,
    get_table: GetTable = refuse_table,
) -> dict[str, ProcessedSubmission]:
    batch = SubmissionBatch(
        bucket,
        endpoint.build_client(),
        2,
        lambda: NOW,
        validate=validate or validate_plainly,
        get_opt_outs=get_opt_outs,
        get_table=get_table,
    )
    return batch.run(submissions)


def test_an_error_of_one_submission_harms_no_other() -> None:
    good, bad = make_submission("good", make_person(ANN)), make_submission("bad", make_person(BEN))

    def validate(submission: Submission, opted_out: frozenset[str]) -> Any:
        if submission is bad:
            raise OSError("disk")
        return validate_plainly(submission, opted_out)

    processed = _run(make_bucket(), Endpoint(YES), good, bad, validate=validate)

    assert processed[good.import_id].result is not None
    assert isinstance(processed[bad.import_id].error, OSError)


def test_a_person_on_the_opt_out_list_is_held_back_and_the_batch_stays_the_same() -> None:
    bucket, endpoint = make_bucket(), Endpoint(YES)
    both = make_submission("both", make_person(ANN), make_person(BEN))

    processed = _run(bucket, endpoint, both, get_opt_outs=lambda _client: OptOuts(frozenset({BEN}), unreadable=1))

    result = processed[both.import_id].result
    assert result is not None
    assert (result["rows"]["accepted"], result["rows"]["opted_out"]) == (1, 1)
    assert result["messages"] == ["Cellcast's opt-out list has 1 entries without a number that can be read."]
    assert [numbers for numbers, _ in endpoint.seen] == [{ANN}]
    assert list(bucket.list_keys(f"work/{both.import_id}/groups/")) == [make_group_key(both.import_id, 1)]


def test_without_the_list_nothing_is_sent_and_the_reason_is_for_people() -> None:
    endpoint, one = Endpoint(YES), make_submission("one", make_person(ANN))

    processed = _run(make_bucket(), endpoint, one, get_opt_outs=lambda _client: QueryFailed("it answered 404"))

    assert processed[one.import_id].result is None
    assert processed[one.import_id].reason.endswith("so nothing was sent: it answered 404")
    assert endpoint.seen == []


def test_the_list_is_not_fetched_when_there_is_no_one_to_send() -> None:
    def fail(_client: object) -> OptOuts:
        raise AssertionError

    nobody = make_submission("nobody", make_person("12"))

    assert _run(make_bucket(), Endpoint(YES), nobody, get_opt_outs=fail)[nobody.import_id].result is not None


def test_a_delivery_is_claimed_where_it_says_and_nowhere_else() -> None:
    bucket, table = make_bucket(), make_bucket()
    new = replace(make_submission("new", make_person(ANN)), delivery_table="deliveries")
    old = make_submission("old", make_person(BEN))
    named: list[str] = []

    def get_table(name: str) -> Bucket:
        named.append(name)
        return table

    processed = _run(bucket, Endpoint(YES), new, old, get_table=get_table)

    assert all(one.result for one in processed.values())
    assert named == ["deliveries"]
    assert list(table.list_keys("work/")) == [make_group_key(new.import_id, 1)]
    assert list(bucket.list_keys("work/")) == [make_group_key(old.import_id, 1)]


def test_a_process_without_the_table_sends_no_delivery_whose_claims_are_there() -> None:
    endpoint, one = Endpoint(YES), replace(make_submission("one", make_person(ANN)), delivery_table="deliveries")

    with pytest.raises(LedgerError):
        _run(make_bucket(), endpoint, one)

    assert endpoint.seen == []


def test_no_submission_is_no_work() -> None:
    assert _run(make_bucket(), Endpoint(YES)) == {}
