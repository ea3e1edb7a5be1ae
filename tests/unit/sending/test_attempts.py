"""The requests of one batch: repeated, split and given up, against an endpoint that is a function."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.cellcast.credentials import ApiKey
from contact_import.cellcast.transport import ApiResponse
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.row import Row
from contact_import.errors import SecretError
from contact_import.sending.attempts import MAX_CALLS, MAX_REPEATS
from contact_import.sending.deliver import BatchResult, send_batch
from tests.unit.fake_endpoint import (
    DENIED,
    INCONSISTENT,
    LOST,
    NAMES_FIRST,
    NOT_FOUND,
    REFUSED,
    SERVER_ERROR,
    THROTTLED,
    TOO_LARGE,
    UNAVAILABLE,
    YES,
    Endpoint,
    Play,
    be_unreachable,
    build_batch,
    build_number,
    lose_response,
    respond,
    respond_success,
)


def _get_statuses(result: BatchResult) -> list[str]:
    return [outcome.status.value for outcome in result.outcomes]


def test_what_a_contact_lost_is_reported_whether_it_is_taken_or_refused() -> None:
    lost = (RowWarning("email", "x"),)
    batch = build_batch(3)
    batch = replace(batch, contacts=tuple(one._replace(warnings=lost) for one in batch.contacts))

    result = send_batch(batch, Endpoint(respond_success("contact[1] error : no")).build_client())

    assert result.outcomes == (
        Outcome(Row(2, ("x",)), Status.ACCEPTED, "", lost),
        Outcome(Row(3, ("x",)), Status.REFUSED, "no", lost),
        Outcome(Row(4, ("x",)), Status.ACCEPTED, "", lost),
    )


def test_what_may_be_in_is_unknown_even_when_its_halves_were_never_answered() -> None:
    endpoint = Endpoint(lose_response, TOO_LARGE, be_unreachable)

    result = send_batch(build_batch(4), endpoint.build_client())

    assert _get_statuses(result) == ["unknown"] * 4


def test_the_halves_of_what_may_be_in_are_repeats_too() -> None:
    result = send_batch(build_batch(4), Endpoint(lose_response, TOO_LARGE, YES).build_client())

    assert _get_statuses(result) == ["accepted"] * 4
    assert result.requests == {"sent": 4, "retried": 1, "throttled": 0, "possibly_repeated": 3}


def test_what_was_never_sent_is_unsent_when_the_endpoint_stays_away() -> None:
    endpoint = Endpoint(be_unreachable)
    client = endpoint.build_client()

    assert _get_statuses(send_batch(build_batch(2), client)) == ["unsent"] * 2
    assert endpoint.now - 1000 < 90
    calls = len(endpoint.seen)
    assert _get_statuses(send_batch(build_batch(2), client)) == ["unsent"] * 2
    assert len(endpoint.seen) == calls


def test_resend_asks_a_few_times_and_hold_only_once() -> None:
    resent, held = Endpoint(SERVER_ERROR), Endpoint(SERVER_ERROR)

    assert _get_statuses(send_batch(build_batch(1), resent.build_client())) == ["unknown"]
    assert _get_statuses(send_batch(build_batch(1), held.build_client(on_ambiguous="hold"))) == ["unknown"]

    assert (len(resent.seen), len(held.seen)) == (1 + MAX_REPEATS, 1)


@pytest.mark.parametrize("refusal", [REFUSED, TOO_LARGE, NAMES_FIRST])
def test_a_large_batch_that_is_refused_piece_by_piece_costs_a_bounded_number_of_calls(refusal: Play) -> None:
    endpoint = Endpoint(refusal)

    result = send_batch(build_batch(2000), endpoint.build_client())

    assert _get_statuses(result) == ["refused"] * 2000
    assert len(endpoint.seen) <= MAX_CALLS + 1
    assert all(outcome.reason for outcome in result.outcomes)


def test_words_beside_a_named_refusal_are_kept() -> None:
    errors = ["contact[0] error : phone_number empty", "something else was odd"]
    fail = respond(400, {"message": "fail", "data": {"errors": errors}})

    result = send_batch(build_batch(2), Endpoint(fail, YES).build_client())

    assert _get_statuses(result) == ["refused", "accepted"]
    assert result.messages == ("something else was odd",)


def test_retry_after_holds_everyone_for_so_long() -> None:
    endpoint = Endpoint(respond(429, {}, Retry_After="60"), YES)

    result = send_batch(build_batch(1), endpoint.build_client())

    assert _get_statuses(result) == ["accepted"]
    assert 60 <= endpoint.now - 1000 < 62
    assert (result.requests["throttled"], result.requests["possibly_repeated"]) == (1, 0)


def test_an_endpoint_that_only_asks_to_slow_down_is_left_alone() -> None:
    endpoint = Endpoint(respond(429, {}))
    client = endpoint.build_client(seconds=10_000)

    result = send_batch(build_batch(1), client)

    assert _get_statuses(result) == ["unsent"]
    assert 3 * client.outage_timeout <= endpoint.now - 1000 < 4 * client.outage_timeout
    assert (client.stop_reason != "", client.is_failure) == (True, False)


def test_a_limit_for_each_minute_does_not_end_a_run() -> None:
    slow = respond(429, {}, Retry_After="60")
    endpoint = Endpoint(slow, slow, YES, slow, slow, YES)
    client = endpoint.build_client(seconds=10_000)

    results = [send_batch(build_batch(1), client) for _ in range(2)]

    assert [_get_statuses(result) for result in results] == [["accepted"], ["accepted"]]


def test_a_wait_longer_than_the_run_ends_it_at_once_for_all_batches() -> None:
    endpoint = Endpoint(respond(429, {}, Retry_After="86400"))
    client = endpoint.build_client()

    assert _get_statuses(send_batch(build_batch(2), client)) == ["unsent"] * 2
    assert _get_statuses(send_batch(build_batch(2), client)) == ["unsent"] * 2

    assert len(endpoint.seen) == 1
    assert endpoint.now - 1000 < 1
    assert not client.is_failure


def test_a_run_of_contradictions_stops_before_the_whole_file_is_unknown() -> None:
    endpoint = Endpoint(INCONSISTENT)
    client = endpoint.build_client()

    statuses = {_get_statuses(send_batch(build_batch(1), client))[0] for _ in range(100)}

    assert statuses == {"unknown", "unsent"}
    assert len(endpoint.seen) < 10


@pytest.mark.parametrize("dead_end", [DENIED, NOT_FOUND])
def test_a_dead_key_or_address_ends_the_run_as_a_failure(dead_end: Play) -> None:
    endpoint = Endpoint(dead_end)
    client = endpoint.build_client()

    first, second = send_batch(build_batch(2), client), send_batch(build_batch(2), client)

    assert _get_statuses(first) == _get_statuses(second) == ["unsent"] * 2
    assert len(endpoint.seen) == 1
    assert client.is_failure
    assert "CELLCAST_URL" in client.stop_reason or "key" in client.stop_reason


def test_a_new_key_is_tried_once_and_what_cellcast_said_is_kept() -> None:
    endpoint = Endpoint(DENIED)

    result = send_batch(build_batch(1), endpoint.build_client(keys=("old", "new", "newer")))

    assert endpoint.keys == ["old", "new"]
    assert result.messages == ("Token expired",)


def test_a_secret_that_cannot_be_read_leaves_the_rows_unsent() -> None:
    endpoint = Endpoint(YES)
    client = endpoint.build_client()

    def fetch(_fresh: bool) -> str:
        raise SecretError("The secret cellcast is empty.")

    client.api_key = ApiKey(fetch)

    assert _get_statuses(send_batch(build_batch(2), client)) == ["unsent"] * 2
    assert (client.stop_reason, client.is_failure, endpoint.seen) == ("The secret cellcast is empty.", True, [])


def test_no_time_left_is_no_call() -> None:
    endpoint = Endpoint(YES)

    assert _get_statuses(send_batch(build_batch(1), endpoint.build_client(seconds=0.5))) == ["unsent"]
    assert endpoint.seen == []


REFUSALS = (respond_success("contact[0] error : no"), REFUSED, NAMES_FIRST, TOO_LARGE, DENIED, NOT_FOUND)
ANSWERS = st.sampled_from(
    [
        *REFUSALS,
        YES,
        YES,
        INCONSISTENT,
        THROTTLED,
        SERVER_ERROR,
        UNAVAILABLE,
        lose_response,
        lose_response,
        be_unreachable,
    ]
)


@given(st.lists(ANSWERS, min_size=1, max_size=12), st.integers(1, 9), st.sampled_from(["resend", "hold"]))
def test_whatever_it_answers_no_row_is_lost_and_no_doubt_is_hidden(plays: list[Play], count: int, policy: str) -> None:
    endpoint = Endpoint(*plays)

    result = send_batch(build_batch(count), endpoint.build_client(on_ambiguous=policy, seconds=120))

    assert [outcome.row.number for outcome in result.outcomes] == list(range(2, count + 2))
    in_doubt: set[str] = set()
    taken: set[str] = set()
    repeats = 0
    for numbers, reply in endpoint.seen:
        assert not numbers & taken
        repeats += bool(numbers & in_doubt)
        if reply is LOST or (isinstance(reply, ApiResponse) and reply.status == 500):
            in_doubt |= numbers
        if isinstance(reply, ApiResponse) and b"success_data" in reply.body:
            taken |= numbers
    assert result.requests["sent"] == len(endpoint.seen)
    assert result.requests["possibly_repeated"] == repeats
    for outcome in result.outcomes:
        number = build_number(outcome.row.number)
        assert (outcome.status is Status.ACCEPTED) <= (number in taken)
        assert (outcome.status is Status.UNSENT) <= (number not in in_doubt)
        assert bool(outcome.reason) == (outcome.status is not Status.ACCEPTED)
