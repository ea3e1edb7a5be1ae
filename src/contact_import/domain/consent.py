"""Define what a row or a delivery says about consent to SMS, and which column or field says it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Consent(StrEnum):
    """A verdict about SMS, by its name in result.json. Only contacts with `YES` or `SILENT` are sent.

    The Spam Act 2003, section 16, forbids commercial messages without the recipient's consent
    (www.legislation.gov.au/C2004A01214), so `UNCLEAR` counts as `NO`. `SILENT` has no value at all: its list may come
    from a form that asked. The setting REQUIRE_CONSENT holds it back, too.
    """

    YES = "yes"
    SILENT = "silent"
    NO = "no"
    UNCLEAR = "unclear"

    @property
    def is_held_back(self) -> bool:
        """Return whether the person is held back, whatever the settings are."""
        return self in (Consent.NO, Consent.UNCLEAR)


class ConsentEvidence(NamedTuple):
    """A verdict with its reason: `label` is the user's column or field, `value` its content; both are "" for silence.

    Two columns that contradict each other make one `UNCLEAR`: `counter_label` and `counter_value` are of the second.
    """

    verdict: Consent = Consent.SILENT
    label: str = ""
    value: str = ""
    counter_label: str = ""
    counter_value: str = ""


SILENCE = ConsentEvidence()

type ConsentValues = Mapping[str, Consent]

_VERDICTS = {"yes": Consent.YES, "no": Consent.NO, "true": Consent.YES, "false": Consent.NO}
_VERDICTS |= dict.fromkeys(("none", "silent"), Consent.SILENT)


def fold_value(cell: str) -> str:
    """Return a value in the form in which values are compared: "  Opted  IN " becomes "opted in"."""
    return " ".join(cell.split()).casefold()


def parse_consent_values(value: object) -> ConsentValues | None:
    """Parse the meaning of values in a mapping: `{"Pending": "no", "Member": "yes", "Guest": null}`.

    null is neither yes nor no. Return the verdicts by folded value, or None for anything else.
    """
    if not isinstance(value, Mapping):
        return None
    verdicts = {fold_value(str(text)): _VERDICTS.get(str(verdict).casefold()) for text, verdict in value.items()}
    return {text: verdict for text, verdict in verdicts.items() if verdict} if all(verdicts.values()) else None
