"""Runs that are cut off at each single thing that they do outside of themselves; `make faults` prints all of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from contact_import.aws.events import Upload
from tests.crashes.concurrent_runs import run_killed_copies, run_two_copies
from tests.crashes.environment import Environment, start_environment
from tests.crashes.fault_points import (
    FAULT_KINDS,
    IMPORT_PATHS,
    POLICIES,
    FaultPoint,
    find_fault_points,
    predict_outcome,
    run_with_fault,
)
from tests.crashes.runner import CRASH

# Between the claim of a batch and its seal the policy decides what becomes of the contacts.
_AMBIGUOUS_EFFECTS = ("POST to Cellcast", "the secret", "batches/0")


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[Environment]:
    with start_environment(tmp_path) as world:
        yield world


@pytest.mark.parametrize("kind", FAULT_KINDS)
@pytest.mark.parametrize("import_path", IMPORT_PATHS)
def test_a_run_that_is_cut_off_anywhere_loses_nobody_and_repeats_nobody_in_silence(
    environment: Environment, import_path: str, kind: str
) -> None:
    found = find_fault_points(environment, import_path)
    assert len(found) >= 12

    words = {
        (point.effect, policy): run_with_fault(environment, import_path, policy, point, kind)
        for point in found
        for policy in _policies(point)
    }

    assert words == {
        (point.effect, policy): predict_outcome(point, kind, policy) for point in found for policy in _policies(point)
    }


def _policies(point: FaultPoint) -> tuple[str, ...]:
    return POLICIES if any(words in point.effect for words in _AMBIGUOUS_EFFECTS) else (POLICIES[point.number % 2],)


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("import_path", IMPORT_PATHS)
def test_two_copies_side_by_side_are_one_import(environment: Environment, import_path: str, policy: str) -> None:
    word = run_two_copies(environment, import_path, policy)

    assert word == "clean"
    assert len(environment.sandbox.numbers) == len(set(environment.sandbox.numbers))


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("import_path", IMPORT_PATHS)
def test_copies_that_are_killed_at_random_moments_from_outside_lose_and_repeat_nobody_in_silence(
    environment: Environment, import_path: str, policy: str
) -> None:
    """`check_invariants` has the laws; which batches were in flight is up to chance, and so is the word."""
    word = run_killed_copies(environment, import_path, policy, seed=1)

    assert word


def test_a_copy_that_comes_in_over_the_other_road_is_the_same_import(environment: Environment) -> None:
    upload: Upload = environment.upload_file()
    report = environment.run_import(upload, "inline", "resend", point=13, kind=CRASH)

    again = environment.run_import(upload, "large", "resend", clock_offset=120)

    assert report is None
    assert again is not None
    assert again["error"] == ""
    assert environment.check_invariants(upload, "resend") in ("clean", "repeat reported")
