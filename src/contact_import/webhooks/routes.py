"""The HTTP doors: who may come in, and what each hears. docs/openapi.yaml describes them for outsiders.

A hook never hears 404 or 410, nor a redirect: some senders switch themselves off for it. What is authentic is kept
and answered with 200, whether there is somebody in it or not.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contact_import.domain.http import Answer, Post
from contact_import.domain.object_keys import is_import_id
from contact_import.domain.person import Found
from contact_import.errors import BodyError
from contact_import.settings import Settings
from contact_import.webhooks import responses
from contact_import.webhooks.intake import Reception, keyed, unkeyed
from contact_import.webhooks.senders.config import Hooks, HookSender
from contact_import.webhooks.senders.config_cache import Guests
from contact_import.webhooks.senders.handshakes import acknowledgement, echo, handshake
from contact_import.webhooks.senders.signature import objection
from contact_import.webhooks.senders.tokens import bears_token, without
from contact_import.webhooks.submission import Cut, Submission

MAX_BODY_BYTES = 1024 * 1024
_LONGEST_KEY = 255
_RUNNING_SECONDS = 60  # until the queue looks whether a call that was made at once came to its end
_NOT_LET_IN = "There is no such sender, or its signature or token is missing or wrong."
_TOO_LARGE = "The body is larger than 1 MB."
_NOBODY = "There is no contact in the body."
_OTHER_BODY = "This Idempotency-Key came with another body before."
_LONG_KEY = f"An Idempotency-Key has at most {_LONGEST_KEY} characters."


@dataclass(frozen=True, slots=True)
class Doors:
    """`run` imports a submission at once and gives the content of its result.json, or "" and what it waits for.

    `name` makes up a key that nobody has; `note` takes an event for the log, without anything of a person.
    """

    settings: Settings
    guests: Guests
    reception: Reception
    run: Callable[[Submission], tuple[str, str]]
    now: Callable[[], datetime]
    name: Callable[[], str]
    note: Callable[..., None]

    def answer(self, post: Post) -> Answer:
        """Raise SecretError and LedgerError when it is our own trouble."""
        match [part for part in post.path.split("/") if part]:
            case ["hooks", *rest]:
                answer = self._hook(post, "/".join(rest))
            case ["contacts"]:
                answer = self._contacts(post) if post.method == "POST" else responses.not_allowed("POST")
            case ["imports", import_id]:
                answer = (
                    self._import(post, import_id)
                    if post.method in ("GET", "HEAD")
                    else responses.not_allowed("GET, HEAD")
                )
            case _:
                answer = responses.refusal(404, "There is nothing here.")
        return answer if post.method != "HEAD" else Answer(answer.status, answer.headers, "")

    def _hook(self, post: Post, name: str) -> Answer:
        if len(post.body) > MAX_BODY_BYTES:
            return responses.refusal(413, _TOO_LARGE)
        sender = self.guests.known().sender(name)
        met = self._meet(post, sender)
        if isinstance(met, str) and met and (fresh := self.guests.anew()):
            sender = fresh.sender(name)
            met = self._meet(post, sender)
        if isinstance(met, Answer):
            return met
        if met or not sender:
            self.note("delivery was turned away", sender=sender.name if sender else None, reason=met)
            return responses.refusal(401, _NOT_LET_IN)
        if post.method != "POST":
            return responses.not_allowed("GET, HEAD, OPTIONS, POST")
        return echo(post, sender) or self._delivery(post, sender)

    def _meet(self, post: Post, sender: HookSender | None) -> Answer | str:
        """The answer to a handshake; for a delivery, why it is turned away, "" when it is authentic."""
        if not sender:
            return "nobody of this name may post"
        said = handshake(post, sender)
        if said is not None:
            return said if said.status < 400 else "a wrong verify token"
        return objection(post, sender, self.now())

    def _delivery(self, post: Post, sender: HookSender) -> Answer:
        from contact_import.webhooks.extraction.people import people_in  # noqa: PLC0415  not needed to turn somebody away

        try:
            found = people_in(post, sender)
        except BodyError as error:
            return responses.refusal(400, str(error))
        submission = self._kept_once(post, sender, found)
        self.note(
            "delivery was kept",
            import_id=submission.import_id,
            sender=sender.name,
            contacts=len(submission.people),
        )
        said: dict[str, Any] = {"import_id": submission.import_id, "contacts": len(submission.people)}
        if submission.reason:
            said["reason"] = submission.reason
        return acknowledgement(post) or responses.reply(200, said)

    def _kept_once(self, post: Post, sender: HookSender, found: Found) -> Submission:
        door, now = f"hooks/{sender.name}", self.now()
        digest = hashlib.sha256(post.body).hexdigest()
        import_id, before = (keyed(door, found.key), "") if found.key else unkeyed(door, digest, now)
        there = self.reception.find_since(before, now) if before else None
        if there is None:
            secrets = sender.secrets
            labels = self.settings.default_labels + sender.labels
            kept = self.reception.keep(
                Submission(
                    import_id,
                    door,
                    now,
                    labels,
                    found.people,
                    found.reason,
                    Cut.by(self.settings),
                    without(post, secrets),
                    digest,
                )
            )
            if kept.is_new:
                self.reception.send_off(kept.submission)
                return kept.submission
            there = kept.submission
        if not self.reception.result(there):
            # It came again because nobody heard our answer: perhaps its message was never sent.
            self.reception.send_off(there)
        return there

    def _contacts(self, post: Post) -> Answer:
        from contact_import.webhooks.extraction.body import body_of  # noqa: PLC0415  not needed to turn somebody away
        from contact_import.webhooks.extraction.person_table import contacts_in  # noqa: PLC0415

        if len(post.body) > MAX_BODY_BYTES:
            return responses.refusal(413, _TOO_LARGE)
        hooks = self._tokens_for(post)
        if hooks is None:
            return responses.no_token()
        key = post.headers.get("idempotency-key", "").strip()
        if len(key) > _LONGEST_KEY:
            return responses.refusal(400, _LONG_KEY)
        try:
            call = contacts_in(body_of(post))
        except BodyError as error:
            return responses.refusal(400, str(error))
        if not call.people:
            return responses.refusal(422, _NOBODY)
        submission = Submission(
            keyed("contacts", key or self.name()),
            "contacts",
            self.now(),
            self.settings.default_labels + call.labels,
            call.people,
            "",
            Cut.by(self.settings),
            without(post, hooks.tokens),
            hashlib.sha256(post.body).hexdigest(),
        )
        return self._imported(submission, is_async=_prefers_async(post))

    def _imported(self, submission: Submission, *, is_async: bool) -> Answer:
        kept = self.reception.keep(submission)
        if kept.submission.digest != submission.digest:
            return responses.refusal(422, _OTHER_BODY)
        import_id = submission.import_id
        if not kept.is_new and (result := self.reception.result(kept.submission)):
            return responses.result(result)
        # The message first: should this run break off, the queue goes on from there.
        self.reception.send_off(kept.submission, 0 if is_async else _RUNNING_SECONDS)
        self.note("contacts were kept", import_id=import_id, contacts=len(submission.people))
        result, why = ("", "") if is_async else self.run(kept.submission)
        return responses.result(result) if result else responses.accepted(import_id, why, is_async=is_async)

    def _import(self, post: Post, import_id: str) -> Answer:
        if self._tokens_for(post) is None:
            return responses.no_token()
        progress = self.reception.progress(import_id) if is_import_id(import_id) else None
        if progress is None:
            return responses.refusal(404, "There is no import with this id.")
        return responses.result(progress.result) if progress.result else responses.reply(202, progress.known)

    def _tokens_for(self, post: Post) -> Hooks | None:
        """Who may come in when this post bears one of the tokens, None when it does not."""
        known = self.guests.known()
        if bears_token(post, known.tokens):
            return known
        fresh = self.guests.anew()
        return fresh if fresh and bears_token(post, fresh.tokens) else None


def _prefers_async(post: Post) -> bool:
    wishes = post.headers.get("prefer", "").lower().replace(";", ",").split(",")
    return "respond-async" in (wish.strip() for wish in wishes)
