"""Authenticate the callers of the API: programs and people with one of its tokens.

Every token gives access to every import of the stack, with its people: the tokens belong to the operator of the stack,
and the import page shows one history to all callers. The secret of a webhook sender gives no access.
"""

from urllib.parse import urlsplit

from contact_import.domain.http import HttpRequest
from contact_import.webhooks.senders.config import SenderConfig
from contact_import.webhooks.senders.config_cache import SenderConfigCache
from contact_import.webhooks.senders.tokens import has_token


def authenticate_caller(request: HttpRequest, config_cache: SenderConfigCache) -> SenderConfig | None:
    """Return the configuration if the request has one of its API tokens, otherwise None.

    An unknown token may have been added since the configuration was loaded, so it is loaded again.
    """
    config = config_cache.get()
    if has_token(request, config.tokens):
        return config
    fresh = config_cache.refresh()
    return fresh if fresh and has_token(request, fresh.tokens) else None


def find_caller_name(request: HttpRequest, config: SenderConfig) -> str:
    """Return the name of the token in a request, "" for a token without one."""
    # Every token is compared, each in constant time: the duration says nothing about a token.
    names = [name for token, name in config.token_names.items() if has_token(request, (token,))]
    return names[0] if names else ""


def build_origin(url: str) -> str:
    """Return scheme and host of the URL of a request: the address of the API as its caller sees it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
