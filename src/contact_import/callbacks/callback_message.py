"""Write and parse the messages of the callback queue: the address to call, and the body, which contains no person."""

import json
from dataclasses import dataclass

from contact_import.errors import EventError

_BASE_RETRY_SECONDS, _MAX_RETRY_SECONDS = 30, 3600
_MAX_DOUBLINGS = 7


@dataclass(frozen=True, slots=True)
class CallbackMessage:
    """One call. Each attempt sends the same `body`, so that a receiver may compare them."""

    import_id: str
    url: str
    body: str

    def __repr__(self) -> str:
        return f"CallbackMessage({self.import_id})"

    def to_text(self) -> str:
        """Return the message as the text that the queue keeps."""
        return json.dumps({"import_id": self.import_id, "url": self.url, "body": self.body})

    @classmethod
    def from_text(cls, text: str) -> "CallbackMessage":
        """Parse a text that `to_text` returned. Raise EventError for any other text."""
        try:
            value = json.loads(text)
            return cls(str(value["import_id"]), str(value["url"]), str(value["body"]))
        except (ValueError, KeyError, TypeError) as error:
            raise EventError("The message is not a callback as this application writes it.") from error


def compute_callback_delay(receive_count: int) -> int:
    """Return the seconds until the next attempt: 30, then twice as many each time, an hour at most.

    With the 12 attempts of the queue, the last one is five hours after the first.
    """
    doublings: int = min(max(0, receive_count - 1), _MAX_DOUBLINGS)
    return min(_MAX_RETRY_SECONDS, _BASE_RETRY_SECONDS << doublings)
