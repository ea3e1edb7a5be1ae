"""The command line: `cellcast-import run FILE...`."""

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence

from contact_import.errors import ContactImportError
from local.commands.arguments import USAGE_ERROR, CommandParser
from local.os_errors import describe_os_error

COMMANDS = ("run", "serve", "send", "sam", "inspect", "check")
PROGRAM = "cellcast-import"
VERSION = "1.0.0"  # of pyproject.toml
_EPILOG = """\
examples:
  cellcast-import inspect june.csv          show how a file would be read
  cellcast-import run june.csv --dry-run    check a file
  cellcast-import run june.csv              import a file into the local sandbox
  cellcast-import COMMAND --help            show the options of a command"""
BROKEN_PIPE = 141  # the exit status that a shell reports for a program ended by SIGPIPE


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: each command says what its 0, 1 and 2 mean."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a name may contain letters that the console cannot show
    arguments = sys.argv[1:] if arguments is None else arguments
    options = build_parser(arguments[0] if arguments else "").parse_args(arguments)
    try:
        status = int(options.act(options))
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes stdout at exit and would print an error: let it flush into the null device.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except OSError as error:
        print(f"{PROGRAM}: {describe_os_error(error)}", file=sys.stderr)
        return USAGE_ERROR
    except (ContactImportError, RuntimeError) as error:
        print(f"{PROGRAM}: {error}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        return 130
    else:
        return status


def build_parser(command: str = "") -> argparse.ArgumentParser:
    """Return the parser of one command, or of all when it is not one; `act` of what it parses runs the command."""
    parser = CommandParser(
        prog=PROGRAM, description="Import contact files into Cellcast from this machine.", epilog=_EPILOG
    )
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {VERSION}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=CommandParser)
    # Load one command only: loading all of them takes seconds on a slow disk.
    for name in [command] if command in COMMANDS else COMMANDS:
        importlib.import_module(f"local.commands.{name}").add_command(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
