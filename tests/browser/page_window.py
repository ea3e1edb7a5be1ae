"""The import page in a browser, and the server behind it."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page, expect

ROOT = Path(__file__).parents[2]
TOKEN = "front-desk-token-4711"


@dataclass(frozen=True)
class Server:
    """A running `serve`: its address, its process and its folder."""

    address: str
    process: "subprocess.Popen[str]"
    out: Path

    @property
    def port(self) -> int:
        """Return the port of the address."""
        return int(self.address.rpartition(":")[2])

    def read_peak_memory(self) -> int:
        """Return the most memory, in MB, that the process has had."""
        status = Path(f"/proc/{self.process.pid}/status").read_text("ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) // 1024


@contextmanager
def start_server(
    out: Path, options: Sequence[str] = ("--token", TOKEN), port: int = 0, **variables: str
) -> Iterator[Server]:
    """Start `serve`, and stop it at the end."""
    command = [sys.executable, "-m", "local", "serve", "--port", str(port), "--out", str(out), *options]
    environment = os.environ | {"PYTHONPATH": "src"} | variables
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stderr
        found = next(
            filter(None, (re.search(r"Import page: (http://127\.0\.0\.1:\d+)/", one) for one in process.stderr))
        )
        try:
            yield Server(found[1], process, out)
            if process.poll() is None:  # a test may have killed it
                process.terminate()
                process.communicate(timeout=60)
        finally:
            process.kill()  # after a failure the imports need not end


@dataclass
class Window:
    """A tab with the page, and the errors that the browser reported."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def choose(self, content: str | bytes | Path, name: str = "june.csv", labels: str = "", seconds: float = 5) -> None:
        """Upload a file, up to the second step."""
        body = content.encode() if isinstance(content, str) else content
        self.page.get_by_label("Contact list").set_input_files(
            body if isinstance(body, Path) else {"name": name, "mimeType": "", "buffer": body}
        )
        self.page.get_by_label("List (optional)").fill(labels)
        self.page.get_by_role("button", name="Upload and check").click()
        expect(self.page.locator("#title-check")).to_be_focused(timeout=seconds * 1000)

    def begin(self) -> None:
        """Start the import."""
        self.page.get_by_label("I have permission to text these people").check()
        self.page.get_by_role("button", name="Import", exact=True).click()

    def start(self) -> None:
        """Start the import and wait for its end."""
        self.begin()
        expect(self.page.locator("#title-done")).to_be_visible(timeout=30_000)
