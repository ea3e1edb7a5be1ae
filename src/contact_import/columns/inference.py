"""Infer the roles of columns from headers and values. The values decide where a header is wrong or unknown."""

from collections.abc import Mapping, Sequence

from contact_import.columns.header_check import check_headers
from contact_import.columns.header_match import (
    is_contact_phrase,
    is_excluded_header,
    is_phone_and_email,
    is_vague,
    split_words,
)
from contact_import.columns.inferred_roles import (
    HALF_SHARE,
    INFERRED_REASON,
    MOST_SHARE,
    REPORT_FIELDS,
    InferredRoles,
)
from contact_import.columns.records.column_records import OtherRecord, choose_columns
from contact_import.columns.records.owner import split_owner
from contact_import.columns.user_mapping import ColumnMapping
from contact_import.columns.value_types import ColumnProfile, ValueType
from contact_import.domain.roles import NAME_ROLES, Role

_NAME_SHARE = 0.6  # of the values of a column without a header: names have more exceptions than e-mails


def infer_roles(
    header: Sequence[str],
    profiles: Sequence[ColumnProfile],
    roles: Sequence[Role | None],
    mapped_owner: tuple[str, ...] = (),
) -> InferredRoles:
    """Return the roles by headers and values together, with a warning for each that only the values decide.

    All sequences are in the order of the columns. `roles` are the results of `match_role` for the headers.
    `mapped_owner` has the words of the owner of the phone that a user mapped.
    """
    inferred = InferredRoles(header, profiles, list(roles))
    check_headers(inferred)
    _choose_record(inferred, mapped_owner)
    _infer_phones(inferred)
    # A file with one known header has others in the same language: its unknown columns are left alone.
    if not any(role for role in roles) or any(_is_non_latin(name) for name in header):
        _infer_emails_and_names(inferred)
    _resolve_full_name(inferred)
    return inferred


def infer_unmapped_roles(
    header: Sequence[str],
    profiles: Sequence[ColumnProfile],
    roles: Sequence[Role | None],
    mapping: ColumnMapping | None,
    explicit_roles: Mapping[int, Role | None],
) -> InferredRoles:
    """Infer the roles of the columns that the mapping does not name, and add the roles that it names.

    Mapped columns are hidden from the inference, and no other column gets a role that the mapping reserves.
    """
    if not mapping:
        return infer_roles(header, profiles, roles)
    inferred = infer_roles(
        ["" if index in explicit_roles else name for index, name in enumerate(header)],
        [ColumnProfile() if index in explicit_roles else profile for index, profile in enumerate(profiles)],
        [None if index in explicit_roles else role for index, role in enumerate(roles)],
        next((split_owner(header[index]).owner for index, role in explicit_roles.items() if role is Role.PHONE), ()),
    )
    inferred.other_records = _keep_other_records(infer_roles(header, profiles, roles), explicit_roles)
    reserved_roles = mapping.reserved_roles
    lent = {index for record in inferred.other_records for index in record.get_indexes(*record.role_indexes)}
    inferred.roles = [
        explicit_roles.get(index, None if role in reserved_roles or index in lent else role)
        for index, role in enumerate(inferred.roles)
    ]
    fields = {REPORT_FIELDS.get(role, role.value) for role in reserved_roles}
    inferred.warnings = {warning: None for warning in inferred.warnings if warning.field not in fields}
    return inferred


def _keep_other_records(found: InferredRoles, explicit_roles: Mapping[int, Role | None]) -> tuple[OtherRecord, ...]:
    """Return the records of other people if the mapping has the phone that was `found`, and none of their columns."""
    phones = [index for index, role in explicit_roles.items() if role is Role.PHONE]
    if not set(phones) <= set(found.find_indexes(Role.PHONE)):
        return ()
    return tuple(
        record
        for record in found.other_records
        if explicit_roles.keys().isdisjoint(record.get_indexes(*record.role_indexes))
    )


def _choose_record(inferred: InferredRoles, mapped_owner: tuple[str, ...]) -> None:
    """Keep the roles of the columns of the contact, and remove those of other people."""
    filled = [bool(profile.filled_count) for profile in inferred.profiles]
    choice = choose_columns(inferred.header, inferred.roles, filled, mapped_owner)
    inferred.roles = list(choice.roles)
    inferred.foreign_indexes, inferred.other_records = choice.foreign_indexes, choice.other_records


def _infer_phones(inferred: InferredRoles) -> None:
    """Find the phones by their values if no phone column has a single phone and another column has some."""
    phone_indexes = inferred.find_indexes(Role.PHONE)
    if any(
        inferred.profiles[index].maybe_phone_share or is_phone_and_email(inferred.header[index])
        for index in phone_indexes
    ):
        _add_column_of_mobiles(inferred, phone_indexes)
        return
    found = [
        index
        for index, profile in enumerate(inferred.profiles)
        if inferred.roles[index] is None
        and index not in inferred.foreign_indexes
        and profile.phone_share >= HALF_SHARE
        and _can_be_phone(inferred.header[index], profile)
        # Beside a known column of phones, nine digits are as likely the number of a ticket.
        and not (phone_indexes and profile.bare_count * 2 > profile.filled_count)
    ]
    # Only mobiles receive SMS: a column of landlines counts only if there is no column of mobiles.
    mobiles = [index for index in found if inferred.profiles[index].get_share(ValueType.MOBILE) >= HALF_SHARE]
    if not found:
        return
    for index in phone_indexes:
        if inferred.profiles[index].filled_count:
            inferred.roles[index] = None
    for index in mobiles or found:
        inferred.set_role(index, Role.PHONE, "phone_number", INFERRED_REASON)


