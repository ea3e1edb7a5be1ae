"""Preview the import of a file by its first rows, for the import page: within seconds, whatever its size."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from itertools import islice
from typing import Any, BinaryIO

from contact_import.aws.s3 import Bucket
from contact_import.cellcast.queries import QueryFailed
from contact_import.checks.account import Account
from contact_import.columns.user_mapping import ROLE_BY_FIELD, ColumnMapping
from contact_import.contacts.first_pass import FirstPass, read_first_pass
from contact_import.contacts.normalize import ValidationRules
from contact_import.contacts.row_reasons import NO_PHONE_COLUMN
from contact_import.contacts.validate import CONTACT_FIELDS, Contact, validate_rows
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.roles import Role
from contact_import.domain.row import Row
from contact_import.fields.birthday import DateOrder, infer_date_order
from contact_import.files.table import Layout, Table, open_table
from contact_import.pipelines.column_mapping import FIELD_NAMES, build_mapping, list_column_keys
from contact_import.reports.counts import Counts
from contact_import.resubmission.report_columns import find_report_column
from contact_import.settings import Settings

_SAMPLE_ROWS = 200
_SHOWN_ROWS = 20
_SHOWN_CELLS = 50  # of a row
_VALUES_PER_COLUMN = 3
_MAX_CELL_CHARS = 120
_SCAN_SECONDS = 2.0  # for the values of the consent columns, of which a later row may have another one


@dataclass(frozen=True, slots=True)
class PreviewRequest:
    """The object to preview, the user's mapping, and the labels of all contacts."""

    key: str
    mapping: ColumnMapping | None = None
    labels: Labels = Labels()


def build_preview(
    request: PreviewRequest,
    bucket: Bucket,
    settings: Settings,
    *,
    account: Account | QueryFailed | None = None,
    today: date,
    clock: Callable[[], float],
) -> dict[str, Any]:
    """Return the content of the import page before anything is sent. Raise FileError if the file is no contact list.

    `account` is the account that would get the contacts, None if it was not queried. `clock` counts seconds.
    """
    deadline = clock() + _SCAN_SECONDS
    with bucket.open(request.key) as stream:
        table = open_table(stream, region=settings.phone_region, mapping=request.mapping)
        rows = list(islice(table.rows, _SAMPLE_ROWS + 1))
        table.close()
    is_whole_file = len(rows) <= _SAMPLE_ROWS
    rows = rows[:_SAMPLE_ROWS]
    labels, date_order = settings.default_labels + request.labels, _find_date_order(table.layout, rows)
    rules = ValidationRules(
        today,
        settings.phone_region,
        settings.mobile_only,
        labels,
        date_order,
        require_consent=settings.require_consent,
    )
    found = _read_first_pass(table, rows, rules, partial(bucket.open, request.key), lambda: clock() < deadline)
    return {
        **_describe_table(table, rows, found, is_whole_file=is_whole_file),
        **_describe_rows(_validate_sample(table, rows, rules, found)),
        "tags": list(labels.tags),
        "list": list(labels.lists),
        "account": asdict(account) if isinstance(account, Account) else None,
        "account_error": account.reason if isinstance(account, QueryFailed) else None,
        "sandbox": settings.sandbox,
    }


def _describe_table(table: Table, rows: list[Row], found: FirstPass, *, is_whole_file: bool) -> dict[str, Any]:
    summary = table.summarize()
    return {
        "format": summary.format,
        "columns": _describe_columns(table, rows),
        "fields": [name for name, role in ROLE_BY_FIELD.items() if FIELD_NAMES[role] == name],  # without aliases
        "mapping": build_mapping(table.columns),
        "consent": _describe_consent(table, found),
        "is_whole_file": is_whole_file,
        "file_warnings": [one.reason if one.field == "file" else _describe_warning(one) for one in summary.warnings],
        "error": summary.error or None,
    }


