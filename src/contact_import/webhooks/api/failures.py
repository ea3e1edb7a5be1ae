"""Add the contacts of a request that were not imported to the API's answer, as `failures`.

They are read from failed.csv when the answer is built, so nothing more is stored for each delivery.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from contact_import.domain.roles import Role
from contact_import.resubmission.formula_escape import unescape_formula
from contact_import.webhooks.submission import Submission

MAX_FAILURES = (
    1000  # Lambda limits a response to 6 MB (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)
)
_MAX_CELL_CHARS = 64 * 1024 * 1024  # csv's own limit is 128 KB, and one value of a body may be longer


def add_failures(result_json: str, submission: Submission, read_file: Callable[[str], bytes | None]) -> str:
    """Return the content of a submission's result.json with `failures`, the first 1,000 contacts that failed.

    `read_file` returns an object of the bucket by its key.
    """
    result = json.loads(result_json)
    rows, failures = result["rows"], list[dict[str, Any]]()
    if rows["read"] > rows["accepted"] and (data := read_file(result["failed_csv"])):
        failures = list(islice(_read_failures(data, submission), MAX_FAILURES))
    return json.dumps(result | {"failures": failures}, ensure_ascii=False)


def _read_failures(data: bytes, submission: Submission) -> Iterator[dict[str, Any]]:
    # `_row` is the row number in the submission's table, whose rows are its people in their order.
    csv.field_size_limit(_MAX_CELL_CHARS)
    for line in csv.DictReader(io.StringIO(data.decode("utf-8-sig", "replace"), newline="")):
        index = int(line["_row"]) - 1  # people are rows, numbered from 1
        yield {
            "index": index,
            "phone_number": _find_phone(submission, index),
            "status": line["_status"],
            "reason": unescape_formula(line["_reason"]),
            "suggestion": unescape_formula(line["_suggestion"]) or None,
        }


def _find_phone(submission: Submission, index: int) -> str | None:
    """Return the phone of a person as the caller sent it, None for a person without one."""
    fields = submission.people[index].fields if index < len(submission.people) else ()
    return next((field.value for field in fields if field.role is Role.PHONE), None)
