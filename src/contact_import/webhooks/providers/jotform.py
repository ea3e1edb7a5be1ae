"""Describe Jotform: a multipart form whose field `rawRequest` has the answers as JSON."""

from contact_import.webhooks.provider import EventId, Provider

PROVIDER = Provider(
    "Jotform",
    # An entry that is edited keeps its id, and is another delivery.
    event_ids=(EventId(paths=("submissionID", "rawRequest"), required=("submissionID", "rawRequest")),),
    key_prefix=r"q\d+_",  # `q3_fullName`
)
