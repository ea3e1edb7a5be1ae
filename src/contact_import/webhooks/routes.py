"""Route HTTP requests: webhook deliveries, and the API of programs and people (docs/openapi.yaml)."""

from dataclasses import dataclass

from contact_import.domain.http import HttpRequest, HttpResponse
from contact_import.webhooks import responses
from contact_import.webhooks.api.contacts import ContactsRoute
from contact_import.webhooks.api.history import HistoryRoute
from contact_import.webhooks.api.imports import ImportRoutes
from contact_import.webhooks.api.stop import StopRoute
from contact_import.webhooks.api.uploads.upload_routes import UploadRoutes
from contact_import.webhooks.deliveries import DeliveryRoute


@dataclass(frozen=True, slots=True)
class Routes:
    """The HTTP API without its transport."""

    deliveries: DeliveryRoute
    contacts: ContactsRoute
    imports: ImportRoutes
    history: HistoryRoute
    stop: StopRoute
    uploads: UploadRoutes

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the response to a request. Raise SecretError or LedgerError for a fault on this side (503)."""
        parts = [part for part in request.path.split("/") if part]
        match parts:
            case [] if request.method in ("GET", "HEAD"):
                response = self.uploads.handle_page()
            case ["hooks", *name]:
                response = self.deliveries.handle(request, "/".join(name))
            case ["imports", *rest]:
                response = self._handle_imports(request, rest)
            case ["contacts"] | ["uploads"] | ["uploads", _, "preview" | "import"] if request.method != "POST":
                response = responses.build_method_not_allowed("POST")
            case ["contacts"]:
                response = self.contacts.handle(request)
            case ["uploads"]:
                response = self.uploads.handle_new(request)
            case ["uploads", upload_id, "preview"]:
                response = self.uploads.handle_preview(request, upload_id)
            case ["uploads", upload_id, "import"]:
                response = self.uploads.handle_import(request, upload_id)
            case _:
                response = responses.build_error(404, "Not found.")
        return response if request.method != "HEAD" else HttpResponse(response.status, response.headers, "")

    def _handle_imports(self, request: HttpRequest, parts: list[str]) -> HttpResponse:
        is_read = request.method in ("GET", "HEAD")
        match parts:
            case [] if request.path != "/imports":
                return responses.build_error(404, "Not found.")
            case [] if is_read:
                return self.history.handle(request)
            case [import_id] if is_read:
                return self.imports.handle_status(request, import_id)
            case [import_id] if request.method == "DELETE":
                return self.stop.handle(request, import_id)
            case [import_id, file_name] if is_read:
                return self.imports.handle_file(request, import_id, file_name)
            case [_]:
                return responses.build_method_not_allowed("GET, HEAD, DELETE")
            case [] | [_, _]:
                return responses.build_method_not_allowed("GET, HEAD")
        return responses.build_error(404, "Not found.")
