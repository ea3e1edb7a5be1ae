"""docs/scale.md does its arithmetic with what is deployed."""

from pathlib import Path

from contact_import.pipelines.large_file.plan import UNIT_GROUPS
from contact_import.sending.batches import COMMIT_GROUP_BATCHES
from local.aws.state_machine import load_definition
from local.aws.template import read_template
from tests.conftest import STAGES, STATE_MACHINE_PATH

TEXT = (Path(__file__).parents[2] / "docs" / "scale.md").read_text("utf-8")


def test_the_contacts_a_second_are_those_of_the_template() -> None:
    template = read_template()
    calls = float(template["Parameters"]["CallsPerSecond"]["Default"])
    contacts = int(template["Globals"]["Function"]["Environment"]["Variables"]["BATCH_MAX_CONTACTS"])
    states = load_definition(STATE_MACHINE_PATH, {f"{name}FunctionArn": name for name in STAGES} | {"Partition": "aws"})
    at_once = states["States"]["Deliver all"]["MaxConcurrency"]

    told = f"{at_once} x {calls} x {contacts} = {at_once * calls * contacts:,.0f} contacts a second"
    assert told in TEXT.replace("\N{MULTIPLICATION SIGN}", "x")


def test_a_unit_is_as_large_as_the_page_says() -> None:
    assert f"one unit of the plan\n({UNIT_GROUPS * COMMIT_GROUP_BATCHES * 400:,} contacts" in TEXT
