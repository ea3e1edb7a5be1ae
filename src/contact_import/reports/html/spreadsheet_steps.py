"""How to make a CSV file of a spreadsheet, for the page about a file that could not be read."""

_EXCEL = (
    "Open the file in Excel and choose File \u25ba Save As.",
    "Choose the file type CSV UTF-8 (Comma delimited) (*.csv), and save.",
    "Upload the new .csv file to the same folder.",
)
_LIBRE_OFFICE = (
    "Open the file in LibreOffice and choose File \u25ba Save As.",
    "Choose the file type Text CSV (.csv) and the character set Unicode (UTF-8), and save.",
    _EXCEL[2],
)
_NUMBERS = (
    "Open the file in Numbers and choose File \u25ba Export To \u25ba CSV\u2026",
    "Under Advanced Options choose the text encoding Unicode (UTF-8), and save.",
    _EXCEL[2],
)
# Keys are words of the sentences of `files/file_types`; an error with none of them needs no steps.
_STEPS_BY_WORDS = {
    "a Numbers spreadsheet": _NUMBERS,
    "an OpenDocument spreadsheet": _LIBRE_OFFICE,
    "an Excel workbook": _EXCEL,
    "an old Excel workbook": _EXCEL,
    "in a spreadsheet": _EXCEL,
}


def find_steps(error: str) -> tuple[str, ...]:
    """Return the steps that make a CSV file of the upload, none when `error` is about something else."""
    return next((steps for words, steps in _STEPS_BY_WORDS.items() if words in error), ())
