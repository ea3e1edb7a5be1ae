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
from contact_import.cellcast.client import Key, Line
from contact_import.cellcast.rate_limiter import Pace
from contact_import.cellcast.transport import Sender
from contact_import.handlers import dependencies
from contact_import.settings import Settings

BUCKET = "contacts"


@dataclass(frozen=True, slots=True)
class Road:
    """The file in the bucket, and the way from there to the endpoint."""

    upload: Upload
    bucket: Bucket
    settings: Settings
    line: Line


def road_of(file: Path, endpoint: str, *, calls_per_second: float = 10_000.0, contacts_in_call: int = 400) -> Road:
    """Put the file into the bucket of the embedded AWS that the environment names, each time as another import."""
    bucket = dependencies.bucket(BUCKET)
    name = f"incoming/{time.time_ns()}.csv"
    with file.open("rb") as body:
        put = bucket._client.put_object(Bucket=BUCKET, Key=name, Body=body)  # noqa: SLF001  as the one who drops it
    line = Line(
        Sender(endpoint).post,
        Key(lambda _fresh: "key"),
        Pace(calls_per_second),
        until=math.inf,
    )
    upload = Upload(BUCKET, name, put["ETag"].strip('"'), "", file.stat().st_size)
    return Road(upload, bucket, Settings(BUCKET, "secret", endpoint, contacts_in_call), line)


def bare_pass(file: Path) -> float:
    """The seconds of CPU that `csv.reader` takes to go over a file: what everything is compared with."""

    def read() -> None:
        with file.open(encoding="utf-8", newline="") as lines:
            for _ in csv.reader(lines):
                pass

    return mean(cpu_of(read) for _ in range(5))


def cpu_of(work: Callable[[], object]) -> float:
    """The seconds of CPU, of all threads."""
    began = time.process_time()
    work()
    return time.process_time() - began


def peak_megabytes() -> float:
    """The most memory that this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
