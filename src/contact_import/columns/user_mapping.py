"""Parse a user's mapping of headers to fields, and apply it: `{"Mobile": "phone_number", "Notes": null}`.

It outranks everything that headers and values suggest.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from contact_import.columns.header_match import match_role, split_words
from contact_import.columns.value_types import has_phone_or_email
from contact_import.domain.consent import ConsentValues, parse_consent_values
from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.domain.outcomes import RowWarning
from contact_import.domain.roles import CONSENT_ROLES, NAME_ROLES, Role
from contact_import.domain.row import Row
from contact_import.errors import FileError

METADATA_SOURCE = "metadata"  # the source of a mapping in the metadata of the file itself
MAX_BYTES = 256 * 1024  # 1,000 columns, the most of any file, take a tenth of it

_HEADER_SEARCH_ROWS = 30  # as in `header_row`
_MAX_LISTED_COLUMNS = 12
_COLUMN_NUMBER = compile_lazily(r"column ?(\d{1,4})", re.IGNORECASE)

ALL_COLUMNS = ""
_CONSENT_KEY = "consent"
_OBJECT_KEYS = frozenset({_CONSENT_KEY, "field"})
_NO_CONSENT_VALUES = (
    '{} has no valid meaning of values for the column {!r}. Example: {{"Status": {{"consent": '
    '{{"Pending": "no", "Member": "yes"}}}}}}'
)
ROLE_BY_FIELD = {"name": Role.FULL_NAME} | {role.value: role for role in Role if role is not Role.PHONE_TYPE}

_BIRTH_PART_ROLES = frozenset({Role.BIRTH_YEAR, Role.BIRTH_MONTH, Role.BIRTH_DAY})
# The roles that no other column has once a role is mapped. Consent roles reserve none: a column that refuses SMS counts
# even if the user mapped another one.
_REPLACED_ROLES = {
    Role.FULL_NAME: frozenset(NAME_ROLES),
    Role.FIRST_NAME: frozenset({Role.FIRST_NAME, Role.FULL_NAME}),
    Role.LAST_NAME: frozenset({Role.LAST_NAME, Role.FULL_NAME}),
    Role.BIRTHDAY: _BIRTH_PART_ROLES | {Role.BIRTHDAY},
    Role.GENDER: frozenset({Role.GENDER, Role.TITLE}),
    **dict.fromkeys(_BIRTH_PART_ROLES, _BIRTH_PART_ROLES | {Role.BIRTHDAY}),
    **dict.fromkeys(CONSENT_ROLES, frozenset()),
}


class ColumnMapping(NamedTuple):
    """The roles of headers, None for a column to ignore. The columns of one role are used in the order of the mapping.

    `source` names the origin of the mapping in sentences for users. `consent_values` has the verdicts of values by the
    header of their column, or by `ALL_COLUMNS` for all consent columns.
    """

    roles: Mapping[str, Role | None]
    source: str
    consent_values: Mapping[str, ConsentValues] = MappingProxyType({})

    @property
    def _headers(self) -> tuple[str, ...]:
        """Return the headers that the mapping names."""
        return tuple(dict.fromkeys((*self.roles, *filter(None, self.consent_values))))

    def find_header_row(self, rows: Sequence[Row], region: str) -> int | None:
        """Return the index of the row with most of the mapped headers among the first 30, None if no row has any."""
        counts = [
            0
            if has_phone_or_email(row.cells, region)
            else sum(map(bool, map(_HeaderIndex(row.cells).find_header, self._headers)))
            for row in rows[:_HEADER_SEARCH_ROWS]
        ]
        most = max(counts, default=0)
        return counts.index(most) if most else None

    def resolve_roles(self, header: Sequence[str]) -> dict[int, Role | None]:
        """Return the roles of the mapped columns by index, in the order of the mapping.

        Raise FileError when no column that is mapped to the phone, or none that is mapped to consent, is in the file: a
        column inferred in its place could have the phone or the consent of another person.
        """
        header_index = _HeaderIndex(header)
        found = {index: role for key, role in self.roles.items() for index in header_index.find_columns(key)}
        for key in self.consent_values:
            for index in header_index.find_columns(key) if key else ():
                role = match_role(header[index])
                found.setdefault(index, role if role in CONSENT_ROLES else Role.CONSENT)
        for required_roles in (frozenset({Role.PHONE}), frozenset(CONSENT_ROLES)):
            mapped_headers = [key for key, role in self.roles.items() if role in required_roles]
            if mapped_headers and not required_roles.intersection(role for role in found.values() if role):
                file_headers = (
                    ", ".join(name.strip()[:40] for name in header[:_MAX_LISTED_COLUMNS] if name.strip())
                    or "without names"
                )
                raise FileError(
                    f"{_describe_source(self.source)} maps {mapped_headers[0][:80]!r} to "
                    f"{self.roles[mapped_headers[0]]}, but the file has no such column. Its columns: {file_headers}."
                )
        return found

    def resolve_consent_values(self, header: Sequence[str], indexes: Iterable[int]) -> dict[int, ConsentValues]:
        """Return the verdicts of values for the consent columns at `indexes`."""
        header_index = _HeaderIndex(header)
        own = {
            index: values
            for key, values in self.consent_values.items()
            for index in (header_index.find_columns(key) if key else ())
        }
        shared = self.consent_values.get(ALL_COLUMNS, {})
        return {index: {**shared, **own.get(index, {})} for index in indexes}

    def build_missing_column_warnings(self, header: Sequence[str]) -> Iterator[RowWarning]:
        """Yield a warning for each of the first 12 mapped columns that are not in the file."""
        header_index = _HeaderIndex(header)
        missing = [key for key in self._headers if not header_index.find_columns(key)]
        for key in missing[:_MAX_LISTED_COLUMNS]:
            yield RowWarning(
                "file", f"{_describe_source(self.source)} names a column that the file does not have: {key[:80]!r}"
            )

    @property
    def reserved_roles(self) -> frozenset[Role]:
        """Return the roles that must not be inferred for other columns."""
        named_roles = [role for role in self.roles.values() if role]
        return frozenset().union(*(_REPLACED_ROLES.get(role, frozenset({role})) for role in named_roles))


def parse_mapping(body: bytes, source: str) -> ColumnMapping:
    """Parse a mapping in JSON. Raise FileError with a sentence that names the mistake and the `source`.

    Examples: `{"Mobile": "phone_number", "Notes": null}`, and `{"Status": {"consent": {"Pending": "no"}}}` for the
    meaning of values.
    """
    name = _describe_source(source)
    if len(body) > MAX_BYTES:
        raise FileError(f"{name} is larger than {MAX_BYTES // 1024} KiB, the most that a mapping may have.")
    try:
        value = json.loads(body, object_pairs_hook=_JsonPairs)
    except (ValueError, RecursionError) as error:
        raise FileError(f'{name} is not valid JSON. Example: {{"Mobile": "phone_number", "Notes": null}}') from error
    if not isinstance(value, _JsonPairs):
        raise FileError(f'{name} is not a JSON object. Example: {{"Mobile": "phone_number", "Notes": null}}')
    roles: dict[str, Role | None] = {}
    consent_values: dict[str, ConsentValues] = {}
    for header, field in value.pairs:
        if header in roles or header in consent_values:
            raise FileError(f"{name} names the column {header[:80]!r} twice.")
        members = _to_dict(field)
        # `{"consent": {"Pending": "no"}}` is for all consent columns, `{"Status": {"consent": …}}` for one column.
        is_for_all = header == _CONSENT_KEY and bool(members) and _CONSENT_KEY not in members
        if not is_for_all and _CONSENT_KEY not in members:
            roles[header] = _parse_role(header, field, name)
            continue
        values = parse_consent_values(members if is_for_all else members[_CONSENT_KEY])
        if values is None or not (is_for_all or members.keys() <= _OBJECT_KEYS):
            raise FileError(_NO_CONSENT_VALUES.format(name, header[:80]))
        consent_values[ALL_COLUMNS if is_for_all else header] = values
        if not is_for_all and "field" in members:
            roles[header] = _parse_role(header, members["field"], name)
    return ColumnMapping(roles, source, consent_values)


def _describe_source(source: str) -> str:
    """Return the name of a mapping for a sentence. Users do not know the word metadata."""
    return "The mapping" if source == METADATA_SOURCE else source


def _to_dict(pairs: object) -> dict[str, Any]:
    if not isinstance(pairs, _JsonPairs):
        return {}
    return {key: _to_dict(value) if isinstance(value, _JsonPairs) else value for key, value in pairs.pairs}


class _JsonPairs(NamedTuple):
    """The members of a JSON object. A dict would silently drop the first of two equal names."""

    pairs: Sequence[tuple[str, Any]]


def _parse_role(header: str, field: object, source: str) -> Role | None:
    if field is None:
        return None
    if isinstance(field, str) and (role := ROLE_BY_FIELD.get(field.strip().casefold())):
        return role
    shown = repr(field[:80]) if isinstance(field, str) else "a value that is not text"
    raise FileError(
        f"{source} maps {header[:80]!r} to {shown}, which is not a field. Fields: "
        f"{', '.join(ROLE_BY_FIELD)}, and null for a column that is not imported."
    )


class _HeaderIndex:
    """An index of the headers of a file, by their exact text or else by their words."""

    def __init__(self, header: Sequence[str]) -> None:
        self._width = len(header)
        self._indexes_by_name: dict[str, list[int]] = {}
        self._indexes_by_words: dict[tuple[str, ...], list[int]] = {}
        for index, name in enumerate(header):
            self._indexes_by_name.setdefault(name.strip(), []).append(index)
            self._indexes_by_words.setdefault(split_words(name), []).append(index)

    def find_header(self, key: str) -> list[int]:
        """Return the indexes of the columns with this header."""
        words = split_words(key)
        return self._indexes_by_name.get(key.strip()) or (self._indexes_by_words.get(words, []) if words else [])

    def find_columns(self, key: str) -> list[int]:
        """Return the indexes of the columns with this header. If there are none, `column 3` is the third column."""
        if found := self.find_header(key):
            return found
        column_number = _COLUMN_NUMBER.fullmatch(key.strip())
        return [int(column_number[1]) - 1] if column_number and 1 <= int(column_number[1]) <= self._width else []
