"""Parse the common parts of the API's JSON bodies: keys, labels, flags and the callback."""

import json
from collections.abc import Iterable, Mapping, Sequence

from contact_import.callbacks.callback_url import parse_callback_url
from contact_import.domain.labels import Labels
from contact_import.errors import BodyContentError
from contact_import.fields.text import split_labels
from contact_import.webhooks.extraction.json_value import JsonValue

_MAX_NAMED_KEYS = 5  # of the unknown ones
_MAX_KEY_CHARS = 40
_NOT_A_FLAG = '"{}" must be true or false.'
_NOT_A_CALLBACK = (
    '"callback_url" must be an https address with a host name, such as "https://example.com/imported": no IP address, '
    "no password and no fragment, at most 2,000 characters."
)
_NOT_LABELS = '"{}" must be an array of texts.'


def check_keys(body: Mapping[str, JsonValue], keys: Sequence[str]) -> None:
    """Raise BodyContentError for a body with a key that is not one of `keys`.

    The sentence names the first unknown keys, each with the known key that is most similar, and all known keys.
    """
    unknown = [key for key in body if key not in keys]
    if not unknown:
        return
    from difflib import get_close_matches  # noqa: PLC0415  only for an error

    named = []
    for key in unknown[:_MAX_NAMED_KEYS]:
        quoted = json.dumps(key[:_MAX_KEY_CHARS], ensure_ascii=False)
        near = get_close_matches(key[:_MAX_KEY_CHARS].lower().replace("-", "_").replace("dryrun", "dry_run"), keys, 1)
        named.append(f'{quoted} (did you mean "{near[0]}"?)' if near else quoted)
    more = f" and {len(unknown) - _MAX_NAMED_KEYS} more" if len(unknown) > _MAX_NAMED_KEYS else ""
    word = "keys" if len(unknown) > 1 else "key"
    raise BodyContentError(f"Unknown {word}: {', '.join(named)}{more}. The keys of the body are {', '.join(keys)}.")


def parse_flag(body: Mapping[str, JsonValue], key: str) -> bool:
    """Return a flag of a body, False without one. Raise BodyContentError for a value that is not a boolean."""
    value = body.get(key, False)
    if not isinstance(value, bool):
        raise BodyContentError(_NOT_A_FLAG.format(key))
    return value


def parse_callback(body: Mapping[str, JsonValue], *, allow_loopback: bool) -> str:
    """Return the address under `callback_url`, "" without one. Raise BodyContentError if it may not be called.

    Its host is resolved at the time of the call, which is made only to a public IP address.
    """
    value = body.get("callback_url")
    if value is None:
        return ""
    if not isinstance(value, str) or parse_callback_url(value, allow_loopback=allow_loopback) is None:
        raise BodyContentError(_NOT_A_CALLBACK)
    return value


def parse_labels(body: Mapping[str, JsonValue]) -> Labels:
    """Return the names under `tags` and `list`: an array of texts each, or one text with commas or semicolons.

    Raise BodyContentError for any other value; null gives no names.
    """
    return Labels(_parse_label_names(body, "tags"), _parse_label_names(body, "list"))


def _parse_label_names(body: Mapping[str, JsonValue], key: str) -> tuple[str, ...]:
    value = body.get(key)
    names = [] if value is None else value if isinstance(value, list) else [value]
    return split_labels(_check_texts(names, key))


def _check_texts(values: Iterable[JsonValue], key: str) -> Iterable[str]:
    for value in values:
        if not isinstance(value, str):
            raise BodyContentError(_NOT_LABELS.format(key))
        yield value
