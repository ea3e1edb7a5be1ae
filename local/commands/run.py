"""`cellcast-import run`: import files as the deployed stack does, and write the results into a folder."""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from rich.console import Console

from contact_import.columns import user_mapping
from contact_import.domain import object_keys
from contact_import.reports import progress
from local.aws.disk_bucket import DiskBucket
from local.commands.arguments import (
    SANDBOX_NOTICE,
    Commands,
    add_endpoint_options,
    add_opted_out_option,
    check_endpoint_options,
    check_file,
)
from local.file_imports.file_import import FileImporter, FileResult, ImportRequest, ShowProgress
from local.file_imports.import_journal import BusyError, KeyChangedError, was_interrupted
from local.file_imports.interrupts import INTERRUPTED_STATUS, Interrupts
from local.file_imports.result_folders import LOG_FILE, WORK_FOLDER
from local.file_imports.sending_control import SendingControl
from local.function_log import redirect_function_output
from local.sandbox.endpoint import REFUSED_NUMBER, Sandbox, enable_opt_out_check
from local.stack import start_stack
from local.stack_values import BUCKET
from local.terminal.progress_bar import show_progress
from local.terminal.summary import print_summary

SAMPLE = Path(__file__).parents[1] / "sample.csv"
_PROGRESS_SECONDS = 1.0  # between two figures of the progress bar
_MAX_LOG_BYTES = 10_000_000  # a longer log of earlier runs is deleted first
_INTERRUPTED = "interrupted"  # beside the statuses of result.json
_FAILED_STATUS, _INCOMPLETE_STATUS = 1, 2
_BUSY = "{} is being imported by another run of this command; wait until it has finished."
_KEY_CHANGED = (
    "{} was begun with another API key, and some contacts may be in the account of that key. Use that key to "
    "continue, add --same-account if the key was renewed, or add --again to import the whole file with this one."
)
_DESCRIPTION = """\
Import contact files and write the results to out/<file>/<time>/.

Without --cellcast-url it is a practice run: a simulated Cellcast receives the contacts. The same command again
continues an import that was stopped, and sends no contact twice."""
_EXAMPLE = """\
examples:
  cellcast-import run june.csv --dry-run
  cellcast-import run june.csv --list Newsletter --cellcast-url https://api.cellcast.com --api-key "$(cat key.txt)"

exit status: 0 every row was accepted, 1 an import failed, 2 some rows were not accepted, 130 stopped by Ctrl-C."""


def add_command(commands: Commands) -> None:
    command = commands.add_parser(
        "run", help="import files into the sandbox, or into a real account", description=_DESCRIPTION, epilog=_EXAMPLE
    )
    command.add_argument(
        "files", nargs="*", type=Path, metavar="FILE", help="- is stdin (default: a sample that shows every status)"
    )
    command.add_argument("--list", action="append", default=[], metavar="NAME", help="a list for all contacts")
    command.add_argument("--tag", action="append", default=[], metavar="NAME", help="a tag for all contacts")
    command.add_argument("--dry-run", action="store_true", help="check only; send nothing")
    command.add_argument("--again", action="store_true", help="import a file again that was already imported")
    command.add_argument("--same-account", action="store_true", help="continue with a renewed API key")
    command.add_argument("--large", action="store_true", help="use the large-file path regardless of size")
    command.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="folder for results (out/)")
    command.add_argument("--json", action="store_true", help="print only JSON, one result per line")
    add_endpoint_options(command)
    add_opted_out_option(command)
    command.add_argument("--mapping", type=Path, metavar="FILE", help="JSON file that corrects the column mapping")
    command.set_defaults(act=_run_command)


def _run_command(options: argparse.Namespace) -> int:
    files = tuple(options.files) or (SAMPLE,)
    for path in files:
        check_file(path)
        if path.name == object_keys.MAPPING_FILE:
            raise RuntimeError(f"{path} is a mapping, not a contact list; pass it with --mapping")
    check_endpoint_options(options)
    request = ImportRequest(
        out=options.out,
        lists=tuple(options.list),
        tags=tuple(options.tag),
        mapping=_read_mapping(options.mapping),
        endpoint=options.cellcast_url.rstrip("/"),
        api_key=options.api_key,
        is_dry_run=options.dry_run,
        is_large=options.large,
        again=options.again,
        is_same_account=options.same_account,
    )
    return import_files(files, request, as_json=options.json, opted_out=options.opted_out)


