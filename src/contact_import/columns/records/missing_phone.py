"""Explain why a file has no column of phone numbers."""

import json

from contact_import.columns.detect import Columns
from contact_import.columns.records.column_records import find_foreign_phones
from contact_import.domain.roles import Role

_MAX_NAMED = 3  # columns


def explain_missing_phone_column(columns: Columns) -> str:
    """Return a sentence with the reason and an advice, or "" for columns with phones."""
    if columns.has_phones:
        return ""
    if columns.header_line is None:
        return "The file has no column of phone numbers, and no header; a first line such as Name,Mobile helps."
    if foreign := find_foreign_phones(columns.header):
        example = json.dumps({foreign[0]: Role.PHONE.value}, ensure_ascii=False)
        named = ", ".join(f"\u201c{name[:80]}\u201d" for name in foreign[:_MAX_NAMED])
        verbs = ("columns", "look", "seem") if len(foreign) > 1 else ("column", "looks", "seems")
        return (
            f"The {verbs[0]} {named} {verbs[1]} like phone numbers but {verbs[2]} to belong to someone else. "
            f"If these are the people to import, map it in mapping.json: {example}."
        )
    names = ", ".join(name.strip()[:40] for name in columns.header[:12] if name.strip())
    advice = "If one of them has phone numbers, name it Mobile; otherwise add such a column."
    return f"The file has no column of phone numbers; its columns are: {names}. {advice}"
