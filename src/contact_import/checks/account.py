"""The Cellcast account that the API key belongs to: queried once before an import, and saved for all its runs."""

from dataclasses import asdict, dataclass
from typing import Any

from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.queries import QueryFailed, query
from contact_import.domain.object_keys import make_account_key

ACCOUNT_PATH = "/api/v1/apiClient/account"

# `account_name` is documented. Cellcast's calls name the same field in several ways, so the others are read too.
_ACCOUNT_NAME_KEYS = ("account_name", "accountName", "name")
_MAX_NAME_CHARS = 200


@dataclass(frozen=True, slots=True)
class Account:
    """The account of an API key. `balance` is as Cellcast writes it, None when the response has none."""

    name: str
    balance: str | float | None = None


def look_up_account(bucket: Bucket, import_id: str, client: CellcastClient) -> Account | QueryFailed:
    """Return the account of the current API key, from Cellcast or from an earlier run.

    A denied key stops the client, and is not saved: the next run may have another key.
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
    """Return the account that an earlier run found, None when no run has queried it."""
    value = bucket.read_json(make_account_key(import_id))
    if not value:
        return None
    return Account(**value) if "name" in value else QueryFailed(**value)


def query_account(client: CellcastClient) -> Account | QueryFailed:
    """Query Cellcast for the account of the API key. The fields are read from `data` or from the top level."""
    answer = query(client, ACCOUNT_PATH)
    if isinstance(answer, QueryFailed):
        return answer
    data_block = answer.get("data")
    for block in (data_block, answer):
        if isinstance(block, dict):
            named = [
                str(block[name]).strip()[:_MAX_NAME_CHARS]
                for name in _ACCOUNT_NAME_KEYS
                if isinstance(block.get(name), str)
            ]
            if name := next(filter(None, named), ""):
                balance = block.get("balance")
                is_amount = isinstance(balance, str | int | float) and not isinstance(balance, bool)
                return Account(name, _truncate_balance(balance) if is_amount else None)
    return QueryFailed("the answer names no account")


def _truncate_balance(balance: Any) -> str | float:
    return balance[:40] if isinstance(balance, str) else balance
