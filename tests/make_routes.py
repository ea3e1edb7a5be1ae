"""The routes of the HTTP API over any store, without AWS and without Cellcast."""

from collections.abc import Callable
from datetime import datetime

from contact_import.pipelines.history import build_summary
from contact_import.settings import Settings
from contact_import.webhooks.api.contacts import ContactsRoute
from contact_import.webhooks.api.history import HistoryRoute
from contact_import.webhooks.api.imports import ImportRoutes
from contact_import.webhooks.api.stop import StopRoute
from contact_import.webhooks.api.uploads.upload_routes import UploadRoutes
from contact_import.webhooks.api.uploads.upload_store import UploadStore
from contact_import.webhooks.deliveries import DeliveryRoute
from contact_import.webhooks.intake import SubmissionStore
from contact_import.webhooks.routes import Routes
from contact_import.webhooks.senders.config_cache import SenderConfigCache
from contact_import.webhooks.submission import Submission
from tests.make_submissions import NOW

LINK_KEY = b"a key of thirty-two characters.."


def make_routes(
    store: SubmissionStore,
    sender_config: str,
    *,
    run: Callable[[Submission], tuple[str, str]] = lambda _submission: ("", ""),
    now: Callable[[], datetime] = lambda: NOW,
    log: Callable[..., None] = lambda *_, **__: None,
    link_key: bytes = LINK_KEY,
) -> Routes:
    bucket = store._bucket
    settings = Settings(bucket="contacts", cellcast_secret="cellcast/api-key")
    config_cache = SenderConfigCache(lambda: sender_config, lambda: 0.0)
    return Routes(
        DeliveryRoute(settings, config_cache, store, now, log),
        ContactsRoute(settings, config_cache, store, run, now, lambda: "key", log),
        ImportRoutes(config_cache, store, now, lambda: link_key, build_summary, lambda *_: False),
        HistoryRoute(config_cache, bucket, store, build_summary),
        StopRoute(config_cache, store),
        UploadRoutes(config_cache, UploadStore(bucket), lambda *_: {}, now, lambda: "f" * 32, log),
    )
