"""Parse the environment variables of the functions, once at the start of each process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from contact_import.domain.labels import Labels
from contact_import.errors import SettingsError
from contact_import.setting_values import (
    is_this_machine,
    parse_ambiguous_policy,
    parse_canary_contacts,
    parse_count,
    parse_endpoint_url,
    parse_flag,
    parse_link_lifetime,
    parse_names,
    parse_queue_url,
    parse_rate,
    parse_region,
    parse_state_machine_arn,
    parse_topic_arn,
)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings, with their units in their names and their defaults. docs/settings.md describes the variables.

    `from_env` checks every value. A setting that is "" switches off the part that needs it.
    """

    bucket: str
    cellcast_secret: str
    cellcast_url: str = "https://api.cellcast.com"
    batch_max_contacts: int = 400
    batch_max_bytes: int = 90_000
    account_calls_per_second: float = 14.0
    rate_table: str = ""  # "": this process does not share the account's rate with others
    calls_per_second: float = 10.0  # of this process, without the table
    delivery_table: str = ""  # "": the claims and commits of new deliveries are in the bucket
    concurrency: int = 16
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
    state_machine_arn: str = ""  # "": every file is imported in one invocation
    upload_queue_url: str = ""  # the sweep cannot run without it
    notify_topic_arn: str = ""  # "": no mail is sent
    hooks_secret: str = ""  # the HTTP API cannot run without it
    queue_url: str = ""  # the HTTP API cannot run without it
    public_url: str = ""  # "": the URL of the request is used
    links_secret: str = ""  # "": there are no signed links to results
    link_lifetime_days: int = 7
    callback_queue_url: str = ""  # an import with a callback cannot be reported without it
    callback_secret: str = ""  # callbacks cannot be signed without it
    sandbox: bool = False  # true: the endpoint is a simulated Cellcast, and every result says so

    def __post_init__(self) -> None:
        parts = urlsplit(self.cellcast_url)
        # `from_env` allows plain http only for an address of this machine.
        if self.sandbox and not is_this_machine(parts.hostname or "", is_sam_local=parts.scheme == "http"):
            # A result must never describe a real import as a practice run.
            raise SettingsError("SANDBOX is true, but CELLCAST_URL is not an address of this machine.")

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Parse the environment. A variable that is missing or blank has its default.

        Raise SettingsError for the first value that cannot be used, with a sentence that names the variable.
        """
        values: dict[str, Any] = {name.lower(): _read_required(env, name) for name in ("BUCKET", "CELLCAST_SECRET")}
        parse_url: Callable[[str], object] = partial(
            parse_endpoint_url, is_sam_local=env.get("AWS_SAM_LOCAL") == "true"
        )
        for name, parse in {**_PARSERS, "CELLCAST_URL": parse_url, "PUBLIC_URL": parse_url}.items():
            if text := env.get(name, "").strip():
                values[name.lower()] = _parse_setting(name, text, parse)
        labels = Labels(tags=values.pop("default_tags", ()), lists=values.pop("default_lists", ()))
        return cls(**values, default_labels=labels)


# By the variable, which is the name of the field in capitals. `str` checks nothing.
_PARSERS: Mapping[str, Callable[[str], object]] = {
    "BATCH_MAX_CONTACTS": parse_count,
    "BATCH_MAX_BYTES": parse_count,
    "ACCOUNT_CALLS_PER_SECOND": parse_rate,
    "RATE_TABLE": str,
    "CALLS_PER_SECOND": parse_rate,
    "DELIVERY_TABLE": str,
    "CONCURRENCY": parse_count,
    "INLINE_MAX_BYTES": parse_count,
    "DEFAULT_TAGS": parse_names,
    "DEFAULT_LISTS": parse_names,
    "PHONE_REGION": parse_region,
    "MOBILE_ONLY": parse_flag,
    "REQUIRE_CONSENT": parse_flag,
    "ON_AMBIGUOUS": parse_ambiguous_policy,
    "CANARY_CONTACTS": parse_canary_contacts,
    "CHECK_ACCOUNT": parse_flag,
    "SCREEN_OPT_OUTS": parse_flag,
    "VERIFY": parse_flag,
    "STATE_MACHINE_ARN": parse_state_machine_arn,
    "UPLOAD_QUEUE_URL": parse_queue_url,
    "NOTIFY_TOPIC_ARN": parse_topic_arn,
    "HOOKS_SECRET": str,
    "QUEUE_URL": parse_queue_url,
    "LINKS_SECRET": str,
    "LINK_LIFETIME_DAYS": parse_link_lifetime,
    "CALLBACK_QUEUE_URL": parse_queue_url,
    "CALLBACK_SECRET": str,
    "SANDBOX": parse_flag,
}


def _read_required(env: Mapping[str, str], name: str) -> str:
    if value := env.get(name, "").strip():
        return value
    raise SettingsError(f"{name} is not set.")


def _parse_setting(name: str, text: str, parse: Callable[[str], object]) -> object:
    try:
        return parse(text)
    except ValueError as error:
        raise SettingsError(f"{name} {error}.") from error
