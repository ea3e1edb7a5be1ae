"""Answer `DELETE /imports/<id>`: stop a running import."""

from dataclasses import dataclass

from contact_import.domain.http import HttpRequest, HttpResponse
from contact_import.domain.ids import is_import_id
from contact_import.webhooks import responses
from contact_import.webhooks.api.callers import authenticate_caller, find_caller_name
from contact_import.webhooks.api.imports import UNKNOWN_IMPORT
from contact_import.webhooks.intake import SubmissionStore
from contact_import.webhooks.senders.config_cache import SenderConfigCache

_FINISHED = "The import is finished already."
_NOT_A_FILE = "Only the import of a file can be stopped."


@dataclass(frozen=True, slots=True)
class StopRoute:
    """The route `DELETE /imports/<id>`, for files. Requests in flight end normally; all other contacts are `unsent`."""

    config_cache: SenderConfigCache
    store: SubmissionStore

    def handle(self, request: HttpRequest, import_id: str) -> HttpResponse:
        """Return 202 for an import that stops within seconds, or an error that says why it cannot be stopped."""
        if authenticate_caller(request, self.config_cache) is None:
            return responses.build_unauthorized()
        status = self.store.get_status(import_id) if is_import_id(import_id) else None
        if status is None:
            return responses.build_error(404, UNKNOWN_IMPORT)
        # The contacts of a call or delivery are sent within seconds, in requests that they share with others.
        if status.submission is not None:
            return responses.build_error(409, _NOT_A_FILE)
        if status.result:
            return responses.build_error(409, _FINISHED)
        name = find_caller_name(request, self.config_cache.get())
        self.store.mark_stopped(import_id, f"Stopped by {name}" if name else "Stopped on request")
        return responses.build_accepted(import_id, is_async=False)
