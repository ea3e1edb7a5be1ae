"""Who may post to the webhook, from what is stored behind `HOOKS_SECRET`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from contact_import.labels import Labels


@dataclass(frozen=True, slots=True)
class HookSender:
    """A form or CRM that posts to `/hooks/{name}`.

    `secrets` are all valid at once, so that one can be replaced. `mapping` gives what stands under a label or path
    to one of Cellcast's fields, or to none: {"Kundennummer": None, "input_7": "phone_number"}.
    """

    name: str
    scheme: str
    secrets: tuple[str, ...] = field(repr=False)
    labels: Labels = Labels()
    mapping: Mapping[str, str | None] = MappingProxyType({})
