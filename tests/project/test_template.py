"""The template holds together: translated as CloudFormation does it, and compared with the code."""

import importlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from contact_import import errors
from contact_import.aws import dynamodb
from contact_import.domain import object_keys
from contact_import.pipelines.webhook.queue import compute_wait
from contact_import.settings import Settings
from local.aws.state_machine import StateMachineInterpreter, load_definition
from local.aws.template import Template, read_template
from local.stack_values import build_template_values
from tests.project.translated_template import list_statements, translate_template

ROOT = Path(__file__).parents[2]
TEMPLATE = read_template()
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
FUNCTIONS = {name: one for name, one in RESOURCES.items() if one["Type"] == "AWS::Serverless::Function"}


@pytest.fixture(autouse=True)
def region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "ap-southeast-2")


def test_the_translated_template_has_nothing_that_cfn_lint_minds(tmp_path: Path) -> None:
    path = tmp_path / "translated.json"
    path.write_text(json.dumps(translate_template()), "utf-8")

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
    read = set(
        re.findall(r'"(?!AWS_)([A-Z_]{4,})"', (ROOT / "src" / "contact_import" / "settings.py").read_text("utf-8"))
    )
    given = set(TEMPLATE["Globals"]["Function"]["Environment"]["Variables"])
    for one in FUNCTIONS.values():
        given |= set(one["Properties"].get("Environment", {}).get("Variables", {}))

    assert read - given == {"SANDBOX"}  # a deployed stack has a real Cellcast


def test_the_defaults_of_the_template_are_those_of_the_code() -> None:
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    defaults = {name: str(one["Default"]) for name, one in TEMPLATE["Parameters"].items() if "Default" in one}
    environment = {
        name: defaults.get(str(value.get("Ref")), "x") if isinstance(value, dict) else value
        for name, value in variables.items()
    }

    settings = Settings.from_env(environment | {"BUCKET": "b", "CELLCAST_SECRET": "s"})

    # The code's 10 calls a second are for a process that is alone; a deployed one has them while the table is away.
    assert replace(settings, calls_per_second=10.0) == Settings(bucket="b", cellcast_secret="s")


def test_each_parameter_has_a_default_that_works_and_a_sentence() -> None:
    """`sam deploy --guided` asks for every parameter there is: Enter takes the default."""
    for name, one in TEMPLATE["Parameters"].items():
        assert re.fullmatch(one.get("AllowedPattern", ".*"), str(one["Default"])), name
        assert str(one["Default"]) in one.get("AllowedValues", [str(one["Default"])])
        assert one["Description"].strip().endswith("."), name


def test_every_setting_that_people_may_change_is_a_parameter() -> None:
    """Else they edit template.yaml, and each later version is a merge conflict."""
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "src").rglob("*.py")]
    told = {name for page in pages for name in re.findall(r"\b([A-Z]{3,}(?:_[A-Z]+)*)=\w", page.read_text("utf-8"))}
    variables: dict[str, Any] = {}
    for one in ({"Properties": TEMPLATE["Globals"]["Function"]}, *FUNCTIONS.values()):
        variables |= one["Properties"].get("Environment", {}).get("Variables", {})
    settings = told & set(variables)

    assert {"MOBILE_ONLY", "SCREEN_OPT_OUTS", "VERIFY", "CHECK_ACCOUNT", "REQUIRE_CONSENT"} <= settings
    # Said of one machine, where it is an environment variable.
    for name in settings - {"BATCH_MAX_CONTACTS", "CONCURRENCY", "LOG_LEVEL"}:
        assert isinstance(variables[name], dict), name
        assert variables[name]["Ref"] in TEMPLATE["Parameters"], name


def test_the_page_of_settings_names_their_parameters() -> None:
    variables = TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]
    page = (ROOT / "docs" / "settings.md").read_text("utf-8")

    parameters = {name: one["Ref"] for name, one in variables.items() if isinstance(one, dict)}
    parameters = {name: ref for name, ref in parameters.items() if ref in TEMPLATE["Parameters"]}
    assert len(parameters) >= 12
    for name, parameter in parameters.items():
        assert f"`{name}`" in page
        assert parameter.lower() in ("cellcastsecretname", name.replace("_", "").lower())


