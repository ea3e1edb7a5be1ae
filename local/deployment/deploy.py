"""Deploy the stack: `make deploy` looks at the account first, runs SAM, and says what to do with the result.

Every parameter of template.yaml can be given as `make deploy NotifyEmail=ops@example.com`. Nothing is asked.
"""

import argparse
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.aws.template import read_template

ROOT = Path(__file__).parents[2]
# Two uploads, two units of large files, two batches of deliveries, notifications and the sweep, and some for requests.
_ENOUGH_CONCURRENCY = 20


class DeploymentError(Exception):
    """The deployment cannot begin; the message says what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Deploy the stack of a samconfig.toml environment. Return the exit status."""
    parser = argparse.ArgumentParser(prog="make deploy", description="Deploy the stack to AWS.")
    parser.add_argument("--env", default="prod", help="environment of samconfig.toml: prod (default) or dev")
    parser.add_argument("names", nargs="*", help="parameters to set, whose values are environment variables")
    options = parser.parse_args(arguments)
    try:
        config = _read_config(options.env)
        overrides = read_overrides(options.names, os.environ, read_template()["Parameters"])
        _check_account(boto3.Session(region_name=config["region"]), overrides)
    except DeploymentError as error:
        print(error, file=sys.stderr)
        return 1
    if status := subprocess.run(build_command(options.env, overrides), check=False).returncode:
        return status
    print(describe_stack(_read_outputs(config), overrides, config["stack_name"]))
    return 0


def read_overrides(
    names: Sequence[str], environment: Mapping[str, str], parameters: Mapping[str, Any]
) -> dict[str, str]:
    """Return the values of the named parameters. Raise DeploymentError for an unknown name or a wrong value."""
    overrides = {}
    for name in names:
        if name not in parameters:
            raise DeploymentError(f"{name} is not a parameter. Parameters: {', '.join(parameters)}.")
        value, parameter = environment.get(name, ""), parameters[name]
        is_number = parameter["Type"] != "Number" or re.fullmatch(r"\d+(\.\d+)?", value)
        is_allowed = value in parameter.get("AllowedValues", [value])
        if not (is_number and is_allowed and re.fullmatch(parameter.get("AllowedPattern", ".*"), value)):
            raise DeploymentError(f"{name} cannot be {value!r}. {parameter['Description'].strip()}")
        overrides[name] = value
    return overrides


def build_command(env: str, overrides: Mapping[str, str]) -> list[str]:
    """Return SAM's command. A parameter that is not overridden keeps the value of the last deployment."""
    values = [f'{name}="{value}"' for name, value in overrides.items()]
    return ["sam", "deploy", "--config-env", env, *(["--parameter-overrides", *values] if values else [])]


def describe_stack(outputs: Mapping[str, str], overrides: Mapping[str, str], stack: str) -> str:
    """Return what to do next, for the person who deployed."""
    lines = [
        "",
        f"Deployed {stack}.",
        f"  Upload files to   {outputs['UploadTo']}",
        f"  Results appear in {outputs['ResultsIn']}",
        f"  Webhook address   {outputs['WebhookAddress']}",
    ]
    addresses = {overrides[name] for name in ("NotifyEmail", "AlarmEmail") if overrides.get(name)}
    if addresses:
        lines.append(
            f"AWS sent a mail to {' and '.join(sorted(addresses))}: click the link in it to confirm the address."
        )
    lines.append("After a first deployment it takes about five minutes until AWS reports uploads.")
    lines.append('What to check then: "First deployment: what to check" in docs/operations.md.')
    return "\n".join(lines)


def _read_config(env: str) -> dict[str, str]:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))
    if env not in config:
        raise DeploymentError(f"samconfig.toml has no environment {env}. Use ENV=prod or ENV=dev.")
    return dict(config[env]["deploy"]["parameters"])


def _check_account(session: Any, overrides: Mapping[str, str]) -> None:
    """Print what the account may do. Raise DeploymentError for what would let the deployment or the imports fail."""
    try:
        account = session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise DeploymentError(
            f"AWS rejects the credentials of this terminal, or there are none ({type(error).__name__}). "
            "Log in first, for example with: aws sso login"
        ) from error
    print(f"Deploying to account {account}, region {session.region_name}.")
    defaults = read_template()["Parameters"]
    key, hooks = (overrides.get(name, defaults[name]["Default"]) for name in ("CellcastSecretName", "HooksSecretName"))
    secrets = session.client("secretsmanager")
    if not _has_secret(secrets, key):
        raise DeploymentError(
            f"There is no secret {key} in this account and region. Write the Cellcast API key to key.txt, then:\n"
            f"  aws secretsmanager create-secret --region {session.region_name} --name {key} --secret-string file://key.txt"
        )
    if not _has_secret(secrets, hooks):
        print(f"There is no secret {hooks} yet: until it exists, the HTTP API refuses all requests (docs/webhooks.md).")
    print(describe_concurrency(_read_concurrency(session)))


def describe_concurrency(concurrency: int | None) -> str:
    """Return a sentence on how many functions the account may run at the same time; None: it is not known."""
    if concurrency is None:
        return "The account's limit of concurrent executions could not be read; the deployment needs none in reserve."
    if concurrency < _ENOUGH_CONCURRENCY:
        return (
            f"This account may run {concurrency} functions at the same time, as new accounts do. Imports work; many "
            "webhooks at once may have to wait. Ask for 1,000 in Service Quotas: AWS Lambda, Concurrent executions."
        )
    return f"This account may run {concurrency} functions at the same time: enough."


def _read_concurrency(session: Any) -> int | None:
    try:
        return int(session.client("lambda").get_account_settings()["AccountLimit"]["ConcurrentExecutions"])
    except (BotoCoreError, ClientError):
        return None


def _has_secret(secrets: Any, name: str) -> bool:
    """Return whether the secret exists; True also when that may not be asked."""
    try:
        secrets.describe_secret(SecretId=name)
    except ClientError as error:
        return error.response["Error"]["Code"] != "ResourceNotFoundException"
    return True


def _read_outputs(config: Mapping[str, str]) -> dict[str, str]:
    cloudformation = boto3.client("cloudformation", region_name=config["region"])
    (stack,) = cloudformation.describe_stacks(StackName=config["stack_name"])["Stacks"]
    return {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}


if __name__ == "__main__":
    sys.exit(main())
