"""The deployed stack on one machine: bucket, rules, queues and state machine, and the handlers that they invoke."""

import json
import os
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3

from contact_import.aws.events import Upload, build_upload_message
from contact_import.aws.s3 import Bucket
from contact_import.handlers import dependencies
from contact_import.webhooks.queue_message import Message
from local.aws.batching_queue import BatchingQueue
from local.aws.disk_bucket import DiskBucket
from local.aws.execution_runner import ExecutionRunner
from local.aws.memory_queue import MemoryQueue
from local.aws.moto_server import start_embedded_aws
from local.aws.queue_poller import QueuePoller
from local.aws.served_bucket import ServedBucket
from local.aws.template import Template
from local.callbacks import QUEUE_URL as CALLBACK_QUEUE_URL
from local.callbacks import Callbacks
from local.file_imports.results_download import ResultsDownloader
from local.file_imports.sending_control import SendingControl
from local.lambda_context import make_handler
from local.stack_values import (
    API_KEY_SECRET,
    BUCKET,
    CALLBACK_SECRET,
    HOOKS_SECRET,
    LINKS_SECRET,
    build_environment,
    build_template_values,
)
from local.uploads.upload_server import UploadServer

_DELIVERY_QUEUE_URL = "http://127.0.0.1/deliveries"  # only a name: no request goes there


@dataclass(slots=True)
class Stack:
    """A running stack.

    `functions` are the handlers by their names in the template. `failures` names each function whose retries are
    used up. `undelivered` is the number of webhook deliveries that were left in the queue at the end. `control` stops
    the sending. A file goes to the state machine only while `is_large_file`.
    """

    s3: Any
    failures: list[str] = field(default_factory=list)
    functions: dict[str, Callable[[Any], Any]] = field(default_factory=dict)
    undelivered: int = 0
    served_bucket: ServedBucket | None = None
    control: SendingControl = field(default_factory=SendingControl)
    is_large_file: bool = False
    queues: dict[str, MemoryQueue] = field(default_factory=dict)  # of `serve`, by their URLs

    def announce_upload(self, upload: Upload) -> None:
        """Send the event that S3 sends for a new object: the embedded AWS does not know the objects on the disk."""
        message = json.loads(build_upload_message(upload))
        source, kind, detail = message["source"], message["detail-type"], json.dumps(message["detail"])
        boto3.client("events").put_events(Entries=[{"Source": source, "DetailType": kind, "Detail": detail}])

    def read_json(self, bucket: str, key: str) -> Any:
        """Return a parsed object, as the state machine reads its items."""
        return dependencies.get_bucket(bucket).read_json(key)


@dataclass(frozen=True, slots=True)
class Serving:
    """The parts that only `serve` adds to the stack.

    `hooks` is the content of the secret with the webhook senders, `callback_secret` signs callbacks.
    `results_download` gets each finished import, `uploads` the files of the import page. `submissions` keeps
    deliveries and API calls; `unfinished` are the import ids of those that an earlier process left.
    """

    hooks: str = field(repr=False)
    callback_secret: str = field(repr=False)
    results_download: ResultsDownloader
    submissions: DiskBucket
    uploads: UploadServer
    unfinished: Sequence[str] = ()


@contextmanager
def start_stack(
    cellcast_url: str,
    api_key: str,
    *,
    sandbox: bool,
    disk: DiskBucket,
    large: bool = False,
    serving: Serving | None = None,
) -> Iterator[Stack]:
    """Start everything that template.yaml connects and yield it; stop it when its queues are empty.

    With `sandbox` the results say that `cellcast_url` is a simulated Cellcast. All objects are in `disk`, and no run is
    cut off after 15 minutes. With `large` every file is imported over the state machine. Raise SettingsError for a
    wrong value in an environment variable of the caller.
    """
    with start_embedded_aws() as aws_variables:
        template = Template(build_template_values())
        environment = build_environment(template, cellcast_url, sandbox=sandbox) | aws_variables
        if large:
            environment |= {"INLINE_MAX_BYTES": "1"}
        os.environ.update(environment)
        stack = Stack(boto3.client("s3"))
        _create_resources(stack.s3, api_key)
        stack.functions.update({one.name: make_handler(one) for one in template.read_functions()})
        _use_disk(stack, disk)
        if serving:
            stack.functions["NotifyFunction"] = serving.results_download.handle_event
        # In the order in which they stop: the last ones report what the first ones finish.
        workers: list[Callable[[threading.Event], None]] = []
        delivery_queue = _make_delivery_queue(stack, disk, serving) if serving else None
        callbacks = _make_callbacks(stack, template, serving) if serving else None
        if delivery_queue:
            workers.append(delivery_queue.run_until_stopped)
        workers.extend(
            ExecutionRunner(
                machine,
                stack.functions,
                stack.read_json,
                stack.failures.append,
                is_interrupted=lambda: stack.control.is_stopped,
            ).run_until_stopped
            for machine in template.read_state_machines()
        )
        workers.extend(
            QueuePoller(route, stack.functions[route.function], stack.failures.append).run_until_stopped
            for route in template.read_event_routes()
        )
        if serving:
            workers.append(serving.results_download.run_until_stopped)
        if callbacks:
            workers.append(callbacks.run_until_stopped)
        with ExitStack() as exit_stack:
            for worker in reversed(workers):
                exit_stack.enter_context(run_in_thread(worker))
            yield stack
        stack.undelivered = len(delivery_queue.messages) if delivery_queue else 0


