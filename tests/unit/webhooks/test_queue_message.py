"""The messages of the delivery queue."""

import json

import pytest

from contact_import.errors import EventError
from contact_import.webhooks.queue_message import Message

IMPORT_ID = "0123456789abcdef01234567"


def test_a_message_is_read_back_as_it_was_written() -> None:
    assert Message.from_text(Message(IMPORT_ID).to_text()) == Message(IMPORT_ID)
    assert json.loads(Message(IMPORT_ID).to_text()) == {"import_id": IMPORT_ID}


@pytest.mark.parametrize("text", ["", "[]", "{}", '"x"', '{"import_id": 7}', '{"import_id": "../../etc"}'])
def test_text_of_others_is_no_message(text: str) -> None:
    with pytest.raises(EventError):
        Message.from_text(text)
