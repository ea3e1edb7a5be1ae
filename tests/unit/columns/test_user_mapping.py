import json
from collections.abc import Mapping
from typing import Any

import pytest

from contact_import.columns.detect import Columns, detect_columns
from contact_import.columns.user_mapping import parse_mapping
from contact_import.domain.roles import Role
from contact_import.errors import FileError
from contact_import.files.csv_rows import Dialect, read_rows
from contact_import.pipelines.column_mapping import build_mapping
from tests.unit.columns.column_reader import map_fields


def _detect(text: str, mapping: Mapping[str, Any] | None = None) -> Columns:
    user_mapping = parse_mapping(json.dumps(mapping).encode(), "mapping.json") if mapping is not None else None
    return detect_columns(list(read_rows(text.splitlines(keepends=True), Dialect())), mapping=user_mapping)[0]


def test_what_was_mapped_beats_the_headers_and_the_values() -> None:
    file = "Kundennummer,Handy,Telefon\n0491570006,0491570156,0491570157\n"

    columns = _detect(file, {"Kundennummer": None, "Handy": None, "Telefon": "phone_number"})

    assert map_fields(columns) == {"Kundennummer": None, "Handy": None, "Telefon": "phone_number"}
    assert columns.warnings == ()


def test_a_field_that_is_mapped_comes_from_those_columns_alone_in_that_order() -> None:
    file = "Name,Mobile,Second,First\nAnn Lee,0491570006,0491570156,0491570157\n"

    columns = _detect(file, {"First": "phone_number", "Second": "phone_number"})

    assert columns.role_indexes[Role.PHONE] == (3, 2)
    assert map_fields(columns)["Mobile"] is None
    assert map_fields(columns)["Name"] == "name"


def test_a_whole_name_that_is_mapped_puts_a_guessed_first_name_aside() -> None:
    columns = _detect("Kontakt,First name,Mobile\nAnn Lee,x,0491570006\n", {"Kontakt": "name"})

    assert map_fields(columns) == {"Kontakt": "name", "First name": None, "Mobile": "phone_number"}


def test_a_guessed_no_to_sms_stays_beside_a_consent_that_is_mapped() -> None:
    columns = _detect("Mobile,OK?,Do not contact\n0491570006,yes,yes\n", {"OK?": "consent"})

    assert columns.role_indexes[Role.CONSENT] == (1,)
    assert columns.role_indexes[Role.OPT_OUT] == (2,)


@pytest.mark.parametrize("key", ["Téléphone", "telephone", " TÉLÉPHONE ", "Telephone:"])
def test_a_header_is_found_as_headers_are_compared(key: str) -> None:
    columns = _detect("Nom,Téléphone\nX,0491570006\n", {key: None, "Nom": "phone_number"})

    assert map_fields(columns) == {"Nom": "phone_number", "Téléphone": None}


def test_the_header_is_the_row_that_has_the_mapped_names() -> None:
    file = "Contact list,2026\nqq,ww\nAnn,0491570006\n"

    columns = _detect(file, {"qq": "first_name", "ww": "phone_number"})

    assert columns.header_line == 2
    assert map_fields(columns) == {"qq": "first_name", "ww": "phone_number"}


def test_columns_without_a_distinct_name_are_named_by_their_place() -> None:
    nameless = _detect("Ann,0491570006,0491570156\n", {"column 1": "last_name", "column 3": "phone_number"})
    twice = _detect("Phone,Phone\n0491570006,0491570156\n", {"column 1": None, "column 2": "phone_number"})

    assert (nameless.role_indexes[Role.LAST_NAME], nameless.role_indexes[Role.PHONE]) == ((0,), (2,))
    assert twice.role_indexes[Role.PHONE] == (1,)


def test_a_column_that_is_not_there_is_named() -> None:
    columns = _detect("Name,Mobile\nAnn,0491570006\n", {"Surnam": "last_name", "Notes": None})

    assert [warning.reason for warning in columns.warnings] == [
        "mapping.json names a column that the file does not have: 'Surnam'",
        "mapping.json names a column that the file does not have: 'Notes'",
    ]


