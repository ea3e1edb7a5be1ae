"""The protocol against every order of events: a few runs, crashes at each step, answers that get lost."""

import ast
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from contact_import.errors import LedgerError
from contact_import.ledger import leases
from contact_import.ledger.leases import (
    Claim,
    Committed,
    Done,
    MarkUnsent,
    Read,
    Send,
    SkipReason,
    VersionedRecord,
    Write,
    commit_unsent,
    settle,
)

LEASE = 10.0
_KEPT = ", and what was settled before"


@dataclass
class World:
    """The ledger's object, the endpoint's own log, and the clock. The batch is one contact."""

    policy: str = "resend"
    entry: VersionedRecord | None = None
    writes: int = 0
    now: float = 0.0
    sends: list[bool] = field(default_factory=list)  # whether each was announced as a repeat
    seals: list[object] = field(default_factory=list)
    befell: set[int] = field(default_factory=set)
    ended: list[object] = field(default_factory=list)
    is_opened: bool = False  # an open seal was there: some of it is settled for good

    def write(self, record: Claim | Committed, over: str) -> str:
        if (self.entry.etag if self.entry else "") != over:
            return ""
        self.writes += 1
        self.entry = VersionedRecord(f"tag{self.writes}", record)
        if isinstance(record, Committed) and not record.is_partial:
            self.seals.append(str(record.outcomes).removesuffix(_KEPT))
        assert not self.is_opened or _knows_what_was(record), "what an open seal settled was forgotten"
        self.is_opened |= isinstance(record, Committed) and record.is_partial
        return self.entry.etag

    def do(self, effect: Any, *, is_away: bool = False) -> Any:
        match effect:
            case Read():
                return self.entry
            case Write(record, over):
                return self.write(record, over)
            case MarkUnsent(tries, before):
                outcome = "unknown" if tries > 1 or before == "doubt" else "unsent"
                return Done(outcome + (_KEPT if before else ""), is_partial=False)
        assert isinstance(effect, Send)
        is_repeat = effect.attempts > 1 or effect.previous == "doubt"
        if is_repeat and self.policy == "hold":
            return Done("unknown", is_partial=False)
        if is_away:
            return Done("doubt" if is_repeat else "away", is_partial=True)
        self.sends.append(is_repeat)
        return Done("accepted", is_partial=False)


def _knows_what_was(record: Claim | Committed) -> bool:
    if isinstance(record, Claim):
        return record.previous is not None
    return not record.attempt_id.startswith("close") or str(record.outcomes).endswith(_KEPT)


class Choices:
    """One path through all the choices; `paths` walks over every one of them."""

    def __init__(self, given: list[int]) -> None:
        self.given = given
        self.taken: list[int] = []
        self.widths: list[int] = []

    def pick(self, width: int) -> int:
        at = len(self.taken)
        choice = self.given[at] if at < len(self.given) else 0
        self.taken.append(choice)
        self.widths.append(width)
        return choice


def paths(play: Callable[[Choices], None]) -> Iterator[Choices]:
    given: list[int] | None = []
    while given is not None:
        choices = Choices(given)
        play(choices)
        yield choices
        given = None
        for at in reversed(range(len(choices.taken))):
            if choices.taken[at] + 1 < choices.widths[at]:
                given = [*choices.taken[:at], choices.taken[at] + 1]
                break


# What may befall a step: it goes well; the run dies before it; it is done and the run dies; the run sleeps through
# its lease before it; a write is done and its answer is lost, or the endpoint is away.
FINE, DIES_BEFORE, DIES_AFTER, SLOW, LOST = range(5)


def _play(choices: Choices, runners: dict[str, Any], faults: int, world: World) -> None:
    alive: dict[str, tuple[Any, Any]] = {name: (runner, None) for name, runner in runners.items()}
    left = faults
    while alive:
        names = sorted(alive)
        name = names[choices.pick(len(names))]
        runner, answer = alive.pop(name)
        try:
            effect = runner.send(answer)
        except StopIteration as end:
            world.ended.append(end.value)
            continue
        befalls = choices.pick(5 if isinstance(effect, Write | Send) else 4) if left else FINE
        left -= befalls != FINE
        world.befell.add(befalls)
        if befalls in (DIES_BEFORE, SLOW):
            world.now += LEASE + 1  # whoever comes later finds a lease that has run out
        if befalls == DIES_BEFORE:
            continue
        answer = world.do(effect, is_away=befalls == LOST)
        if befalls == DIES_AFTER:
            world.now += LEASE + 1
            continue
        is_lost = befalls == LOST and isinstance(effect, Write)
        alive[name] = (runner, "" if is_lost else answer)


