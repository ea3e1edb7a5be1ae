"""Errors of the operating system in words that say what to do."""

import errno
import os

_SENTENCES = {
    errno.ENOSPC: "the disk is full ({path}); make room, then run the same command again",
    errno.EDQUOT: "the disk quota is used up ({path}); make room, then run the same command again",
    errno.EROFS: "{path} cannot be written: the folder is read-only; choose another one with --out",
    errno.EACCES: "{path}: permission denied",
    errno.EPERM: "{path}: permission denied",
    errno.ENOENT: "{path} does not exist",
    errno.EISDIR: "{path} is a folder, not a file",
    errno.ENOTDIR: "{path}: a part of this path is a file, not a folder",
    errno.EEXIST: "{path} is a file, not a folder",
    errno.ENAMETOOLONG: "{path}: the name is too long",
    errno.EADDRINUSE: "the port is in use; choose another one with --port (0: any free port)",
}


def describe_os_error(error: OSError) -> str:
    """Return a sentence for an error. One that this program raised is a sentence already."""
    if error.errno is None:
        return str(error)
    path = os.fsdecode(error.filename) if error.filename is not None else "the folder for results"
    sentence = _SENTENCES.get(error.errno)
    return sentence.format(path=path) if sentence else f"{path}: {os.strerror(error.errno)}"
