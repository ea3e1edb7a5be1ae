"""Name all objects in the bucket. Scripts outside this project depend on the first three prefixes (docs/files.md).

incoming/…                     uploads, each of which starts an import
validate/…                     uploads that start a dry run
results/<upload>/<import id>/  result.json, failed.csv, accepted.csv, report.html, progress.json
results/webhook/<day>/<id>/    the same for a submission over HTTP
uploads/<upload id>/           what the import page uploads; nothing there starts an import
history/<time>-<import id>     one line of the history, newest first
work/<import id>/              state of one import: the functions below name its objects
work/opt_outs/                 the opt-out list that all submissions share
work/orphaned/<day>/<id>       submissions that the queue did not take
work/sweep.json                where the sweep continues
"""

import hashlib
from datetime import date, datetime

INCOMING = "incoming/"
VALIDATE = "validate/"
RESULTS = "results/"
WORK = "work/"
UPLOADS = "uploads/"
HISTORY = "history/"
ORPHANED = f"{WORK}orphaned/"
SHARED_OPT_OUTS = f"{WORK}opt_outs/list.json"
OPT_OUTS_LOCK = f"{WORK}opt_outs/lock.json"
SWEEP_CURSOR = f"{WORK}sweep.json"
MAPPING_FILE = "mapping.json"  # names the fields of the columns, for the files of its folder and those below

_LAST_SECOND = 0xFFFFFFFF  # 7 February 2106, the last one that eight hexadecimal digits can count down from

# S3 allows 1,024 bytes a key: `results/`, the import id and the longest file name must still fit after the name.
_MAX_SOURCE_BYTES = 940


def starts_import(key: str) -> bool:
    """Return whether the object is an upload: under `incoming/` or `validate/`, neither a folder nor a mapping."""
    return key.startswith((INCOMING, VALIDATE)) and key.rpartition("/")[2] not in ("", MAPPING_FILE)


def is_dry_run(key: str) -> bool:
    """Return whether an upload is checked without being sent."""
    return key.startswith(VALIDATE)


def list_mapping_keys(key: str) -> list[str]:
    """Return the keys under which the mapping for an upload may be, nearest first.

    For `incoming/june/a.csv`: `incoming/june/mapping.json`, then `incoming/mapping.json`.
    """
    folders = key.split("/")[:-1]
    return ["/".join((*folders[:depth], MAPPING_FILE)) for depth in range(len(folders), 0, -1)]


def is_result_key(key: str) -> bool:
    """Return whether the object is a result.json, the last file that an import writes."""
    return key.startswith(RESULTS) and key.endswith("/result.json")


def make_results_prefix(key: str, import_id: str) -> str:
    """Return `results/<key without incoming/>/<import_id>/`, with a digest in place of the end of a long key."""
    name = key.removeprefix(INCOMING)
    if len(name.encode()) > _MAX_SOURCE_BYTES:
        digest = hashlib.sha256(name.encode()).hexdigest()[:16]
        # "ignore" drops the character of several bytes that the cut may split.
        shortened = name.encode()[: _MAX_SOURCE_BYTES - 17].decode("utf-8", "ignore")
        name = f"{shortened}~{digest}"
    return f"{RESULTS}{name}/{import_id}/"


def make_webhook_prefix(import_id: str, day: date) -> str:
    """Return the prefix of a submission's results; `day` is the day on which it arrived."""
    return f"{RESULTS}webhook/{day:%Y/%m/%d}/{import_id}/"


def make_upload_prefix(upload_id: str) -> str:
    """Return the prefix of the one file of an upload over the API."""
    return f"{UPLOADS}{upload_id}/"


def make_history_key(moment: datetime, import_id: str) -> str:
    """Return the key of an import's line in the history. Its time counts down, so that S3 lists the newest first."""
    return f"{HISTORY}{_LAST_SECOND - int(moment.timestamp()):08x}-{import_id}"


