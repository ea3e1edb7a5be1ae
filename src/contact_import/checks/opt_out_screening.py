"""Cellcast's list of people who opted out, read before an import of a file.

Australia's Spam Act allows SMS only to people who consented, so that without the list nothing is sent.
"""

from contact_import.aws.s3 import Bucket
from contact_import.cellcast import pagination
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.queries import QueryFailed
from contact_import.checks import opt_outs
from contact_import.checks.opt_outs import OptOuts
from contact_import.errors import EndpointUnavailableError

_PATH = "/api/v1/apiClient/getOptout?page={}&size={}"
_PAGE_SIZE = 100  # what the page of the API shows; a larger one may be cut down in silence
_NUMBER_KEYS = ("number", "Number", "phone_number", "phone", "mobile")
_MAX_ATTEMPTS = 3  # of runs: the queue brings an upload back five times
_UNAVAILABLE_MESSAGE = "Cellcast's opt-out list could not be read, so that nothing was sent: {}"
_RETRY_LATER_MESSAGE = "Cellcast's opt-out list could not be read by now."


def ensure_opt_outs(bucket: Bucket, import_id: str, client: CellcastClient, *, can_retry: bool) -> None:
    """Read the list and keep it, unless that was done.

    When it cannot be read, raise EndpointUnavailableError so that the event comes again; after the third time, or at
    once
    when nothing `can_wait`, keep an objection, for which the import will send nothing.
    """
    attempts = opt_outs.load_attempts(bucket, import_id)
    if attempts is None:
        return
    found = fetch_opt_outs(client)
    if isinstance(found, OptOuts):
        opt_outs.save_opt_outs(bucket, import_id, found)
    elif can_retry and attempts + 1 < _MAX_ATTEMPTS and not found.is_denied:
        opt_outs.save_attempts(bucket, import_id, attempts + 1)
        raise EndpointUnavailableError(_RETRY_LATER_MESSAGE)  # without Cellcast's words: what is raised is logged
    else:
        opt_outs.save_opt_outs(bucket, import_id, OptOuts(blocking_error=explain_failure(found)))


def explain_failure(failure: QueryFailed) -> str:
    """Why nothing is sent, for people."""
    return failure.reason if failure.is_denied else _UNAVAILABLE_MESSAGE.format(failure.reason)


def fetch_opt_outs(client: CellcastClient) -> OptOuts | QueryFailed:
    """All of the list, or why it could not be read to its end."""
    numbers: set[str] = set()
    unreadable = 0

    def add_entry(entry: object) -> None:
        nonlocal unreadable
        if number := pagination.find_phone_number(entry, _NUMBER_KEYS):
            numbers.add(number)
        else:
            unreadable += 1

    failure = pagination.read_all_pages(client, lambda page: _PATH.format(page, _PAGE_SIZE), _PAGE_SIZE, add_entry)
    return failure or OptOuts(frozenset(numbers), unreadable)
