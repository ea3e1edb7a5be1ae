"""Route HTTP requests: webhook deliveries, `POST /contacts` and `GET /imports/<id>`. See docs/openapi.yaml.

A webhook is never answered with 404, 410 or a redirect: some senders disable an endpoint for those. An authentic
delivery is stored and answered with 200, with or without a contact in it.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from contact_import.domain.http import HttpRequest, HttpResponse
from contact_import.domain.ids import is_import_id
from contact_import.domain.person import ExtractionResult
from contact_import.errors import BodyError
from contact_import.settings import Settings
from contact_import.webhooks import responses
from contact_import.webhooks.intake import SubmissionStore, compute_id_from_key, compute_ids_from_digest
from contact_import.webhooks.senders.config import SenderConfig, WebhookSender
from contact_import.webhooks.senders.config_cache import SenderConfigCache
from contact_import.webhooks.senders.handshakes import answer_challenge, answer_handshake, build_acknowledgement
from contact_import.webhooks.senders.redaction import redact_request
from contact_import.webhooks.senders.signature import verify_signature
from contact_import.webhooks.senders.tokens import has_token
from contact_import.webhooks.submission import BatchSettings, Submission

MAX_BODY_BYTES = 1024 * 1024
_MAX_IDEMPOTENCY_KEY_CHARS = 255
_FALLBACK_DELAY_SECONDS = 60  # after it, the queue function finishes what an API call began and did not finish
_UNAUTHORIZED = "There is no such sender, or its signature or token is missing or wrong."
_BODY_TOO_LARGE = "The body is larger than 1 MB."
_NO_CONTACTS = "There is no contact in the body."
_IDEMPOTENCY_KEY_REUSED = "This Idempotency-Key came with another body before."
_IDEMPOTENCY_KEY_TOO_LONG = f"An Idempotency-Key has at most {_MAX_IDEMPOTENCY_KEY_CHARS} characters."


@dataclass(frozen=True, slots=True)
class Routes:
    """The HTTP API without its transport.

    `run` imports a submission while the caller waits, and returns the content of its result.json, or "" and the
    reason for the delay. `generate_key` returns a unique key; `log` takes an event and its fields.
    """

    settings: Settings
    config_cache: SenderConfigCache
    store: SubmissionStore
    run: Callable[[Submission], tuple[str, str]]
    now: Callable[[], datetime]
    generate_key: Callable[[], str]
    log: Callable[..., None]

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Return the response to a request. Raise SecretError or LedgerError for a fault that is ours."""
        match [part for part in request.path.split("/") if part]:
            case ["hooks", *name]:
                response = self._handle_webhook(request, "/".join(name))
            case ["contacts"] if request.method == "POST":
                response = self._handle_contacts(request)
            case ["contacts"]:
                response = responses.build_method_not_allowed("POST")
            case ["imports", import_id] if request.method in ("GET", "HEAD"):
                response = self._handle_import_status(request, import_id)
            case ["imports", _]:
                response = responses.build_method_not_allowed("GET, HEAD")
            case _:
                response = responses.build_error(404, "There is nothing here.")
        return response if request.method != "HEAD" else HttpResponse(response.status, response.headers, "")

    def _handle_webhook(self, request: HttpRequest, sender_name: str) -> HttpResponse:
        if len(request.body) > MAX_BODY_BYTES:
            return responses.build_error(413, _BODY_TOO_LARGE)
        sender = self.config_cache.get().find_sender(sender_name)
        verdict = self._authenticate_sender(request, sender)
        # A secret may have been added since the configuration was loaded.
        if isinstance(verdict, str) and verdict and (fresh := self.config_cache.refresh()):
            sender = fresh.find_sender(sender_name)
            verdict = self._authenticate_sender(request, sender)
        if isinstance(verdict, HttpResponse):
            return verdict
        if verdict or not sender:
            self.log("delivery rejected", sender=sender.name if sender else None, reason=verdict)
            return responses.build_error(401, _UNAUTHORIZED)
        if request.method != "POST":
            return responses.build_method_not_allowed("GET, HEAD, OPTIONS, POST")
        return answer_challenge(request, sender) or self._accept_delivery(request, sender)

    def _authenticate_sender(self, request: HttpRequest, sender: WebhookSender | None) -> HttpResponse | str:
        """Return the response to a handshake; for a delivery, "" when it is authentic, otherwise the reason."""
        if not sender:
            return "nobody of this name may post"
        response = answer_handshake(request, sender)
        if response is None:
            return verify_signature(request, sender, self.now())
        return response if response.status < 400 else "a wrong verify token"

    def _accept_delivery(self, request: HttpRequest, sender: WebhookSender) -> HttpResponse:
        from contact_import.webhooks.extraction.people import extract_people  # noqa: PLC0415  not needed to reject a request
        from contact_import.webhooks.submission_contacts import count_sendable  # noqa: PLC0415  the same

        try:
            extracted, is_readable = extract_people(request, sender), True
        except BodyError as error:
            # Most senders never send it again: the delivery is stored with the reason, for people to read.
            extracted, is_readable = ExtractionResult((), "", str(error)), False
        submission = self._store_once(request, sender, extracted)
        import_id = submission.import_id
        self.log("delivery stored", sender=sender.name, import_id=import_id, contacts=len(submission.people))
        if not is_readable:
            return responses.build_response(400, {"error": submission.reason, "import_id": import_id})
        if acknowledgement := build_acknowledgement(request):
            return acknowledgement
        counts = {"contacts": len(submission.people), "sendable": count_sendable(submission)}
        reason = {"reason": submission.reason} if submission.reason else {}
        return responses.build_response(200, {"import_id": import_id, **counts, **reason})

    def _store_once(self, request: HttpRequest, sender: WebhookSender, extracted: ExtractionResult) -> Submission:
        """Store and enqueue a new delivery, or return the stored one that it repeats."""
        source, now = f"hooks/{sender.name}", self.now()
        digest = hashlib.sha256(request.body).hexdigest()
        import_id, previous_id = (
            (compute_id_from_key(source, extracted.event_id), "")
            if extracted.event_id
            else compute_ids_from_digest(source, digest, now)
        )
        # A repeat may fall into the next period of ten minutes.
        existing = self.store.find_recent(previous_id, now) if previous_id else None
        if existing is None:
            stored = self.store.save_once(
                Submission(
                    import_id,
                    source,
                    now,
                    self.settings.default_labels + sender.labels,
                    extracted.people,
                    extracted.reason,
                    BatchSettings.from_settings(self.settings),
                    redact_request(request, sender.secrets),
                    digest,
                )
            )
            if stored.is_new:
                self.store.enqueue(stored.submission)
                return stored.submission
            existing = stored.submission
        if not self.store.read_result(existing):
            # The sender did not receive our answer the first time: its message may never have been enqueued.
            self.store.enqueue(existing)
        return existing

    def _handle_contacts(self, request: HttpRequest) -> HttpResponse:
        from contact_import.webhooks.contacts_request import parse_contacts_request  # noqa: PLC0415
        from contact_import.webhooks.extraction.body import parse_body  # noqa: PLC0415  not needed to reject a request

        if len(request.body) > MAX_BODY_BYTES:
            return responses.build_error(413, _BODY_TOO_LARGE)
        config = self._authenticate_caller(request)
        if config is None:
            return responses.build_unauthorized()
        key = request.headers.get("idempotency-key", "").strip()
        if len(key) > _MAX_IDEMPOTENCY_KEY_CHARS:
            return responses.build_error(400, _IDEMPOTENCY_KEY_TOO_LONG)
        try:
            contacts_request = parse_contacts_request(parse_body(request))
        except BodyError as error:
            return responses.build_error(400, str(error))
        if not contacts_request.people:
            return responses.build_error(422, _NO_CONTACTS)
        submission = Submission(
            compute_id_from_key("contacts", key or self.generate_key()),
            "contacts",
            self.now(),
            self.settings.default_labels + contacts_request.labels,
            contacts_request.people,
            "",
            BatchSettings.from_settings(self.settings),
            redact_request(request, config.tokens),
            hashlib.sha256(request.body).hexdigest(),
        )
        return self._import_contacts(submission, is_async=_prefers_async(request))

    def _import_contacts(self, submission: Submission, *, is_async: bool) -> HttpResponse:
        stored = self.store.save_once(submission)
        if stored.submission.digest != submission.digest:
            return responses.build_error(422, _IDEMPOTENCY_KEY_REUSED)
        import_id = submission.import_id
        if not stored.is_new and (result := self.store.read_result(stored.submission)):
            return responses.build_result(result)
        # The message comes first: when this run is interrupted, the queue function continues it.
        self.store.enqueue(stored.submission, 0 if is_async else _FALLBACK_DELAY_SECONDS)
        self.log("contacts stored", import_id=import_id, contacts=len(submission.people))
        result, reason = ("", "") if is_async else self.run(stored.submission)
        if result:
            return responses.build_result(result)
        return responses.build_accepted(import_id, reason, is_async=is_async)

    def _handle_import_status(self, request: HttpRequest, import_id: str) -> HttpResponse:
        if self._authenticate_caller(request) is None:
            return responses.build_unauthorized()
        status = self.store.get_status(import_id) if is_import_id(import_id) else None
        if status is None:
            return responses.build_error(404, "There is no import with this id.")
        return responses.build_result(status.result) if status.result else responses.build_response(202, status.details)

    def _authenticate_caller(self, request: HttpRequest) -> SenderConfig | None:
        """Return the configuration when the request has one of its API tokens, otherwise None."""
        config = self.config_cache.get()
        if has_token(request, config.tokens):
            return config
        fresh = self.config_cache.refresh()
        return fresh if fresh and has_token(request, fresh.tokens) else None


def _prefers_async(request: HttpRequest) -> bool:
    preferences = request.headers.get("prefer", "").lower().replace(";", ",").split(",")
    return "respond-async" in (preference.strip() for preference in preferences)
