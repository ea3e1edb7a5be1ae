import pytest

from contact_import.domain.labels import Labels
from contact_import.errors import SettingsError
from contact_import.settings import Settings

REQUIRED = {"BUCKET": "b", "CELLCAST_SECRET": "s"}


def test_two_variables_are_enough() -> None:
    assert Settings.from_env(REQUIRED) == Settings(bucket="b", cellcast_secret="s")


def test_every_variable_is_read() -> None:
    settings = Settings.from_env(
        REQUIRED
        | {
            "CELLCAST_URL": "http://127.0.0.1:8080/",
            "BATCH_MAX_CONTACTS": "7",
            "BATCH_MAX_BYTES": "5000",
            "CALLS_PER_SECOND": "2.5",
            "CONCURRENCY": "3",
            "INLINE_MAX_BYTES": "9",
            "DEFAULT_TAGS": "a, b,a",
            "DEFAULT_LISTS": "l",
            "PHONE_REGION": "nz",
            "MOBILE_ONLY": "False",
            "ON_AMBIGUOUS": "hold",
            "CANARY_CONTACTS": "0",
            "CHECK_ACCOUNT": "true",
            "SCREEN_OPT_OUTS": "true",
            "VERIFY": "true",
        }
    )

    assert settings == Settings(
        bucket="b",
        cellcast_secret="s",
        cellcast_url="http://127.0.0.1:8080",
        batch_max_contacts=7,
        batch_max_bytes=5000,
        calls_per_second=2.5,
        concurrency=3,
        inline_max_bytes=9,
        default_labels=Labels(tags=("a", "b"), lists=("l",)),
        phone_region="NZ",
        mobile_only=False,
        on_ambiguous="hold",
        canary_contacts=0,
        check_account=True,
        screen_opt_outs=True,
        verify=True,
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
    ],
)
def test_a_wrong_value_stops_the_start_and_names_the_variable(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=rf"^{name} must "):
        Settings.from_env(REQUIRED | {name: value})
