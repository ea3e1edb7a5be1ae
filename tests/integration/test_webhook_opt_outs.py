"""Webhooks with SCREEN_OPT_OUTS on: people on Cellcast's opt-out list get nothing."""

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import CellcastClient
from contact_import.cellcast.queries import QueryFailed
from contact_import.checks.opt_out_cache import OptOutCache
from contact_import.checks.opt_outs import OptOuts
from contact_import.domain.object_keys import OPT_OUTS_LOCK, SHARED_OPT_OUTS, make_webhook_prefix
from contact_import.domain.person import Person, PersonField
from contact_import.domain.roles import Role
from contact_import.pipelines.webhook.batch import SubmissionBatch
from contact_import.pipelines.webhook.submission import ProcessedSubmission
from contact_import.webhooks.submission import Submission
from local.sandbox.endpoint import Exchange
from local.sandbox.faults import FAULTS, set_default_fault
from tests.conftest import Importer
from tests.make_submissions import BATCH_SETTINGS, make_person, make_submission

ANN, BEN, CAT = "+61491570006", "+61491570156", "+61491570157"
ON_THE_LIST = "consent: the number is on Cellcast's opt-out list"


@pytest.fixture
def opt_out_cache(importer: Importer) -> OptOutCache:
    return _make_opt_out_cache(importer)


def _make_opt_out_cache(importer: Importer) -> OptOutCache:
    """Return the cache of a function that starts cold."""
    return OptOutCache(Bucket(importer.s3, "contacts"), lambda: importer.clock)


def _run(
    importer: Importer, opt_out_cache: OptOutCache, *submissions: Submission, client: CellcastClient | None = None
) -> dict[str, ProcessedSubmission]:
    batch = SubmissionBatch(
        Bucket(importer.s3, "contacts"),
        client or importer.build_client(),
        4,
        lambda: importer.clock,
        get_opt_outs=opt_out_cache.get_opt_outs,
    )
    return batch.run(submissions)


def _result(ended: dict[str, ProcessedSubmission], one: Submission) -> dict[str, Any]:
    result = ended[one.import_id].result
    assert result, ended
    counts = dict(result["rows"])
    assert counts.pop("read") == sum(counts.values())
    return result


def _rows(ended: dict[str, ProcessedSubmission], one: Submission) -> dict[str, int]:
    return {status: count for status, count in _result(ended, one)["rows"].items() if count and status != "read"}


def _failed(importer: Importer, one: Submission) -> list[tuple[str, str]]:
    key = f"{make_webhook_prefix(one.import_id, one.received_at)}failed.csv"
    text = importer.s3.get_object(Bucket="contacts", Key=key)["Body"].read().decode("utf-8-sig")
    return [(row["_row"], row["_status"]) for row in csv.DictReader(io.StringIO(text))]


def test_people_on_the_list_get_nothing_and_their_rows_say_so(importer: Importer, opt_out_cache: OptOutCache) -> None:
    importer.sandbox.opted_out = ["491570156"]
    mixed, alone = (
        make_submission("mixed", make_person(ANN), make_person("0491 570 156"), make_person("12")),
        make_submission("alone", make_person(BEN)),
    )

    ended = _run(importer, opt_out_cache, mixed, alone)

    assert _rows(ended, mixed) == {"accepted": 1, "opted_out": 1, "invalid": 1}
    assert _rows(ended, alone) == {"opted_out": 1}
    assert _result(ended, alone)["reasons"] == [
        {"status": "opted_out", "reason": ON_THE_LIST, "count": 1, "first_rows": [1]}
    ]
    assert _failed(importer, mixed) == [("2", "opted_out"), ("3", "invalid")]
    assert importer.sandbox.numbers == [ANN]


def test_a_number_that_occurs_twice_is_judged_as_in_a_file(importer: Importer, opt_out_cache: OptOutCache) -> None:
    importer.sandbox.opted_out = ["491570156"]
    people = (make_person(BEN), make_person(ANN), make_person(BEN), make_person(ANN))
    file = "Mobile\n" + "".join(f"{number}\n" for number in (BEN, ANN, BEN, ANN))
    importer.settings["screen_opt_outs"] = True

    rows = _rows(_run(importer, opt_out_cache, one := make_submission("twice", *people)), one)

    assert rows == {"accepted": 1, "opted_out": 2, "duplicate": 1}
    assert rows == {
        status: count for status, count in importer.import_file(file)["rows"].items() if count and status != "read"
    }


