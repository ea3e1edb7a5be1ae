"""An error of the network is named in words, not as the class of an exception."""

from pathlib import Path

import pytest
import requests
import responses

from local.api_client import ApiClient

ADDRESS = "https://api.example.com"
FORM_URL = "https://bucket.example.com/?signature=4711"
ERRORS = pytest.mark.parametrize(
    ("error", "words"),
    [
        (requests.exceptions.SSLError("x"), "no secure connection"),
        (requests.ConnectTimeout("x"), "no response in time"),
        (requests.ReadTimeout("x"), "no response in time"),
        (requests.ConnectionError("x"), "no connection"),
    ],
)


def _make_client() -> ApiClient:
    return ApiClient(ADDRESS, "token-0815", sleep=lambda _: None)


@ERRORS
@responses.activate
def test_an_api_that_does_not_respond_is_named_with_the_reason(error: Exception, words: str) -> None:
    responses.get(f"{ADDRESS}/imports/1", body=error)

    with pytest.raises(RuntimeError) as raised:
        _make_client().get_import("1")

    assert str(raised.value) == f"api.example.com cannot be reached: {words}"


@ERRORS
@responses.activate
def test_an_upload_that_breaks_off_says_why_and_not_where(error: Exception, words: str, tmp_path: Path) -> None:
    responses.post(f"{ADDRESS}/uploads", json={"upload_id": "1", "post": {"url": FORM_URL, "fields": {}}})
    responses.post(FORM_URL, body=error)
    path = tmp_path / "june.csv"
    path.write_text("Name,Mobile\nAda,0491570006\n")

    with pytest.raises(RuntimeError) as raised:
        _make_client().upload(path, "june.csv")

    assert str(raised.value) == f"june.csv could not be uploaded: {words}"
