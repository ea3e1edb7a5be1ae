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
BATCHES = (0, 1)  # of the group
_OPEN = ("away", "doubt")  # outcomes that a later run may change: certainly not sent, and maybe sent


@dataclass
class World:
    """The ledger's object of one group, the endpoint's own log, and the clock. A batch is one contact."""

    policy: str = "resend"
    entry: VersionedRecord | None = None
    writes: int = 0
    now: float = 0.0
    # For each batch its requests, and whether each was announced as a repeat.
    sends: tuple[list[bool], ...] = field(default_factory=lambda: tuple([] for _ in BATCHES))
    seals: list[object] = field(default_factory=list)
    settled: dict[int, str] = field(default_factory=dict)  # outcomes that are final, also those of a partial commit
    befell: set[int] = field(default_factory=set)
    ended: list[object] = field(default_factory=list)

    def write(self, record: Claim | Committed, over: str) -> str:
        if (self.entry.etag if self.entry else "") != over:
            return ""
        self.writes += 1
        self.entry = VersionedRecord(f"tag{self.writes}", record)
        outcomes: Any = record.previous if isinstance(record, Claim) else record.outcomes
        for batch, outcome in self.settled.items():
            assert outcomes, "what a commit settled was forgotten"
            assert outcomes[batch] == outcome, "what a commit settled was replaced"
        self.settled |= {batch: one for batch, one in enumerate(outcomes or ()) if one not in _OPEN}
        if isinstance(record, Committed) and not record.is_partial:
            self.seals.append(outcomes)
        return self.entry.etag

    def do(self, effect: Any, befalls: int = 0) -> Any:
        match effect:
            case Read():
                return self.entry
            case Write(record, over):
                return self.write(record, over)
            case MarkUnsent(attempts, previous):
                return self._settle(attempts, previous, self._close)
        assert isinstance(effect, Send)
        away = {LOST: BATCHES, HALF_AWAY: BATCHES[1:]}.get(befalls, ())
        sent = BATCHES[:1] if befalls == DIES_BETWEEN else BATCHES
        return self._settle(
            effect.attempts,
            effect.previous,
            lambda batch, is_repeat: self._send(batch, is_repeat, is_away=batch in away) if batch in sent else "",
        )

    def _settle(self, attempts: int, previous: Any, settle_one: Callable[[int, bool], str]) -> Done:
        outcomes = tuple(
            previous[batch]
            if previous and previous[batch] not in _OPEN
            else settle_one(batch, attempts > 1 or (previous is not None and previous[batch] == "doubt"))
            for batch in BATCHES
        )
        return Done(outcomes, is_partial=any(one in _OPEN for one in outcomes))

    def _close(self, _batch: int, is_repeat: bool) -> str:
        return "unknown" if is_repeat else "unsent"

    def _send(self, batch: int, is_repeat: bool, *, is_away: bool) -> str:
        if is_repeat and self.policy == "hold":
            return "unknown"
        if is_away:
            return "doubt" if is_repeat else "away"
        self.sends[batch].append(is_repeat)
        return "accepted"


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
# its lease before it; a write is done and its answer is lost, or the endpoint is away; the run dies when one of the two
# batches is sent; the endpoint is away for the second.
FINE, DIES_BEFORE, DIES_AFTER, SLOW, LOST, DIES_BETWEEN, HALF_AWAY = range(7)
_LIVED = {FINE, LOST, HALF_AWAY}


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
        width = 7 if isinstance(effect, Send) else 5 if isinstance(effect, Write) else 4
        befalls = choices.pick(width) if left else FINE
        left -= befalls != FINE
        world.befell.add(befalls)
        if befalls in (DIES_BEFORE, SLOW):
            world.now += LEASE + 1  # whoever comes later finds a lease that has run out
        if befalls == DIES_BEFORE:
            continue
        answer = world.do(effect, befalls)
        if befalls in (DIES_AFTER, DIES_BETWEEN):
            world.now += LEASE + 1
            continue
        is_lost = befalls == LOST and isinstance(effect, Write)
        alive[name] = (runner, "" if is_lost else answer)


def _check(world: World) -> None:
    """Check the laws against the endpoint's own log."""
    assert len(world.seals) <= 1, "outcomes that were final were replaced"
    assert all(isinstance(one, SkipReason | Committed) for one in world.ended)
    for batch, sends in zip(BATCHES, world.sends, strict=True):
        sealed = {outcomes[batch] for outcomes in world.seals}  # type: ignore[index]
        assert sends.count(False) <= 1, "two runs sent without knowing of each other"
        if world.policy == "hold":
            assert len(sends) <= 1
        if "unsent" in sealed:
            assert not sends, "what was reported as unsent was sent"
        if "accepted" in sealed:
            assert sends
        closed = [one.outcomes[batch] for one in world.ended if isinstance(one, Committed)]  # type: ignore[index]
        if "unsent" in closed:
            assert sealed == {"unsent"}, "what was reported as closed was not"
        if world.befell <= _LIVED:
            assert len(sends) <= 1, "it was repeated though no run died"
            assert "unknown" not in sealed, "it is in doubt though no run died"


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
        if world.befell <= _LIVED:
            assert closers or world.seals == [("accepted", "accepted")], "a lost answer cost a contact"
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
def test_a_bucket_that_takes_nothing_is_reported_and_not_asked_again(run: Any, found: VersionedRecord | None) -> None:
    """Each effect but the read is a write that it neither takes nor refuses."""
    answers = {Read: found, Write: "", MarkUnsent: Done("unsent", is_partial=False)}
    effects: list[Any] = [Write(Committed("me", ""), expected_etag="")]

    with pytest.raises(LedgerError):
        effects.extend(run.send(answers[type(effects[-1])]) for _ in range(100))
