"""Tags and lists: names that Cellcast puts on every contact of one request."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote


@dataclass(frozen=True, slots=True, order=True)
class Labels:
    """Each name once, in the order in which it was first given. `+` joins two sets of labels."""

    tags: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()

    def __add__(self, other: "Labels") -> "Labels":
        return Labels(_once(self.tags + other.tags), _once(self.lists + other.lists))


def _once(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def from_key(key: str) -> Labels:
    """The path segments `list=Name` and `tag=Name`: `incoming/list=Newsletter/tag=VIP/june.csv`."""
    folders = key.split("/")[:-1]
    return Labels(
        tags=_once(tuple(_after("tag=", folder) for folder in folders if _after("tag=", folder))),
        lists=_once(tuple(_after("list=", folder) for folder in folders if _after("list=", folder))),
    )


def from_metadata(metadata: Mapping[str, str]) -> Labels:
    """The object metadata `list` and `tags`, comma-separated.

    S3 metadata is ASCII on the wire: other letters, and a comma inside a name, come percent-encoded.
    """
    return Labels(
        tags=_split(metadata.get("tags", "") + "," + metadata.get("tag", "")),
        lists=_split(metadata.get("list", "") + "," + metadata.get("lists", "")),
    )


def _after(prefix: str, folder: str) -> str:
    return folder[len(prefix) :].strip() if folder.lower().startswith(prefix) else ""


def _split(text: str) -> tuple[str, ...]:
    return _once(tuple(name for part in text.split(",") if (name := unquote(part).strip())))
