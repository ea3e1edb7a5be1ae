"""Find the header among the first rows."""

import pytest

from contact_import.columns.detect import detect_columns
from contact_import.domain.roles import Role
from tests.unit.columns.column_reader import list_headers, parse_rows


@pytest.mark.parametrize(
    ("file", "line", "skip"),
    [
        ("Customer list June 2026\n\nName,Mobile\nAda,0491 570 006", 3, 2),
        ("Report,,\nCreated by,bo@example.com,\nName,Mobile,Suburb\nAda,0491 570 006,Perth", 3, 3),
        ("Contact list,,\n,,\nName,Mobile,Suburb\nAda,0491 570 006,Perth", 3, 2),
        ("Please check each mobile number before you call\nName,Mobile\nAda,0491 570 006", 2, 2),
        ("Name,Mobile\nNAME,MOBILE\nAda,0491 570 006", 1, 2),
        ("姓名,电话\n王 小明,0491 570 006", 1, 1),
        ("Name,Mobile\n,\nAda,", 1, 1),
        ("Contact list\n姓名,电话\n王 小明,0491 570 006", 2, 2),
        ("Numbers\n0491 570 006", 1, 1),
        ("Name,Mobile,Email\nName,Mobile,email@example.com", 1, 1),
        ("Name,Mobile (0400 000 000)\nAda,0491 570 006", 1, 1),
    ],
)
def test_the_header_is_found_below_a_title(file: str, line: int, skip: int) -> None:
    columns, skipped = detect_columns(parse_rows(file))

    assert (columns.header_line, skipped) == (line, skip)
    assert Role.PHONE in columns.role_indexes


@pytest.mark.parametrize(
    "file",
    [
        "Ada,Moss,0491 570 006,ada@example.com",
        "Ada,Moss,0491 570 006\nBo,Lee,0491 570 156",
        "Ada,Client,0491 570 006\nBo,Client,\nCy,Client,0491 570 157",
        "Ada,Moss,0491 570 006\nFirst,Last,\nMobile,Phone,",
        "Ada,Moss,\nBo,Lee,0491 570 156",
        "Ada,Mobile,\nBo,Mobile,0491 570 156",
        "Ada,Client,\nBo,Guest,0491 570 156",
        "0491 570 006\n0491 570 156",
        "0491 570 006,Ada\nMobile,Name",
        "Mobile Mary,0491 570 006\nBo,0491 570 156",
    ],
)
def test_no_person_is_taken_for_a_header(file: str) -> None:
    columns, skip = detect_columns(parse_rows(file))

    assert (columns.header_line, skip) == (None, 0)
    assert Role.PHONE in columns.role_indexes
    assert all(cell not in "".join(columns.header) for cell in ("Ada", "0491"))
    assert [warning.reason for warning in columns.warnings] == [
        "the file has no header: its columns were recognised by their values"
    ]


SURVEY = "Respondent ID,Collector ID,Start Date,Email Address,First Name,"


@pytest.mark.parametrize(
    ("lines", "skip", "phone", "name"),
    [
        (
            [
                f"{SURVEY}What is your name?,Your mobile number?,Why did you come?,",
                ",,,,,Open-Ended Response,Open-Ended Response,Response,Other (please specify)",
                "1001,77,05/03/2026,,,Ann Moss,0491570006,Friends,",
            ],
            2,
            ["Your mobile number?"],
            ["What is your name?"],
        ),
        (
            [
                f"{SURVEY}Your details,,,Reach you by,",
                ",,,,,Name,Phone Number,City/Town,Phone,Email",
                "1001,77,05/03/2026,,,Ann Moss,0491570006,Perth,Phone,",
                "1002,77,05/03/2026,,,Bob Lee,0491570156,Perth,,Email",
            ],
            2,
            ["Phone Number"],
            ["Name"],
        ),
        (
            [
                "StartDate,Q1,Q2",
                "Start Date,What is your name?,Your mobile number?",
                '"{""ImportId"":""startDate""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"',
                "2026-03-05,Ann Moss,0491570006",
            ],
            3,
            ["Your mobile number?"],
            ["What is your name?"],
        ),
    ],
)
def test_the_second_line_of_a_surveys_header_is_no_person(
    lines: list[str], skip: int, phone: list[str], name: list[str]
) -> None:
    columns, skipped = detect_columns(parse_rows("\n".join(lines)))

    assert (skipped, list_headers(columns, Role.PHONE), list_headers(columns, Role.FULL_NAME)) == (skip, phone, name)


@pytest.mark.parametrize(
    "second",
    [
        ",,,,,Ann Moss,",  # somebody without a number is a row that fails
        "1001,77,,,,Response,",
        ",,,,,Response,0491570006",
    ],
)
def test_a_row_that_may_be_a_person_is_no_second_line_of_a_header(second: str) -> None:
    _, skip = detect_columns(
        parse_rows(f"{SURVEY}What is your name?,Your mobile number?\n{second}\n1002,77,,,,Bob,0491570156")
    )

    assert skip == 1
