"""What the first run of an import decides, so that every later one cuts the same batches.

It is kept as `work/<import_id>/import.json` and obeyed even when a setting, or this code, has changed meanwhile.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from contact_import.aws.events import Upload
from contact_import.columns.detect import Column, Columns
from contact_import.columns.header_names import Role
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Caution
from contact_import.files.csv_rows import Dialect
from contact_import.files.table import Layout


@dataclass(frozen=True, slots=True)
class Decisions:
    """Beside the bytes of the file, all that the batches depend on. `day_first` is of its birthdays as a whole.

    `mapping` says where it was told what the columns hold; what was told is in the layout. When it `is_screened`,
    people of Cellcast's opt-out list, which the ledger keeps, are left out. An `objection` says why nothing is sent.
    By its `own_tag` it is looked up afterwards which contacts are there.
    """

    upload: Upload
    started_at: datetime
    labels: Labels
    phone_region: str
    mobile_only: bool
    batch_max_contacts: int
    batch_max_bytes: int
    layout: Layout
    day_first: bool | None
    mapping: str = ""
    first_sip: int = 0
    is_screened: bool = False
    objection: str = ""
    remarks: tuple[str, ...] = ()
    own_tag: str = ""

    def to_bytes(self) -> bytes:
        value = {
            "upload": asdict(self.upload),
            "started_at": self.started_at.isoformat(),
            "tags": self.labels.tags,
            "lists": self.labels.lists,
            "phone_region": self.phone_region,
            "mobile_only": self.mobile_only,
            "batch_max_contacts": self.batch_max_contacts,
            "batch_max_bytes": self.batch_max_bytes,
            "layout": _layout_to_json(self.layout),
            "day_first": self.day_first,
            "mapping": self.mapping,
            "first_sip": self.first_sip,
            "is_screened": self.is_screened,
            "objection": self.objection,
            "remarks": self.remarks,
            "own_tag": self.own_tag,
        }
        return json.dumps(value, indent=1).encode()

    @classmethod
    def from_bytes(cls, body: bytes) -> "Decisions":
        value = json.loads(body)
        return cls(
            upload=Upload(**value["upload"]),
            started_at=datetime.fromisoformat(value["started_at"]),
            labels=Labels(tuple(value["tags"]), tuple(value["lists"])),
            phone_region=value["phone_region"],
            mobile_only=value["mobile_only"],
            batch_max_contacts=value["batch_max_contacts"],
            batch_max_bytes=value["batch_max_bytes"],
            layout=_layout_from_json(value["layout"]),
            day_first=value["day_first"],
            # From here on: what an import that began before an update of the code does not have.
            mapping=value.get("mapping", ""),
            first_sip=value.get("first_sip", 0),
            is_screened=value.get("is_screened", False),
            objection=value.get("objection", ""),
            remarks=tuple(value.get("remarks", ())),
            own_tag=value.get("own_tag", ""),
        )


def _layout_to_json(layout: Layout) -> dict[str, Any]:
    columns = layout.columns
    return {
        "dialect": asdict(layout.dialect),
        "skip": layout.skip,
        "header_line": columns.header_line,
        "columns": [(column.header, column.field) for column in columns.columns],
        "places": dict(columns.places),
        "phone_types": list(columns.phone_types.items()),
        "cautions": [(caution.field, caution.reason) for caution in columns.cautions],
        "payers": sorted(columns.payers),
    }


def _layout_from_json(value: dict[str, Any]) -> Layout:
    columns = Columns(
        value["header_line"],
        tuple(Column(header, field) for header, field in value["columns"]),
        MappingProxyType({Role(role): tuple(places) for role, places in value["places"].items()}),
        MappingProxyType(dict(value["phone_types"])),
        tuple(Caution(field, reason) for field, reason in value["cautions"]),
        frozenset(value.get("payers", ())),
    )
    return Layout(Dialect(**value["dialect"]), columns, value["skip"])
