"""Rows to contacts. (The judge follows.)"""

from dataclasses import dataclass

from contact_import.labels import Labels
from contact_import.outcomes import Caution
from contact_import.rows import Row

FIELDS = (
    "first_name",
    "last_name",
    "phone_number",
    "birthday",
    "address",
    "email",
    "postal_code",
    "gender",
    "purchase",
)


@dataclass(frozen=True, slots=True)
class Contact:
    """A row that may go to Cellcast: it exists only with a number in E.164 form.

    `values` stand in the order of `FIELDS`, all text, "" for what the row does not have.
    """

    row: Row
    values: tuple[str, ...]
    labels: Labels = Labels()
    cautions: tuple[Caution, ...] = ()

    @property
    def phone_number(self) -> str:
        return self.values[2]
