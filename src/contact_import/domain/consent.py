"""Consent: whether a person may be sent SMS, and the column or field that says so."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Consent(StrEnum):
    """What a row or a delivery says about SMS, by the names of result.json. Only `YES` and `SILENT` may be sent."""

    YES = "yes"
    SILENT = "silent"
    NO = "no"
    UNCLEAR = "unclear"

    @property
    def is_held_back(self) -> bool:
        """Return whether nothing may be sent."""
        return self in (Consent.NO, Consent.UNCLEAR)


class ConsentEvidence(NamedTuple):
    """A verdict with its reason: the user's column or field, and its value. Both are "" for silence.

    `counter_label` and `counter_value` are those of the column that contradicts, for a verdict of `UNCLEAR` that two
    columns make.
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
    """Return a value as it is compared with those of a mapping: without case and spare blanks."""
    return " ".join(cell.split()).casefold()


def parse_consent_values(value: object) -> ConsentValues | None:
    """Parse what a mapping says that values mean, `{"Pending": "no", "Member": "yes"}`; null means neither.

    Return None for anything else.
    """
    if not isinstance(value, Mapping):
        return None
    verdicts = {fold_value(str(text)): _VERDICTS.get(str(verdict).casefold()) for text, verdict in value.items()}
    return {text: verdict for text, verdict in verdicts.items() if verdict} if all(verdicts.values()) else None
