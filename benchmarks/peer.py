"""A minimal importer, for comparison: it does what scripts for such imports usually do, and nothing else.

It works as the closest published importer does, a Lambda function for another platform: it reads the object in pieces
of 10 MB and decodes each line, csv.DictReader makes a dict of it, blank cells are left out, 75 contacts go into a
request as JSON, 20 threads send 20 requests with `requests.post`, which opens a connection for each, and the next 20
are read when all are answered. It reads no phone number, finds no duplicate, keeps no ledger and writes no report.
"""

import csv
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import batched
from typing import TYPE_CHECKING

import requests

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_THREADS = 20
_CONTACTS = 75
_CHUNK_BYTES = 10 * 1024 * 1024
_FIELDS = {
    "Mobile": "phone_number",
    "First Name": "first_name",
    "Last Name": "last_name",
    "Email": "email",
    "Date of Birth": "birthday",
    "Address": "address",
    "City": "city",
    "State": "state",
    "Postcode": "postal_code",
}


def import_plainly(
    s3: "S3Client",
    bucket: str,
    key: str,
    endpoint: str,
    *,
    ca_bundle: str | None = None,
    read_cell: Callable[[str], object] = str,
) -> int:
    """Send every row of an object and return the number of contacts that the endpoint accepted.

    `ca_bundle` is a file of trusted certificates, `read_cell` makes the value of the request from a cell.
    """
    send = partial(_send, endpoint=endpoint, ca_bundle=ca_bundle)
    rows = csv.DictReader(_read_lines(s3, bucket, key))
    contacts = ({_FIELDS[name]: read_cell(cell) for name, cell in row.items() if cell.strip()} for row in rows)
    accepted = 0
    for requests_of_threads in batched(batched(contacts, _CONTACTS, strict=False), _THREADS, strict=False):
        with ThreadPoolExecutor(_THREADS) as pool:
            accepted += sum(pool.map(send, requests_of_threads))
    return accepted


def guess_type(cell: str) -> object:
    """Return a number, a boolean or None where the cell looks like one, as the closest importer does for each cell."""
    text = cell.strip()
    is_code = len(text) > 1 and text.startswith("0") and not text.startswith("0.")
    if text.replace(".", "").replace("-", "").isdigit() and not is_code:
        for kind in (int, float):
            try:
                return kind(text)
            except ValueError:
                pass
    return {"null": None, "true": True, "false": False}.get(text.lower(), cell)


def _read_lines(s3: "S3Client", bucket: str, key: str) -> Iterator[str]:
    rest = b""
    for chunk in s3.get_object(Bucket=bucket, Key=key)["Body"].iter_chunks(_CHUNK_BYTES):
        *lines, rest = (rest + chunk).splitlines(keepends=True)
        for line in lines:
            yield line.decode("utf-8")
    yield rest.decode("utf-8")


def _send(contacts: tuple[dict[str, object], ...], *, endpoint: str, ca_bundle: str | None) -> int:
    response = requests.post(
        f"{endpoint}/api/v1/contact/bulk",
        data=json.dumps({"contacts": contacts}),
        headers={"Content-Type": "application/json", "Authorization": "Bearer key"},
        timeout=30,
        verify=ca_bundle,
    )
    answer = json.loads(response.text)
    return int(answer["data"]["success_data"]) if response.status_code == 200 else 0
