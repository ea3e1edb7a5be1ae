"""Stream objects of any size from and to S3 in flat memory."""

import io
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from contact_import.aws.request_deadline import OutOfTimeError
from contact_import.aws.s3_errors import AWS_ERRORS, get_error_code, translate_error

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

# S3 accepts no part under 5 MiB but the last, and at most 10,000 parts
# (docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html).
PART_BYTES = 8 * 1024 * 1024

_MAX_READ_ATTEMPTS = 5


class ObjectStream(io.RawIOBase):
    """An object as a stream that resumes where its connection broke.

    A function may read one body for minutes, because it waits for Cellcast between two reads, and S3 closes an idle
    connection. `request` has the arguments of GetObject. For an upload they name its version or ETag, so that a
    resumed stream never mixes two contents.
    """

    def __init__(
        self, client: "S3Client", request: dict[str, Any], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client, self._request, self._sleep = client, request, sleep
        self._position = 0
        self._body = self._open_body()

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        """Return how many bytes have been read."""
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Read bytes into the buffer and return their number, 0 at the end.

        Raise SourceGoneError when the object is gone, and AWS's error after the fifth attempt.
        """
        for attempt in range(_MAX_READ_ATTEMPTS):
            try:
                if self._body is None:
                    self._body = self._open_body()
                data = self._body.read(len(buffer))
            except (BotoCoreError, OSError) as error:
                self._body = None
                if attempt == _MAX_READ_ATTEMPTS - 1 or isinstance(error, OutOfTimeError):
                    raise
                self._sleep(0.2 * 2**attempt)
            else:
                buffer[: len(data)] = data
                self._position += len(data)
                return len(data)
        return 0

    def _open_body(self) -> Any:
        request = dict(self._request)
        if self._position:
            request["Range"] = f"bytes={self._position}-"
        try:
            return self._client.get_object(**request)["Body"]
        except ClientError as error:
            # The connection broke exactly at the end: a range that begins there has no bytes.
            if get_error_code(error) == "InvalidRange":
                return io.BytesIO()
            raise translate_error(error) from error


class ObjectWriter:
    """An object that is uploaded in parts while it is written, in flat memory.

    The object exists only when the `with` block ends without an error, and then replaces an older one whole. The parts
    of an upload that broke are deleted; S3 keeps those of an interrupted one, unseen, until the bucket's lifecycle rule
    deletes them.
    """

    def __init__(self, client: "S3Client", bucket: str, key: str, content_type: str) -> None:
        self._client, self._content_type = client, content_type
        self._bucket, self._key = bucket, key
        self._buffer = bytearray()
        self._upload_id = ""
        self._parts: list[Any] = []

    def write(self, text: str) -> None:
        """Append text as UTF-8. A lone surrogate of a broken export becomes a question mark."""
        self.write_bytes(text.encode("utf-8", "replace"))

    def write_bytes(self, data: bytes) -> None:
        """Append bytes as they are."""
        self._buffer += data
        if len(self._buffer) >= PART_BYTES:
            self._upload_part()

    def _upload_part(self) -> None:
        if not self._upload_id:
            started = self._client.create_multipart_upload(
                Bucket=self._bucket, Key=self._key, ContentType=self._content_type
            )
            self._upload_id = started["UploadId"]
        number = len(self._parts) + 1
        uploaded = self._client.upload_part(
            Bucket=self._bucket,
            Key=self._key,
            UploadId=self._upload_id,
            PartNumber=number,
            Body=bytes(self._buffer),
        )
        self._parts.append({"PartNumber": number, "ETag": uploaded["ETag"]})
        self._buffer.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            if self._upload_id:
                # The error that broke the upload is the one to report.
                with suppress(*AWS_ERRORS):
                    self._client.abort_multipart_upload(Bucket=self._bucket, Key=self._key, UploadId=self._upload_id)
        elif not self._upload_id:
            # Less than one part, as nearly all objects: one call instead of three.
            self._client.put_object(
                Bucket=self._bucket, Key=self._key, Body=bytes(self._buffer), ContentType=self._content_type
            )
        else:
            if self._buffer:
                self._upload_part()
            self._client.complete_multipart_upload(
                Bucket=self._bucket,
                Key=self._key,
                UploadId=self._upload_id,
                MultipartUpload={"Parts": self._parts},
            )
