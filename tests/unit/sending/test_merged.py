"""Batches of several imports in the same requests: which go together, and whose outcome is whose."""

import json
from typing import Any

from contact_import.contacts.validate import CONTACT_FIELDS, Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.sending.batches import Batch
from contact_import.sending.deliver import MAX_ATTEMPTS, BatchResult
from contact_import.sending.merged import ClaimedBatch, SubmissionBatchRef, group_batches, send_merged
from tests.unit.fake_endpoint import UNREACHABLE, YES, Endpoint, respond_success

NEWS, SHOP = Labels(lists=("News",)), Labels(tags=("Shop",))


def _build_ref(name: str, *phones: str, labels: Labels = NEWS) -> SubmissionBatchRef:
    contacts = tuple(
        Contact(Row(number, ()), ("", "", phone, *[""] * 6), labels) for number, phone in enumerate(phones, start=1)
    )
    return SubmissionBatchRef(name, Batch(1, 1, labels, contacts))


def _get_names(refs: list[SubmissionBatchRef], max_contacts: int) -> list[str]:
    return sorted("".join(ref.import_id for ref in group) for group in group_batches(refs, max_contacts))


def test_batches_with_equal_labels_go_together_up_to_the_size_of_a_request() -> None:
    refs = [_build_ref(name, f"+{n}") for n, name in enumerate("abcde")] + [_build_ref("x", "+9", labels=SHOP)]

    assert _get_names(refs, 2) == ["ab", "cd", "e", "x"]
    assert _get_names(refs, 400) == ["abcde", "x"]


def test_batches_that_share_a_number_stay_together_whatever_their_labels_and_the_bound() -> None:
    refs = [
        _build_ref("a", "+1"),
        _build_ref("b", "+2", labels=SHOP),
        _build_ref("c", "+3"),
        _build_ref("d", "+2", "+1", labels=SHOP),
        _build_ref("e", "+1"),
    ]

    assert _get_names(refs, 1) == ["abde", "c"]


def test_every_batch_is_in_one_group_also_one_without_contacts() -> None:
    refs = [_build_ref(name, *(f"+{n % 3}" for n in range(size))) for size, name in enumerate("abcdefgh")]

    assert sorted("".join(_get_names(refs, 4))) == list("abcdefgh")


def test_nothing_is_no_group() -> None:
    assert list(group_batches([], 400)) == []


class RecordingEndpoint(Endpoint):
    """An endpoint that keeps the bodies of its requests."""

    def __init__(self, *plays: Any) -> None:
        super().__init__(*plays)
        self.bodies: list[dict[str, Any]] = []

    def post(self, body: bytes, key: str, seconds: float) -> Any:
        self.bodies.append(json.loads(body))
        return super().post(body, key, seconds)


def _send(endpoint: Endpoint, *claimed: ClaimedBatch) -> list[list[tuple[str, str]]]:
    """Send, and return the status and reason of each row of each batch."""
    results = send_merged(claimed, endpoint.build_client(), max_contacts=400, max_bytes=100_000, seconds=60)
    return [[(outcome.status.value, outcome.reason) for outcome in result.outcomes] for result in results]


def _claim(name: str, *phones: str, **values: Any) -> ClaimedBatch:
    return ClaimedBatch(_build_ref(name, *phones), **values)


def test_each_batch_gets_the_outcomes_of_its_contacts() -> None:
    endpoint = Endpoint(respond_success("contact[1] error : no"))

    outcomes = _send(endpoint, _claim("a", "+1"), _claim("b", "+2", "+3"))

    assert outcomes == [[("accepted", "")], [("refused", "no"), ("accepted", "")]]
    assert len(endpoint.seen) == 1


def test_a_number_in_two_submissions_is_sent_once_with_the_latest_values_and_all_labels() -> None:
    endpoint = RecordingEndpoint(YES)
    first, second = (dict.fromkeys(CONTACT_FIELDS, "") | {"phone_number": "+1"} for _ in range(2))
    first |= {"first_name": "Ann", "email": "ann@example.com"}
    second |= {"first_name": "Anna"}
    refs = [
        SubmissionBatchRef(name, Batch(1, 1, labels, (Contact(Row(1, ()), tuple(values.values()), labels),)))
        for name, values, labels in (("a", first, NEWS), ("b", second, SHOP))
    ]

    outcomes = _send(endpoint, *map(ClaimedBatch, refs))

    assert endpoint.bodies == [
        {
            "contacts": [{"first_name": "Anna", "phone_number": "+1", "email": "ann@example.com"}],
            "tags": ["Shop"],
            "list": ["News"],
        }
    ]
    assert outcomes == [
        [("duplicate", "a later delivery has the same number, b")],
        [("accepted", "")],
    ]


def test_what_a_crashed_run_may_have_sent_goes_first_and_never_again_after_too_many_crashes() -> None:
    endpoint = Endpoint(YES)

    outcomes = _send(
        endpoint,
        _claim("new", "+1"),
        _claim("crashed", "+2", attempts=2),
        _claim("given up", "+3", attempts=MAX_ATTEMPTS + 1),
    )

    assert [[status for status, _ in rows] for rows in outcomes] == [["accepted"], ["accepted"], ["unknown"]]
    assert [numbers for numbers, _ in endpoint.seen] == [{"+2"}, {"+1"}]


def test_the_messages_of_all_attempts_are_bounded() -> None:
    """An outage of days has a thousand attempts, and Cellcast may say something else each time."""
    said = tuple(f"request {number} was denied" for number in range(100))
    claimed = ClaimedBatch(_build_ref("a", "+1"), BatchResult((), {}, said, (1,)))

    (result,) = send_merged([claimed], Endpoint(YES).build_client(), max_contacts=400, max_bytes=90_000, seconds=60)

    assert result.messages == said[:30]


def test_a_batch_that_could_not_be_sent_names_the_rows_to_retry() -> None:
    claim = _claim("a", "+1", "+2", opted_out={2: Outcome(Row(2, ()), Status.OPTED_OUT, "on the list")})
    previous = BatchResult((), {"sent": 1}, ("odd words",))
    endpoint = Endpoint(lambda _count: UNREACHABLE)

    first, second = send_merged(
        [claim, _claim("b", previous=previous)], endpoint.build_client(), max_contacts=9, max_bytes=9999, seconds=5
    )

    assert [outcome.status for outcome in first.outcomes] == [Status.UNSENT, Status.OPTED_OUT]
    assert first.retry_rows == (1,)
    assert (second.outcomes, second.requests, second.messages) == ((), {"sent": 1}, ("odd words",))
