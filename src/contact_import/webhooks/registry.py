"""Find what is known of webhook senders: each module of `providers/` describes one, and no list repeats their names."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType
from typing import cast

from contact_import.webhooks import providers
from contact_import.webhooks.provider import Provider, Scheme


@cache
def load_providers() -> Mapping[str, Provider]:
    """Return all providers by the names of their modules. The first call loads the modules, in about 10 ms."""
    return MappingProxyType({name: _load_provider(name) for name in sorted(_find_names())})


def find_scheme_provider(scheme_name: str) -> Provider | None:
    """Return the provider that signs with a scheme, None for a name that no scheme has.

    The name of a scheme is that of its provider's module, or begins with it (`<name>_v3`), so that a request which
    is rejected waits for one module and not for all.
    """
    words = scheme_name.split("_")
    for end in range(len(words), 0, -1):
        name = "_".join(words[:end])
        if name in _find_names() and scheme_name in (provider := _load_provider(name)).schemes:
            return provider
    return None


def find_scheme(scheme_name: str) -> Scheme | None:
    """Return a signature scheme by the name that a configuration gives, None for an unknown one."""
    provider = find_scheme_provider(scheme_name)
    return provider.schemes[scheme_name] if provider else None


@cache
def load_schemes() -> Mapping[str, Scheme]:
    """Return all schemes by their names, of which each belongs to one provider."""
    known = load_providers().values()
    return MappingProxyType({name: scheme for one in known for name, scheme in one.schemes.items()})


@cache
def load_answer_parts() -> Mapping[str, tuple[str, ...]]:
    """Return the parts of questions whose answer is an array, by the type that a form declares for them."""
    return MappingProxyType(
        {kind: parts for provider in load_providers().values() for kind, parts in provider.answer_parts.items()}
    )


@cache
def _find_names() -> frozenset[str]:
    return frozenset(module.name for module in iter_modules(providers.__path__))


@cache
def _load_provider(name: str) -> Provider:
    return cast("Provider", import_module(f"{providers.__name__}.{name}").PROVIDER)
