"""Choose the columns of one person among those of a file, by the owners in their headers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from contact_import.columns.header_match import match_role
from contact_import.columns.records.owner import (
    OWNED_ROLES,
    OwnedField,
    Standing,
    classify_owner,
    find_owned_fields,
    settle_standing,
    split_owner,
)
from contact_import.columns.records.subject import Record, choose_subject, find_lenders
from contact_import.domain.roles import NAME_ROLES, Role

_LIKELY_STANDINGS = (Standing.MAIN, Standing.SUBJECT, Standing.PAYER, Standing.RESPONSIBLE)
_REACHING_ROLES = (*NAME_ROLES, Role.PHONE, Role.EMAIL)


class OtherRecord(NamedTuple):
    """The columns of a person who is the contact in some rows only.

    The phone is used in a row with the same name as the contact. A person who `can_be_contact`, such as the parent of a
    player, replaces a contact without a phone, under their own name.
    """

    role_indexes: Mapping[Role, tuple[int, ...]]
    can_be_contact: bool

    def list_lent_roles(self, *, has_own_phone: bool) -> Iterable[Role]:
        """Return the roles that many rows use: all for a possible contact, or the phone if the file has no other."""
        return self.role_indexes if self.can_be_contact else () if has_own_phone else (Role.PHONE,)

    def get_indexes(self, *roles: Role) -> tuple[int, ...]:
        """Return the indexes of the columns of some roles."""
        return tuple(index for role in roles for index in self.role_indexes.get(role, ()))


class ColumnChoice(NamedTuple):
    """The roles of the contact's columns. `foreign_indexes` are the columns of other people."""

    roles: tuple[Role | None, ...]
    foreign_indexes: frozenset[int] = frozenset()
    other_records: tuple[OtherRecord, ...] = ()


def choose_columns(
    header: Sequence[str],
    roles: Sequence[Role | None],
    is_filled: Sequence[bool],
    mapped_owner: tuple[str, ...] = (),
) -> ColumnChoice:
    """Return the columns of the record that is the contact, and of records that may fill its gaps.

    All sequences are in the order of the columns. `roles` are the results of headers and values so far, and `is_filled`
    is True for a column with any value. `mapped_owner` is the owner of the phone that a user mapped, who is the contact
    if the file has the name of that owner.

    Example: in `Name, Mobile, Parent name, Parent mobile` the contact has the first two columns, and the parent is an
    `OtherRecord`.
    """
    fields = list(map(_correct_field, find_owned_fields(header), roles, header))
    indexes_by_owner: dict[tuple[str, ...], list[int]] = {}
    for index, field in enumerate(fields):
        if field.role in _REACHING_ROLES:
            indexes_by_owner.setdefault(_get_key(field), []).append(index)
    records = [_build_record(owner, indexes, fields, is_filled) for owner, indexes in indexes_by_owner.items()]
    mapped = [record for record in records if mapped_owner and record.key == mapped_owner and record.names]
    subject = mapped[0] if mapped else choose_subject(records)
    own_records = [subject, *find_lenders(subject, records)] if subject else []
    own_keys = {record.key for record in own_records} or {()}
    # An address or a birthday without an owner belongs to the contact.
    foreign = {
        index
        for index, field in enumerate(fields)
        if field.role in OWNED_ROLES and _get_key(field) in indexes_by_owner and _get_key(field) not in own_keys
    }
    chosen = [
        None if index in foreign else role or (field.role if _get_key(field) and _get_key(field) in own_keys else None)
        for index, (role, field) in enumerate(zip(roles, fields, strict=True))
    ]
    others = tuple(_list_other_records(indexes_by_owner, own_keys, fields)) if subject else ()
    return ColumnChoice(tuple(chosen), frozenset(foreign), others)


def find_foreign_phones(header: Sequence[str]) -> list[str]:
    """Return the headers of phones that belong to another person: `Owner Mobile`."""
    owned = zip(header, find_owned_fields(header), strict=True)
    return [name.strip() for name, field in owned if field.role is Role.PHONE and _get_key(field)]


def lends_phone_to_payer(record: OtherRecord, header: Sequence[str]) -> bool:
    """Return whether a record is that of a receiver, who often is the buyer: eBay has only this phone."""
    phones = record.get_indexes(Role.PHONE)
    return any(classify_owner(split_owner(header[index]).owner) is Standing.RECIPIENT for index in phones)


def _correct_field(field: OwnedField, role: Role | None, header: str) -> OwnedField:
    """Return the field with the role that its values confirm. Headers of other people have no role so far."""
    return field._replace(role=role) if role or match_role(header) else field


def _get_key(field: OwnedField) -> tuple[str, ...]:
    return () if classify_owner(field.owner) is Standing.MAIN else field.owner


def _build_record(
    owner: tuple[str, ...], indexes: Sequence[int], fields: Sequence[OwnedField], is_filled: Sequence[bool]
) -> Record[tuple[str, ...]]:
    found = {fields[index].role for index in indexes}
    label = frozenset({" ".join(owner) or "main"})
    names = label if not found.isdisjoint(NAME_ROLES) else frozenset[str]()
    # Rows are not read here, so two columns of names count as two people.
    emails = label if Role.EMAIL in found and not names else frozenset[str]()
    has_phone = any(fields[index].role is Role.PHONE and (is_filled[index] or not any(is_filled)) for index in indexes)
    standing = settle_standing(classify_owner(owner), owner, is_named=bool(names), has_email=Role.EMAIL in found)
    return Record(owner, standing, names, emails, has_phone)


def _list_other_records(
    indexes_by_owner: Mapping[tuple[str, ...], Sequence[int]],
    own_keys: set[tuple[str, ...]],
    fields: Sequence[OwnedField],
) -> Iterator[OtherRecord]:
    for owner in indexes_by_owner:
        if owner in own_keys:
            continue
        role_indexes: dict[Role, tuple[int, ...]] = {}
        for index, field in enumerate(fields):
            if field.role in OWNED_ROLES and _get_key(field) == owner:
                role_indexes[field.role] = (*role_indexes.get(field.role, ()), index)
        has_name = not role_indexes.keys().isdisjoint(NAME_ROLES)
        if Role.PHONE in role_indexes and (has_name or Role.EMAIL in role_indexes):
            yield OtherRecord(role_indexes, has_name and classify_owner(owner) in _LIKELY_STANDINGS)