@contextmanager
def run_in_thread(worker: Callable[[threading.Event], None]) -> Iterator[None]:
    """Run a worker beside the caller. At the end, set the event that it gets, and wait for it."""
    stop = threading.Event()
    thread = threading.Thread(target=worker, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _make_delivery_queue(stack: Stack, disk: DiskBucket, serving: Serving) -> BatchingQueue:
    delivery_queue = BatchingQueue(
        stack.functions["QueueFunction"], lambda _text: stack.failures.append("QueueFunction")
    )
    os.environ |= {"QUEUE_URL": _DELIVERY_QUEUE_URL, "HOOKS_SECRET": HOOKS_SECRET}
    boto3.client("secretsmanager").create_secret(Name=HOOKS_SECRET, SecretString=serving.hooks)
    stack.served_bucket = ServedBucket(
        disk,
        serving.submissions,
        Bucket(stack.s3, BUCKET),
        uploads=serving.uploads,
        find_copy=serving.results_download.find_copy,
        on_put=serving.results_download.enqueue_result,
    )
    # The handlers get their clients from `dependencies` only: these replace the bucket, the table and the queues. The
    # claims of the table are on the disk as well: a delivery that was sent must not be sent again by the next process.
    stack.queues[_DELIVERY_QUEUE_URL] = delivery_queue.messages
    vars(dependencies).update(
        get_bucket=lambda _name: stack.served_bucket,
        get_delivery_table=lambda _name: stack.served_bucket,
        get_delivery_queue=stack.queues.get,
    )
    for import_id in serving.unfinished:
        delivery_queue.messages.send(Message(import_id).to_text())
    return delivery_queue


def _make_callbacks(stack: Stack, template: Template, serving: Serving) -> Callbacks:
    assert stack.served_bucket  # noqa: S101  `_make_delivery_queue` makes it
    callbacks = Callbacks(
        stack.functions["CallbackFunction"],
        stack.served_bucket,
        serving.submissions,
        stack.failures.append,
        template.read_max_receives("Callbacks"),
    )
    stack.queues[CALLBACK_QUEUE_URL] = callbacks.messages
    os.environ |= {"CALLBACK_QUEUE_URL": CALLBACK_QUEUE_URL, "CALLBACK_SECRET": CALLBACK_SECRET}
    boto3.client("secretsmanager").create_secret(Name=CALLBACK_SECRET, SecretString=serving.callback_secret)
    vars(dependencies).update(allows_loopback_callbacks=lambda: True)
    serving.results_download.enqueue_callback = callbacks.enqueue
    return callbacks


def _use_disk(stack: Stack, disk: DiskBucket) -> None:
    build_hand_over = dependencies.build_hand_over
    vars(dependencies).update(
        get_bucket=lambda _name: disk,
        build_client=stack.control.build_client,
        build_hand_over=lambda settings: build_hand_over(settings) if stack.is_large_file else None,
    )


def _create_resources(s3: Any, api_key: str) -> None:
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": os.environ["AWS_REGION"]})
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration={"EventBridgeConfiguration": {}})
    secrets_manager = boto3.client("secretsmanager")
    secrets_manager.create_secret(Name=API_KEY_SECRET, SecretString=json.dumps({"api_key": api_key}))
    secrets_manager.create_secret(Name=LINKS_SECRET, SecretString=secrets.token_urlsafe(48))
