import json

import pytest

from contact_import.domain.utf8 import encode_utf8


@pytest.mark.parametrize("text", ["", "Zoë", "\U0001f600", json.loads('"\\ud83d"'), json.loads('"a\\ude00b"')])
def test_every_text_that_json_can_have_is_encoded_without_loss(text: str) -> None:
    assert encode_utf8(text).decode("utf-8", "surrogatepass") == text
