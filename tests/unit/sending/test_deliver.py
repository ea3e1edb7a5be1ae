"""One batch to its outcomes: a make-believe endpoint that is a function, and a clock that nobody waits for."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.credentials import ApiKey
from contact_import.cellcast.rate_limiter import RateLimiter
from contact_import.cellcast.transport import ApiResponse, NoResponse
from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.row import Row
from contact_import.errors import SecretError
from contact_import.sending.attempts import MAX_CALLS, MAX_REPEATS
from contact_import.sending.batches import Batch
from contact_import.sending.deliver import BatchResult, send_batch

type Play = Callable[[int], ApiResponse | NoResponse]  # by the number of contacts in the request

LOST = NoResponse(maybe_sent=True, reason="no answer came in time")
AWAY = NoResponse(maybe_sent=False, reason="no connection could be made")


class Endpoint:
    """Plays its answers in turn, the last one for ever, and remembers what each request held."""

    def __init__(self, *plays: Play) -> None:
        self.plays = list(plays)
        self.seen: list[tuple[frozenset[str], ApiResponse | NoResponse]] = []
        self.keys: list[str] = []
        self.now = 1000.0

    def post(self, body: bytes, key: str, seconds: float) -> ApiResponse | NoResponse:
        numbers = frozenset(contact["phone_number"] for contact in json.loads(body)["contacts"])
        reply = (self.plays.pop(0) if len(self.plays) > 1 else self.plays[0])(len(numbers))
        self.seen.append((numbers, reply))
        self.keys.append(key)
        self.now += 0.1
        return reply

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def line(
        self, *, on_ambiguous: str = "resend", seconds: float = 600, keys: Iterable[str] = ("key",)
    ) -> CellcastClient:
        stored = list(keys)

        def fetch(_fresh: bool) -> str:
            return stored.pop(0) if len(stored) > 1 else stored[0]

        def clock() -> float:
            return self.now

        return CellcastClient(
            post=self.post,
            api_key=ApiKey(fetch),
            rate_limiter=RateLimiter(10, clock, self.sleep),
            deadline=self.now + seconds,
            on_ambiguous=on_ambiguous,
            clock=clock,
            sleep=self.sleep,
            jitter=lambda: 0.5,
        )


def _json(status: int, value: Any, **headers: str) -> Play:
    return lambda _: ApiResponse(status, {name.replace("_", "-"): text for name, text in headers.items()}, _dump(value))


def _dump(value: Any) -> bytes:
    return json.dumps(value).encode()


def _verdict(*errors: str) -> Play:
    def play(count: int) -> ApiResponse:
        data = {"success_data": count - len(errors), "failed_data": len(errors), "errors": list(errors)}
        return ApiResponse(200, {}, _dump({"message": "partial_success" if errors else "success", "data": data}))

    return play


YES = _verdict()
MUDDLED = _json(200, {"message": "success", "data": {}})
REFUSED = _json(400, {"code": 400, "message": "Bad request"})
NAMES_FIRST = _json(400, {"message": "fail", "data": {"errors": ["contact[0] error : phone_number empty"]}})
TOO_LARGE = _json(413, {})
BUSY = _json(429, {})
DENIED = _json(401, {"code": 401, "message": "Token expired"})
BROKEN = _json(500, {})
CLOSED = _json(503, {})
GONE = _json(404, {})


def _lost(_: int) -> NoResponse:
    return LOST


def _away(_: int) -> NoResponse:
    return AWAY


def _batch(count: int, decided: tuple[Outcome, ...] = ()) -> Batch:
    contacts = tuple(Contact(Row(n, ("x",)), ("", "", _number(n), *[""] * 6)) for n in range(2, count + 2))
    return Batch(1, 1, Labels(), contacts, decided)


def _number(row: int) -> str:
    return f"+614000{row:05d}"


def _statuses(delivery: BatchResult) -> list[str]:
    return [outcome.status.value for outcome in delivery.outcomes]


def test_outcomes_are_in_file_order_with_those_that_were_decided_before() -> None:
    decided = (Outcome(Row(9, ()), Status.INVALID, "x"), Outcome(Row(1, ()), Status.DUPLICATE, "y"))

    delivery = send_batch(_batch(3, decided), Endpoint(_verdict("contact[1] error : no")).line())

    assert [(one.row.number, one.status.value) for one in delivery.outcomes] == [
        (1, "duplicate"),
        (2, "accepted"),
        (3, "refused"),
        (4, "accepted"),
        (9, "invalid"),
    ]


def test_what_a_contact_lost_is_told_whether_it_is_taken_or_refused() -> None:
    lost = (RowWarning("email", "x"),)
    batch = _batch(3)
    batch = replace(batch, contacts=tuple(one._replace(warnings=lost) for one in batch.contacts))

    delivery = send_batch(batch, Endpoint(_verdict("contact[1] error : no")).line())

    assert delivery.outcomes == (
        Outcome(Row(2, ("x",)), Status.ACCEPTED, "", lost),
        Outcome(Row(3, ("x",)), Status.REFUSED, "no", lost),
        Outcome(Row(4, ("x",)), Status.ACCEPTED, "", lost),
    )


def test_a_batch_without_contacts_makes_no_call() -> None:
    endpoint = Endpoint(YES)

    send_batch(Batch(1, 1, decided=(Outcome(Row(1, ()), Status.INVALID, "x"),)), endpoint.line())

    assert endpoint.seen == []


def test_what_may_be_in_is_unknown_even_when_its_halves_were_never_answered() -> None:
    endpoint = Endpoint(_lost, TOO_LARGE, _away)

    delivery = send_batch(_batch(4), endpoint.line())

    assert _statuses(delivery) == ["unknown"] * 4


def test_the_halves_of_what_may_be_in_are_repeats_too() -> None:
    delivery = send_batch(_batch(4), Endpoint(_lost, TOO_LARGE, YES).line())

    assert _statuses(delivery) == ["accepted"] * 4
    assert delivery.requests == {"sent": 4, "retried": 1, "throttled": 0, "possibly_repeated": 3}


def test_what_was_never_sent_is_unsent_when_the_endpoint_stays_away() -> None:
    endpoint = Endpoint(_away)
    line = endpoint.line()

    assert _statuses(send_batch(_batch(2), line)) == ["unsent"] * 2
    assert endpoint.now - 1000 < 90
    calls = len(endpoint.seen)
    assert _statuses(send_batch(_batch(2), line)) == ["unsent"] * 2
    assert len(endpoint.seen) == calls


def test_resend_asks_a_few_times_and_hold_only_once() -> None:
    resent, held = Endpoint(BROKEN), Endpoint(BROKEN)

    assert _statuses(send_batch(_batch(1), resent.line())) == ["unknown"]
    assert _statuses(send_batch(_batch(1), held.line(on_ambiguous="hold"))) == ["unknown"]

    assert (len(resent.seen), len(held.seen)) == (1 + MAX_REPEATS, 1)


@pytest.mark.parametrize("refusal", [REFUSED, TOO_LARGE, NAMES_FIRST])
def test_a_large_batch_that_is_refused_piece_by_piece_costs_a_bounded_number_of_calls(refusal: Play) -> None:
    endpoint = Endpoint(refusal)

    delivery = send_batch(_batch(2000), endpoint.line())

    assert _statuses(delivery) == ["refused"] * 2000
    assert len(endpoint.seen) <= MAX_CALLS + 1
    assert all(outcome.reason for outcome in delivery.outcomes)


def test_words_beside_a_named_refusal_are_kept() -> None:
    errors = ["contact[0] error : phone_number empty", "something else was odd"]
    fail = _json(400, {"message": "fail", "data": {"errors": errors}})

    delivery = send_batch(_batch(2), Endpoint(fail, YES).line())

    assert _statuses(delivery) == ["refused", "accepted"]
    assert delivery.messages == ("something else was odd",)


def test_retry_after_holds_everybody_for_so_long() -> None:
    endpoint = Endpoint(_json(429, {}, Retry_After="60"), YES)

    delivery = send_batch(_batch(1), endpoint.line())

    assert _statuses(delivery) == ["accepted"]
    assert 60 <= endpoint.now - 1000 < 62
    assert (delivery.requests["throttled"], delivery.requests["possibly_repeated"]) == (1, 0)


def test_an_endpoint_that_only_asks_to_slow_down_is_left_alone() -> None:
    endpoint = Endpoint(_json(429, {}))
    line = endpoint.line(seconds=10_000)

    delivery = send_batch(_batch(1), line)

    assert _statuses(delivery) == ["unsent"]
    assert 3 * line.outage_timeout <= endpoint.now - 1000 < 4 * line.outage_timeout
    assert (line.stop_reason != "", line.is_failure) == (True, False)


def test_a_limit_for_each_minute_does_not_end_a_run() -> None:
    slow = _json(429, {}, Retry_After="60")
    endpoint = Endpoint(slow, slow, YES, slow, slow, YES)
    line = endpoint.line(seconds=10_000)

    deliveries = [send_batch(_batch(1), line) for _ in range(2)]

    assert [_statuses(delivery) for delivery in deliveries] == [["accepted"], ["accepted"]]


def test_a_wait_longer_than_the_run_ends_it_at_once_for_all_batches() -> None:
    endpoint = Endpoint(_json(429, {}, Retry_After="86400"))
    line = endpoint.line()

    assert _statuses(send_batch(_batch(2), line)) == ["unsent"] * 2
    assert _statuses(send_batch(_batch(2), line)) == ["unsent"] * 2

    assert len(endpoint.seen) == 1
    assert endpoint.now - 1000 < 1
    assert not line.is_failure


def test_a_run_of_contradictions_stops_before_the_whole_file_is_unknown() -> None:
    endpoint = Endpoint(MUDDLED)
    line = endpoint.line()

    statuses = {_statuses(send_batch(_batch(1), line))[0] for _ in range(100)}

    assert statuses == {"unknown", "unsent"}
    assert len(endpoint.seen) < 10


@pytest.mark.parametrize("dead_end", [DENIED, GONE])
def test_a_dead_key_or_address_ends_the_run_as_a_failure(dead_end: Play) -> None:
    endpoint = Endpoint(dead_end)
    line = endpoint.line()

    first, second = send_batch(_batch(2), line), send_batch(_batch(2), line)

    assert _statuses(first) == _statuses(second) == ["unsent"] * 2
    assert len(endpoint.seen) == 1
    assert line.is_failure
    assert "CELLCAST_URL" in line.stop_reason or "key" in line.stop_reason


def test_a_new_key_is_tried_once_and_what_cellcast_said_is_kept() -> None:
    endpoint = Endpoint(DENIED)

    delivery = send_batch(_batch(1), endpoint.line(keys=("old", "new", "newer")))

    assert endpoint.keys == ["old", "new"]
    assert delivery.messages == ("Token expired",)


def test_a_secret_that_cannot_be_read_leaves_the_rows_unsent() -> None:
    endpoint = Endpoint(YES)
    line = endpoint.line()

    def fetch(_fresh: bool) -> str:
        raise SecretError("The secret cellcast is empty.")

    line.api_key = ApiKey(fetch)

    assert _statuses(send_batch(_batch(2), line)) == ["unsent"] * 2
    assert (line.stop_reason, line.is_failure, endpoint.seen) == ("The secret cellcast is empty.", True, [])


def test_no_time_left_is_no_call() -> None:
    endpoint = Endpoint(YES)

    assert _statuses(send_batch(_batch(1), endpoint.line(seconds=0.5))) == ["unsent"]
    assert endpoint.seen == []


REFUSALS = (_verdict("contact[0] error : no"), REFUSED, NAMES_FIRST, TOO_LARGE, DENIED, GONE)
ANSWERS = st.sampled_from([*REFUSALS, YES, YES, MUDDLED, BUSY, BROKEN, CLOSED, _lost, _lost, _away])


@given(st.lists(ANSWERS, min_size=1, max_size=12), st.integers(1, 9), st.sampled_from(["resend", "hold"]))
def test_whatever_it_answers_no_row_is_lost_and_no_doubt_is_hidden(plays: list[Play], count: int, policy: str) -> None:
    endpoint = Endpoint(*plays)

    delivery = send_batch(_batch(count), endpoint.line(on_ambiguous=policy, seconds=120))

    assert [outcome.row.number for outcome in delivery.outcomes] == list(range(2, count + 2))
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
    assert delivery.requests["sent"] == len(endpoint.seen)
    assert delivery.requests["possibly_repeated"] == repeats
    for outcome in delivery.outcomes:
        number = _number(outcome.row.number)
        assert (outcome.status is Status.ACCEPTED) <= (number in taken)
        assert (outcome.status is Status.UNSENT) <= (number not in in_doubt)
        assert bool(outcome.reason) == (outcome.status is not Status.ACCEPTED)