def _read_first_pass(
    table: Table,
    rows: list[Row],
    rules: ValidationRules,
    reopen: Callable[[], BinaryIO],
    has_time: Callable[[], bool],
) -> FirstPass:
    """Return the statements of rows about others: of the sample, or of the whole file if a column is about consent.

    `is_complete` is False if there was no time to read to the end of the file.
    """
    sample = read_first_pass(rows, table.columns, rules)
    if len(rows) < _SAMPLE_ROWS or not any(column.field == "consent" for column in table.columns.columns):
        return sample
    if not has_time():  # a ZIP or a workbook is fetched whole each time that it is opened
        return replace(sample, is_complete=False)
    with reopen() as stream:
        again = open_table(stream, region=rules.phone_region, layout=table.layout)
        whole = read_first_pass(again.rows, table.columns, rules, has_time)
        again.close()
    return whole if whole.is_complete else replace(sample, tally=whole.tally, is_complete=False)


def _find_date_order(layout: Layout, rows: list[Row]) -> DateOrder:
    indexes = layout.columns.role_indexes.get(Role.BIRTHDAY, ())
    if not indexes or layout.columns.date_order is not DateOrder.UNKNOWN:
        return layout.columns.date_order
    return infer_date_order(row.cells[indexes[0]] for row in rows if len(row.cells) > indexes[0])


def _validate_sample(
    table: Table, rows: list[Row], rules: ValidationRules, found: FirstPass
) -> list[Contact | Outcome]:
    if not table.columns.has_phones:
        return [Outcome(row, Status.INVALID, NO_PHONE_COLUMN) for row in rows]
    held = replace(rules, held_numbers=found.held_numbers)
    return list(validate_rows(rows, table.columns, held, found.more_labels))


def _describe_columns(table: Table, rows: list[Row]) -> list[dict[str, Any]]:
    described = []
    for index, (column, key) in enumerate(zip(table.columns.columns, list_column_keys(table.columns), strict=True)):
        cells = (row.cells[index].strip() for row in rows if len(row.cells) > index)
        # Three different values say more about a column than one value three times.
        values = islice(dict.fromkeys(filter(None, cells)), _VALUES_PER_COLUMN)
        described.append(
            {
                "key": key,
                "header": column.header,
                "field": column.field,
                "values": list(map(_shorten, values)),
                "is_report_column": bool(find_report_column(column.header)),
            }
        )
    return described


def _describe_consent(table: Table, found: FirstPass) -> dict[str, Any]:
    """Return the values of each consent column and their meanings. `is_complete` is False if there may be more values.

    They are not masked, because the person who uploaded the file decides what its values mean.
    """
    keys = dict(zip(reversed(table.columns.header), reversed(list_column_keys(table.columns)), strict=True))
    return {
        "is_complete": found.is_complete,
        "columns": [
            {
                "key": keys.get(header, header),
                "header": header,
                "values": [
                    {"value": value, "taken_for": verdict.value, "count": count}
                    for (value, verdict), count in values.most_common()
                ],
            }
            for header, values in found.tally.columns.items()
        ],
    }


def _describe_rows(validated: Iterable[Contact | Outcome]) -> dict[str, Any]:
    """Return the counts of the sample, and its first contacts and failures beside the rows they come from."""
    counts, contacts, failures = Counts(), list[dict[str, Any]](), list[dict[str, Any]]()
    for one in validated:
        if isinstance(one, Outcome):
            counts.add(one)
            failures.append(_describe_row(one.row) | {"status": one.status.value, "reason": one.reason})
        else:
            counts.add(Outcome(one.row, Status.ACCEPTED, "", one.warnings))
            contacts.append(_describe_contact(one))
    return {
        "rows": counts.build_rows(),
        "reasons": counts.build_reasons(),
        "warnings": list(counts.build_warnings()),
        "contacts": contacts[:_SHOWN_ROWS],
        "failures": failures[:_SHOWN_ROWS],
    }


def _describe_contact(contact: Contact) -> dict[str, Any]:
    fields = {name: value for name, value in zip(CONTACT_FIELDS, contact.values, strict=True) if value}
    return _describe_row(contact.row) | {
        "contact": fields,
        "tags": list(contact.labels.tags),
        "list": list(contact.labels.lists),
        "warnings": list(map(_describe_warning, contact.warnings)),
    }


def _describe_row(row: Row) -> dict[str, Any]:
    return {"row": row.number, "cells": list(map(_shorten, row.cells[:_SHOWN_CELLS]))}


def _describe_warning(warning: RowWarning) -> str:
    return f"{warning.field}: {warning.reason}"


def _shorten(text: str) -> str:
    return text if len(text) <= _MAX_CELL_CHARS else f"{text[:_MAX_CELL_CHARS]}…"
