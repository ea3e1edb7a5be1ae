"""Settle the files of an interrupted run: one whose import had begun is continued, not imported again."""

from collections.abc import Callable, Mapping
from typing import Any

from local.serving.folder.folder_import import FolderImporter
from local.serving.folder.taken_files import TakenFile, TakenFiles
from local.serving.status_lines import StatusLines


def settle_interrupted_files(
    taken: TakenFiles,
    importer: FolderImporter,
    lines: StatusLines,
    *,
    account: str,
    find_result: Callable[[TakenFile], Mapping[str, Any] | None],
    resume: Callable[[TakenFile], bool],
) -> None:
    """Move the files whose result is written; continue the other imports of this account.

    `resume` continues the import of a file; it returns False when that is impossible.
    """
    for one in taken:
        if one.kind:
            importer.move(one)
        elif result := find_result(one):
            importer.finish(result)
        elif not one.account and account:
            taken.remove(one)  # it was a practice run: nothing was sent
        elif one.account != account:
            importer.skip(one)
            lines.print(
                f"{one.path} waits: its import into {_name(one.account)} was interrupted; start with that account"
            )
        else:
            _resume(one, importer, lines, resume)


def _resume(
    one: TakenFile,
    importer: FolderImporter,
    lines: StatusLines,
    resume: Callable[[TakenFile], bool],
) -> None:
    lines.print(f"{one.path}: continuing the import that was interrupted…")
    importer.watch(one)  # first: the result may come immediately
    if not resume(one):
        lines.print(
            f"✗ {one.path}: the import cannot be continued, since the file is gone. Some of its contacts may be in "
            "Cellcast; check there before you import it again."
        )
        importer.finish({"import_id": one.import_id, "status": "failed"})


def _name(account: str) -> str:
    return f"another account of {account.partition(' ')[0]}"
