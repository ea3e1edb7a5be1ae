"""A Cellcast endpoint that is a function: it plays given responses, and its clock is a number."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.credentials import ApiKey
from contact_import.cellcast.rate_limiter import RateLimiter
from contact_import.cellcast.transport import ApiResponse, NoResponse
from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.outcomes import Outcome
from contact_import.domain.row import Row
from contact_import.sending.batches import Batch

type Play = Callable[[int], ApiResponse | NoResponse]  # by the number of contacts in the request

LOST = NoResponse(maybe_sent=True, reason="there was no response in time")
UNREACHABLE = NoResponse(maybe_sent=False, reason="no connection could be made")


class Endpoint:
    """Plays its responses in turn and repeats the last one. `seen` has the numbers of each request and its response."""

    def __init__(self, *plays: Play) -> None:
        self.plays = list(plays)
        self.seen: list[tuple[frozenset[str], ApiResponse | NoResponse]] = []
        self.keys: list[str] = []
        self.now = 1000.0

    def post(self, body: bytes, key: str, seconds: float) -> ApiResponse | NoResponse:
        numbers = frozenset(contact["phone_number"] for contact in json.loads(body)["contacts"])
        reply = (self.plays.pop(0) if len(self.plays) > 1 else self.plays[0])(len(numbers))
        self.seen.append((numbers, reply))
        self.keys.append(key)
        self.now += 0.1
        return reply

    def get(self, path: str, key: str, seconds: float) -> ApiResponse | NoResponse:
        reply = (self.plays.pop(0) if len(self.plays) > 1 else self.plays[0])(0)
        self.seen.append((frozenset({path}), reply))
        self.keys.append(key)
        self.now += 0.1
        return reply

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def build_client(
        self, *, on_ambiguous: str = "resend", seconds: float = 600, keys: Iterable[str] = ("key",)
    ) -> CellcastClient:
        stored = list(keys)

        def fetch(_fresh: bool) -> str:
            return stored.pop(0) if len(stored) > 1 else stored[0]

        def clock() -> float:
            return self.now

        return CellcastClient(
            post=self.post,
            get=self.get,
            api_key=ApiKey(fetch),
            rate_limiter=RateLimiter(10, clock, self.sleep),
            deadline=self.now + seconds,
            on_ambiguous=on_ambiguous,
            clock=clock,
            sleep=self.sleep,
            jitter=lambda: 0.5,
        )


def respond(status: int, value: Any, **headers: str) -> Play:
    return lambda _: ApiResponse(
        status, {name.replace("_", "-"): text for name, text in headers.items()}, dump_json(value)
    )


def dump_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def respond_success(*errors: str) -> Play:
    def play(count: int) -> ApiResponse:
        data = {"success_data": count - len(errors), "failed_data": len(errors), "errors": list(errors)}
        return ApiResponse(200, {}, dump_json({"message": "partial_success" if errors else "success", "data": data}))

    return play


YES = respond_success()
INCONSISTENT = respond(200, {"message": "success", "data": {}})
REFUSED = respond(400, {"code": 400, "message": "Bad request"})
NAMES_FIRST = respond(400, {"message": "fail", "data": {"errors": ["contact[0] error : phone_number empty"]}})
TOO_LARGE = respond(413, {})
THROTTLED = respond(429, {})
DENIED = respond(401, {"code": 401, "message": "Token expired"})
SERVER_ERROR = respond(500, {})
UNAVAILABLE = respond(503, {})
NOT_FOUND = respond(404, {})


def lose_response(_: int) -> NoResponse:
    return LOST


def be_unreachable(_: int) -> NoResponse:
    return UNREACHABLE


def build_batch(count: int, decided: tuple[Outcome, ...] = ()) -> Batch:
    """Build a batch of contacts in the rows from 2."""
    contacts = tuple(Contact(Row(n, ("x",)), ("", "", build_number(n), *[""] * 6)) for n in range(2, count + 2))
    return Batch(1, 1, Labels(), contacts, decided)


def build_number(row: int) -> str:
    return f"+614000{row:05d}"