def test_each_function_has_a_separate_role_and_a_star_only_behind_a_name() -> None:
    """Within the bucket, behind a secret's name, and in the executions of the one state machine."""
    stars = {
        json.dumps(resource)
        for one in list_statements()
        for resource in one["Resource"]
        if "*" in json.dumps(resource) or "?" in json.dumps(resource)
    }
    allowed = re.compile(
        r"\$\{Bucket.Arn\}/(incoming|validate|work|results|uploads|history)/|secret:\$\{\w+SecretName\}-\?{6}|:execution:\$\{AWS::StackName\}-large-file[:/]"
    )

    assert stars
    assert [one for one in stars if not allowed.search(one)] == []
    assert not [name for name, one in FUNCTIONS.items() if "Role" in one["Properties"]]


def test_no_function_may_do_more_than_it_must() -> None:
    assert list_statements()
    for statement in list_statements():
        assert not any("*" in action for action in statement["Action"])
        assert "*" not in statement["Resource"]


@pytest.mark.parametrize("name", ["QueueFunction", "WebhookFunction"])
def test_who_sends_a_delivery_may_write_and_read_what_it_leaves_in_the_bucket(name: str) -> None:
    ident = "0" * 24
    left = {
        object_keys.make_group_key(ident, 1),
        object_keys.make_unavailable_key(ident),
        object_keys.SHARED_OPT_OUTS,
        object_keys.OPT_OUTS_LOCK,
        f"{object_keys.make_webhook_prefix(ident, date(2026, 1, 1))}result.json",
    }

    may = {"s3:PutObject": left, "s3:GetObject": left | {object_keys.make_submission_key(ident)}}

    for action, wanted in may.items():
        patterns = [
            resource["Fn::Sub"].removeprefix("${Bucket.Arn}/")
            for statement in list_statements(name)
            if action in statement["Action"]
            for resource in statement["Resource"]
        ]
        assert [key for key in wanted if not any(fnmatchcase(key, pattern) for pattern in patterns)] == []


def test_a_link_is_signed_and_opened_with_the_same_key_and_by_no_one_else() -> None:
    """Its secret is made by the stack, and two functions may read it."""
    with_key = {name for name, one in FUNCTIONS.items() if "LinksSecret" in json.dumps(one)}
    readers = {
        name
        for name, one in translate_template()["Resources"].items()
        if one["Type"] == "AWS::IAM::Role" and "LinksSecret" in json.dumps(one)
    }

    assert with_key == {"NotifyFunction", "WebhookFunction"}
    assert readers == {f"{name}Role" for name in with_key}
    assert RESOURCES["LinksSecret"]["Properties"]["GenerateSecretString"]["PasswordLength"] >= 32
    of_the_api = {"Fn::Sub": "https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}"}
    for name in ("NotifyFunction", "UploadFunction", "FinishFunction"):  # mails, and the reports of files
        address = FUNCTIONS[name]["Properties"]["Environment"]["Variables"]["PUBLIC_URL"]
        assert address == {"Fn::If": ["HasPublicUrl", {"Ref": "PublicUrl"}, of_the_api]}


def test_the_function_that_calls_programs_can_read_nothing_but_its_key() -> None:
    """It calls addresses that callers name: what it could read, it could be made to send."""
    with_key = {name for name, one in FUNCTIONS.items() if "CallbackSecret" in json.dumps(one)}
    (actions,) = [{action for one in list_statements(name) for action in one["Action"]} for name in with_key]

    assert with_key == {"CallbackFunction"}
    assert actions == {"secretsmanager:GetSecretValue", "sqs:ChangeMessageVisibility"}
    assert RESOURCES["CallbackSecret"]["Properties"]["GenerateSecretString"] == {
        "PasswordLength": 64,
        "ExcludePunctuation": True,
    }


def test_a_download_is_one_of_results_only() -> None:
    """A presigned URL can do what the role of WebhookFunction can: the uploads of people are not part of it."""
    readable = [
        resource["Fn::Sub"]
        for one in list_statements("WebhookFunction")
        if "s3:GetObject" in one["Action"]
        for resource in one["Resource"]
    ]

    assert "${Bucket.Arn}/results/*" in readable
    of_people = [one for one in readable if not re.match(r"\$\{Bucket.Arn\}/(results|work|history)/", one)]
    # What the import page itself uploads, and its copy where imports begin: see `has_object` of the upload store.
    assert of_people == [
        "${Bucket.Arn}/uploads/*",
        "${Bucket.Arn}/incoming/upload=*",
        "${Bucket.Arn}/validate/upload=*",
    ]


def test_no_one_reads_the_bucket_from_outside_or_in_the_clear() -> None:
    bucket = RESOURCES["Bucket"]["Properties"]

    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert any(
        rule.get("Prefix") == "work/" and rule["ExpirationInDays"] for rule in bucket["LifecycleConfiguration"]["Rules"]
    )
    policy = json.dumps(RESOURCES["BucketPolicy"]["Properties"]["PolicyDocument"])
    assert '"aws:SecureTransport": "false"' in policy


