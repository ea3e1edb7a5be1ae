"""Copies of one event side by side, and runs that are killed from outside at any moment."""

import random
import time
from collections import Counter
from collections.abc import Iterator

from tests.crashes.environment import World
from tests.crashes.fault_points import POLICIES, ROADS

COPIES = 2
_CONTACTS = 40  # twenty batches: time enough to be killed in
_LEASE = 4.0
_MOST_KILLS = 3  # one after the other


def two_copies(world: World, road: str, policy: str) -> str:
    """The same event twice at once."""
    upload = world.upload()
    reports = world.run_beside(upload, road, policy, [{}] * COPIES)
    assert [report and report["error"] for report in reports] == [""] * COPIES
    return world.check(upload, policy)


def killed(world: World, road: str, policy: str, seed: int) -> str:
    """Two copies at once, each killed at a random moment, some times over; then one that nothing befalls."""
    chance = random.Random(f"{road} {policy} {seed}")
    longest = _seconds(world, road)
    upload = world.upload(_CONTACTS)
    for _ in range(chance.randint(1, _MOST_KILLS)):
        moments = [chance.uniform(0.01, longest) for _ in range(COPIES)]
        world.run_beside(upload, road, policy, [{"kill_after": moment, "lease": _LEASE} for moment in moments])
    report = world.again(upload, road, policy)
    assert report
    assert report["error"] == "", report
    return world.check(upload, policy)


def _seconds(world: World, road: str) -> float:
    """How long an undisturbed run takes on this machine at this moment."""
    began = time.monotonic()
    other = world.upload(_CONTACTS)
    world.run(other, road, "resend")
    return time.monotonic() - began


def table(world: World, rounds: int) -> Iterator[str]:
    """What it comes to, for people: the moments are random."""
    yield "| road | side by side | " + " | ".join(f"`{policy}`" for policy in POLICIES) + " |"
    yield "|---|---|" + "---|" * len(POLICIES)
    for road in ROADS:
        yield f"| {road} | two copies | " + " | ".join(two_copies(world, road, policy) for policy in POLICIES) + " |"
        cells = []
        for policy in POLICIES:
            words = Counter(killed(world, road, policy, seed) for seed in range(rounds))
            cells.append(", ".join(f"{count} {word}" for word, count in words.most_common()))
        yield f"| {road} | two copies, killed at random moments | " + " | ".join(cells) + " |"
