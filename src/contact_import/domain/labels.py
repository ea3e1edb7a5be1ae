"""Parse and write tags and lists: labels that Cellcast adds to every contact of one request."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

_MAX_NAME_CHARS = 1024  # S3 keys have at most 1,024 bytes: no name from a folder is longer


@dataclass(frozen=True, slots=True, order=True)
class Labels:
    """Names of tags and lists, each once, in the order of their first use. `+` joins two sets of labels."""

    tags: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()

    def __add__(self, other: "Labels") -> "Labels":
        return Labels(_deduplicate(self.tags + other.tags), _deduplicate(self.lists + other.lists))


def _deduplicate(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def parse_key_labels(key: str) -> Labels:
    """Parse the folders `list=Name` and `tag=Name` of an object key: `incoming/list=Newsletter/tag=VIP/june.csv`."""
    folders = key.split("/")[:-1]
    return Labels(tags=_parse_folders("tag=", folders), lists=_parse_folders("list=", folders))


def parse_metadata_labels(metadata: Mapping[str, str]) -> Labels:
    """Parse the object metadata `list` and `tags` (also `lists` and `tag`), comma-separated.

    S3 metadata is ASCII (docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html): other letters, and a comma
    inside a name, are percent-encoded.
    """
    return Labels(
        tags=_split_names(metadata.get("tags", "") + "," + metadata.get("tag", "")),
        lists=_split_names(metadata.get("list", "") + "," + metadata.get("lists", "")),
    )


def format_names(names: Iterable[str]) -> str:
    """Return names as one cell that `parse_names` reads back: `Newsletter, VIP`."""
    return ", ".join("".join(map(_escape_separator, name)) for name in names)


def parse_names(cell: str) -> tuple[str, ...]:
    """Parse the names of a cell that `format_names` wrote and a person may have edited.

    A semicolon separates names, too. Names of more than 1,024 characters are dropped.
    """
    return tuple(name for name in _split_names(cell.replace(";", ",")) if len(name) <= _MAX_NAME_CHARS)


def _escape_separator(letter: str) -> str:
    return quote(letter, safe="") if letter in "%,;" or not letter.isprintable() else letter


def _parse_folders(prefix: str, folders: Iterable[str]) -> tuple[str, ...]:
    names = (folder[len(prefix) :].strip() for folder in folders if folder.lower().startswith(prefix))
    return _deduplicate(tuple(name for name in names if name))


def _split_names(text: str) -> tuple[str, ...]:
    return _deduplicate(tuple(name for part in text.split(",") if (name := unquote(part).strip())))
