"""Start the servers and threads of `serve`, and stop them in the right order."""

import errno
import fcntl
import importlib
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.aws.disk_bucket import DiskBucket
from local.aws.http_api import EventHandler, HttpApi, build_event
from local.file_imports.result_folders import WORK_FOLDER
from local.file_imports.results_download import ResultsDownloader
from local.function_log import redirect_function_output
from local.sandbox.endpoint import Sandbox, enable_opt_out_check
from local.serving.access import Access, load_access, load_callback_secret
from local.serving.folder.file_store import FileStore, identify_account
from local.serving.folder.folder_import import FolderImporter
from local.serving.folder.folder_setup import create_importer, prepare_folders, settle_folder
from local.serving.folder.taken_files import TakenFiles
from local.serving.local_pages import add_local_pages
from local.serving.options import ServeOptions
from local.serving.recent_imports import RecentImports
from local.serving.result_lines import format_result
from local.serving.start_page import render_start_page
from local.serving.startup_message import build_server_facts, format_ready_lines, format_sample_requests
from local.serving.status_lines import StatusLines
from local.serving.stop_signals import StopSignals
from local.serving.submissions import Submissions, format_deliveries, open_submissions
from local.stack import Serving, Stack, run_in_thread, start_stack
from local.stack_values import BUCKET
from local.uploads.page_uploads import PageUploads, take_page_uploads
from local.uploads.upload_server import start_upload_server

# Python lets a thread run for 5 ms: a delivery would wait that long for each of many threads that write results.
_THREAD_SWITCH_SECONDS = 0.001
_RECORD = "folder.json"
_FORMS_FOLDER = "forms"  # apart from the copies of interrupted imports: the upload server empties it at the start


@dataclass(slots=True)
class _Session:
    """The objects that the threads of the server share."""

    options: ServeOptions
    access: Access
    lines: StatusLines
    recent: RecentImports
    importer: FolderImporter | None = None
    unfinished: tuple[int, int] = (0, 0)  # deliveries of an earlier run: of this account, of another one
    uploads: PageUploads | None = None
    pages: EventHandler = field(init=False)

    def answer(self, event: dict[str, Any]) -> dict[str, Any]:
        return self.pages(event)

    def report_result(self, result: dict[str, Any], folder: Path) -> None:
        self.recent.add(result, folder)
        self.lines.print(*format_result(result, folder))
        if self.importer:
            self.importer.finish(result)
        if self.uploads:
            self.uploads.finish(result)

    def report_unfinished(self) -> None:
        """Print how many deliveries an earlier run left."""
        count, count_of_others = self.unfinished
        if count:
            self.lines.print(f"continuing {format_deliveries(count)} of the last run")
        if count_of_others:
            self.lines.print(
                f"{format_deliveries(count_of_others)} of another account wait: start with that account to import them"
            )

    def report_error(self, error: OSError) -> None:
        self.lines.print(f"✗ a result cannot be written to {self.options.out}: {error.strerror or error}; trying again")


def serve(options: ServeOptions) -> int:
    """Serve until Ctrl-C or SIGTERM, then finish what was received. Return 1 if something is unfinished.

    Raise RuntimeError for an option that cannot be used.
    """
    lines, terminal = StatusLines(sys.stderr), sys.stdout
    prepare_folders(options.out, options.drop)
    access = load_access(options.hooks, options.token, options.out, lines)
    session = _Session(options, access, lines, RecentImports(options.out))
    taken = TakenFiles(options.out / _RECORD)
    with ExitStack() as exit_stack:
        exit_stack.enter_context(_log_functions(options.out))
        # Before the slow part of the start: a port that is taken is said immediately.
        gateway = exit_stack.enter_context(_bind_port(options.port, session.answer))
        disk = DiskBucket(options.out / WORK_FOLDER, BUCKET)
        exit_stack.enter_context(_lock_folder(disk.root / "serve.lock", options.out))
        account = identify_account(options.cellcast_url, options.api_key)
        submissions = open_submissions(disk.root, account)
        stack = exit_stack.enter_context(_start_stack(session, disk, submissions))
        store = FileStore(stack, disk, account)
        session.uploads = take_page_uploads(stack, disk, account)
        if options.drop:
            session.importer = create_importer(
                options.drop, options.out, taken, store=store, disk=disk, stack=stack, lines=lines
            )
        exit_stack.enter_context(_answer_requests(gateway, stack, session))
        stop_signals = StopSignals()
        if access.token:
            print(f"token {access.token}", file=terminal, flush=True)
        _print_ready_message(gateway.server_port, session)
        session.report_unfinished()
        exit_stack.enter_context(run_in_thread(lambda _stop: session.recent.load()))
        if options.drop and session.importer:
            settle_folder(options.drop, options.out, taken, importer=session.importer, store=store, lines=lines)
            exit_stack.enter_context(run_in_thread(session.importer.run_until_stopped))
        session.uploads.resume(lines.print)
        stop_signals.wait()
        lines.print("Stopping after the imports in progress… (Ctrl-C again to stop now)")
    return _report_unfinished(stack, lines)


