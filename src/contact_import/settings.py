"""Parse the environment variables of the functions, once at the start of each process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
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
    """All settings, with their units in their names. docs/settings.md describes the variables.

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
        # The defaults repeat those of the class, which tests and `local` construct directly; a test compares them.
        parse_url = partial(parse_endpoint_url, is_sam_local=env.get("AWS_SAM_LOCAL") == "true")
        return cls(
            bucket=_read_required(env, "BUCKET"),
            cellcast_secret=_read_required(env, "CELLCAST_SECRET"),
            cellcast_url=_read_setting(env, "CELLCAST_URL", "https://api.cellcast.com", parse_url),
            batch_max_contacts=_read_setting(env, "BATCH_MAX_CONTACTS", 400, parse_count),
            batch_max_bytes=_read_setting(env, "BATCH_MAX_BYTES", 90_000, parse_count),
            account_calls_per_second=_read_setting(env, "ACCOUNT_CALLS_PER_SECOND", 14.0, parse_rate),
            rate_table=env.get("RATE_TABLE", "").strip(),
            calls_per_second=_read_setting(env, "CALLS_PER_SECOND", 10.0, parse_rate),
            concurrency=_read_setting(env, "CONCURRENCY", 16, parse_count),
            inline_max_bytes=_read_setting(env, "INLINE_MAX_BYTES", 20_000_000, parse_count),
            default_labels=Labels(
                tags=_read_setting(env, "DEFAULT_TAGS", (), parse_names),
                lists=_read_setting(env, "DEFAULT_LISTS", (), parse_names),
            ),
            phone_region=_read_setting(env, "PHONE_REGION", "AU", parse_region),
            mobile_only=_read_setting(env, "MOBILE_ONLY", default=True, parse=parse_flag),
            require_consent=_read_setting(env, "REQUIRE_CONSENT", default=False, parse=parse_flag),
            on_ambiguous=_read_setting(env, "ON_AMBIGUOUS", "resend", parse_ambiguous_policy),
            canary_contacts=_read_setting(env, "CANARY_CONTACTS", 25, parse_canary_contacts),
            check_account=_read_setting(env, "CHECK_ACCOUNT", default=False, parse=parse_flag),
            screen_opt_outs=_read_setting(env, "SCREEN_OPT_OUTS", default=False, parse=parse_flag),
            verify=_read_setting(env, "VERIFY", default=False, parse=parse_flag),
            state_machine_arn=_read_setting(env, "STATE_MACHINE_ARN", "", parse_state_machine_arn),
            upload_queue_url=_read_setting(env, "UPLOAD_QUEUE_URL", "", parse_queue_url),
            notify_topic_arn=_read_setting(env, "NOTIFY_TOPIC_ARN", "", parse_topic_arn),
            hooks_secret=env.get("HOOKS_SECRET", "").strip(),
            queue_url=_read_setting(env, "QUEUE_URL", "", parse_queue_url),
            public_url=_read_setting(env, "PUBLIC_URL", "", parse_url),
            links_secret=env.get("LINKS_SECRET", "").strip(),
            link_lifetime_days=_read_setting(env, "LINK_LIFETIME_DAYS", 7, parse_link_lifetime),
            callback_queue_url=_read_setting(env, "CALLBACK_QUEUE_URL", "", parse_queue_url),
            callback_secret=env.get("CALLBACK_SECRET", "").strip(),
            sandbox=_read_setting(env, "SANDBOX", default=False, parse=parse_flag),
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
