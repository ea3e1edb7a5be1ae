from dataclasses import replace
from datetime import UTC, datetime

import pytest

from contact_import.aws.events import Upload
from contact_import.cellcast.queries import QueryFailed
from contact_import.checks.account import Account
from contact_import.checks.arrival import VerificationResult
from contact_import.columns.detect import Column
from contact_import.domain.labels import Labels
from contact_import.files.table import ReadSummary
from contact_import.pipelines.import_state import ImportState
from tests.unit.ledger.test_ledger import CONFIG

LATER = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.fixture
def state() -> ImportState:
    return ImportState.from_upload(Upload("contacts", "incoming/a.csv", "etag"), LATER)


def test_a_later_run_reports_what_the_first_one_decided(state: ImportState) -> None:
    config = replace(CONFIG, labels=Labels(("VIP",)), mapping_source="metadata", messages=("one", "two"))

    state.apply_config(config)

    assert (state.started_at, state.labels, state.mapping_source) == (CONFIG.started_at, Labels(("VIP",)), "metadata")
    assert (state.phone_region, state.messages) == ("AU", ["one", "two"])


def test_an_account_that_could_not_be_read_is_a_message(state: ImportState) -> None:
    state.set_account(None)
    assert (state.account, state.messages) == (None, [])

    state.set_account(QueryFailed("no answer"))
    assert state.messages == ["The account could not be read: no answer."]

    state.set_account(Account("Shop"))
    assert state.account == Account("Shop")


def test_the_messages_of_a_verification_are_reported(state: ImportState) -> None:
    state.set_verification(VerificationResult(error="no answer"))

    assert state.messages == ["Arrival could not be verified: no answer."]


def test_an_import_that_stopped_fails_only_when_no_row_was_accepted(state: ImportState) -> None:
    state.set_stop_reason("no time", is_failure=False)

    assert state.find_error(has_rows=True, has_accepted_rows=True) == ""
    assert state.find_error(has_rows=True, has_accepted_rows=False) == "no time"


def test_the_first_error_is_the_one_that_is_reported(state: ImportState) -> None:
    state.reading = ReadSummary({}, (Column("Mobile", "phone_number"),), error="cut short")
    assert state.find_error(has_rows=True, has_accepted_rows=True) == "cut short"
    assert state.header == ("Mobile",)

    state.error = "no file"
    state.set_stop_reason("the key is denied", is_failure=True)
    assert state.find_error(has_rows=True, has_accepted_rows=True) == "no file"


@pytest.mark.parametrize(("source_kind", "fails"), [("s3", True), ("webhook", False)])
def test_a_file_with_nothing_below_its_header_fails_and_a_delivery_without_people_does_not(
    state: ImportState, source_kind: str, fails: bool
) -> None:
    state.identity = replace(state.identity, source_kind=source_kind)

    error = state.find_error(has_rows=False, has_accepted_rows=False)

    assert error.startswith("The file has a header and no rows below it.") is fails
    assert state.find_error(has_rows=True, has_accepted_rows=False) == ""
