"""The options that several commands share, and the parser with its exit status."""

import argparse
from pathlib import Path
from typing import Any, NoReturn

from contact_import.cellcast.credentials import normalize_api_key
from contact_import.errors import SecretError

SANDBOX_NOTICE = "Practice run: a simulated Cellcast receives the contacts, and nothing leaves this machine."
USAGE_ERROR = 64  # EX_USAGE of sysexits.h: argparse's own 2 means here that some rows failed


class CommandParser(argparse.ArgumentParser):
    """A parser that exits with `USAGE_ERROR` and one line. Descriptions and epilogs keep their lines."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": argparse.RawDescriptionHelpFormatter} | options)

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE_ERROR, f"{self.prog}: {message} (see {self.prog} --help)\n")


type Commands = argparse._SubParsersAction[CommandParser]  # noqa: SLF001  argparse has no public name for it


def add_endpoint_options(command: argparse.ArgumentParser) -> None:
    command.add_argument("--cellcast-url", default="", metavar="URL", help="Cellcast address (default: local sandbox)")
    command.add_argument("--api-key", default="", metavar="KEY", help="API key for --cellcast-url")


def add_opted_out_option(command: argparse.ArgumentParser) -> None:
    help_text = "add a number to the sandbox's opt-out list"
    command.add_argument("--opted-out", action="append", default=[], metavar="NUMBER", help=help_text)


def check_endpoint_options(options: argparse.Namespace) -> None:
    """Raise RuntimeError for a URL without a key, a key without one or that no header can hold, and a wrong opt-out."""
    if options.cellcast_url and not options.api_key:
        raise RuntimeError("--cellcast-url needs --api-key")
    if options.api_key and not options.cellcast_url:
        raise RuntimeError("--api-key is for a real account: add --cellcast-url https://api.cellcast.com")
    if options.api_key:
        # Now, not after the import: `"$(cat key.txt)"` of a wrong file has lines or blanks.
        try:
            normalize_api_key(options.api_key)
        except SecretError as error:
            raise RuntimeError(f"--api-key: {error}") from None
    if options.cellcast_url and options.opted_out:
        raise RuntimeError("--opted-out is for the sandbox, and --cellcast-url names another endpoint")


def check_file(path: Path) -> None:
    """Raise FileNotFoundError or IsADirectoryError unless the path is a file, a pipe, or `-` for stdin."""
    if str(path) == "-":
        return
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder; name its files, or watch it: serve --drop {path}")
    if not path.exists():
        raise FileNotFoundError(f"{path} does not exist")
