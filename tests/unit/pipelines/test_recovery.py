from datetime import date

from contact_import.domain.object_keys import make_orphaned_key, make_webhook_prefix
from contact_import.pipelines.recovery import find_unqueued_submissions
from tests.unit.fakes import make_bucket

DAY = date(2026, 11, 23)
ONE, TWO = "1" * 24, "2" * 24


def test_a_submission_whose_message_was_not_queued_is_found_until_it_has_a_result() -> None:
    bucket = make_bucket()
    for import_id in (ONE, TWO):
        bucket.put(make_orphaned_key(import_id, DAY), b"")
    assert [import_id for _, import_id in find_unqueued_submissions(bucket)] == [ONE, TWO]

    bucket.put_json(f"{make_webhook_prefix(ONE, DAY)}result.json", {})

    assert list(find_unqueued_submissions(bucket)) == [(make_orphaned_key(TWO, DAY), TWO)]
