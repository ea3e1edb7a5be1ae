"""Answer the deliveries of forms and CRMs at `/hooks/<sender>`: authenticate, store, then answer.

An authentic delivery is stored and answered with 200, with or without a contact in it. The answer is never 404, 410 or
a redirect, because some senders disable an endpoint for those; Standard Webhooks, for one, for 410
(https://www.standardwebhooks.com).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from contact_import.domain.http import MAX_BODY_BYTES, HttpRequest, HttpResponse
from contact_import.domain.person import ExtractionResult
from contact_import.errors import BodyError
from contact_import.settings import Settings
from contact_import.webhooks import responses
from contact_import.webhooks.intake import SubmissionStore, compute_id_from_key, compute_ids_from_digest
from contact_import.webhooks.senders.config import WebhookSender
from contact_import.webhooks.senders.config_cache import SenderConfigCache
from contact_import.webhooks.senders.handshakes import answer_challenge, answer_handshake, build_acknowledgement
from contact_import.webhooks.senders.redaction import redact_request
from contact_import.webhooks.senders.signature import verify_signature
from contact_import.webhooks.submission import BatchSettings, Submission

_UNAUTHORIZED = "There is no such sender, or its signature or token is missing or wrong."


@dataclass(frozen=True, slots=True)
class DeliveryRoute:
    """The route `/hooks/<sender>`, for deliveries and handshakes. `log` takes an event and its fields."""

    settings: Settings
    config_cache: SenderConfigCache
    store: SubmissionStore
    now: Callable[[], datetime]
    log: Callable[..., None]

    def handle(self, request: HttpRequest, sender_name: str) -> HttpResponse:
        """Return the response to a delivery or a handshake of the sender with this name.

        Raise SecretError if the senders' configuration cannot be used, LedgerError or an AWS error if the delivery
        cannot be stored: the caller answers 503, and the sender repeats it.
        """
        if len(request.body) > MAX_BODY_BYTES:
            return responses.build_too_large()
        sender = self.config_cache.get().find_sender(sender_name)
        verdict = self._authenticate_sender(request, sender)
        # The secret may have been replaced since the configuration was loaded: load it once more before a refusal.
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
        """Return the response to a handshake. For a delivery, return "" if it is authentic, otherwise the reason."""
        if not sender:
            return "no such sender"
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
            # Most senders do not repeat a delivery that got 400: it is stored with the reason, for people to read.
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
        """Store and enqueue a new delivery, or return the stored one that it repeats.

        A repeat has the sender's event id or, without one, an equal body within ten minutes.
        """
        source, now = f"hooks/{sender.name}", self.now()
        digest = hashlib.sha256(request.body).hexdigest()
        import_id, previous_id = (
            (compute_id_from_key(source, extracted.event_id), "")
            if extracted.event_id
            else compute_ids_from_digest(source, digest, now)
        )
        # The id of a body has its period of ten minutes in it, and a repeat may come in the next period.
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
