"""Find the definitions of a form's fields beside the answers, under `definition`, `schema` or `FieldStructure`.

Answers name a field by its id only (`{"input_7": "0491 570 006"}`); the definition has its title, `Your mobile`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from contact_import.webhooks.extraction.answer_shapes import find_answer_key, find_kind
from contact_import.webhooks.extraction.json_value import JsonValue, normalize_key, parse_embedded

_TITLE_KEYS = ("title", "label", "headline", "fieldname", "name")
_DEFINITION_KEYS = ("definition", "schema", "fieldstructure", "fielddefinitions", "questions")


@dataclass(frozen=True, slots=True)
class FieldDefinitions:
    """The title and the declared type of each field, by the field's id, ref or key."""

    fields: Mapping[str, tuple[str, str]] = MappingProxyType({})

    def describe(self, names: tuple[str, ...], kind: str, keys: tuple[str, ...] = ()) -> tuple[tuple[str, ...], str]:
        """Return the names with the title of the field in front, and its declared type if `kind` is empty.

        The first of `names` and `keys` that is the id of a field counts. Without one, return both unchanged.
        """
        for name in (*names, *keys):
            if name in self.fields:
                title, declared = self.fields[name]
                return tuple(dict.fromkeys((title, *names))), kind or declared
        return names, kind


def find_definitions(tree: JsonValue) -> FieldDefinitions:
    """Return the definitions of all fields in a body, wherever in its objects they are."""
    return FieldDefinitions(dict(_find_definitions(tree)))


def _find_definitions(node: JsonValue) -> Iterator[tuple[str, tuple[str, str]]]:
    if isinstance(node, dict):
        for key, value in node.items():
            if normalize_key(key) in _DEFINITION_KEYS:
                form = parse_embedded(value) if isinstance(value, str) else value
                yield from _walk_definitions(form, "", "")
            elif isinstance(value, dict):
                yield from _find_definitions(value)


def _walk_definitions(node: JsonValue, outer_title: str, outer_kind: str) -> Iterator[tuple[str, tuple[str, str]]]:
    if isinstance(node, list):
        for one in node:
            yield from _walk_definitions(one, outer_title, outer_kind)
    elif isinstance(node, dict):
        lower = {key.lower(): value for key, value in node.items()}
        own_title = next((text for key in _TITLE_KEYS if (text := _find_title(lower.get(key)))), "")
        title, kind = f"{outer_title} {own_title}".strip(), find_kind(node) or outer_kind
        # `questions` may be the answers themselves, which define nothing.
        if not find_answer_key(node):
            for key in ("id", "ref", "key", "fieldname"):
                if title and isinstance(name := lower.get(key), str):
                    yield name, (title, kind)
        # The parts of a name may be titled `First` and `Last` only: the field's title goes in front.
        subfields_title, subfields_kind = (title, kind if title else "") if "subfields" in lower else ("", "")
        for value in node.values():
            if isinstance(value, dict | list):
                yield from _walk_definitions(value, subfields_title, subfields_kind)


def _find_title(value: JsonValue) -> str:
    """Return a title, in the first of several languages ({"default": …, "de": …})."""
    texts = [value] if isinstance(value, str) else list(value.values())[:1] if isinstance(value, dict) else []
    return next((text for text in texts if isinstance(text, str)), "")
