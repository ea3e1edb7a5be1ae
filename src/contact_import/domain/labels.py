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
        return Labels(_deduplicate(self.tags + other.tags), _deduplicate(self.lists + other.lists))


def _deduplicate(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def parse_key_labels(key: str) -> Labels:
    """The path segments `list=Name` and `tag=Name`: `incoming/list=Newsletter/tag=VIP/june.csv`."""
    folders = key.split("/")[:-1]
    return Labels(
        tags=_deduplicate(tuple(_read_label("tag=", folder) for folder in folders if _read_label("tag=", folder))),
        lists=_deduplicate(tuple(_read_label("list=", folder) for folder in folders if _read_label("list=", folder))),
    )


def parse_metadata_labels(metadata: Mapping[str, str]) -> Labels:
    """The object metadata `list` and `tags`, comma-separated.

    S3 metadata is ASCII on the wire: other letters, and a comma inside a name, come percent-encoded.
    """
    return Labels(
        tags=_split_names(metadata.get("tags", "") + "," + metadata.get("tag", "")),
        lists=_split_names(metadata.get("list", "") + "," + metadata.get("lists", "")),
    )


def _read_label(prefix: str, folder: str) -> str:
    return folder[len(prefix) :].strip() if folder.lower().startswith(prefix) else ""


def _split_names(text: str) -> tuple[str, ...]:
    return _deduplicate(tuple(name for part in text.split(",") if (name := unquote(part).strip())))
