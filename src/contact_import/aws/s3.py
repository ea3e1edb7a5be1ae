"""The one place that speaks with S3."""

import io
import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from contact_import.aws.events import Upload
from contact_import.errors import SourceGoneError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

PART_BYTES = 8 * 1024 * 1024  # S3 takes no part under 5 MiB but the last, and at most 10,000 of them
AWS_ERRORS = (BotoCoreError, ClientError)  # to be let go where nothing depends on an object
_MAX_READ_ATTEMPTS = 5
# 412 and 409 of a conditional write; 404 when what `If-Match` names is not there at all.
_CONDITION_FAILED_CODES = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409", "404")


class Bucket:
    """Objects of one bucket, by key. boto3 retries what AWS calls a passing fault; the rest is raised."""

    def __init__(self, client: "S3Client", name: str) -> None:
        self._client = client
        self.name = name

    def read(self, key: str) -> bytes | None:
        """The whole of a small object, None when there is none."""
        try:
            return self._client.get_object(Bucket=self.name, Key=key)["Body"].read()
        except ClientError as error:
            if _get_error_code(error) in ("NoSuchKey", "404"):
                return None
            raise

    def read_json(self, key: str) -> Any | None:
        """Return the JSON value of a small object, None when the object does not exist."""
        body = self.read(key)
        return json.loads(body) if body else None

    def put_json(self, key: str, value: object) -> None:
        """Write a value as compact JSON in ASCII: a lone surrogate of a broken export survives as an escape."""
        self.put(key, encode_json(value))

    def read_up_to(self, key: str, max_bytes: int) -> bytes | None:
        """The beginning of an object of any size, None when there is none."""
        try:
            with self.open(key) as stream:
                return stream.read(max_bytes)
        except SourceGoneError:
            return None

    def put(self, key: str, body: bytes, content_type: str = "application/json") -> None:
        self._client.put_object(Bucket=self.name, Key=key, Body=body, ContentType=content_type)

    def read_with_etag(self, key: str) -> tuple[bytes, str] | None:
        """The whole of a small object and the tag under which `put_over` replaces it, None when there is none."""
        try:
            found = self._client.get_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if _get_error_code(error) in ("NoSuchKey", "404"):
                return None
            raise
        return found["Body"].read(), found["ETag"]

    def put_if_match(self, key: str, body: bytes, etag: str) -> str:
        """Put an object only in place of what `tag` is of, "" for nothing, and give its tag.

        "" comes back when something else is there, and also when no answer came: read to find out.
        """
        content_type = "text/html; charset=utf-8" if key.endswith(".html") else "application/json"
        condition: dict[str, Any] = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            response = self._client.put_object(
                Bucket=self.name, Key=key, Body=body, ContentType=content_type, **condition
            )
        except ClientError as error:
            if _get_error_code(error) in _CONDITION_FAILED_CODES or _get_http_status(error) >= 500:
                return ""
            raise
        except BotoCoreError:
            return ""
        return str(response["ETag"])

    def has_object(self, key: str) -> bool:
        try:
            self._client.head_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if _get_error_code(error) in ("NoSuchKey", "404"):
                return False
            raise
        return True

    def list_versions(self, prefix: str) -> Iterator[tuple[Upload, datetime]]:
        """All objects below, also those that were replaced since, and when each was put there."""
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self.name, Prefix=prefix)
        for page in pages:
            for item in page.get("Versions", []):
                version = "" if item["VersionId"] == "null" else item["VersionId"]
                upload = Upload(self.name, item["Key"], item["ETag"].strip('"'), version, item["Size"])
                yield upload, item["LastModified"]

    def list_keys(self, prefix: str) -> Iterator[str]:
        """In the order of their bytes, as S3 lists them."""
        for page in self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix):
            for item in page.get("Contents", []):
                yield item["Key"]

    def read_metadata(self, key: str, version_id: str = "", etag: str = "") -> dict[str, str]:
        """The user metadata of an upload. Raise SourceGoneError when that content is not there any more."""
        try:
            return dict(self._client.head_object(**self._build_get_request(key, version_id, etag))["Metadata"])
        except ClientError as error:
            raise _translate_error(error) from error

    def open(self, key: str, version_id: str = "", etag: str = "") -> io.BufferedReader:
        """The object as a stream that survives a broken connection.

        Raise SourceGoneError when that very version (or content) is not there any more, also half-way.
        """
        request = self._build_get_request(key, version_id, etag)
        return io.BufferedReader(_ObjectStream(self._client, request), 1024 * 1024)

    def open_writer(self, key: str, content_type: str) -> "ObjectWriter":
        return ObjectWriter(self._client, self.name, key, content_type)

    def _build_get_request(self, key: str, version_id: str, etag: str) -> dict[str, Any]:
        request: dict[str, Any] = {"Bucket": self.name, "Key": key}
        if version_id:
            request["VersionId"] = version_id
        elif etag:
            request["IfMatch"] = f'"{etag}"'
        return request


def encode_json(value: object) -> bytes:
    """Return compact JSON in ASCII."""
    return json.dumps(value, separators=(",", ":")).encode()


class _ObjectStream(io.RawIOBase):
    """Reads on from where it stopped when the connection breaks: a Lambda may take minutes over one body."""

    def __init__(
        self, client: "S3Client", request: dict[str, Any], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client, self._request, self._sleep = client, request, sleep
        self._position = 0
        self._body = self._open_body()

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        for attempt in range(_MAX_READ_ATTEMPTS):
            try:
                if self._body is None:
                    self._body = self._open_body()
                data = self._body.read(len(buffer))
            except (BotoCoreError, OSError):
                self._body = None
                if attempt == _MAX_READ_ATTEMPTS - 1:
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
            if _get_error_code(error) == "InvalidRange":  # it broke exactly at the end
                return io.BytesIO()
            raise _translate_error(error) from error


class ObjectWriter:
    """Text that goes up in parts while it is written, so that memory does not grow with the file.

    The object exists only after a `with` block that ended well; another run that writes it again replaces it.
    """

    def __init__(self, client: "S3Client", bucket: str, key: str, content_type: str) -> None:
        self._client, self._content_type = client, content_type
        self._bucket, self._key = bucket, key
        self._buffer = bytearray()
        self._upload_id = ""
        self._parts: list[Any] = []

    def write(self, text: str) -> None:
        self._buffer += text.encode("utf-8", "replace")
        if len(self._buffer) >= PART_BYTES:
            self._upload_part()

    def _upload_part(self) -> None:
        if not self._upload_id:
            started = self._client.create_multipart_upload(
                Bucket=self._bucket, Key=self._key, ContentType=self._content_type
            )
            self._upload_id = started["UploadId"]
        number = len(self._parts) + 1
        sent = self._client.upload_part(
            Bucket=self._bucket,
            Key=self._key,
            UploadId=self._upload_id,
            PartNumber=number,
            Body=bytes(self._buffer),
        )
        self._parts.append({"PartNumber": number, "ETag": sent["ETag"]})
        self._buffer.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            if self._upload_id:
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=self._key, UploadId=self._upload_id)
        elif not self._upload_id:
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


def _get_error_code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _get_http_status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _translate_error(error: ClientError) -> Exception:
    """The sentence for an object that is not there; any other error is passed on as it is."""
    if _get_error_code(error) in ("NoSuchKey", "NoSuchVersion", "404"):
        return SourceGoneError("The file is not in the bucket any more; drop it again.")
    if _get_error_code(error) in ("PreconditionFailed", "412"):
        return SourceGoneError(
            "Another file was put in its place before this one was read; that one is its own import."
        )
    return error
