"""What is asked before an import begins, once: kept in the ledger, so that every run of it knows the same."""

import json
from dataclasses import asdict

from contact_import.aws.s3 import Bucket
from contact_import.cellcast import queries
from contact_import.cellcast.client import Line
from contact_import.cellcast.queries import Account, Unanswered
from contact_import.domain.object_keys import account_key


def account(bucket: Bucket, import_id: str, line: Line) -> Account | Unanswered:
    """Whose account the key of this moment fills. A key that is not taken stops the line."""
    if known := kept_account(bucket, import_id):
        return known
    answer = queries.account(line)
    if isinstance(answer, Unanswered) and answer.is_denied:
        line.stop(answer.words, is_failure=True)
        return answer
    bucket.put(account_key(import_id), json.dumps(asdict(answer)).encode())
    return answer


def kept_account(bucket: Bucket, import_id: str) -> Account | Unanswered | None:
    """What was heard of it before, None when nobody has asked."""
    kept = bucket.read(account_key(import_id))
    if not kept:
        return None
    value = json.loads(kept)
    return Account(**value) if "name" in value else Unanswered(**value)