def _add_column_of_mobiles(inferred: InferredRoles, phone_indexes: Sequence[int]) -> None:
    """Add a column of mobiles after the known phones if none of these has a mobile: `Alt` beside landlines."""
    if any(inferred.profiles[index].get_share(ValueType.MOBILE) for index in phone_indexes):
        return
    for index, profile in enumerate(inferred.profiles):
        name = inferred.header[index]
        is_full_of_mobiles = inferred.roles[index] is None and profile.get_share(ValueType.MOBILE) >= MOST_SHARE
        if is_full_of_mobiles and _can_be_phone(name, profile) and not "".join(split_words(name)).endswith("id"):
            inferred.set_role(index, Role.PHONE, "phone_number", INFERRED_REASON)


def _can_be_phone(name: str, profile: ColumnProfile) -> bool:
    return not is_excluded_header(name) or (
        is_contact_phrase(name) and profile.get_share(ValueType.MOBILE) >= MOST_SHARE
    )


def _is_non_latin(name: str) -> bool:
    """Return whether a header is in another script than the Latin ones of `HEADER_NAMES`."""
    letters = [letter for letter in name if letter.isalpha()]
    return bool(letters) and not any(letter.isascii() for letter in letters)


def _infer_emails_and_names(inferred: InferredRoles) -> None:
    """Find e-mails and names by their values, in columns with headers in a language that `HEADER_NAMES` lacks."""
    known = any(inferred.roles[index] not in (None, Role.PHONE) for index in range(len(inferred.roles)))
    free = [
        index
        for index, name in enumerate(inferred.header)
        if inferred.roles[index] is None and not is_excluded_header(name) and (not known or _is_non_latin(name))
    ]
    if not inferred.find_indexes(Role.EMAIL):
        for index in free:
            if inferred.profiles[index].get_share(ValueType.EMAIL) >= MOST_SHARE:
                inferred.set_role(index, Role.EMAIL, "email", INFERRED_REASON)
    if not any(inferred.find_indexes(role) for role in NAME_ROLES):
        _infer_names(inferred, free)


def _infer_names(inferred: InferredRoles, free: Sequence[int]) -> None:
    """Use a column of two words for full names, or two adjacent columns of single words for first and last names."""
    varied = [index for index in free if _has_varied_values(inferred.profiles[index])]
    whole = [index for index in varied if inferred.profiles[index].get_share(ValueType.NAME) >= _NAME_SHARE]
    words = [index for index in varied if inferred.profiles[index].get_share(ValueType.WORD) >= _NAME_SHARE]
    pairs = [index for index in words if index + 1 in words]
    if pairs and (not whole or pairs[0] < whole[0]):
        inferred.set_role(pairs[0], Role.FIRST_NAME, "first_name", INFERRED_REASON)
        inferred.set_role(pairs[0] + 1, Role.LAST_NAME, "last_name", INFERRED_REASON)
    elif whole:
        inferred.set_role(whole[0], Role.FULL_NAME, "name", INFERRED_REASON)
    elif words:
        inferred.set_role(words[0], Role.FIRST_NAME, "first_name", INFERRED_REASON)


def _has_varied_values(profile: ColumnProfile) -> bool:
    """Return whether values repeat as rarely as names do. Towns, and answers such as Yes, repeat more often."""
    return profile.filled_count < 4 or profile.distinct_count * 2 >= profile.filled_count


def _resolve_full_name(inferred: InferredRoles) -> None:
    """Make the only name column one of full names if its values are full names: `Nombre`, `First, what is your name?`.

    For two name columns, `find_last_name_column` decides which one is the last name.
    """
    if inferred.find_indexes(Role.LAST_NAME) or inferred.find_indexes(Role.FULL_NAME):
        return
    for first in inferred.find_indexes(Role.FIRST_NAME)[:1]:
        name = inferred.header[first]
        can_be_full_name = split_words(name) in (("nombre",), ("nome",)) or is_vague(name)
        if can_be_full_name and inferred.profiles[first].get_share(ValueType.NAME) >= HALF_SHARE:
            inferred.roles[first] = Role.FULL_NAME


def find_last_name_column(
    header: Sequence[str], roles: Sequence[Role | None], rows: Sequence[Sequence[str]]
) -> int | None:
    """Return the index of a column `Name` with last names, or None.

    Files in German and French have such columns: `Vorname;Name`, `Prénom;Nom`. They do not repeat the first name beside
    them. `rows` are the cells of the first rows.
    """
    if Role.FIRST_NAME not in roles or Role.LAST_NAME in roles or Role.FULL_NAME not in roles:
        return None
    first_index, name_index = roles.index(Role.FIRST_NAME), roles.index(Role.FULL_NAME)
    if split_words(header[name_index]) not in (("name",), ("nom",), ("naam",)):
        return None
    pairs = [
        (cells[first_index].strip(), cells[name_index].strip())
        for cells in rows
        if len(cells) > max(first_index, name_index)
    ]
    repeats_first = any(first and first.casefold() in name.casefold() for first, name in pairs)
    # If no row has a first name, `Ann Moss` below `Name` is a full name.
    are_full = not any(first for first, _ in pairs) and sum(" " in name for _, name in pairs) > len(pairs) / 2
    return None if repeats_first or are_full else name_index
