"""The messages of the delivery queue: each names a stored submission, and has nothing of a person in it."""

import json
from dataclasses import dataclass

from contact_import.domain.ids import is_import_id
from contact_import.errors import EventError

_BASE_DELAY_SECONDS = 10.0
_MAX_DELAY_SECONDS = 900  # SQS delays no message for longer


@dataclass(frozen=True, slots=True)
class Message:
    """An import to run. `attempt` counts the earlier attempts: SQS counts only those that raised an error."""

    import_id: str
    attempt: int = 0

    def to_text(self) -> str:
        """Return the message as JSON."""
        return json.dumps({"import_id": self.import_id, "attempt": self.attempt})

    @classmethod
    def from_text(cls, text: str) -> "Message":
        """Parse a message. Raise EventError for text that this application did not write."""
        try:
            value = json.loads(text)
            message = cls(value["import_id"], int(value.get("attempt", 0)))
            is_ours = is_import_id(message.import_id) and message.attempt >= 0
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EventError("The message is not one of this application.") from error
        if not is_ours:
            raise EventError("The message names no import.")
        return message

    def compute_delay(self, jitter: float, minimum: float = 0.0) -> int:
        """Return the seconds before the next attempt, at least `minimum`: they double with each attempt.

        `jitter`, from 0 to 1, spreads the attempts of messages that failed together.
        """
        backoff = _BASE_DELAY_SECONDS * 2.0 ** min(self.attempt, 10) * (0.5 + jitter / 2)
        return min(_MAX_DELAY_SECONDS, round(max(backoff, minimum)))
