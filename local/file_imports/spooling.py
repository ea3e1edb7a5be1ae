"""Copy each file before its import: the original may be edited or moved, or be a pipe."""

import hashlib
import sys
from pathlib import Path
from typing import BinaryIO

from local.aws.disk_bucket import DiskBucket

STDIN = Path("-")
_CHUNK_BYTES = 1024 * 1024


def spool_file(path: Path, bucket: DiskBucket) -> tuple[Path, str]:
    """Copy a file, or stdin for `-`, below the bucket. Return the copy and the digest of the content."""
    part = bucket.name_part(bucket.root / "uploads" / "copy")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        if path == STDIN:
            digest = _copy(sys.stdin.buffer, part)
        else:
            with path.open("rb") as source:
                digest = _copy(source, part)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return part, digest


def _copy(source: BinaryIO, target: Path) -> str:
    digest = hashlib.sha256()
    with target.open("wb") as file:
        while chunk := source.read(_CHUNK_BYTES):
            digest.update(chunk)
            file.write(chunk)
    return digest.hexdigest()
