"""Make the outcomes of contacts, each with the row that its contact came from."""

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import repeat

from contact_import.contacts.validate import Contact
from contact_import.domain.outcomes import Outcome, Status


def make_outcomes(contacts: Sequence[Contact], status: Status, reason: str) -> list[Outcome]:
    """Return an outcome with this status and reason for each contact, in their order."""
    if not contacts:
        return []
    rows, _, _, warnings = zip(*contacts, strict=True)
    # `tuple.__new__` and not `Outcome._make`, which checks the length of each outcome: this runs for every row.
    return list(map(partial(tuple.__new__, Outcome), zip(rows, repeat(status), repeat(reason), warnings, strict=False)))


def assign_refusals_to_rows(contacts: Sequence[Contact], refused: Mapping[int, str]) -> list[Outcome]:
    """Return `refused` for the contacts that Cellcast names by their index in the request, `accepted` for the others.

    `contacts` are those of the request, in its order. `refused` maps an index, from 0, to Cellcast's reason: {1: "…"}
    refuses the second contact.
    """
    outcomes = make_outcomes(contacts, Status.ACCEPTED, "")
    for index, reason in refused.items():
        outcomes[index] = outcomes[index]._replace(status=Status.REFUSED, reason=reason)
    return outcomes
