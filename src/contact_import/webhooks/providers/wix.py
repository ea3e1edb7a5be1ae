"""Wix automations and forms"""

from contact_import.webhooks.provider import EventId, Provider

PROVIDER = Provider(
    "Wix",
    event_ids=(
        EventId(paths=("submissionId",), required=("submissionId", "formId")),
        EventId(paths=("data.submissionId",), required=("data.submissionId", "data.formId")),
    ),
)
