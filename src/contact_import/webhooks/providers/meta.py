"""Meta Lead Ads: https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving/"""

from contact_import.webhooks.provider import USE_CONNECTOR, EventId, IdOnlyEvent, Provider, Scheme

PROVIDER = Provider(
    "Meta Lead Ads (Facebook, Instagram)",
    schemes={"meta": Scheme("x-hub-signature-256", prefix="sha256=")},
    has_token=False,
    event_ids=(
        EventId(paths=("entry.*.changes.*.value.leadgen_id",), required=("entry.0.changes.0.value.leadgen_id",)),
    ),
    id_only_events=(IdOnlyEvent(frozenset({"leadgen_id"}), f"Meta's lead webhooks carry ids only: {USE_CONNECTOR}."),),
)
