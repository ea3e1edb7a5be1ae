"""Say in the user's words why a row is held back for its consent, and how to let it through."""

import re

from contact_import.columns.detect import Columns
from contact_import.domain.consent import Consent, ConsentEvidence
from contact_import.domain.roles import CONSENT_ROLES
from contact_import.fields.moment import read_moment

_MAX_CHARS = 60
_MAX_DIGITS = 6
_DIGIT = re.compile(r"\d")
_SAYS_NO_OF_NUMBER = "row {} says no to SMS for the same number"
_UNCLEAR_OF_NUMBER = "row {} has the same number, and cannot be read as a yes"


def explain_evidence(evidence: ConsentEvidence) -> str:
    """Return why a row with this evidence is held back."""
    label, value = _shorten(evidence.label), _quote(evidence.value)
    if evidence.counter_label:
        return (
            f"{label}: {value} is a yes, but {_shorten(evidence.counter_label)} says {_quote(evidence.counter_value)}"
        )
    if evidence.verdict is Consent.UNCLEAR:
        return f"{label}: cannot tell whether {value} means yes; settle it in the mapping"
    return f"{label}: {value} means no SMS"


def explain_held_number(row_number: int, verdict: Consent) -> str:
    """Return why a row is held back whose number another row opts out."""
    sentence = _SAYS_NO_OF_NUMBER if verdict is Consent.NO else _UNCLEAR_OF_NUMBER
    return f"consent: {sentence.format(row_number)}"


def explain_silence(columns: Columns) -> str:
    """Return why a row without an answer is held back where consent is required."""
    headers = [columns.columns[index].header for role in CONSENT_ROLES for index in columns.role_indexes.get(role, ())]
    if not headers:
        return "consent: no column says who agreed to SMS, and this importer requires consent"
    return f"{_shorten(headers[0])}: empty, and this importer requires consent"


def _quote(value: str) -> str:
    """Return a value in quotes. A remark with an address or a number in it is not repeated: it may be anybody's."""
    is_personal = "@" in value or (len(_DIGIT.findall(value)) > _MAX_DIGITS and not read_moment(value))
    return "what is filled in" if is_personal else f"“{_shorten(value)}”"


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _MAX_CHARS else f"{text[: _MAX_CHARS - 1]}…"