def make_request_key(import_id: str) -> str:
    """Return the key of the API request that started an import. It is written before the file is in `incoming/`."""
    return f"{WORK}{import_id}/request.json"


def make_config_key(import_id: str) -> str:
    """Return the key of the decisions of the first run, which every later run of the import reads."""
    return f"{WORK}{import_id}/import.json"


def make_groups_prefix(import_id: str) -> str:
    """Return the prefix of the ledger records of an import's commit groups."""
    return f"{WORK}{import_id}/groups/"


def make_group_key(import_id: str, number: int) -> str:
    """Return the key of a commit group's ledger record: its claim, or its outcomes."""
    # S3 lists keys in the order of their text: with leading zeros, that is the order of the numbers.
    return f"{make_groups_prefix(import_id)}{number:08d}.json"


def make_handed_over_key(import_id: str) -> str:
    """Return the key of the mark that this import belongs to the state machine."""
    return f"{WORK}{import_id}/handed_over.json"


def make_callback_key(import_id: str) -> str:
    """Return the key of the URL that is called after the import has finished."""
    return f"{WORK}{import_id}/callback.json"


def make_stop_key(import_id: str) -> str:
    """Return the key of the mark that nothing more may be sent for this import."""
    return f"{WORK}{import_id}/stop.json"


def make_unavailable_key(import_id: str) -> str:
    """Return the key of the reason why Cellcast was last unavailable for this import."""
    return f"{WORK}{import_id}/unavailable.json"


def make_account_key(import_id: str) -> str:
    """Return the key of the Cellcast account, which is checked with CHECK_ACCOUNT=true."""
    return f"{WORK}{import_id}/account.json"


def make_opt_outs_key(import_id: str) -> str:
    """Return the key of Cellcast's opt-out list as this import read it, with SCREEN_OPT_OUTS=true."""
    return f"{WORK}{import_id}/opt_outs.json"


def make_first_pass_key(import_id: str) -> str:
    """Return the key of the result of the first pass: numbers and labels that rows set for other rows."""
    return f"{WORK}{import_id}/first_pass.txt"


def make_verified_key(import_id: str) -> str:
    """Return the key of the contacts that arrived in Cellcast, with VERIFY=true."""
    return f"{WORK}{import_id}/verified.json"


def make_manifest_key(import_id: str) -> str:
    """Return the key of the list of a large file's units. The distributed map of the state machine reads it."""
    return f"{WORK}{import_id}/plan/manifest.json"


def make_reading_key(import_id: str) -> str:
    """Return the key of the summary of a large file (format, columns, warnings), made while it is planned."""
    return f"{WORK}{import_id}/plan/reading.json"


def make_plan_position_key(import_id: str) -> str:
    """Return the key of the position at which planning a large file stopped when its time was up."""
    return f"{WORK}{import_id}/plan/position.bin"


def make_first_pass_position_key(import_id: str) -> str:
    """Return the key of the position at which the first pass over a large file stopped when its time was up."""
    return f"{WORK}{import_id}/plan/first_pass.bin"


def make_unit_key(import_id: str, unit: int) -> str:
    """Return the key of the batches of one unit of a large file, before they are sent."""
    return f"{WORK}{import_id}/plan/units/{unit:06d}.json"


def make_batch_records_key(import_id: str, unit: int) -> str:
    """Return the key of the outcomes of one unit of a large file, when all of its batches are done."""
    return f"{WORK}{import_id}/parts/{unit:06d}.json"


def make_units_done_key(import_id: str) -> str:
    """Return the key of the list of finished units, from which the progress of a large file is computed."""
    return f"{WORK}{import_id}/progress.json"


def make_submission_key(import_id: str) -> str:
    """Return the key of a submission. It is stored before the sender gets its response."""
    return f"{WORK}{import_id}/submission.json"


def make_orphaned_key(import_id: str, day: date) -> str:
    """Return the key of the mark that the queue did not accept a submission. The sweep lists the marks by day."""
    return f"{ORPHANED}{day:%Y/%m/%d}/{import_id}"
