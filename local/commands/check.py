"""`cellcast-import check`: test an API key, and show the account that it belongs to."""

import argparse
import json
import os
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict

from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.credentials import ApiKey, normalize_api_key
from contact_import.cellcast.queries import QueryFailed
from contact_import.cellcast.rate_limiter import RateLimiter
from contact_import.cellcast.transport import Transport
from contact_import.checks.account import Account, query_account
from contact_import.settings import Settings
from local.commands.arguments import SANDBOX_NOTICE, Commands, add_endpoint_options, check_endpoint_options
from local.sandbox.endpoint import Sandbox
from local.terminal.console import Console, escape_for_terminal

_TIMEOUT_SECONDS = 30.0
_OUTAGE_TIMEOUT_SECONDS = 10.0

_DESCRIPTION = "Check an API key and show the account it belongs to. Sends no contacts."
_EXAMPLE = """\
example:
  cellcast-import check --cellcast-url https://api.cellcast.com --api-key "$(cat key.txt)"
"""


def add_command(commands: Commands) -> None:
    command = commands.add_parser(
        "check", help="check an API key and show which account it belongs to", description=_DESCRIPTION, epilog=_EXAMPLE
    )
    add_endpoint_options(command)
    command.add_argument("--json", action="store_true", help="print only JSON")
    command.set_defaults(act=_run_command, opted_out=[])


def _run_command(options: argparse.Namespace) -> int:
    check_endpoint_options(options)
    return check_key(options.cellcast_url, options.api_key, as_json=options.json)


def check_key(cellcast_url: str, api_key: str, *, as_json: bool) -> int:
    """Print the account of the key, or why it could not be read; never the key. Return 0 when it works, else 1.

    Without a URL the key of the sandbox is checked. Raise SettingsError for a URL that would send the key unencrypted.
    """
    if not cellcast_url:
        print(SANDBOX_NOTICE, file=sys.stderr if as_json else sys.stdout)
    with ExitStack() as exit_stack:
        url = cellcast_url or exit_stack.enter_context(Sandbox()).start()
        result = query_account(_build_client(url, normalize_api_key(api_key or "sandbox-key")))
    account = result if isinstance(result, Account) else None
    if as_json:
        error = f"{result.reason}." if isinstance(result, QueryFailed) else None
        print(json.dumps({"account": asdict(account) if account else None, "error": error}))
    else:
        Console(highlight=False).print(_format_result(result), soft_wrap=True)
    return 0 if account else 1


def _build_client(url: str, key: str) -> CellcastClient:
    # The settings turn down a URL that is neither https nor loopback.
    settings = Settings.from_env(os.environ | {"BUCKET": "none", "CELLCAST_SECRET": "none", "CELLCAST_URL": url})
    transport = Transport(settings.cellcast_url)
    return CellcastClient(
        post=transport.post,
        get=transport.get,
        api_key=ApiKey(lambda _fresh: key),
        rate_limiter=RateLimiter(1.0),
        deadline=time.monotonic() + _TIMEOUT_SECONDS,
        outage_timeout=_OUTAGE_TIMEOUT_SECONDS,
    )


def _format_result(result: Account | QueryFailed) -> str:
    if isinstance(result, Account):
        balance = "" if result.balance is None else f"; its balance is {escape_for_terminal(str(result.balance))}"
        return f"The key works. It belongs to the account [bold]{escape_for_terminal(result.name)}[/]{balance}."
    return f"[red]The account could not be read: {escape_for_terminal(result.reason)}.[/]"
