"""Find every point at which a run can be cut off, by an undisturbed run, and the outcome of each."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from contact_import.aws.events import Upload
from tests.crashes.environment import CONTACT_COUNT, Environment
from tests.crashes.runner import AWS_UNAVAILABLE, CONNECTION_FAILS, CRASH, RESPONSE_LOST

IMPORT_PATHS = ("inline", "large", "delivery")
POLICIES = ("resend", "hold")
FAULT_KINDS = (CRASH, RESPONSE_LOST, CONNECTION_FAILS, AWS_UNAVAILABLE)
TABLE_COLUMNS = tuple((kind, policy) for kind in FAULT_KINDS for policy in POLICIES)


@dataclass(frozen=True, slots=True)
class FaultPoint:
    """An external effect of a run: its number in order, and its kind."""

    number: int
    effect: str


def find_fault_points(environment: Environment, import_path: str) -> list[FaultPoint]:
    """Return the outbound effects of an undisturbed run, in order."""
    upload = environment.upload_file()
    report = environment.run_import(upload, import_path, "resend")
    assert report is not None
    assert report["error"] == ""
    assert environment.check_invariants(upload, "resend") == "clean"
    seen: Counter[str] = Counter()
    found = []
    for number, effect_line in enumerate(report["effects"], start=1):
        effect = _name_effect(effect_line)
        seen[effect] += 1
        found.append(FaultPoint(number, f"{effect} ({seen[effect]})" if seen[effect] > 1 else effect))
    return found


def _name_effect(effect_line: str) -> str:
    method, _, url = effect_line.split(" ", 2)
    if url.endswith("/contact/bulk"):
        return "POST to Cellcast"
    if url == "/":
        return "the secret" if method == "GetSecretValue" else f"{method} to the table"
    if "list-type" in url:
        return "LIST work/…/groups/"
    path = re.sub(r"[0-9a-f]{24}", "…", url.partition("?")[0].removeprefix("/contacts/"))
    return f"{method} {re.sub(r'[0-9]+[.]csv(/…)?', '…', path)}"


def predict_outcome(import_path: str, point: FaultPoint, kind: str, policy: str) -> str:
    """Return the outcome of a run that is cut off at a point: only between claim and commit is anything ambiguous.

    There a contact may have been sent although the ledger has no record of it. A call that was certainly not made
    leaves no doubt.
    """
    is_call = point.effect.startswith("POST to Cellcast")
    is_commit = find_family(point) == "PUT commit"
    is_between_claim_and_commit = is_call or is_commit or point.effect == "the secret"
    is_ambiguous = {
        CRASH: is_between_claim_and_commit,
        RESPONSE_LOST: is_call,
        CONNECTION_FAILS: False,
        AWS_UNAVAILABLE: is_between_claim_and_commit,
    }[kind]
    if not is_ambiguous:
        return "clean"
    if policy == "resend":
        return "repeat reported"
    if import_path == "delivery":  # all its contacts share a request
        return f"{CONTACT_COUNT} unknown"
    # A run that lives knows which of its requests had no response. One that died leaves its whole group in doubt.
    is_canary = point.effect in ("POST to Cellcast", "the secret") or "groups/00000001" in point.effect
    return "2 unknown" if is_canary or kind == RESPONSE_LOST else "4 unknown"


def find_family(point: FaultPoint) -> str:
    """Return the kind of effect that a point is. Points of one family differ little in their outcomes."""
    if point.effect.startswith(("POST", "the secret")):
        return point.effect.partition(" (")[0]
    if "/groups/0" in point.effect or point.effect.startswith("PutItem"):
        return "PUT commit" if point.effect.endswith("(2)") else "PUT claim"
    method, _, path = point.effect.partition(" ")
    return f"{'PUT' if method == 'PUT' else 'GET'} {path.partition('/')[0]}"


def run_with_fault(environment: Environment, import_path: str, policy: str, point: FaultPoint, kind: str) -> str:
    """Cut a run off at a point, deliver the same event again, and return the outcome as one word."""
    upload = environment.upload_file()
    report = environment.run_import(upload, import_path, policy, point=point.number, kind=kind)
    if kind == CRASH:
        assert report is None, "the point was not reached"
    if report is None or report["error"]:
        _rerun(environment, upload, import_path, policy)
    word = environment.check_invariants(upload, policy)
    first_result = (environment.read_result(upload), len(environment.sandbox.log))
    _rerun(environment, upload, import_path, policy)
    assert (environment.read_result(upload), len(environment.sandbox.log)) == first_result, (
        "a finished import was done again"
    )
    return word


def _rerun(environment: Environment, upload: Upload, import_path: str, policy: str) -> None:
    report = environment.rerun(upload, import_path, policy)
    assert report is not None
    assert report["error"] == "", report


def render_header() -> Iterator[str]:
    yield "| path | cut off at | " + " | ".join(f"{kind}, `{policy}`" for kind, policy in TABLE_COLUMNS) + " |"
    yield "|---|---|" + "---|" * len(TABLE_COLUMNS)


def render_row(import_path: str, point: FaultPoint, words: Iterator[str]) -> str:
    return f"| {import_path} | {point.effect} | " + " | ".join(words) + " |"


def render_played_table(environment: Environment) -> Iterator[str]:
    """Yield the table of all points, paths, kinds and policies, each played."""
    yield from render_header()
    for import_path in IMPORT_PATHS:
        for point in find_fault_points(environment, import_path):
            yield render_row(
                import_path,
                point,
                (run_with_fault(environment, import_path, policy, point, kind) for kind, policy in TABLE_COLUMNS),
            )


def render_expected_table(environment: Environment) -> Iterator[str]:
    """Yield the same table from `predict_outcome`, in seconds; tests/e2e/test_crashes.py checks the prediction."""
    yield from render_header()
    for import_path in IMPORT_PATHS:
        for point in find_fault_points(environment, import_path):
            yield render_row(
                import_path,
                point,
                (predict_outcome(import_path, point, kind, policy) for kind, policy in TABLE_COLUMNS),
            )
