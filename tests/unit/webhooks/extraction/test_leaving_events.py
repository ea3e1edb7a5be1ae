"""The names of events after which a person may not be contacted."""

from string import ascii_lowercase

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from contact_import.fields.consent.answer_words import GOOD_STATES
from contact_import.fields.consent.words import OTHER_CHANNEL_WORDS
from contact_import.webhooks.extraction.leaving_events import _HARMLESS_WORDS, _THING_WORDS, name_leaving

SUBJECTS = ["consent", "subscriber", "subscription", "list", "sms_permission", "contact_preferences"]


@given(st.sampled_from(SUBJECTS), st.text(ascii_lowercase, min_size=4, max_size=10), st.sampled_from([".", "_", "-"]))
def test_an_unknown_word_beside_a_consent_is_leaving(subject: str, word: str, separator: str) -> None:
    assume(word not in _HARMLESS_WORDS | _THING_WORDS | OTHER_CHANNEL_WORDS | GOOD_STATES)

    assert name_leaving(f"{subject}{separator}{word}")
    assert not name_leaving(f"order{separator}{word}") or name_leaving(word)


@pytest.mark.parametrize(
    "text", ["web", "email", "phone", "WhatsApp", "form", "Mailing list question", "email_list.left"]
)
def test_a_type_that_is_no_event_is_not_leaving(text: str) -> None:
    assert not name_leaving(text)
