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
    calls = _measure_steady_rate(RateRecord(), limit)
    beside_deliveries = _measure_steady_rate(RateRecord(next_interactive_at=100.0), limit)

    assert f"{calls:.1f} x {contacts} = {calls * contacts:,.0f} contacts a second" in TEXT.replace(
        "\N{MULTIPLICATION SIGN}", "x"
    )
    assert f"Files use {calls:.1f}, or {beside_deliveries:.1f} while deliveries come" in " ".join(TEXT.split())


def _measure_steady_rate(record: RateRecord, limit: float) -> float:
    _, (first, second) = reserve_calls(record, 100.0, 2, calls_per_second=limit, is_interactive=False)
    return 1 / (second - first)


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


def test_what_an_idle_stack_costs_is_counted_from_the_template() -> None:
    resources = read_template()["Resources"]
    alarms = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::CloudWatch::Alarm"]
    metrics = sum(sum("MetricStat" in query for query in one.get("Metrics", [{"MetricStat": {}}])) for one in alarms)
    polled = sum("RedrivePolicy" in one.get("Properties", {}) for one in resources.values())
    secrets = 2 + sum(one["Type"] == "AWS::SecretsManager::Secret" for one in resources.values())
    words = TEXT.replace("\n", " ")

    assert f"{len(alarms)} alarms with {metrics} metrics ${metrics / 10:.2f}, " in words
    assert (polled, secrets) == (4, 4)
    assert f"four secrets ${secrets * 0.4:.2f}, four queues polled" in words


def test_what_snapstart_would_cost_is_computed_from_the_memory_of_the_function() -> None:
    template = read_template()
    function = template["Resources"]["WebhookFunction"]["Properties"]
    gigabytes = function.get("MemorySize", template["Globals"]["Function"]["MemorySize"]) / 1024
    page = (Path(__file__).parents[2] / "docs" / "performance.md").read_text("utf-8")

    assert f"a snapshot of {gigabytes:.2f} GB" in page
    assert f"${round(gigabytes * 30 * 86_400 * 0.0000015046 * 20) / 20:.2f} a month" in page  # to five cents
    assert f"${gigabytes * 1000 * 0.0001397998:.2f} a thousand" in page
    assert "SnapStart" not in function
