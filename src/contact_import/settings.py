"""The environment, read once."""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from contact_import.domain.labels import Labels
from contact_import.errors import SettingsError

_FEW = 10_000  # contacts that one invocation sends before any other


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, with the units in the names.

    `from_env` is the only way in: a `Settings` that exists is usable.
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
    on_ambiguous: str = "resend"
    first_sip: int = 25
    check_account: bool = False
    screen_opt_outs: bool = False
    verify: bool = False
    state_machine_arn: str = ""  # empty: every file is imported in one invocation
    upload_queue_url: str = ""  # empty: what was left behind is not looked for
    notify_topic_arn: str = ""  # empty: nobody gets a mail
    hooks_secret: str = ""  # empty: nobody may come in over HTTP
    queue_url: str = ""  # empty: nothing is taken over HTTP
    public_url: str = ""  # empty: as the request says

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Raise SettingsError, in one sentence that names the variable, at the first value that cannot be."""
        return cls(
            bucket=_required(env, "BUCKET"),
            cellcast_secret=_required(env, "CELLCAST_SECRET"),
            cellcast_url=_read(env, "CELLCAST_URL", "https://api.cellcast.com", _endpoint),
            batch_max_contacts=_read(env, "BATCH_MAX_CONTACTS", 400, _count),
            batch_max_bytes=_read(env, "BATCH_MAX_BYTES", 90_000, _count),
            calls_per_second=_read(env, "CALLS_PER_SECOND", 10.0, _rate),
            concurrency=_read(env, "CONCURRENCY", 4, _count),
            inline_max_bytes=_read(env, "INLINE_MAX_BYTES", 20_000_000, _count),
            default_labels=Labels(
                tags=_read(env, "DEFAULT_TAGS", (), _names),
                lists=_read(env, "DEFAULT_LISTS", (), _names),
            ),
            phone_region=_read(env, "PHONE_REGION", "AU", _region),
            mobile_only=_read(env, "MOBILE_ONLY", default=True, parse=_flag),
            on_ambiguous=_read(env, "ON_AMBIGUOUS", "resend", _policy),
            first_sip=_read(env, "FIRST_SIP", 25, _few),
            check_account=_read(env, "CHECK_ACCOUNT", default=False, parse=_flag),
            screen_opt_outs=_read(env, "SCREEN_OPT_OUTS", default=False, parse=_flag),
            verify=_read(env, "VERIFY", default=False, parse=_flag),
            state_machine_arn=_read(env, "STATE_MACHINE_ARN", "", _arn),
            upload_queue_url=_read(env, "UPLOAD_QUEUE_URL", "", _queue),
            notify_topic_arn=_read(env, "NOTIFY_TOPIC_ARN", "", _topic),
            hooks_secret=env.get("HOOKS_SECRET", "").strip(),
            queue_url=_read(env, "QUEUE_URL", "", _queue),
            public_url=_read(env, "PUBLIC_URL", "", _endpoint),
        )


def _required(env: Mapping[str, str], name: str) -> str:
    if value := env.get(name, "").strip():
        return value
    raise SettingsError(f"{name} is not set.")


def _read[T](env: Mapping[str, str], name: str, default: T, parse: Callable[[str], T]) -> T:
    text = env.get(name, "").strip()
    if not text:
        return default
    try:
        return parse(text)
    except ValueError as error:
        raise SettingsError(f"{name} {error}.") from error


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 10**12:
        raise ValueError("must be a whole number of at least 1")
    return int(text)


def _few(text: str) -> int:
    if not text.isdecimal() or int(text) > _FEW:
        raise ValueError(f"must be a whole number from 0 to {_FEW}")
    return int(text)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 15:
        # cellcast.md: an account has 15 calls a second, all functions together.
        raise ValueError("must be a number above 0 and at most 15")
    return rate


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip())))


def _region(text: str) -> str:
    if text.upper() == "AU":  # as nearly always: who only takes in a delivery need not load the rules of numbers
        return "AU"
    from phonenumbers import SUPPORTED_REGIONS  # noqa: PLC0415

    if text.upper() not in SUPPORTED_REGIONS:
        raise ValueError("must be a country code of two letters, such as AU")
    return text.upper()


def _flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError("must be true or false")
    return text.lower() == "true"


def _policy(text: str) -> str:
    if text not in ("resend", "hold"):
        raise ValueError("must be resend or hold")
    return text


def _arn(text: str) -> str:
    if not text.startswith("arn:") or ":stateMachine:" not in text:
        raise ValueError("must be the ARN of a state machine")
    return text


def _topic(text: str) -> str:
    if not text.startswith("arn:") or ":sns:" not in text:
        raise ValueError("must be the ARN of a topic")
    return text


def _queue(text: str) -> str:
    if not text.startswith(("https://", "http://")):
        raise ValueError("must be the address of a queue")
    return text


def _endpoint(text: str) -> str:
    try:
        parts = urlsplit(text)
        well_formed = parts.scheme in ("https", "http") and parts.hostname and parts.port != 0
    except ValueError:
        well_formed = False
    if not well_formed or parts.username or parts.query or parts.fragment:
        raise ValueError("must be an address such as https://api.cellcast.com")
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise ValueError("must begin with https://, so that the key travels encrypted")
    return text.rstrip("/")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
