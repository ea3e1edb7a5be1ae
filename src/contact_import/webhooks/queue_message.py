"""What waits in the queue: not the deliveries, only where they are kept."""

import json
from dataclasses import dataclass

from contact_import.domain.ids import is_import_id
from contact_import.errors import EventError

_BASE_DELAY_SECONDS = 10.0
_MAX_DELAY_SECONDS = 900  # SQS delays no message for longer


@dataclass(frozen=True, slots=True)
class Message:
    """An import to be done. `attempt` counts the tries before, since SQS counts only those that broke."""

    import_id: str
    attempt: int = 0

    def to_text(self) -> str:
        return json.dumps({"import_id": self.import_id, "attempt": self.attempt})

    @classmethod
    def from_text(cls, text: str) -> "Message":
        """Raise EventError for what is not a message of ours."""
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
        """The seconds before the next try: longer with each, and spread by `chance`, from 0 to 1."""
        backoff = _BASE_DELAY_SECONDS * 2.0 ** min(self.attempt, 10) * (0.5 + jitter / 2)
        return min(_MAX_DELAY_SECONDS, round(max(backoff, minimum)))
