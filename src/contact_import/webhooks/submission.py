"""Store a webhook delivery or API call as `work/<import_id>/submission.json`, before it is answered.

The object contains everything that an import depends on: the people, the labels, and the settings at the time of the
delivery. So each run of the import makes the same batches, also after a deployment.
"""

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contact_import.domain.http import HttpRequest
from contact_import.domain.labels import Labels
from contact_import.domain.person import Person, PersonField
from contact_import.domain.roles import Role
from contact_import.settings import Settings

# Of a delivery whose claims and commits are in the table. A write there is charged for each KB, so a larger delivery
# would cost more than in S3. And none comes near the 400 KB of an item, whatever Cellcast says of its people:
# tests/unit/webhooks/test_table_limits.py.
_MAX_TABLE_PEOPLE = 10
_MAX_TABLE_CHARS = 4_000
_FIELD_CHARS = 20  # of a cell without its text, and of its warning


@dataclass(frozen=True, slots=True)
class BatchSettings:
    """The settings that decide how contacts are validated and grouped into batches, at the time of the request."""

    phone_region: str
    mobile_only: bool
    max_contacts: int
    max_bytes: int
    require_consent: bool = False

    @classmethod
    def from_settings(cls, settings: Settings) -> "BatchSettings":
        """Return this part of the settings."""
        return cls(
            settings.phone_region,
            settings.mobile_only,
            settings.batch_max_contacts,
            settings.batch_max_bytes,
            settings.require_consent,
        )


@dataclass(frozen=True, slots=True)
class Submission:
    """One delivery or call. `source` is the route that received it: `contacts`, or `hooks/website`.

    `request` is redacted; `digest` is the SHA-256 of the body as it was sent. If there are no `people`, `reason` says
    why. With `is_dry_run` nothing is sent. `started_by` is the name of the token of a call, "" for none.
    `delivery_table` is the DynamoDB table with the claims and commits, "" if they are in the bucket. It never changes:
    with some claims here and others there, two runs would both send the people.
    """

    import_id: str
    source: str
    received_at: datetime
    labels: Labels
    people: tuple[Person, ...]
    reason: str
    batch_settings: BatchSettings
    request: HttpRequest
    digest: str = ""
    is_dry_run: bool = False
    started_by: str = ""
    delivery_table: str = ""

    @property
    def fits_table(self) -> bool:
        """Return whether the submission is so small that its claims and commits cost less in the table."""
        chars = (_FIELD_CHARS + len(one.label) + len(one.value) for person in self.people for one in person.fields)
        return len(self.people) <= _MAX_TABLE_PEOPLE and sum(chars) <= _MAX_TABLE_CHARS

    def to_bytes(self) -> bytes:
        """Return the submission as JSON in ASCII, in which half of a surrogate pair is an escape and not an error."""
        value = {
            "import_id": self.import_id,
            "source": self.source,
            "received_at": self.received_at.isoformat(),
            "tags": self.labels.tags,
            "lists": self.labels.lists,
            "people": [[(one.label, one.role, one.value) for one in person.fields] for person in self.people],
            "reason": self.reason,
            "phone_region": self.batch_settings.phone_region,
            "mobile_only": self.batch_settings.mobile_only,
            "max_contacts": self.batch_settings.max_contacts,
            "max_bytes": self.batch_settings.max_bytes,
            "require_consent": self.batch_settings.require_consent,
            "request": _build_request_json(self.request),
            "digest": self.digest,
            "dry_run": self.is_dry_run,
            "started_by": self.started_by,
        }
        if self.delivery_table:
            # A version that does not know the table must fail to read it, instead of claiming it in the bucket.
            value = {"delivery_table": self.delivery_table, "submission": value}
        return json.dumps(value, separators=(",", ":")).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Submission":
        """Parse the bytes that `to_bytes` returned."""
        stored = json.loads(data)
        value = stored.get("submission", stored)
        return cls(
            import_id=value["import_id"],
            source=value["source"],
            received_at=datetime.fromisoformat(value["received_at"]),
            labels=Labels(tuple(value["tags"]), tuple(value["lists"])),
            people=tuple(_parse_person(person) for person in value["people"]),
            reason=value["reason"],
            batch_settings=BatchSettings(
                value["phone_region"],
                value["mobile_only"],
                value["max_contacts"],
                value["max_bytes"],
                value["require_consent"],
            ),
            request=_parse_request(value["request"]),
            digest=value["digest"],
            is_dry_run=value["dry_run"],
            started_by=value["started_by"],
            delivery_table=stored.get("delivery_table", ""),
        )

    def to_delivery_json(self) -> bytes:
        """Return `delivery.json`, for people: the request of a delivery without contacts, and the reason."""
        value = {
            "received_at": self.received_at.isoformat(),
            "source": self.source,
            "reason": self.reason,
            **_build_request_json(self.request),
            "body": self.request.body.decode("utf-8", "replace"),
        }
        return json.dumps(value, indent=1).encode()


def _parse_person(fields: list[Any]) -> Person:
    return Person(tuple(PersonField(label, Role(role) if role else None, value) for label, role, value in fields))


def _build_request_json(request: HttpRequest) -> dict[str, Any]:
    return {
        "method": request.method,
        "path": request.path,
        "url": request.url,
        "headers": dict(request.headers),
        "query": dict(request.query),
        "body": base64.b64encode(request.body).decode(),
    }


def _parse_request(value: dict[str, Any]) -> HttpRequest:
    return HttpRequest(**{**value, "body": base64.b64decode(value["body"])})
