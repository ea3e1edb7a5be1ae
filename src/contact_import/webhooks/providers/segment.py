"""Describe Segment: https://segment.com/docs/connections/destinations/catalog/webhooks/"""

from contact_import.webhooks.provider import EventId, Provider

PROVIDER = Provider("Segment", event_ids=(EventId(paths=("messageId",), required=("messageId", "type", "traits")),))
