"""The responses of the HTTP API."""

import json

from contact_import.webhooks import responses


def test_an_error_is_one_sentence() -> None:
    response = responses.build_error(400, "The body is empty.")

    assert (response.status, json.loads(response.body)) == (400, {"error": "The body is empty."})
    assert (response.headers["content-type"], response.headers["cache-control"]) == ("application/json", "no-store")


def test_an_accepted_import_says_where_it_is_and_what_it_waits_for() -> None:
    response = responses.build_accepted("abc", is_async=True)
    waiting = responses.build_accepted("abc", "Cellcast is down.", is_async=False)

    assert (response.status, response.headers["location"]) == (202, "/imports/abc")
    assert response.headers["preference-applied"] == "respond-async"
    assert json.loads(waiting.body) == {"import_id": "abc", "reason": "Cellcast is down."}
    assert "preference-applied" not in waiting.headers


def test_a_result_is_passed_on_byte_for_byte() -> None:
    assert responses.build_result('{"a":1}').body == '{"a":1}'


def test_callers_learn_what_to_do() -> None:
    assert responses.build_unauthorized().headers["www-authenticate"] == "Bearer"
    assert responses.build_method_not_allowed("POST").headers["allow"] == "POST"
    assert int(responses.build_unavailable().headers["retry-after"]) > 0
