import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from contact_import.aws.s3 import Bucket
from contact_import.errors import SourceGoneError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


class _Broken(BaseHTTPRequestHandler):
    """S3 whose connections break after each piece of a body."""

    body = b"".join(b"%06d\n" % number for number in range(50_000))
    protocol_version = "HTTP/1.1"
    asked: list[str]
    later = 206  # what the second request is answered with

    def do_GET(self) -> None:
        start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        self.asked.append(f"{start} {self.headers['If-Match']}")
        rest = self.body[start:]
        self.send_response(self.later if start else 200)
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        self.wfile.write(rest[:100_000])
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the standard library's name
        pass


@pytest.fixture
def flaky_s3() -> Iterator[tuple[Bucket, type[_Broken]]]:
    handler = type("Handler", (_Broken,), {"asked": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        client = boto3.client(
            "s3", endpoint_url=f"http://127.0.0.1:{server.server_port}", config=Config(retries={"max_attempts": 1})
        )
        yield Bucket(client, "contacts"), handler
        server.shutdown()


def test_a_download_that_breaks_again_and_again_is_read_on_from_there(
    flaky_s3: tuple[Bucket, type[_Broken]],
) -> None:
    bucket, handler = flaky_s3

    with bucket.open("incoming/june.csv", "", "tag") as stream:
        read = stream.read()

    assert read == _Broken.body
    assert handler.asked == [f'{start} "tag"' for start in (0, 100_000, 200_000, 300_000)]


@pytest.mark.parametrize("status", [404, 412])
def test_a_file_that_goes_or_is_replaced_while_it_is_read_ends_with_a_sentence(
    flaky_s3: tuple[Bucket, type[_Broken]], status: int
) -> None:
    """A reader keeps the bytes that it read before the stream failed."""
    bucket, handler = flaky_s3
    handler.later = status

    with bucket.open("incoming/june.csv", "", "tag") as stream, pytest.raises(SourceGoneError):
        stream.read()


def test_large_results_go_up_in_parts(s3: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contact_import.aws.s3_streams.PART_BYTES", 5 * 1024 * 1024)
    bucket = Bucket(s3, "contacts")

    with bucket.open_writer("results/x", "text/csv") as writer:
        for _ in range(13):
            writer.write("ü" * 512 * 1024)

    assert bucket.read("results/x") == ("ü" * 512 * 1024 * 13).encode()


def test_an_object_whose_writer_failed_does_not_exist(s3: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("contact_import.aws.s3_streams.PART_BYTES", 10)
    bucket = Bucket(s3, "contacts")

    def fail(size: int) -> None:
        with bucket.open_writer(f"results/{size}", "text/csv") as writer:
            writer.write("x" * size)
            raise OSError("disk")

    for size in (1, 30):
        with pytest.raises(OSError, match="disk"):
            fail(size)

    assert list(bucket.list_keys("results/")) == []
    assert s3.list_multipart_uploads(Bucket="contacts").get("Uploads", []) == []


def test_an_upload_that_breaks_reports_why_although_its_parts_cannot_be_deleted(
    s3: "S3Client", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contact_import.aws.s3_streams.PART_BYTES", 10)
    denied = ClientError({"Error": {"Code": "AccessDenied"}}, "AbortMultipartUpload")
    s3.meta.events.register("before-call.s3.AbortMultipartUpload", lambda **_: _raise(denied))

    def fail() -> None:
        with Bucket(s3, "contacts").open_writer("results/x", "text/csv") as writer:
            writer.write("x" * 30)
            raise SourceGoneError("The file was replaced.")

    with pytest.raises(SourceGoneError):
        fail()


def _raise(error: Exception) -> None:
    raise error


def test_half_of_a_surrogate_pair_is_replaced(s3: "S3Client") -> None:
    bucket = Bucket(s3, "contacts")

    with bucket.open_writer("results/x", "text/csv") as writer:
        writer.write("a\ud800b")

    assert bucket.read("results/x") == b"a?b"
