"""`make faults`: play every fault at every point and print what each came to, as docs/reliability.md keeps it."""

import sys
import tempfile
from pathlib import Path

from tests.crashes.points import KINDS, POLICIES, table
from tests.crashes.world import a_world


def main() -> None:
    columns = [(kind, policy) for kind in KINDS for policy in POLICIES]
    _line("| road | effect | " + " | ".join(f"{kind}, `{policy}`" for kind, policy in columns) + " |")
    _line("|---|---|" + "---|" * len(columns))
    with tempfile.TemporaryDirectory() as folder, a_world(Path(folder)) as world:
        for road, effect, cells in table(world):
            _line(f"| {road} | {effect} | " + " | ".join(cells[column] for column in columns) + " |")


def _line(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
