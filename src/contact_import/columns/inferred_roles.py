"""Hold the roles of a file's columns while headers and values are compared."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from contact_import.columns.records.column_records import OtherRecord
from contact_import.columns.value_types import ColumnProfile, ValueType
from contact_import.domain.outcomes import RowWarning
from contact_import.domain.roles import Role

# Shares of the filled cells of a column with one type. Real columns have typing errors, so no rule asks for all cells.
MOST_SHARE = 0.8
HALF_SHARE = 0.5

CONTRADICTED_REASON = "the values of a column contradict its header; the values were used"
INFERRED_REASON = "inferred from the values of a column, since its header says nothing"
NO_HEADER_WARNING = RowWarning("row", "the file has no header: its columns were recognised by their values")

# The names of fields in result.json, where they differ from the roles: for users, the parts of a value are one field.
REPORT_FIELDS = {
    Role.FULL_NAME: "name",
    Role.CONSENT: "consent",
    Role.OPT_OUT: "consent",
    Role.STATUS: "consent",
    Role.BIRTH_YEAR: "birthday",
    Role.BIRTH_MONTH: "birthday",
    Role.BIRTH_DAY: "birthday",
    Role.TITLE: "gender",
}


@dataclass(slots=True)
class InferredRoles:
    """The roles of a file's columns while they are inferred, with a warning for each that the values decide.

    All sequences are in the order of the columns. A missing header is "". `warnings` is an ordered set.
    `foreign_indexes` are the columns of people who are not the contact. `other_records` group those of them that some
    rows may use.
    """

    header: Sequence[str]
    profiles: Sequence[ColumnProfile]
    roles: list[Role | None]
    warnings: dict[RowWarning, None] = field(default_factory=dict)
    foreign_indexes: frozenset[int] = frozenset()
    other_records: tuple[OtherRecord, ...] = ()

    def find_indexes(self, role: Role) -> list[int]:
        """Return the indexes of the columns that have the role, from left to right."""
        return [index for index, assigned in enumerate(self.roles) if assigned is role]

    def set_role(self, index: int, role: Role | None, field_name: str, reason: str) -> None:
        """Set the role of a column, and add a warning about the field of result.json that it changes."""
        self.roles[index] = role
        self.warnings[RowWarning(field_name, reason)] = None

    def has_matching_column(self, role: Role, *value_types: ValueType) -> bool:
        """Return whether a column of the role has values of these types."""
        return any(self.profiles[index].get_share(*value_types) > 0 for index in self.find_indexes(role))
