"""Files of the folder become keys that S3 takes, whatever their names are."""

import os
from pathlib import PurePosixPath

import pytest

from local.serving.folder.object_names import make_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        (b"june.csv", "incoming/june.csv"),
        (b"list=News/tag=VIP/june.csv", "incoming/list=News/tag=VIP/june.csv"),
        (b"validate/june.csv", "validate/june.csv"),
        (b"validate", "incoming/validate"),
        (b"validated/june.csv", "incoming/validated/june.csv"),
        (b"list=A/validate/june.csv", "incoming/list=A/validate/june.csv"),
        (b"caf\xe9.csv", "incoming/caf\ufffd.csv"),
        ("café.csv".encode(), "incoming/café.csv"),
        (b"a\nb\x1b.csv", "incoming/a\ufffdb\ufffd.csv"),
    ],
)
def test_a_path_becomes_a_key(name: bytes, key: str) -> None:
    assert make_key(PurePosixPath(os.fsdecode(name))) == key
