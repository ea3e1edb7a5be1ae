"""The names in the bucket of files in the watched folder."""

import re
from pathlib import PurePath

from contact_import.domain.object_keys import INCOMING, VALIDATE

MAX_KEY_BYTES = 1024  # of S3
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]")


def make_key(name: PurePath) -> str:
    """Return the key of a file by its path within the folder: files in `validate/` are only checked.

    Control characters, and bytes that are not UTF-8, become "\ufffd": a name of Unix may have them, a key may not.
    """
    text = name.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    text = _CONTROLS.sub("\ufffd", text)
    return text if text.startswith(VALIDATE) else INCOMING + text
