import json
from typing import Any

import pytest

from contact_import.domain.labels import Labels
from contact_import.errors import SecretError
from contact_import.webhooks.senders.config import SenderConfig, parse_sender_config
from tests.schemes import SCHEMES


def _hooks(**words: Any) -> SenderConfig:
    sender = {"scheme": "typeform", "secrets": ["s3cret"]} | words
    return parse_sender_config(json.dumps({"tokens": ["t0ken"], "senders": {"website": sender}}))


def test_a_sender_is_what_is_written_of_it() -> None:
    hooks = _hooks(tags=["VIP", "VIP"], list=["News"], mapping={"Handy": "phone_number", "Nr": None, "q1": "name"})

    website = hooks.find_sender("website")

    assert hooks.tokens == ("t0ken",)
    assert website
    assert (website.name, website.scheme, website.secrets) == ("website", "typeform", ("s3cret",))
    assert website.labels == Labels(("VIP",), ("News",))
    assert website.mapping == {"Handy": "phone_number", "Nr": None, "q1": "full_name"}


def test_a_mapping_says_what_values_of_consent_mean() -> None:
    mapping = {"Handy": "phone_number", "level": {"consent": {"Guest": "no"}}, "consent": {"Pending": None}}

    website = _hooks(mapping=mapping).find_sender("website")

    assert website
    assert website.mapping == {"Handy": "phone_number"}
    assert website.consent_values == {"level": {"guest": "no"}, "": {"pending": "silent"}}


def test_a_stranger_is_no_one() -> None:
    assert _hooks().find_sender("somebody") is None
    assert parse_sender_config("{}").find_sender("website") is None


@pytest.mark.parametrize("scheme", [*SCHEMES, "token", "Typeform", "hubspot-v3"])
def test_every_scheme_can_be_named(scheme: str) -> None:
    assert _hooks(scheme=scheme, secrets=["c2VjcmV0"] if scheme != "squarespace" else ["00ff"]).find_sender("website")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ({"scheme": "tyepform"}, "sender website has an unknown scheme; docs/senders.md lists the known ones."),
        ({"scheme": None}, "sender website has an unknown scheme; docs/senders.md lists the known ones."),
        ({"secrets": []}, "sender website has no secret."),
        ({"secrets": ["", "  "]}, "sender website has no secret."),
        ({"secrets": [1]}, "sender website must have a list of texts under secrets."),
        ({"scheme": "svix", "secrets": ["whsec_"]}, "sender website has no secret."),
        (
            {"scheme": "svix", "secrets": ["whsec_!"]},
            "sender website has a secret in the wrong format for its scheme.",
        ),
        (
            {"scheme": "squarespace", "secrets": ["xyz"]},
            "sender website has a secret in the wrong format for its scheme.",
        ),
        ({"tags": {}}, "sender website must have lists of texts under tags and list."),
        ({"mapping": ["a"]}, "sender website must have an object under mapping."),
        ({"mapping": {"q1": "shoe size"}}, "sender website maps 'q1' to something that is not a field."),
        (
            {"mapping": {"q1": {"consent": {"x": 7}}}},
            "sender website maps the values of 'q1' to something other than yes or no.",
        ),
        ({"mapping": {"q1": 7}}, "sender website maps 'q1' to something that is not a field."),
    ],
)
def test_a_wrong_sender_is_named_with_what_is_wrong_and_no_value(words: dict[str, Any], fault: str) -> None:
    hooks = _hooks(**words)

    assert hooks.faults == {"website": fault}
    with pytest.raises(SecretError, match="The secret behind HOOKS_SECRET cannot be used for one sender"):
        hooks.find_sender("website")


def test_one_wrong_sender_does_not_shut_out_the_others() -> None:
    good = {"scheme": "tally", "secrets": ["s"]}

    hooks = parse_sender_config(json.dumps({"senders": {"bad": "x", "good": good}}))

    assert hooks.find_sender("good")
    assert list(hooks.faults) == ["bad"]


@pytest.mark.parametrize(
    "text",
    ["", "s3cret", "[]", '"s3cret"', "{", '{"tokens": 1}', '{"tokens": [null]}', '{"senders": ["s3cret"]}', "[" * 9999],
)
def test_a_secret_that_cannot_be_read_is_named_and_not_shown(text: str) -> None:
    with pytest.raises(SecretError, match=r"^The secret behind HOOKS_SECRET .*\.$") as raised:
        parse_sender_config(text)

    assert "s3cret" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_neither_secrets_nor_tokens_show_in_a_repr() -> None:
    hooks = _hooks(secrets=["s3cret"])

    assert "s3cret" not in repr(hooks)
    assert "t0ken" not in repr(hooks)


def test_an_empty_token_is_no_token_and_a_bom_is_no_matter() -> None:
    assert parse_sender_config('\ufeff{"tokens": ["", " ", "a"]}').tokens == ("a",)


def test_a_signature_can_be_described() -> None:
    described = {
        "header": "Paddle-Signature",
        "parse": "kv",
        "names": ["ts", "h1"],
        "template": "{ts}:{body}",
        "tolerance": 30,
    }

    sender = _hooks(scheme=described).find_sender("website")

    assert sender
    assert sender.custom_scheme
    assert (sender.custom_scheme.header, sender.custom_scheme.kv_names, sender.custom_scheme.tolerance) == (
        "paddle-signature",
        ("ts", "h1"),
        30,
    )


@pytest.mark.parametrize(
    "described",
    [
        {},
        {"header": ""},
        {"header": "X", "template": "{ts}"},
        {"header": "X", "template": "constant"},
        {"header": "X", "template": "{ts}.{body}"},
        {"header": "X", "template": "{id}.{body}"},
        {"header": "X", "template": "{body}{password}"},
        {"header": "X", "template": "{body}", "kind": "digest"},
        {"header": "X", "template": "{secret}{body}"},
        {"header": "X", "alg": "md5"},
        {"header": "X", "tolerance": 0},
        {"header": "X", "tolerance": True},
        {"header": "X", "enc": ["hex"]},
        {"header": "X", "secret": 1},
        {"header": "X", "algorithm": "sha1"},
        {"header": 1},
    ],
)
def test_a_signature_that_would_prove_nothing_is_refused(described: dict[str, Any]) -> None:
    assert list(_hooks(scheme=described).faults) == ["website"]


def test_tokens_may_have_names() -> None:
    config = parse_sender_config('{"tokens": {"front-desk": "long-token-1", "": "long-token-2"}}')

    assert config.tokens == ("long-token-1", "long-token-2")
    assert config.token_names["long-token-1"] == "front-desk"
    assert "long-token" not in repr(config)
    with pytest.raises(SecretError, match="names and texts"):
        parse_sender_config('{"tokens": {"front-desk": 5}}')