def _print_ready_message(port: int, session: _Session) -> None:
    for line in format_ready_lines(port, session.options, session.access):
        session.lines.print(line)
    if session.access.token:
        session.lines.print("Requests to try:")
        for command in format_sample_requests(port, session.access):
            session.lines.print_command(command)


@contextmanager
def _log_functions(out: Path) -> Iterator[None]:
    """Write what the functions log into a file: they log to stdout, as in Lambda, which has only the token here."""
    path = out / "functions.log"
    try:
        log = path.open("w", encoding="utf-8", buffering=1)
    except OSError as error:
        raise RuntimeError(f"--out: {path} cannot be written: {error.strerror}") from None
    with log, redirect_function_output(log):
        yield


@contextmanager
def _lock_folder(path: Path, out: Path) -> Iterator[None]:
    """Keep a second server from the imports of this one."""
    with path.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RuntimeError(
                f"another serve is running with the results in {out}; stop it, or give another --out"
            ) from None
        yield


@contextmanager
def _bind_port(port: int, handler: EventHandler) -> Iterator[HttpApi]:
    try:
        gateway = HttpApi(port, handler)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            text = f"port {port} is taken by another program; choose another with --port, or --port 0 for a free one"
        elif error.errno == errno.EACCES:
            text = f"port {port} needs administrator rights; choose one above 1023 with --port"
        else:
            text = f"port {port} cannot be used: {error.strerror}"
        raise RuntimeError(text) from None
    try:
        yield gateway
    finally:
        gateway.server_close()


@contextmanager
def _start_stack(session: _Session, disk: DiskBucket, submissions: Submissions) -> Iterator[Stack]:
    options = session.options
    enable_opt_out_check(options.opted_out)
    sys.setswitchinterval(_THREAD_SWITCH_SECONDS)
    results_download = ResultsDownloader(options.out, session.report_result, session.report_error)
    with ExitStack() as exit_stack:
        unfinished = submissions.settle(time.time())
        for key in submissions.list_uncopied_results():
            results_download.enqueue_result(key)
        session.unfinished = len(unfinished), submissions.count_of_other_accounts()
        url = options.cellcast_url or exit_stack.enter_context(Sandbox(opted_out=list(options.opted_out))).start()
        yield exit_stack.enter_context(
            start_stack(
                url,
                options.api_key or "sandbox-key",
                sandbox=not options.cellcast_url,
                disk=disk,
                serving=Serving(
                    session.access.secret,
                    load_callback_secret(options.out),
                    results_download,
                    submissions.bucket,
                    exit_stack.enter_context(start_upload_server(disk.root / _FORMS_FOLDER)),
                    unfinished,
                ),
            )
        )


@contextmanager
def _answer_requests(gateway: HttpApi, stack: Stack, session: _Session) -> Iterator[None]:
    """Serve the pages and the HTTP API; at the end, finish the requests that are being answered."""
    api = stack.functions["WebhookFunction"]
    _warm_up(api)
    facts = build_server_facts(gateway.server_port, session.options, session.access)

    def render() -> str:
        active, waiting = session.importer.list_progress() if session.importer else ([], 0)
        return render_start_page(facts, session.recent.list_newest(), active, waiting)

    session.pages = add_local_pages(api, session.recent, render)
    thread = threading.Thread(target=gateway.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield
    finally:
        gateway.drain_and_close()
        thread.join()


def _warm_up(api: EventHandler) -> None:
    """Load what the functions import on their first event: a sender waits only 1,250 ms for its response."""
    for name in (
        "webhooks.extraction.people",
        "webhooks.person_table",
        "pipelines.webhook.queue",
        "pipelines.webhook.batch",
    ):
        importlib.import_module(f"contact_import.{name}")
    api(build_event("GET", "/hooks", [("host", "localhost")]))


def _report_unfinished(stack: Stack, lines: StatusLines) -> int:
    for name in sorted(set(stack.failures)):
        lines.print(f"{name} could not finish an import; see functions.log")
    if stack.undelivered:
        lines.print(
            f"{format_deliveries(stack.undelivered)} not imported yet: Cellcast did not accept them. The next start "
            "with this --out continues them."
        )
    return int(bool(stack.failures or stack.undelivered))
