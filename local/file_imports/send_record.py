"""Remember what `send` has begun, so that the same command continues it: nothing is sent twice.

A record is one file, `out/.work/send/<digest>.json`: of one content of a file, one address and one way to read it. It
is deleted when the results are fetched: a later command is a new import.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local.aws.disk_bucket import load_json
from local.file_imports.result_folders import WORK_FOLDER

_DIGEST_CHARS = 32


class SendRecord:
    """The ids that the stack gave: `upload_id` once the file is uploaded, `import_id` once its import began."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.ids: dict[str, str] = load_json(path) or {}

    def save(self, **ids: str) -> None:
        """Add ids before anything is done with them."""
        self.ids |= ids
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_suffix(".part")
        part.write_text(json.dumps(self.ids), "utf-8")
        part.replace(self._path)

    def forget(self) -> None:
        """Delete the record."""
        self.ids = {}
        self._path.unlink(missing_ok=True)


def open_record(out: Path, file: Path, address: str, reading: Mapping[str, Any]) -> SendRecord:
    """Return the record of this command, without ids for a command that is new."""
    with file.open("rb") as body:
        digest = hashlib.file_digest(body, "sha256")
    digest.update(json.dumps([file.name, address, reading], sort_keys=True).encode("utf-8", "surrogatepass"))
    return SendRecord(out / WORK_FOLDER / "send" / f"{digest.hexdigest()[:_DIGEST_CHARS]}.json")
