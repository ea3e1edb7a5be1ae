"""The HTTP doors: who may come in, and what each hears. docs/openapi.yaml describes them for outsiders.

A hook never hears 404 or 410, nor a redirect: some senders switch themselves off for it. What is authentic is kept
and answered with 200, whether there is somebody in it or not.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

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
_FALLBACK_DELAY_SECONDS = 60  # until the queue looks whether a call that was made at once came to its end
_UNAUTHORIZED = "There is no such sender, or its signature or token is missing or wrong."
_BODY_TOO_LARGE = "The body is larger than 1 MB."
_NO_CONTACTS = "There is no contact in the body."
_IDEMPOTENCY_KEY_REUSED = "This Idempotency-Key came with another body before."
_IDEMPOTENCY_KEY_TOO_LONG = f"An Idempotency-Key has at most {_MAX_IDEMPOTENCY_KEY_CHARS} characters."


@dataclass(frozen=True, slots=True)
class Routes:
    """`run` imports a submission at once and gives the content of its result.json, or "" and what it waits for.

    `name` makes up a key that nobody has; `note` takes an event for the log, without anything of a person.
    """

    settings: Settings
    config_cache: SenderConfigCache
    store: SubmissionStore
    run: Callable[[Submission], tuple[str, str]]
    now: Callable[[], datetime]
    generate_key: Callable[[], str]
    log: Callable[..., None]

    def handle(self, request: HttpRequest) -> HttpResponse:
        """Raise SecretError and LedgerError when it is our own trouble."""
        match [part for part in request.path.split("/") if part]:
            case ["hooks", *rest]:
                response = self._handle_webhook(request, "/".join(rest))
            case ["contacts"]:
                response = (
                    self._handle_contacts(request)
                    if request.method == "POST"
                    else responses.build_method_not_allowed("POST")
                )
            case ["imports", import_id]:
                response = (
                    self._handle_import_status(request, import_id)
                    if request.method in ("GET", "HEAD")
                    else responses.build_method_not_allowed("GET, HEAD")
                )
            case _:
                response = responses.build_error(404, "There is nothing here.")
        return response if request.method != "HEAD" else HttpResponse(response.status, response.headers, "")

    def _handle_webhook(self, request: HttpRequest, sender_name: str) -> HttpResponse:
        if len(request.body) > MAX_BODY_BYTES:
            return responses.build_error(413, _BODY_TOO_LARGE)
        sender = self.config_cache.get().find_sender(sender_name)
        outcome = self._authenticate(request, sender)
        if isinstance(outcome, str) and outcome and (fresh := self.config_cache.refresh()):
            sender = fresh.find_sender(sender_name)
            outcome = self._authenticate(request, sender)
        if isinstance(outcome, HttpResponse):
            return outcome
        if outcome or not sender:
            self.log("delivery rejected", sender=sender.name if sender else None, reason=outcome)
            return responses.build_error(401, _UNAUTHORIZED)
        if request.method != "POST":
            return responses.build_method_not_allowed("GET, HEAD, OPTIONS, POST")
        return answer_challenge(request, sender) or self._accept_delivery(request, sender)

    def _authenticate(self, request: HttpRequest, sender: WebhookSender | None) -> HttpResponse | str:
        """The answer to a handshake; for a delivery, why it is turned away, "" when it is authentic."""
        if not sender:
            return "nobody of this name may post"
        response = answer_handshake(request, sender)
        if response is not None:
            return response if response.status < 400 else "a wrong verify token"
        return verify_signature(request, sender, self.now())

    def _accept_delivery(self, request: HttpRequest, sender: WebhookSender) -> HttpResponse:
        from contact_import.webhooks.extraction.people import extract_people  # noqa: PLC0415  not needed to turn somebody away

        try:
            extracted = extract_people(request, sender)
        except BodyError as error:
            return responses.build_error(400, str(error))
        submission = self._store_once(request, sender, extracted)
        self.log(
            "delivery stored",
            import_id=submission.import_id,
            sender=sender.name,
            contacts=len(submission.people),
        )
        payload: dict[str, Any] = {"import_id": submission.import_id, "contacts": len(submission.people)}
        if submission.reason:
            payload["reason"] = submission.reason
        return build_acknowledgement(request) or responses.build_response(200, payload)

    def _store_once(self, request: HttpRequest, sender: WebhookSender, extracted: ExtractionResult) -> Submission:
        source, now = f"hooks/{sender.name}", self.now()
        digest = hashlib.sha256(request.body).hexdigest()
        import_id, previous_id = (
            (compute_id_from_key(source, extracted.event_id), "")
            if extracted.event_id
            else compute_ids_from_digest(source, digest, now)
        )
        existing = self.store.find_recent(previous_id, now) if previous_id else None
        if existing is None:
            secrets = sender.secrets
            labels = self.settings.default_labels + sender.labels
            stored = self.store.save_once(
                Submission(
                    import_id,
                    source,
                    now,
                    labels,
                    extracted.people,
                    extracted.reason,
                    BatchSettings.from_settings(self.settings),
                    redact_request(request, secrets),
                    digest,
                )
            )
            if stored.is_new:
                self.store.enqueue(stored.submission)
                return stored.submission
            existing = stored.submission
        if not self.store.read_result(existing):
            # It came again because nobody heard our answer: perhaps its message was never sent.
            self.store.enqueue(existing)
        return existing

    def _handle_contacts(self, request: HttpRequest) -> HttpResponse:
        from contact_import.webhooks.extraction.body import parse_body  # noqa: PLC0415  not needed to turn somebody away
        from contact_import.webhooks.extraction.person_table import parse_contacts_request  # noqa: PLC0415

        if len(request.body) > MAX_BODY_BYTES:
            return responses.build_error(413, _BODY_TOO_LARGE)
        config = self._authenticate_token(request)
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
        # The message first: should this run break off, the queue goes on from there.
        self.store.enqueue(stored.submission, 0 if is_async else _FALLBACK_DELAY_SECONDS)
        self.log("contacts stored", import_id=import_id, contacts=len(submission.people))
        result, reason = ("", "") if is_async else self.run(stored.submission)
        return (
            responses.build_result(result) if result else responses.build_accepted(import_id, reason, is_async=is_async)
        )

    def _handle_import_status(self, request: HttpRequest, import_id: str) -> HttpResponse:
        if self._authenticate_token(request) is None:
            return responses.build_unauthorized()
        status = self.store.get_status(import_id) if is_import_id(import_id) else None
        if status is None:
            return responses.build_error(404, "There is no import with this id.")
        return responses.build_result(status.result) if status.result else responses.build_response(202, status.details)

    def _authenticate_token(self, request: HttpRequest) -> SenderConfig | None:
        """Who may come in when this post bears one of the tokens, None when it does not."""
        config = self.config_cache.get()
        if has_token(request, config.tokens):
            return config
        fresh = self.config_cache.refresh()
        return fresh if fresh and has_token(request, fresh.tokens) else None


def _prefers_async(request: HttpRequest) -> bool:
    preferences = request.headers.get("prefer", "").lower().replace(";", ",").split(",")
    return "respond-async" in (preference.strip() for preference in preferences)
