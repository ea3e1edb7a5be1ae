"""One file after the other, each moved only after its result, and none imported twice."""

import io
import threading
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import pytest

from local.serving.folder.folder_import import FolderImporter
from local.serving.folder.folder_mappings import FolderMappings
from local.serving.folder.folder_scanner import FileState, FolderScanner
from local.serving.folder.interrupted_files import settle_interrupted_files
from local.serving.folder.taken_files import TakenFile, TakenFiles
from local.serving.status_lines import StatusLines

LARGE = 100


class Store:
    """Keeps what would be sent."""

    def __init__(self, folder: "Folder") -> None:
        self._folder = folder
        self.fault: OSError | None = None

    def copy(self, path: Path) -> Path:
        target = self._folder.record.with_name("copy")
        with path.open("rb") as source:
            target.write_bytes(source.read())
        return target

    def make_taken(self, name: Path, state: FileState, key: str) -> TakenFile:
        number = len(self._folder.stored) + 1
        return TakenFile(str(name), *state, key, f"v{number}", f"{number:024x}", self._folder.account)

    def begin(self, taken: TakenFile, copy: Path) -> None:
        if self._folder.store_error:
            raise self._folder.store_error
        assert taken in list(TakenFiles(self._folder.record)), "recorded before it can be sent"
        self._folder.stored.append((taken.key, copy.read_bytes()))

    def remove(self, taken: TakenFile) -> None:
        self._folder.removed.append(taken.import_id)


class Folder:
    """A watched folder, the bucket behind it, and a clock."""

    def __init__(self, where: Path) -> None:
        self.root, self.record = where / "inbox", where / "folder.json"
        self.root.mkdir()
        self.stored: list[tuple[str, bytes]] = []
        self.mappings: dict[str, bytes] = {}
        self.failures: list[str] = []
        self.console = io.StringIO()
        self.now = 0.0
        self.store_error: OSError | None = None
        self.removed: list[str] = []
        self.account = "https://api.cellcast.com 1234"
        self.store = Store(self)
        self.importer = self.start()

    def start(self) -> FolderImporter:
        lines = StatusLines(self.console)
        self.taken = TakenFiles(self.record)
        self.importer = FolderImporter(
            FolderScanner(self.root, [self.root / "done", self.root / "failed"]),
            FolderMappings(self.root, self.mappings.__setitem__, self.mappings.__delitem__, lines),
            self.taken,
            self.store,
            lines,
            root=self.root,
            large_bytes=LARGE,
            failures=self.failures,
        )
        return self.importer

    def restart(
        self, result: dict[str, Any] | None = None, *, can_resume: bool = True, account: str | None = None
    ) -> None:
        self.start()
        settle_interrupted_files(
            self.taken,
            self.importer,
            StatusLines(self.console),
            account=self.account if account is None else account,
            find_result=lambda _one: result,
            resume=lambda _one: can_resume,
        )

    def put(self, name: str, text: str = "x") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        return path

    def wait(self, seconds: float = 3.0) -> None:
        for _ in range(2):
            self.importer.scan(self.now)
            self.now += seconds

    def finish(self, number: int, status: str = "completed") -> None:
        self.importer.finish({"import_id": f"{number:024x}", "status": status})

    def names(self) -> list[str]:
        files = (path.relative_to(self.root) for path in self.root.rglob("*") if path.is_file())
        return sorted("/".join(("*" if part.startswith("20") else part) for part in path.parts) for path in files)

    @property
    def lines(self) -> str:
        return self.console.getvalue()


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_file_moves_when_its_result_is_written_and_not_before(folder: Folder) -> None:
    folder.put("list=A/june.csv")
    folder.wait()
    before = folder.names()

    folder.finish(1)
    folder.wait()

    assert folder.removed == [f"{1:024x}"]
    assert (before, folder.names()) == (["list=A/june.csv"], ["done/*/list=A/june.csv"])
    assert folder.stored == [("incoming/list=A/june.csv", b"x")]
    assert list(folder.taken) == []


def test_a_file_that_failed_moves_to_failed(folder: Folder) -> None:
    folder.put("june.csv")
    folder.wait()
    folder.finish(1, "failed")

    assert folder.names() == ["failed/*/june.csv"]


