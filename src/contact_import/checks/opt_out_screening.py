"""Cellcast's list of people who opted out, read before an import of a file.

Australia's Spam Act allows SMS only to people who consented, so that without the list nothing is sent.
"""

from contact_import.aws.s3 import Bucket
from contact_import.cellcast import pagination
from contact_import.cellcast.client import Line
from contact_import.cellcast.queries import Unanswered
from contact_import.checks import opt_outs
from contact_import.checks.opt_outs import OptOuts
from contact_import.errors import EndpointAwayError

_PATH = "/api/v1/apiClient/getOptout?page={}&size={}"
_SIZE = 100  # what the page of the API shows; a larger one may be cut down in silence
_NAMES = ("number", "Number", "phone_number", "phone", "mobile")
_MAX_TRIES = 3  # of runs: the queue brings an upload back five times
_NOT_READ = "Cellcast's opt-out list could not be read, so that nothing was sent: {}"
_LATER = "Cellcast's opt-out list could not be read by now."


def prepare(bucket: Bucket, import_id: str, line: Line, *, can_wait: bool) -> None:
    """Read the list and keep it, unless that was done.

    When it cannot be read, raise EndpointAwayError so that the event comes again; after the third time, or at once
    when nothing `can_wait`, keep an objection, for which the import will send nothing.
    """
    tries = opt_outs.tries(bucket, import_id)
    if tries is None:
        return
    found = read(line)
    if isinstance(found, OptOuts):
        opt_outs.keep(bucket, import_id, found)
    elif can_wait and tries + 1 < _MAX_TRIES and not found.is_denied:
        opt_outs.count_try(bucket, import_id, tries + 1)
        raise EndpointAwayError(_LATER)  # without Cellcast's words: what is raised is logged
    else:
        opt_outs.keep(bucket, import_id, OptOuts(objection=why_not(found)))


def why_not(failure: Unanswered) -> str:
    """Why nothing is sent, for people."""
    return failure.words if failure.is_denied else _NOT_READ.format(failure.words)


def read(line: Line) -> OptOuts | Unanswered:
    """All of the list, or why it could not be read to its end."""
    numbers: set[str] = set()
    unreadable = 0

    def take(entry: object) -> None:
        nonlocal unreadable
        if number := pagination.number_in(entry, _NAMES):
            numbers.add(number)
        else:
            unreadable += 1

    failure = pagination.read_all(line, lambda page: _PATH.format(page, _SIZE), _SIZE, take)
    return failure or OptOuts(frozenset(numbers), unreadable)
