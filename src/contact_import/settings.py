"""Settings: the environment variables of the functions, parsed once at the start of each."""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlsplit

from contact_import.domain.labels import Labels
from contact_import.errors import SettingsError

# In a container of `sam local`, this machine has one of these addresses. Neither link-local addresses (the metadata
# service) nor names are among them.
_PRIVATE_NETWORKS = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
_MAX_CANARY_CONTACTS = 10_000  # one invocation sends all of them before any other contact
# The bucket keeps for 14 days which file an import id belongs to: a link could not be resolved after that.
_MAX_LINK_LIFETIME_DAYS = 13


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, with the units in their names; README.md describes the variables.

    Functions make them with `from_env`, which checks every value.
    """

    bucket: str
    cellcast_secret: str
    cellcast_url: str = "https://api.cellcast.com"
    batch_max_contacts: int = 400
    batch_max_bytes: int = 90_000
    calls_per_second: float = 10.0
    concurrency: int = 4
    inline_max_bytes: int = 20_000_000
    default_labels: Labels = Labels()
    phone_region: str = "AU"
    mobile_only: bool = True
    require_consent: bool = False
    on_ambiguous: str = "resend"
    canary_contacts: int = 25
    check_account: bool = False
    screen_opt_outs: bool = False
    verify: bool = False
    state_machine_arn: str = ""  # empty: every file is imported in one invocation
    upload_queue_url: str = ""  # the sweep cannot run without it
    notify_topic_arn: str = ""  # empty: no mail is sent
    hooks_secret: str = ""  # the HTTP API cannot run without it
    queue_url: str = ""  # the HTTP API cannot run without it
    public_url: str = ""  # empty: the URL of the request counts
    links_secret: str = ""  # empty: there are no signed links to results
    link_lifetime_days: int = 7
    sandbox: bool = False  # true: the endpoint is a simulated Cellcast, and every result says so

    def __post_init__(self) -> None:
        parts = urlsplit(self.cellcast_url)
        # `from_env` takes plain http only for an address of this machine.
        if self.sandbox and not _is_this_machine(parts.hostname or "", is_sam_local=parts.scheme == "http"):
            # A result must never call a real import a practice run.
            raise SettingsError("SANDBOX is true, but CELLCAST_URL is not an address of this machine.")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Parse the environment; a variable that is missing or blank has its default.

        Raise SettingsError for the first value that cannot be used, in one sentence that names the variable.
        """
        parse_url = partial(_parse_endpoint_url, is_sam_local=env.get("AWS_SAM_LOCAL") == "true")
        return cls(
            bucket=_read_required(env, "BUCKET"),
            cellcast_secret=_read_required(env, "CELLCAST_SECRET"),
            cellcast_url=_read_setting(env, "CELLCAST_URL", "https://api.cellcast.com", parse_url),
            batch_max_contacts=_read_setting(env, "BATCH_MAX_CONTACTS", 400, _parse_count),
            batch_max_bytes=_read_setting(env, "BATCH_MAX_BYTES", 90_000, _parse_count),
            calls_per_second=_read_setting(env, "CALLS_PER_SECOND", 10.0, _parse_rate),
            concurrency=_read_setting(env, "CONCURRENCY", 4, _parse_count),
            inline_max_bytes=_read_setting(env, "INLINE_MAX_BYTES", 20_000_000, _parse_count),
            default_labels=Labels(
                tags=_read_setting(env, "DEFAULT_TAGS", (), _parse_names),
                lists=_read_setting(env, "DEFAULT_LISTS", (), _parse_names),
            ),
            phone_region=_read_setting(env, "PHONE_REGION", "AU", _parse_region),
            mobile_only=_read_setting(env, "MOBILE_ONLY", default=True, parse=_parse_flag),
            require_consent=_read_setting(env, "REQUIRE_CONSENT", default=False, parse=_parse_flag),
            on_ambiguous=_read_setting(env, "ON_AMBIGUOUS", "resend", _parse_ambiguous_policy),
            canary_contacts=_read_setting(env, "CANARY_CONTACTS", 25, _parse_canary_contacts),
            check_account=_read_setting(env, "CHECK_ACCOUNT", default=False, parse=_parse_flag),
            screen_opt_outs=_read_setting(env, "SCREEN_OPT_OUTS", default=False, parse=_parse_flag),
            verify=_read_setting(env, "VERIFY", default=False, parse=_parse_flag),
            state_machine_arn=_read_setting(env, "STATE_MACHINE_ARN", "", _parse_state_machine_arn),
            upload_queue_url=_read_setting(env, "UPLOAD_QUEUE_URL", "", _parse_queue_url),
            notify_topic_arn=_read_setting(env, "NOTIFY_TOPIC_ARN", "", _parse_topic_arn),
            hooks_secret=env.get("HOOKS_SECRET", "").strip(),
            queue_url=_read_setting(env, "QUEUE_URL", "", _parse_queue_url),
            public_url=_read_setting(env, "PUBLIC_URL", "", parse_url),
            links_secret=env.get("LINKS_SECRET", "").strip(),
            link_lifetime_days=_read_setting(env, "LINK_LIFETIME_DAYS", 7, _parse_link_lifetime),
            sandbox=_read_setting(env, "SANDBOX", default=False, parse=_parse_flag),
        )


