import gzip
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.contacts.duplicates import Seen
from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome, Status
from contact_import.domain.row import Row
from contact_import.pipelines.large_file.plan import UNIT_GROUPS, UNIT_ROWS, group_into_units, plan_import
from contact_import.pipelines.large_file.unit_store import UnitStore
from contact_import.sending.batches import MAX_GROUP_CHARS, Batch, split_batches
from contact_import.settings import Settings
from tests.conftest import Importer, build_contacts_csv
from tests.memory_bucket import MemoryBucket

_KEY = "incoming/june.csv"


class FileBucket(MemoryBucket):
    """A bucket in memory with one upload. It raises `Died` instead of the put with the number `dies_at`."""

    def __init__(self, body: bytes, dies_at: int = 0) -> None:
        no_client: Any = None
        super().__init__(Bucket(no_client, "contacts"))
        self._objects[_KEY] = (body, "etag")
        self._puts_left = dies_at

    def _is_in_memory(self, key: str) -> bool:
        return True

    def _store(self, key: str, body: bytes) -> None:
        self._puts_left -= 1
        if self._puts_left == 0:
            raise DiedError
        super()._store(key, body)

    def read_up_to(self, key: str, size: int) -> bytes | None:
        return None

    def read_metadata(self, key: str, version_id: str = "", etag: str = "") -> dict[str, str]:
        return {}

    def read_plan(self) -> dict[str, bytes]:
        return {
            key: body
            for key, (body, _) in self._objects.items()
            if key.startswith("work/") and not key.endswith((".bin", "progress.json"))
        }


class DiedError(Exception):
    pass


def _plan(bucket: FileBucket, settings: Settings, has_time: Callable[[], bool]) -> str:
    size = len(bucket.read(_KEY) or b"")
    upload = Upload("contacts", _KEY, "etag", "1", size)
    now = datetime(2026, 11, 23, tzinfo=UTC)
    return plan_import(upload, bucket=bucket, settings=settings, has_time=has_time, now=lambda: now)


_NAMES = ["Ann", "Ann", "", '"Bo\n Lee"', "Cy (DO NOT CONTACT)", "", '"Dee', "Zo\u00eb"]
_LINES = st.tuples(
    st.sampled_from(_NAMES),
    st.integers(0, 9).map(lambda end: f"04915700{end:02}" if end else "x"),
    st.sampled_from(["", "a", "b", "a;b"]),
    st.sampled_from(["yes", "yes", "no", "", "Pending"]),
).map(",".join)
_FILES = st.lists(
    _LINES | st.just("Tags,Mobile,Name,SMS consent") | st.just("Name,Mobile,Tags,SMS consent"), max_size=60
)


