"""Answer `POST /uploads`, and `preview` and `import` of an upload.

A file takes three calls: `POST /uploads` returns a form of S3 to which the client posts the file; `…/preview` shows how
it would be read; `…/import` starts the import. The file itself never passes through this function, which could not take
more than 6 MB.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from contact_import.domain.http import MAX_BODY_BYTES, HttpRequest, HttpResponse
from contact_import.domain.ids import is_import_id, make_upload_id
from contact_import.domain.labels import Labels
from contact_import.errors import BodyContentError, BodyError, FileError, SourceGoneError
from contact_import.webhooks import responses
from contact_import.webhooks.api.callers import authenticate_caller, build_origin, find_caller_name
from contact_import.webhooks.api.uploads.upload_store import Caller, UploadStore
from contact_import.webhooks.senders.config_cache import SenderConfigCache

if TYPE_CHECKING:
    from contact_import.columns.user_mapping import ColumnMapping

_UNKNOWN_UPLOAD = "Upload not found: the file is not complete yet, or it is older than one day."
_OTHER_SETTINGS = "This upload was already imported with other settings. Upload the file again to import it again."

type Preview = Callable[[str, ColumnMapping | None, Labels], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class UploadRoutes:
    """The routes of uploads, and the import page.

    `preview` returns the preview of an object, by its key, a mapping and labels. `generate_hex` returns random
    hexadecimal digits; `log` takes an event and its fields.
    """

    config_cache: SenderConfigCache
    store: UploadStore
    preview: Preview
    now: Callable[[], datetime]
    generate_hex: Callable[[], str]
    log: Callable[..., None]
    allow_loopback_callbacks: bool = False

    def handle_page(self) -> HttpResponse:
        """Return the import page. It contains no data and needs no token."""
        from contact_import.webhooks.api.page.import_page import build_import_page  # noqa: PLC0415  not for a program

        # The page may connect to the bucket's host, which only a form of S3 names: this one is for no upload.
        return build_import_page(self.store.make_form("0" * 24, "any", 1)["url"])

    def handle_new(self, request: HttpRequest) -> HttpResponse:
        """Return the form of S3 that takes the file."""
        from contact_import.webhooks.api.uploads.upload_request import parse_new_upload  # noqa: PLC0415

        body, denied = self._read_body(request)
        if denied:
            return denied
        try:
            name, size = parse_new_upload(body)
        except BodyContentError as error:
            return responses.build_error(422, str(error))
        upload_id = make_upload_id(self.now(), self.generate_hex())
        return responses.build_response(
            201, {"upload_id": upload_id, "post": self.store.make_form(upload_id, name, size)}
        )

    def handle_preview(self, request: HttpRequest, upload_id: str) -> HttpResponse:
        """Return how the file would be imported. Nothing is sent, and nothing is stored."""
        return self._handle_upload(request, upload_id, is_import=False)

    def handle_import(self, request: HttpRequest, upload_id: str) -> HttpResponse:
        """Start the import. A repeated call returns the same import."""
        return self._handle_upload(request, upload_id, is_import=True)

    def _handle_upload(self, request: HttpRequest, upload_id: str, *, is_import: bool) -> HttpResponse:
        from contact_import.webhooks.api.uploads.upload_request import parse_upload_request  # noqa: PLC0415

        body, denied = self._read_body(request)
        if denied:
            return denied
        try:
            upload_request = parse_upload_request(
                body or {}, is_import=is_import, allow_loopback=self.allow_loopback_callbacks
            )
            key = self.store.find(upload_id) if is_import_id(upload_id) else None
            if key is None:
                return responses.build_error(404, _UNKNOWN_UPLOAD)
            if not is_import:
                found = self.preview(key, upload_request.mapping, upload_request.labels)
                return responses.build_response(200, {"upload_id": upload_id, "file": key.rpartition("/")[2]} | found)
            name = find_caller_name(request, self.config_cache.get())
            caller = Caller(name, build_origin(request.url))
            started = self.store.start_import(key, upload_id, upload_request, caller, now=self.now())
        except SourceGoneError:
            return responses.build_error(404, _UNKNOWN_UPLOAD)
        except (BodyContentError, FileError) as error:
            return responses.build_error(422, str(error))
        if started.is_other:
            return responses.build_error(409, _OTHER_SETTINGS)
        self.log("import requested", import_id=started.import_id, dry_run=upload_request.is_dry_run)
        return responses.build_accepted(started.import_id, is_async=False)

    def _read_body(self, request: HttpRequest) -> tuple[Any, HttpResponse | None]:
        """Return the JSON of a body, None for an empty one, and the response if the request is refused, else None."""
        from contact_import.webhooks.extraction.body import parse_json_body  # noqa: PLC0415  not to reject a request

        if len(request.body) > MAX_BODY_BYTES:
            return None, responses.build_too_large()
        if authenticate_caller(request, self.config_cache) is None:
            return None, responses.build_unauthorized()
        try:
            return parse_json_body(request) if request.body.strip() else None, None
        except BodyError as error:
            return None, responses.build_error(400, str(error))