def _at_once(name: str) -> int:
    """How often the function of a queue runs at once, at the most."""
    (source,) = FUNCTIONS[name]["Properties"]["Events"].values()
    return int(source["Properties"]["ScalingConfig"]["MaximumConcurrency"])


SUBSTITUTIONS = {f"{name}FunctionArn": name for name in ("Plan", "Batch", "Finish")} | {"Partition": "aws"}


def test_all_functions_that_call_cellcast_share_one_rate() -> None:
    callers = {name for name, one in FUNCTIONS.items() if "secret:${CellcastSecretName}" in json.dumps(one)}
    rate = TEMPLATE["Parameters"]["AccountCallsPerSecond"]

    assert callers == {"UploadFunction", "BatchFunction", "QueueFunction", "WebhookFunction"}
    for name, one in FUNCTIONS.items():
        variables = one["Properties"].get("Environment", {}).get("Variables", {})
        assert (variables.get("RATE_TABLE") == {"Ref": "RateTable"}) is (name in callers)
        assert any("dynamodb:PutItem" in each["Action"] for each in list_statements(name)) is (name in callers)
    assert rate["Default"] == rate["MaxValue"] == 14


def test_who_sends_a_delivery_may_claim_it_in_the_table_that_it_names() -> None:
    table = RESOURCES["DeliveryTable"]["Properties"]
    may = {
        name: {action for one in list_statements(name) for action in one["Action"]}
        for name in FUNCTIONS
        if any({"Fn::GetAtt": "DeliveryTable.Arn"} in one["Resource"] for one in list_statements(name))
    }
    given = {name for name, one in FUNCTIONS.items() if {"Ref": "DeliveryTable"} in _list_variables(one)}

    assert may.keys() == {"QueueFunction", "WebhookFunction"}
    assert all({"dynamodb:GetItem", "dynamodb:PutItem"} <= actions for actions in may.values())
    # It stores the deliveries, and notes the table in each.
    assert given == {"WebhookFunction"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
    work = next(
        one for one in RESOURCES["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"] if one["Id"] == "work"
    )
    assert timedelta(days=work["ExpirationInDays"]) < dynamodb._KEPT


def _list_variables(function: Any) -> list[Any]:
    return list(function["Properties"].get("Environment", {}).get("Variables", {}).values())


def test_without_the_table_all_that_run_at_the_same_time_stay_below_cellcasts_fifteen() -> None:
    mapped = load_definition(ROOT / "statemachine" / "large_file.asl.yaml", SUBSTITUTIONS)["States"]["Deliver all"]
    share = float(TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]["CALLS_PER_SECOND"])
    large_files, requests = 10, 10
    invocations = sum(map(_at_once, ("UploadFunction", "QueueFunction"))) + large_files * mapped["MaxConcurrency"]

    assert (invocations + requests) * share < 15


def test_a_new_account_can_deploy_it() -> None:
    """Its limit of ten concurrent executions leaves none to reserve; the whole deployment would be rolled back."""
    assert "ReservedConcurrentExecutions" not in json.dumps(TEMPLATE)


def test_no_log_of_the_gateway_holds_a_query_or_says_who_asked() -> None:
    shown = set(re.findall(r"\$context\.(\w+)", RESOURCES["Api"]["Properties"]["AccessLogSettings"]["Format"]))

    assert shown == {"requestTimeEpoch", "requestId", "routeKey", "status", "responseLatency", "responseLength"}


def test_a_hook_never_hears_the_gateways_own_404() -> None:
    events = FUNCTIONS["WebhookFunction"]["Properties"]["Events"].values()
    routes = {(one["Properties"].get("Method"), one["Properties"].get("Path")) for one in events}

    assert routes == {
        ("POST", "/contacts"),
        ("ANY", "/hooks/{sender}"),
        ("GET", "/"),
        ("POST", "/uploads"),
        ("POST", "/uploads/{upload_id}/preview"),
        ("POST", "/uploads/{upload_id}/import"),
        ("GET", "/imports"),
        ("DELETE", "/imports/{import_id}"),
        ("GET", "/imports/{import_id}"),
        ("GET", "/imports/{import_id}/{file}"),
        (None, None),  # everything else
    }


