"""Cut runs off at each of their external effects; `make faults` prints all outcomes."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import product

import pytest

from contact_import.aws.events import Upload
from tests.crashes.concurrent_runs import run_killed_copies, run_two_copies
from tests.crashes.environment import Environment, start_environment
from tests.crashes.fault_points import (
    FAULT_KINDS,
    IMPORT_PATHS,
    POLICIES,
    FaultPoint,
    find_family,
    find_fault_points,
    predict_outcome,
    run_with_fault,
)
from tests.crashes.runner import CRASH

# Between the claim of a batch and its commit the policy decides what becomes of the contacts.
DECIDING = {"PUT claim", "the secret", "POST to Cellcast", "PUT commit"}
_OF_FILES = DECIDING | {"GET results", "GET work", "GET incoming", "PUT results", "PUT work"}
FAMILIES = {"inline": _OF_FILES, "large": _OF_FILES, "delivery": DECIDING | {"GET work", "PUT results"}}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environment]:
    """Share one environment: each import has its own key, and starts with an empty account."""
    with start_environment(tmp_path_factory.mktemp("crashes")) as environment:
        yield environment


@pytest.mark.parametrize("kind", FAULT_KINDS)
@pytest.mark.parametrize("import_path", IMPORT_PATHS)
def test_a_run_that_is_cut_off_anywhere_loses_no_one_and_repeats_no_one_in_silence(
    environment: Environment, import_path: str, kind: str, is_whole: bool
) -> None:
    """Play every point with `--whole`, as `make check` does; otherwise one point of each family under each policy."""
    found = find_fault_points(environment, import_path)
    assert len(found) >= 9
    every = _list_cases(found)
    played = every if is_whole else _sample_cases(every, kind)
    assert {(find_family(point), policy) for point, policy in played} == set(product(FAMILIES[import_path], POLICIES))
    assert {point for point, _ in every} == set(found)

    words = {
        (point.effect, policy): run_with_fault(environment, import_path, policy, point, kind)
        for point, policy in played
    }

    assert words == {
        (point.effect, policy): predict_outcome(import_path, point, kind, policy) for point, policy in played
    }


def _list_cases(found: list[FaultPoint]) -> list[tuple[FaultPoint, str]]:
    """Return each point under both policies where they decide; elsewhere the policies alternate within a family."""
    sizes, turns = Counter(map(find_family, found)), Counter[str]()
    cases = []
    for point in found:
        family = find_family(point)
        has_both = family in DECIDING or sizes[family] == 1
        cases += [(point, policy) for policy in (POLICIES if has_both else (POLICIES[turns[family] % 2],))]
        turns[family] += 1
    return cases


def _sample_cases(cases: list[tuple[FaultPoint, str]], kind: str) -> list[tuple[FaultPoint, str]]:
    """Return one point of each family under each policy; another member of the family for each kind of fault."""
    groups: dict[tuple[str, str], list[FaultPoint]] = defaultdict(list)
    for point, policy in cases:
        groups[find_family(point), policy].append(point)
    index = FAULT_KINDS.index(kind)
    return [(points[index * len(points) // len(FAULT_KINDS)], policy) for (_, policy), points in groups.items()]


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("import_path", IMPORT_PATHS)
def test_two_copies_side_by_side_are_one_import(environment: Environment, import_path: str, policy: str) -> None:
    word = run_two_copies(environment, import_path, policy)

    assert word == "clean"
    assert len(environment.sandbox.numbers) == len(set(environment.sandbox.numbers))


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("import_path", IMPORT_PATHS)
def test_copies_that_are_killed_at_random_moments_from_outside_lose_and_repeat_no_one_in_silence(
    environment: Environment, import_path: str, policy: str
) -> None:
    """Check the laws only: which batches were in flight is random, and so is the outcome."""
    word = run_killed_copies(environment, import_path, policy, seed=1)

    assert word


def test_a_copy_that_comes_in_over_the_other_path_is_the_same_import(environment: Environment) -> None:
    upload: Upload = environment.upload_file()
    report = environment.run_import(upload, "inline", "resend", point=13, kind=CRASH)

    again = environment.run_import(upload, "large", "resend", clock_offset=120)

    assert report is None
    assert again is not None
    assert again["error"] == ""
    assert environment.check_invariants(upload, "resend") in ("clean", "repeat reported")