@pytest.mark.parametrize("field", ["phone_number", "consent", "opt_out"])
def test_nothing_is_guessed_in_place_of_a_mapped_column_that_decides(field: str) -> None:
    with pytest.raises(FileError, match=f"'Handy2' to {field}, .* Its columns: Name, Mobile"):
        _detect("Name,Mobile\nAnn,0491570006\n", {"Handy2": field})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "is not valid JSON"),
        (b"Handy;phone_number", "is not valid JSON"),
        (b'\xff{"a": null}', "is not valid JSON"),
        (b"[" * 100_000, "is not valid JSON"),
        (b'["Handy"]', "is not a JSON object"),
        (b'{"Handy": "mobile"}', "'Handy' to 'mobile', which is not a field. Fields: name, phone_number"),
        (b'{"Handy": {"field": "phone_number"}}', "'Handy' to a value that is not text"),
        (b'{"Status": {"consent": {"Pending": "perhaps"}}}', "no valid meaning of values for the column 'Status'"),
        (b'{"consent": {"Pending": 7}}', "no valid meaning of values for the column 'consent'"),
        (b'{"Handy": "phone_number", "Handy": null}', "'Handy' twice"),
        (b"{" + b" " * 262_144 + b"}", "larger than 256 KiB"),
    ],
)
def test_what_is_no_mapping_is_reported_in_a_sentence(body: bytes, words: str) -> None:
    with pytest.raises(FileError, match=f"^incoming/mapping.json .*{words}"):
        parse_mapping(body, "incoming/mapping.json")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_mapping_as_an_editor_on_windows_saves_it_is_read(encoding: str) -> None:
    assert parse_mapping('{"Größe": null, "Handy": " Phone_Number"}'.encode(encoding), "m").roles == {
        "Größe": None,
        "Handy": Role.PHONE,
    }


@pytest.mark.parametrize(
    "file",
    [
        "First name,Surname,Mobile,Work phone,Notes\nAnn,Lee,0491570006,0491570156,x\n",
        "Name,Mobile,Phone,Postal Code,Street,City,Country\nA B,0491570006,0491570156,2000,1 High St,Perth,Australia\n",
        "Email / Phone,Mr/Ms,Subscription status\n0491570006,Mr,subscribed\n",
        "Phone,Phone,Birth year,Birth month,Birth day\n0491570006,0491570156,1990,5,14\n",
        "Ann,Lee,0491570006,x@example.com\n",
    ],
)
def test_the_mapping_of_what_was_understood_is_understood_the_same(file: str) -> None:
    inferred = _detect(file)

    mapped = _detect(file, build_mapping(inferred))

    assert mapped.role_indexes == inferred.role_indexes
    assert list(map_fields(mapped).values()) == list(map_fields(inferred).values())


_CONSENT_FILE = "Mobile,SMS consent,Level\n0491570006,Pending,Guest\n0491570156,Yes,Member\n"


@pytest.mark.parametrize(
    ("mapping", "values"),
    [
        ('{"SMS consent": {"consent": {"Pending": "no", "OK then": "yes"}}}', {1: {"pending": "no", "ok then": "yes"}}),
        ('{"Level": {"consent": {"guest": false, "Member": true}}}', {1: {}, 2: {"guest": "no", "member": "yes"}}),
        ('{"consent": {"Pending": null}}', {1: {"pending": "silent"}}),
        (
            '{"consent": {"x": "no"}, "Level": {"field": "opt_out", "consent": {"Guest": "no"}}}',
            {1: {"x": "no"}, 2: {"x": "no", "guest": "no"}},
        ),
    ],
)
def test_a_mapping_says_what_values_of_consent_mean(mapping: str, values: dict[int, dict[str, str]]) -> None:
    columns = _detect(_CONSENT_FILE, json.loads(mapping))

    assert columns.consent_values == values
    again = _detect(_CONSENT_FILE, build_mapping(columns))
    assert {index: dict(one) for index, one in again.consent_values.items() if one} == {
        index: one for index, one in values.items() if one
    }
