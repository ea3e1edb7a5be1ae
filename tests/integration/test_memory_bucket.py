"""What lies in memory on one machine keeps the conditions that the ledger lives by."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from contact_import.aws.s3 import Bucket
from local.aws.http_api import build_event
from local.aws.memory_bucket import MemoryBucket, MemoryQueue
from local.folder_watch import FolderScanner, watch_folder

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

KEY = "work/1/batches/00000001.json"


def test_the_shelf_does_what_the_bucket_does(s3: "S3Client") -> None:
    real = Bucket(s3, "contacts")
    for bucket in (real, MemoryBucket(real)):
        assert (bucket.read(KEY), bucket.read_with_etag(KEY), bucket.has_object(KEY)) == (None, None, False)
        tag = bucket.put_if_match(KEY, b"one", "")
        assert tag
        assert bucket.put_if_match(KEY, b"two", "") == ""
        assert bucket.put_if_match(KEY, b"two", '"other"') == ""
        assert bucket.put_if_match(KEY, b"two", tag)
        assert bucket.read(KEY) == b"two"
        with bucket.open_writer("work/1/text", "text/plain") as file:
            file.write("a")
            file.write("ü")
        assert bucket.read("work/1/text") == "aü".encode()
        assert list(bucket.list_keys("work/1/")) == [KEY, "work/1/text"]
        s3.delete_object(Bucket="contacts", Key=KEY)
        s3.delete_object(Bucket="contacts", Key="work/1/text")


def test_what_is_no_working_file_goes_into_the_bucket(s3: "S3Client") -> None:
    real = Bucket(s3, "contacts")
    shelf = MemoryBucket(real)

    shelf.put("results/june.csv/1/report.html", b"x")
    shelf.put("work/1/x.json", b"x")

    assert list(real.list_keys("results/")) == list(shelf.list_keys("results/")) == ["results/june.csv/1/report.html"]
    assert list(real.list_keys("work/")) == []


def test_of_many_that_write_at_once_one_wins(s3: "S3Client") -> None:
    shelf = MemoryBucket(Bucket(s3, "contacts"))

    with ThreadPoolExecutor(16) as pool:
        tags = list(pool.map(lambda n: shelf.put_if_match(KEY, str(n).encode(), ""), range(200)))

    assert len([tag for tag in tags if tag]) == 1


def test_a_message_is_seen_after_its_delay_and_in_its_turn() -> None:
    line = MemoryQueue()
    line.send("late", 0.2)
    line.send("first")
    line.send("second")

    assert [line.receive(0), line.receive(0), line.receive(0)] == ["first", "second", None]
    assert line.receive(5.0) == "late"
    line.send("later", 900)
    assert (line.receive_all(), len(line)) == (["later"], 0)


def test_a_file_counts_once_when_it_has_stopped_growing(tmp_path: Path) -> None:
    folder, path = FolderScanner(tmp_path), tmp_path / "list=News" / "june.csv"
    path.parent.mkdir()
    seen = []
    # Seconds, and what stands in the file: a copy that pauses for over a second is not done.
    for now, text in (
        (0.0, "a"),
        (1.5, "a"),
        (1.6, "ab"),
        (3.0, "ab"),
        (3.7, "ab"),
        (9.0, "ab"),
        (9.5, "abc"),
        (12, "abc"),
    ):
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            time.sleep(0.01)
        seen.append([one.name for one in folder.find_complete(now)])

    assert seen == [[], [], [], [], ["june.csv"], [], [], ["june.csv"]]


def test_what_is_hidden_or_called_unfinished_does_not_count(tmp_path: Path) -> None:
    folder = FolderScanner(tmp_path)
    for name in (".hidden.csv", "~$june.xlsx", "june.csv.part", "june.csv.crdownload", "june.CSV.tmp", "whole.csv"):
        (tmp_path / name).write_text("x", "utf-8")
    (tmp_path / "link.csv").symlink_to(tmp_path / "whole.csv")

    seen = [[one.name for one in folder.find_complete(now)] for now in (0.0, 5.0)]

    assert seen == [[], ["whole.csv"]]


def test_at_the_end_of_a_watch_what_was_just_dropped_is_still_taken(tmp_path: Path) -> None:
    taken: list[Path] = []
    stop = threading.Event()
    stop.set()
    (tmp_path / "june.csv").write_text("x", "utf-8")

    left = watch_folder(tmp_path, taken.append, stop)

    assert (taken, left) == ([tmp_path / "june.csv"], [])


def test_a_body_travels_as_the_gateway_sends_it() -> None:
    headers = [("Content-Type", "application/json"), ("X-A", "1"), ("x-a", "2"), ("Cookie", "a=1; b=2")]
    text = build_event("POST", "/hooks/my%20site?token=a%2Bb", headers, "ü".encode())
    form = build_event("POST", "/", [("Content-Type", "application/x-www-form-urlencoded")], b"a=b")
    odd = build_event("POST", "/", [("Content-Type", "text/plain")], b"\xff")

    assert (text["body"], text["isBase64Encoded"], text["headers"]["x-a"]) == ("ü", False, "1,2")
    assert (text["rawPath"], text["rawQueryString"], text["cookies"]) == (
        "/hooks/my site",
        "token=a%2Bb",
        ["a=1", "b=2"],
    )
    assert (form["body"], form["isBase64Encoded"]) == ("YT1i", True)
    assert odd["isBase64Encoded"]
