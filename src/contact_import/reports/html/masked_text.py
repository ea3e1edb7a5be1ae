"""Text that a page shows masked until the reader asks for people's data."""

from dataclasses import dataclass

from contact_import.reports.masking import escape_control_chars, mask, mask_personal_data


@dataclass(frozen=True, slots=True)
class MaskedText:
    """Text that may contain personal data: `shown` at first, and `full` when the reader asks for it."""

    shown: str
    full: str

    @property
    def is_masked(self) -> bool:
        return self.shown != self.full


def mask_cell(cell: str) -> MaskedText:
    """Mask a whole cell, since any letter of it may be somebody's name."""
    text = escape_control_chars(cell)
    return MaskedText(mask(text), text)


def mask_sentence(sentence: str) -> MaskedText:
    """Mask the phone numbers and e-mail addresses of a sentence."""
    text = escape_control_chars(sentence)
    return MaskedText(mask_personal_data(text), text)
