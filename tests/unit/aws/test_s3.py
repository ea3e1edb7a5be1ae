"""The bucket against moto, which behaves as S3 does."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from botocore.stub import Stubber

from contact_import.aws.s3 import Bucket, encode_json
from contact_import.errors import SourceGoneError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client


@pytest.fixture
def bucket(s3: "S3Client") -> Bucket:
    return Bucket(s3, "contacts")


def test_an_object_that_does_not_exist_reads_as_none(bucket: Bucket) -> None:
    assert bucket.read("no") is None
    assert bucket.read_json("no") is None
    assert bucket.read_up_to("no", 10) is None
    assert bucket.read_with_etag("no") is None
    assert not bucket.has_object("no")


def test_json_reads_back_and_is_ascii_whatever_a_cell_holds(bucket: Bucket) -> None:
    value = {"name": "Zoë \ud800", "rows": [1, 2]}

    bucket.put_json("work/a.json", value)

    assert bucket.read_json("work/a.json") == value
    assert bucket.read("work/a.json") == encode_json(value)
    assert encode_json(value).isascii()


def test_the_beginning_of_an_object_is_no_longer_than_asked(bucket: Bucket) -> None:
    bucket.put("a", b"0123456789")

    assert bucket.read_up_to("a", 4) == b"0123"


def test_a_conditional_write_replaces_only_what_was_read(bucket: Bucket) -> None:
    first = bucket.put_if_match("a", b"1", "")
    second = bucket.put_if_match("a", b"2", first)

    assert bucket.put_if_match("a", b"3", "") == ""
    assert bucket.put_if_match("a", b"3", first) == ""
    assert bucket.put_if_match("never written", b"3", first) == ""
    assert bucket.read_with_etag("a") == (b"2", second)


def test_a_write_without_a_response_may_have_been_done(s3: "S3Client") -> None:
    with Stubber(s3) as stub:
        stub.add_client_error("put_object", "SlowDown", http_status_code=503)
        assert Bucket(s3, "contacts").put_if_match("a", b"1", "") == ""
        stub.add_client_error("put_object", "AccessDenied", http_status_code=403)
        with pytest.raises(ClientError):
            Bucket(s3, "contacts").put_if_match("a", b"1", "")


def test_a_broken_connection_is_no_answer_either(s3: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://s3")

    monkeypatch.setattr(s3, "put_object", fail)

    assert Bucket(s3, "contacts").put_if_match("a", b"1", "") == ""


def test_a_page_is_written_as_html_and_all_else_as_json(bucket: Bucket, s3: "S3Client") -> None:
    for key in ("results/report.html", "work/a.json"):
        bucket.put_if_match(key, b"x", "")

    kinds = [
        s3.head_object(Bucket="contacts", Key=key)["ContentType"] for key in ("results/report.html", "work/a.json")
    ]
    assert kinds == ["text/html; charset=utf-8", "application/json"]


def test_keys_are_listed_in_order_and_below_their_prefix(bucket: Bucket) -> None:
    for key in ("work/2", "work/10", "other/1", "work/1"):
        bucket.put(key, b"")

    assert list(bucket.list_keys("work/")) == ["work/1", "work/10", "work/2"]


def test_replaced_versions_are_listed_too(bucket: Bucket) -> None:
    bucket.put("incoming/a.csv", b"1")
    bucket.put("incoming/a.csv", b"22")

    found = list(bucket.list_versions("incoming/"))

    assert sorted(upload.size for upload, _ in found) == [1, 2]
    assert len({upload.version_id for upload, _ in found}) == 2
    assert all(abs(datetime.now(UTC) - uploaded_at).total_seconds() < 3600 for _, uploaded_at in found)


def test_the_metadata_of_a_version_that_is_gone_cannot_be_read(bucket: Bucket, s3: "S3Client") -> None:
    version = s3.put_object(Bucket="contacts", Key="a", Body=b"", Metadata={"tags": "VIP"})["VersionId"]

    assert bucket.read_metadata("a", version) == {"tags": "VIP"}
    s3.delete_object(Bucket="contacts", Key="a", VersionId=version)

    with pytest.raises(SourceGoneError):
        bucket.read_metadata("a", version)


def test_a_version_is_read_although_it_was_replaced(bucket: Bucket, s3: "S3Client") -> None:
    first = s3.put_object(Bucket="contacts", Key="a", Body=b"first")
    s3.put_object(Bucket="contacts", Key="a", Body=b"second")

    assert bucket.open("a", first["VersionId"]).read() == b"first"
    with pytest.raises(SourceGoneError):
        bucket.open("a", "", first["ETag"].strip('"'))
