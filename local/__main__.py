"""The command line: `python -m local run FILE...`."""

import argparse
import os
import sys
from collections.abc import Sequence

from contact_import.errors import ContactImportError
from local.commands import check, inspect, run, serve
from local.commands.arguments import USAGE_ERROR, CommandParser

BROKEN_PIPE = 141  # the exit status that a shell reports for a program ended by SIGPIPE


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: each command says what its 0, 1 and 2 mean."""
    options = build_parser().parse_args(arguments)
    try:
        status = int(options.act(options))
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes stdout at exit and would print an error: let it flush into the null device.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except (ContactImportError, OSError, RuntimeError) as error:
        print(f"python -m local: {error}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        return 130
    else:
        return status


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; `act` of what it parses runs the command."""
    parser = CommandParser(prog="python -m local", description="The whole stack on this machine.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=CommandParser)
    for command in (run, serve, inspect, check):
        command.add_command(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
