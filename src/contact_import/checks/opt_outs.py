"""Who opted out at Cellcast, as it was read before an import and is kept for all runs of it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contact_import.aws.s3 import Bucket
from contact_import.domain.object_keys import make_opt_outs_key
from contact_import.errors import LedgerError

_NEVER_READ_MESSAGE = (
    "Cellcast's opt-out list was not read before the import, so that nothing was sent; drop the file again"
)
_UNREADABLE_MESSAGE = "Cellcast's opt-out list has {} entries without a number that can be read."


@dataclass(frozen=True, slots=True)
class OptOuts:
    """The numbers in E.164 form, and how many entries had none. `objection` says why there is no list."""

    numbers: frozenset[str] = frozenset()
    unreadable: int = 0
    blocking_error: str = ""

    @property
    def messages(self) -> tuple[str, ...]:
        return (_UNREADABLE_MESSAGE.format(self.unreadable),) if self.unreadable else ()

    def to_json(self) -> dict[str, Any]:
        return {"numbers": sorted(self.numbers), "unreadable": self.unreadable, "blocking_error": self.blocking_error}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "OptOuts":
        return cls(frozenset(value["numbers"]), value["unreadable"], value["blocking_error"])


def save_opt_outs(bucket: Bucket, import_id: str, opt_outs: OptOuts) -> None:
    _save_value(bucket, import_id, opt_outs.to_json())


def load_opt_outs(bucket: Bucket, import_id: str) -> OptOuts:
    """What was read; an objection when nothing was."""
    value = _load_value(bucket, import_id)
    if "numbers" not in value:
        return OptOuts(blocking_error=_NEVER_READ_MESSAGE)
    return OptOuts.from_json(value)


def load_opt_out_numbers(bucket: Bucket, import_id: str) -> frozenset[str]:
    """Raise LedgerError when the list is not there any more."""
    found = load_opt_outs(bucket, import_id)
    if found.blocking_error:
        raise LedgerError("The bucket does not keep the opt-out list of the import.")
    return found.numbers


def load_attempts(bucket: Bucket, import_id: str) -> int | None:
    """How many runs could not read it so far; None when it is settled."""
    value = _load_value(bucket, import_id)
    return None if "numbers" in value else int(value.get("attempts", 0))


def save_attempts(bucket: Bucket, import_id: str, attempts: int) -> None:
    _save_value(bucket, import_id, {"attempts": attempts})


def _save_value(bucket: Bucket, import_id: str, value: dict[str, Any]) -> None:
    bucket.put(make_opt_outs_key(import_id), json.dumps(value).encode())


def _load_value(bucket: Bucket, import_id: str) -> dict[str, Any]:
    found = bucket.read(make_opt_outs_key(import_id))
    return dict(json.loads(found)) if found else {}
