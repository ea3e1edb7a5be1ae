"""Save the configuration of an import with its first run, so that every later run makes the same batches.

It is stored as `work/<import_id>/import.json`. A later run uses it even if a setting or this code has changed: other
batches under the same numbers would be contacts lost or sent twice.
"""

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from contact_import.aws.events import Upload
from contact_import.domain.consent_tally import ConsentTally
from contact_import.domain.labels import Labels
from contact_import.fields.birthday import DateOrder
from contact_import.files.csv_rows import Dialect
from contact_import.files.spreadsheets.sheet_choice import SheetChoice
from contact_import.files.table import Layout
from contact_import.resubmission.stored_columns import parse_columns, serialize_columns
from contact_import.sending.batches import COMMIT_GROUP_BATCHES, MAX_GROUP_CHARS


@dataclass(frozen=True, slots=True)
class ImportConfig:
    """The settings and decisions that the batches depend on, beside the bytes of the file.

    - `layout` is the layout of the file, with the user's column mapping applied; `mapping_source` is `metadata` or the
      key of a mapping.json, "" without a mapping.
    - `date_order` is the order of day and month in all birthdays of the file.
    - `canary_contacts` is the size of the canary batch, 0 for none.
    - `has_opt_out_list`: people on the saved opt-out list are not sent.
    - `require_consent`: rows that say neither yes nor no are held back.
    - `consent` counts the values of the consent columns in a first pass over the file, which also saved the numbers
      and labels that it found. It is None if no row can decide about another.
    - `blocking_error` is why nothing is sent at all, "" if contacts are sent.
    - `messages` are sentences for the result.
    - `import_tag` is the tag by which the import verifies its arrival, "" without that check.
    - `started_by` is the name of the token that started the import, "" for none.
    """

    upload: Upload
    started_at: datetime
    labels: Labels
    phone_region: str
    mobile_only: bool
    batch_max_contacts: int
    batch_max_bytes: int
    layout: Layout
    date_order: DateOrder
    mapping_source: str = ""
    canary_contacts: int = 0
    batches_per_commit: int = COMMIT_GROUP_BATCHES
    max_group_chars: int = MAX_GROUP_CHARS
    has_opt_out_list: bool = False
    blocking_error: str = ""
    messages: tuple[str, ...] = ()
    import_tag: str = ""
    require_consent: bool = False
    consent: ConsentTally | None = None
    started_by: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the content of import.json."""
        return {
            "upload": asdict(self.upload),
            "started_at": self.started_at.isoformat(),
            "tags": self.labels.tags,
            "lists": self.labels.lists,
            "phone_region": self.phone_region,
            "mobile_only": self.mobile_only,
            "batch_max_contacts": self.batch_max_contacts,
            "batch_max_bytes": self.batch_max_bytes,
            "layout": _serialize_layout(self.layout),
            "date_order": self.date_order,
            "mapping_source": self.mapping_source,
            "canary_contacts": self.canary_contacts,
            "batches_per_commit": self.batches_per_commit,
            "max_group_chars": self.max_group_chars,
            "has_opt_out_list": self.has_opt_out_list,
            "blocking_error": self.blocking_error,
            "messages": self.messages,
            "import_tag": self.import_tag,
            "require_consent": self.require_consent,
            "consent": self.consent.to_json() if self.consent else None,
            "started_by": self.started_by,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "ImportConfig":
        """Parse the content of import.json."""
        return cls(
            upload=Upload(**value["upload"]),
            started_at=datetime.fromisoformat(value["started_at"]),
            labels=Labels(tuple(value["tags"]), tuple(value["lists"])),
            phone_region=value["phone_region"],
            mobile_only=value["mobile_only"],
            batch_max_contacts=value["batch_max_contacts"],
            batch_max_bytes=value["batch_max_bytes"],
            layout=_parse_layout(value["layout"]),
            date_order=DateOrder(value["date_order"]),
            mapping_source=value["mapping_source"],
            canary_contacts=value["canary_contacts"],
            batches_per_commit=value["batches_per_commit"],
            # Missing in an import that an older version began, which limited no group.
            max_group_chars=value.get("max_group_chars", sys.maxsize),
            has_opt_out_list=value["has_opt_out_list"],
            blocking_error=value["blocking_error"],
            messages=tuple(value["messages"]),
            import_tag=value["import_tag"],
            require_consent=value["require_consent"],
            consent=ConsentTally.from_json(value["consent"]) if value["consent"] else None,
            started_by=value["started_by"],
        )


def _serialize_layout(layout: Layout) -> dict[str, Any]:
    return {
        "dialect": asdict(layout.dialect),
        "skip": layout.skip,
        "columns": serialize_columns(layout.columns),
        "sheet": asdict(layout.sheet) if layout.sheet else None,
    }


def _parse_layout(value: dict[str, Any]) -> Layout:
    sheet = value.get("sheet")  # missing in an import that an older version began, which read no spreadsheets
    return Layout(
        Dialect(**value["dialect"]),
        parse_columns(value["columns"]),
        value["skip"],
        SheetChoice(sheet["index"], sheet["name"], tuple(sheet["unread"])) if sheet else None,
    )
