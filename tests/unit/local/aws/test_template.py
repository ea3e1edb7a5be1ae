"""The local stack reads template.yaml."""

from pathlib import Path

import pytest

from local.aws.template import Template

TEXT = """
Parameters:
  Speed: {Default: 7}
Globals:
  Function: {Timeout: 900, Environment: {Variables: {BUCKET: !Ref Bucket}}}
Resources:
  UploadFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: contact_import.handlers.upload.on_upload
      Timeout: 60
      Environment: {Variables: {SPEED: !Ref Speed, ARN: !Sub "arn:${Bucket}/*"}}
      Events: {Uploads: {Type: SQS, Properties: {Queue: !GetAtt Uploads.Arn}}}
  Uploads: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {maxReceiveCount: 5}}}
  Uploaded:
    Type: AWS::Events::Rule
    Properties: {EventPattern: {source: [aws.s3], bucket: [!Ref Bucket]}, Targets: [{Arn: !GetAtt Uploads.Arn}]}
  LargeFile:
    Type: AWS::Serverless::StateMachine
    Properties:
      Name: !Sub "${Bucket}-large"
      DefinitionUri: statemachine/large_file.asl.yaml
      DefinitionSubstitutions: {UploadFunctionArn: !GetAtt UploadFunction.Arn}
"""


@pytest.fixture
def template(tmp_path: Path) -> Template:
    path = tmp_path / "template.yaml"
    path.write_text(TEXT, "utf-8")
    return Template({"Bucket": "contacts"}, path)


def test_a_function_has_the_global_variables_and_its_own(template: Template) -> None:
    (function,) = template.read_functions()

    assert function.environment == {"BUCKET": "contacts", "SPEED": "7", "ARN": "arn:contacts/*"}
    assert (function.name, function.timeout_seconds) == ("UploadFunction", 60)


def test_a_rule_leads_over_its_queue_to_the_function(template: Template) -> None:
    (route,) = template.read_event_routes()

    assert (route.rule, route.queue, route.function, route.max_receives) == ("Uploaded", "Uploads", "UploadFunction", 5)
    assert route.pattern == {"source": ["aws.s3"], "bucket": ["contacts"]}


def test_a_state_machine_has_its_substitutions(template: Template) -> None:
    (machine,) = template.read_state_machines()

    assert machine.name == "contacts-large"
    assert machine.substitutions["UploadFunctionArn"].endswith(":function:UploadFunction")


def test_a_reference_without_a_value_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(TEXT, "utf-8")

    with pytest.raises(KeyError, match="Bucket"):
        list(Template({}, path).read_functions())
