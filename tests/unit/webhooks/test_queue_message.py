"""The messages of the delivery queue."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.errors import EventError
from contact_import.webhooks.queue_message import Message

IMPORT_ID = "0123456789abcdef01234567"


@given(attempt=st.integers(0, 10_000))
def test_a_message_is_read_back_as_it_was_written(attempt: int) -> None:
    assert Message.from_text(Message(IMPORT_ID, attempt).to_text()) == Message(IMPORT_ID, attempt)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '"x"', '{"import_id": 7}', '{"import_id": "../../etc"}',
     f'{{"import_id": "{IMPORT_ID}", "attempt": -1}}', f'{{"import_id": "{IMPORT_ID}", "attempt": "x"}}'],
)  # fmt: skip
def test_text_of_others_is_no_message(text: str) -> None:
    with pytest.raises(EventError):
        Message.from_text(text)


@given(attempt=st.integers(0, 10_000), jitter=st.floats(0, 1), minimum=st.floats(0, 10_000))
def test_the_delay_grows_up_to_what_sqs_allows(attempt: int, jitter: float, minimum: float) -> None:
    delay = Message(IMPORT_ID, attempt).compute_delay(jitter, minimum)

    assert round(min(minimum, 900)) <= delay <= 900
    assert Message(IMPORT_ID, attempt + 1).compute_delay(jitter, minimum) >= delay


def test_the_first_delay_is_ten_seconds_at_most() -> None:
    assert [Message(IMPORT_ID).compute_delay(jitter) for jitter in (0.0, 1.0)] == [5, 10]
