"""The template holds together: translated as CloudFormation does it, and compared with the code."""

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from samtranslator.translator.transform import transform

from contact_import.settings import Settings
from local.wiring import read_template

ROOT = Path(__file__).parents[2]
TEMPLATE = read_template()
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
FUNCTIONS = {name: one for name, one in RESOURCES.items() if one["Type"] == "AWS::Serverless::Function"}


class _NoManagedPolicies:
    def load(self) -> dict[str, str]:
        return {}


def _translated() -> dict[str, Any]:
    """Plain CloudFormation, made offline: `sam validate` does not see what is wrong inside of it."""
    text = json.loads(json.dumps(TEMPLATE))
    for one in text["Resources"].values():
        if one["Type"] == "AWS::Serverless::Function":
            one["Properties"]["CodeUri"] = "s3://bucket/key"
    text["Globals"]["Function"].pop("CodeUri", None)
    translated: dict[str, Any] = transform(text, {}, _NoManagedPolicies())
    return translated


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-southeast-2")


def test_the_translated_template_has_nothing_that_cfn_lint_minds(tmp_path: Path) -> None:
    path = tmp_path / "translated.json"
    path.write_text(json.dumps(_translated()), "utf-8")

    lint = Path(sys.executable).parent / "cfn-lint"
    done = subprocess.run(
        [lint, "--regions", "ap-southeast-2", "--ignore-checks", "W3045", "--", path],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.stdout + done.stderr == ""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_handler_exists_and_runs_on_the_agreed_runtime(name: str) -> None:
    module, _, function = FUNCTIONS[name]["Properties"]["Handler"].rpartition(".")
    everywhere = TEMPLATE["Globals"]["Function"]

    assert callable(getattr(importlib.import_module(module), function))
    assert (everywhere["Runtime"], everywhere["Architectures"]) == ("python3.13", ["arm64"])


def test_every_setting_can_be_given_at_deployment() -> None:
    read = set(re.findall(r'"([A-Z_]{4,})"', (ROOT / "src" / "contact_import" / "settings.py").read_text("utf-8")))
    given = set(TEMPLATE["Globals"]["Function"]["Environment"]["Variables"])

    assert read - given == set()


def test_the_defaults_of_the_template_are_those_of_the_code() -> None:
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    defaults = {name: str(one["Default"]) for name, one in TEMPLATE["Parameters"].items() if "Default" in one}
    environment = {
        name: defaults.get(str(value.get("Ref")) if isinstance(value, dict) else "", "x")
        for name, value in variables.items()
    }

    settings = Settings.from_env(environment | {"BUCKET": "b", "CELLCAST_SECRET": "s"})

    assert settings == Settings(bucket="b", cellcast_secret="s")


def _statements() -> list[dict[str, Any]]:
    return [
        statement
        for one in _translated()["Resources"].values()
        if one["Type"] == "AWS::IAM::Role"
        for policy in one["Properties"].get("Policies", [])
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def test_no_function_may_do_more_than_it_must() -> None:
    assert _statements()
    for statement in _statements():
        actions = [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]
        assert statement["Effect"] == "Allow"
        assert not any("*" in action for action in actions)
        assert statement["Resource"] != "*"


def test_nobody_reads_the_bucket_from_outside_or_in_the_clear() -> None:
    bucket = RESOURCES["Bucket"]["Properties"]

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert any(
        rule.get("Prefix") == "work/" and rule["ExpirationInDays"] for rule in bucket["LifecycleConfiguration"]["Rules"]
    )
    policy = json.dumps(RESOURCES["BucketPolicy"]["Properties"]["PolicyDocument"])
    assert '"aws:SecureTransport": "false"' in policy


def test_the_calls_of_all_that_run_at_once_stay_below_cellcasts_fifteen() -> None:
    parameters = TEMPLATE["Parameters"]

    assert parameters["UploadConcurrency"]["Default"] * parameters["CallsPerSecond"]["Default"] <= 15


def test_what_fails_is_kept_and_logs_have_an_end() -> None:
    properties = RESOURCES["UploadFunction"]["Properties"]

    assert properties["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Type"] == "SQS"
    assert properties["Events"]["Dropped"]["Properties"]["DeadLetterConfig"]
    assert RESOURCES["UploadLog"]["Properties"]["RetentionInDays"]
    assert any(one["Type"] == "AWS::CloudWatch::Alarm" for one in RESOURCES.values())