def _check(world: World) -> None:
    """Check the laws against the endpoint's own log."""
    assert world.sends.count(False) <= 1, "two runs sent without knowing of each other"
    assert len(world.seals) <= 1, "outcomes that were final were replaced"
    if world.policy == "hold":
        assert len(world.sends) <= 1
    if world.seals == ["unsent"]:
        assert not world.sends, "what was told to be unsent was sent"
    if world.seals == ["accepted"]:
        assert world.sends
    assert all(isinstance(one, SkipReason | Committed) for one in world.ended)
    if any(isinstance(one, Committed) and str(one.outcomes).startswith("unsent") for one in world.ended):
        assert world.seals == ["unsent"], "what was told to be closed was not"
    if world.befell <= {FINE, LOST}:
        assert len(world.sends) <= 1, "it was repeated though nobody died"
        assert "unknown" not in world.seals, "it is in doubt though nobody died"


def _explore(runners: int, faults: int, policy: str, closers: int = 0) -> int:
    count = 0
    worlds: list[World] = []

    def play(choices: Choices) -> None:
        world = World(policy)
        worlds.append(world)
        those = {f"run{number}": settle(f"run{number}", lambda: world.now, LEASE) for number in range(runners)}
        those |= {f"close{number}": commit_unsent(f"close{number}", lambda: world.now) for number in range(closers)}
        _play(choices, those, faults, world)

    for _ in paths(play):
        count += 1
        world = worlds.pop()
        _check(world)
        # Whatever happened, one more run that nothing befalls brings the batch to its end.
        world.now += LEASE + 1
        world.ended.append(_undisturbed(world))
        assert len(world.seals) == 1
        _check(world)
        if world.befell <= {FINE, LOST}:
            assert closers or world.seals == ["accepted"], "an answer that was lost cost the contact"
            mine = [one for one in world.ended if isinstance(one, Committed) and not one.is_partial]
            assert len(mine) == 1, "who sealed it does not know"
    return count


def _undisturbed(world: World) -> object:
    run, answer = settle("last", lambda: world.now, LEASE), None
    while True:
        try:
            answer = world.do(run.send(answer))
        except StopIteration as end:
            return end.value


# Runs, faults, and runs that close. The small ones come first: what is wrong shows there soonest.
BOUNDS = [(0, 1, 1), (0, 1, 2), (1, 1, 1), (1, 2, 1), (2, 0, 1), (1, 3, 0), (2, 1, 0), (3, 0, 0), (2, 2, 0)]


@pytest.mark.parametrize("policy", ["resend", "hold"])
@pytest.mark.parametrize(("runners", "faults", "closers"), BOUNDS)
def test_in_every_order_of_events_nothing_is_lost_and_nothing_repeated_in_silence(
    policy: str, runners: int, faults: int, closers: int
) -> None:
    assert _explore(runners, faults, policy, closers) > 3


def _breaks() -> None:
    """Assert that the laws do not hold in one of the small worlds."""
    with pytest.raises(AssertionError):
        deque((_explore(*bounds[:2], policy, bounds[2]) for policy in ("resend", "hold") for bounds in BOUNDS), 0)


def test_the_condition_of_a_write_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    conditional = World.write

    def unconditional(world: World, record: Claim | Committed, _over: str) -> str:
        return conditional(world, record, world.entry.etag if world.entry else "")

    monkeypatch.setattr(World, "write", unconditional)

    _breaks()


