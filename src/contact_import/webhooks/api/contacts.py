"""Answer `POST /contacts`: import contacts while the caller waits, or by the queue if there is no time for it."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from contact_import.callbacks.callback_store import Callback
from contact_import.domain.http import MAX_BODY_BYTES, HttpRequest, HttpResponse
from contact_import.errors import BodyContentError, BodyError
from contact_import.settings import Settings
from contact_import.webhooks import responses
from contact_import.webhooks.api.callers import authenticate_caller, build_origin, find_caller_name
from contact_import.webhooks.intake import SubmissionStore, compute_id_from_key
from contact_import.webhooks.senders.config import SenderConfig
from contact_import.webhooks.senders.config_cache import SenderConfigCache
from contact_import.webhooks.senders.redaction import redact_request
from contact_import.webhooks.submission import BatchSettings, Submission

if TYPE_CHECKING:
    from contact_import.webhooks.api.contacts_request import ContactsRequest

_SOURCE = "contacts"
_DRY_RUN_SOURCE = "contacts/dry_run"  # for the id only: a dry run and a real call with the same key are two imports
_MAX_IDEMPOTENCY_KEY_CHARS = 255
_FALLBACK_DELAY_SECONDS = 60  # after which the queue function finishes an import that a call began and did not finish
_KEY_REUSED = "This Idempotency-Key was already used with a different body."
_KEY_TOO_LONG = f"An Idempotency-Key has at most {_MAX_IDEMPOTENCY_KEY_CHARS} characters."


@dataclass(frozen=True, slots=True)
class ContactsRoute:
    """The route `POST /contacts`.

    `run` imports a submission while the caller waits, and returns the content of its result.json, or "" and the
    reason for the delay. `generate_key` returns a unique key; `log` takes an event and its fields.

    An `Idempotency-Key` makes a repeated call the same import, as the IETF draft describes
    (https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/): 422 for the same key with another
    body.
    """

    settings: Settings
    config_cache: SenderConfigCache
    store: SubmissionStore
    run: Callable[[Submission], tuple[str, str]]
    now: Callable[[], datetime]
    generate_key: Callable[[], str]
    log: Callable[..., None]
    allow_loopback_callbacks: bool = False

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the result of the import, 202 if it is not finished, or an error with a sentence for the caller."""
        from contact_import.webhooks.api.contacts_request import parse_contacts_request  # noqa: PLC0415
        from contact_import.webhooks.extraction.body import parse_json_body  # noqa: PLC0415  not to reject a request

        if len(request.body) > MAX_BODY_BYTES:
            return responses.build_too_large()
        # Before the body is parsed: a stranger must not make the function work.
        config = authenticate_caller(request, self.config_cache)
        if config is None:
            return responses.build_unauthorized()
        key = request.headers.get("idempotency-key", "").strip()
        if len(key) > _MAX_IDEMPOTENCY_KEY_CHARS:
            return responses.build_error(400, _KEY_TOO_LONG)
        try:
            body = parse_json_body(request)
            contacts_request = parse_contacts_request(body, allow_loopback=self.allow_loopback_callbacks)
        except BodyContentError as error:
            return responses.build_error(422, str(error))
        except BodyError as error:
            return responses.build_error(400, str(error))
        submission = self._build_submission(request, contacts_request, config, key or self.generate_key())
        url = contacts_request.callback_url
        callback = Callback(url, build_origin(request.url)) if url else None
        return self._import_contacts(submission, callback, is_async=_prefers_async(request))

    def _build_submission(
        self, request: HttpRequest, contacts_request: "ContactsRequest", config: SenderConfig, key: str
    ) -> Submission:
        return Submission(
            compute_id_from_key(_DRY_RUN_SOURCE if contacts_request.is_dry_run else _SOURCE, key),
            _SOURCE,
            self.now(),
            self.settings.default_labels + contacts_request.labels,
            contacts_request.people,
            "",
            BatchSettings.from_settings(self.settings),
            redact_request(request, config.tokens),
            hashlib.sha256(request.body).hexdigest(),
            is_dry_run=contacts_request.is_dry_run,
            started_by=find_caller_name(request, config),
        )

    def _import_contacts(self, submission: Submission, callback: Callback | None, *, is_async: bool) -> HttpResponse:
        from contact_import.webhooks.api.failures import add_failures  # noqa: PLC0415  not needed to reject a request

        stored = self.store.save_once(submission)
        # The result of the earlier body would hide that these contacts were never imported.
        if stored.submission.digest != submission.digest:
            return responses.build_error(422, _KEY_REUSED)
        import_id = submission.import_id
        if not stored.is_new and (result := self.store.read_result(stored.submission)):
            return responses.build_result(add_failures(result, stored.submission, self.store.read_file))
        if callback:
            self.store.save_callback(import_id, callback)
        # The message comes first: if this run is interrupted, the queue function continues the import.
        self.store.enqueue(stored.submission, 0 if is_async else _FALLBACK_DELAY_SECONDS)
        self.log("contacts stored", import_id=import_id, contacts=len(submission.people))
        result, reason = ("", "") if is_async else self.run(stored.submission)
        if result:
            return responses.build_result(add_failures(result, stored.submission, self.store.read_file))
        return responses.build_accepted(import_id, reason, is_async=is_async)


def _prefers_async(request: HttpRequest) -> bool:
    preferences = request.headers.get("prefer", "").lower().replace(";", ",").split(",")
    return "respond-async" in (preference.strip() for preference in preferences)
