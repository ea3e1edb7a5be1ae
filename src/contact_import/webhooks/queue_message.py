"""Write and parse the messages of the delivery queue. A message names a stored submission and contains no person.

A message that fails again and again ends in a dead-letter queue, which people look at.
"""

import json
from dataclasses import dataclass

from contact_import.domain.ids import is_import_id
from contact_import.errors import EventError


@dataclass(frozen=True, slots=True)
class Message:
    """The id of an import to run: `{"import_id": "0123456789abcdef01234567"}`."""

    import_id: str

    def to_text(self) -> str:
        """Return the message as JSON."""
        return json.dumps({"import_id": self.import_id})

    @classmethod
    def from_text(cls, text: str) -> "Message":
        """Parse a message. Raise EventError for text that this application did not write."""
        try:
            message = cls(json.loads(text)["import_id"])
            is_ours = is_import_id(message.import_id)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise EventError("The message is not one of this application.") from error
        if not is_ours:
            raise EventError("The message names no import.")
        return message
