"""`cellcast-import send`: import a file with a deployed stack, and fetch its results."""

import argparse
import json
import os
import sys
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from contact_import.columns import user_mapping
from local.api_client import ApiClient, UnknownIdError
from local.commands.arguments import Commands, check_file
from local.commands.run import compute_exit_status
from local.file_imports.file_import import FileResult
from local.file_imports.result_folders import clean_name, make_folder
from local.file_imports.send_record import SendRecord, open_record
from local.terminal.progress_bar import show_progress
from local.terminal.summary import print_summary

TOKEN_VARIABLE = "CONTACT_IMPORT_TOKEN"
_POLL_SECONDS = 1.0
_CONTINUE = "Run the same command again to wait for it and to fetch its results; the file is not sent twice."
_DESCRIPTION = """\
Import a contact file with a deployed stack, and fetch the results to out/<file>/<time>/.

Ctrl-C ends the waiting; the import continues. The same command waits for it again and fetches its results: the file is
not sent twice."""
_EXAMPLE = f"""\
examples:
  cellcast-import send june.csv --to https://contacts.example.com --token "$(cat token.txt)"
  {TOKEN_VARIABLE}=... cellcast-import send june.csv --stack contact-import --list Newsletter

exit status: 0 every row was accepted, 1 an import failed, 2 some rows were not accepted, 130 stopped by Ctrl-C."""


def add_command(commands: Commands) -> None:
    command = commands.add_parser(
        "send", help="import a file with a deployed stack", description=_DESCRIPTION, epilog=_EXAMPLE
    )
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument("--to", default="", metavar="URL", help="address of the stack's API (ApiUrl of its outputs)")
    command.add_argument("--stack", default="", metavar="NAME", help="name of the stack, instead of --to")
    command.add_argument("--token", default="", help=f"a token of the API (default: the variable {TOKEN_VARIABLE})")
    command.add_argument("--list", action="append", default=[], metavar="NAME", help="a list for all contacts")
    command.add_argument("--tag", action="append", default=[], metavar="NAME", help="a tag for all contacts")
    command.add_argument("--dry-run", action="store_true", help="check only; send nothing")
    command.add_argument("--mapping", type=Path, metavar="FILE", help="JSON file that corrects the column mapping")
    command.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="folder for results (out/)")
    command.set_defaults(act=_send_command)


def _send_command(options: argparse.Namespace) -> int:
    check_file(options.file)
    if bool(options.to) == bool(options.stack):
        raise RuntimeError("send needs --to https://… or --stack NAME")
    token = options.token or os.environ.get(TOKEN_VARIABLE, "")
    if not token:
        raise RuntimeError(f"send needs --token, or the variable {TOKEN_VARIABLE}")
    address = options.to or _find_address(options.stack)
    client = ApiClient(address, token)
    reading: dict[str, Any] = {"list": options.list, "tags": options.tag, "dry_run": options.dry_run}
    if options.mapping:
        body = options.mapping.read_bytes()
        user_mapping.parse_mapping(body, str(options.mapping))  # its errors name the file
        reading["mapping"] = json.loads(body.decode("utf-8-sig"))
    name = clean_name(options.file.name)
    record = open_record(options.out, options.file, address, reading)
    import_id = _start_or_continue(client, options.file, name, reading, record)
    try:
        result = _wait(client, import_id, name)
        folder = make_folder(options.out, name, datetime.now().astimezone(), is_dry_run=options.dry_run)
        client.fetch_results(import_id, result, folder)
    except KeyboardInterrupt:
        print(f"\nThe import of {name} continues. {_CONTINUE}", file=sys.stderr)
        raise
    except UnknownIdError:
        record.forget()
        raise
    except RuntimeError as error:
        raise RuntimeError(f"{error}\nThe import of {name} is not affected. {_CONTINUE}") from None
    record.forget()
    print_summary(FileResult(name, result, folder), sys.stdout)
    return compute_exit_status([result["status"]])


def _start_or_continue(client: ApiClient, path: Path, name: str, reading: Mapping[str, Any], record: SendRecord) -> str:
    """Return the id of the import that this command started, now or before it was interrupted."""
    if import_id := record.ids.get("import_id"):
        print(f"Waiting for the import of {name} that has begun.", file=sys.stderr)
        return import_id
    if "upload_id" not in record.ids:
        record.save(upload_id=client.upload(path, name))
    try:
        # The same call again is the same import: what an interrupted command has started is not started twice.
        import_id = client.start_import(record.ids["upload_id"], reading)
    except UnknownIdError:  # it is a day old
        record.forget()
        raise
    record.save(import_id=import_id)
    return import_id


def _wait(client: ApiClient, import_id: str, name: str) -> dict[str, Any]:
    """Return the result of an import; show its progress until then."""
    progress: Mapping[str, Any] | None = None
    with show_progress(name, lambda: progress, Console(stderr=True)) as update:
        while True:
            is_finished, answer = client.get_import(import_id)
            if is_finished:
                return answer
            progress = answer if "percent" in answer else None
            update()
            time.sleep(_POLL_SECONDS)


def _find_address(stack: str) -> str:
    """Return the address of a stack's API from its outputs. Raise RuntimeError when there is none."""
    import boto3  # noqa: PLC0415  only for --stack
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        (found,) = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except (BotoCoreError, ClientError) as error:
        raise RuntimeError(f"the stack {stack} cannot be read: {error}") from None
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found.get("Outputs", [])}
    if "ApiUrl" not in outputs:
        raise RuntimeError(f"the stack {stack} has no output ApiUrl; name the address with --to")
    return outputs["ApiUrl"]
