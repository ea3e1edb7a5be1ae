"""Describe Wix: automations put the submission under `data`, forms send it bare."""

from contact_import.webhooks.provider import EventId, Provider

PROVIDER = Provider(
    "Wix",
    # A form has a `formId` beside the id: without it, `submissionId` may be any sender's word.
    event_ids=(
        EventId(paths=("submissionId",), required=("submissionId", "formId")),
        EventId(paths=("data.submissionId",), required=("data.submissionId", "data.formId")),
    ),
)
