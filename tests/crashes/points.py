"""Every point at which a run can be cut off, found by a run that is not, and what each comes to."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from contact_import.events import Upload
from tests.crashes.child import AWAY, DIES, FAILS, LOST
from tests.crashes.world import World

ROADS = ("inline", "large")
POLICIES = ("resend", "hold")
KINDS = (DIES, LOST, FAILS, AWAY)
COLUMNS = tuple((kind, policy) for kind in KINDS for policy in POLICIES)


@dataclass(frozen=True, slots=True)
class Point:
    """The effect of a run by its number in order, and what it is."""

    number: int
    effect: str


def points(world: World, road: str) -> list[Point]:
    """What an undisturbed run does outside of itself, in order."""
    upload = world.upload()
    report = world.run(upload, road, "resend")
    assert report is not None
    assert report["error"] == ""
    assert world.check(upload, "resend") == "clean"
    seen: Counter[str] = Counter()
    found = []
    for number, line in enumerate(report["effects"], start=1):
        effect = _named(line)
        seen[effect] += 1
        found.append(Point(number, f"{effect} ({seen[effect]})" if seen[effect] > 1 else effect))
    return found


def _named(line: str) -> str:
    method, _, url = line.split(" ", 2)
    if url.endswith("/contact/bulk"):
        return "POST to Cellcast"
    if url == "/":
        return "the secret"
    if "list-type" in url:
        return "LIST work/…/batches/"
    path = re.sub(r"[0-9a-f]{24}", "…", url.partition("?")[0].removeprefix("/contacts/"))
    return f"{method} {re.sub(r'[0-9]+[.]csv(/…)?', '…', path)}"


def rule(point: Point, kind: str, policy: str) -> str:
    """What cutting a run off at a point may come to: only between claim and seal is anything in doubt.

    There a contact may have been sent although nobody was told. A call that was not made, or whose run lives to
    see that it was not, leaves no doubt.
    """
    is_call = point.effect.startswith("POST to Cellcast")
    is_seal = point.effect.startswith("PUT") and "batches/" in point.effect and point.effect.endswith("(2)")
    is_between = is_call or is_seal or point.effect == "the secret"
    is_doubtful = {DIES: is_between, LOST: is_call, FAILS: False, AWAY: is_between}[kind]
    if not is_doubtful:
        return "clean"
    return "repeat told" if policy == "resend" else "2 unknown"


def family(point: Point) -> str:
    """What sort of effect a point is. Those of one sort are much alike: what they came to differs by its sort."""
    if point.effect.startswith(("POST", "the secret")):
        return point.effect.partition(" (")[0]
    if "/batches/0" in point.effect:
        return "PUT seal" if point.effect.endswith("(2)") else "PUT claim"
    method, _, path = point.effect.partition(" ")
    return f"{'PUT' if method == 'PUT' else 'GET'} {path.partition('/')[0]}"


def outcome(world: World, road: str, policy: str, point: Point, kind: str) -> str:
    """Cut a run off at a point, let the same event come again, and say in a word what it came to."""
    upload = world.upload()
    report = world.run(upload, road, policy, point=point.number, kind=kind)
    if kind == DIES:
        assert report is None, "the point was not reached"
    if report is None or report["error"]:
        _again(world, upload, road, policy)
    word = world.check(upload, policy)
    before = (world.result(upload), len(world.sandbox.log))
    _again(world, upload, road, policy)
    assert (world.result(upload), len(world.sandbox.log)) == before, "a finished import was done again"
    return word


def _again(world: World, upload: Upload, road: str, policy: str) -> None:
    report = world.again(upload, road, policy)
    assert report is not None
    assert report["error"] == "", report


def heads() -> Iterator[str]:
    yield "| road | cut off at | " + " | ".join(f"{kind}, `{policy}`" for kind, policy in COLUMNS) + " |"
    yield "|---|---|" + "---|" * len(COLUMNS)


def line(road: str, point: Point, words: Iterator[str]) -> str:
    return f"| {road} | {point.effect} | " + " | ".join(words) + " |"


def played(world: World) -> Iterator[str]:
    """The table of all points, roads, kinds and policies, each played."""
    yield from heads()
    for road in ROADS:
        for point in points(world, road):
            yield line(road, point, (outcome(world, road, policy, point, kind) for kind, policy in COLUMNS))


def expected(world: World) -> Iterator[str]:
    """The same table by `rule`, which takes seconds; tests/e2e/test_crashes.py proves that it comes true."""
    yield from heads()
    for road in ROADS:
        for point in points(world, road):
            yield line(road, point, (rule(point, kind, policy) for kind, policy in COLUMNS))