def _read_required(env: Mapping[str, str], name: str) -> str:
    if value := env.get(name, "").strip():
        return value
    raise SettingsError(f"{name} is not set.")


def _read_setting[T](env: Mapping[str, str], name: str, default: T, parse: Callable[[str], T]) -> T:
    text = env.get(name, "").strip()
    if not text:
        return default
    try:
        return parse(text)
    except ValueError as error:
        raise SettingsError(f"{name} {error}.") from error


def _parse_count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10**12:
        raise ValueError("must be a whole number of at least 1")
    return int(text)


def _parse_canary_contacts(text: str) -> int:
    if not text.isdecimal() or int(text) > _MAX_CANARY_CONTACTS:
        raise ValueError(f"must be a whole number from 0 to {_MAX_CANARY_CONTACTS}")
    return int(text)


def _parse_link_lifetime(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MAX_LINK_LIFETIME_DAYS:
        raise ValueError(f"must be a whole number of days from 1 to {_MAX_LINK_LIFETIME_DAYS}")
    return int(text)


def _parse_rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 15:  # Cellcast allows an account 15 calls a second, all functions together.
        raise ValueError("must be a number above 0 and at most 15")
    return rate


def _parse_names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def _parse_region(text: str) -> str:
    if text.upper() == "AU":
        return "AU"
    # The default needs no check, so the functions that only receive webhooks start without the rules of numbers.
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415

    if text.upper() not in SUPPORTED_REGIONS:
        raise ValueError("must be a country code of two letters, such as AU")
    return text.upper()


def _parse_flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("must be true or false")
    return text.lower() == "true"


def _parse_ambiguous_policy(text: str) -> str:
    if text not in ("resend", "hold"):
        raise ValueError("must be resend or hold")
    return text


def _parse_state_machine_arn(text: str) -> str:
    if not text.startswith("arn:") or ":stateMachine:" not in text:
        raise ValueError("must be the ARN of a state machine")
    return text


def _parse_topic_arn(text: str) -> str:
    if not text.startswith("arn:") or ":sns:" not in text:
        raise ValueError("must be the ARN of a topic")
    return text


def _parse_queue_url(text: str) -> str:
    if not text.startswith(("https://", "http://")):
        raise ValueError("must be the address of a queue")
    return text


def _parse_endpoint_url(text: str, *, is_sam_local: bool) -> str:
    try:
        parts = urlsplit(text)
        well_formed = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError:
        well_formed = False
    if not well_formed or parts.username or parts.query or parts.fragment:
        raise ValueError("must be an address such as https://api.cellcast.com")
    if parts.scheme == "http" and not _is_this_machine(parts.hostname or "", is_sam_local=is_sam_local):
        raise ValueError("must begin with https://, so that the key travels encrypted")
    return text.rstrip("/")


def _is_this_machine(host: str, *, is_sam_local: bool) -> bool:
    """Return whether a host is this machine: loopback or, inside a container of `sam local`, a private address."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or (is_sam_local and any(address in network for network in _PRIVATE_NETWORKS))
