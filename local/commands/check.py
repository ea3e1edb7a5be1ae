"""`python -m local check`: does the key work, and whose account does it fill?"""

import json
import os
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
from local.sandbox.endpoint import Sandbox
from local.terminal.console import Console, escape_for_terminal

_TIMEOUT_SECONDS = 30.0
_OUTAGE_TIMEOUT_SECONDS = 10.0


def check_key(cellcast_url: str, api_key: str, *, as_json: bool) -> int:
    """Print what the endpoint says of the key, and never the key. Give 0 when it works, 1 when it does not."""
    if cellcast_url and not api_key:
        raise RuntimeError("--cellcast-url needs --api-key")
    with ExitStack() as exit_stack:
        url = cellcast_url or exit_stack.enter_context(Sandbox()).start()
        required_settings = {"BUCKET": "none", "CELLCAST_SECRET": "none", "CELLCAST_URL": url}
        transport, key = (
            Transport(Settings.from_env(os.environ | required_settings).cellcast_url),
            normalize_api_key(api_key or "sandbox-key"),
        )
        client = CellcastClient(
            post=transport.post,
            get=transport.get,
            api_key=ApiKey(lambda _fresh: key),
            rate_limiter=RateLimiter(1.0),
            deadline=time.monotonic() + _TIMEOUT_SECONDS,
            outage_timeout=_OUTAGE_TIMEOUT_SECONDS,
        )
        result = query_account(client)
    is_working = isinstance(result, Account)
    if as_json:
        error = None if isinstance(result, Account) else f"{result.reason}."
        print(json.dumps({"account": asdict(result) if isinstance(result, Account) else None, "error": error}))
    else:
        Console(highlight=False).print(_format_result(result), soft_wrap=True)
    return 0 if is_working else 1


def _format_result(result: Account | QueryFailed) -> str:
    if isinstance(result, Account):
        balance = "" if result.balance is None else f"; its balance is {escape_for_terminal(str(result.balance))}"
        return f"The key works. It fills the account [bold]{escape_for_terminal(result.name)}[/]{balance}."
    return f"[red]The account could not be read: {escape_for_terminal(result.reason)}.[/]"
