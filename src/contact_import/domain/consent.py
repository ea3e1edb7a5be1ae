"""Consent: whether a person may be sent SMS, and the column or field that says so."""

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
