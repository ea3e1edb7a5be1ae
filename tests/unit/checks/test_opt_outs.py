from typing import Any

import pytest

from contact_import.checks.opt_outs import OptOuts, ensure_opt_outs, fetch_opt_outs, load_opt_out_numbers, load_opt_outs
from contact_import.errors import EndpointUnavailableError, LedgerError
from tests.unit.fakes import make_bucket, make_client

LIST = {"data": ["491570006", {"number": "0491570156"}, {"number": "none"}]}
NUMBERS = frozenset({"+61491570006", "+61491570156"})


def _ensure(bucket: Any, answer: Any, *, can_retry: bool) -> None:
    ensure_opt_outs(bucket, "one", make_client(lambda _path: answer), can_retry=can_retry)


def test_the_list_is_numbers_in_one_form_and_a_count_of_what_is_none() -> None:
    found = fetch_opt_outs(make_client(lambda _path: LIST))

    assert found == OptOuts(NUMBERS, unreadable=1)
    assert found.messages == ("Cellcast's opt-out list has 1 entries without a number that can be read.",)
    assert OptOuts.from_json(found.to_json()) == found


def test_a_list_that_was_saved_is_not_fetched_again() -> None:
    bucket = make_bucket()
    _ensure(bucket, LIST, can_retry=True)

    _ensure(bucket, 404, can_retry=True)

    assert load_opt_out_numbers(bucket, "one") == NUMBERS


def test_a_list_that_cannot_be_read_is_tried_by_three_runs_and_blocks_the_import_then() -> None:
    bucket = make_bucket()
    for _ in range(2):
        with pytest.raises(EndpointUnavailableError):
            _ensure(bucket, 404, can_retry=True)

    _ensure(bucket, 404, can_retry=True)

    assert load_opt_outs(bucket, "one").blocking_error.startswith("Cellcast's opt-out list could not be read")
    _ensure(bucket, LIST, can_retry=True)
    assert load_opt_outs(bucket, "one").blocking_error


def test_a_run_that_cannot_be_retried_blocks_the_import_immediately() -> None:
    bucket = make_bucket()

    _ensure(bucket, 404, can_retry=False)

    assert load_opt_outs(bucket, "one").blocking_error


def test_a_denied_key_is_no_reason_to_try_again() -> None:
    bucket = make_bucket()

    _ensure(bucket, 401, can_retry=True)

    assert load_opt_outs(bucket, "one").blocking_error == "Cellcast rejected the API key"


def test_without_a_saved_list_nothing_may_be_sent() -> None:
    bucket = make_bucket()

    assert "was not read before the import" in load_opt_outs(bucket, "one").blocking_error
    with pytest.raises(LedgerError):
        load_opt_out_numbers(bucket, "one")
