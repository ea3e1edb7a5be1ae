"""The values of environment variables: each function returns one, or raises ValueError with the end of a sentence."""

import ipaddress
from urllib.parse import urlsplit

# In a container of `sam local`, this machine has one of these addresses. Neither link-local addresses (the metadata
# service) nor names are among them.
_PRIVATE_NETWORKS = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_MAX_CANARY_CONTACTS = 10_000  # one invocation sends all of them before any other contact
# The bucket keeps for 14 days which file an import id belongs to: a link could not be resolved after that.
_MAX_LINK_LIFETIME_DAYS = 13


def parse_count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10**12:
        raise ValueError("must be a whole number of at least 1")
    return int(text)


def parse_canary_contacts(text: str) -> int:
    if not text.isdecimal() or int(text) > _MAX_CANARY_CONTACTS:
        raise ValueError(f"must be a whole number from 0 to {_MAX_CANARY_CONTACTS}")
    return int(text)


def parse_link_lifetime(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MAX_LINK_LIFETIME_DAYS:
        raise ValueError(f"must be a whole number of days from 1 to {_MAX_LINK_LIFETIME_DAYS}")
    return int(text)


def parse_rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 15:  # Cellcast allows an account 15 calls a second, all functions together.
        raise ValueError("must be a number above 0 and at most 15")
    return rate


def parse_names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def parse_region(text: str) -> str:
    if text.upper() == "AU":
        return "AU"
    # The default needs no check, so the functions that only receive webhooks start without the rules of numbers.
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415

    if text.upper() not in SUPPORTED_REGIONS:
        raise ValueError("must be a country code of two letters, such as AU")
    return text.upper()


def parse_flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("must be true or false")
    return text.lower() == "true"


def parse_ambiguous_policy(text: str) -> str:
    if text not in ("resend", "hold"):
        raise ValueError("must be resend or hold")
    return text


def parse_state_machine_arn(text: str) -> str:
    if not text.startswith("arn:") or ":stateMachine:" not in text:
        raise ValueError("must be the ARN of a state machine")
    return text


def parse_topic_arn(text: str) -> str:
    if not text.startswith("arn:") or ":sns:" not in text:
        raise ValueError("must be the ARN of a topic")
    return text


def parse_queue_url(text: str) -> str:
    if not text.startswith(("https://", "http://")):
        raise ValueError("must be the address of a queue")
    return text


def parse_endpoint_url(text: str, *, is_sam_local: bool) -> str:
    try:
        parts = urlsplit(text)
        well_formed = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError:
        well_formed = False
    if not well_formed or parts.username or parts.query or parts.fragment:
        raise ValueError("must be an address such as https://api.cellcast.com")
    if parts.scheme == "http" and not is_this_machine(parts.hostname or "", is_sam_local=is_sam_local):
        raise ValueError("must begin with https://, so that the key travels encrypted")
    return text.rstrip("/")


def is_this_machine(host: str, *, is_sam_local: bool) -> bool:
    """Return whether a host is this machine: loopback or, inside a container of `sam local`, a private address."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or (is_sam_local and any(address in network for network in _PRIVATE_NETWORKS))
