"""Settles at the start what an earlier run left: a file whose import had begun is not imported from the beginning."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from local.serving.finished_files import FAILED
from local.serving.folder_import import FolderImporter
from local.serving.status_lines import StatusLines
from local.serving.taken_files import TakenFile, TakenFiles


def settle_interrupted_files(
    taken: TakenFiles,
    importer: FolderImporter,
    lines: StatusLines,
    *,
    find_result: Callable[[TakenFile], Mapping[str, Any] | None],
    resume: Callable[[TakenFile], str],
) -> None:
    """Move the files whose result is written; continue the other imports.

    `resume` continues the import of a file and returns its id, "" when that is impossible.
    """
    for one in taken:
        if one.kind:
            importer.move(one)
        elif result := find_result(one):
            importer.finish(result)
        elif import_id := resume(one):
            lines.print(f"{one.path}: continuing the import that was interrupted…")
            importer.watch(taken.update(one, replace(one, import_id=import_id)))
        else:
            lines.print(
                f"✗ {one.path}: its import was interrupted, and some of its contacts may be in Cellcast. Check there "
                "before you put it into the folder again."
            )
            importer.move(taken.update(one, replace(one, kind=FAILED)))
