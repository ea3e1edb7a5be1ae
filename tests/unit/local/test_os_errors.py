"""Errors of the operating system are sentences."""

import errno

import pytest

from local.os_errors import describe_os_error


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "out"), "the disk is full (out)"),
        (FileExistsError(errno.EEXIST, "File exists", "afile"), "afile is a file, not a folder"),
        (FileNotFoundError(errno.ENOENT, "No such file", "nope.json"), "nope.json does not exist"),
        (OSError(errno.EADDRINUSE, "Address already in use"), "the port is in use"),
        (PermissionError(errno.EACCES, "Permission denied", b"june\xff.csv"), "june\udcff.csv: permission denied"),
        (OSError(errno.EIO, "Input/output error", "june.csv"), "june.csv: Input/output error"),
        (FileNotFoundError("june.csv does not exist"), "june.csv does not exist"),
    ],
)
def test_an_error_names_the_place_and_the_way_out(error: OSError, words: str) -> None:
    sentence = describe_os_error(error)

    assert words in sentence
    assert "Errno" not in sentence
