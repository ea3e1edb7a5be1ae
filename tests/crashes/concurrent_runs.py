"""Copies of one event at the same time, and runs that are killed at random moments."""

import random
import time
from collections import Counter
from collections.abc import Iterator

from tests.crashes.environment import Environment
from tests.crashes.fault_points import IMPORT_PATHS, POLICIES

COPIES = 2
_CONTACT_COUNT = 40  # twenty batches: time enough to be killed in
_LEASE_SECONDS = 4.0
_MAX_KILLS = 3  # one after the other


def run_two_copies(environment: Environment, import_path: str, policy: str) -> str:
    """Run the same event twice at the same time."""
    upload = environment.upload_file()
    reports = environment.run_concurrently(upload, import_path, policy, [{}] * COPIES)
    assert [report and report["error"] for report in reports] == [""] * COPIES
    return environment.check_invariants(upload, policy)


def run_killed_copies(environment: Environment, import_path: str, policy: str, seed: int) -> str:
    """Run two copies at the same time, each killed at a random moment, several times; then one run without a fault."""
    rng = random.Random(f"{import_path} {policy} {seed}")
    longest = _measure_run_seconds(environment, import_path)
    upload = environment.upload_file(_CONTACT_COUNT)
    for _ in range(rng.randint(1, _MAX_KILLS)):
        moments = [rng.uniform(0.01, longest) for _ in range(COPIES)]
        environment.run_concurrently(
            upload, import_path, policy, [{"kill_after": moment, "lease": _LEASE_SECONDS} for moment in moments]
        )
    report = environment.rerun(upload, import_path, policy)
    assert report
    assert report["error"] == "", report
    return environment.check_invariants(upload, policy)


def _measure_run_seconds(environment: Environment, import_path: str) -> float:
    """Return how many seconds an undisturbed run takes on this machine now."""
    began = time.monotonic()
    other = environment.upload_file(_CONTACT_COUNT)
    environment.run_import(other, import_path, "resend")
    return time.monotonic() - began


def render_table(environment: Environment, rounds: int) -> Iterator[str]:
    """Yield the outcomes as a table. The moments are random."""
    yield "| path | side by side | " + " | ".join(f"`{policy}`" for policy in POLICIES) + " |"
    yield "|---|---|" + "---|" * len(POLICIES)
    for import_path in IMPORT_PATHS:
        yield (
            f"| {import_path} | two copies | "
            + " | ".join(run_two_copies(environment, import_path, policy) for policy in POLICIES)
            + " |"
        )
        cells = []
        for policy in POLICIES:
            words = Counter(run_killed_copies(environment, import_path, policy, seed) for seed in range(rounds))
            cells.append(", ".join(f"{count} {word}" for word, count in words.most_common()))
        yield f"| {import_path} | two copies, killed at random moments | " + " | ".join(cells) + " |"
