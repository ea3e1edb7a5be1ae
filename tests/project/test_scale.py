"""docs/scale.md does its arithmetic with what is deployed."""

from pathlib import Path

import pytest

from contact_import.cellcast.account_rate import RateRecord, reserve_calls
from contact_import.handlers.plan import RESERVE_SECONDS
from contact_import.pipelines.large_file.plan import UNIT_GROUPS
from contact_import.sending.batches import COMMIT_GROUP_BATCHES
from local.aws.template import read_template

TEXT = (Path(__file__).parents[2] / "docs" / "scale.md").read_text("utf-8")


def test_the_contacts_a_second_are_those_of_the_template() -> None:
    template = read_template()
    limit = float(template["Parameters"]["AccountCallsPerSecond"]["Default"])
    contacts = int(template["Globals"]["Function"]["Environment"]["Variables"]["BATCH_MAX_CONTACTS"])
    _, (first, second) = reserve_calls(RateRecord(), 0.0, 2, calls_per_second=limit, is_interactive=False)
    calls = 1 / (second - first)

    assert f"{calls:.1f} x {contacts} = {calls * contacts:,.0f} contacts a second" in TEXT.replace(
        "\N{MULTIPLICATION SIGN}", "x"
    )


def test_a_unit_is_as_large_as_the_page_says() -> None:
    assert f"one unit of the plan ({UNIT_GROUPS * COMMIT_GROUP_BATCHES * 400:,} contacts" in " ".join(TEXT.split())


@pytest.mark.parametrize("millions", [20, 50, 100])
def test_the_invocations_of_planning_are_those_of_the_page(millions: int) -> None:
    rows, planned, skipping, invocations = millions * 10**6, 0.0, 0.0, 0
    while planned < rows:
        invocations += 1
        skipping += planned / 360_000
        planned += 27_600 * (900 - RESERVE_SECONDS - planned / 360_000)
    planning = rows / 27_600

    told = f"| {millions} million | {invocations} | {planning:,.0f} | {round(skipping / 5) * 5:,} |"
    assert f"{told} {(planning + skipping) / 60:.0f} minutes |" in TEXT
