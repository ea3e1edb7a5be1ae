from typing import Any

import pytest

from contact_import.cellcast.queries import QueryFailed
from contact_import.checks.account import Account, load_account, look_up_account, query_account
from contact_import.domain.object_keys import make_account_key
from tests.unit.fakes import make_bucket, make_client


@pytest.mark.parametrize(
    ("answer", "account"),
    [
        ({"data": {"account_name": " Shop ", "balance": "12.50"}}, Account("Shop", "12.50")),
        ({"data": {"accountName": "Shop", "balance": 7}}, Account("Shop", 7)),
        ({"name": "Shop", "balance": True}, Account("Shop")),
        ({"data": {"name": ""}, "account_name": "Shop"}, Account("Shop")),
        ({"data": {"name": "x" * 500, "balance": "9" * 500}}, Account("x" * 200, "9" * 40)),
    ],
)
def test_the_account_is_read_wherever_the_response_names_it(answer: Any, account: Account) -> None:
    assert query_account(make_client(lambda _path: answer)) == account


def test_a_response_without_a_name_is_a_failed_query() -> None:
    assert isinstance(query_account(make_client(lambda _path: {"data": {"balance": 7}})), QueryFailed)


def test_the_account_is_queried_once_for_all_runs() -> None:
    bucket, paths = make_bucket(), list[str]()

    def answer(path: str) -> Any:
        paths.append(path)
        return {"data": {"name": "Shop"}}

    assert [look_up_account(bucket, "one", make_client(answer)) for _ in range(2)] == [Account("Shop")] * 2
    assert len(paths) == 1
    assert load_account(bucket, "one") == Account("Shop")


def test_a_failed_query_is_saved_too_so_that_the_report_says_why() -> None:
    bucket = make_bucket()

    failed = look_up_account(bucket, "one", make_client(lambda _path: 404))

    assert isinstance(failed, QueryFailed)
    assert load_account(bucket, "one") == failed


def test_a_denied_key_stops_the_client_and_is_not_saved() -> None:
    bucket, client = make_bucket(), make_client(lambda _path: 401)

    assert isinstance(look_up_account(bucket, "one", client), QueryFailed)
    assert client.is_failure
    assert client.stop_reason
    assert not bucket.has_object(make_account_key("one"))
    assert load_account(bucket, "one") is None
