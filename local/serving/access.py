"""Load the access to the HTTP API of `serve`: the senders of a file, or one token that the next start uses too."""

import base64
import json
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from contact_import.errors import SecretError
from contact_import.webhooks.senders.config import parse_sender_config
from local.serving.status_lines import StatusLines

FORM_SENDER = "form"
_TOKEN_FILE = "token"
_CALLBACK_SECRET_FILE = "callback-secret"
_CALLBACK_SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{32,86}={0,2}")
_TOKEN = re.compile(r"[\x21-\x7e]{8,512}")  # what fits into a header and into an address


@dataclass(frozen=True, slots=True)
class Access:
    """The content of the secret of the webhook senders, and the token to print; "" when a file has the tokens.

    `token_path` is the file of a kept token, `senders` are the names of the webhook senders.
    """

    secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    token_path: Path | None = None
    senders: tuple[str, ...] = (FORM_SENDER,)


def load_access(hooks: Path | None, token: str, out: Path, lines: StatusLines) -> Access:
    """Return who may call: the senders of the file `hooks`, or everyone with the token.

    Without either, the token is read from `<out>/token`, which is made on the first start. Raise RuntimeError for a
    file or a token that cannot be used.
    """
    if hooks:
        if token:
            raise RuntimeError("--token and --hooks exclude each other: put the token into the file, under tokens")
        text, names = _read_senders(hooks, lines)
        return Access(text, senders=names)
    if token and not _TOKEN.fullmatch(token):
        raise RuntimeError("--token must be 8 to 512 letters, digits and signs, without blanks")
    path = None if token else out / _TOKEN_FILE
    token = _load_secret(path, _TOKEN, lambda: secrets.token_urlsafe(24)) if path else token
    senders = {FORM_SENDER: {"scheme": "token", "secrets": [token]}}
    return Access(json.dumps({"tokens": [token], "senders": senders}), token, path)


def _read_senders(path: Path, lines: StatusLines) -> tuple[str, tuple[str, ...]]:
    try:
        text = path.read_text("utf-8-sig")
        json.loads(text)
    except json.JSONDecodeError as error:
        raise RuntimeError(
            f"{path} is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})"
        ) from None
    except UnicodeDecodeError:
        raise RuntimeError(f"{path} is not UTF-8 text") from None
    except RecursionError:
        raise RuntimeError(f"{path} is nested too deeply") from None
    except OSError as error:
        raise RuntimeError(f"{path} cannot be read: {error.strerror}") from None
    try:
        config = parse_sender_config(text, str(path))
    except SecretError as error:
        raise RuntimeError(str(error)) from None
    for fault in config.faults.values():
        lines.print(f"{path}: {fault} Until it is corrected, its deliveries are refused.")
    if not config.tokens and not config.senders:
        raise RuntimeError(f"{path} has neither tokens nor senders that can be used, so every request would be refused")
    return text, tuple(config.senders)


def load_callback_secret(out: Path) -> str:
    """Return the secret that signs callbacks, in the form of Standard Webhooks; it is made on the first start."""

    def make() -> str:
        return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()

    return _load_secret(out / _CALLBACK_SECRET_FILE, _CALLBACK_SECRET, make)


def _load_secret(path: Path, form: re.Pattern[str], make: Callable[[], str]) -> str:
    """Return the secret of the file; make the file when it has none of this form, for this user's eyes only."""
    try:
        secret = path.read_text("ascii").strip()
        path.chmod(0o600)
    except (FileNotFoundError, UnicodeDecodeError):
        secret = ""
    if not form.fullmatch(secret):
        secret = make()
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as body:
            body.write(f"{secret}\n")
    return secret
