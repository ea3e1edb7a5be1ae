"""Save the history of imported files: one small object for each, whose key sorts the newest first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contact_import.aws.s3 import Bucket
from contact_import.domain.ids import find_upload_time
from contact_import.domain.object_keys import make_history_key
from contact_import.reports.advice import count_todos
from contact_import.reports.summary import summarize_result

_KEPT_KEYS = ("import_id", "status", "dry_run", "sandbox", "started_at", "finished_at", "rows", "tags", "list", "error")


def save_history(bucket: Bucket, result: Mapping[str, Any]) -> None:
    """Write the line of a finished file. Deliveries have none, because a busy form would hide the files.

    The key depends on the import only: two writes give one line, which replaces that of the running import.
    """
    source = result["source"]
    if source["kind"] != "s3":
        return
    began = find_upload_time(source["key"]) or datetime.fromisoformat(result["started_at"])
    line = {name: result.get(name) for name in _KEPT_KEYS} | {
        "file": source["key"].rpartition("/")[2],
        "started_by": result.get("started_by"),
        "summary": build_summary(result),
    }
    bucket.put_json(make_history_key(began, result["import_id"]), line)


def build_summary(result: Mapping[str, Any]) -> dict[str, Any]:
    """Return the headline of a result, and the number of its failed rows by what to do: `{"to correct": 6}`."""
    return {
        "headline": result["error"] or summarize_result(result),
        "todos": {str(todo): count for todo, count in count_todos(result["reasons"]).items()},
    }
