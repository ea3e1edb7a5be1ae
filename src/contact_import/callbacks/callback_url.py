"""Parse the address that a caller wants to be called back at, and decide which IP addresses may be called.

The functions run inside AWS. Without this check, a caller with a token could make them call addresses that only they
can reach (server-side request forgery:
https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html).
"""

import ipaddress
import re
from dataclasses import dataclass

_MAX_CHARS = 2000
# One strict form, because two lenient parsers may understand an address differently. The last label of a host begins
# with a letter: a number in any notation (2130706433, 0x7f.1) is an IP address, and none is accepted.
_HOST = r"(?=.{1,253}(?:[:/?]|\Z))(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]"
_TARGET = r"(?::(?P<port>[0-9]{1,5}))?(?P<target>/[!-\"$-\[\]-~]*|\?[!-\"$-\[\]-~]*)?"
_PUBLIC = re.compile(rf"https://(?P<host>{_HOST}){_TARGET}", re.IGNORECASE)
_LOOPBACK = re.compile(rf"http://(?P<host>127\.0\.0\.1|localhost){_TARGET}", re.IGNORECASE)
_MAX_PORT = 65535


@dataclass(frozen=True, slots=True)
class CallbackUrl:
    """An address to call. `target` is path and query as sent. The repr has neither: a query may have a token in it."""

    is_tls: bool
    host: str
    port: int
    target: str

    def __repr__(self) -> str:
        return f"CallbackUrl({self.host}:{self.port})"


def parse_callback_url(text: str, *, allow_loopback: bool = False) -> CallbackUrl | None:
    """Return the parts of an https address with a host name; with `allow_loopback` also of http on this machine.

    Return None for any other text: no IP address, no user name or password, no fragment, at most 2,000 characters.
    """
    if len(text) > _MAX_CHARS:
        return None
    found = _PUBLIC.fullmatch(text)
    is_tls = found is not None
    if found is None and allow_loopback:
        found = _LOOPBACK.fullmatch(text)
    if found is None:
        return None
    port = int(found["port"] or (443 if is_tls else 80))
    if not 1 <= port <= _MAX_PORT:
        return None
    target = found["target"] or "/"
    return CallbackUrl(is_tls, found["host"].lower(), port, target if target.startswith("/") else f"/{target}")


def is_callable_address(address: str, *, is_tls: bool) -> bool:
    """Return whether the IPv4 address of a host may be called: over TLS a public one, else a loopback one."""
    parsed = ipaddress.IPv4Address(address)
    # `is_global` follows IANA's registry of special addresses, which has no entry for multicast.
    return parsed.is_global and not parsed.is_multicast if is_tls else parsed.is_loopback
