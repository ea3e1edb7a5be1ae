"""Answer `GET /imports/<id>` with the state of an import, and `GET /imports/<id>/<file>` with a file of its results."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contact_import.domain.http import HttpRequest, HttpResponse
from contact_import.domain.ids import is_import_id
from contact_import.webhooks import responses
from contact_import.webhooks.api.callers import authenticate_caller
from contact_import.webhooks.api.download import build_disposition
from contact_import.webhooks.api.signed_links import RESULT_FILES, LinkVerdict, check_signed_link, has_signature
from contact_import.webhooks.intake import ImportStatus, SubmissionStore
from contact_import.webhooks.senders.config_cache import SenderConfigCache
from contact_import.webhooks.submission import Submission

UNKNOWN_IMPORT = "Unknown import, or older than 14 days."
_UNKNOWN_FILE = f"Not found. The files of an import are {', '.join(RESULT_FILES)}."
_FILE_GONE = "This file was deleted."
_NOT_FINISHED = "The import is still running. Its files are available when it is finished."
_LINK_INVALID = "This link is incomplete or was replaced by a newer one."
_LINK_EXPIRED = "This link has expired. Ask the person who runs your imports for the file."
_DOWNLOAD_SECONDS = 60  # to begin a download: a client follows the redirect immediately


@dataclass(frozen=True, slots=True)
class ImportRoutes:
    """The routes of one import. `get_link_key` returns the key of signed links, b"" if links are not configured.

    `summarize` returns headline and todos of the content of a file's result.json. `add_left_out_file` writes a result
    file of a submission that was not stored because it would be empty, and returns whether that was so.
    """

    config_cache: SenderConfigCache
    store: SubmissionStore
    now: Callable[[], datetime]
    get_link_key: Callable[[], bytes]
    summarize: Callable[[dict[str, Any]], dict[str, Any]]
    add_left_out_file: Callable[[Submission, dict[str, Any], str], bool]

    def handle_status(self, request: HttpRequest, import_id: str) -> HttpResponse:
        """Return the result of an import, or 202 with its progress."""
        if authenticate_caller(request, self.config_cache) is None:
            return responses.build_unauthorized()
        status = self._find_import(import_id)
        if status is None:
            return responses.build_error(404, UNKNOWN_IMPORT)
        if not status.result:
            return responses.build_running(status.details)
        if status.submission is None:
            result = json.loads(status.result)
            return responses.build_response(200, result | {"summary": self.summarize(result)})
        from contact_import.webhooks.api.failures import add_failures  # noqa: PLC0415  not needed to reject a request

        return responses.build_result(add_failures(status.result, status.submission, self.store.read_file))

    def handle_file(self, request: HttpRequest, import_id: str, file_name: str) -> HttpResponse:
        """Redirect to a file of a finished import, for a caller with a token or a signed link."""
        # A person who opened a link of a mail gets an error as a page, a program gets JSON.
        response = self._redirect_to_file(request, import_id, file_name)
        is_browser = "text/html" in request.headers.get("accept", "")
        return responses.build_error_page(response) if response.status >= 400 and is_browser else response

    def _redirect_to_file(self, request: HttpRequest, import_id: str, file_name: str) -> HttpResponse:
        if denied := self._check_access(request, import_id, file_name):
            return denied
        if file_name not in RESULT_FILES:
            return responses.build_error(404, _UNKNOWN_FILE)
        status = self._find_import(import_id)
        if status is None:
            return responses.build_error(404, UNKNOWN_IMPORT)
        if not status.result:
            return responses.build_not_finished(_NOT_FINISHED, status.details)
        url = self._make_url(status, file_name, is_head=request.method == "HEAD")
        if not url:
            return responses.build_error(404, _FILE_GONE)
        # A script cannot follow the redirect with its token and leave the file to the browser: it asks for the URL.
        is_page = request.headers.get("accept", "") == "application/json"
        return responses.build_response(200, {"url": url}) if is_page else responses.build_redirect(url)

    def _make_url(self, status: ImportStatus, file_name: str, *, is_head: bool) -> str:
        """Return the URL of a file of the results, "" for one that was deleted."""

        def make_url() -> str:
            return self.store.make_download_url(
                f"{status.results_prefix}{file_name}",
                _DOWNLOAD_SECONDS,
                disposition=build_disposition(status.result, file_name),
                is_head=is_head,
            )

        url = make_url()
        if not url and status.submission:
            is_added = self.add_left_out_file(status.submission, json.loads(status.result), file_name)
            return make_url() if is_added else ""
        return url

    def _find_import(self, import_id: str) -> ImportStatus | None:
        return self.store.get_status(import_id) if is_import_id(import_id) else None

    def _check_access(self, request: HttpRequest, import_id: str, file_name: str) -> HttpResponse | None:
        """Return None for a caller with access, else the error. It is the same whether the import exists or not."""
        if not has_signature(request.query):
            is_caller = authenticate_caller(request, self.config_cache) is not None
            return None if is_caller else responses.build_unauthorized()
        # A request with a signature is not tried as one with a token: a link must not depend on who opens it.
        key = self.get_link_key()
        verdict = (
            check_signed_link(key, import_id, file_name, request.query, self.now()) if key else LinkVerdict.INVALID
        )
        if verdict is LinkVerdict.VALID:
            return None
        sentence = _LINK_EXPIRED if verdict is LinkVerdict.EXPIRED else _LINK_INVALID
        return responses.build_error(403, sentence)