def test_who_says_no_in_the_delivery_itself_has_that_reason(importer: Importer, opt_out_cache: OptOutCache) -> None:
    importer.sandbox.opted_out = ["491570156"]
    no = Person((PersonField("mobile", Role.PHONE, BEN), PersonField("sms", Role.CONSENT, "no")))

    ended = _run(importer, opt_out_cache, one := make_submission("no", no))

    assert [reason["reason"] for reason in _result(ended, one)["reasons"]] == ["sms: “no” means no SMS"]
    assert importer.sandbox.query_paths == []  # no contact is left to screen


def test_the_list_is_read_once_for_ten_minutes_and_then_again(importer: Importer, opt_out_cache: OptOutCache) -> None:
    importer.sandbox.opted_out = [f"4000{n:05d}" for n in range(150)]
    asked: list[tuple[int, dict[str, int]]] = []
    for minutes in (0, 5, 4.9, 0.1):
        importer.clock += timedelta(minutes=minutes)
        one = make_submission(str(len(asked)), make_person(BEN))
        rows = _rows(_run(importer, opt_out_cache, one), one)
        asked.append((len(importer.sandbox.query_paths), rows))
        importer.sandbox.opted_out = ["491570156"]

    assert asked == [(2, {"accepted": 1}), (2, {"accepted": 1}), (2, {"accepted": 1}), (3, {"opted_out": 1})]


@pytest.mark.parametrize("fault", ["404", "200 array", "200 status false", "503 html", "redirect", "endless"])
def test_without_the_list_deliveries_wait_and_go_when_it_can_be_read(
    importer: Importer, opt_out_cache: OptOutCache, fault: str
) -> None:
    importer.sandbox.opted_out = ["491570156"]
    importer.sandbox.query_faults.extend([FAULTS[fault]] * 400)
    both = make_submission("both", make_person(ANN), make_person(BEN))
    nobody = make_submission("nobody", make_person("12"))

    waiting = _run(importer, opt_out_cache, both, nobody)
    importer.sandbox.query_faults.clear()
    sent_meanwhile = list(importer.sandbox.log)
    back = _run(importer, opt_out_cache, both)

    assert (waiting[both.import_id].result, waiting[both.import_id].error) == (None, None)
    assert waiting[both.import_id].reason.startswith("Cellcast's opt-out list could not be read, so nothing was sent: ")
    assert _rows(waiting, nobody) == {"invalid": 1}  # it needs no list
    assert sent_meanwhile == []
    assert _rows(back, both) == {"accepted": 1, "opted_out": 1}
    assert importer.sandbox.numbers == [ANN]


def test_a_list_that_breaks_off_half_way_is_no_list(importer: Importer, opt_out_cache: OptOutCache) -> None:
    importer.sandbox.opted_out = [*(f"4000{n:05d}" for n in range(150)), "491570156"]
    importer.sandbox.query_faults.extend([lambda exchange: exchange.send_json(200, _page(importer)), FAULTS["404"]])

    ended = _run(importer, opt_out_cache, one := make_submission("one", make_person(BEN)))

    assert ended[one.import_id].result is None
    assert len(importer.sandbox.query_paths) == 2
    assert importer.sandbox.log == []


def _page(importer: Importer) -> dict[str, Any]:
    entries: Sequence[object] = [{"number": one} for one in importer.sandbox.opted_out[:100]]
    return {"status": True, "data": {"data": entries, "total": 151, "totalPages": 2, "hasNextPage": True}}


def test_a_list_that_is_too_old_does_not_replace_one_that_cannot_be_read(
    importer: Importer, opt_out_cache: OptOutCache
) -> None:
    first, second = make_submission("first", make_person(ANN)), make_submission("second", make_person(BEN))
    _run(importer, opt_out_cache, first)
    importer.clock += timedelta(minutes=10)
    importer.sandbox.query_faults.extend([FAULTS["404"]] * 3)

    assert _run(importer, opt_out_cache, second)[second.import_id].result is None
    assert importer.sandbox.numbers == [ANN]


def test_a_key_that_is_not_taken_waits_for_another_one(importer: Importer, opt_out_cache: OptOutCache) -> None:
    importer.api_keys = ["wrong"]
    one, line = make_submission("one", make_person(ANN)), importer.build_client()

    ended = _run(importer, opt_out_cache, one, client=line)

    assert (ended[one.import_id].result, ended[one.import_id].reason) == (None, "Cellcast rejected the API key")
    assert (line.stop_reason, line.is_failure) == ("Cellcast rejected the API key", True)