def test_a_message_that_is_being_handled_is_not_handled_twice() -> None:
    usual = TEMPLATE["Globals"]["Function"]["Timeout"]
    sources = [
        (one["Properties"].get("Timeout", usual), event["Properties"])
        for one in FUNCTIONS.values()
        for event in one["Properties"].get("Events", {}).values()
        if event["Type"] == "SQS"
    ]

    assert len(sources) >= 2
    for seconds, source in sources:
        queue = RESOURCES[source["Queue"]["Fn::GetAtt"].partition(".")[0]]["Properties"]
        # docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
        assert queue["VisibilityTimeout"] >= 6 * seconds + source.get("MaximumBatchingWindowInSeconds", 0)
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert FUNCTIONS["UploadFunction"]["Properties"]["Events"]["FromQueue"]["Properties"]["BatchSize"] == 1


@pytest.mark.parametrize(("rule", "queue"), [("Dropped", "Uploads"), ("Finished", "Results")])
def test_what_fails_is_kept_beside_its_queue(rule: str, queue: str) -> None:
    """In one place for both, a replay would move events of results to the uploads, where nothing happens to them."""
    (target,) = RESOURCES[rule]["Properties"]["Targets"]

    kept = {"Fn::GetAtt": f"Failed{queue}.Arn"}
    assert target["DeadLetterConfig"] == {"Arn": kept}
    assert RESOURCES[queue]["Properties"]["RedrivePolicy"]["deadLetterTargetArn"] == kept


def test_logs_have_an_end() -> None:
    assert RESOURCES["Log"]["Properties"]["RetentionInDays"]


def _list_actions(function: str, queue: str) -> set[str]:
    queue_arn = {"Fn::GetAtt": f"{queue}.Arn"}
    return {action for one in list_statements(function) if queue_arn in one["Resource"] for action in one["Action"]}


def test_no_function_sends_to_the_queue_that_invokes_it() -> None:
    """Lambda stops it after some 16 rounds (docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html)."""
    sources = {
        name: event["Properties"]["Queue"]["Fn::GetAtt"].partition(".")[0]
        for name, one in FUNCTIONS.items()
        for event in one["Properties"].get("Events", {}).values()
        if event["Type"] == "SQS"
    }

    assert sources == {
        "UploadFunction": "Uploads",
        "QueueFunction": "Deliveries",
        "NotifyFunction": "Results",
        "CallbackFunction": "Callbacks",
    }
    for name, queue in sources.items():
        is_allowed = FUNCTIONS[name]["Properties"].get("RecursiveLoop") == "Allow"
        assert "sqs:SendMessage" not in _list_actions(name, queue) or is_allowed
    assert _list_actions("UploadFunction", "Uploads") == {"sqs:ChangeMessageVisibility"}
    assert _list_actions("QueueFunction", "Deliveries") == {"sqs:ChangeMessageVisibility"}


def test_a_function_receives_from_its_own_queue_only() -> None:
    """The policy of AWS that SAM adds for a queue names every queue of the account, also those of other programs."""
    of_aws = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole"
    resources = translate_template()["Resources"]
    roles = {name: one["Properties"] for name, one in resources.items() if one["Type"] == "AWS::IAM::Role"}
    sources = {name: one["Properties"] for name, one in resources.items() if one["Type"].endswith("EventSourceMapping")}

    receiving = {name for name, role in roles.items() if of_aws in role["ManagedPolicyArns"]}
    denied = {
        name: statement
        for name, role in roles.items()
        for policy in role.get("Policies", [])
        for statement in policy.get("PolicyDocument", {}).get("Statement", [])
        if statement["Effect"] == "Deny"
    }

    assert receiving == set(denied) == {f"{one['FunctionName']['Ref']}Role" for one in sources.values()}
    for one in sources.values():
        statement = denied[f"{one['FunctionName']['Ref']}Role"]
        assert statement["Action"] == ["sqs:ReceiveMessage", "sqs:DeleteMessage"]
        assert statement["NotResource"] == one["EventSourceArn"]


def test_sam_adds_no_other_policy_of_aws_than_those_that_were_looked_at() -> None:
    roles = [one["Properties"] for one in translate_template()["Resources"].values() if one["Type"] == "AWS::IAM::Role"]

    assert {arn.rpartition("/")[2] for role in roles for arn in role["ManagedPolicyArns"]} == {
        "AWSLambdaBasicExecutionRole",
        "AWSXrayWriteOnlyAccess",
        "AWSLambdaSQSQueueExecutionRole",
    }


def test_a_delivery_can_wait_for_as_long_as_its_queue_keeps_it() -> None:
    deliveries = RESOURCES["Deliveries"]["Properties"]
    receives = deliveries["RedrivePolicy"]["maxReceiveCount"]

    shortest = sum(compute_wait(receive, jitter=0.0) for receive in range(1, receives))

    assert shortest >= deliveries["MessageRetentionPeriod"]
    # One that kills its function each time is kept apart before SQS deletes it.
    assert receives * deliveries["VisibilityTimeout"] < deliveries["MessageRetentionPeriod"]


