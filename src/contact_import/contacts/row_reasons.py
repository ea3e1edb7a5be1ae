"""Explain why a row is not sent, with the name of the user's own column."""

from contact_import.columns.detect import Columns
from contact_import.contacts.row_block import RowBlock
from contact_import.domain.consent import Consent, ConsentEvidence
from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.domain.outcomes import Outcome
from contact_import.domain.roles import CONSENT_ROLES, Role
from contact_import.fields.moment import read_moment
from contact_import.fields.phone_reasons import OTHER_COUNTRY, NoPhone

MAX_HEADER_CHARS = 60
NO_PHONE_COLUMN = "file: it has no column of phone numbers"
DUPLICATE = "same number as row {}"
DUPLICATE_BEFORE = "same number as a row of the earlier import, so it was not sent again"
OPTED_OUT_BEFORE = "consent: held back in the earlier import, and the row does not say yes now"
UNREADABLE_BEFORE = "row: damaged in the first upload; check its cells, then empty its _status cell"

_MAX_DIGITS = 6  # a value with more digits may be a phone number or an address
_DIGIT = compile_lazily(r"\d")
_SAYS_NO_OF_NUMBER = "row {} says no to SMS for the same number"
_UNCLEAR_OF_NUMBER = "row {} has the same number, and its consent is unclear"
_FIRST_ROW = compile_lazily(r": same number as row (\d+)$")


def get_phone_column_name(columns: Columns, index: int | None = None) -> str:
    """Return the name of the phone column at an index, by default of the best one."""
    indexes = columns.role_indexes.get(Role.PHONE, ()) if index is None else (index,)
    return get_column_name(columns, indexes[0]) if indexes else "Phone number"


def get_column_name(columns: Columns, index: int) -> str:
    """Return the header of a column in one line of at most 60 characters, or `column 2` for one without a header."""
    header = _shorten(columns.columns[index].header) if index < len(columns.columns) else ""
    return header if columns.header_line is not None and header else f"column {index + 1}"


def explain_phone(block: RowBlock, row: int, phone: NoPhone) -> str:
    """Return the reason why a row has no usable phone. For a foreign number it includes the country of the row."""
    index = block.find_phone_index(row, phone.place)
    reason = f"{get_phone_column_name(block.columns, index)}: {phone.reason}"
    if phone.reason == OTHER_COUNTRY and index is not None and (found := block.find_country_cell(row, index)):
        return f"{reason}; {get_column_name(block.columns, found[0])} is {quote(found[1])}"
    return reason


def explain_duplicate(columns: Columns, first_row: int) -> str:
    """Return the reason why a row is not sent whose number an earlier row has."""
    return f"{get_phone_column_name(columns)}: {DUPLICATE.format(first_row)}"


def is_held_again(outcome: Outcome) -> bool:
    """Return whether the only reason for not sending a row is that an earlier import did not send it."""
    return outcome.reason.endswith((DUPLICATE_BEFORE, OPTED_OUT_BEFORE, UNREADABLE_BEFORE))


def read_first_row(reason: str) -> int:
    """Return the number of the earlier row in a reason of `explain_duplicate`, 0 for any other reason."""
    found = _FIRST_ROW.search(reason)
    return int(found[1]) if found else 0


def explain_evidence(evidence: ConsentEvidence) -> str:
    """Return the reason why a row with this evidence is held back."""
    label, value = _shorten(evidence.label), quote(evidence.value)
    if evidence.counter_label:
        return f"{label}: {value} is a yes, but {_shorten(evidence.counter_label)} says {quote(evidence.counter_value)}"
    if evidence.verdict is Consent.UNCLEAR:
        return f"{label}: cannot tell whether {value} means yes; write Yes if it does"
    return f"{label}: {value} means no SMS"


def explain_refusal(refusal: ConsentEvidence) -> str:
    """Return the reason why a row is held back whose name, label or remark refuses contact."""
    label, value = _shorten(refusal.label), quote(refusal.value)
    if not label:
        return "consent: the name says not to contact this person"
    if refusal.verdict is Consent.UNCLEAR:
        return f"{label}: {value} may mean no SMS; if it does not, change the cell"
    return f"{label}: {value} means no SMS"


def explain_held_number(row_number: int, verdict: Consent) -> str:
    """Return the reason why a row is held back whose number another row opts out."""
    sentence = _SAYS_NO_OF_NUMBER if verdict is Consent.NO else _UNCLEAR_OF_NUMBER
    return f"consent: {sentence.format(row_number)}"


def explain_silence(columns: Columns) -> str:
    """Return the reason why a row without an answer is held back if consent is required."""
    headers = [columns.columns[index].header for role in CONSENT_ROLES for index in columns.role_indexes.get(role, ())]
    if not headers:
        return "consent: no column says who agreed to SMS, and this importer requires consent"
    return f"{_shorten(headers[0])}: empty, and this importer requires consent"


def quote(value: str) -> str:
    """Return a value in quotes, or a paraphrase for a remark with an e-mail address or a number in it.

    Reports and logs must not repeat personal data.
    """
    is_personal = "@" in value or (len(_DIGIT.findall(value)) > _MAX_DIGITS and not read_moment(value))
    return "what is filled in" if is_personal else f"“{_shorten(value)}”"


def _shorten(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= MAX_HEADER_CHARS else f"{text[: MAX_HEADER_CHARS - 1]}…"
