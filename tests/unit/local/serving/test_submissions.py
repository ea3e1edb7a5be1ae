"""`serve` continues the deliveries of an earlier start."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from contact_import.domain.http import HttpRequest
from contact_import.domain.labels import Labels
from contact_import.domain.object_keys import make_group_key, make_submission_key, make_webhook_prefix
from contact_import.ledger.leases import Claim
from contact_import.ledger.records import decode_ledger_record, encode_ledger_record
from contact_import.webhooks.submission import BatchSettings, Submission
from local.serving.submissions import Submissions, open_submissions

CAME = datetime(2026, 1, 2, tzinfo=UTC)
NOW = CAME.timestamp()
DAY = 24 * 3600


def _store(submissions: Submissions, number: int, *, is_finished: bool = False) -> str:
    ident, settings = f"{number:024x}", BatchSettings("AU", mobile_only=True, max_contacts=400, max_bytes=90000)
    request = HttpRequest("POST", "/hooks/site", "", {}, {}, b"{}")
    submission = Submission(ident, "hooks/site", CAME.replace(hour=number), Labels(), (), "", settings, request)
    submissions.bucket.put(make_submission_key(ident), submission.to_bytes())
    os.utime(submissions.bucket.find_path(make_submission_key(ident)), (NOW, NOW))
    if is_finished:
        submissions.bucket.put(f"{make_webhook_prefix(ident, CAME)}result.json", b"{}")
    return ident


def test_what_is_not_finished_continues_in_the_order_of_arrival(tmp_path: Path) -> None:
    submissions = open_submissions(tmp_path, "account")
    second, first = _store(submissions, 3), _store(submissions, 2)
    _store(submissions, 1, is_finished=True)
    claim = make_group_key(first, 1)
    submissions.bucket.put(claim, encode_ledger_record(Claim("a", NOW + 90)))

    assert submissions.settle(NOW) == [first, second]

    assert decode_ledger_record(submissions.bucket.read(claim) or b"") == Claim("a", 0.0)


def test_a_delivery_is_never_sent_to_another_account(tmp_path: Path) -> None:
    _store(open_submissions(tmp_path, "one"), 1)
    _store(open_submissions(tmp_path, ""), 2)
    other = open_submissions(tmp_path, "two")

    assert (other.settle(NOW), other.count_of_other_accounts()) == ([], 1)


def test_only_what_is_finished_is_removed_after_two_weeks(tmp_path: Path) -> None:
    submissions = open_submissions(tmp_path, "account")
    finished, unfinished = _store(submissions, 1, is_finished=True), _store(submissions, 2)
    submissions.bucket.put("work/opt_outs/lock.json", b"{}")

    submissions.settle(NOW + 13 * DAY)
    assert submissions.bucket.has_object(make_submission_key(finished))
    submissions.settle(NOW + 15 * DAY)

    assert [path.name for path in (submissions.bucket.root / "work").iterdir()] == [unfinished]
    assert list(submissions.bucket.root.rglob("result.json")) == []


def test_a_result_that_was_not_copied_is_named(tmp_path: Path) -> None:
    submissions = open_submissions(tmp_path, "")
    copied, left = (make_webhook_prefix(_store(submissions, n, is_finished=True), CAME) for n in (1, 2))
    submissions.bucket.put(f"{left}report.html", json.dumps({}).encode())

    assert list(submissions.list_uncopied_results()) == [f"{left}result.json"]
    assert copied
