"""The registry finds each provider, and generic code names none of them."""

import re
from pathlib import Path

import pytest

from contact_import.webhooks import registry
from contact_import.webhooks.provider import Provider

WEBHOOKS = Path(registry.__file__).parent
MODULES = sorted(path.stem for path in (WEBHOOKS / "providers").glob("*.py") if path.stem != "__init__")
PROVIDERS = registry.load_providers()
# Generic code is everything but the providers themselves; `provider` has the sentence that names two connectors.
GENERIC = [path for path in WEBHOOKS.rglob("*.py") if path.parent.name != "providers" and path.stem != "provider"]
# Names that are ordinary words or those of a standard too.
WORDS = {"make", "segment", "square", "meta", "copper", "standard_webhooks", "zoom", "framer", "acuity"}


def test_each_module_is_a_provider() -> None:
    assert list(PROVIDERS) == MODULES
    assert len({provider.title for provider in PROVIDERS.values()}) == len(MODULES) > 40


@pytest.mark.parametrize("name", MODULES)
def test_a_scheme_is_found_by_its_name_alone(name: str) -> None:
    """The name of a scheme begins with that of its provider, so that no other module is loaded for it."""
    for scheme_name, scheme in PROVIDERS[name].schemes.items():
        assert registry.find_scheme_provider(scheme_name) is PROVIDERS[name]
        assert registry.find_scheme(scheme_name) is scheme


@pytest.mark.parametrize("name", ["", "token", "described", "hubspot", "hubspot_v4", "..", "os", "__init__", "zapier"])
def test_no_other_name_is_a_scheme(name: str) -> None:
    assert registry.find_scheme(name) is None


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)
def test_names_are_written_as_they_are_compared(provider: Provider) -> None:
    headers = {name for one in provider.event_ids for name in one.headers}
    aliases = set(provider.key_aliases)

    assert {name for name in headers | set(provider.event_headers) if name != name.lower()} == set()
    assert {key for key in aliases if not re.fullmatch(r"[a-z0-9]+", key)} == set()
    assert all(key == key.lower() for event in provider.id_only_events for key in event.keys)
    assert all(event.reason.endswith(".") for event in provider.id_only_events)
    assert provider.schemes or provider.has_token


def test_no_two_senders_give_a_name_to_different_fields() -> None:
    pairs = {pair for provider in PROVIDERS.values() for pair in provider.key_aliases.items()}

    assert len(pairs) == len({key for key, _ in pairs})


@pytest.mark.parametrize("path", GENERIC, ids=lambda path: path.stem)
def test_generic_code_names_no_vendor(path: Path) -> None:
    text = path.read_text("utf-8")
    names = "|".join(re.escape(name).replace("_", "[ _]?") for name in MODULES if name not in WORDS)

    assert re.findall(rf"(?i)(?<![a-z])(?:{names})(?![a-z])", text) == []
    assert re.findall(r"\b(?:Make|Segment|Square|Meta|Copper|Zoom|Framer|Acuity)\b", text) == []