def test_cellcasts_own_words_are_not_for_the_log(importer: Importer, opt_out_cache: OptOutCache) -> None:
    def chatty(exchange: Exchange) -> None:
        exchange.send_json(400, {"code": 400, "message": "no list for Zebedee", "stack": "x"})

    importer.sandbox.query_faults.append(chatty)
    one, line = make_submission("one", make_person(ANN)), importer.build_client()

    ended = _run(importer, opt_out_cache, one, client=line)

    assert "Zebedee" in ended[one.import_id].reason
    assert line.stop_reason == "Cellcast's opt-out list could not be read yet"


def test_entries_that_no_one_can_read_are_reported(importer: Importer, opt_out_cache: OptOutCache) -> None:
    importer.sandbox.opted_out = ["STOP"]

    ended = _run(importer, opt_out_cache, one := make_submission("one", make_person(ANN)))

    assert _result(ended, one)["messages"] == [
        "Cellcast's opt-out list has 1 entries without a number that can be read."
    ]


def test_who_opted_out_while_a_delivery_waited_gets_nothing(importer: Importer, opt_out_cache: OptOutCache) -> None:
    importer.seconds, importer.outage_timeout = 6.0, 0.2
    set_default_fault(importer.sandbox, "503 html")
    one = make_submission("one", make_person(ANN), make_person(BEN))
    _run(importer, opt_out_cache, one)
    importer.sandbox.default_fault = None
    importer.sandbox.opted_out = ["491570156"]
    importer.clock += timedelta(minutes=10)

    rows = _rows(_run(importer, opt_out_cache, one), one)

    assert rows == {"accepted": 1, "opted_out": 1}
    assert importer.sandbox.numbers == [ANN]


def test_who_may_be_in_already_is_not_called_left_out_and_is_not_sent_again(
    importer: Importer, opt_out_cache: OptOutCache
) -> None:
    one, line = make_submission("one", make_person(ANN), make_person(BEN)), importer.build_client()
    post = line.post

    def die(*arguments: Any) -> Any:
        post(*arguments)
        raise KeyboardInterrupt

    line.post = die
    _run(importer, opt_out_cache, one, client=line)
    importer.sandbox.opted_out = ["491570156"]
    importer.clock += timedelta(minutes=10)

    rows = _rows(_run(importer, opt_out_cache, one), one)

    assert rows == {"accepted": 1, "unknown": 1}
    assert sorted(importer.sandbox.numbers) == [ANN, ANN, BEN]


def test_the_batches_of_a_long_delivery_stay_the_same_whoever_is_on_the_list(
    importer: Importer, opt_out_cache: OptOutCache
) -> None:
    """One that is sent in part before, and in part after the list has changed: nobody twice, nobody left."""
    numbers = [f"+614000{n:05d}" for n in range(25)]
    crowd = make_submission(
        "crowd", *map(make_person, numbers), batch_settings=BATCH_SETTINGS.__class__("AU", True, 10, 90_000)
    )
    importer.settings["concurrency"] = 1
    importer.seconds, importer.outage_timeout = 6.0, 0.2
    importer.sandbox.faults.append(("", Exchange.respond))
    set_default_fault(importer.sandbox, "503 html")
    assert _run(importer, opt_out_cache, crowd)[crowd.import_id].result is None
    taken = set(importer.sandbox.numbers)
    importer.sandbox.default_fault = None
    gone = {numbers[3], numbers[13], numbers[23]}
    importer.sandbox.opted_out = sorted(gone)
    importer.clock += timedelta(minutes=10)

    rows = _rows(_run(importer, opt_out_cache, crowd), crowd)

    left_out = gone - taken
    assert 0 < len(taken) < 25
    assert rows == {"accepted": 25 - len(left_out), "opted_out": len(left_out)}
    assert sorted(importer.sandbox.numbers) == sorted(set(numbers) - left_out)


def test_no_call_is_made_for_the_list_when_the_time_is_nearly_over(
    importer: Importer, opt_out_cache: OptOutCache
) -> None:
    importer.seconds = 0.5

    ended = _run(importer, opt_out_cache, one := make_submission("one", make_person(ANN)))

    assert ended[one.import_id].result is None
    assert importer.sandbox.query_paths == []


