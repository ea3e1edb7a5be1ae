"""Leave out the number of a row whose own state is bad, if the row has another: `Phone 2 status: invalid`."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from contact_import.columns.header_match import split_words
from contact_import.domain.consent import Consent
from contact_import.domain.roles import CONSENT_ROLES, Role
from contact_import.fields.consent.answer import read_consent
from contact_import.fields.consent.header import find_consent_kind
from contact_import.fields.consent.kinds import ConsentKind
from contact_import.fields.consent.number_state import is_of_number

type NumberStates = Mapping[int, tuple[int, ConsentKind]]


def find_number_states(role_indexes: Mapping[Role, tuple[int, ...]], header: Sequence[str]) -> NumberStates:
    """Map the index of each phone to the column of its state, with its kind, if the file has several phones.

    A state belongs to the phone with most words in common: `Mobile 2 valid` to `Mobile 2`, and not to `Mobile`.
    """
    phones = role_indexes.get(Role.PHONE, ())
    found: dict[int, tuple[int, ConsentKind]] = {}
    if len(phones) < 2:
        return MappingProxyType(found)
    for role in CONSENT_ROLES:
        for index in role_indexes.get(role, ()):
            words = set(split_words(header[index]))
            named = [phone for phone in phones if set(split_words(header[phone])) <= words]
            if named and is_of_number(split_words(header[index])):
                longest = max(named, key=lambda phone: len(split_words(header[phone])))
                found[longest] = (index, find_consent_kind(role, split_words(header[index])))
    return MappingProxyType(found)


def drop_bad_numbers(
    columns: list[Sequence[str]], states: NumberStates, role_indexes: Mapping[Role, tuple[int, ...]]
) -> set[int]:
    """Empty each bad number, and the cell of its state, in rows with another number. Return the indexes of these rows.

    `columns` are the cells of some rows by column. A number that opted out is not just bad: its row stays as it is, and
    is held back.
    """
    bad: list[tuple[int, int]] = []
    phones = [index for index in role_indexes.get(Role.PHONE, ()) if index < len(columns)] if states else []
    for row in range(len(columns[0]) if phones else 0):
        unusable = {phone for phone in phones if phone in states and _is_bad(columns, row, *states[phone])}
        if any(columns[phone][row].strip() for phone in phones if phone not in unusable):
            bad.extend((row, index) for phone in unusable for index in (phone, states[phone][0]))
    for index in {index for _, index in bad}:
        cells = list(columns[index])
        for row in (row for row, of_index in bad if of_index == index):
            cells[row] = ""
        columns[index] = cells
    return {row for row, _ in bad}


def _is_bad(columns: Sequence[Sequence[str]], row: int, index: int, kind: ConsentKind) -> bool:
    cell = columns[index][row] if index < len(columns) else ""
    is_opt_out = read_consent(cell, ConsentKind.STATUS).verdict is Consent.NO
    return not is_opt_out and read_consent(cell, kind).verdict.is_held_back
