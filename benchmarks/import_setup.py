"""Sets an import up as the functions do, with the embedded AWS and the endpoint over sockets."""

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
from contact_import.cellcast.rate_limiter import CallLimiter, RateLimiter
from contact_import.cellcast.transport import Transport
from contact_import.handlers import dependencies
from contact_import.handlers.runtime import relax_garbage_collection
from contact_import.settings import Settings

BUCKET = "contacts"


@dataclass(frozen=True, slots=True)
class ImportSetup:
    """The file in the bucket, and the settings and the client to import it with."""

    upload: Upload
    bucket: Bucket
    settings: Settings
    client: CellcastClient


def prepare_import(
    file: Path,
    endpoint: str,
    *,
    calls_per_second: float = 10_000.0,
    max_contacts: int = 400,
    rate_limiter: CallLimiter | None = None,
    ca_bundle: str = "",
) -> ImportSetup:
    """Put the file under a new key, which makes it a new import, into the bucket that the environment names.

    `ca_bundle` is a file of certificates that are trusted instead of the usual ones.
    """
    relax_garbage_collection()
    bucket = dependencies.get_bucket(BUCKET)
    name = f"incoming/{time.time_ns()}.csv"
    with file.open("rb") as body:
        put = bucket._client.put_object(Bucket=BUCKET, Key=name, Body=body)  # noqa: SLF001  Bucket cannot upload a stream
    transport = Transport(endpoint, connections=16)
    transport._session.verify = ca_bundle or True  # noqa: SLF001  only here is another than the usual ones trusted
    client = CellcastClient(
        transport.post,
        ApiKey(lambda _fresh: "key"),
        rate_limiter or RateLimiter(calls_per_second),
        deadline=math.inf,
    )
    upload = Upload(BUCKET, name, put["ETag"].strip('"'), "", file.stat().st_size)
    return ImportSetup(upload, bucket, Settings(BUCKET, "secret", endpoint, max_contacts), client)


def measure_csv_reader(file: Path) -> float:
    """Return the mean CPU seconds of five runs of `csv.reader` over a file, the baseline of all ratios."""

    def read() -> None:
        with file.open(encoding="utf-8", newline="") as lines:
            for _ in csv.reader(lines):
                pass

    return mean(measure_cpu(read) for _ in range(5))


def measure_cpu(work: Callable[[], object]) -> float:
    """Return the CPU seconds of all threads while `work` runs."""
    began = time.process_time()
    work()
    return time.process_time() - began


def get_peak_megabytes() -> float:
    """Return the peak memory of this process."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
