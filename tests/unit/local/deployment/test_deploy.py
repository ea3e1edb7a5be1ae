"""`make deploy`: what it checks before it asks AWS for anything, and what it says afterwards."""

import os
from pathlib import Path

import boto3
import pytest

from local.aws.template import read_template
from local.deployment import deploy
from local.deployment.deploy import DeploymentError, build_command, describe_concurrency, describe_stack, read_overrides

PARAMETERS = read_template()["Parameters"]
OUTPUTS = {"UploadTo": "s3://b/incoming/", "ResultsIn": "s3://b/results/", "WebhookAddress": "https://a/hooks/SENDER"}


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


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("NotifyMail", "ops@example.com", "NotifyMail is not a parameter. Parameters: CellcastSecretName, "),
        ("NotifyEmail", "ops", "NotifyEmail cannot be 'ops'. E-mail address to notify"),
        ("MobileOnly", "no", "MobileOnly cannot be 'no'. Set to false"),
        ("RetentionDays", "many", "RetentionDays cannot be 'many'. Number of days"),
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
    assert "ops@example.com" in text


@pytest.fixture
def sam(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program on the PATH that notes its arguments and creates the stack, in place of SAM."""
    program = tmp_path / "sam"
    program.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {tmp_path}/arguments\n", "utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(deploy, "_read_outputs", lambda _config: OUTPUTS)
    return tmp_path / "arguments"


def test_without_the_secret_nothing_is_deployed(s3: object, sam: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert deploy.main([]) == 1

    assert "aws secretsmanager create-secret --region ap-southeast-2 --name cellcast/api-key" in capsys.readouterr().err
    assert not sam.exists()


def test_with_the_secret_sam_deploys_with_the_parameters(
    s3: object, sam: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    boto3.client("secretsmanager", region_name="ap-southeast-2").create_secret(
        Name="cellcast/api-key", SecretString="k"
    )
    monkeypatch.setenv("DefaultLists", "Spring Sale")

    assert deploy.main(["--env", "prod", "DefaultLists"]) == 0

    words = capsys.readouterr().out
    assert "There is no secret cellcast/hooks yet" in words
    assert "Upload files to" in words
    assert sam.read_text("utf-8") == 'deploy\n--config-env\nprod\n--parameter-overrides\nDefaultLists="Spring Sale"\n'
