"""The table of schemes is safe, and so is what a configuration describes."""

import pytest

from contact_import.webhooks.provider import Scheme
from contact_import.webhooks.senders.signature_schemes import parse_custom_scheme
from tests.schemes import SCHEMES


@pytest.mark.parametrize("scheme", SCHEMES.values(), ids=SCHEMES)
def test_each_scheme_covers_the_body_and_names_headers_in_lower_case(scheme: Scheme) -> None:
    placeholders = scheme.split_template()[1::2]

    assert "body" in placeholders
    assert ("secret" in placeholders) == (scheme.kind == "digest")
    assert scheme.has_timestamp == ("ts" in placeholders)
    assert ("id" in placeholders) <= bool(scheme.id_header)
    for name in (scheme.header, scheme.ts_header, scheme.id_header):
        assert name == name.lower()


def test_a_template_is_cut_at_its_placeholders() -> None:
    assert Scheme("x", "v0:{ts}:{body}").split_template() == ["v0:", "ts", ":", "body", ""]


def test_a_described_scheme_has_the_options_of_the_configuration() -> None:
    options = {"header": "X-Sign", "enc": "base64", "alg": "sha512", "secret": "b64:whsec_", "tolerance": 60}

    assert parse_custom_scheme(options) == Scheme(
        "x-sign", encoding="base64", algorithm="sha512", key_encoding="b64:whsec_", tolerance=60
    )


def test_the_error_of_a_described_scheme_continues_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"^has a signature whose alg cannot be used$"):
        parse_custom_scheme({"header": "x", "alg": "md5"})
