"""Many deliveries in few requests, each with a result of its own, whatever the endpoint does meanwhile."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import Line
from contact_import.domain.labels import Labels
from contact_import.domain.object_keys import webhook_prefix
from contact_import.pipelines.webhook_batch import Ended, Window
from contact_import.webhooks.submission import Submission
from local.sandbox.endpoint import REFUSED_NUMBER
from local.sandbox.faults import play_always
from tests.conftest import Office
from tests.make_submissions import CUT, NOW, judge_plainly, person, submission

ANN, BEN, CAT = "+61491570006", "+61491570156", "+61491570157"


def _run(office: Office, *submissions: Submission, line: Line | None = None) -> dict[str, Ended]:
    bucket = Bucket(office.s3, "contacts")
    return Window(bucket, line or office.line(), 4, lambda: office.clock, judge=judge_plainly).run(submissions)


def _results(ended: dict[str, Ended]) -> list[dict[str, Any]]:
    results = [one.result for one in ended.values()]
    assert None not in results, ended
    return [result for result in results if result]


def _rows(result: dict[str, Any]) -> dict[str, int]:
    counts = dict(result["rows"])
    assert counts.pop("read") == sum(counts.values())
    return {status: count for status, count in counts.items() if count}


def _file(office: Office, one: Submission, name: str) -> str:
    key = webhook_prefix(one.import_id, one.received_at) + name
    return office.s3.get_object(Bucket="contacts", Key=key)["Body"].read().decode("utf-8-sig")


def test_many_deliveries_are_one_request_and_each_has_its_own_result(office: Office) -> None:
    many = [submission(f"d{n}", person(f"+614000{n:05d}", first_name=f"P{n}")) for n in range(60)]

    results = _results(_run(office, *many))

    assert len(office.sandbox.log) == 1
    assert len(set(office.sandbox.numbers)) == 60
    assert {result["import_id"] for result in results} == {one.import_id for one in many}
    assert all(_rows(result) == {"accepted": 1} for result in results)
    assert {result["source"]["kind"] for result in results} == {"webhook"}
    assert json.loads(_file(office, many[7], "result.json"))["requests"]["sent"] == 1
    assert "+61400000007" in _file(office, many[7], "accepted.csv")


def test_contacts_with_different_labels_go_in_different_requests(office: Office) -> None:
    news, shop = Labels(lists=("News",)), Labels(tags=("Shop",))
    both = [submission("a", person(ANN), labels=news), submission("b", person(BEN), labels=shop)]

    _results(_run(office, *both, submission("c", person(CAT), labels=news)))

    assert sorted((seen.tags, seen.lists, len(seen.contacts)) for seen in office.sandbox.log) == [
        ((), ("News",), 2),
        (("Shop",), (), 1),
    ]


def test_a_number_that_came_twice_goes_once_with_the_later_words_and_the_labels_of_both(office: Office) -> None:
    later = NOW + timedelta(seconds=1)
    new = submission("new", person(ANN, first_name="Annie"), labels=Labels(tags=("B",)), at=later)
    old = submission("old", person(ANN, first_name="Ann", email="ann@example.com"), labels=Labels(tags=("A",)))

    ended = _run(office, new, old, submission("other", person(BEN), labels=Labels(tags=("A",))))

    sent = {contact["phone_number"]: (contact, seen.tags) for seen in office.sandbox.log for contact in seen.contacts}
    assert sent[ANN] == ({"phone_number": ANN, "first_name": "Annie", "email": "ann@example.com"}, ("A", "B"))
    assert office.sandbox.numbers.count(ANN) == 1
    assert _rows(ended[new.import_id].result or {}) == {"accepted": 1}
    assert _rows(ended[old.import_id].result or {}) == {"duplicate": 1}
    assert new.import_id in _file(office, old, "failed.csv")


def test_a_refusal_is_told_to_the_delivery_that_it_is_about(office: Office) -> None:
    office.sandbox.refused = frozenset({REFUSED_NUMBER})
    good, bad = submission("good", person(ANN)), submission("bad", person(REFUSED_NUMBER), person("12"))

    ended = _run(office, good, bad)

    assert _rows(ended[good.import_id].result or {}) == {"accepted": 1}
    assert _rows(ended[bad.import_id].result or {}) == {"refused": 1, "invalid": 1}
    assert "phone_number is not valid" in _file(office, bad, "failed.csv")


def test_a_number_that_cannot_be_read_has_its_repair_beside_it(office: Office) -> None:
    bad = submission("bad", person("0491 57O 156"), person(ANN))

    _results(Window(Bucket(office.s3, "contacts"), office.line(), 4, lambda: office.clock).run([bad]))

    assert "0491570156 (a letter stood for a digit)" in _file(office, bad, "failed.csv")


def test_one_poison_contact_costs_nobody_else(office: Office) -> None:
    office.sandbox.poison = CAT
    ended = _run(office, *(submission(number, person(number)) for number in (ANN, BEN, CAT)))

    assert sorted(office.sandbox.numbers) == [ANN, BEN]
    assert [_rows(result) for result in _results(ended)].count({"accepted": 1}) == 2


def test_what_has_nobody_in_it_is_kept_with_the_reason(office: Office) -> None:
    thin = submission("thin", reason="It carries ids only.", body=b'{"id": 7}')

    (result,) = _results(_run(office, thin))

    assert (result["status"], result["rows"]["read"]) == ("completed", 0)
    kept = json.loads(_file(office, thin, "delivery.json"))
    assert (kept["reason"], kept["body"]) == ("It carries ids only.", '{"id": 7}')
    assert office.sandbox.log == []


def test_the_same_delivery_again_finds_its_result_and_sends_nothing(office: Office) -> None:
    one = submission("once", person(ANN))
    first = _results(_run(office, one))

    again = _results(_run(office, one))

    assert again == first
    assert office.sandbox.numbers == [ANN]


@pytest.mark.parametrize("fault", ["401", "503 html", "429 absurd"])
def test_nothing_is_given_up_while_the_endpoint_stays_away(office: Office, fault: str) -> None:
    office.seconds, office.patience = 6.0, 0.2
    play_always(office.sandbox, fault)
    first, second = submission("a", person(ANN), person("12")), submission("b", person(BEN))

    away = _run(office, first, second)
    office.sandbox.always = None
    office.clock += timedelta(minutes=1)
    back = _run(office, first, second)

    assert all(one.result is None and one.fault is None for one in away.values())
    assert sorted(office.sandbox.numbers) == [ANN, BEN]
    assert _rows(back[first.import_id].result or {}) == {"accepted": 1, "invalid": 1}
    assert _rows(back[second.import_id].result or {}) == {"accepted": 1}
    assert all(result["requests"]["possibly_repeated"] == 0 for result in _results(back))


@pytest.mark.parametrize(("policy", "status", "taken"), [("resend", "accepted", 2), ("hold", "unknown", 1)])
def test_a_run_that_died_over_a_request_leaves_a_doubt_that_the_policy_decides(
    office: Office, monkeypatch: pytest.MonkeyPatch, policy: str, status: str, taken: int
) -> None:
    office.settings["on_ambiguous"] = policy
    one, line = submission("a", person(ANN)), office.line()
    post = line.post

    def die(*arguments: Any) -> Any:
        post(*arguments)
        raise KeyboardInterrupt

    line.post = die
    died = _run(office, one, line=line)
    busy = _run(office, one)
    office.clock += timedelta(minutes=1)
    (result,) = _results(_run(office, one))

    assert isinstance(died[one.import_id].fault, KeyboardInterrupt)
    assert busy[one.import_id].result is None
    assert _rows(result) == {status: 1}
    assert office.sandbox.numbers == [ANN] * taken
    assert result["requests"]["possibly_repeated"] == taken - 1


def test_of_two_copies_side_by_side_one_sends(office: Office) -> None:
    one = submission("a", person(ANN))
    line = office.line()
    post, seen = line.post, list[dict[str, Ended]]()

    def meanwhile(*arguments: Any) -> Any:
        seen.append(_run(office, one))
        return post(*arguments)

    line.post = meanwhile
    _results(_run(office, one, line=line))

    assert seen[0][one.import_id].result is None
    assert office.sandbox.numbers == [ANN]


def test_a_delivery_of_many_people_is_cut_into_batches(office: Office) -> None:
    crowd = submission(
        "crowd", *(person(f"+614000{n:05d}") for n in range(25)), cut=CUT.__class__("AU", True, 10, 90_000)
    )

    (result,) = _results(_run(office, crowd))

    assert _rows(result) == {"accepted": 25}
    assert sorted(len(seen.contacts) for seen in office.sandbox.log) == [5, 10, 10]


def test_a_delivery_that_the_bucket_fails_for_holds_up_no_other(office: Office) -> None:
    good, bad = submission("good", person(ANN)), submission("bad", person(BEN))

    class Failing(Bucket):
        def put_over(self, key: str, body: bytes, tag: str) -> str:
            if bad.import_id in key:
                raise ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject")
            return super().put_over(key, body, tag)

    bucket = Failing(office.s3, "contacts")
    ended = Window(bucket, office.line(), 4, lambda: office.clock, judge=judge_plainly).run([good, bad])

    assert _rows(ended[good.import_id].result or {}) == {"accepted": 1}
    assert isinstance(ended[bad.import_id].fault, ClientError)
    assert office.sandbox.numbers == [ANN]
