"""An HTTP proxy before the embedded AWS that notes which IAM action each request needs, and on which resource.

It denies what one permission would allow, as AWS does when that permission is taken away. An upload in parts breaks at
its first part, since only then it is aborted, and a redrive, which the embedded AWS does not know, is taken.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, unquote, urlsplit

import requests

from local.aws.moto_server import REGION
from local.stack_values import API_KEY_SECRET, HOOKS_SECRET

ACCOUNT = "123456789012"  # moto's
# The two secrets of the user are encrypted with it: whoever reads one needs its key, too.
SECRET_KEY_ARN = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_SKIPPED_HEADERS = ("connection", "content-encoding", "content-length", "transfer-encoding", "date", "server")

type Need = tuple[str, str]  # an IAM action, and the ARN of its resource


@dataclass
class RecordingProxy:
    """The address of the proxy, what its requests needed, and what was denied of it.

    `taken_away` is an action and a pattern of resources, None to deny nothing.
    """

    target: str
    taken_away: Need | None = None
    needs: set[Need] = field(default_factory=set)
    denied: set[Need] = field(default_factory=set)
    url: str = ""

    def find_denied(self, needs: set[Need]) -> set[Need]:
        if not self.taken_away:
            return set()
        action, pattern = self.taken_away
        return {need for need in needs if need[0] == action and fnmatchcase(need[1], pattern)}


@contextmanager
def start_recording_proxy(target: str, taken_away: Need | None = None) -> Iterator[RecordingProxy]:
    proxy = RecordingProxy(target, taken_away)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": proxy}))
    Thread(target=server.serve_forever, daemon=True).start()
    proxy.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield proxy
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    proxy: RecordingProxy
    protocol_version = "HTTP/1.1"

    def _forward(self) -> None:
        body, headers = self.rfile.read(int(self.headers.get("Content-Length", 0))), dict(self.headers)
        if denied := self.proxy.find_denied(_find_needs(self.command, self.path, headers, body)):
            self._deny(denied, body)
            return
        if answer := _answer_itself(self.command, self.path, headers):
            self.proxy.needs |= _find_needs(self.command, self.path, headers, body)
            self._send(*answer)
            return
        response = requests.request(self.command, self.proxy.target + self.path, headers=headers, data=body, timeout=30)
        needs = _find_needs(self.command, self.path, headers, body, response.status_code)
        self.proxy.needs |= needs
        if denied := self.proxy.find_denied(needs):
            self._deny(denied, body)
            return
        self.send_response(response.status_code)
        for name, value in response.headers.items():
            if name.lower() not in _SKIPPED_HEADERS:
                self.send_header(name, value)
        length = response.headers.get("Content-Length", "0") if self.command == "HEAD" else len(response.content)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(response.content)

    def _deny(self, denied: set[Need], request: bytes) -> None:
        """Answer as the service does for a call that the role's policy does not allow."""
        self.proxy.denied |= denied
        if "X-Amz-Target" in self.headers:
            words = "Access to KMS is not allowed" if ("kms:Decrypt", SECRET_KEY_ARN) in denied else "not authorized"
            status, body = 400, json.dumps({"__type": "AccessDeniedException", "message": words}).encode()
        elif b"Action=" in request:  # SNS
            status, body = 403, b"<ErrorResponse><Error><Code>AuthorizationError</Code></Error></ErrorResponse>"
        else:
            status, body = 403, b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
        self._send(status, body)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _forward  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


def _answer_itself(method: str, path: str, headers: dict[str, str]) -> tuple[int, bytes] | None:
    """Return status and body of a response that the embedded AWS would not give, None for its own."""
    if method == "PUT" and "partNumber=" in path:
        return 400, b"<Error><Code>InvalidRequest</Code></Error>"
    if headers.get("X-Amz-Target") == "AWSStepFunctions.RedriveExecution":
        return 200, b'{"redriveDate": 1764000000.0}'
    return None


def _find_needs(method: str, path: str, headers: dict[str, str], body: bytes, status: int = 200) -> set[Need]:
    """Return the IAM actions of a request. Sources: the service authorization reference of each service."""
    target = {name.lower(): value for name, value in headers.items()}.get("x-amz-target", "")
    if target:
        request = json.loads(body)
        is_encrypted = request.get("SecretId") in (API_KEY_SECRET, HOOKS_SECRET)
        return {_read_json_request(target, request)} | ({("kms:Decrypt", SECRET_KEY_ARN)} if is_encrypted else set())
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
