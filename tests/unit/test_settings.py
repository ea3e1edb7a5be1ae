from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.domain.labels import Labels
from contact_import.errors import SettingsError
from contact_import.settings import Settings

REQUIRED = {"BUCKET": "b", "CELLCAST_SECRET": "s"}
NAMES = (
    *REQUIRED,
    "CELLCAST_URL",
    "BATCH_MAX_CONTACTS",
    "CALLS_PER_SECOND",
    "CONCURRENCY",
    "PHONE_REGION",
    "QUEUE_URL",
)


def test_two_variables_are_enough() -> None:
    assert Settings.from_env(REQUIRED) == Settings(bucket="b", cellcast_secret="s")


def test_every_variable_is_read() -> None:
    settings = Settings.from_env(
        REQUIRED
        | {
            "CELLCAST_URL": "http://127.0.0.1:8080/",
            "BATCH_MAX_CONTACTS": "7",
            "BATCH_MAX_BYTES": "5000",
            "ACCOUNT_CALLS_PER_SECOND": "7.5",
            "RATE_TABLE": " rate ",
            "DELIVERY_TABLE": "deliveries",
            "CALLS_PER_SECOND": "2.5",
            "CONCURRENCY": "3",
            "INLINE_MAX_BYTES": "9",
            "DEFAULT_TAGS": "a, b,a",
            "DEFAULT_LISTS": "l",
            "PHONE_REGION": "nz",
            "MOBILE_ONLY": "False",
            "REQUIRE_CONSENT": "true",
            "ON_AMBIGUOUS": "hold",
            "CANARY_CONTACTS": "0",
            "CHECK_ACCOUNT": "true",
            "SCREEN_OPT_OUTS": "true",
            "VERIFY": "true",
            "STATE_MACHINE_ARN": "arn:aws:states:ap-southeast-2:1:stateMachine:Large",
            "UPLOAD_QUEUE_URL": "https://sqs/uploads",
            "NOTIFY_TOPIC_ARN": "arn:aws:sns:ap-southeast-2:1:news",
            "HOOKS_SECRET": " hooks ",
            "QUEUE_URL": "https://sqs/deliveries",
            "PUBLIC_URL": "https://contacts.example.com/api/",
            "LINKS_SECRET": " links ",
            "LINK_LIFETIME_DAYS": "13",
            "CALLBACK_QUEUE_URL": "https://sqs/callbacks",
            "CALLBACK_SECRET": " callbacks ",
            "SANDBOX": "true",
        }
    )

    assert [one.name for one in fields(Settings) if getattr(settings, one.name) == one.default] == []

    assert settings == Settings(
        bucket="b",
        cellcast_secret="s",
        cellcast_url="http://127.0.0.1:8080",
        batch_max_contacts=7,
        batch_max_bytes=5000,
        account_calls_per_second=7.5,
        rate_table="rate",
        delivery_table="deliveries",
        calls_per_second=2.5,
        concurrency=3,
        inline_max_bytes=9,
        default_labels=Labels(tags=("a", "b"), lists=("l",)),
        phone_region="NZ",
        mobile_only=False,
        require_consent=True,
        on_ambiguous="hold",
        canary_contacts=0,
        check_account=True,
        screen_opt_outs=True,
        verify=True,
        state_machine_arn="arn:aws:states:ap-southeast-2:1:stateMachine:Large",
        upload_queue_url="https://sqs/uploads",
        notify_topic_arn="arn:aws:sns:ap-southeast-2:1:news",
        hooks_secret="hooks",
        queue_url="https://sqs/deliveries",
        public_url="https://contacts.example.com/api",
        links_secret="links",
        link_lifetime_days=13,
        callback_queue_url="https://sqs/callbacks",
        callback_secret="callbacks",
        sandbox=True,
    )


