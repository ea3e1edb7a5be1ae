"""The command line: `python -m local run FILE...`."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from contact_import.domain import object_keys
from contact_import.errors import ContactImportError
from local.commands.check import check_key
from local.commands.inspect import inspect_file
from local.commands.run import SAMPLE, RunOptions, run
from local.commands.serve import ServeOptions, serve

USAGE_ERROR = 64  # EX_USAGE of sysexits.h: argparse's own 2 means here that some rows failed

BROKEN_PIPE = 141  # what a shell says of a program that SIGPIPE has ended


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(USAGE_ERROR, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        status = int(options.act(options))
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes at the end
        return BROKEN_PIPE
    except (ContactImportError, OSError, RuntimeError) as error:
        print(f"python -m local: {error}", file=sys.stderr)
        return USAGE_ERROR
    except KeyboardInterrupt:
        return 130
    else:
        return status


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="python -m local", description="The whole stack on this machine.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=_Parser)
    command = commands.add_parser("run", help="import files into the sandbox, or into a real account")
    command.add_argument("files", nargs="*", type=Path, metavar="FILE", help="without one, a sample of every status")
    command.add_argument("--list", action="append", default=[], metavar="NAME", help="a list for all contacts")
    command.add_argument("--tag", action="append", default=[], metavar="NAME", help="a tag for all contacts")
    command.add_argument("--dry-run", action="store_true", help="everything but the sending")
    command.add_argument("--large", action="store_true", help="over the state machine, whatever the size")
    command.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="for the results (out/)")
    command.add_argument("--json", action="store_true", help="print each result.json, one a line, and no more")
    _add_endpoint(command)
    _add_opted_out(command)
    command.add_argument("--mapping", type=Path, metavar="FILE", help="what the columns hold, where a guess is wrong")
    command.set_defaults(act=lambda options: run(_build_run_options(options)))
    _add_serve(commands)
    _add_inspect(commands)
    _add_check(commands)
    return parser


def _add_endpoint(command: argparse.ArgumentParser) -> None:
    command.add_argument("--cellcast-url", default="", metavar="URL", help="another endpoint than the sandbox")
    command.add_argument("--api-key", default="", metavar="KEY", help="the key for that endpoint")


def _add_opted_out(command: argparse.ArgumentParser) -> None:
    help_text = "a number on the sandbox's opt-out list, whose person is left out"
    command.add_argument("--opted-out", action="append", default=[], metavar="NUMBER", help=help_text)


def _add_serve(commands: "argparse._SubParsersAction[_Parser]") -> None:
    command = commands.add_parser("serve", help="stay up, for what forms and CRMs post, and for files as they come")
    command.add_argument("--port", type=int, default=8080, help="of the HTTP doors, on loopback (8080; 0: any)")
    command.add_argument("--drop", type=Path, metavar="DIR", help="a folder whose files are imported as they come")
    command.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="for the results (out/)")
    command.add_argument("--hooks", type=Path, metavar="FILE", help="who may post: the content of the hooks secret")
    _add_endpoint(command)
    _add_opted_out(command)
    command.set_defaults(act=_serve)


def _serve(options: argparse.Namespace) -> int:
    _check_endpoint(options)
    return serve(
        ServeOptions(
            port=options.port,
            drop=options.drop,
            out=options.out,
            hooks=options.hooks,
            cellcast_url=options.cellcast_url,
            api_key=options.api_key,
            opted_out=tuple(options.opted_out),
        )
    )


def _check_endpoint(options: argparse.Namespace) -> None:
    if options.cellcast_url and not options.api_key:
        raise RuntimeError("--cellcast-url needs --api-key")
    if options.cellcast_url and options.opted_out:
        raise RuntimeError("--opted-out is for the sandbox, and --cellcast-url names another endpoint")


def _add_inspect(commands: "argparse._SubParsersAction[_Parser]") -> None:
    command = commands.add_parser("inspect", help="say what would be understood of a file, and send nothing")
    command.add_argument("file", type=Path, metavar="FILE")
    command.add_argument("--json", action="store_true", help="print it as JSON, and no more")
    command.add_argument("--mapping", type=Path, metavar="FILE", help="what the columns hold, where a guess is wrong")
    command.add_argument("--write-mapping", type=Path, metavar="FILE", help="write what was understood, to correct")
    command.set_defaults(act=_inspect)


def _add_check(commands: "argparse._SubParsersAction[_Parser]") -> None:
    command = commands.add_parser("check", help="say whether a key works, and whose account it fills")
    _add_endpoint(command)
    command.add_argument("--json", action="store_true", help="print it as JSON, and no more")
    command.set_defaults(act=lambda options: check_key(options.cellcast_url, options.api_key, as_json=options.json))


def _inspect(options: argparse.Namespace) -> int:
    return inspect_file(
        options.file, mapping=options.mapping, write_mapping=options.write_mapping, as_json=options.json
    )


def _build_run_options(options: argparse.Namespace) -> RunOptions:
    files = tuple(options.files) or (SAMPLE,)
    for path in files:
        if not path.is_file():
            raise FileNotFoundError(f"{path} is not a file")
        if path.name == object_keys.MAPPING_FILE:
            raise RuntimeError(f"{path} is no list of contacts: give it with --mapping")
    _check_endpoint(options)
    return RunOptions(
        files=files,
        lists=tuple(options.list),
        tags=tuple(options.tag),
        dry_run=options.dry_run,
        large=options.large,
        out=options.out,
        as_json=options.json,
        cellcast_url=options.cellcast_url,
        api_key=options.api_key,
        mapping=options.mapping,
        opted_out=tuple(options.opted_out),
    )


if __name__ == "__main__":
    sys.exit(main())
