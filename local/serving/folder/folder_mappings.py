"""Keep the mapping.json files of the watched folder in the bucket, beside the files that they are for."""

from collections.abc import Callable, Mapping
from pathlib import Path

from contact_import.columns.user_mapping import MAX_BYTES, parse_mapping
from contact_import.domain.object_keys import INCOMING, MAPPING_FILE, VALIDATE
from contact_import.errors import FileError
from local.serving.folder.folder_scanner import FileState
from local.serving.folder.object_names import make_key
from local.serving.status_lines import StatusLines


class FolderMappings:
    """Stores a mapping when it is new or changed, and deletes it when its file is gone.

    A mapping of the folder itself is for its `validate/` too: a dry run must read the columns as the import does.
    """

    def __init__(
        self,
        root: Path,
        store: Callable[[str, bytes], None],
        delete: Callable[[str], None],
        lines: StatusLines,
    ) -> None:
        self._root, self._store, self._delete, self._lines = root, store, delete, lines
        self._stored: dict[str, tuple[Path, FileState]] = {}

    def update(self, files: Mapping[Path, FileState]) -> None:
        """Make the bucket hold exactly these mappings. Raise OSError for one that cannot be read."""
        wanted = {make_key(path.relative_to(self._root)): (path, state) for path, state in files.items()}
        if (for_all := wanted.get(INCOMING + MAPPING_FILE)) is not None:
            wanted.setdefault(VALIDATE + MAPPING_FILE, for_all)
        known = {path for path, _ in self._stored.values()}
        for key in [key for key in self._stored if key not in wanted]:
            self._delete(key)
            del self._stored[key]
        for key, (path, state) in wanted.items():
            if self._stored.get(key) != (path, state):
                body = _read_start(path)
                self._store(key, body)
                is_new = (path, state) not in self._stored.values()
                self._stored[key] = (path, state)
                if is_new:
                    self._report(path, body)
        for path in sorted(known - {path for path, _ in self._stored.values()}):
            self._lines.print(f"{path} is gone: columns are recognised without it")

    def _report(self, path: Path, body: bytes) -> None:
        try:
            parse_mapping(body, str(path))
        except FileError as error:
            self._lines.print(f"✗ {error} The files beside it fail until it is corrected.")
        else:
            self._lines.print(f"using {path}")


def _read_start(path: Path) -> bytes:
    """Return what a mapping can have at most, and one byte more when the file is larger."""
    with path.open("rb") as body:
        return body.read(MAX_BYTES + 1)
