"""Find the steps that turn a spreadsheet into a readable file, for the report about one that could not be read."""

_UPLOAD = "Upload the new .xlsx file to the same folder."
_EXCEL = (
    "Open the file in Excel and choose File \u25ba Save As.",
    "Choose the file type Excel Workbook (*.xlsx), and save without a password.",
    _UPLOAD,
)
_LIBRE_OFFICE = (
    "Open the file in LibreOffice and choose File \u25ba Save As.",
    "Choose the file type Excel 2007\u2013365 (.xlsx), and save.",
    _UPLOAD,
)
_NUMBERS = (
    "Open the file in Numbers and choose File \u25ba Export To \u25ba Excel\u2026",
    "Choose the format .xlsx under Advanced Options, and save.",
    _UPLOAD,
)
_CSV = (
    "Open the file in Excel, go to the sheet with the contacts and choose File \u25ba Save As.",
    "Choose the file type CSV UTF-8 (Comma delimited) (*.csv), and save.",
    "Upload the new .csv file to the same folder.",
)
# Keys are words of the sentences of `files/file_types` and `files/spreadsheets`; other errors need no steps.
_STEPS_BY_WORDS = {
    "a Numbers spreadsheet": _NUMBERS,
    "an OpenDocument spreadsheet": _LIBRE_OFFICE,
    "a binary Excel workbook": _EXCEL,
    "an old Excel workbook": _EXCEL,
    "in a spreadsheet": _EXCEL,
    "The workbook is damaged": _EXCEL,
    "The workbook is too large": _CSV,
}


def find_steps(error: str) -> tuple[str, ...]:
    """Return the steps that make a readable file of the upload, () if `error` is about something else."""
    return next((steps for words, steps in _STEPS_BY_WORDS.items() if words in error), ())
