"""An HTTP proxy before the embedded AWS that notes which IAM action each request needs, and on which resource."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

import requests

from local.aws.moto_server import REGION

ACCOUNT = "123456789012"  # moto's
_SKIPPED_HEADERS = ("connection", "content-encoding", "content-length", "transfer-encoding", "date", "server")

type Need = tuple[str, str]  # an IAM action, and the ARN of its resource


@dataclass
class RecordingProxy:
    """The address of the proxy, and what its requests needed."""

    target: str
    needs: set[Need] = field(default_factory=set)
    url: str = ""


@contextmanager
def start_recording_proxy(target: str) -> Iterator[RecordingProxy]:
    proxy = RecordingProxy(target)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _make_handler(proxy))
    Thread(target=server.serve_forever, daemon=True).start()
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()


def _make_handler(proxy: RecordingProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _forward(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            response = requests.request(
                self.command, proxy.target + self.path, headers=dict(self.headers), data=body, timeout=30
            )
            proxy.needs |= _find_needs(self.command, self.path, dict(self.headers), body, response.status_code)
            self.send_response(response.status_code)
            for name, value in response.headers.items():
                if name.lower() not in _SKIPPED_HEADERS:
                    self.send_header(name, value)
            length = response.headers.get("Content-Length", "0") if self.command == "HEAD" else len(response.content)
            self.send_header("Content-Length", str(length))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(response.content)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _forward  # noqa: N815

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    return Handler


def _find_needs(method: str, path: str, headers: dict[str, str], body: bytes, status: int) -> set[Need]:
    """Return the IAM actions of a request. Sources: the service authorization reference of each service."""
    target = {name.lower(): value for name, value in headers.items()}.get("x-amz-target", "")
    if target:
        return {_read_json_request(target, json.loads(body))}
    if body.startswith(b"Action=") or b"&Action=" in body:  # SNS
        form = parse_qs(body.decode())
        return {(f"sns:{form['Action'][0]}", form["TopicArn"][0])}
    return _read_s3_request(method, path, status)


def _read_json_request(target: str, request: dict[str, str]) -> Need:
    service, _, operation = target.partition(".")
    match service:
        case "secretsmanager":
            arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{request['SecretId']}-abcdef"
            return f"secretsmanager:{operation}", arn
        case "AmazonSQS":
            name = request["QueueUrl"].rpartition("/")[2]
            return f"sqs:{operation.removesuffix('Batch')}", f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        case "AWSStepFunctions":
            return f"states:{operation}", request.get("stateMachineArn") or request["executionArn"]
        case "DynamoDB_20120810":
            return f"dynamodb:{operation}", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{request['TableName']}"
        case "AWSEvents":
            return f"events:{operation}", f"arn:aws:events:{REGION}:{ACCOUNT}:event-bus/default"
    raise AssertionError(target)


def _read_s3_request(method: str, path: str, status: int) -> set[Need]:
    parts = urlsplit(path)
    bucket, _, key = unquote(parts.path).lstrip("/").partition("/")
    query = parse_qs(parts.query, keep_blank_values=True)
    arn = f"arn:aws:s3:::{bucket}"
    if not key:
        return {("s3:ListBucketVersions" if "versions" in query else "s3:ListBucket", arn)}
    version = "Version" if "versionId" in query else ""
    action = {
        "GET": f"s3:GetObject{version}",
        "HEAD": f"s3:GetObject{version}",
        "PUT": "s3:PutObject",
        "POST": "s3:PutObject",  # of a multipart upload
        "DELETE": "s3:AbortMultipartUpload" if "uploadId" in query else "s3:DeleteObject",
    }[method]
    # Without ListBucket, S3 answers 403 instead of 404 for a missing object.
    missing = {("s3:ListBucket", arn)} if status == 404 and re.match("GET|HEAD", method) else set()
    return {(action, f"{arn}/{key}")} | missing
