import json

from hypothesis import given
from hypothesis import strategies as st

from contact_import.domain.outcomes import Accepted, Caution, Outcome, Status
from contact_import.files.csv_rows import Row
from contact_import.ledger.leases import Sealed
from contact_import.ledger.records import Part, claim_from_bytes, claim_to_bytes
from contact_import.reports.csv_files import AcceptedSheet, abridging
from contact_import.sending.deliver import Delivery

HEADER = ("Name", "Mobile")
ABRIDGED = abridging(HEADER)
CAUTION = Caution("birthday", "not a date")
texts = st.text(st.characters(codec=None), max_size=8)  # lone surrogates as well: a broken export can hold one


def _there_and_back(part: Part) -> Part:
    record = claim_from_bytes(claim_to_bytes(Sealed("nonce", part)))
    assert isinstance(record, Sealed)
    assert isinstance(record.outcomes, Part)
    return record.outcomes


@given(st.lists(st.tuples(st.lists(texts, max_size=4), st.sampled_from(Status), st.booleans()), max_size=12))
def test_an_abridged_part_has_each_row_once_and_gives_the_same_sheet(
    rows: list[tuple[list[str], Status, bool]],
) -> None:
    outcomes = tuple(
        Outcome(Row(number, tuple(cells)), status, "", (CAUTION,) if has_lost else ())
        for number, (cells, status, has_lost) in enumerate(rows, start=2)
    )
    whole: list[str] = []
    kept: list[str] = []

    part = _there_and_back(ABRIDGED(Part(1, 1, Delivery(outcomes, {}))))
    AcceptedSheet(whole.append, HEADER).take_all(outcomes)
    AcceptedSheet(kept.append, HEADER).take_all(part.delivery.outcomes, [part.accepted])

    others = [one.row.number for one in part.delivery.outcomes]
    assert sorted([*part.accepted.numbers, *others]) == [one.row.number for one in outcomes]
    assert set(part.delivery.outcomes) <= set(outcomes)
    assert all(one.cautions or one.status is not Status.ACCEPTED for one in part.delivery.outcomes)
    assert "".join(kept) == "".join(whole)


def test_what_a_later_run_goes_on_with_is_kept_whole() -> None:
    outcomes = (Outcome(Row(2, ("a",)), Status.ACCEPTED), Outcome(Row(3, ("b",)), Status.UNSENT, "no answer"))
    part = Part(1, 1, Delivery(outcomes, {}, again=(3,)))

    assert ABRIDGED(part) == part
    assert _there_and_back(part) == part


def test_what_an_earlier_version_sealed_is_read() -> None:
    outcomes = (Outcome(Row(2, ("a",)), Status.ACCEPTED),)
    body = json.loads(claim_to_bytes(Sealed("nonce", Part(1, 1, Delivery(outcomes, {})))))
    del body["sealed"]["accepted"]

    record = claim_from_bytes(json.dumps(body).encode())

    assert record == Sealed("nonce", Part(1, 1, Delivery(outcomes, {}), Accepted()))
