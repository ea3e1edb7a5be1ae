from contact_import.domain.outcomes import Outcome, RowWarning, Status
from contact_import.domain.row import Row
from contact_import.ledger.compaction import AcceptedLines
from contact_import.reports.counts import Counts


def _outcome(number: int, status: Status, reason: str = "", *warnings: RowWarning) -> Outcome:
    return Outcome(Row(number, ("x",)), status, reason, warnings)


def test_read_is_the_sum_of_the_others() -> None:
    counts = Counts()
    for number, status in enumerate(Status):
        counts.add(_outcome(number, status, "why"))

    rows = counts.build_rows()

    assert rows.pop("read") == sum(rows.values()) == len(Status)


def test_many_at_once_are_counted_as_one_after_the_other() -> None:
    warning = RowWarning("birthday", "not a date")
    outcomes = [
        _outcome(number, status, "why", *given) for number, status in enumerate(Status) for given in ((), (warning,))
    ]
    plain = [_outcome(number, Status.ACCEPTED) for number in (20, 21)]
    together, singly = Counts(), Counts()

    together.add_all(outcomes, [AcceptedLines((20,), ("x\r\n",)), AcceptedLines((21,), ("x\r\n",))])
    for outcome in outcomes + plain:
        singly.add(outcome)

    assert together == singly
    assert together.rows[Status.ACCEPTED] == 4


def test_duplicates_are_one_reason_though_each_names_its_row() -> None:
    counts = Counts()
    counts.add(_outcome(3, Status.DUPLICATE, "Mobile: same number as row 2"))
    counts.add(_outcome(4, Status.DUPLICATE, "Mobile: same number as row 3"))

    assert [reason["count"] for reason in counts.build_reasons()] == [2]


def test_a_warning_names_the_first_row_whatever_the_order() -> None:
    counts = Counts()
    warning = RowWarning("birthday", "not a date")
    counts.add(_outcome(9, Status.ACCEPTED, "", warning))
    counts.add(_outcome(7, Status.ACCEPTED, "", warning))

    assert list(counts.build_warnings()) == [{"field": "birthday", "reason": "not a date", "count": 2, "first_row": 7}]


def test_endless_reasons_do_not_fill_the_memory() -> None:
    counts = Counts()
    for number in range(2000):
        counts.add(_outcome(number, Status.REFUSED, f"word {number}"))

    reasons = counts.build_reasons()

    assert len(reasons) < 600
    assert sum(reason["count"] for reason in reasons) == 2000


def test_a_reason_names_its_first_five_rows_whatever_the_order_of_the_batches() -> None:
    counts = Counts()
    for number in (40, 20, 60, 10, 30, 50, 5):
        counts.add(_outcome(number, Status.REFUSED, "no"))

    assert [reason["first_rows"] for reason in counts.build_reasons()] == [[5, 10, 20, 30, 40]]
