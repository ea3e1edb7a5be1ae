"""The keys in the bucket. What stands here is a contract with people's scripts: docs/files.md."""

import hashlib
import re
from datetime import date

INCOMING = "incoming/"
VALIDATE = "validate/"
RESULTS = "results/"
WORK = "work/"
ORPHANED = f"{WORK}orphaned/"
SHARED_OPT_OUTS = f"{WORK}opt_outs/list.json"  # for what comes in over HTTP
OPT_OUTS_LOCK = f"{WORK}opt_outs/lock.json"
MAPPING_FILE = "mapping.json"  # what the columns of the files beside it hold

# S3 allows 1,024 bytes a key: what `results/` and the longest file name under it add must still fit.
_MAX_SOURCE_BYTES = 940


def starts_import(key: str) -> bool:
    """A file that somebody dropped: under `incoming/` or `validate/`, no folder marker and no mapping."""
    return key.startswith((INCOMING, VALIDATE)) and key.rpartition("/")[2] not in ("", MAPPING_FILE)


def list_mapping_keys(key: str) -> list[str]:
    """Where the mapping for an upload may lie: beside it, then in each folder above; the nearest one counts."""
    folders = key.split("/")[:-1]
    return ["/".join((*folders[:depth], MAPPING_FILE)) for depth in range(len(folders), 0, -1)]


def is_result_key(key: str) -> bool:
    """The last file that an import writes."""
    return key.startswith(RESULTS) and key.endswith("/result.json")


def is_dry_run(key: str) -> bool:
    return key.startswith(VALIDATE)


def compute_import_id(bucket: str, key: str, version: str) -> str:
    """The same for the same event, another one for other content. `version` is the version id or the ETag."""
    digest = hashlib.sha256(f"{bucket}\0{key}\0{version}".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:24]


def make_results_prefix(key: str, import_id: str) -> str:
    """`results/<key without incoming/>/<import_id>/`; a digest stands for what would not fit into S3."""
    name = key.removeprefix(INCOMING)
    if len(name.encode()) > _MAX_SOURCE_BYTES:
        digest = hashlib.sha256(name.encode()).hexdigest()[:16]
        shortened = name.encode()[: _MAX_SOURCE_BYTES - 17].decode("utf-8", "ignore")
        name = f"{shortened}~{digest}"
    return f"{RESULTS}{name}/{import_id}/"


def make_config_key(import_id: str) -> str:
    return f"{WORK}{import_id}/import.json"


def make_handed_over_key(import_id: str) -> str:
    return f"{WORK}{import_id}/handed_over.json"


def make_stop_key(import_id: str) -> str:
    return f"{WORK}{import_id}/stop.json"


def make_unavailable_key(import_id: str) -> str:
    return f"{WORK}{import_id}/unavailable.json"


def make_account_key(import_id: str) -> str:
    return f"{WORK}{import_id}/account.json"


def make_opt_outs_key(import_id: str) -> str:
    return f"{WORK}{import_id}/opt_outs.json"


def make_verified_key(import_id: str) -> str:
    return f"{WORK}{import_id}/verified.json"


def make_batch_key(import_id: str, number: int) -> str:
    return f"{make_batches_prefix(import_id)}{number:08d}.json"


def make_batches_prefix(import_id: str) -> str:
    return f"{WORK}{import_id}/batches/"


def make_manifest_key(import_id: str) -> str:
    return f"{WORK}{import_id}/plan/manifest.json"


def make_reading_key(import_id: str) -> str:
    return f"{WORK}{import_id}/plan/reading.json"


def make_unit_key(import_id: str, unit: int) -> str:
    """The batches of a unit of a large file, to be sent."""
    return f"{WORK}{import_id}/plan/units/{unit:06d}.json"


def make_batch_records_key(import_id: str, unit: int) -> str:
    """The outcomes of a unit all of whose batches are done."""
    return f"{WORK}{import_id}/parts/{unit:06d}.json"


def make_submission_key(import_id: str) -> str:
    """What came in over HTTP, as it was kept before the answer."""
    return f"{WORK}{import_id}/submission.json"


def make_orphaned_key(import_id: str, day: date) -> str:
    """What the queue did not take, by the day of its results, for the sweep to find."""
    return f"{ORPHANED}{day:%Y/%m/%d}/{import_id}"


def make_webhook_prefix(import_id: str, day: date) -> str:
    return f"{RESULTS}webhook/{day:%Y/%m/%d}/{import_id}/"


def compute_submission_id(source: str, key: str) -> str:
    """The same for the same delivery. `key` is by what the sender at this door tells it from another one."""
    return hashlib.sha256(f"{source}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()[:24]


def is_import_id(text: str) -> bool:
    return re.fullmatch("[0-9a-f]{24}", text) is not None


def make_units_done_key(import_id: str) -> str:
    """Which units of a large file are done, for its progress."""
    return f"{WORK}{import_id}/progress.json"
