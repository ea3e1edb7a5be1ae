"""Runs that are cut off at each single thing that they do outside of themselves; `make faults` prints all of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contact_import.aws.events import Upload
from tests.crashes.concurrent_runs import killed, two_copies
from tests.crashes.environment import World, a_world
from tests.crashes.fault_points import KINDS, POLICIES, ROADS, Point, outcome, points, rule
from tests.crashes.runner import DIES

# Between the claim of a batch and its seal the policy decides what becomes of the contacts.
_DECIDING = ("POST to Cellcast", "the secret", "batches/0")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with a_world(tmp_path) as world:
        yield world


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("road", ROADS)
def test_a_run_that_is_cut_off_anywhere_loses_nobody_and_repeats_nobody_in_silence(
    world: World, road: str, kind: str
) -> None:
    found = points(world, road)
    assert len(found) >= 12

    words = {
        (point.effect, policy): outcome(world, road, policy, point, kind)
        for point in found
        for policy in _policies(point)
    }

    assert words == {
        (point.effect, policy): rule(point, kind, policy) for point in found for policy in _policies(point)
    }


def _policies(point: Point) -> tuple[str, ...]:
    return POLICIES if any(words in point.effect for words in _DECIDING) else (POLICIES[point.number % 2],)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("road", ROADS)
def test_two_copies_side_by_side_are_one_import(world: World, road: str, policy: str) -> None:
    word = two_copies(world, road, policy)

    assert word == "clean"
    assert len(world.sandbox.numbers) == len(set(world.sandbox.numbers))


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("road", ROADS)
def test_copies_that_are_killed_at_random_moments_from_outside_lose_and_repeat_nobody_in_silence(
    world: World, road: str, policy: str
) -> None:
    """`check` has the laws; which batches were in flight is up to chance, and so is the word."""
    word = killed(world, road, policy, seed=1)

    assert word


def test_a_copy_that_comes_in_over_the_other_road_is_the_same_import(world: World) -> None:
    upload: Upload = world.upload()
    report = world.run(upload, "inline", "resend", point=13, kind=DIES)

    again = world.run(upload, "large", "resend", later=120)

    assert report is None
    assert again is not None
    assert again["error"] == ""
    assert world.check(upload, "resend") in ("clean", "repeat told")
