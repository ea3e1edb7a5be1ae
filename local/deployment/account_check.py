"""Look at the account before a deployment: who deploys, how much may run there, and what would let it fail."""

from collections.abc import Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from local.aws.template import read_template

# Two uploads, two units of large files, two batches of deliveries, notifications and the sweep, and some for requests.
_ENOUGH_CONCURRENCY = 20


class DeploymentError(Exception):
    """The deployment cannot begin; the message says what to do."""


def check_account(config: Mapping[str, Any], overrides: Mapping[str, str]) -> None:
    """Print what the account may do. Raise DeploymentError for what would let the deployment or the imports fail."""
    region, stack = config["region"], config["stack_name"]
    try:
        session = boto3.Session(region_name=region)
        account = session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise DeploymentError(
            f"AWS rejects the credentials of this terminal, or there are none: {error}. "
            "Log in first, for example with: aws sso login"
        ) from error
    print(f"Deploying {stack} to account {account}, region {region}.")
    print(describe_concurrency(_read_concurrency(session)))
    if obstacle := find_obstacle(_read_stack_status(session, stack), stack, region):
        raise DeploymentError(obstacle)
    defaults = read_template()["Parameters"]
    key, hooks = (overrides.get(name, defaults[name]["Default"]) for name in ("CellcastSecretName", "HooksSecretName"))
    secrets = session.client("secretsmanager")
    if not _has_secret(secrets, key):
        raise DeploymentError(
            f"There is no secret {key} in this account and region. Write the Cellcast API key to key.txt, then:\n"
            f"  aws secretsmanager create-secret --region {region} --name {key} --secret-string file://key.txt"
        )
    if not _has_secret(secrets, hooks):
        print(f"There is no secret {hooks} yet: until it exists, the HTTP API refuses all requests (docs/webhooks.md).")


def find_obstacle(status: str, stack: str, region: str) -> str:
    """Return why a stack with this status cannot be deployed and what to do, "" if it can. "" is the status of none."""
    aws = f"aws cloudformation {{}} --region {region} --stack-name {stack}"
    if status in ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"):
        return (
            f"The stack {stack} was not created ({status}). Delete what is left of it, then deploy again:\n"
            f"  {aws.format('delete-stack')}"
        )
    if status == "UPDATE_ROLLBACK_FAILED":
        return (
            f"AWS could not undo the last deployment of {stack}. Let it try again, then deploy:\n"
            f"  {aws.format('continue-update-rollback')}"
        )
    if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":  # SAM continues a stack that is only planned
        return f"Another deployment of {stack} is in progress ({status}). Try again when it has ended."
    return ""


def _read_stack_status(session: Any, stack: str) -> str:
    """Return the status of the stack, "" when there is none or when it may not be read."""
    try:
        (found,) = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except (BotoCoreError, ClientError):
        return ""
    return str(found["StackStatus"])


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
    except BotoCoreError:
        return True
    return True
