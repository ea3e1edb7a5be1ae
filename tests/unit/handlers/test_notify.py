"""The links of the mail about an import."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import boto3

from contact_import.handlers import dependencies
from contact_import.handlers.notify import _build_link_maker
from contact_import.webhooks.api.signed_links import LinkVerdict, check_signed_link


def test_a_link_opens_with_the_key_of_the_secret_for_as_many_days_as_are_set() -> None:
    secrets = boto3.client("secretsmanager")
    secrets.create_secret(Name="links", SecretString="k" * 64)
    settings = replace(
        dependencies.get_settings(), links_secret="links", public_url="https://api.example", link_lifetime_days=3
    )

    make_link = _build_link_maker(settings)

    assert make_link is not None
    parts = urlsplit(make_link("0" * 24, "report.html"))
    query = dict(parse_qsl(parts.query))
    key, now = dependencies.fetch_link_key("links"), dependencies.get_utc_now()
    verdicts = [
        check_signed_link(key, "0" * 24, "report.html", query, now + timedelta(days=days)) for days in (2.99, 3.01)
    ]
    assert verdicts == [LinkVerdict.VALID, LinkVerdict.EXPIRED]

    secrets.put_secret_value(SecretId="links", SecretString="n" * 64)
    assert dependencies.fetch_link_key("links") == key
    assert dependencies.fetch_link_key("links", fresh=True) == b"n" * 64


def test_without_a_key_or_an_address_there_are_no_links() -> None:
    settings = dependencies.get_settings()

    assert _build_link_maker(replace(settings, public_url="https://api.example")) is None
    assert _build_link_maker(replace(settings, links_secret="links")) is None