def test_files_are_imported_one_after_the_other_and_a_large_one_beside_them(folder: Folder) -> None:
    folder.put("a-large.csv", "x" * (LARGE + 1))
    for name in ("b.csv", "c.csv", "d-large.csv"):
        folder.put(name, "x" * (LARGE + 1) if "large" in name else "x")
    folder.wait()
    first = [key for key, _ in folder.stored]
    folder.finish(2)
    folder.wait()

    assert first == ["incoming/a-large.csv", "incoming/b.csv"]
    assert [key for key, _ in folder.stored] == [*first, "incoming/c.csv"]
    assert folder.importer.list_progress() == (["a-large.csv", "c.csv"], 1)


def test_a_file_that_is_replaced_during_its_import_is_imported_next(folder: Folder) -> None:
    folder.put("june.csv", "old")
    folder.wait()
    folder.put("june.csv", "newer")
    folder.finish(1)
    folder.wait()

    assert [body for _, body in folder.stored] == [b"old", b"newer"]
    assert folder.names() == ["june.csv"]
    assert "june.csv was replaced" in folder.lines


def test_a_file_that_cannot_be_moved_is_not_imported_again(folder: Folder) -> None:
    folder.put("june.csv")
    folder.wait()
    in_the_way = folder.put(f"done/{datetime.now().astimezone().date()}", "a file")
    folder.finish(1)
    folder.wait()
    folder.restart()
    folder.wait()
    names = folder.names()
    in_the_way.unlink()
    folder.restart()
    folder.wait()

    assert len(folder.stored) == 1
    assert "june.csv stays in the folder" in folder.lines
    assert (names, folder.names()) == (["done/*", "june.csv"], ["done/*/june.csv"])


def test_a_file_that_was_moved_before_the_crash_is_forgotten(folder: Folder) -> None:
    """The crash was between the move and the record: the same file put there again is a new one."""
    folder.put("june.csv")
    folder.wait()
    record = folder.record.read_bytes()
    folder.finish(1)
    folder.record.write_bytes(record)
    folder.restart(result={"import_id": f"{1:024x}", "status": "completed"})

    assert list(folder.taken) == []
    assert folder.names() == ["done/*/june.csv"]


def test_a_crash_before_the_result_was_seen_moves_the_file_at_the_next_start(folder: Folder) -> None:
    folder.put("june.csv")
    folder.wait()
    folder.restart(result={"import_id": f"{1:024x}", "status": "failed"})
    folder.wait()

    assert (len(folder.stored), folder.names()) == (1, ["failed/*/june.csv"])


def test_an_import_that_a_crash_ended_is_continued_and_not_begun_again(folder: Folder) -> None:
    folder.put("june.csv")
    folder.wait()
    folder.restart()
    folder.wait()
    during = folder.names()
    folder.finish(1)

    assert (len(folder.stored), during, folder.names()) == (1, ["june.csv"], ["done/*/june.csv"])
    assert "june.csv: continuing" in folder.lines


def test_an_import_that_cannot_be_continued_is_left_to_the_user(folder: Folder) -> None:
    folder.put("june.csv")
    folder.wait()
    folder.restart(can_resume=False)
    folder.wait()

    assert (len(folder.stored), folder.names()) == (1, ["failed/*/june.csv"])
    assert "may be in Cellcast" in folder.lines


@pytest.mark.parametrize("account", ["", "https://api.cellcast.com 5678"])
def test_an_interrupted_import_is_not_continued_into_another_account(folder: Folder, account: str) -> None:
    folder.put("june.csv")
    folder.wait()
    folder.restart(account=account)
    folder.wait()

    assert (len(folder.stored), folder.names()) == (1, ["june.csv"])
    assert "june.csv waits" in folder.lines
    assert "1234" not in folder.lines


def test_an_interrupted_practice_run_is_forgotten_when_it_gets_serious(folder: Folder) -> None:
    """Its ledger says that contacts were sent, and nothing was."""
    folder.account = ""
    folder.put("june.csv")
    folder.wait()
    folder.restart(account="https://api.cellcast.com 1234")
    folder.wait()

    assert len(folder.stored) == 2


