"""Move imported files out of the watched folder: into `done/` or `failed/`."""

import shutil
from datetime import date
from itertools import count
from pathlib import Path

DONE, FAILED = "done", "failed"


def move_file(root: Path, path: Path, kind: str, day: date) -> Path:
    """Move a file to `<root>/<kind>/<day>/`, with its subfolders, and return where it is now.

    A name that is taken gets a number: june-2.csv. Raise OSError when the file cannot be moved.
    """
    target = root / kind / day.isoformat() / path.relative_to(root)
    target.parent.mkdir(parents=True, exist_ok=True)
    target = _find_free_name(target)
    shutil.move(path, target)
    return target


def _find_free_name(path: Path) -> Path:
    if not path.exists():
        return path
    names = (path.with_name(f"{path.stem}-{number}{path.suffix}") for number in count(2))
    return next(name for name in names if not name.exists())
