"""Print the addresses of `serve` once it is ready."""

import shlex
from collections.abc import Iterator, Sequence
from urllib.parse import quote

from local.commands.arguments import SANDBOX_NOTICE
from local.serving.access import Access
from local.serving.folder.finished_files import DONE, FAILED
from local.serving.options import ServeOptions
from local.serving.start_page import ServerFacts


def build_server_facts(port: int, options: ServeOptions, access: Access) -> ServerFacts:
    """Return what the start page says of the server."""
    token = f"$(cat {shlex.quote(str(access.token_path.absolute()))})" if access.token_path else ""
    return ServerFacts(
        address=f"http://127.0.0.1:{port}",
        endpoint=options.cellcast_url,
        sandbox_notice="" if options.cellcast_url else SANDBOX_NOTICE,
        folder=str(options.drop.absolute()) if options.drop else "",
        out=str(options.out.absolute()),
        token=token or ("YOUR-TOKEN" if access.token else ""),
        senders=access.senders,
    )


def format_ready_lines(port: int, options: ServeOptions, access: Access) -> Iterator[str]:
    """Yield the lines: where it listens, where the import page is, and what the folder does."""
    address = f"http://127.0.0.1:{port}"
    files = f", files in {options.drop}" if options.drop else ""
    yield f"ready: listening on {address}{files}; results go to {options.out} (Ctrl-C stops it)"
    # In the fragment, which a browser sends to no server.
    yield f"Import page: {address}/" + (f"#token={quote(access.token)}" if access.token else "")
    yield f"About this server: {address}/server"
    if not options.cellcast_url:
        yield SANDBOX_NOTICE
    if options.drop:
        yield (
            f"Files in {options.drop / 'validate'} are only checked and nothing is sent (dry run). Imported files move "
            f"to {options.drop / DONE}, files that could not be imported to {options.drop / FAILED}."
        )


def format_sample_requests(port: int, access: Access) -> Iterator[Sequence[str]]:
    """Yield the parts of a command for `/contacts`, and of one for `/hooks`, with the token in it."""
    address = f"http://127.0.0.1:{port}"
    headers = f"-H {shlex.quote(f'Authorization: Bearer {access.token}')}", "-H 'Content-Type: application/json'"
    contact, delivery = '{"contacts": [{"phone_number": "0491570006"}]}', '{"name": "Ada Moss", "mobile": "0491570006"}'
    yield f"curl {address}/contacts", *headers, f"-d '{contact}'"
    yield f"curl {address}/hooks/{access.senders[0]}", *headers, f"-d '{delivery}'"
