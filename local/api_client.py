"""A client of the HTTP API of a deployed stack, or of `serve`: upload a file, import it, and fetch its results."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

import requests

from contact_import.webhooks.api.signed_links import RESULT_FILES

_SECONDS = 30.0  # for an answer of the API; it has 29
_UPLOAD_SECONDS = 600.0  # for a piece of an upload
_ATTEMPTS = 5
_RETRY_STATUSES = frozenset({429, 500, 502, 503, 504})
_PIECE_BYTES = 1024 * 1024
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_MAX_ERROR_CHARS = 300


class UnknownIdError(RuntimeError):
    """The stack does not know an upload or an import, or does not know it any more."""


@dataclass(slots=True)
class ApiClient:
    """Calls one address with one token. `sleep` takes seconds."""

    address: str
    token: str = field(repr=False)
    sleep: Callable[[float], None] = time.sleep
    session: requests.Session = field(default_factory=requests.Session, repr=False)

    def __post_init__(self) -> None:
        """Raise RuntimeError for an address that would carry the token in the clear."""
        parts = urlsplit(self.address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise RuntimeError(
                f"--to must be an https address such as https://contacts.example.com, not {self.address}"
            )
        self.session.trust_env = False  # a .netrc would replace the token

    def upload(self, path: Path, name: str) -> str:
        """Upload a file and return the id of the upload. Raise RuntimeError when it cannot be stored."""
        answer = self._call("POST", "/uploads", {"name": name, "size": path.stat().st_size}).json()
        form = answer["post"]
        for attempt in range(_ATTEMPTS):
            try:
                with path.open("rb") as file:
                    body = _Form(form["fields"], file, name)
                    response = requests.post(form["url"], data=body, headers=body.headers, timeout=_UPLOAD_SECONDS)
                if response.status_code < 300:
                    return str(answer["upload_id"])
                reason = f"status {response.status_code}"
            except requests.RequestException as error:
                reason = _explain_error(error)
            self.sleep(2.0**attempt)
        raise RuntimeError(f"{name} could not be uploaded: {reason}")

    def start_import(self, upload_id: str, reading: Mapping[str, Any]) -> str:
        """Start the import of an upload and return its id. The same call again is the same import."""
        return str(self._call("POST", f"/uploads/{upload_id}/import", reading).json()["import_id"])

    def get_import(self, import_id: str) -> tuple[bool, dict[str, Any]]:
        """Return whether an import is finished, and its result or its progress."""
        response = self._call("GET", f"/imports/{import_id}")
        return response.status_code == 200, response.json()

    def fetch_results(self, import_id: str, result: Mapping[str, Any], folder: Path) -> None:
        """Write the four files of a finished import into a folder, result.json last."""
        for name in RESULT_FILES:
            # Without the token: the address that the API gives is enough, and is of another host.
            url = self._call("GET", f"/imports/{import_id}/{name}", accept="application/json").json()["url"]
            with requests.get(urljoin(self.address, url), stream=True, timeout=_SECONDS) as response:
                response.raise_for_status()
                with (folder / name).open("wb") as file:
                    for piece in response.iter_content(_PIECE_BYTES):
                        file.write(piece)
        (folder / "result.json").write_text(json.dumps(result, ensure_ascii=False), "utf-8")

    def _call(self, method: str, path: str, body: object = None, *, accept: str = "*/*") -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}", "Accept": accept}
        reason = ""
        for attempt in range(_ATTEMPTS):
            try:
                response = self.session.request(
                    method,
                    self.address.rstrip("/") + path,
                    json=body,
                    headers=headers,
                    timeout=_SECONDS,
                    allow_redirects=False,
                )
            except requests.RequestException as error:
                reason = f"{urlsplit(self.address).netloc} cannot be reached: {_explain_error(error)}"
            else:
                if response.status_code < 300:
                    return response
                reason = _read_error(response)
                if response.status_code == 404:
                    raise UnknownIdError(reason)
                if response.status_code not in _RETRY_STATUSES:
                    break
            self.sleep(2.0**attempt)
        raise RuntimeError(reason)


class _Form:
    """The body of a multipart form with one file, read piece by piece: a file may be larger than the memory.

    S3 takes no chunked body. requests asks for `len`, and sends a Content-Length then.
    """

    def __init__(self, fields: Mapping[str, str], file: BinaryIO, name: str) -> None:
        boundary = "----contact-import-7f3b1c9de2"
        quoted = name.replace('"', "%22").replace("\r", " ").replace("\n", " ")
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'
            for key, value in fields.items()
        )
        head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n\r\n'
        self._head, self._file, self._tail = head.encode(), file, f"\r\n--{boundary}--\r\n".encode()
        self._size = len(self._head) + file.seek(0, 2) + len(self._tail)
        file.seek(0)
        self.headers = {"Content-Type": f"multipart/form-data; boundary={boundary}"}

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[bytes]:
        yield self._head
        while piece := self._file.read(_PIECE_BYTES):
            yield piece
        yield self._tail


def _explain_error(error: requests.RequestException) -> str:
    """Return why there was no response. The text of the exception has the address, and with it a signature."""
    if isinstance(error, requests.exceptions.SSLError):
        return "no secure connection"
    if isinstance(error, requests.Timeout):
        return "no response in time"
    return "no connection"


def _read_error(response: requests.Response) -> str:
    try:
        return str(response.json()["error"])[:_MAX_ERROR_CHARS]
    except (ValueError, KeyError, TypeError):
        return f"The importer answered with status {response.status_code}."
