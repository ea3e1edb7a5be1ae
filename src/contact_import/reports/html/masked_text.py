"""Mask text that a page shows in full only after a click: people's data must not be seen over a shoulder."""

from typing import NamedTuple

from contact_import.reports.masking import escape_control_chars, mask, mask_personal_data


class MaskedText(NamedTuple):
    """Text that may contain personal data: `shown` at first, and `full` after a click."""

    shown: str
    full: str

    @property
    def is_masked(self) -> bool:
        """Return whether the full text says more than the shown one."""
        return self.shown != self.full


def mask_cell(cell: str) -> MaskedText:
    """Mask a whole cell, because any word of it may be a person's name."""
    text = escape_control_chars(cell)
    return MaskedText(mask(text), text)


def mask_sentence(sentence: str) -> MaskedText:
    """Mask the phone numbers and e-mail addresses of a sentence."""
    text = escape_control_chars(sentence)
    return MaskedText(mask_personal_data(text), text)
