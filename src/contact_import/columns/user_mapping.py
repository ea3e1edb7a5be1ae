"""What a person says of a file's columns: `{"Handy": "phone_number", "Kundennummer": null}`. It beats every guess."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contact_import.columns.header_match import words_of
from contact_import.columns.header_names import Role
from contact_import.columns.value_types import is_person
from contact_import.domain.outcomes import Caution
from contact_import.errors import FileError
from contact_import.files.csv_rows import Row

MAX_BYTES = 256 * 1024

_WITHIN = 30  # rows, as for a header that is guessed
_NAMED = 12
_PLACE = re.compile(r"column ?(\d{1,4})", re.IGNORECASE)

FIELDS = {"name": Role.FULL_NAME} | {role.value: role for role in Role if role is not Role.PHONE_TYPE}

_NAMES = frozenset({Role.FULL_NAME, Role.FIRST_NAME, Role.LAST_NAME})
_BIRTH_PARTS = frozenset({Role.BIRTH_YEAR, Role.BIRTH_MONTH, Role.BIRTH_DAY})
_CONSENTS = frozenset({Role.CONSENT, Role.OPT_OUT, Role.STATUS})
# What is not guessed any more when a person says where it is. A guessed no to SMS is never given up in this way.
_INSTEAD = {
    Role.FULL_NAME: _NAMES,
    Role.FIRST_NAME: frozenset({Role.FIRST_NAME, Role.FULL_NAME}),
    Role.LAST_NAME: frozenset({Role.LAST_NAME, Role.FULL_NAME}),
    Role.BIRTHDAY: _BIRTH_PARTS | {Role.BIRTHDAY},
    Role.GENDER: frozenset({Role.GENDER, Role.TITLE}),
    **dict.fromkeys(_BIRTH_PARTS, _BIRTH_PARTS | {Role.BIRTHDAY}),
    **dict.fromkeys(_CONSENTS, frozenset()),
}


@dataclass(frozen=True, slots=True)
class Told:
    """Headers and what their columns hold, None for one that is left out. Of one field, the first column comes first.

    `source` says for people where this was written.
    """

    roles: Mapping[str, Role | None]
    source: str

    def heading_at(self, rows: Sequence[Row], region: str) -> int | None:
        """The index of the row that has most of the headers."""
        counts = [
            0 if is_person(row.cells, region) else sum(map(bool, map(_Names(row.cells).called, self.roles)))
            for row in rows[:_WITHIN]
        ]
        most = max(counts, default=0)
        return counts.index(most) if most else None

    def places(self, header: Sequence[str]) -> dict[int, Role | None]:
        """What the columns hold by their indexes, in the order of the mapping.

        Raise FileError when none of the columns for the phone, or for consent, is there: another one that is
        guessed in its place could be a wrong person's.
        """
        names = _Names(header)
        found = {index: role for key, role in self.roles.items() for index in names.columns(key)}
        for deciding in (frozenset({Role.PHONE}), _CONSENTS):
            wanted = [key for key, role in self.roles.items() if role in deciding]
            if wanted and not deciding.intersection(role for role in found.values() if role):
                there = ", ".join(name.strip()[:40] for name in header[:_NAMED] if name.strip()) or "without names"
                raise FileError(
                    f"{self.source} says that the column {wanted[0][:80]!r} holds {self.roles[wanted[0]]}, and the "
                    f"file has no such column; its columns are: {there}."
                )
        return found

    def cautions(self, header: Sequence[str]) -> Iterator[Caution]:
        """The columns that are not in the file."""
        names = _Names(header)
        missing = [key for key in self.roles if not names.columns(key)]
        for key in missing[:_NAMED]:
            yield Caution("file", f"{self.source} names a column that the file does not have: {key[:80]!r}")

    @property
    def settled(self) -> frozenset[Role]:
        """The roles that no other column gets by a guess."""
        told = [role for role in self.roles.values() if role]
        return frozenset(one for role in told for one in _INSTEAD.get(role, frozenset({role})))


def parse(body: bytes, source: str) -> Told:
    """Read a mapping. Raise FileError, in a sentence that names what is wrong, for anything else."""
    if len(body) > MAX_BYTES:
        raise FileError(f"{source} is larger than {MAX_BYTES // 1024} KiB; no mapping is.")
    try:
        value = json.loads(body, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as error:
        raise FileError(f'{source} is no JSON such as {{"Handy": "phone_number", "Notes": null}}.') from error
    if not isinstance(value, _Pairs):
        raise FileError(f'{source} is not an object such as {{"Handy": "phone_number", "Notes": null}}.')
    roles: dict[str, Role | None] = {}
    for header, field in value.pairs:
        if header in roles:
            raise FileError(f"{source} names the column {header[:80]!r} twice.")
        roles[header] = _role(header, field, source)
    return Told(roles, source)


@dataclass(frozen=True, slots=True)
class _Pairs:
    """An object as it is written: a dict would keep the last of two equal names, in silence."""

    pairs: Sequence[tuple[str, Any]]


def _role(header: str, field: object, source: str) -> Role | None:
    if field is None:
        return None
    if isinstance(field, str) and (role := FIELDS.get(field.strip().casefold())):
        return role
    shown = repr(field[:80]) if isinstance(field, str) else "something that is no text"
    raise FileError(
        f"{source} gives the column {header[:80]!r} to {shown}, which is no field; the fields are "
        f"{', '.join(FIELDS)}, and null for a column that is left out."
    )


class _Names:
    """The headers of a file, to be found as they are written, or else as headers are compared."""

    def __init__(self, header: Sequence[str]) -> None:
        self._width = len(header)
        self._exact: dict[str, list[int]] = {}
        self._words: dict[tuple[str, ...], list[int]] = {}
        for index, name in enumerate(header):
            self._exact.setdefault(name.strip(), []).append(index)
            self._words.setdefault(words_of(name), []).append(index)

    def called(self, key: str) -> list[int]:
        words = words_of(key)
        return self._exact.get(key.strip()) or (self._words.get(words, []) if words else [])

    def columns(self, key: str) -> list[int]:
        """Those of that header; when there is none, `column 3` is the third."""
        if found := self.called(key):
            return found
        place = _PLACE.fullmatch(key.strip())
        return [int(place[1]) - 1] if place and 1 <= int(place[1]) <= self._width else []
