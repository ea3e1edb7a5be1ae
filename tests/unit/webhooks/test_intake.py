"""Submissions are stored once, and their imports are enqueued."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from contact_import.aws.s3 import Bucket
from contact_import.domain.object_keys import make_orphaned_key, make_submission_key, make_webhook_prefix
from contact_import.errors import LedgerError
from contact_import.webhooks.intake import SubmissionStore, compute_id_from_key, compute_ids_from_digest
from tests.make_submissions import NOW, make_person, make_submission
from tests.memory_bucket import MemoryBucket

ONE = make_submission("k", make_person("0491 570 006"))


def _make_bucket() -> MemoryBucket:
    no_client: Any = None
    return MemoryBucket(Bucket(no_client, "contacts"))


def _make_store(bucket: MemoryBucket) -> tuple[SubmissionStore, list[tuple[str, int]]]:
    sent: list[tuple[str, int]] = []
    return SubmissionStore(bucket, lambda text, delay: sent.append((text, delay))), sent


def test_of_two_with_one_id_the_first_is_stored() -> None:
    store, _ = _make_store(_make_bucket())
    other = make_submission("k", make_person("0491 570 156"))

    first, second = store.save_once(ONE), store.save_once(other)

    assert (first.is_new, second.is_new) == (True, False)
    assert second.submission == ONE == store.find(ONE.import_id)


def test_a_submission_says_where_its_claims_are_as_long_as_it_is_stored() -> None:
    bucket = _make_bucket()
    before = SubmissionStore(bucket, lambda _text, _delay: None)
    after = SubmissionStore(bucket, lambda _text, _delay: None, "deliveries")
    small, other = make_submission("small", make_person("0491 570 156")), make_submission("other")
    large = make_submission("large", *[make_person("0491 570 157")] * 11)

    before.save_once(ONE)
    stored = [after.save_once(one).submission for one in (ONE, small, large)]
    assert after.save_once(replace(small, reason="again")).submission == stored[1]
    before.save_once(other)

    # Those that were stored before there was a table, and large ones, have their claims in the bucket.
    assert [one.delivery_table for one in stored] == ["", "deliveries", ""]
    assert [before.find(one.import_id) for one in stored] == stored == [after.find(one.import_id) for one in stored]


def test_a_bucket_that_refuses_an_object_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MemoryBucket, "put_if_match", lambda *_: "")

    with pytest.raises(LedgerError):
        _make_store(_make_bucket())[0].save_once(ONE)


def test_a_submission_is_recent_for_ten_minutes() -> None:
    store, _ = _make_store(_make_bucket())
    store.save_once(ONE)

    assert store.find_recent(ONE.import_id, NOW + timedelta(minutes=9, seconds=59)) == ONE
    assert store.find_recent(ONE.import_id, NOW + timedelta(minutes=10)) is None
    assert store.find_recent("unknown", NOW) is None


def test_the_status_of_a_submission_is_its_progress_and_then_its_result() -> None:
    bucket = _make_bucket()
    store, _ = _make_store(bucket)
    prefix = make_webhook_prefix(ONE.import_id, ONE.received_at)
    assert store.get_status(ONE.import_id) is None
    store.save_once(ONE)

    bucket.put_json(f"{prefix}progress.json", {"sent": 7, "status": "finished"})
    running = store.get_status(ONE.import_id)
    bucket.put(f"{prefix}result.json", b'{"status": "completed"}')
    completed = store.get_status(ONE.import_id)

    assert running
    assert running.details == {"import_id": ONE.import_id, "status": "running", "contacts": 1, "sent": 7}
    assert completed
    assert completed.result == '{"status": "completed"}' == store.read_result(ONE)


def test_an_import_is_enqueued_by_its_id() -> None:
    store, sent = _make_store(_make_bucket())

    store.enqueue(ONE, 60)

    ((text, delay),) = sent
    assert (json.loads(text)["import_id"], delay) == (ONE.import_id, 60)


def test_a_message_that_cannot_be_sent_leaves_a_mark_for_the_sweep() -> None:
    def refuse(_text: str, _delay: int) -> None:
        raise OSError

    bucket = _make_bucket()

    SubmissionStore(bucket, refuse).enqueue(ONE)

    assert bucket.read(make_orphaned_key(ONE.import_id, ONE.received_at)) == b"{}"
    assert bucket.read(make_submission_key(ONE.import_id)) is None


def test_an_id_depends_on_the_source_and_the_key_or_the_body_and_the_time() -> None:
    now_id, before_id = compute_ids_from_digest("hooks/a", "d", NOW)
    later_id, now_again = compute_ids_from_digest("hooks/a", "d", NOW + timedelta(minutes=10))

    assert now_again == now_id
    assert len({now_id, before_id, later_id, compute_id_from_key("hooks/a", "d")}) == 4
    assert compute_id_from_key("hooks/a", "k") != compute_id_from_key("hooks/b", "k")
