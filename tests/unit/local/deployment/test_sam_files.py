"""The files for `sam local` name this machine and the simulated services, and nothing of AWS."""

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from local.aws.template import TEMPLATE_PATH, Template
from local.deployment import sam_files
from local.deployment.example_events import EVENTS_DIR, ExampleResources
from local.deployment.sam_files import SamFiles, format_path_command, get_architecture
from local.stack_values import build_template_values

RESOURCES = ExampleResources(
    {
        "Uploads": "http://10.9.9.9:1/uploads",
        "Deliveries": "http://10.9.9.9:1/deliveries",
        "NotificationTopic": "arn:aws:sns:1",
    },
    {"incoming/list=Newsletter/tag=VIP/june contacts + friends.csv": "v1", "validate/café.csv": "v2"},
)
AWS = {
    "AWS_ENDPOINT_URL": "http://10.9.9.9:1",
    "AWS_ACCESS_KEY_ID": "LOCAL1",
    "AWS_SECRET_ACCESS_KEY": "x",
    "AWS_REGION": "r",
}


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SamFiles:
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "template.yaml").write_text(TEMPLATE_PATH.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(sam_files, "BUILD_DIR", tmp_path / "build")
    return SamFiles(tmp_path / "local", RESOURCES)


def test_the_template_is_for_this_processor_and_hides_the_credentials_of_the_caller(
    files: SamFiles, tmp_path: Path
) -> None:
    files.write_template()

    template = yaml.safe_load((tmp_path / "local" / "template.yaml").read_text("utf-8"))
    shared = template["Globals"]["Function"]
    assert shared["Architectures"] == [get_architecture()]
    assert {"AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"} <= set(
        shared["Environment"]["Variables"]
    )
    assert all(
        Path(one["Properties"]["CodeUri"]).is_absolute()
        for one in template["Resources"].values()
        if "CodeUri" in one.get("Properties", {})
    )


def test_without_a_build_the_way_out_is_named(files: SamFiles, tmp_path: Path) -> None:
    (tmp_path / "build" / "template.yaml").unlink()

    with pytest.raises(FileNotFoundError, match="make build"):
        files.write_template()


def test_every_function_gets_the_simulated_services_and_no_credentials(files: SamFiles, tmp_path: Path) -> None:
    files.write_environment(AWS, "http://10.9.9.9:2")

    environment = json.loads((tmp_path / "local" / "env.json").read_bytes())
    assert set(environment) == {one.name for one in Template(build_template_values()).read_functions()}
    for variables in environment.values():
        assert variables["AWS_ENDPOINT_URL"] == "http://10.9.9.9:1"
        assert variables["CELLCAST_URL"] == "http://10.9.9.9:2"
        assert (variables["AWS_ACCESS_KEY_ID"], variables["AWS_SESSION_TOKEN"]) == ("LOCAL1", "")
    assert environment["WebhookFunction"]["QUEUE_URL"] == "http://10.9.9.9:1/deliveries"


def test_each_event_has_its_command_and_what_it_needs_comes_first(files: SamFiles, tmp_path: Path) -> None:
    commands = [shlex.split(one) for one in files.write_events()]

    written = [Path(words[-1]).stem for words in commands]
    assert sorted(written) == sorted(path.stem for path in EVENTS_DIR.glob("*.json"))
    assert written.index("plan") < written.index("batch") < written.index("finish")
    assert written.index("upload_eventbridge") < written.index("notify_queue")
    assert all(
        words[3].removesuffix("Function").lower() == name.split("_")[0]
        for words, name in zip(commands, written, strict=True)
    )
    event = _load(tmp_path, "upload_eventbridge")
    assert (event["detail"]["bucket"]["name"], event["detail"]["object"]["version-id"]) == ("contacts", "v1")


def test_a_file_of_the_caller_gets_an_event(files: SamFiles, tmp_path: Path) -> None:
    first, second = (
        files.write_upload_event("incoming/my list.csv", "v7"),
        files.write_delivery_event('{"import_id": "1"}'),
    )

    assert first.endswith("events/upload_yours_1.json")
    assert " UploadFunction " in first
    assert " QueueFunction " in second
    assert _load(tmp_path, "upload_yours_1")["detail"]["object"]["key"] == "incoming/my list.csv"
    assert _load(tmp_path, "queue_yours_2")["Records"][0]["body"] == '{"import_id": "1"}'


def _load(tmp_path: Path, name: str) -> Any:
    return json.loads((tmp_path / "local" / "events" / f"{name}.json").read_text("utf-8"))


def test_the_sam_of_make_build_is_put_on_the_path_where_none_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sam_files, "_SAM_BIN", tmp_path / "its bin")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert format_path_command() == ""

    sam = tmp_path / "its bin" / "sam"
    sam.parent.mkdir()
    sam.touch(mode=0o755)
    assert format_path_command() == f"export PATH='{tmp_path}/its bin':\"$PATH\""

    monkeypatch.setenv("PATH", str(sam.parent))
    assert format_path_command() == ""
