"""Define the meanings that a response of Cellcast can have, one type each.

| type | stored? | then (`sending.attempts`) |
|---|---|---|
| Accepted | all but `refused` | done |
| AllRejected, TooLarge | nothing | without the named contacts, or in halves |
| Throttled, Unavailable | nothing | again, after a pause |
| Ambiguous | unknown | again, a few times, and counted as possibly repeated |
| Inconsistent | unknown | `unknown`: look in Cellcast |
| Denied, WrongEndpoint | nothing | stop the import |
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

CONTRADICTION = "the response says both success and failure"


class Accepted(NamedTuple):
    """Cellcast stored every contact that `refused` does not name.

    `refused` maps the index of a contact within the request, from 0, to Cellcast's reason.
    """

    refused: Mapping[int, str] = MappingProxyType({})


class AllRejected(NamedTuple):
    """Cellcast stored no contact of the request. `refused` maps the index of each named contact to its reason.

    `messages` are the error texts that name no contact.
    """

    refused: Mapping[int, str]
    reason: str
    messages: tuple[str, ...] = ()


class TooLarge(NamedTuple):
    """The request exceeds Cellcast's size limit (413)."""

    reason: str = "the request was too large"


class Throttled(NamedTuple):
    """The account exceeds its rate limit (429). `retry_after` is in seconds, None without the header."""

    retry_after: float | None = None


class Denied(NamedTuple):
    """Cellcast rejected the API key (401, 403)."""

    reason: str


class WrongEndpoint(NamedTuple):
    """The server has no such API: a redirect, 404, 405 or 410."""

    reason: str


class Unavailable(NamedTuple):
    """Nothing was processed, so a retry repeats nothing. `retry_after` is in seconds, None without the header."""

    reason: str
    retry_after: float | None = None


class Ambiguous(NamedTuple):
    """The request may have been processed, and no usable response says whether it was."""

    reason: str


class Inconsistent(NamedTuple):
    """The response contradicts itself. It is unknown which contacts are stored, and a retry would not show it.

    `messages` are the texts of the response.
    """

    reason: str
    messages: tuple[str, ...] = ()


type RetryableResponse = Throttled | Unavailable | Ambiguous
type FinalResponse = Accepted | AllRejected | TooLarge | Denied | WrongEndpoint | Inconsistent
type ClassifiedResponse = RetryableResponse | FinalResponse