def test_a_clock_that_was_put_back_makes_the_list_be_read_again(importer: Importer, opt_out_cache: OptOutCache) -> None:
    opt_out_cache.get_opt_outs(importer.build_client())
    importer.clock -= timedelta(hours=1)
    importer.sandbox.opted_out = ["491570156"]

    assert opt_out_cache.get_opt_outs(importer.build_client()) == OptOuts(frozenset({BEN}))


def test_a_failure_is_not_remembered_and_holds_up_no_one(importer: Importer, opt_out_cache: OptOutCache) -> None:
    importer.sandbox.query_faults.extend([FAULTS["404"]] * 2)

    assert isinstance(opt_out_cache.get_opt_outs(importer.build_client()), QueryFailed)
    assert isinstance(_make_opt_out_cache(importer).get_opt_outs(importer.build_client()), QueryFailed)
    assert opt_out_cache.get_opt_outs(importer.build_client()) == OptOuts()


def test_a_function_that_starts_cold_has_the_list_that_another_one_read(
    importer: Importer, opt_out_cache: OptOutCache
) -> None:
    importer.sandbox.opted_out = ["491570156", "STOP"]
    read = opt_out_cache.get_opt_outs(importer.build_client())
    importer.clock += timedelta(minutes=9)

    found = _make_opt_out_cache(importer).get_opt_outs(importer.build_client())

    assert found == read == OptOuts(frozenset({BEN}), unreadable=1)
    assert len(importer.sandbox.query_paths) == 1


def test_it_is_as_old_as_its_first_page_wherever_it_was_kept(importer: Importer, opt_out_cache: OptOutCache) -> None:
    def slow(exchange: Exchange) -> None:
        importer.clock += timedelta(minutes=4)
        exchange.send_json(200, {"data": {"data": []}})

    importer.sandbox.query_faults.append(slow)
    opt_out_cache.get_opt_outs(importer.build_client())
    importer.clock += timedelta(minutes=6)

    for one in (_make_opt_out_cache(importer), opt_out_cache):
        one.get_opt_outs(importer.build_client())

    assert len(importer.sandbox.query_paths) == 2


def test_one_reads_it_at_a_time_and_the_others_wait_for_some_seconds(
    importer: Importer, opt_out_cache: OptOutCache
) -> None:
    meanwhile = []

    def slow(exchange: Exchange) -> None:
        meanwhile.append(_make_opt_out_cache(importer).get_opt_outs(importer.build_client()))
        exchange.send_json(200, {"data": {"data": [{"number": "491570156"}]}})

    importer.sandbox.query_faults.append(slow)

    assert opt_out_cache.get_opt_outs(importer.build_client()) == OptOuts(frozenset({BEN}))
    assert meanwhile == [QueryFailed("another function was still reading it")]
    assert len(importer.sandbox.query_paths) == 1


def test_a_reader_that_died_is_not_waited_for_for_ever(importer: Importer, opt_out_cache: OptOutCache) -> None:
    def die(*_arguments: Any) -> Any:
        raise KeyboardInterrupt

    line = importer.build_client()
    line.get = die
    with pytest.raises(KeyboardInterrupt):
        opt_out_cache.get_opt_outs(line)

    assert isinstance(_make_opt_out_cache(importer).get_opt_outs(importer.build_client()), QueryFailed)
    importer.clock += timedelta(seconds=importer.seconds + 6)
    assert _make_opt_out_cache(importer).get_opt_outs(importer.build_client()) == OptOuts()


@pytest.mark.parametrize("doing", ["GetObject", "PutObject"])
def test_where_the_bucket_cannot_keep_it_everyone_reads_it(importer: Importer, doing: str) -> None:
    def fail(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, doing)

    importer.s3.meta.events.register(f"before-call.s3.{doing}", fail)
    found = [_make_opt_out_cache(importer).get_opt_outs(importer.build_client()) for _ in range(2)]

    assert found == [OptOuts()] * 2
    assert len(importer.sandbox.query_paths) == 2


@pytest.mark.parametrize("key", [SHARED_OPT_OUTS, OPT_OUTS_LOCK])
def test_what_another_version_kept_is_read_again(importer: Importer, key: str) -> None:
    for body in (b"{}", b"not JSON", b'{"at": 7, "until": 7}'):
        importer.s3.put_object(Bucket="contacts", Key=key, Body=body)

        assert _make_opt_out_cache(importer).get_opt_outs(importer.build_client()) == OptOuts()
