"""What came in over HTTP, as it is kept before the answer: `work/<import_id>/submission.json`.

It holds all that an import depends on, so that every run of it cuts the same batches: the people, the labels, and
the settings of the moment.
"""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contact_import.columns.header_names import Role
from contact_import.domain.http import Post
from contact_import.domain.labels import Labels
from contact_import.domain.person import Detail, Person
from contact_import.settings import Settings


@dataclass(frozen=True, slots=True)
class Cut:
    """How the contacts of a submission are judged and cut into batches: the settings when it came in."""

    phone_region: str
    mobile_only: bool
    max_contacts: int
    max_bytes: int

    @classmethod
    def by(cls, settings: Settings) -> "Cut":
        return cls(settings.phone_region, settings.mobile_only, settings.batch_max_contacts, settings.batch_max_bytes)


@dataclass(frozen=True, slots=True)
class Submission:
    """One delivery. `door` is where it came in: `contacts`, or `hooks/website`.

    `post` is without the secrets that stood in it; `digest` is of the body as it came. Without people, `reason`
    says why there are none.
    """

    import_id: str
    door: str
    received_at: datetime
    labels: Labels
    people: tuple[Person, ...]
    reason: str
    cut: Cut
    post: Post
    digest: str = ""

    def to_bytes(self) -> bytes:
        """ASCII: a lone surrogate that a broken form sent survives as an escape."""
        value = {
            "import_id": self.import_id,
            "door": self.door,
            "received_at": self.received_at.isoformat(),
            "tags": self.labels.tags,
            "lists": self.labels.lists,
            "people": [[(one.label, one.role, one.value) for one in person.details] for person in self.people],
            "reason": self.reason,
            "phone_region": self.cut.phone_region,
            "mobile_only": self.cut.mobile_only,
            "max_contacts": self.cut.max_contacts,
            "max_bytes": self.cut.max_bytes,
            "post": _post_to_json(self.post),
            "digest": self.digest,
        }
        return json.dumps(value, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, kept: bytes) -> "Submission":
        value = json.loads(kept)
        return cls(
            import_id=value["import_id"],
            door=value["door"],
            received_at=datetime.fromisoformat(value["received_at"]),
            labels=Labels(tuple(value["tags"]), tuple(value["lists"])),
            people=tuple(_person_from_json(person) for person in value["people"]),
            reason=value["reason"],
            cut=Cut(value["phone_region"], value["mobile_only"], value["max_contacts"], value["max_bytes"]),
            post=_post_from_json(value["post"]),
            digest=value["digest"],
        )

    def kept(self) -> bytes:
        """For people who look at what could not be used: the delivery as it came, and why."""
        value = {
            "received_at": self.received_at.isoformat(),
            "door": self.door,
            "reason": self.reason,
            **_post_to_json(self.post),
            "body": self.post.body.decode("utf-8", "replace"),
        }
        return json.dumps(value, indent=1).encode()


def _person_from_json(details: list[Any]) -> Person:
    return Person(tuple(Detail(label, Role(role) if role else None, value) for label, role, value in details))


def _post_to_json(post: Post) -> dict[str, Any]:
    return {
        "method": post.method,
        "path": post.path,
        "url": post.url,
        "headers": dict(post.headers),
        "query": dict(post.query),
        "body": base64.b64encode(post.body).decode(),
    }


def _post_from_json(value: dict[str, Any]) -> Post:
    return Post(**{**value, "body": base64.b64decode(value["body"])})
