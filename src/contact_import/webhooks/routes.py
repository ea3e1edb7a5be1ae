"""Route HTTP requests: webhook deliveries, and the API of programs and people. See docs/openapi.yaml."""

from dataclasses import dataclass

from contact_import.domain.http import HttpRequest, HttpResponse
from contact_import.webhooks import responses
from contact_import.webhooks.api.contacts import ContactsRoute
from contact_import.webhooks.api.imports import ImportRoutes
from contact_import.webhooks.deliveries import DeliveryRoute


@dataclass(frozen=True, slots=True)
class Routes:
    """The HTTP API without its transport."""

    deliveries: DeliveryRoute
    contacts: ContactsRoute
    imports: ImportRoutes

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the response to a request. Raise SecretError or LedgerError for a fault that is ours."""
        is_read = request.method in ("GET", "HEAD")
        match [part for part in request.path.split("/") if part]:
            case ["hooks", *name]:
                response = self.deliveries.handle(request, "/".join(name))
            case ["contacts"] if request.method == "POST":
                response = self.contacts.handle(request)
            case ["contacts"]:
                response = responses.build_method_not_allowed("POST")
            case ["imports", import_id] if is_read:
                response = self.imports.handle_status(request, import_id)
            case ["imports", import_id, file_name] if is_read:
                response = self.imports.handle_file(request, import_id, file_name)
            case ["imports", _] | ["imports", _, _]:
                response = responses.build_method_not_allowed("GET, HEAD")
            case _:
                response = responses.build_error(404, "Not found.")
        return response if request.method != "HEAD" else HttpResponse(response.status, response.headers, "")
