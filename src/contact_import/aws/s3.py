"""Read, write and list the objects of one S3 bucket: small ones whole, large ones as streams."""

import io
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from contact_import.aws.events import Upload
from contact_import.aws.s3_errors import is_condition_failed, is_missing, is_server_error, translate_error
from contact_import.aws.s3_streams import ObjectStream, ObjectWriter
from contact_import.errors import SourceGoneError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_READ_BUFFER_BYTES = 1024 * 1024


class Bucket:
    """The objects of one bucket, by key. boto3 retries the errors that AWS calls transient; others are raised."""

    def __init__(self, client: "S3Client", name: str) -> None:
        self._client = client
        self.name = name

    def read(self, key: str) -> bytes | None:
        """Return the body of a small object, None when the object does not exist."""
        found = self.read_with_etag(key)
        return found[0] if found else None

    def read_json(self, key: str) -> Any | None:
        """Return the JSON value of a small object, None when the object does not exist."""
        body = self.read(key)
        return json.loads(body) if body else None

    def read_up_to(self, key: str, max_bytes: int) -> bytes | None:
        """Return the first bytes of an object of any size, None when the object does not exist."""
        try:
            with self.open(key) as stream:
                return stream.read(max_bytes)
        except SourceGoneError:
            return None

    def read_with_etag(self, key: str) -> tuple[bytes, str] | None:
        """Return the body of a small object and the ETag for `put_if_match`, None when the object does not exist."""
        try:
            found = self._client.get_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if is_missing(error):
                return None
            raise
        return found["Body"].read(), found["ETag"]

    def put(self, key: str, body: bytes, content_type: str = "application/json") -> None:
        """Write an object, and replace one that exists."""
        self._client.put_object(Bucket=self.name, Key=key, Body=body, ContentType=content_type)

    def put_json(self, key: str, value: object) -> None:
        """Write a value as compact JSON, and replace an object that exists."""
        self.put(key, encode_json(value))

    def put_if_match(self, key: str, body: bytes, etag: str) -> str:
        """Write an object only if the stored one has this ETag ("": if there is none). Return the new ETag.

        Return "" when the stored object is another one, and also when the outcome of the write is unknown: read the
        object to find out. Source: docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html.
        """
        content_type = "text/html; charset=utf-8" if key.endswith(".html") else "application/json"
        condition: dict[str, Any] = {"IfMatch": etag} if etag else {"IfNoneMatch": "*"}
        try:
            response = self._client.put_object(
                Bucket=self.name, Key=key, Body=body, ContentType=content_type, **condition
            )
        except ClientError as error:
            if is_condition_failed(error) or is_server_error(error):
                return ""
            raise
        except BotoCoreError:  # no response: S3 may have written the object
            return ""
        return str(response["ETag"])

    def delete(self, key: str) -> None:
        """Delete an object, if there is one."""
        self._client.delete_object(Bucket=self.name, Key=key)

    def has_object(self, key: str) -> bool:
        """Return whether the object exists."""
        try:
            self._client.head_object(Bucket=self.name, Key=key)
        except ClientError as error:
            if is_missing(error):
                return False
            raise
        return True

    def list_versions(self, prefix: str, start_after: str = "") -> Iterator[tuple[Upload, datetime]]:
        """Yield each version of each object below the prefix, replaced ones included, with the time of its upload.

        Keys up to `start_after` are skipped.
        """
        marker: dict[str, Any] = {"KeyMarker": start_after} if start_after else {}
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self.name, Prefix=prefix, **marker)
        for page in pages:
            for item in page.get("Versions", []):
                # "null" is the version id of an object that was put while versioning was off.
                version = "" if item["VersionId"] == "null" else item["VersionId"]
                upload = Upload(self.name, item["Key"], item["ETag"].strip('"'), version, item["Size"])
                yield upload, item["LastModified"]

    def list_keys(self, prefix: str, start_after: str = "") -> Iterator[str]:
        """Yield the keys below the prefix in S3's order, that of their bytes. Keys up to `start_after` are skipped.

        Source: docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html.
        """
        marker: dict[str, Any] = {"StartAfter": start_after} if start_after else {}
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix, **marker)
        for page in pages:
            for item in page.get("Contents", []):
                yield item["Key"]

    def read_metadata(self, key: str, version_id: str = "", etag: str = "") -> dict[str, str]:
        """Return the user metadata of an upload. Raise SourceGoneError when that version or content is gone."""
        try:
            return dict(self._client.head_object(**self._build_get_request(key, version_id, etag))["Metadata"])
        except ClientError as error:
            raise translate_error(error) from error

    def open(self, key: str, version_id: str = "", etag: str = "") -> io.BufferedReader:
        """Open an object as a stream that resumes where its connection broke.

        Raise SourceGoneError when that version or content is gone, now or in the middle of the stream.
        """
        request = self._build_get_request(key, version_id, etag)
        return io.BufferedReader(ObjectStream(self._client, request), _READ_BUFFER_BYTES)

    def make_download_url(self, key: str, seconds: int, *, disposition: str, is_head: bool = False) -> str:
        """Return a presigned URL: whoever has it can download the object for some seconds. No call is made.

        `disposition` is the Content-Disposition of the response. `is_head` makes a URL for HEAD requests, because the
        method is part of the signature.
        """
        params = {"Bucket": self.name, "Key": key}
        if not is_head:
            params |= {"ResponseContentDisposition": disposition, "ResponseCacheControl": "no-store"}
        return self._client.generate_presigned_url(
            "head_object" if is_head else "get_object", Params=params, ExpiresIn=seconds
        )

    def make_upload_form(self, key: str, max_bytes: int, seconds: int) -> dict[str, Any]:
        """Return `url` and `fields` of a form that uploads one file under a key, for some seconds. No call is made.

        S3 itself rejects an empty file and one of more than `max_bytes`
        (docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html).
        """
        return self._client.generate_presigned_post(
            self.name, key, Conditions=[["content-length-range", 1, max_bytes]], ExpiresIn=seconds
        )

    def copy(self, source: str, target: str, metadata: Mapping[str, str]) -> None:
        """Copy an object of any size inside the bucket, in parallel parts. `metadata` replaces that of the source.

        Raise SourceGoneError when there is no such object.
        """
        extra = {"Metadata": dict(metadata), "MetadataDirective": "REPLACE"}
        try:
            self._client.copy({"Bucket": self.name, "Key": source}, self.name, target, ExtraArgs=extra)
        except ClientError as error:
            raise translate_error(error) from error

    def open_writer(self, key: str, content_type: str) -> ObjectWriter:
        """Return a context manager that writes an object of any size."""
        return ObjectWriter(self._client, self.name, key, content_type)

    def _build_get_request(self, key: str, version_id: str, etag: str) -> dict[str, Any]:
        request: dict[str, Any] = {"Bucket": self.name, "Key": key}
        if version_id:
            request["VersionId"] = version_id
        elif etag:
            request["IfMatch"] = f'"{etag}"'
        return request


def encode_json(value: object) -> bytes:
    """Return compact JSON in ASCII. A lone surrogate of a broken export becomes an escape instead of an error."""
    return json.dumps(value, separators=(",", ":")).encode()
