"""Capture the segments that the built functions send to the X-Ray daemon."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from local.deployment.artifact import ArtifactEnvironment, start_artifact_environment


@pytest.fixture
def daemon() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(0.5)
        yield receiver


def _receive(daemon: socket.socket) -> list[dict[str, Any]]:
    """Return all segments that were sent: each datagram is a header line and one document."""
    documents = []
    try:
        while True:
            _, _, document = daemon.recv(65_536).partition(b"\n")
            documents.append(json.loads(document))
    except TimeoutError:
        return documents


def test_no_segment_has_the_name_of_a_file(daemon: socket.socket) -> None:
    address = f"127.0.0.1:{daemon.getsockname()[1]}"
    with start_artifact_environment() as environment:
        event = environment.resources.load_event("upload_eventbridge.json")
        with _start(environment, address) as runtime:
            runtime.invoke(event)

    text = json.dumps(_receive(daemon))
    assert "## on_upload" in text
    assert "cellcast" not in event["detail"]["object"]["key"]
    for part in (*event["detail"]["object"]["key"].split("/"), "0491570006", "june", "Newsletter"):
        assert part not in text


def _start(environment: ArtifactEnvironment, address: str) -> Any:
    return environment.make_runtime("UploadFunction", AWS_XRAY_DAEMON_ADDRESS=address)
