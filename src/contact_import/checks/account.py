"""Look up the Cellcast account of the API key: once before an import, then saved for all its runs.

The report names the account, so that contacts in a wrong account are noticed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.queries import QueryFailed, query
from contact_import.domain.object_keys import make_account_key

ACCOUNT_PATH = "/api/v1/apiClient/account"

# `account_name` is documented. Cellcast's endpoints name the same field in several ways, so the others are read too.
_ACCOUNT_NAME_KEYS = ("account_name", "accountName", "name")
_MAX_NAME_CHARS = 200
_MAX_BALANCE_CHARS = 40


@dataclass(frozen=True, slots=True)
class Account:
    """The account of an API key. `balance` is as Cellcast writes it, None if the response has none."""

    name: str
    balance: str | float | None = None


def look_up_account(bucket: Bucket, import_id: str, client: CellcastClient) -> Account | QueryFailed:
    """Return the account of the current API key, from Cellcast or from an earlier run.

    A denied key stops the client and is not saved, because the next run may have another key.
    """
    if stored := load_account(bucket, import_id):
        return stored
    answer = query_account(client)
    if isinstance(answer, QueryFailed) and answer.is_denied:
        client.stop(answer.reason, is_failure=True)
        return answer
    bucket.put_json(make_account_key(import_id), asdict(answer))
    return answer


def load_account(bucket: Bucket, import_id: str) -> Account | QueryFailed | None:
    """Return the account that an earlier run found, None if no run has queried it."""
    value = bucket.read_json(make_account_key(import_id))
    if not value:
        return None
    return Account(**value) if "name" in value else QueryFailed(**value)


def query_account(client: CellcastClient) -> Account | QueryFailed:
    """Query Cellcast for the account of the API key: `{"data": {"account_name": "Ozzie Foods", "balance": "12.50"}}`.

    The fields may also be at the top level.
    """
    answer = query(client, ACCOUNT_PATH)
    if isinstance(answer, QueryFailed):
        return answer
    return _parse_account(answer.get("data")) or _parse_account(answer) or QueryFailed("the response names no account")


def _parse_account(block: Any) -> Account | None:
    if not isinstance(block, Mapping):
        return None
    texts = [block[key] for key in _ACCOUNT_NAME_KEYS if isinstance(block.get(key), str)]
    names = [text.strip()[:_MAX_NAME_CHARS] for text in texts if text.strip()]
    return Account(names[0], _parse_balance(block.get("balance"))) if names else None


def _parse_balance(balance: Any) -> str | float | None:
    if isinstance(balance, str):
        return balance[:_MAX_BALANCE_CHARS]
    # To Python, True is an integer too.
    return balance if isinstance(balance, int | float) and not isinstance(balance, bool) else None
