"""The address that takes the files of the import page on this machine, in place of S3's presigned forms.

The embedded S3 would hold a file twice in the memory; here it goes from the socket to the disk.
"""

import secrets
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, BinaryIO

from multipart import parse_options_header

from local.uploads.form_parts import FormError, read_form

_MAX_OVERHEAD_BYTES = 64 * 1024  # of the fields and separators of a form
_KEPT_SECONDS = 24 * 3600  # as deployed
_IDLE_SECONDS = 60.0


@dataclass(slots=True)
class _Ticket:
    """Leave to upload one file of at most `max_bytes`, until a time of the clock."""

    key: str
    max_bytes: int
    expires_at: float
    path: Path
    made_at: float = field(default_factory=time.time)


class UploadServer(ThreadingHTTPServer):
    """Takes a form for each ticket. The files are in `folder`, which is emptied when the server starts."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self._folder = folder
        self._tickets: dict[str, _Ticket] = {}
        self._files: dict[str, _Ticket] = {}
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", 0), _FormHandler)

    def make_form(self, key: str, max_bytes: int, seconds: int) -> dict[str, Any]:
        """Return `url` and `fields` of a form that uploads one file under a key, for some seconds."""
        name, now = secrets.token_urlsafe(24), time.time()
        with self._lock:
            self._forget_old(now)
            self._tickets[name] = _Ticket(key, max_bytes, now + seconds, self._folder / secrets.token_hex(16), now)
        return {"url": f"http://127.0.0.1:{self.server_port}/form", "fields": {"key": key, "ticket": name}}

    def find_ticket(self, name: str) -> _Ticket | None:
        """Return the ticket of a form, None for one that is unknown or has expired."""
        with self._lock:
            ticket = self._tickets.get(name)
        return ticket if ticket and time.time() < ticket.expires_at else None

    def add_file(self, ticket: _Ticket) -> None:
        """Make the file of a ticket an object."""
        with self._lock:
            self._files[ticket.key] = ticket

    def find_file(self, key: str) -> Path | None:
        """Return the file of an object, None when there is none."""
        with self._lock:
            found = self._files.get(key)
        return found.path if found else None

    def list_keys(self, prefix: str) -> list[str]:
        """Return the keys of all files under a prefix."""
        with self._lock:
            return sorted(key for key in self._files if key.startswith(prefix))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client that closed its connection."""

    def _forget_old(self, now: float) -> None:
        self._tickets = {name: one for name, one in self._tickets.items() if now < one.expires_at}
        for key, one in list(self._files.items()):
            if now - one.made_at > _KEPT_SECONDS:
                one.path.unlink(missing_ok=True)
                del self._files[key]


@contextmanager
def start_upload_server(folder: Path) -> Iterator[UploadServer]:
    """Start the server and stop it at the end."""
    with UploadServer(folder) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


class _LimitedFile:
    """Writes at most some bytes. Raise FormError above them."""

    def __init__(self, file: BinaryIO, max_bytes: int) -> None:
        self._file, self._left = file, max_bytes

    def write(self, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise FormError
        self._file.write(piece)


class _FormHandler(BaseHTTPRequestHandler):
    server: UploadServer
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "contact-import", ""
    timeout = _IDLE_SECONDS

    def do_OPTIONS(self) -> None:
        """Answer a browser that asks whether the page, on another port, may post: the ticket decides."""
        self._respond(204)

    def do_POST(self) -> None:
        content_type, options = parse_options_header(self.headers.get("Content-Type", ""))
        size = self.headers.get("Content-Length", "")
        status = 400
        if content_type == "multipart/form-data" and size.isdecimal():
            try:
                self._store(int(size), options.get("boundary", ""))
                status = 204
            except FormError:
                pass
            except ConnectionError:
                self.close_connection = True
                return
        self.close_connection = self.close_connection or status != 204
        self._respond(status)

    def _store(self, size: int, boundary: str) -> None:
        """Write the file of the form beside its place, then make it an object. Raise FormError for no such form."""
        with ExitStack() as exit_stack:
            tickets: list[tuple[_Ticket, Path]] = []

            def open_file(fields: dict[str, str]) -> _LimitedFile:
                ticket = self.server.find_ticket(fields.get("ticket", ""))
                if ticket is None or fields.get("key") != ticket.key or size > ticket.max_bytes + _MAX_OVERHEAD_BYTES:
                    raise FormError
                part = ticket.path.with_name(f"{ticket.path.name}.{secrets.token_hex(4)}.part")
                exit_stack.callback(part.unlink, missing_ok=True)
                tickets.append((ticket, part))
                return _LimitedFile(exit_stack.enter_context(part.open("wb")), ticket.max_bytes)

            read_form(self.rfile, size, boundary, open_file)
            ((ticket, part),) = tickets
            part.replace(ticket.path)  # its descriptor is still open: what it has buffered goes to the same file
        self.server.add_file(ticket)

    def _respond(self, status: int) -> None:
        self.send_response(status)
        for name in ("Origin", "Methods", "Headers"):
            self.send_header(f"Access-Control-Allow-{name}", "POST" if name == "Methods" else "*")
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the standard library's name
        """Write no access log."""