def _read_mapping(path: Path | None) -> str:
    """Return the text of a mapping. Raise FileError, which names the file, when it is not one."""
    if not path:
        return ""
    body = path.read_bytes()
    user_mapping.parse_mapping(body, str(path))
    return body.decode("utf-8-sig")


def import_files(files: Sequence[Path], request: ImportRequest, *, as_json: bool, opted_out: Sequence[str]) -> int:
    """Import the files, and print a summary or the JSON of each result as soon as it is there.

    Return the exit status: 0 when every row was accepted, 1 when an import failed, 2 when some rows were not accepted,
    130 after Ctrl-C. Raise RuntimeError when a function of the stack gives up.
    """
    terminal, interrupts = sys.stdout, Interrupts()
    request.out.mkdir(parents=True, exist_ok=True)
    progress.UPDATE_INTERVAL_SECONDS = _PROGRESS_SECONDS  # a person watches the bar
    enable_opt_out_check(opted_out)
    if not request.endpoint:
        print(SANDBOX_NOTICE, file=sys.stderr if as_json else terminal, flush=True)
    with ExitStack() as exit_stack:
        log = exit_stack.enter_context(_open_log(request.out / LOG_FILE))
        exit_stack.enter_context(redirect_function_output(log))
        disk = DiskBucket(request.out / WORK_FOLDER, BUCKET)
        exit_stack.enter_context(interrupts.watch())
        address = request.endpoint or exit_stack.enter_context(_make_sandbox(files, opted_out)).start()
        stack = exit_stack.enter_context(
            start_stack(
                address,
                request.api_key or "sandbox-key",
                sandbox=not request.endpoint,
                large=request.is_large,
                disk=disk,
            )
        )
        importer = FileImporter(stack, disk, request, interrupts, _build_show_progress(stack.control))
        statuses = list(_import_in_turn(files, importer, terminal, as_json=as_json))
    return compute_exit_status(statuses)


def _open_log(path: Path) -> TextIO:
    is_long = path.exists() and path.stat().st_size > _MAX_LOG_BYTES
    return path.open("w" if is_long else "a", encoding="utf-8", errors="backslashreplace")


def _build_show_progress(control: SendingControl) -> ShowProgress:
    return lambda name, read: show_progress(name, read, Console(stderr=True), control.find_outage_seconds)


def _import_in_turn(files: Sequence[Path], importer: FileImporter, terminal: TextIO, *, as_json: bool) -> Iterator[str]:
    """Import each file, print its result at once, and yield its status."""
    for number, path in enumerate(files):
        if importer.interrupts.is_requested:
            print(f"not started: {', '.join(map(str, files[number:]))}", file=sys.stderr)
            yield _INTERRUPTED
            return
        try:
            done = importer.import_file(path)
        except BusyError:
            print(_BUSY.format(path), file=sys.stderr)
            yield "failed"
        except KeyChangedError:
            print(_KEY_CHANGED.format(path), file=sys.stderr)
            yield "failed"
        else:
            _print_result(done, terminal, as_json=as_json)
            yield _INTERRUPTED if was_interrupted(done.result) else done.result["status"]


def _print_result(done: FileResult, terminal: TextIO, *, as_json: bool) -> None:
    if as_json:
        if done.was_imported:
            print(f"{done.name}: imported before, so nothing was sent now; --again sends it again", file=sys.stderr)
        print(json.dumps(done.result, ensure_ascii=True), file=terminal, flush=True)
    else:
        print_summary(done, terminal)


def _make_sandbox(files: Sequence[Path], opted_out: Sequence[str]) -> Sandbox:
    """Return a sandbox that accepts every contact; for the sample, one whose responses lead to every status."""
    is_forgetful = os.environ.get("VERIFY", "").lower() != "true"  # VERIFY looks the contacts up
    if [path.resolve() for path in files] == [SAMPLE.resolve()]:
        return Sandbox(
            refused_numbers=frozenset({REFUSED_NUMBER}),
            has_fault_numbers=True,
            opted_out=list(opted_out),
            is_forgetful=is_forgetful,
        )
    return Sandbox(opted_out=list(opted_out), is_forgetful=is_forgetful)


def compute_exit_status(statuses: Sequence[str]) -> int:
    """Return the exit status for the statuses of some imports."""
    if _INTERRUPTED in statuses:
        return INTERRUPTED_STATUS
    if "failed" in statuses:
        return _FAILED_STATUS
    return _INCOMPLETE_STATUS if "completed_with_failures" in statuses else 0
