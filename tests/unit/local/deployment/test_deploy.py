"""`make deploy`: what it checks before it asks AWS for anything, and what it says afterwards."""

import json
import os
from pathlib import Path

import boto3
import pytest
from moto.cloudformation.models import cloudformation_backends

from local.aws.template import read_template
from local.deployment import deploy
from local.deployment.account_check import DeploymentError, describe_concurrency, find_obstacle
from local.deployment.deploy import build_command, describe_stack, read_overrides

PARAMETERS = read_template()["Parameters"]
REGION = "ap-southeast-2"
OUTPUTS = {
    "UploadTo": "s3://b/incoming/",
    "ResultsIn": "s3://b/results/",
    "WebhookAddress": "https://a/hooks/SENDER",
    "ImportPage": "https://a/",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NotifyEmail", "ops@example.com"),
        ("NotifyEmail", ""),
        ("DefaultLists", "Newsletter, Spring Sale"),
        ("MobileOnly", "false"),
        ("CanaryContacts", "0"),
        ("AccountCallsPerSecond", "1.5"),
    ],
)
def test_a_parameter_is_passed_on(name: str, value: str) -> None:
    assert read_overrides([name], {name: value}, PARAMETERS) == {name: value}
    assert build_command("prod", {name: value})[-1] == f'{name}="{value}"'


def test_a_terminal_that_is_not_logged_in_hears_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "markting")

    assert deploy.main(["--check"]) == 1
    assert "The config profile (markting) could not be found. Log in first" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("NotifyMail", "ops@example.com", "NotifyMail is not a parameter. Parameters: CellcastSecretName, "),
        ("NotifyEmail", "ops", "NotifyEmail cannot be 'ops'. E-mail address to notify"),
        ("MobileOnly", "no", "MobileOnly cannot be 'no': it must be true or false. Set to false"),
        ("RetentionDays", "many", "RetentionDays cannot be 'many': it must be a number of at least 1. Number"),
        ("RetentionDays", "0", "RetentionDays cannot be '0': it must be a number of at least 1. Number of"),
        ("AccountCallsPerSecond", "15", "'15': it must be a number from 0.1 to 14. Requests a second"),
        ("DefaultTags", 'a "b"', "DefaultTags cannot be 'a \"b\"'. Tags for the contacts"),
    ],
)
def test_a_wrong_name_or_value_is_an_error_that_says_what_is_right(name: str, value: str, fault: str) -> None:
    with pytest.raises(DeploymentError) as error:
        read_overrides([name], {name: value}, PARAMETERS)

    assert fault in str(error.value)


def test_without_parameters_those_of_the_last_deployment_stay() -> None:
    assert build_command("prod", {}) == ["sam", "deploy", "--config-env", "prod"]


@pytest.mark.parametrize(
    ("limit", "sentence"), [(10, "as new accounts do"), (1000, "enough"), (None, "could not be read")]
)
def test_the_accounts_concurrency_is_said_in_a_sentence(limit: int | None, sentence: str) -> None:
    assert sentence in describe_concurrency(limit)


def test_the_end_says_where_files_and_webhooks_go() -> None:
    text = describe_stack(OUTPUTS, {"NotifyEmail": "ops@example.com"}, "contact-import")

    assert "Upload files to   s3://b/incoming/" in text
    assert "Webhook address   https://a/hooks/SENDER" in text
    assert "Import page       https://a/" in text
    assert "it takes about five minutes until AWS reports uploads" in text  # of a new bucket
    assert "ops@example.com" in text


@pytest.fixture
def aws(s3: object) -> None:
    """Make an account with the secret of the API key, and no stack."""
    boto3.client("secretsmanager", region_name=REGION).create_secret(Name="cellcast/api-key", SecretString="k")


