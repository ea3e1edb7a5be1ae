"""Names and settings of the local stack, in place of those that CloudFormation would give to the functions."""

import os

from contact_import.settings import Settings
from local.aws.moto_server import REGION
from local.aws.template import Template

BUCKET = "contacts"
API_KEY_SECRET = "cellcast/api-key"
HOOKS_SECRET = "cellcast/hooks"
LINKS_SECRET = "cellcast/links"
CALLBACK_SECRET = "cellcast/callbacks"
RATE_TABLE = "rates"
DELIVERY_TABLE = "deliveries"
_STACK = "local"
_ACCOUNT = "123456789012"  # moto's
_SHARED_CALLS_PER_SECOND = "14"  # of all clients together; Cellcast allows an account 15


def build_template_values() -> dict[str, str]:
    """Return the values of `!Ref`, `!GetAtt` and `!Sub` in the template, by the names that they refer to."""
    return {
        "Bucket": BUCKET,
        "Bucket.Arn": f"arn:aws:s3:::{BUCKET}",
        "Uploads": "Uploads",
        "NotificationTopic": "NotificationTopic",
        "Deliveries": "Deliveries",
        "LinksSecret": LINKS_SECRET,
        "Callbacks": "Callbacks",
        "CallbackSecret": CALLBACK_SECRET,
        "RateTable": RATE_TABLE,
        "RateTable.Arn": f"arn:aws:dynamodb:{REGION}:{_ACCOUNT}:table/{RATE_TABLE}",
        "DeliveryTable": DELIVERY_TABLE,
        "DeliveryTable.Arn": f"arn:aws:dynamodb:{REGION}:{_ACCOUNT}:table/{DELIVERY_TABLE}",
        "Api": "local",
        "CellcastSecretName": API_KEY_SECRET,
        "AWS::Partition": "aws",
        "AWS::Region": REGION,
        "AWS::AccountId": _ACCOUNT,
        "AWS::StackName": _STACK,
        "AWS::URLSuffix": "amazonaws.com",
    }


def build_environment(template: Template, cellcast_url: str, *, sandbox: bool) -> dict[str, str]:
    """Return the environment variables of all functions together: they run in this one process.

    Raise SettingsError for a wrong value in an environment variable of the caller.
    """
    deployed = {key: value for function in template.read_functions() for key, value in function.environment.items()}
    deployed |= {"CALLS_PER_SECOND": _SHARED_CALLS_PER_SECOND}
    # A setting of the caller counts (BATCH_MAX_CONTACTS=50 make run); names of AWS resources do not.
    settings = {key: os.environ.get(key, value) for key, value in deployed.items()}
    settings |= {
        "BUCKET": BUCKET,
        "CELLCAST_SECRET": API_KEY_SECRET,
        "CELLCAST_URL": cellcast_url,
        "SANDBOX": str(sandbox).lower(),
        "UPLOAD_QUEUE_URL": "",
        "RATE_TABLE": "",  # all functions are in this process
        "DELIVERY_TABLE": DELIVERY_TABLE,
        "NOTIFY_TOPIC_ARN": "",
        "QUEUE_URL": "",
        "CALLBACK_QUEUE_URL": "",
        # The functions share one environment: NotifyFunction's address must not be the one that senders signed.
        "PUBLIC_URL": os.environ.get("PUBLIC_URL", ""),
    }
    settings["STATE_MACHINE_ARN"] = deployed["STATE_MACHINE_ARN"]
    Settings.from_env(settings)
    return settings | {"POWERTOOLS_TRACE_DISABLED": "true"}
