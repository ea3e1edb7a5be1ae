"""What comes in over HTTP, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What a form, a CRM or a program sent to one of the doors.

    `path` is without the query and percent-decoded. `url` is the whole public address as the sender knows it,
    query included: some signatures cover it. Names of `headers` are in lower case; of a name that stands twice in
    `query`, the first counts. `body` are the bytes as they were sent. Neither tokens nor people's data show in its
    repr.
    """

    method: str
    path: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def content_type(self) -> str:
        """Without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What goes back to whoever sent a `Post`."""

    status: int
    headers: Mapping[str, str]
    body: str
