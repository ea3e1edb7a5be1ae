"""`python -m local inspect`: what an import would understand of a file or a webhook delivery. It sends nothing."""

import argparse
import json
from pathlib import Path

from contact_import.columns import user_mapping
from contact_import.errors import FileError
from local.commands.arguments import Commands
from local.delivery_inspection import build_delivery_inspection, find_sender
from local.inspection import build_inspection
from local.terminal.delivery_report import print_delivery_inspection
from local.terminal.inspection_report import print_inspection


def add_command(commands: Commands) -> None:
    command = commands.add_parser("inspect", help="show how a file or a webhook delivery would be read; sends nothing")
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument("--json", action="store_true", help="print it as JSON, and no more")
    command.add_argument("--mapping", type=Path, metavar="FILE", help="what the columns hold, where a guess is wrong")
    command.add_argument("--write-mapping", type=Path, metavar="FILE", help="write what was understood, to correct")
    command.add_argument("--sender", default="", metavar="NAME", help="read FILE as a webhook delivery of this sender")
    command.add_argument("--hooks", type=Path, metavar="FILE", help="JSON file of allowed senders, for --sender")
    command.set_defaults(act=_run_command)


def _run_command(options: argparse.Namespace) -> int:
    if options.sender or options.file.suffix.lower() == ".json":
        return inspect_delivery(options.file, sender=options.sender, hooks=options.hooks, as_json=options.json)
    return inspect_file(
        options.file, mapping=options.mapping, write_mapping=options.write_mapping, as_json=options.json
    )


def inspect_file(path: Path, *, mapping: Path | None, write_mapping: Path | None, as_json: bool) -> int:
    """Print what an import would understand of the file. Return 0 when it can be imported, 1 when it cannot.

    Raise FileExistsError rather than overwrite `write_mapping`.
    """
    if write_mapping and write_mapping.exists():
        raise FileExistsError(f"{write_mapping} is there already; name another file, or remove it first")
    try:
        column_mapping = user_mapping.parse_mapping(mapping.read_bytes(), mapping.name) if mapping else None
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
    """Print what an import would understand of a webhook delivery. Return 0 when somebody is found in it, else 1.

    Raise RuntimeError for a sender that is not known.
    """
    inspection = build_delivery_inspection(path, find_sender(sender, hooks) if sender else None)
    if as_json:
        print(json.dumps(inspection, ensure_ascii=True))
    else:
        print_delivery_inspection(inspection)
    return 1 if inspection["error"] else 0
