"""Represent the HTTP requests to this application and its responses, without API Gateway's event format."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

USER_AGENT = "cellcast-contact-importer"  # of every request that the importer sends

# Far more than an event or a form has, and also in base64 below the 6 MB that invoke a function
# (docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html).
MAX_BODY_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request from a form, a CRM or a program.

    `path` is percent-decoded and has no query. `url` is the public URL that the sender called, with its query, because
    some signatures cover it. Header names are in lower case. `query` has the first value of each name. `body` has the
    bytes exactly as sent, because signatures cover them. The repr has no tokens and no personal data.
    """

    method: str
    path: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    query: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)

    @property
    def content_type(self) -> str:
        """Return the media type in lower case, without parameters; "" if there is none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """The response to an `HttpRequest`. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: str


def build_content_security_policy(style: str, script: str = "", connect_to: str = "'none'") -> str:
    """Return a policy that allows a page this inline stylesheet, this script and its requests, and nothing else.

    `connect_to` has the sources, in the words of a policy, that the script may fetch from.
    """
    # Digests instead of 'unsafe-inline': if text of a file ever became HTML, its script would still not run
    # (https://developer.mozilla.org/docs/Web/HTTP/Guides/CSP).
    style_digest, script_digest = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() for text in (style, script)
    )
    return (
        f"default-src 'none'; style-src 'sha256-{style_digest}'; script-src 'sha256-{script_digest}'; "
        f"connect-src {connect_to}; img-src data:; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
