"""Runs that are cut off at each single thing that they do outside of themselves; `make faults` prints all of it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import product

import pytest

from contact_import.events import Upload
from tests.crashes.beside import killed, two_copies
from tests.crashes.child import DIES
from tests.crashes.points import KINDS, POLICIES, ROADS, Point, family, outcome, points, rule
from tests.crashes.world import World, a_world

# Between the claim of a batch and its seal the policy decides what becomes of the contacts.
DECIDING = {"PUT claim", "the secret", "POST to Cellcast", "PUT seal"}
FAMILIES = DECIDING | {"GET results", "GET work", "GET incoming", "PUT results", "PUT work"}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One for all: each import has a key of its own, and begins with an account without anybody."""
    with a_world(tmp_path_factory.mktemp("crashes")) as world:
        yield world


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("road", ROADS)
def test_a_run_that_is_cut_off_anywhere_loses_nobody_and_repeats_nobody_in_silence(
    world: World, road: str, kind: str, is_whole: bool
) -> None:
    """At every point with `--whole`, as in `make check`; otherwise at one of each family under each policy."""
    found = points(world, road)
    assert len(found) >= 12
    every = _every(found)
    played = every if is_whole else _sample(every, kind)
    assert {(family(point), policy) for point, policy in played} == set(product(FAMILIES, POLICIES))
    assert {point for point, _ in every} == set(found)

    words = {(point.effect, policy): outcome(world, road, policy, point, kind) for point, policy in played}

    assert words == {(point.effect, policy): rule(point, kind, policy) for point, policy in played}


def _every(found: list[Point]) -> list[tuple[Point, str]]:
    """Each point, under both policies where they decide; elsewhere in turn under one and the other."""
    sizes, turns = Counter(map(family, found)), Counter[str]()
    every = []
    for point in found:
        name = family(point)
        is_under_both = name in DECIDING or sizes[name] == 1
        every += [(point, policy) for policy in (POLICIES if is_under_both else (POLICIES[turns[name] % 2],))]
        turns[name] += 1
    return every


def _sample(every: list[tuple[Point, str]], kind: str) -> list[tuple[Point, str]]:
    """One of each family under each policy, for each kind of fault another one where there are several."""
    alike: dict[tuple[str, str], list[Point]] = defaultdict(list)
    for point, policy in every:
        alike[family(point), policy].append(point)
    at = KINDS.index(kind)
    return [(found[at * len(found) // len(KINDS)], policy) for (_, policy), found in alike.items()]


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
