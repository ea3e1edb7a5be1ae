"""A callback in the queue: what it holds, and when it is tried again."""

import pytest

from contact_import.callbacks.callback_message import CallbackMessage, compute_callback_delay
from contact_import.errors import EventError
from local.aws.template import read_template


def test_a_message_comes_back_as_it_was_sent() -> None:
    message = CallbackMessage("3f2a", "https://example.com/?token=t", '{"a": "\u00fc"}')

    assert CallbackMessage.from_text(message.to_text()) == message
    assert "token" not in repr(message)


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", "null", '{"import_id": "1", "url": "u"}'])
def test_any_other_message_is_an_error_without_its_text(text: str) -> None:
    with pytest.raises(EventError, match="not a callback"):
        CallbackMessage.from_text(text)


def test_the_attempts_of_the_queue_span_five_hours() -> None:
    attempts = read_template()["Resources"]["Callbacks"]["Properties"]["RedrivePolicy"]["maxReceiveCount"]

    delays = [compute_callback_delay(count) for count in range(1, attempts)]

    assert delays[:4] == [30, 60, 120, 240]
    assert delays == sorted(delays)
    assert max(delays) == 3600
    assert sum(delays) == pytest.approx(5 * 3600, rel=0.05)
    assert compute_callback_delay(10**9) == 3600