@given(
    lines=_FILES,
    times=st.lists(st.integers(0, 3), max_size=30),
    limits=st.tuples(
        st.integers(1, 4),
        st.integers(0, 5),
        st.integers(1, 3),
        st.integers(1, 3),
        st.sampled_from([10, 40, 100, sys.maxsize]),
    ),
    dies_at=st.integers(0, 40),
    is_packed=st.booleans(),
)
def test_a_plan_is_the_same_however_often_it_stops_or_dies(
    lines: list[str], times: list[int], limits: tuple[int, int, int, int, int], dies_at: int, *, is_packed: bool
) -> None:
    body = "\n".join(["Name,Mobile,Tags,SMS consent", "Ann,0491570006,x,yes", *lines]).encode()
    body = gzip.compress(body, mtime=0) if is_packed else body
    most, canary, together, unit_groups, max_chars = limits
    settings = Settings(bucket="contacts", cellcast_secret="secret", batch_max_contacts=most, canary_contacts=canary)
    pauses = iter([answer for count in times for answer in (*[True] * count, False)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("contact_import.pipelines.large_file.plan.UNIT_GROUPS", unit_groups)
        patch.setattr("contact_import.pipelines.prepare.COMMIT_GROUP_BATCHES", together)
        patch.setattr("contact_import.pipelines.prepare.MAX_GROUP_CHARS", max_chars)
        patch.setattr("contact_import.contacts.first_pass._BLOCK_ROWS", 3)
        patch.setattr(Seen.__init__, "__defaults__", (5,))  # of `dict_limit`
        in_one_go = FileBucket(body)
        _plan(in_one_go, settings, lambda: True)
        in_parts = FileBucket(body, dies_at)
        for _ in range(100):
            with suppress(DiedError):
                if _plan(in_parts, settings, lambda: next(pauses, False)):
                    break

    assert in_parts.read_plan() == in_one_go.read_plan()


def test_each_call_without_any_time_stores_a_unit_at_least(importer: Importer) -> None:
    importer.settings["batch_max_contacts"] = 1
    bucket, upload = Bucket(importer.s3, "contacts"), importer.upload(build_contacts_csv(UNIT_GROUPS * 12 * 3))
    store, settings = UnitStore(bucket, upload.import_id), importer.build_settings()

    calls = [
        plan_import(upload, bucket=bucket, settings=settings, has_time=lambda: False, now=lambda: importer.clock)
        for _ in range(4)
    ]

    assert calls == ["", "", "", store.manifest_key]
    summary = store.read_summary()
    assert summary is not None
    assert (summary.units, summary.error) == (3, "")


def _batches(row_groups: list[tuple[int, bool]]) -> Iterator[Batch]:
    for number, (row_group, has_contacts) in enumerate(row_groups, start=1):
        contact = Contact(Row(number, ()), ("", "", "+61491570006", *[""] * 6))
        yield Batch(number, row_group, Labels(), (contact,) if has_contacts else (), commit_group=number)


row_groups = st.lists(st.tuples(st.integers(0, 2), st.booleans()), max_size=130).map(
    lambda steps: [(sum(step for step, _ in steps[: index + 1]), has) for index, (_, has) in enumerate(steps)]
)


@given(row_groups, st.booleans())
def test_every_batch_is_in_one_unit_in_order(groups: list[tuple[int, bool]], has_canary: bool) -> None:
    units = list(group_into_units(_batches(groups), has_canary=has_canary))

    assert [batch.number for unit in units for batch in unit] == list(range(1, len(groups) + 1))
    assert all(units)


@given(row_groups)
def test_the_canary_is_a_unit_of_batches_with_contacts_and_nothing_else(groups: list[tuple[int, bool]]) -> None:
    units = list(group_into_units(_batches(groups), has_canary=True))

    with_contacts = [unit for unit in units if unit[0].contacts]
    if with_contacts:
        assert len({batch.row_group for batch in with_contacts[0]}) == 1
        assert all(batch.contacts for batch in with_contacts[0])


def test_without_a_canary_units_are_equally_long() -> None:
    units = group_into_units(_batches([(n, True) for n in range(2 * UNIT_GROUPS + 1)]), has_canary=False)

    assert [len(unit) for unit in units] == [UNIT_GROUPS, UNIT_GROUPS, 1]


@given(
    st.lists(st.sampled_from(["A", "B", "no"]), max_size=120), st.integers(1, 5), st.integers(0, 9), st.integers(1, 9)
)
def test_no_two_units_share_a_commit_group(kinds: list[str], most: int, canary_contacts: int, together: int) -> None:
    rows = [
        Outcome(Row(n, ()), Status.INVALID, "x")
        if kind == "no"
        else Contact(Row(n, ()), ("", "", f"+614910{n:05d}", *[""] * 6), Labels((kind,)))
        for n, kind in enumerate(kinds)
    ]
    batches = split_batches(
        rows, max_contacts=most, max_bytes=9000, canary_contacts=canary_contacts, batches_per_commit=together
    )

    units = list(group_into_units(batches, has_canary=canary_contacts > 0))

    groups = [group for unit in units for group in {batch.commit_group for batch in unit}]
    assert len(groups) == len(set(groups))
    assert [batch.number for unit in units for batch in unit] == list(range(1, sum(map(len, units)) + 1))


def test_a_file_that_cannot_be_read_has_a_plan_that_says_why(importer: Importer) -> None:
    bucket, upload = Bucket(importer.s3, "contacts"), importer.upload(b"", "incoming/tag=VIP/june.csv")

    plan_import(upload, bucket=bucket, settings=importer.build_settings(), now=lambda: importer.clock)

    summary = UnitStore(bucket, upload.import_id).read_summary()
    assert summary is not None
    assert (summary.units, summary.canary_unit, summary.labels.tags) == (0, 0, ("VIP",))
    assert "is empty" in summary.error


def test_a_plan_that_is_complete_is_not_made_again(importer: Importer) -> None:
    bucket, upload = Bucket(importer.s3, "contacts"), importer.upload(build_contacts_csv(3))
    key = plan_import(upload, bucket=bucket, settings=importer.build_settings(), now=lambda: importer.clock)
    importer.s3.delete_object(Bucket="contacts", Key=upload.key, VersionId=upload.version_id)

    assert plan_import(upload, bucket=bucket, settings=importer.build_settings(), now=lambda: importer.clock) == key
    assert bucket.read_json(key) == [{"unit": 1}]


def test_a_unit_of_rows_without_contacts_is_not_larger_than_one_with_contacts() -> None:
    rows = tuple(Outcome(Row(number, ()), Status.INVALID, "phone_number: missing") for number in range(4000))
    batches = (Batch(number, number, decided=rows, commit_group=number // 2) for number in range(1, 101))

    units = list(group_into_units(batches, has_canary=True))

    assert sum(len(unit) for unit in units) == 100
    assert max(sum(batch.rows for batch in unit) for unit in units) < UNIT_ROWS + 2 * len(rows)


def test_a_unit_of_wide_rows_has_fewer_of_them(importer: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is in memory as a whole, several times: as rows, as JSON and as the request to S3."""
    max_chars, note = 80_000, "called on Monday " * 60
    monkeypatch.setattr("contact_import.pipelines.prepare.MAX_GROUP_CHARS", max_chars)
    lines = [f"Ada,04{10_000_000 + number},{note}" for number in range(2000)]
    bucket, upload = Bucket(importer.s3, "contacts"), importer.upload("\n".join(["Name,Mobile,Notes", *lines]).encode())

    plan_import(upload, bucket=bucket, settings=importer.build_settings(), now=lambda: importer.clock)

    store = UnitStore(bucket, upload.import_id)
    summary = store.read_summary()
    assert summary is not None
    rows = [sum(batch.rows for batch in store.read_unit(unit)) for unit in range(1, summary.units + 1)]
    assert sum(rows) == len(lines)
    assert max(rows) * len(note) < UNIT_GROUPS * 2 * max_chars
    assert UNIT_GROUPS * 2 * MAX_GROUP_CHARS < 50_000_000
