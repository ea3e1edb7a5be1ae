"""The bucket in memory keeps the conditional writes that the ledger needs."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from contact_import.aws.s3 import Bucket
from tests.memory_bucket import MemoryBucket

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

KEY = "work/1/groups/00000001.json"


def test_it_does_what_the_bucket_does(s3: "S3Client") -> None:
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
    bucket = MemoryBucket(real)

    bucket.put("results/june.csv/1/report.html", b"x")
    bucket.put("work/1/x.json", b"x")

    assert list(real.list_keys("results/")) == list(bucket.list_keys("results/")) == ["results/june.csv/1/report.html"]
    assert list(real.list_keys("work/")) == []


def test_of_many_that_write_at_once_one_wins(s3: "S3Client") -> None:
    bucket = MemoryBucket(Bucket(s3, "contacts"))

    with ThreadPoolExecutor(16) as pool:
        tags = list(pool.map(lambda n: bucket.put_if_match(KEY, str(n).encode(), ""), range(200)))

    assert len([tag for tag in tags if tag]) == 1
