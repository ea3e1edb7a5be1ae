"""Compact a batch's outcomes: an accepted row is stored as its line of accepted.csv.

Nearly every row is accepted without a warning, and nothing remains to be done with it but to write it to accepted.csv.
As an outcome with its cells in JSON, each such row was serialized, parsed and formatted again, which cost more than a
quarter of an import's CPU time (docs/decisions/0020, docs/performance.md). The ledger therefore stores its row number
and its finished line. The format of a line is the caller's: see `format_rows`.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.sending.deliver import BatchResult


class AcceptedLines(NamedTuple):
    """Accepted rows without a warning: their numbers, and their lines of accepted.csv, in the same order."""

    row_numbers: tuple[int, ...] = ()
    lines: tuple[str, ...] = ()


type Compactor = Callable[[BatchResult], tuple[BatchResult, AcceptedLines]]


def build_compactor(format_rows: Callable[[Sequence[Row]], list[str]]) -> Compactor:
    """Return a function that moves the accepted rows of a result into lines.

    `format_rows` returns one line for each row. A row with a warning keeps its outcome, because the report names the
    warning.
    """

    def compact(result: BatchResult) -> tuple[BatchResult, AcceptedLines]:
        # A partial result keeps all its outcomes, because a later run sends the rest of the batch.
        if result.retry_rows:
            return result, AcceptedLines()
        plain_rows: list[Row] = []
        others: list[Outcome] = []
        for outcome in result.outcomes:
            if outcome.status is Status.ACCEPTED and not outcome.warnings:
                plain_rows.append(outcome.row)
            else:
                others.append(outcome)
        accepted = AcceptedLines(tuple(row.number for row in plain_rows), tuple(format_rows(plain_rows)))
        return replace(result, outcomes=tuple(others)), accepted

    return compact


def keep_outcomes(result: BatchResult) -> tuple[BatchResult, AcceptedLines]:
    """Return the result unchanged, without lines: for imports in which few rows are accepted, such as a dry run's."""
    return result, AcceptedLines()
