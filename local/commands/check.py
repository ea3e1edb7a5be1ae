"""`python -m local check`: does the key work, and whose account does it fill?"""

import json
import os
import time
from contextlib import ExitStack
from dataclasses import asdict

from contact_import.cellcast import queries
from contact_import.cellcast.client import Key, Line
from contact_import.cellcast.queries import Account
from contact_import.cellcast.rate_limiter import Pace
from contact_import.cellcast.transport import Sender, bearer
from contact_import.settings import Settings
from local.sandbox.endpoint import Sandbox
from local.terminal.console import Console, plain

_SECONDS = 30.0
_PATIENCE = 10.0


def check(cellcast_url: str, api_key: str, *, as_json: bool) -> int:
    """Print what the endpoint says of the key, and never the key. Give 0 when it works, 1 when it does not."""
    if cellcast_url and not api_key:
        raise RuntimeError("--cellcast-url needs --api-key")
    with ExitStack() as opened:
        url = cellcast_url or opened.enter_context(Sandbox()).start()
        here = {"BUCKET": "none", "CELLCAST_SECRET": "none", "CELLCAST_URL": url}
        way, key = Sender(Settings.from_env(os.environ | here).cellcast_url), bearer(api_key or "sandbox-key")
        line = Line(
            post=way.post,
            get=way.get,
            key=Key(lambda _fresh: key),
            pace=Pace(1.0),
            until=time.monotonic() + _SECONDS,
            patience=_PATIENCE,
        )
        answer = queries.account(line)
    works = isinstance(answer, Account)
    if as_json:
        error = None if isinstance(answer, Account) else f"{answer.words}."
        print(json.dumps({"account": asdict(answer) if isinstance(answer, Account) else None, "error": error}))
    else:
        Console(highlight=False).print(_in_words(answer), soft_wrap=True)
    return 0 if works else 1


def _in_words(answer: Account | queries.Unanswered) -> str:
    if isinstance(answer, Account):
        balance = "" if answer.balance is None else f"; its balance is {plain(str(answer.balance))}"
        return f"The key works. It fills the account [bold]{plain(answer.name)}[/]{balance}."
    return f"[red]The account could not be read: {plain(answer.words)}.[/]"
