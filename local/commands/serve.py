"""`cellcast-import serve`: keep the stack up, receive webhooks and import the files of a folder."""

import argparse
import sys
from pathlib import Path

from local.commands.arguments import Commands, add_endpoint_options, add_opted_out_option, check_endpoint_options
from local.serving.options import ServeOptions
from local.serving.status_lines import StatusLines

_MAX_PORT = 65535

_DESCRIPTION = "Run a local server for webhooks, the API and a watched folder, until Ctrl-C."
_EXAMPLE = """\
example:
  cellcast-import serve --drop inbox
"""


def add_command(commands: Commands) -> None:
    command = commands.add_parser(
        "serve",
        help="run a local server for webhooks, the API and a watched folder",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
    )
    command.add_argument(
        "--port", type=_parse_port, default=8080, help="HTTP port on 127.0.0.1 (default 8080; 0 = any free port)"
    )
    command.add_argument("--drop", type=Path, metavar="DIR", help="folder whose files are imported as they arrive")
    command.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="folder for results (out/)")
    command.add_argument("--hooks", type=Path, metavar="FILE", help="JSON file of allowed senders and tokens")
    command.add_argument("--token", default="", help="token for the API (default: one that is kept in --out/token)")
    add_endpoint_options(command)
    add_opted_out_option(command)
    command.set_defaults(act=_run_command)


def _run_command(options: argparse.Namespace) -> int:
    check_endpoint_options(options)
    if sys.stderr.isatty():  # loading the embedded AWS takes seconds on a cold disk
        StatusLines(sys.stderr).print("Starting…")
    from local.serving.server import serve  # noqa: PLC0415

    return serve(
        ServeOptions(
            port=options.port,
            drop=options.drop,
            out=options.out,
            hooks=options.hooks,
            token=options.token,
            cellcast_url=options.cellcast_url,
            api_key=options.api_key,
            opted_out=tuple(options.opted_out),
        )
    )


def _parse_port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > _MAX_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 0 to {_MAX_PORT}")
    return int(text)