@pytest.mark.parametrize("name", ["BUCKET", "CELLCAST_SECRET"])
def test_a_missing_variable_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name} is not set\.$"):
        Settings.from_env(REQUIRED | {name: " "})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CELLCAST_URL", "http://api.cellcast.com"),
        ("CELLCAST_URL", "http://127.0.0.1.example.com"),
        ("CELLCAST_URL", "http://10.0.0.1"),
        ("CELLCAST_URL", "https://user:word@api.cellcast.com"),
        ("CELLCAST_URL", "https://api.cellcast.com?x=1"),
        ("CELLCAST_URL", "https://api.cellcast.com:port"),
        ("CELLCAST_URL", "api.cellcast.com"),
        ("BATCH_MAX_CONTACTS", "0"),
        ("BATCH_MAX_BYTES", "-1"),
        ("CALLS_PER_SECOND", "16"),
        ("CALLS_PER_SECOND", "nan"),
        ("CONCURRENCY", "many"),
        ("PHONE_REGION", "Oz"),
        ("MOBILE_ONLY", "perhaps"),
        ("ON_AMBIGUOUS", "drop"),
        ("CANARY_CONTACTS", "-1"),
        ("CANARY_CONTACTS", "10001"),
        ("VERIFY", "1"),
        ("STATE_MACHINE_ARN", "arn:aws:sns:ap-southeast-2:1:news"),
        ("NOTIFY_TOPIC_ARN", "news"),
        ("QUEUE_URL", "deliveries"),
        ("UPLOAD_QUEUE_URL", "arn:aws:sqs:ap-southeast-2:1:uploads"),
        ("PUBLIC_URL", "http://contacts.example.com"),
        ("LINK_LIFETIME_DAYS", "0"),
        ("LINK_LIFETIME_DAYS", "14"),
        ("LINK_LIFETIME_DAYS", "7 days"),
    ],
)
def test_a_wrong_value_stops_the_start_and_names_the_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name} must "):
        Settings.from_env(REQUIRED | {name: value})


@pytest.mark.parametrize("url", ["", "https://api.cellcast.com"])
def test_a_real_import_cannot_be_called_a_practice_run(url: str) -> None:
    with pytest.raises(SettingsError, match="SANDBOX is true, but"):
        Settings.from_env(REQUIRED | {"SANDBOX": "true", "CELLCAST_URL": url})


@pytest.mark.parametrize("url", ["http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000"])
def test_without_encryption_only_this_machine_is_an_endpoint(url: str) -> None:
    assert Settings.from_env(REQUIRED | {"CELLCAST_URL": url}).cellcast_url == url


@pytest.mark.parametrize("address", ["10.99.0.1", "172.17.0.1", "192.168.65.254"])
def test_a_container_of_sam_local_reaches_this_machine_without_encryption(address: str) -> None:
    variables = REQUIRED | {"CELLCAST_URL": f"http://{address}:3000"}

    assert Settings.from_env(variables | {"AWS_SAM_LOCAL": "true"}).cellcast_url == f"http://{address}:3000"
    assert Settings.from_env(variables | {"AWS_SAM_LOCAL": "true", "SANDBOX": "true"}).sandbox
    with pytest.raises(SettingsError, match="https"):
        Settings.from_env(variables)


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "8.8.8.8", "192.0.2.1", "0.0.0.0", "host.docker.internal", "10.0.0.1.example.com", "[fd00::1]"],
)
def test_a_container_of_sam_local_reaches_nothing_else_without_encryption(host: str) -> None:
    with pytest.raises(SettingsError, match="https"):
        Settings.from_env(REQUIRED | {"CELLCAST_URL": f"http://{host}", "AWS_SAM_LOCAL": "true"})


@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=20), max_size=4))
def test_whatever_the_environment_holds_the_settings_are_usable_or_name_a_variable(changes: dict[str, str]) -> None:
    try:
        settings = Settings.from_env(REQUIRED | changes)
    except SettingsError as error:
        assert str(error).split()[0] in NAMES  # noqa: PT017
    else:
        assert 0 < settings.calls_per_second <= 15
        assert min(settings.batch_max_contacts, settings.batch_max_bytes, settings.concurrency) >= 1
