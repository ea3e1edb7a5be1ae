"""`cellcast-import inspect`: show how an import would read a file or a webhook delivery. It sends nothing."""

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path

from contact_import.columns import user_mapping
from contact_import.errors import FileError
from local.commands.arguments import Commands, check_file
from local.delivery_inspection import build_delivery_inspection, find_sender
from local.inspection import build_inspection
from local.terminal.delivery_report import print_delivery_inspection
from local.terminal.inspection_report import print_inspection

_DESCRIPTION = "Show how a file or a webhook delivery would be read. Sends nothing."
_EXAMPLE = """\
examples:
  cellcast-import inspect june.csv --write-mapping mapping.json
  cellcast-import inspect delivery.json --sender website
"""


def add_command(commands: Commands) -> None:
    command = commands.add_parser(
        "inspect",
        help="show how a file or a webhook delivery would be read; sends nothing",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
    )
    command.add_argument("file", type=Path, metavar="FILE", help="- is stdin")
    command.add_argument("--json", action="store_true", help="print only JSON")
    command.add_argument("--mapping", type=Path, metavar="FILE", help="JSON file that corrects the column mapping")
    command.add_argument("--write-mapping", type=Path, metavar="FILE", help="write the column mapping there, to edit")
    command.add_argument("--sender", default="", metavar="NAME", help="read FILE as a webhook delivery of this sender")
    command.add_argument("--hooks", type=Path, metavar="FILE", help="JSON file of allowed senders, for --sender")
    command.set_defaults(act=_run_command)


def _run_command(options: argparse.Namespace) -> int:
    check_file(options.file)
    if str(options.file) == "-" or not options.file.is_file():
        return _inspect_pipe(options)
    if options.sender or options.file.suffix.lower() == ".json":
        return inspect_delivery(options.file, sender=options.sender, hooks=options.hooks, as_json=options.json)
    return inspect_file(
        options.file, mapping=options.mapping, write_mapping=options.write_mapping, as_json=options.json
    )


def _inspect_pipe(options: argparse.Namespace) -> int:
    """Inspect a copy of stdin or of a pipe, which can be read only once."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / ("stdin" if str(options.file) == "-" else options.file.name)
        with copy.open("wb") as target:
            if str(options.file) == "-":
                shutil.copyfileobj(sys.stdin.buffer, target)
            else:
                with options.file.open("rb") as source:
                    shutil.copyfileobj(source, target)
        options.file = copy
        return _run_command(options)


def inspect_file(path: Path, *, mapping: Path | None, write_mapping: Path | None, as_json: bool) -> int:
    """Print what an import would understand of the file. Return 0 when it can be imported, 1 when it cannot.

    Raise FileExistsError rather than overwrite `write_mapping`.
    """
    if write_mapping and write_mapping.exists():
        raise FileExistsError(f"{write_mapping} already exists; name another file, or remove it first")
    try:
        column_mapping = user_mapping.parse_mapping(mapping.read_bytes(), str(mapping)) if mapping else None
        inspection = build_inspection(path, column_mapping)
    except FileError as error:
        inspection = {"file": path.name, "error": str(error)}
    written_mapping = write_mapping if "mapping" in inspection else None
    if written_mapping:
        written_mapping.write_text(json.dumps(inspection["mapping"], indent=1, ensure_ascii=False) + "\n", "utf-8")
    if as_json:
        print(json.dumps(inspection, ensure_ascii=True))
    else:
        print_inspection(inspection, written_mapping)
    return 1 if inspection["error"] else 0


def inspect_delivery(path: Path, *, sender: str, hooks: Path | None, as_json: bool) -> int:
    """Print how an import would read a webhook delivery. Return 0 when it contains a person, else 1.

    Raise RuntimeError for a sender that is not known.
    """
    inspection = build_delivery_inspection(path, find_sender(sender, hooks) if sender else None)
    if as_json:
        print(json.dumps(inspection, ensure_ascii=True))
    else:
        print_delivery_inspection(inspection)
    return 1 if inspection["error"] else 0
