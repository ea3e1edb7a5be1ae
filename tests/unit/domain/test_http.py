import pytest

from contact_import.domain.http import HttpRequest

SECRET = "do-not-show"


@pytest.mark.parametrize(
    ("header", "content_type"),
    [("Application/JSON; charset=utf-8", "application/json"), (" text/xml ", "text/xml"), ("", "")],
)
def test_the_content_type_has_no_parameters_and_is_in_lower_case(header: str, content_type: str) -> None:
    request = HttpRequest("POST", "/hooks/a", "https://example.com/hooks/a", {"content-type": header}, {})

    assert request.content_type == content_type


def test_a_request_without_content_type_has_none() -> None:
    assert HttpRequest("GET", "/", "https://example.com/", {}, {}).content_type == ""


def test_neither_tokens_nor_people_are_in_the_repr() -> None:
    url = f"https://example.com/hooks/a?token={SECRET}"

    request = HttpRequest("POST", "/hooks/a", url, {"authorization": SECRET}, {"token": SECRET}, SECRET.encode())

    assert SECRET not in repr(request)
