"""One tree of plain values, and its limits."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.errors import BodyError
from contact_import.webhooks.extraction.json_value import (
    MAX_DEPTH,
    MAX_VALUES,
    check_size,
    group_repeated_names,
    normalize_key,
    parse_embedded,
    parse_json,
    to_mapping,
    to_text,
)

_CONTROLS = {"n": "\n", "t": "\t", "r": "\r"}
TREES = st.recursive(
    st.none() | st.booleans() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
)


@given(tree=TREES)
def test_json_without_numbers_comes_back_as_it_was_written(tree: object) -> None:
    assert parse_json(json.dumps(tree)) == tree


@given(tree=TREES)
def test_control_characters_may_be_in_strings_as_they_are(tree: object) -> None:
    """Templates paste what people wrote into JSON, newlines and tabs too."""
    written = re.sub(r"(?<!\\)((?:\\\\)*)\\([ntr])", lambda one: one[1] + _CONTROLS[one[2]], json.dumps(tree))

    assert parse_json(written) == tree


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_is_null(constant: str) -> None:
    assert parse_json(f'{{"a": {constant}, "b": "1"}}') == {"a": None, "b": "1"}


@pytest.mark.parametrize("text", ["", "{", "nan", '{"a": }', '{"a": "b" "c"}'])
def test_text_that_is_not_json_is_refused(text: str) -> None:
    with pytest.raises(BodyError):
        parse_json(text)


def test_a_tree_may_be_as_deep_and_as_large_as_the_limits() -> None:
    check_size(parse_json("[" * MAX_DEPTH + "]" * MAX_DEPTH))
    check_size(["x"] * (MAX_VALUES - 1))

    for text in ("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2), "[" + "1," * MAX_VALUES + "1]"):
        with pytest.raises(BodyError):
            parse_json(text)


def test_a_text_may_hold_a_tree() -> None:
    assert parse_embedded(' {"a": 1} ') == {"a": "1"}
    assert parse_embedded("first = Ada\nlast = Moss") == {"first": "Ada", "last": "Moss"}
    for plain in ("{a}", "[sic]", "a = b", "Ada\nMoss", "To whom it may = concern\nyes = no", ""):
        assert parse_embedded(plain) is None


def test_a_name_that_comes_twice_has_both_values() -> None:
    assert group_repeated_names([("a", "1"), ("b", "2"), ("a", ["3", "4"])]) == {"a": ["1", "3", "4"], "b": "2"}


def test_the_small_conversions() -> None:
    assert to_mapping(["a"]) == {}
    assert [to_text(value) for value in (True, False, "Yes")] == ["true", "false", "Yes"]
    assert {normalize_key(key) for key in ("phone_number", "PhoneNumber", "Phone number")} == {"phonenumber"}
