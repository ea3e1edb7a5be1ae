import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.domain.ids import compute_import_id, compute_submission_id, is_import_id

texts = st.text(st.characters(codec=None, exclude_characters="\0"), max_size=9)


def test_the_same_event_is_the_same_import_and_new_content_another() -> None:
    first = compute_import_id("bucket", "incoming/june.csv", "v1")

    assert compute_import_id("bucket", "incoming/june.csv", "v1") == first
    assert compute_import_id("bucket", "incoming/june.csv", "v2") != first
    assert compute_import_id("bucket", "incoming/july.csv", "v1") != first


def test_an_id_never_changes() -> None:
    """A new version of this program must find the imports that an older one began."""
    assert compute_import_id("contacts", "incoming/june.csv", "v1") == "ef6b4a4b808901b7f72f6ba6"
    assert compute_submission_id("hooks/website", "e1") == "3316671bee3b3b988f1847b7"


@given(texts, texts, texts, texts)
def test_other_parts_are_another_id(bucket: str, key: str, source: str, event: str) -> None:
    ids = {compute_submission_id(bucket, key), compute_submission_id(source, event)}

    assert len(ids) == (1 if (bucket, key) == (source, event) else 2)
    assert all(map(is_import_id, ids))


@pytest.mark.parametrize("text", ["", "..", "0" * 23, "0" * 25, "A" * 24, "0" * 24 + "\n", "../" + "0" * 21])
def test_no_other_text_becomes_part_of_a_key(text: str) -> None:
    assert not is_import_id(text)