# Each rule of the protocol: where it stands in the code, and the code without it.
RULES = {
    "a living owner is left alone": ("expires_at > now", "False"),
    "a claim lasts": ("now() + lease_seconds)", "now())"),
    "a dead owner is taken over": ("expires_at > now", "True"),
    "what is sealed for good is left alone": ("case Committed(is_partial=False):", "case Committed() if False:"),
    "what is sealed open goes on": ("case Committed(is_partial=False):", "case Committed():"),
    "who takes over counts the dead": ("current.attempts + 1, current.previous", "1, current.previous"),
    "who takes over keeps the doubt": ("current.attempts + 1, current.previous", "current.attempts + 1, None"),
    "who goes on keeps the doubt": ("1, current.outcomes)", "1, None)"),
    "a lost answer to a claim is read back": (
        "isinstance(current, Claim) and current.attempt_id == attempt_id",
        "False",
    ),
    "a lost answer to a seal is read back": (
        "isinstance(entry.record, Committed) and entry.record.attempt_id == committed.attempt_id",
        "False",
    ),
    "a lost answer to a close is read back": (
        "isinstance(current, Committed) and current.attempt_id == attempt_id",
        "False",
    ),
    "another's seal is not taken for ours": (
        "isinstance(current, Committed) and current.attempt_id == attempt_id",
        "True",
    ),
    "who lost its claim leaves": (
        "            return SkipReason.LEASE_LOST",
        "            etag = entry.etag if entry else ''",
    ),
    "who closes leaves a living owner alone": (
        "if skip_reason := _find_skip_reason(current, now()):\n            return skip_reason\n        next_claim",
        (
            "if (skip_reason := _find_skip_reason(current, now())) is SkipReason.COMMITTED:\n"
            "            return skip_reason\n        next_claim"
        ),
    ),
    "who closes counts the dead": (
        "MarkUnsent(next_claim.attempts, next_claim.previous)",
        "MarkUnsent(1, next_claim.previous)",
    ),
    "who closes keeps the doubt": (
        "MarkUnsent(next_claim.attempts, next_claim.previous)",
        "MarkUnsent(next_claim.attempts, None)",
    ),
    "what is closed is sealed for good": (
        "committed = Committed(attempt_id, done.outcomes)\n",
        "committed = Committed(attempt_id, done.outcomes, is_partial=True)\n",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_is_needed(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    text, instead = RULES[rule]
    source = Path(leases.__file__).read_text("utf-8")
    assert source.count(text) == 1
    functions: list[ast.stmt] = [
        node for node in ast.parse(source.replace(text, instead)).body if isinstance(node, ast.FunctionDef)
    ]
    without = dict(vars(leases))
    exec(compile(ast.Module(functions, []), rule, "exec"), without)  # noqa: S102  our own code

    monkeypatch.setitem(globals(), "settle", without["settle"])
    monkeypatch.setitem(globals(), "commit_unsent", without["commit_unsent"])

    _breaks()


def test_a_lost_answer_is_read_back_and_not_sent_again() -> None:
    world = World()
    run = settle("me", lambda: world.now, LEASE)
    claim = run.send(None)
    assert isinstance(claim, Write)
    world.write(claim.record, claim.expected_etag)

    assert isinstance(run.send(""), Read)
    send = run.send(world.entry)

    assert send == Send(attempts=1, previous=None)


def test_who_finds_a_living_owner_leaves() -> None:
    run = settle("me", lambda: 0.0, LEASE)
    run.send(None)
    assert isinstance(run.send(""), Read)

    with pytest.raises(StopIteration) as end:
        run.send(VersionedRecord("tag", Claim("other", lease_expires_at=1.0)))

    assert end.value.value is SkipReason.BUSY


def _claimed() -> Any:
    run = settle("me", lambda: 0.0, LEASE)
    run.send(None)
    run.send("tag")  # the claim was taken; Send is answered next
    run.send(Done("accepted", is_partial=False))
    return run


def _closing() -> Any:
    run = commit_unsent("me", lambda: 0.0)
    run.send(None)
    run.send(Done("unsent", is_partial=False))
    return run


def _new() -> Any:
    run = settle("me", lambda: 0.0, LEASE)
    run.send(None)
    return run


OURS = VersionedRecord("tag", Claim("me", LEASE))


@pytest.mark.parametrize(
    ("run", "found"), [(_new(), None), (_claimed(), OURS), (_closing(), None)], ids=["claim", "seal", "close"]
)
def test_a_bucket_that_takes_nothing_is_told_and_not_asked_for_ever(run: Any, found: VersionedRecord | None) -> None:
    """Each effect but the read is a write that it neither takes nor refuses."""
    answers = {Read: found, Write: "", MarkUnsent: Done("unsent", is_partial=False)}
    effects: list[Any] = [Write(Committed("me", ""), expected_etag="")]

    with pytest.raises(LedgerError):
        effects.extend(run.send(answers[type(effects[-1])]) for _ in range(100))