def test_a_disk_that_takes_no_more_stops_the_imports_with_a_sentence(folder: Folder) -> None:
    folder.store.fault = OSError(28, "No space left on device")
    folder.put("june.csv")
    for _ in range(3):
        folder.wait()

    assert (folder.stored, folder.names()) == ([], ["june.csv"])
    assert folder.lines.count("No space left on device") == 1


def test_a_file_that_cannot_be_stored_is_tried_again_and_said_once(folder: Folder) -> None:
    folder.put("july.csv")
    folder.store_error = OSError(28, "No space left on device")
    for _ in range(4):
        folder.wait()
    problems = folder.lines.count("No space left")
    folder.store_error = None
    folder.wait()
    folder.wait()

    assert problems == 1
    assert folder.stored == [("incoming/july.csv", b"x")]


def test_a_file_that_disappears_is_said_once(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder.put("june.csv")

    def vanish(_self: Path, _mode: str) -> IO[bytes]:
        path.unlink()
        return io.FileIO(path)

    monkeypatch.setattr(Path, "open", vanish)
    folder.wait()
    folder.wait()

    assert (folder.stored, list(folder.taken)) == ([], [])
    assert folder.lines.count(f"{path} disappeared") == 1


def test_a_function_that_gives_up_lets_the_next_file_begin_and_keeps_the_file(folder: Folder) -> None:
    folder.put("june.csv")
    folder.put("may.csv")
    folder.wait()
    folder.failures.append("UploadFunction")
    folder.wait()

    assert [key for key, _ in folder.stored] == ["incoming/june.csv", "incoming/may.csv"]
    assert "✗ june.csv" in folder.lines
    assert folder.names() == ["june.csv", "may.csv"]


def test_a_mapping_is_there_before_the_files_beside_it(folder: Folder) -> None:
    """Both are put into the folder together: imported without its mapping, a file would be read by guesses."""
    folder.put("june.csv")
    folder.importer.scan(0.0)
    folder.importer.scan(1.9)
    folder.put("mapping.json", '{"Tel": "phone_number"}')
    folder.importer.scan(2.0)
    early = list(folder.stored)
    folder.importer.scan(4.1)

    assert early == []
    assert [key for key, _ in folder.stored] == ["incoming/june.csv"]
    assert set(folder.mappings) == {"incoming/mapping.json", "validate/mapping.json"}
    assert f"using {folder.root / 'mapping.json'}\n" in folder.lines


def test_a_mapping_that_is_taken_away_counts_no_longer(folder: Folder) -> None:
    path = folder.put("mapping.json", "{}")
    folder.put("validate/mapping.json", '{"A": null}')
    folder.wait()
    before = dict(folder.mappings)
    path.unlink()
    folder.wait()

    assert before == {"incoming/mapping.json": b"{}", "validate/mapping.json": b'{"A": null}'}
    assert folder.mappings == {"validate/mapping.json": b'{"A": null}'}
    assert "mapping.json is gone" in folder.lines


def test_a_mapping_with_a_fault_is_named_with_its_fault(folder: Folder) -> None:
    folder.put("list=A/mapping.json", '{"Tel": "nonsense"}')
    folder.wait()

    assert f"✗ {folder.root / 'list=A/mapping.json'} " in folder.lines
    assert "nonsense" in folder.lines


def test_files_that_wait_at_the_end_stay_for_the_next_start(folder: Folder) -> None:
    folder.put("june.csv")
    folder.put("may.csv")
    folder.wait()
    stop = threading.Event()
    stop.set()

    folder.importer.run_until_stopped(stop)

    assert "1 file left in" in folder.lines
    assert folder.names() == ["june.csv", "may.csv"]


def test_a_name_that_is_too_long_for_the_bucket_is_said(folder: Folder) -> None:
    folder.put("/".join(["a" * 200] * 6) + "/june.csv")
    folder.wait()

    assert folder.stored == []
    assert "name is too long" in folder.lines


def _result(**changes: Any) -> dict[str, Any]:
    return {"import_id": "f" * 24, "status": "completed", **changes}


def test_the_result_of_something_else_moves_nothing(folder: Folder) -> None:
    folder.put("june.csv")
    folder.wait()
    folder.importer.finish(_result())

    assert folder.names() == ["june.csv"]
