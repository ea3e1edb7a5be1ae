"""Start the embedded AWS: moto's server, on loopback unless containers must reach it."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

REGION: Final = "ap-southeast-2"


@contextmanager
def start_embedded_aws(address: str = "127.0.0.1", access_key: str = "") -> Iterator[dict[str, str]]:
    """Run moto's server on an IP address and yield the environment variables with which boto3 uses it.

    With `access_key`, a request that is signed with another key gets 403.
    """
    # Imported here: the import takes a second, and `--help` would take as long.
    from moto.moto_server import werkzeug_app  # noqa: PLC0415
    from werkzeug.serving import make_server  # noqa: PLC0415

    lock_conditional_writes()
    logging.getLogger("werkzeug").disabled = True  # its access log would contain names of files
    app: Any = werkzeug_app.DomainDispatcherApplication(werkzeug_app.create_backend_app)
    if access_key:
        app = _require_access_key(app, access_key)
    handler = werkzeug_app.MotoRequestHandler
    server = make_server(address, 0, app, threaded=True, request_handler=handler)
    # moto's own server takes half a second to notice that it should stop.
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield {
            "AWS_ENDPOINT_URL": f"http://{address}:{server.server_port}",
            "AWS_ACCESS_KEY_ID": access_key or "embedded",
            "AWS_SECRET_ACCESS_KEY": "embedded",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
    finally:
        server.shutdown()


def _require_access_key(app: Any, access_key: str) -> Any:
    """Return the WSGI application behind a check of the access key id.

    moto checks no signatures. A random id keeps out whoever else reaches the address: a signature contains it in the
    header Authorization or, in a presigned URL, in the query.
    """

    def check_access_key(environ: dict[str, Any], start_response: Any) -> Any:
        signature = environ.get("HTTP_AUTHORIZATION", "") + environ.get("QUERY_STRING", "")
        if access_key in signature:
            return app(environ, start_response)
        start_response("403 Forbidden", [("Content-Type", "text/plain")])
        return [b"The request is not signed with the access key of this server."]

    return check_access_key


def lock_conditional_writes() -> None:
    """Make moto's conditional writes and ETags atomic, as those of S3 and DynamoDB are.

    moto compares and then writes, and it computes an ETag by reading the object's file: two threads could both win a
    write, or read half of an object.
    """
    from moto.dynamodb.models import DynamoDBBackend  # noqa: PLC0415
    from moto.s3.models import FakeKey  # noqa: PLC0415
    from moto.s3.responses import S3Response  # noqa: PLC0415

    response: Any = S3Response
    if getattr(response.put_object, "is_locked", False):
        return
    _lock_method(response, "put_object")
    _lock_method(DynamoDBBackend, "put_item")

    key: Any = FakeKey
    read_etag = key.etag.fget

    def etag(self: Any) -> Any:
        with self.lock:
            return read_etag(self)

    key.etag = property(etag)


def _lock_method(owner: Any, name: str) -> None:
    lock, method = threading.RLock(), getattr(owner, name)

    def locked(*args: Any, **kwargs: Any) -> Any:
        with lock:
            return method(*args, **kwargs)

    locked.is_locked = True  # type: ignore[attr-defined]
    setattr(owner, name, locked)


def create_table(client: Any, name: str) -> None:
    """Create a table of DynamoDB as the template has them, with a boto3 client."""
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
