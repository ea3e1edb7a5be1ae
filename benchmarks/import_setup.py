"""What an import is made of, as the functions make it, over real sockets."""

import csv
import math
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.credentials import ApiKey
from contact_import.cellcast.rate_limiter import RateLimiter
from contact_import.cellcast.transport import Transport
from contact_import.handlers import dependencies
from contact_import.settings import Settings

BUCKET = "contacts"


@dataclass(frozen=True, slots=True)
class ImportSetup:
    """The file in the bucket, and the way from there to the endpoint."""

    upload: Upload
    bucket: Bucket
    settings: Settings
    client: CellcastClient


def prepare_import(
    file: Path, endpoint: str, *, calls_per_second: float = 10_000.0, max_contacts: int = 400
) -> ImportSetup:
    """Put the file into the bucket of the embedded AWS that the environment names, each time as another import."""
    bucket = dependencies.get_bucket(BUCKET)
    name = f"incoming/{time.time_ns()}.csv"
    with file.open("rb") as body:
        put = bucket._client.put_object(Bucket=BUCKET, Key=name, Body=body)  # noqa: SLF001  as the one who drops it
    client = CellcastClient(
        Transport(endpoint).post,
        ApiKey(lambda _fresh: "key"),
        RateLimiter(calls_per_second),
        deadline=math.inf,
    )
    upload = Upload(BUCKET, name, put["ETag"].strip('"'), "", file.stat().st_size)
    return ImportSetup(upload, bucket, Settings(BUCKET, "secret", endpoint, max_contacts), client)


def measure_csv_reader(file: Path) -> float:
    """The seconds of CPU that `csv.reader` takes to go over a file: what everything is compared with."""

    def read() -> None:
        with file.open(encoding="utf-8", newline="") as lines:
            for _ in csv.reader(lines):
                pass

    return mean(measure_cpu(read) for _ in range(5))


def measure_cpu(work: Callable[[], object]) -> float:
    """The seconds of CPU, of all threads."""
    began = time.process_time()
    work()
    return time.process_time() - began


def get_peak_megabytes() -> float:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
