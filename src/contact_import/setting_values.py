"""Parse the values of environment variables.

Each function raises ValueError for an invalid value. The message completes a sentence that begins with the name of the
variable: "CONCURRENCY must be a whole number of at least 1."
"""

import ipaddress
from urllib.parse import urlsplit

# RFC 1918: in a container of `sam local`, this machine has one of these addresses. Link-local addresses (where the
# metadata service of AWS is) and host names are not accepted.
_PRIVATE_NETWORKS = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_MAX_CANARY_CONTACTS = 10_000  # one invocation must be able to send all of them before any other contact
# The state under `work/` is deleted after 14 days. Without it, the API cannot find the results of an import id.
_MAX_LINK_LIFETIME_DAYS = 13


def parse_count(text: str) -> int:
    """Parse a whole number from 1 to 10^12: contacts, bytes, or requests in flight."""
    if not text.isdecimal() or not 1 <= int(text) <= 10**12:
        raise ValueError("must be a whole number of at least 1")
    return int(text)


def parse_canary_contacts(text: str) -> int:
    """Parse the size of the canary batch, from 0 (no canary batch) to 10,000 contacts."""
    if not text.isdecimal() or int(text) > _MAX_CANARY_CONTACTS:
        raise ValueError(f"must be a whole number from 0 to {_MAX_CANARY_CONTACTS}")
    return int(text)


def parse_link_lifetime(text: str) -> int:
    """Parse the lifetime of a signed link, from 1 to 13 days."""
    if not text.isdecimal() or not 1 <= int(text) <= _MAX_LINK_LIFETIME_DAYS:
        raise ValueError(f"must be a whole number of days from 1 to {_MAX_LINK_LIFETIME_DAYS}")
    return int(text)


def parse_rate(text: str) -> float:
    """Parse a number of calls a second, above 0 and up to 15, the limit of a Cellcast account."""
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 15:
        raise ValueError("must be a number above 0 and at most 15")
    return rate


def parse_names(text: str) -> tuple[str, ...]:
    """Parse comma-separated names of tags or lists, each once."""
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def parse_region(text: str) -> str:
    """Parse the two-letter code of a country (ISO 3166), in any case."""
    if text.upper() == "AU":
        return "AU"
    # The default needs no check, so that functions that only receive webhooks do not load the rules of numbers.
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415

    if text.upper() not in SUPPORTED_REGIONS:
        raise ValueError("must be a country code of two letters, such as AU")
    return text.upper()


def parse_flag(text: str) -> bool:
    """Parse `true` or `false`, in any case. `1` and `yes` are invalid: a typing error must not switch off a check."""
    if text.lower() not in ("true", "false"):
        raise ValueError("must be true or false")
    return text.lower() == "true"


def parse_ambiguous_policy(text: str) -> str:
    """Parse the policy for a request whose response was lost: `resend` or `hold`."""
    if text not in ("resend", "hold"):
        raise ValueError("must be resend or hold")
    return text


def parse_state_machine_arn(text: str) -> str:
    """Parse `arn:aws:states:<region>:<account>:stateMachine:<name>`."""
    if not text.startswith("arn:") or ":stateMachine:" not in text:
        raise ValueError("must be the ARN of a state machine")
    return text


def parse_topic_arn(text: str) -> str:
    """Parse `arn:aws:sns:<region>:<account>:<name>`."""
    if not text.startswith("arn:") or ":sns:" not in text:
        raise ValueError("must be the ARN of a topic")
    return text


def parse_queue_url(text: str) -> str:
    """Parse the URL of an SQS queue; with http for a simulated one."""
    if not text.startswith(("https://", "http://")):
        raise ValueError("must be the address of a queue")
    return text


def parse_endpoint_url(text: str, *, is_sam_local: bool) -> str:
    """Parse the base URL of an endpoint, without a slash at its end. Only this machine may have plain http."""
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
    """Return whether a host is this machine: a loopback address or, in a container of `sam local`, a private one."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or (is_sam_local and any(address in network for network in _PRIVATE_NETWORKS))
