"""What is asked before an import begins, once: kept in the ledger, so that every run of it knows the same."""

import json
from dataclasses import asdict

from contact_import.aws.s3 import Bucket
from contact_import.cellcast import queries
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.queries import Account, QueryFailed
from contact_import.domain.object_keys import make_account_key


def look_up_account(bucket: Bucket, import_id: str, client: CellcastClient) -> Account | QueryFailed:
    """Whose account the key of this moment fills. A key that is not taken stops the line."""
    if stored := load_account(bucket, import_id):
        return stored
    answer = queries.query_account(client)
    if isinstance(answer, QueryFailed) and answer.is_denied:
        client.stop(answer.reason, is_failure=True)
        return answer
    bucket.put(make_account_key(import_id), json.dumps(asdict(answer)).encode())
    return answer


def load_account(bucket: Bucket, import_id: str) -> Account | QueryFailed | None:
    """What was heard of it before, None when nobody has asked."""
    body = bucket.read(make_account_key(import_id))
    if not body:
        return None
    value = json.loads(body)
    return Account(**value) if "name" in value else QueryFailed(**value)
