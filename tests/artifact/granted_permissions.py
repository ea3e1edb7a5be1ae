"""The permissions of each function, from the policies of the translated template."""

from local.aws.moto_server import REGION
from local.aws.template import Template
from local.stack_values import build_template_values
from tests.artifact.recording_proxy import ACCOUNT, SECRET_KEY_ARN, Need
from tests.project.translated_template import list_statements

SETTINGS = {"CHECK_ACCOUNT": "true", "SCREEN_OPT_OUTS": "true", "VERIFY": "true", "CANARY_CONTACTS": "1"}
_QUEUES = ("Uploads", "Deliveries", "Results", "Callbacks")

# What these events do not bring about, with the reason why it is granted: an action, and a part of its resource.
NOT_PLAYED = {
    ("s3:AbortMultipartUpload", "/results/webhook/"): "a failed.csv above 8 MiB: some 60,000 contacts in one call",
    ("s3:AbortMultipartUpload", "/first_pass.txt"): "statements above 8 MiB: some 100,000 numbers",
    ("s3:AbortMultipartUpload", "/plan/"): "the numbers of a large plan, above 8 MiB",
    ("s3:GetObject", "/progress.json"): "progress that another run has written meanwhile",
    ("s3:GetObject", "/report.html"): "the same",
    ("s3:PutObject", "work/orphaned/"): "a delivery whose message the queue does not take",
    ("s3:PutObject", "/unavailable.json"): "Cellcast is away for longer than these events last",
    ("s3:GetObject", "/unavailable.json"): "the same",
    ("secretsmanager:GetSecretValue", "cellcast/links"): "a link of a mail is opened",
    ("s3:PutObject", "/uploads/"): "a browser uploads with the form that the function signs",
}


def is_not_played(permission: Need) -> bool:
    """Return whether the events of the tests do not bring about what a permission allows."""
    return any(permission[0] == action and part in permission[1] for action, part in NOT_PLAYED)


def read_granted() -> dict[str, list[Need]]:
    """Return the actions and patterns of resources of each function's policy, with every setting on."""
    values = {f"{name}.Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}" for name in _QUEUES}
    values |= {"NotificationTopic": f"arn:aws:sns:{REGION}:{ACCOUNT}:News", "SecretKeyArn": SECRET_KEY_ARN}
    template = Template(build_template_values() | values)
    return {
        function.name: [
            (action, _make_arn(str(template._resolve(resource))))
            for statement in list_statements(function.name)
            for action in statement["Action"]
            for resource in statement["Resource"]
        ]
        for function in template.read_functions()
    }


def _make_arn(resource: str) -> str:
    """Return an ARN; `!Ref` of a secret is its name here."""
    is_arn = resource.startswith("arn:") or not resource
    return resource if is_arn else f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{resource}-??????"
