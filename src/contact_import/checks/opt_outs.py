"""Who opted out at Cellcast, as it was read before an import and is kept for all runs of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contact_import.aws.s3 import Bucket
from contact_import.domain.object_keys import opt_outs_key
from contact_import.errors import LedgerError

_NEVER_READ = "Cellcast's opt-out list was not read before the import, so that nothing was sent; drop the file again"
_UNREADABLE = "Cellcast's opt-out list has {} entries without a number that can be read."


@dataclass(frozen=True, slots=True)
class OptOuts:
    """The numbers in E.164 form, and how many entries had none. `objection` says why there is no list."""

    numbers: frozenset[str] = frozenset()
    unreadable: int = 0
    objection: str = ""

    @property
    def remarks(self) -> tuple[str, ...]:
        return (_UNREADABLE.format(self.unreadable),) if self.unreadable else ()

    def as_json(self) -> dict[str, Any]:
        return {"numbers": sorted(self.numbers), "unreadable": self.unreadable, "objection": self.objection}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "OptOuts":
        return cls(frozenset(value["numbers"]), value["unreadable"], value["objection"])


def keep(bucket: Bucket, import_id: str, read: OptOuts) -> None:
    _put(bucket, import_id, read.as_json())


def kept(bucket: Bucket, import_id: str) -> OptOuts:
    """What was read; an objection when nothing was."""
    value = _value(bucket, import_id)
    if "numbers" not in value:
        return OptOuts(objection=_NEVER_READ)
    return OptOuts.from_json(value)


def numbers(bucket: Bucket, import_id: str) -> frozenset[str]:
    """Raise LedgerError when the list is not there any more."""
    found = kept(bucket, import_id)
    if found.objection:
        raise LedgerError("The bucket does not keep the opt-out list of the import.")
    return found.numbers


def tries(bucket: Bucket, import_id: str) -> int | None:
    """How many runs could not read it so far; None when it is settled."""
    value = _value(bucket, import_id)
    return None if "numbers" in value else int(value.get("tries", 0))


def count_try(bucket: Bucket, import_id: str, tries: int) -> None:
    _put(bucket, import_id, {"tries": tries})


def _put(bucket: Bucket, import_id: str, value: dict[str, Any]) -> None:
    bucket.put(opt_outs_key(import_id), json.dumps(value).encode())


def _value(bucket: Bucket, import_id: str) -> dict[str, Any]:
    found = bucket.read(opt_outs_key(import_id))
    return dict(json.loads(found)) if found else {}
