"""The options of `serve`."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """The options of the command line. Port 0 chooses a free one."""

    port: int = 8080
    drop: Path | None = None
    out: Path = Path("out")
    hooks: Path | None = None
    token: str = ""
    cellcast_url: str = ""
    api_key: str = ""
    opted_out: tuple[str, ...] = ()
