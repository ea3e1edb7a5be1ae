"""Many deliveries share few requests and have separate results, whatever the endpoint does meanwhile."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import CellcastClient
from contact_import.domain.labels import Labels
from contact_import.domain.object_keys import make_webhook_prefix
from contact_import.pipelines.webhook.batch import SubmissionBatch
from contact_import.pipelines.webhook.submission import ProcessedSubmission
from contact_import.webhooks.submission import Submission
from local.sandbox.endpoint import REFUSED_NUMBER
from local.sandbox.faults import set_default_fault
from tests.conftest import Importer
from tests.make_submissions import BATCH_SETTINGS, NOW, make_person, make_submission, validate_plainly

ANN, BEN, CAT = "+61491570006", "+61491570156", "+61491570157"


def _run(
    importer: Importer, *submissions: Submission, client: CellcastClient | None = None
) -> dict[str, ProcessedSubmission]:
    bucket = Bucket(importer.s3, "contacts")
    return SubmissionBatch(
        bucket, client or importer.build_client(), 4, lambda: importer.clock, validate=validate_plainly
    ).run(submissions)


def _results(ended: dict[str, ProcessedSubmission]) -> list[dict[str, Any]]:
    results = [one.result for one in ended.values()]
    assert None not in results, ended
    return [result for result in results if result]


def _rows(result: dict[str, Any]) -> dict[str, int]:
    counts = dict(result["rows"])
    assert counts.pop("read") == sum(counts.values())
    return {status: count for status, count in counts.items() if count}


def _file(importer: Importer, one: Submission, name: str) -> str:
    key = make_webhook_prefix(one.import_id, one.received_at) + name
    return importer.s3.get_object(Bucket="contacts", Key=key)["Body"].read().decode("utf-8-sig")


def test_many_deliveries_are_one_request_and_each_has_its_own_result(importer: Importer) -> None:
    many = [make_submission(f"d{n}", make_person(f"+614000{n:05d}", first_name=f"P{n}")) for n in range(60)]

    results = _results(_run(importer, *many))

    assert len(importer.sandbox.log) == 1
    assert len(set(importer.sandbox.numbers)) == 60
    assert {result["import_id"] for result in results} == {one.import_id for one in many}
    assert all(_rows(result) == {"accepted": 1} for result in results)
    assert {result["source"]["kind"] for result in results} == {"webhook"}
    assert json.loads(_file(importer, many[7], "result.json"))["requests"]["sent"] == 1
    assert "+61400000007" in _file(importer, many[7], "accepted.csv")


def test_contacts_with_different_labels_go_in_different_requests(importer: Importer) -> None:
    news, shop = Labels(lists=("News",)), Labels(tags=("Shop",))
    both = [make_submission("a", make_person(ANN), labels=news), make_submission("b", make_person(BEN), labels=shop)]

    _results(_run(importer, *both, make_submission("c", make_person(CAT), labels=news)))

    assert sorted((seen.tags, seen.lists, len(seen.contacts)) for seen in importer.sandbox.log) == [
        ((), ("News",), 2),
        (("Shop",), (), 1),
    ]


def test_a_number_that_came_twice_goes_once_with_the_later_words_and_the_labels_of_both(importer: Importer) -> None:
    later = NOW + timedelta(seconds=1)
    new = make_submission("new", make_person(ANN, first_name="Annie"), labels=Labels(tags=("B",)), at=later)
    old = make_submission(
        "old", make_person(ANN, first_name="Ann", email="ann@example.com"), labels=Labels(tags=("A",))
    )

    ended = _run(importer, new, old, make_submission("other", make_person(BEN), labels=Labels(tags=("A",))))

    sent = {contact["phone_number"]: (contact, seen.tags) for seen in importer.sandbox.log for contact in seen.contacts}
    assert sent[ANN] == ({"phone_number": ANN, "first_name": "Annie", "email": "ann@example.com"}, ("A", "B"))
    assert importer.sandbox.numbers.count(ANN) == 1
    assert _rows(ended[new.import_id].result or {}) == {"accepted": 1}
    assert _rows(ended[old.import_id].result or {}) == {"duplicate": 1}
    assert new.import_id in _file(importer, old, "failed.csv")


def test_a_refusal_is_reported_to_the_delivery_that_it_is_about(importer: Importer) -> None:
    importer.sandbox.refused_numbers = frozenset({REFUSED_NUMBER})
    good, bad = (
        make_submission("good", make_person(ANN)),
        make_submission("bad", make_person(REFUSED_NUMBER), make_person("12")),
    )

    ended = _run(importer, good, bad)

    assert _rows(ended[good.import_id].result or {}) == {"accepted": 1}
    assert _rows(ended[bad.import_id].result or {}) == {"refused": 1, "invalid": 1}
    assert "phone_number is not valid" in _file(importer, bad, "failed.csv")


def test_a_number_that_cannot_be_read_has_its_repair_beside_it(importer: Importer) -> None:
    bad = make_submission("bad", make_person("0491 57O 156"), make_person(ANN))

    _results(
        SubmissionBatch(Bucket(importer.s3, "contacts"), importer.build_client(), 4, lambda: importer.clock).run([bad])
    )

    assert "0491570156 (a letter was typed for a digit)" in _file(importer, bad, "failed.csv")


def test_one_poison_contact_costs_no_one_else(importer: Importer) -> None:
    importer.sandbox.poison_number = CAT
    ended = _run(importer, *(make_submission(number, make_person(number)) for number in (ANN, BEN, CAT)))

    assert sorted(importer.sandbox.numbers) == [ANN, BEN]
    assert [_rows(result) for result in _results(ended)].count({"accepted": 1}) == 2


def test_what_has_no_one_in_it_is_kept_with_the_reason(importer: Importer) -> None:
    thin = make_submission("thin", reason="It carries ids only.", body=b'{"id": 7}')

    (result,) = _results(_run(importer, thin))

    assert (result["status"], result["rows"]["read"]) == ("completed", 0)
    kept = json.loads(_file(importer, thin, "delivery.json"))
    assert (kept["reason"], kept["body"]) == ("It carries ids only.", '{"id": 7}')
    assert importer.sandbox.log == []


def test_the_same_delivery_again_finds_its_result_and_sends_nothing(importer: Importer) -> None:
    one = make_submission("once", make_person(ANN))
    first = _results(_run(importer, one))

    again = _results(_run(importer, one))

    assert again == first
    assert importer.sandbox.numbers == [ANN]


@pytest.mark.parametrize("fault", ["401", "503 html", "429 absurd"])
def test_nothing_is_given_up_while_the_endpoint_stays_away(importer: Importer, fault: str) -> None:
    importer.seconds, importer.outage_timeout = 6.0, 0.2
    set_default_fault(importer.sandbox, fault)
    first, second = make_submission("a", make_person(ANN), make_person("12")), make_submission("b", make_person(BEN))

    away = _run(importer, first, second)
    importer.sandbox.default_fault = None
    importer.clock += timedelta(minutes=2)
    back = _run(importer, first, second)

    assert all(one.result is None and one.error is None for one in away.values())
    assert sorted(importer.sandbox.numbers) == [ANN, BEN]
    assert _rows(back[first.import_id].result or {}) == {"accepted": 1, "invalid": 1}
    assert _rows(back[second.import_id].result or {}) == {"accepted": 1}
    assert all(result["requests"]["possibly_repeated"] == 0 for result in _results(back))


@pytest.mark.parametrize(("policy", "status", "taken"), [("resend", "accepted", 2), ("hold", "unknown", 1)])
def test_a_run_that_died_over_a_request_leaves_a_doubt_that_the_policy_decides(
    importer: Importer, monkeypatch: pytest.MonkeyPatch, policy: str, status: str, taken: int
) -> None:
    importer.settings["on_ambiguous"] = policy
    one, client = make_submission("a", make_person(ANN)), importer.build_client()
    post = client.post

    def die(*arguments: Any) -> Any:
        post(*arguments)
        raise KeyboardInterrupt

    client.post = die
    died = _run(importer, one, client=client)
    busy = _run(importer, one)
    importer.clock += timedelta(minutes=2)
    (result,) = _results(_run(importer, one))

    assert isinstance(died[one.import_id].error, KeyboardInterrupt)
    assert busy[one.import_id].result is None
    assert _rows(result) == {status: 1}
    assert importer.sandbox.numbers == [ANN] * taken
    assert result["requests"]["possibly_repeated"] == taken - 1


def test_of_two_copies_side_by_side_one_sends(importer: Importer) -> None:
    one = make_submission("a", make_person(ANN))
    client = importer.build_client()
    post, seen = client.post, list[dict[str, ProcessedSubmission]]()

    def meanwhile(*arguments: Any) -> Any:
        seen.append(_run(importer, one))
        return post(*arguments)

    client.post = meanwhile
    _results(_run(importer, one, client=client))

    assert seen[0][one.import_id].result is None
    assert importer.sandbox.numbers == [ANN]


def test_a_delivery_of_many_people_is_cut_into_batches(importer: Importer) -> None:
    crowd = make_submission(
        "crowd",
        *(make_person(f"+614000{n:05d}") for n in range(25)),
        batch_settings=BATCH_SETTINGS.__class__("AU", True, 10, 90_000),
    )

    (result,) = _results(_run(importer, crowd))

    assert _rows(result) == {"accepted": 25}
    assert sorted(len(seen.contacts) for seen in importer.sandbox.log) == [5, 10, 10]


def test_a_delivery_that_the_bucket_fails_for_holds_up_no_other(importer: Importer) -> None:
    good, bad = make_submission("good", make_person(ANN)), make_submission("bad", make_person(BEN))

    class Failing(Bucket):
        def put_if_match(self, key: str, body: bytes, etag: str) -> str:
            if bad.import_id in key:
                raise ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject")
            return super().put_if_match(key, body, etag)

    bucket = Failing(importer.s3, "contacts")
    ended = SubmissionBatch(bucket, importer.build_client(), 4, lambda: importer.clock, validate=validate_plainly).run(
        [good, bad]
    )

    assert _rows(ended[good.import_id].result or {}) == {"accepted": 1}
    assert isinstance(ended[bad.import_id].error, ClientError)
    assert importer.sandbox.numbers == [ANN]
