"""`cellcast-import sam`: start the simulated AWS and Cellcast for the containers of `sam local`."""

import argparse
import ipaddress
import json
import os
import secrets
import signal
import socket
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path

import boto3

from contact_import.domain.object_keys import INCOMING, RESULTS, is_result_key
from contact_import.reports.summary import summarize_result
from local.aws.moto_server import start_embedded_aws
from local.commands.arguments import Commands
from local.deployment.example_events import create_resources, store_example_delivery
from local.deployment.sam_files import FOLDER, SamFiles, format_path_command, format_requests
from local.file_imports.results_download import join_inside
from local.sandbox.endpoint import Sandbox
from local.stack_values import BUCKET

_BRIDGES = ("docker0", "podman0", "cni-podman0")
_DOCKER_DESKTOP_HOST = "192.168.65.254"  # the address of this machine in the containers of Docker Desktop
_GET_INTERFACE_ADDRESS = 0x8915  # SIOCGIFADDR of netdevice(7)
_POLL_SECONDS = 1.0
_REWRITTEN = ("progress.json", "report.html")  # while an import runs

_DESCRIPTION = """\
Start a simulated AWS and a simulated Cellcast that containers can reach, and write what `sam local` needs into
.aws-sam/local/. Run `make build` first."""
_EXAMPLE = """\
example:
  cellcast-import sam contacts.csv
"""


def add_command(commands: Commands) -> None:
    command = commands.add_parser(
        "sam",
        help="prepare `sam local invoke` and `sam local start-api`, and print their commands",
        description=_DESCRIPTION,
        epilog=_EXAMPLE,
    )
    command.add_argument("files", nargs="*", type=Path, metavar="FILE", help="a contact file to put into the bucket")
    command.add_argument(
        "--address", default="", metavar="IP",
        help="address of this machine to listen on (default: Docker's or podman's bridge, else 127.0.0.1)",
    )  # fmt: skip
    command.add_argument(
        "--container-address", default="", metavar="IP",
        help="the same machine as containers see it (default: --address, or Docker Desktop's 192.168.65.254)",
    )  # fmt: skip
    command.add_argument(
        "--folder", type=Path, default=FOLDER, metavar="DIR", help="folder for the files (.aws-sam/local/); replaced"
    )
    command.add_argument("--out", type=Path, default=Path("out"), metavar="DIR", help="folder for results (out/)")
    command.set_defaults(act=_run_command)


def _run_command(options: argparse.Namespace) -> int:
    for path in options.files:
        if not path.is_file():
            raise FileNotFoundError(f"{path} is not a file")
    address = _parse_address(options.address, "--address") or find_bridge_address() or "127.0.0.1"
    container_address = _parse_address(options.container_address, "--container-address")
    if not container_address:
        container_address = _DOCKER_DESKTOP_HOST if ipaddress.ip_address(address).is_loopback else address
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        _serve(options, address, container_address)
    except KeyboardInterrupt:  # Ctrl-C is how it ends
        print("Stopped; the simulated AWS and Cellcast are stopped.", file=sys.stderr)
    return 0


def _serve(options: argparse.Namespace, address: str, container_address: str) -> None:
    """Run until Ctrl-C. The servers listen on `address`; containers reach them at `container_address`."""
    api_key, access_key = secrets.token_urlsafe(16), f"LOCAL{secrets.token_hex(8).upper()}"
    with start_embedded_aws(address, access_key) as aws, Sandbox(key=api_key) as sandbox:
        os.environ |= aws
        cellcast_url = sandbox.start(address=address)
        resources = create_resources(api_key)
        store_example_delivery()
        variables = aws | {"AWS_ENDPOINT_URL": aws["AWS_ENDPOINT_URL"].replace(address, container_address)}
        writer = SamFiles(options.folder, resources)
        writer.write_template()
        writer.write_environment(variables, cellcast_url.replace(address, container_address))
        print("The simulated AWS and Cellcast are running. Run these in another terminal, in this order:\n")
        commands = [format_path_command(), *writer.write_events(), *(_upload(path, writer) for path in options.files)]
        print(*filter(None, commands), sep="\n")
        print("\nThe HTTP API, with sam's own port:\n", writer.format_command("start-api"), sep="\n")
        print(*format_requests(), sep="\n")
        print(f"\nResults are copied to {options.out}. Press Ctrl-C to stop.", flush=True)
        _watch(writer, resources.template_values["Deliveries"], options.out)


def _upload(path: Path, writer: SamFiles) -> str:
    """Put a file into the bucket and return the command that imports it."""
    key = INCOMING + path.name
    version = boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=path.read_bytes())["VersionId"]
    return writer.write_upload_event(key, version)


def _watch(writer: SamFiles, queue_url: str, out: Path) -> None:
    """Copy results into the folder, and write an event for each delivery in the queue, until Ctrl-C."""
    s3, sqs, copied = boto3.client("s3"), boto3.client("sqs"), set[str]()
    while True:
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=RESULTS)
        keys = {one["Key"] for page in pages for one in page.get("Contents", ())}
        for key in sorted(keys - copied):
            path = join_inside(out, key.removeprefix(RESULTS))
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f"{path.name}.part")  # a program that polls for a result never reads half of it
            part.write_bytes(s3.get_object(Bucket=BUCKET, Key=key)["Body"].read())
            part.replace(path)
            if is_result_key(key):
                print(f"{path.parent}: {summarize_result(json.loads(path.read_bytes()))}", flush=True)
        copied |= {key for key in keys if not key.endswith(_REWRITTEN)}
        for message in sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages", ()):
            print(f"A delivery is waiting: {writer.write_delivery_event(message['Body'])}", flush=True)
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        time.sleep(_POLL_SECONDS)


def _parse_address(text: str, option: str) -> str:
    """Return an IP address as given, "" for none. Raise RuntimeError for anything else."""
    if not text:
        return ""
    try:
        address = ipaddress.IPv4Address(text)
    except ValueError:
        # boto3 puts the bucket in front of a name, "contacts.host.docker.internal", which nothing resolves.
        raise RuntimeError(f"{option} must be an IPv4 address such as 172.17.0.1, not a name") from None
    if address.is_unspecified or address.is_multicast:
        raise RuntimeError(f"{option} must be one address of this machine, not {text}")
    return str(address)


def find_bridge_address() -> str:
    """Return the address of this machine on the bridge of Docker or podman, "" when it has none."""
    if sys.platform != "linux":
        return ""
    import fcntl  # noqa: PLC0415  Windows has none

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        for name in _BRIDGES:
            with suppress(OSError):
                reply = fcntl.ioctl(probe, _GET_INTERFACE_ADDRESS, struct.pack("256s", name.encode()))
                return socket.inet_ntoa(reply[20:24])
    return ""
