"""A container image for `sam local` made from what is on this machine, with nothing downloaded.

`python -m tests.sam.lambda_image image.tar` writes its file system: this Python 3.13, the runtime client of
.venvs/runtime and the runtime interface emulator in SAM's package. It prints the name that the image must have.
"""

import re
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from local.deployment.artifact import RUNTIME_PYTHON
from local.deployment.sam_files import ROOT, get_architecture

# `sam local` looks for this image before it builds one from AWS's.
IMAGE = f"public.ecr.aws/lambda/python:3.13-rapid-{get_architecture()}"
_CLIENT = RUNTIME_PYTHON.parents[1] / "lib" / "python3.13" / "site-packages"
_STDLIB = Path(sys.base_prefix) / "lib" / "python3.13"
_LEFT_OUT = {"test", "site-packages", "__pycache__", "idlelib", "lib2to3", "ensurepip", "turtledemo", "tkinter"}
_BOOTSTRAP = """#!{python}
import os
os.environ["PYTHONPATH"] = "/var/task:/var/runtime"
os.execv("{python}", ["{python}", "-m", "awslambdaric", os.environ["_HANDLER"]])
"""


def find_emulator() -> Path | None:
    """Return AWS's runtime interface emulator in SAM's package, None where SAM has none."""
    pattern = f"lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-{get_architecture()}"
    return next((ROOT / ".venvs" / "sam").glob(pattern), None)


def write_image(path: Path) -> None:
    """Write the tar file. Raise FileNotFoundError when SAM's package has no emulator."""
    python = (Path(sys.base_prefix) / "bin" / "python3.13").resolve()
    emulator = find_emulator()
    if emulator is None:
        raise FileNotFoundError("SAM's package has no emulator for this processor")
    with tarfile.open(path, "w") as tar:
        for folder in ("tmp", "var/task"):
            entry = tarfile.TarInfo(folder)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o1777
            tar.addfile(entry)
        tar.add(emulator, "var/rapid/aws-lambda-rie")
        tar.add(_CLIENT, "var/runtime", filter=_leave_out)
        tar.add(_STDLIB, str(_STDLIB), filter=_leave_out)
        binaries = [python, *_STDLIB.glob("lib-dynload/*.so"), *_CLIENT.glob("*.so")]
        for file in [python, *sorted(set(_find_libraries(binaries)))]:
            tar.add(file.resolve(), str(file))
        bootstrap = _BOOTSTRAP.format(python=python).encode()
        entry = tarfile.TarInfo("var/runtime/bootstrap")
        entry.size, entry.mode = len(bootstrap), 0o755
        tar.addfile(entry, BytesIO(bootstrap))


def _leave_out(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    name = Path(entry.name).name
    return None if name in _LEFT_OUT or name.startswith("config-3.13") else entry


def _find_libraries(binaries: list[Path]) -> Iterator[Path]:
    """Yield the shared libraries that the dynamic linker would load, and the linker itself."""
    listing = subprocess.run(["ldd", *binaries], capture_output=True, text=True, check=True).stdout
    yield from map(Path, re.findall(r"^\s+(?:\S+ => )?(/\S+)", listing, re.MULTILINE))


if __name__ == "__main__":
    write_image(Path(sys.argv[1]))
    sys.stdout.write(f"{IMAGE}\n")
