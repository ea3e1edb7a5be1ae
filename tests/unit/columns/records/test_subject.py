"""Choose the record of the contact, and the records that may fill its gaps."""

import pytest

from contact_import.columns.records.owner import Standing
from contact_import.columns.records.subject import Record, choose_subject, find_lenders


def _record(key: str, standing: Standing, *, name: str = "", email: str = "", phone: bool = False) -> Record[str]:
    names, emails = (frozenset({value}) if value else frozenset[str]() for value in (name, email))
    return Record(key, standing, names, emails, phone)


ANN = _record("ann", Standing.MAIN, name="ann")
ANN_WITH_PHONE = _record("ann", Standing.MAIN, name="ann", phone=True)
PARENT = _record("parent", Standing.RESPONSIBLE, name="bo", phone=True)
OTHER = _record("other", Standing.OTHER, name="cy", phone=True)
SECOND_OTHER = _record("second", Standing.OTHER, name="di", phone=True)
UNNAMED_RECIPIENT = _record("parcel", Standing.RECIPIENT, phone=True)
ADDRESS = _record("address", Standing.OTHER)


@pytest.mark.parametrize(
    ("records", "subject"),
    [
        ([PARENT, ANN_WITH_PHONE, OTHER], ANN_WITH_PHONE),
        ([ANN, OTHER], ANN),
        ([ANN, PARENT, OTHER], PARENT),
        ([ANN, UNNAMED_RECIPIENT], ANN),
        ([OTHER, ADDRESS], OTHER),
        ([OTHER, SECOND_OTHER], None),
        ([ADDRESS], None),
        ([], None),
    ],
)
def test_someone_else_is_the_contact_only_where_all_are(
    records: list[Record[str]], subject: Record[str] | None
) -> None:
    assert choose_subject(records) is subject


@pytest.mark.parametrize(
    ("record", "lends"),
    [
        (_record("r", Standing.SUBJECT, email="a@example.com"), True),
        (_record("r", Standing.SUBJECT, name="bo", email="a@example.com"), False),
        (_record("r", Standing.SUBJECT, phone=True), True),
        (_record("r", Standing.OTHER, phone=True), False),
        (_record("r", Standing.OTHER, name="ann", phone=True), True),
        (_record("r", Standing.PAYER, name="bo", phone=True), False),
    ],
)
def test_a_record_lends_to_the_same_person_or_names_no_one(record: Record[str], lends: bool) -> None:
    assert (record in find_lenders(ANN, [ANN, record])) == lends
