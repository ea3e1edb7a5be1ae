"""The client that all threads of a run share sends requests, and stops for some faults."""

import pytest

from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.responses import Accepted, Ambiguous, ClassifiedResponse, Unavailable
from tests.unit.fake_endpoint import (
    LOST,
    SERVER_ERROR,
    UNAVAILABLE,
    UNREACHABLE,
    YES,
    Endpoint,
    Play,
    be_unreachable,
    lose_response,
)

BODY = b'{"contacts": [{"phone_number": "+1"}]}'


def _post(client: CellcastClient) -> ClassifiedResponse:
    return client.post_contacts(BODY, "key", 30, contact_count=1)


def test_a_response_is_classified_by_the_contacts_of_the_request() -> None:
    assert _post(Endpoint(YES).build_client()) == Accepted({})


def test_without_a_response_it_counts_whether_anything_was_sent() -> None:
    assert _post(Endpoint(lose_response).build_client()) == Ambiguous(LOST.reason)
    assert _post(Endpoint(be_unreachable).build_client()) == Unavailable(UNREACHABLE.reason)


@pytest.mark.parametrize("outage", [lose_response, be_unreachable, UNAVAILABLE])
def test_an_outage_stops_the_client_once_it_lasts_for_long(outage: Play) -> None:
    endpoint = Endpoint(outage)
    client = endpoint.build_client()

    _post(client)
    assert client.stop_reason == ""
    endpoint.now += client.outage_timeout
    _post(client)

    assert client.stop_reason.startswith("Cellcast could not be reached: ")
    assert not client.is_failure


def test_any_other_response_in_between_ends_an_outage() -> None:
    endpoint = Endpoint(be_unreachable, SERVER_ERROR, be_unreachable)
    client = endpoint.build_client()

    for _ in range(3):
        _post(client)
        endpoint.now += client.outage_timeout - 1

    assert client.stop_reason == ""


def test_the_slowest_request_is_remembered() -> None:
    endpoint = Endpoint(YES)
    client = endpoint.build_client()
    post = client.post

    def post_slowly(body: bytes, api_key: str, timeout: float) -> object:
        endpoint.now += 3
        return post(body, api_key, timeout)

    _post(client)
    client.post = post_slowly  # type: ignore[assignment]
    _post(client)
    client.post = post
    _post(client)

    assert client.slowest_seconds == pytest.approx(3.1)


def test_several_faults_in_a_row_stop_the_client_and_a_success_resets_them() -> None:
    client = Endpoint(YES).build_client()

    for _ in range(3):
        for _ in range(7):
            client.count_fault()
        client.count_success()
    assert client.stop_reason == ""
    for _ in range(8):
        client.count_fault()

    assert client.stop_reason == "Cellcast returned errors for several requests in a row"


def test_a_long_throttling_without_a_success_stops_the_client() -> None:
    endpoint = Endpoint(YES)
    client = endpoint.build_client()

    for _ in range(4):
        client.note_throttled()
        endpoint.now += client.outage_timeout
        if not client.stop_reason:
            assert endpoint.now - 1000 <= 3 * client.outage_timeout

    assert client.stop_reason.startswith("Cellcast kept asking to slow down")


def test_the_first_reason_to_stop_counts() -> None:
    client = Endpoint(YES).build_client()

    client.stop("denied", is_failure=True)
    client.stop("time", is_failure=False)

    assert (client.stop_reason, client.is_failure) == ("denied", True)
