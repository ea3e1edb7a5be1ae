"""Answer `GET /imports`: list the last imports of files, newest first."""

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from typing import Any

from contact_import.aws.s3 import Bucket
from contact_import.domain.http import HttpRequest, HttpResponse
from contact_import.domain.object_keys import HISTORY
from contact_import.webhooks import responses
from contact_import.webhooks.api.callers import authenticate_caller
from contact_import.webhooks.intake import SubmissionStore
from contact_import.webhooks.senders.config_cache import SenderConfigCache

_DEFAULT_LIMIT, _MAX_LIMIT = 20, 100
_MARKER = re.compile(r"[0-9a-f]{8}-[0-9a-f]{24}")  # the end of a key: time and import id
_READERS = 10  # one object for each line, of which S3 takes tens of milliseconds each
_BAD_LIMIT = f"limit must be a number from 1 to {_MAX_LIMIT}."
_BAD_MARKER = "before must be the value of next in an earlier response."


@dataclass(frozen=True, slots=True)
class HistoryRoute:
    """The route `GET /imports`. `summarize` returns headline and todos of the content of a result.json."""

    config_cache: SenderConfigCache
    bucket: Bucket
    store: SubmissionStore
    summarize: Callable[[dict[str, Any]], dict[str, Any]]

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the newest imports, or those before the marker of an earlier answer. A page has up to 100 imports."""
        if authenticate_caller(request, self.config_cache) is None:
            return responses.build_unauthorized()
        limit, before = request.query.get("limit", str(_DEFAULT_LIMIT)), request.query.get("before", "")
        if not (re.fullmatch("[0-9]{1,3}", limit) and 1 <= int(limit) <= _MAX_LIMIT):
            return responses.build_error(400, _BAD_LIMIT)
        if before and not _MARKER.fullmatch(before):
            return responses.build_error(400, _BAD_MARKER)
        start_after = f"{HISTORY}{before}" if before else ""
        # One key more than is shown: only then is there a next page.
        keys = list(islice(self.bucket.list_keys(HISTORY, start_after), int(limit) + 1))
        shown = keys[: int(limit)]
        with ThreadPoolExecutor(_READERS) as pool:
            lines = [line for line in pool.map(self._read_line, shown) if line]
        marker = shown[-1].removeprefix(HISTORY) if len(keys) > len(shown) else None
        return responses.build_response(200, {"imports": lines, "next": marker})

    def _read_line(self, key: str) -> dict[str, Any] | None:
        """Return a line of the history, None if it was deleted meanwhile."""
        line: dict[str, Any] | None = self.bucket.read_json(key)
        if not line or line["status"] != "running":
            return line
        # NotifyFunction replaces the line a moment after the import is finished.
        status = self.store.get_status(line["import_id"])
        if status is None or not status.result:
            return line
        result = json.loads(status.result)
        kept = ("status", "sandbox", "started_at", "finished_at", "rows", "tags", "list", "error")
        return line | {name: result[name] for name in kept} | {"summary": self.summarize(result)}
