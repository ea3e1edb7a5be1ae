from datetime import UTC, datetime, timedelta
from typing import Any

from contact_import.aws.s3 import Bucket, encode_json
from contact_import.cellcast.queries import QueryFailed
from contact_import.checks.opt_out_cache import OptOutCache
from contact_import.checks.opt_outs import OptOuts
from contact_import.domain.object_keys import OPT_OUTS_LOCK, SHARED_OPT_OUTS
from tests.unit.fakes import make_bucket, make_client

NUMBER = "+61491570006"


class Functions:
    """Functions of a stack that share a bucket, and an endpoint that counts how often it is queried."""

    def __init__(self) -> None:
        self.bucket: Bucket = make_bucket()
        self.now = datetime(2026, 11, 23, tzinfo=UTC)
        self.queries = 0

    def start(self) -> OptOutCache:
        return OptOutCache(self.bucket, lambda: self.now)

    def answer(self, _path: str) -> Any:
        self.queries += 1
        return {"data": [NUMBER]}

    def fetch(self, cache: OptOutCache) -> OptOuts | QueryFailed:
        # A second passes each time that the client sleeps, and an invocation has a minute.
        client = make_client(self.answer, deadline=60.0, clock=lambda: 0.0, sleep=self._pass)
        return cache.get_opt_outs(client)

    def _pass(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def test_functions_share_one_list_for_ten_minutes() -> None:
    functions = Functions()
    cache = functions.start()

    assert functions.fetch(cache) == functions.fetch(functions.start()) == OptOuts(frozenset({NUMBER}))
    functions.now += timedelta(minutes=9, seconds=59)
    functions.fetch(cache)
    assert functions.queries == 1
    functions.now += timedelta(seconds=1)
    functions.fetch(cache)
    assert functions.queries == 2


def test_a_list_from_the_future_is_not_fresh() -> None:
    functions = Functions()
    functions.fetch(functions.start())
    functions.now -= timedelta(minutes=1)

    functions.fetch(functions.start())

    assert functions.queries == 2


def test_an_object_that_another_version_wrote_is_fetched_again() -> None:
    functions = Functions()
    functions.bucket.put(SHARED_OPT_OUTS, b'{"at": "soon"}')
    functions.bucket.put(OPT_OUTS_LOCK, b"[]")

    assert functions.fetch(functions.start()) == OptOuts(frozenset({NUMBER}))


def test_while_another_function_fetches_this_one_waits_and_then_gives_up() -> None:
    functions = Functions()
    functions.bucket.put(OPT_OUTS_LOCK, encode_json({"until": (functions.now + timedelta(hours=1)).isoformat()}))

    assert isinstance(functions.fetch(functions.start()), QueryFailed)
    assert functions.queries == 0


def test_the_lock_of_a_function_that_died_expires() -> None:
    functions = Functions()
    functions.bucket.put(OPT_OUTS_LOCK, encode_json({"until": (functions.now + timedelta(seconds=5)).isoformat()}))

    assert functions.fetch(functions.start()) == OptOuts(frozenset({NUMBER}))
    assert functions.queries == 1
