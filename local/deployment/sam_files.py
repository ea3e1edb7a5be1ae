"""Write the files for `sam local`: a template for this machine, environment variables and events.

All of it is written below `.aws-sam/local/`, which the next run replaces.
"""

import json
import platform
import shlex
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local.aws.template import Template, read_template
from local.deployment.example_events import API_TOKEN, EVENTS_DIR, HOOK_TOKEN, ExampleResources
from local.stack_values import build_template_values

ROOT = Path(__file__).parents[2]
API_URL = "http://127.0.0.1:3000"  # of `sam local start-api`
FOLDER = ROOT / ".aws-sam" / "local"
BUILD_DIR = ROOT / ".aws-sam" / "build"
_SAM_BIN = ROOT / ".venvs" / "sam" / "bin"  # of `make build`
# `sam local` gives a container only the variables that the template names, and passes the caller's own credentials on
# unless they are among these.
_AWS_VARIABLES = (
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"
)  # fmt: skip
# In this order each event finds what it needs: a plan for the batch, a result for the notification.
_ORDER = (
    "upload_eventbridge", "upload_s3_notification", "upload_queue", "notify_queue", "plan", "batch", "finish",
    "webhook_hook", "webhook_contacts", "queue_deliveries", "webhook_import", "callback_queue", "sweep",
)  # fmt: skip


class SamFiles:
    """Writes template.yaml, env.json and events/ into a folder, and makes the commands that use them."""

    def __init__(self, folder: Path, resources: ExampleResources) -> None:
        self._folder, self._resources = folder, resources
        self._extra_events = 0
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "events").mkdir(parents=True)

    def write_template(self) -> None:
        """Write the built template. Raise FileNotFoundError when the functions are not built yet."""
        _write_json(self._folder / "template.yaml", build_local_template())  # JSON is YAML

    def write_environment(self, aws_variables: Mapping[str, str], cellcast_url: str) -> None:
        """Write the variables of all functions."""
        _write_json(
            self._folder / "env.json", build_environment(self._resources.template_values, aws_variables, cellcast_url)
        )

    def write_events(self) -> list[str]:
        """Write each event of `events/` and return the commands, in an order in which each finds what it needs."""
        return [self._write_event(name, self._resources.load_event(f"{name}.json")) for name in _sort_events()]

    def write_upload_event(self, key: str, version_id: str) -> str:
        """Write the event of an uploaded file and return the command that imports it."""
        event = self._resources.load_event("upload_eventbridge.json")
        event["detail"]["object"] |= {"key": key, "version-id": version_id}
        return self._write_event(self._name_extra_event("upload"), event)

    def write_delivery_event(self, message: str) -> str:
        """Write the event of a message in the queue of deliveries and return the command that imports it."""
        event = self._resources.load_event("queue_deliveries.json")
        event["Records"][0]["body"] = message
        return self._write_event(self._name_extra_event("queue"), event)

    def format_command(self, *words: str) -> str:
        """Return a `sam local` command with the template and the variables."""
        template, environment = (shlex.quote(str(self._shorten(name))) for name in ("template.yaml", "env.json"))
        return f"sam local {' '.join(words)} -t {template} --env-vars {environment}"

    def _write_event(self, name: str, event: object) -> str:
        _write_json(self._folder / "events" / f"{name}.json", event)
        path = shlex.quote(str(self._shorten(f"events/{name}.json")))
        return f"{self.format_command('invoke', get_function(name))} -e {path}"

    def _name_extra_event(self, kind: str) -> str:
        self._extra_events += 1
        return f"{kind}_yours_{self._extra_events}"

    def _shorten(self, name: str) -> Path:
        """Return the path of a file from the current folder where it is below it."""
        path = self._folder / name
        return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def build_local_template() -> dict[str, Any]:
    """Return the built template for the processor of this machine, with absolute paths."""
    path = BUILD_DIR / "template.yaml"
    if not path.is_file():
        raise FileNotFoundError("the functions are not built yet: run `make build` first")
    template = read_template(path)
    function_globals = template["Globals"]["Function"]
    function_globals["Architectures"] = [get_architecture()]
    variables = function_globals["Environment"]["Variables"]
    variables |= dict.fromkeys((*_AWS_VARIABLES, "SANDBOX"), "")
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        for name in ("CodeUri", "DefinitionUri"):
            if name in properties:
                properties[name] = str((BUILD_DIR / properties[name]).resolve())
    return template


def build_environment(
    template_values: Mapping[str, str], aws_variables: Mapping[str, str], cellcast_url: str
) -> dict[str, dict[str, str]]:
    """Return the content of the file for `--env-vars`: all variables of each function."""
    values = build_template_values() | dict(template_values)
    given = {name: aws_variables.get(name, "") for name in (*_AWS_VARIABLES, "AWS_ENDPOINT_URL")}
    return {
        function.name: {
            **function.environment,
            **given,
            "CELLCAST_URL": cellcast_url,
            "PUBLIC_URL": API_URL,
            "SANDBOX": "true",
        }
        for function in Template(values).read_functions()
    }


def get_architecture() -> str:
    """Return Lambda's name of this machine's processor."""
    return "arm64" if platform.machine().lower() in ("arm64", "aarch64") else "x86_64"


def get_function(event_name: str) -> str:
    """Return the function that an event of `events/` wakes: UploadFunction for upload_queue."""
    return f"{event_name.partition('_')[0].capitalize()}Function"


def format_path_command() -> str:
    """Return the command that puts the SAM CLI of `make build` on the PATH, "" where a `sam` is on it already."""
    if shutil.which("sam") or not _SAM_BIN.exists():
        return ""
    return f'export PATH={shlex.quote(str(_SAM_BIN))}:"$PATH"'


def format_requests() -> Iterator[str]:
    """Yield the commands that post to the HTTP API of `sam local start-api`."""
    yield (f"curl '{API_URL}/hooks/website?token={HOOK_TOKEN}' -d 'Full name=Ann Example' -d 'Mobile=0491 570 006'")
    contacts = {"contacts": [{"first_name": "Ben", "phone_number": "0491 570 156"}]}
    yield (
        f"curl {API_URL}/contacts -H 'Authorization: Bearer {API_TOKEN}' -H 'Content-Type: application/json' "
        f"-d '{json.dumps(contacts)}'"
    )


def _sort_events() -> list[str]:
    """Return the names of all events in an order in which each finds what it needs; an unknown one comes last."""
    names = {path.stem for path in EVENTS_DIR.glob("*.json")}
    return [*(name for name in _ORDER if name in names), *sorted(names - set(_ORDER))]


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")
