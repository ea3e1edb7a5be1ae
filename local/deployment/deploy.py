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
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.aws.template import read_template
from local.deployment.account_check import DeploymentError, check_account

ROOT = Path(__file__).parents[2]
_MAX_FAILURES = 3  # what fails first makes the rest fail, too
_DENIED = re.compile(r"AccessDenied|not authorized|UnauthorizedOperation", re.IGNORECASE)


def main(arguments: Sequence[str] | None = None) -> int:
    """Deploy the stack of a samconfig.toml environment. Return the exit status."""
    parser = argparse.ArgumentParser(prog="make deploy", description="Deploy the stack to AWS.")
    parser.add_argument("--env", default="prod", help="environment of samconfig.toml: prod (default) or dev")
    parser.add_argument(
        "--check", action="store_true", help="look at the account and the parameters, and deploy nothing"
    )
    parser.add_argument("names", nargs="*", help="parameters to set, whose values are environment variables")
    options = parser.parse_args(arguments)
    try:
        config = _read_config(options.env)
        overrides = read_overrides(options.names, os.environ, read_template()["Parameters"])
        if options.check:
            check_account(config, overrides)
            return 0
        return _deploy(options.env, config, overrides)
    except DeploymentError as error:
        print(error, file=sys.stderr)
        return 1


def _deploy(env: str, config: Mapping[str, Any], overrides: Mapping[str, str]) -> int:
    values = {**_parse_overrides(config.get("parameter_overrides", [])), **overrides}
    started_at = datetime.now(UTC)
    try:
        status = subprocess.run(build_command(env, values), check=False).returncode
    except FileNotFoundError:
        raise DeploymentError("SAM is not installed here. Use make deploy, which installs it.") from None
    cloudformation = boto3.client("cloudformation", region_name=config["region"])
    if status:
        print(describe_failure(_read_failures(cloudformation, config["stack_name"], started_at)), file=sys.stderr)
        return status
    if outputs := _read_outputs(cloudformation, config["stack_name"]):
        print(describe_stack(outputs, overrides, config["stack_name"]))
    else:
        print(f"Deployed {config['stack_name']}. Your AWS user may not read its outputs, which have the addresses.")
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
        if not _is_allowed(value, parameter):
            raise DeploymentError(
                f"{name} cannot be {value!r}{_describe_allowed(parameter)}. {parameter['Description'].strip()}"
            )
        overrides[name] = value
    return overrides


def _is_allowed(value: str, parameter: Mapping[str, Any]) -> bool:
    """Return whether CloudFormation would take the value, and SAM would pass it on unchanged."""
    if parameter["Type"] == "Number":
        smallest, largest = float(parameter.get("MinValue", "-inf")), float(parameter.get("MaxValue", "inf"))
        return bool(re.fullmatch(r"\d+(\.\d+)?", value)) and smallest <= float(value) <= largest
    is_listed = value in parameter.get("AllowedValues", [value])
    return (
        is_listed and not set(value) & set('"\\\n') and bool(re.fullmatch(parameter.get("AllowedPattern", ".*"), value))
    )


def _describe_allowed(parameter: Mapping[str, Any]) -> str:
    """Return the values that the template allows, as the end of a sentence; "" if only a pattern says so."""
    if values := parameter.get("AllowedValues"):
        return f": it must be {' or '.join(map(str, values))}"
    if parameter["Type"] != "Number":
        return ""
    smallest, largest = parameter["MinValue"], parameter.get("MaxValue")
    limits = f"of at least {smallest}" if largest is None else f"from {smallest} to {largest}"
    return f": it must be a number {limits}"


def build_command(env: str, overrides: Mapping[str, str]) -> list[str]:
    """Return SAM's command. A parameter that is not overridden keeps the value of the last deployment.

    Overrides on the command line replace all those of samconfig.toml, so that `overrides` has these too.
    """
    values = [f'{name}="{value}"' for name, value in overrides.items()]
    return ["sam", "deploy", "--config-env", env, *(["--parameter-overrides", *values] if values else [])]


def describe_failure(failures: Sequence[tuple[str, str]]) -> str:
    """Return why the deployment failed. `failures` are the parts of the stack that failed, with AWS's reasons."""
    if not failures:
        return "The deployment failed before AWS changed anything: see the last lines of SAM above."
    lines = ["The deployment failed, and AWS has undone it. What failed first:"]
    lines += [f"  {name}: {reason}" for name, reason in failures[:_MAX_FAILURES]]
    if any(_DENIED.search(reason) for _, reason in failures):
        lines.append("Your AWS user may not create this. Deploy as a user who may, such as an administrator.")
    return "\n".join(lines)


def describe_stack(outputs: Mapping[str, str], overrides: Mapping[str, str], stack: str) -> str:
    """Return what to do next, for the person who deployed."""
    lines = [
        "",
        f"Deployed {stack}.",
        f"  Upload files to   {outputs['UploadTo']}",
        f"  Results appear in {outputs['ResultsIn']}",
        f"  Webhook address   {outputs['WebhookAddress']}",
        f"  Import page       {outputs['ImportPage']}",
    ]
    addresses = {overrides[name] for name in ("NotifyEmail", "AlarmEmail") if overrides.get(name)}
    if addresses:
        lines.append(
            f"AWS sent a mail to {' and '.join(sorted(addresses))}: click the link in it to confirm the address."
        )
    lines.append("After a first deployment it takes about five minutes until AWS reports uploads.")
    lines.append('What to check then: "First deployment: what to check" in docs/operations.md.')
    return "\n".join(lines)


def _read_config(env: str) -> dict[str, Any]:
    config = tomllib.loads((ROOT / "samconfig.toml").read_text("utf-8"))
    if env not in config:
        raise DeploymentError(f"samconfig.toml has no environment {env}. Use ENV=prod or ENV=dev.")
    return dict(config[env]["deploy"]["parameters"])


def _parse_overrides(pairs: Sequence[str]) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in pairs)


def _read_outputs(cloudformation: Any, stack: str) -> dict[str, str]:
    """Return the outputs of the stack, none when they may not be read."""
    try:
        (found,) = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except (BotoCoreError, ClientError):
        return {}
    return {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}


def _read_failures(cloudformation: Any, stack: str, since: datetime) -> list[tuple[str, str]]:
    """Return what failed since then, the first failure first; nothing when that may not be read."""
    try:
        events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    except (BotoCoreError, ClientError):
        return []
    return [
        (one["LogicalResourceId"], one.get("ResourceStatusReason", "no reason"))
        for one in reversed(events)
        if one["Timestamp"] >= since and one["ResourceStatus"].endswith("_FAILED")
    ]


if __name__ == "__main__":
    sys.exit(main())
