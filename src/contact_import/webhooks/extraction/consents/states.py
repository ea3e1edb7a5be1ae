"""Find what a delivery says of a phone in the phone's own object: that it is invalid, bounced or disconnected."""

from collections.abc import Callable, Iterator

from contact_import.columns.header_match import find_header_name, split_words
from contact_import.domain.roles import Role
from contact_import.fields.consent.answer import read_consent
from contact_import.fields.consent.header import ConsentKind, classify_consent_header
from contact_import.webhooks.extraction.json_value import JsonValue, to_text

_OPT_OUT_LABEL = "phones opted out"
_KINDS = (ConsentKind.STATE, ConsentKind.OPT_OUT)


def find_phone_states(key: str, value: JsonValue) -> Iterator[tuple[str, str | bool]]:
    """Yield the states in the object of a phone, with the phone in their labels: `phone status` of `phone.status`."""
    if isinstance(value, dict) and find_header_name(split_words(key)) is Role.PHONE:
        for name, state in value.items():
            if isinstance(state, str | bool) and _find_kind(name) in _KINDS:
                yield f"phone {name}", state


def drop_unusable_phones(
    key: str, phones: list[JsonValue], refuses_sms: Callable[[str, str | bool], bool]
) -> list[tuple[str, JsonValue]] | None:
    """Return a list of phones without those that are opted out or unusable, or None if there are none of these.

    If all are, return them with a no for the person. `refuses_sms` says whether a member of a phone refuses SMS.
    """
    kept = [phone for phone in phones if not _is_unusable(phone, refuses_sms)]
    if len(kept) == len(phones):
        return None
    return [(key, [*kept])] if kept else [(key, [*phones]), (_OPT_OUT_LABEL, True)]


def _is_unusable(phone: JsonValue, refuses_sms: Callable[[str, str | bool], bool]) -> bool:
    return isinstance(phone, dict) and any(
        _is_bad_state(key, value) or refuses_sms(key, value)
        for key, value in phone.items()
        if isinstance(value, str | bool)
    )


def _is_bad_state(key: str, value: str | bool) -> bool:
    kind = _find_kind(key)
    return kind is not None and kind in _KINDS and read_consent(to_text(value), kind).verdict.is_held_back


def _find_kind(key: str) -> ConsentKind | None:
    return classify_consent_header(split_words(f"phone {key}"))
