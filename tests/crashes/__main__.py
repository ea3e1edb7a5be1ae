"""`make faults`: play every fault at every point and print the outcomes for the table of docs/reliability.md.

Then two copies side by side, also killed at random moments from outside. With `--write`, put the table into
docs/reliability.md; with `--quick`, take the rule's word instead of playing.
"""

import argparse
import re
import sys
import tempfile
from pathlib import Path

from tests.crashes import concurrent_runs
from tests.crashes.environment import start_environment
from tests.crashes.fault_points import render_expected_table, render_played_table

RELIABILITY_PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
TABLE_PATTERN = re.compile(r"(?<=<!-- make faults -->\n)\|.*\|\n(?=<!-- end -->)", re.DOTALL)

_ROUNDS = 10


def main() -> None:
    parser = argparse.ArgumentParser(prog="make faults")
    parser.add_argument("--write", action="store_true", help="put the table into docs/reliability.md")
    parser.add_argument("--quick", action="store_true", help="write the expected table without playing it")
    options = parser.parse_args()
    lines = []
    with tempfile.TemporaryDirectory() as folder, start_environment(Path(folder)) as environment:
        for line in (render_expected_table if options.quick else render_played_table)(environment):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
            lines.append(f"{line}\n")
        for line in () if options.quick else concurrent_runs.render_table(environment, _ROUNDS):
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
    if options.write:
        RELIABILITY_PAGE.write_text(
            TABLE_PATTERN.sub(lambda _: "".join(lines), RELIABILITY_PAGE.read_text("utf-8")), "utf-8"
        )


if __name__ == "__main__":
    main()
