"""The bucket on the disk keeps the conditional writes that the ledger needs, across processes and crashes."""

import errno
import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.errors import SourceGoneError
from local.aws.disk_bucket import DiskBucket

KEY = "work/1/batches/00000001.json"


def test_it_does_what_the_bucket_does(tmp_path: Path) -> None:
    bucket = DiskBucket(tmp_path, "contacts")

    assert (bucket.read(KEY), bucket.read_with_etag(KEY), bucket.has_object(KEY)) == (None, None, False)
    tag = bucket.put_if_match(KEY, b"one", "")
    assert tag
    assert bucket.put_if_match(KEY, b"two", "") == ""
    assert bucket.put_if_match(KEY, b"two", '"other"') == ""
    assert bucket.put_if_match(KEY, b"two", tag)
    with bucket.open_writer("work/1/text", "text/plain") as file:
        file.write("a")
        file.write("ü\udcff")
    assert bucket.read("work/1/text") == "aü?".encode()
    assert list(bucket.list_keys("work/1/")) == [KEY, "work/1/text"]
    assert DiskBucket(tmp_path, "contacts").read(KEY) == b"two"


def _claim(root: Path, round_number: int) -> bool:
    return bool(
        DiskBucket(root, "contacts").put_if_match(f"work/1/{round_number}.json", str(round_number).encode(), "")
    )


def test_of_several_processes_and_threads_one_wins_each_write(tmp_path: Path) -> None:
    rounds = [(tmp_path, number) for number in range(30) for _ in range(4)]
    with multiprocessing.get_context("spawn").Pool(2) as processes, ThreadPoolExecutor(2) as threads:
        here = threads.map(lambda one: _claim(*one), rounds)
        there = processes.starmap(_claim, rounds, chunksize=1)

        assert sum(here) + sum(there) == 30


@given(st.lists(st.text(min_size=1, max_size=300), min_size=1, max_size=3))
def test_any_key_is_a_file_below_the_folder(parts: list[str]) -> None:
    root = Path("/somewhere/root")
    bucket = DiskBucket.__new__(DiskBucket)
    bucket.root = root

    path = bucket.find_path("results/" + "/".join(parts))

    assert path.is_relative_to(root)
    assert ".." not in path.parts
    assert all(len(part.encode()) < 200 for part in path.parts)


def _fail(_descriptor: int) -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize(
    "write",
    [
        lambda bucket: bucket.put(KEY, b"new"),
        lambda bucket: bucket.put_if_match(KEY, b"new", bucket.read_with_etag(KEY)[1]),
    ],
)
def test_a_full_disk_leaves_what_was_there_and_ends_all_writing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[DiskBucket], object]
) -> None:
    bucket = DiskBucket(tmp_path, "contacts")
    bucket.put(KEY, b"old")
    monkeypatch.setattr("os.fsync", _fail)
    with pytest.raises(OSError, match="No space"):
        write(bucket)
    monkeypatch.undo()

    with pytest.raises(OSError, match="No space"):  # contacts must not go out whose outcome may not be kept
        bucket.put("work/1/other.json", b"x")
    assert DiskBucket(tmp_path, "contacts").read(KEY) == b"old"
    assert [path.name for path in tmp_path.rglob("*.part")] == []


def test_an_object_that_breaks_off_is_not_there(tmp_path: Path) -> None:
    bucket = DiskBucket(tmp_path, "contacts")
    error = ZeroDivisionError()
    with suppress(ZeroDivisionError), bucket.open_writer("results/a/1/failed.csv", "text/csv") as file:
        file.write("half")
        raise error

    assert not bucket.has_object("results/a/1/failed.csv")


def test_an_upload_is_read_as_the_version_that_was_added(tmp_path: Path) -> None:
    bucket = DiskBucket(tmp_path / "bucket", "contacts")
    (tmp_path / "copy").write_bytes(b"Mobile\n")
    upload = bucket.add_upload("incoming/june.csv", tmp_path / "copy", "v1", {"list": "A"})

    with bucket.open(upload.key, upload.version_id) as stream:
        assert stream.read() == b"Mobile\n"
    assert bucket.read_metadata(upload.key, upload.version_id) == {"list": "A"}
    with pytest.raises(SourceGoneError):
        bucket.open(upload.key, "v2")
