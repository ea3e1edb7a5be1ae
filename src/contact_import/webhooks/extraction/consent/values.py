"""Apply the meanings that a sender's configuration gives to values of a consent: `{"Pending": "no", "Member": "yes"}`.

A value without such a meaning, which the program does not know either, is unclear, and its person is not sent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from contact_import.columns.header_match import match_role
from contact_import.domain.consent import Consent, ConsentValues, fold_value
from contact_import.domain.roles import CONSENT_ROLES, Role
from contact_import.webhooks.extraction.flatten import BodyValue
from contact_import.webhooks.extraction.json_value import normalize_key


def apply_consent_values(
    values: Sequence[BodyValue], mapping: Mapping[str, str | None], consent_values: Mapping[str, ConsentValues]
) -> tuple[Sequence[BodyValue], Mapping[str, str | None]]:
    """Return the values, with `yes` or `no` in place of each that has a meaning, and a mapping of those to consent.

    The label of such a value quotes the original, for the evidence: `status “Member”`.
    """
    if not consent_values:
        return values, mapping
    mapping = {name: Role.CONSENT.value for name in consent_values if name} | dict(mapping)
    applied = []
    for value in values:
        verdict = _find_verdict(value, consent_values)
        if verdict is None:
            applied.append(value)
        elif verdict is not Consent.SILENT:
            mapping[".".join(value.path)] = Role.CONSENT.value
            names = (f"{value.label} “{value.text}”", *value.names)
            applied.append(replace(value, text=verdict.value, names=names))
    return applied, mapping


def _find_verdict(value: BodyValue, consent_values: Mapping[str, ConsentValues]) -> Consent | None:
    text = fold_value(value.text)
    names = {normalize_key(name) for name in (".".join(value.path), *value.names, *value.path[-1:])}
    # A meaning for one label comes before those for every consent, which are under "".
    for name, verdicts in consent_values.items():
        if name and text in verdicts and normalize_key(name) in names:
            return verdicts[text]
    is_consent = any(match_role(name) in CONSENT_ROLES for name in value.names)
    return consent_values.get("", {}).get(text) if is_consent else None