def test_every_queue_is_encrypted_and_keeps_what_is_in_it_for_as_long_as_it_can() -> None:
    queues = [one["Properties"] for one in RESOURCES.values() if one["Type"] == "AWS::SQS::Queue"]

    assert queues
    for queue in queues:
        assert queue["SqsManagedSseEnabled"] is True
        assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_each_check_of_checkov_that_is_skipped_has_its_reason_above_it() -> None:
    lines = (ROOT / ".checkov.yaml").read_text("utf-8").splitlines()
    skipped = [at for at, line in enumerate(lines) if line.strip().startswith("- CKV")]

    assert skipped
    assert all(lines[at - 1].strip().startswith("# ") for at in skipped)


def test_the_state_machine_finds_what_its_definitionnames() -> None:
    (machine,) = Template(build_template_values()).read_state_machines()
    definition = load_definition(machine.definition, machine.substitutions)

    StateMachineInterpreter(
        definition,
        invoke=lambda _name, _payload: None,
        read_object=lambda _bucket, _key: [],
        sleep=lambda _seconds, _ending: None,
        jitter=lambda: 1.0,
    )
    named = set(re.findall(r"\$\{(\w+)\}", machine.definition.read_text("utf-8")))
    assert named == set(machine.substitutions)


def test_the_errors_that_the_state_machine_knows_are_those_that_are_raised() -> None:
    text = (ROOT / "statemachine" / "large_file.asl.yaml").read_text("utf-8")
    named = set(re.findall(r"\b([A-Z]\w+Error)\b", text))

    assert named == {
        "EndpointUnavailableError",
        "UnfinishedError",
        "KeyDeniedError",
        "CanaryRejectedError",
    }
    assert all(hasattr(errors, name) for name in named)


def test_only_the_state_machine_that_is_handed_over_to_may_be_started() -> None:
    environment = FUNCTIONS["UploadFunction"]["Properties"]["Environment"]["Variables"]
    arn = environment["STATE_MACHINE_ARN"]["Fn::Sub"]

    assert arn.endswith(":stateMachine:" + RESOURCES["LargeFile"]["Properties"]["Name"]["Fn::Sub"])
    assert json.dumps(FUNCTIONS["UploadFunction"]["Properties"]["Policies"]).count(arn) == 1


def test_the_lines_of_lambda_about_each_invocation_are_kept() -> None:
    """WARN would hide the REPORT lines, with duration and memory."""
    logging = TEMPLATE["Globals"]["Function"]["LoggingConfig"]

    assert (logging["LogFormat"], logging["SystemLogLevel"], logging["ApplicationLogLevel"]) == ("JSON", "INFO", "INFO")


def test_who_reads_a_secret_of_the_users_may_decrypt_it() -> None:
    """A secret under a customer-managed key is no use without `kms:Decrypt`, and that key is a parameter."""
    for name in FUNCTIONS:
        statements = list_statements(name)
        reads = any("SecretName}" in json.dumps(one["Resource"]) for one in statements)

        assert reads == any(one["Action"] == ["kms:Decrypt"] for one in statements), name
    assert TEMPLATE["Parameters"]["SecretKeyArn"]["Default"] == ""


@pytest.mark.parametrize("key", ["", "arn:aws:kms:ap-southeast-2:123456789012:key/1234abcd"])
def test_no_key_may_be_used_but_the_one_that_the_parameter_names(key: str) -> None:
    template = Template(build_template_values() | {"SecretKeyArn": key, "AWS::NoValue": ""})
    policies = [
        policy
        for one in translate_template()["Resources"].values()
        if one["Type"] == "AWS::IAM::Role"
        for policy in one["Properties"].get("Policies", [])
        if "kms:" in json.dumps(policy)
    ]

    allowed = [template._resolve(policy) for policy in policies]

    assert len(allowed) == 4
    if key:
        statements = [one for policy in allowed for one in policy["PolicyDocument"]["Statement"]]
        assert {(one["Effect"], one["Action"], one["Resource"]) for one in statements} == {
            ("Allow", "kms:Decrypt", key)
        }
    else:
        assert allowed == [""] * 4  # AWS::NoValue: no policy


def test_the_state_machine_has_no_integer_that_another_parser_refuses() -> None:
    assert "ToleratedFailure" not in (ROOT / "statemachine" / "large_file.asl.yaml").read_text("utf-8")
