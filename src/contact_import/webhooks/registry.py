"""Find the description of a webhook sender: each module of `providers/` has one, and no list repeats their names."""

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
    """Return all providers by the names of their modules. The first call imports the modules, in about 10 ms."""
    return MappingProxyType({name: _load_provider(name) for name in sorted(_find_names())})


def find_scheme_provider(scheme_name: str) -> Provider | None:
    """Return the provider that signs with a scheme, None for a name that no scheme has.

    The name of a scheme is that of its provider's module, or begins with it: `example_v3` is in `providers/example`.
    """
    # By its name, one module is imported and not all sixty: a rejected request is answered without the others.
    words = scheme_name.split("_")
    for end in range(len(words), 0, -1):
        name = "_".join(words[:end])
        if name in _find_names() and scheme_name in (provider := _load_provider(name)).schemes:
            return provider
    return None


def find_scheme(scheme_name: str) -> Scheme | None:
    """Return a signature scheme by the name that a configuration gives, None for an unknown name."""
    provider = find_scheme_provider(scheme_name)
    return provider.schemes[scheme_name] if provider else None


@cache
def load_answer_parts() -> Mapping[str, tuple[str, ...]]:
    """Return the names of the parts of an answer that is an array, by the declared type of its question."""
    return MappingProxyType(
        {kind: parts for provider in load_providers().values() for kind, parts in provider.answer_parts.items()}
    )


@cache
def _find_names() -> frozenset[str]:
    # The names of the files: nothing is imported yet.
    return frozenset(module.name for module in iter_modules(providers.__path__))


@cache
def _load_provider(name: str) -> Provider:
    return cast("Provider", import_module(f"{providers.__name__}.{name}").PROVIDER)
