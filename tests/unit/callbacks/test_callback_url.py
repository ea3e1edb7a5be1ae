"""Which addresses may be called back."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.callbacks.callback_url import CallbackUrl, is_callable_address, parse_callback_url

HOSTILE = [
    "",
    "http://example.com/",
    "HTTP://example.com/",
    "ftp://example.com/",
    "file:///etc/passwd",
    "https://localhost/",
    "https://intranet/",
    "https://127.0.0.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0177.0.0.1/",
    "https://127.1/",
    "https://[::1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://169.254.169.254/latest/meta-data/",
    "https://user@example.com/",
    "https://example.com:secret@example.org/",
    "https://example.com@127.0.0.1/",
    "https://127.0.0.1#@example.com/",
    "https://example.com\\@127.0.0.1/",
    "https://example.com/\\..",
    "https://example.com/#fragment",
    "https://example.com:0/",
    "https://example.com:65536/",
    "https://example.com:999999/",
    "https://example.com:/",
    "https://example.com:443:80/",
    "https://example..com/",
    "https://.example.com/",
    "https://example.com./",
    "https://-a.example.com/",
    "https://exa mple.com/",
    "https://example.com/a b",
    "https://example.com/\r\nX-Header: 1",
    "https://example.com/\n",
    "https://example.com\x00.evil.example/",
    "https://example.com/\u00fc",
    "https://ex\u00e4mple.com/",
    "https:example.com/",
    "https:///example.com/",
    "https//example.com/",
    " https://example.com/",
    "https://example.com/ ",
    "//example.com/",
    "https://example.c0m.1/",
    f"https://{'a' * 64}.example.com/",
    f"https://{'a.' * 130}com/",
    f"https://example.com/{'a' * 2000}",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("allow_loopback", [False, True])
def test_what_is_not_an_https_address_with_a_host_name_is_none(text: str, *, allow_loopback: bool) -> None:
    assert parse_callback_url(text, allow_loopback=allow_loopback) is None


def test_the_parts_are_those_that_are_called() -> None:
    for text, parts in {
        "https://example.com": ("example.com", 443, "/"),
        "https://Hooks.Example.COM/A?b=C%20d": ("hooks.example.com", 443, "/A?b=C%20d"),
        "HTTPS://a-1.example.com:8443?x=1&y=[2]": ("a-1.example.com", 8443, "/?x=1&y=[2]"),
        "https://xn--exmple-cua.com/x/../y": ("xn--exmple-cua.com", 443, "/x/../y"),
    }.items():
        assert parse_callback_url(text) == CallbackUrl(True, *parts)


def test_plain_http_on_this_machine_is_taken_only_where_it_is_allowed() -> None:
    for text in ("http://127.0.0.1:9000/x", "http://localhost:9000/x"):
        assert parse_callback_url(text) is None
        parsed = parse_callback_url(text, allow_loopback=True)
        assert parsed
        assert (parsed.is_tls, parsed.port, parsed.target) == (False, 9000, "/x")
    for text in ("http://127.0.0.2/", "http://localhost.example.com/", "http://10.0.0.1/"):
        assert parse_callback_url(text, allow_loopback=True) is None


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=40))
def test_no_text_leads_out_of_its_host(text: str) -> None:
    parsed = parse_callback_url(f"https://example.com{text}")

    assert parsed is None or parsed.host == "example.com" or text[0] in ".-" or text[0].isascii()
    assert parsed is None or parsed.target.isascii()
    assert parsed is None or not set(parsed.target) & set(" \r\n\\#")


def test_the_repr_has_no_token() -> None:
    assert "s3cret" not in repr(parse_callback_url("https://example.com/s3cret?token=s3cret"))


@pytest.mark.parametrize(
    "address",
    "127.0.0.1 10.1.2.3 172.16.0.1 192.168.1.1 169.254.169.254 169.254.170.2 100.64.0.1 0.0.0.0 224.0.0.1 "
    "255.255.255.255 192.0.0.8 198.18.0.1 203.0.113.5 240.0.0.1".split(),
)
def test_no_private_or_special_address_is_called(address: str) -> None:
    assert not is_callable_address(address, is_tls=True)


@given(st.ip_addresses(v=4))
def test_an_address_is_called_either_over_tls_or_on_this_machine(address: ipaddress.IPv4Address) -> None:
    over_tls, plain = (is_callable_address(str(address), is_tls=is_tls) for is_tls in (True, False))

    assert not (over_tls and plain)
    assert not over_tls or not (address.is_private or address.is_loopback or address.is_link_local)
    assert plain == address.is_loopback


def test_a_public_address_is_called() -> None:
    assert is_callable_address("8.8.8.8", is_tls=True)