@pytest.fixture
def sam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program on the PATH that notes its arguments, in place of SAM. Its status is in the file `status`."""
    program = tmp_path / "sam"
    (tmp_path / "status").write_text("0", "utf-8")
    program.write_text(
        f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {tmp_path}/arguments\nexit $(cat {tmp_path}/status)\n", "utf-8"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def _create_stack(name: str, status: str = "CREATE_COMPLETE") -> None:
    outputs = {key: {"Value": value} for key, value in OUTPUTS.items()}
    body = json.dumps({"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}, "Outputs": outputs})
    stack = boto3.client("cloudformation", region_name=REGION).create_stack(StackName=name, TemplateBody=body)
    cloudformation_backends["123456789012"][REGION].stacks[stack["StackId"]].status = status


def test_without_the_secret_nothing_is_deployed(s3: object, sam: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert deploy.main(["--check"]) == 1

    assert "aws secretsmanager create-secret --region ap-southeast-2 --name cellcast/api-key" in capsys.readouterr().err
    assert not (sam / "arguments").exists()


def test_the_account_and_its_concurrency_come_before_everything_else(
    s3: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy.main(["--check"]) == 1

    first, second = capsys.readouterr().out.splitlines()
    assert first == "Deploying contact-import to account 123456789012, region ap-southeast-2."
    assert "functions at the same time" in second or "concurrent executions" in second


def test_a_check_deploys_nothing(aws: None, sam: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert deploy.main(["--check"]) == 0

    assert "There is no secret cellcast/hooks yet" in capsys.readouterr().out
    assert not (sam / "arguments").exists()


@pytest.mark.parametrize("variables", [{}, {"AWS_PROFILE": "nowhere"}], ids=["no credentials", "no such profile"])
def test_without_credentials_the_error_says_to_log_in(
    variables: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert deploy.main(["--check"]) == 1

    assert "Log in first, for example with: aws sso login" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        ("ROLLBACK_COMPLETE", "aws cloudformation delete-stack --region ap-southeast-2 --stack-name contact-import"),
        ("ROLLBACK_FAILED", "was not created (ROLLBACK_FAILED). Delete what is left of it, then deploy again"),
        ("UPDATE_ROLLBACK_FAILED", "aws cloudformation continue-update-rollback"),
        ("UPDATE_IN_PROGRESS", "Another deployment of contact-import is in progress (UPDATE_IN_PROGRESS)."),
    ],
)
def test_a_stack_that_cannot_be_updated_is_said_before_the_build(
    aws: None, capsys: pytest.CaptureFixture[str], status: str, sentence: str
) -> None:
    _create_stack("contact-import", status)

    assert deploy.main(["--check"]) == 1

    assert sentence in capsys.readouterr().err


@pytest.mark.parametrize("status", ["CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", ""])
def test_a_stack_that_can_be_updated_is_no_obstacle(status: str) -> None:
    assert find_obstacle(status, "contact-import", REGION) == ""


def test_sam_deploys_with_the_parameters_and_the_end_says_what_to_do(
    aws: None, sam: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _create_stack("contact-import")
    monkeypatch.setenv("DefaultLists", "Spring Sale")

    assert deploy.main(["--env", "prod", "DefaultLists"]) == 0

    assert "Upload files to   s3://b/incoming/" in capsys.readouterr().out
    assert (sam / "arguments").read_text("utf-8").splitlines() == [
        "deploy", "--config-env", "prod", "--parameter-overrides", 'DefaultLists="Spring Sale"'
    ]  # fmt: skip


def test_a_parameter_keeps_those_of_samconfig(aws: None, sam: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SAM takes those of the command line instead of them: the data of a stack for trials would be kept for 90 days."""
    _create_stack("contact-import-dev")
    monkeypatch.setenv("MobileOnly", "false")

    assert deploy.main(["--env", "dev", "MobileOnly"]) == 0

    assert (sam / "arguments").read_text("utf-8").splitlines()[-2:] == ['RetentionDays="14"', 'MobileOnly="false"']


def test_a_deployment_that_fails_says_what_failed_first(
    aws: None, sam: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (sam / "status").write_text("1", "utf-8")
    reason = "User: arn:aws:iam::1:user/eve is not authorized to perform: iam:CreateRole"
    failures = [("UploadFunctionRole", reason), ("PlanFunction", "Resource creation cancelled")]
    monkeypatch.setattr(deploy, "_read_failures", lambda *_: failures)

    assert deploy.main([]) == 1

    words = capsys.readouterr().err
    assert f"  UploadFunctionRole: {reason}\n" in words
    assert "Deploy as a user who may" in words


def test_the_failures_of_earlier_deployments_are_not_named(
    aws: None, sam: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _create_stack("contact-import")
    (sam / "status").write_text("1", "utf-8")

    assert deploy.main([]) == 1

    assert "failed before AWS changed anything" in capsys.readouterr().err


def test_outputs_that_cannot_be_read_are_no_failure_of_the_deployment(
    aws: None, sam: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert deploy.main([]) == 0

    assert "Deployed contact-import. Your AWS user may not read its outputs" in capsys.readouterr().out
