"""The bucket of `serve`: which objects are where, and the results that were copied away."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from contact_import.aws.s3 import Bucket
from contact_import.errors import SourceGoneError
from local.aws.disk_bucket import DiskBucket
from local.aws.served_bucket import ServedBucket
from local.uploads.upload_server import start_upload_server

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@pytest.fixture
def written() -> list[str]:
    return []


@pytest.fixture
def bucket(tmp_path: Path, s3: "S3Client", written: list[str]) -> Iterator[ServedBucket]:
    with start_upload_server(tmp_path / "uploads") as uploads:
        yield ServedBucket(
            DiskBucket(tmp_path / "files", "contacts"),
            DiskBucket(tmp_path / "submissions", "contacts"),
            Bucket(s3, "contacts"),
            uploads=uploads,
            find_copy=lambda key: tmp_path / "out" / key.removeprefix("results/"),
            on_put=written.append,
        )


def test_the_objects_of_files_and_of_submissions_are_apart(
    tmp_path: Path, bucket: ServedBucket, written: list[str]
) -> None:
    bucket.file_imports.add("f1")
    keys = [
        "work/f1/import.json",
        "work/s1/submission.json",
        "results/june.csv/f1/a",
        "results/webhook/2026/01/01/s1/a",
    ]
    for key in keys:
        bucket.put(key, b"x")

    files = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {f"files/{keys[0]}", f"submissions/{keys[1]}", f"files/{keys[2]}", f"submissions/{keys[3]}"}
    assert written == keys
    bucket.file_imports.clear()  # as after a restart
    assert bucket.read(keys[0]) == b"x"


def test_a_result_that_was_copied_away_is_still_there(tmp_path: Path, bucket: ServedBucket) -> None:
    key = "results/june.csv/f1/failed.csv"
    assert (bucket.read(key), bucket.has_object(key)) == (None, False)
    with pytest.raises(SourceGoneError):
        bucket.open(key)
    copy = tmp_path / "out" / "june.csv" / "f1" / "failed.csv"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(b"copied")

    with bucket.open(key) as stream:
        assert stream.read() == bucket.read(key) == b"copied"
    assert bucket.has_object(key)


def test_a_conditional_write_that_loses_is_no_news(bucket: ServedBucket, written: list[str]) -> None:
    assert bucket.put_if_match("work/s1/submission.json", b"1", "")
    assert not bucket.put_if_match("work/s1/submission.json", b"2", "")
    assert written == ["work/s1/submission.json"]


def test_an_upload_over_http_is_read_from_the_embedded_aws(bucket: ServedBucket, s3: "S3Client") -> None:
    s3.put_object(Bucket="contacts", Key="incoming/june.csv", Body=b"Mobile")

    with bucket.open("incoming/june.csv") as stream:
        assert stream.read() == b"Mobile"
