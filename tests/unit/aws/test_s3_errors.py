import pytest
from botocore.exceptions import ClientError

from contact_import.aws.s3_errors import is_condition_failed, is_missing, is_server_error, translate_error
from contact_import.errors import SourceGoneError


def _error(code: str, status: int = 400) -> ClientError:
    response = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "GetObject")  # type: ignore[arg-type]


@pytest.mark.parametrize(("code", "missing"), [("NoSuchKey", True), ("404", True), ("AccessDenied", False)])
def test_an_object_is_missing_by_its_code_or_by_the_status_of_a_head_request(code: str, missing: bool) -> None:
    assert is_missing(_error(code)) == missing


@pytest.mark.parametrize("code", ["PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409", "404"])
def test_a_conditional_write_that_found_another_object_has_failed(code: str) -> None:
    assert is_condition_failed(_error(code))
    assert not is_condition_failed(_error("AccessDenied", 403))


def test_a_server_error_leaves_open_whether_a_write_was_done() -> None:
    assert is_server_error(_error("SlowDown", 503))
    assert not is_server_error(_error("AccessDenied", 403))


@pytest.mark.parametrize(
    ("code", "words"),
    [("NoSuchKey", "not in the bucket"), ("NoSuchVersion", "not in the bucket"), ("412", "The file was replaced")],
)
def test_an_upload_that_is_gone_has_a_sentence(code: str, words: str) -> None:
    found = translate_error(_error(code))

    assert isinstance(found, SourceGoneError)
    assert words in str(found)


def test_any_other_error_is_the_same_error() -> None:
    error = _error("AccessDenied", 403)

    assert translate_error(error) is error
