"""What comes in over HTTP while SCREEN_OPT_OUTS is on: people of Cellcast's opt-out list get nothing."""

import csv
import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from contact_import.aws.s3 import Bucket
from contact_import.cellcast.client import Line
from contact_import.cellcast.queries import Unanswered
from contact_import.checks.opt_out_cache import Register
from contact_import.checks.opt_outs import OptOuts
from contact_import.columns.header_names import Role
from contact_import.domain.object_keys import READING_OPT_OUTS, SHARED_OPT_OUTS, webhook_prefix
from contact_import.domain.person import Detail, Person
from contact_import.pipelines.webhook_batch import Ended, Window
from contact_import.webhooks.submission import Submission
from local.sandbox.endpoint import Exchange
from local.sandbox.faults import FAULTS, play_always
from tests.conftest import Office
from tests.make_submissions import CUT, person, submission

ANN, BEN, CAT = "+61491570006", "+61491570156", "+61491570157"
ON_THE_LIST = "consent: Cellcast's opt-out list has the number"


@pytest.fixture
def register(office: Office) -> Register:
    return _register(office)


def _register(office: Office) -> Register:
    """As a function that starts cold has it."""
    return Register(Bucket(office.s3, "contacts"), lambda: office.clock)


def _run(office: Office, register: Register, *submissions: Submission, line: Line | None = None) -> dict[str, Ended]:
    window = Window(
        Bucket(office.s3, "contacts"), line or office.line(), 4, lambda: office.clock, look_up=register.look_up
    )
    return window.run(submissions)


def _result(ended: dict[str, Ended], one: Submission) -> dict[str, Any]:
    result = ended[one.import_id].result
    assert result, ended
    counts = dict(result["rows"])
    assert counts.pop("read") == sum(counts.values())
    return result


def _rows(ended: dict[str, Ended], one: Submission) -> dict[str, int]:
    return {status: count for status, count in _result(ended, one)["rows"].items() if count and status != "read"}


def _failed(office: Office, one: Submission) -> list[tuple[str, str]]:
    key = f"{webhook_prefix(one.import_id, one.received_at)}failed.csv"
    text = office.s3.get_object(Bucket="contacts", Key=key)["Body"].read().decode("utf-8-sig")
    return [(row["_row"], row["_status"]) for row in csv.DictReader(io.StringIO(text))]


def test_people_on_the_list_get_nothing_and_their_rows_say_so(office: Office, register: Register) -> None:
    office.sandbox.opted_out = ["491570156"]
    mixed, alone = (
        submission("mixed", person(ANN), person("0491 570 156"), person("12")),
        submission("alone", person(BEN)),
    )

    ended = _run(office, register, mixed, alone)

    assert _rows(ended, mixed) == {"accepted": 1, "opted_out": 1, "invalid": 1}
    assert _rows(ended, alone) == {"opted_out": 1}
    assert _result(ended, alone)["reasons"] == [{"status": "opted_out", "reason": ON_THE_LIST, "count": 1}]
    assert _failed(office, mixed) == [("2", "opted_out"), ("3", "invalid")]
    assert office.sandbox.numbers == [ANN]


def test_a_number_that_stands_twice_is_judged_as_in_a_file(office: Office, register: Register) -> None:
    office.sandbox.opted_out = ["491570156"]
    people = (person(BEN), person(ANN), person(BEN), person(ANN))
    file = "Mobile\n" + "".join(f"{number}\n" for number in (BEN, ANN, BEN, ANN))
    office.settings["screen_opt_outs"] = True

    rows = _rows(_run(office, register, one := submission("twice", *people)), one)

    assert rows == {"accepted": 1, "opted_out": 2, "duplicate": 1}
    assert rows == {status: count for status, count in office.drop(file)["rows"].items() if count and status != "read"}


def test_who_says_no_in_the_delivery_itself_has_that_reason(office: Office, register: Register) -> None:
    office.sandbox.opted_out = ["491570156"]
    no = Person((Detail("mobile", Role.PHONE, BEN), Detail("sms", Role.CONSENT, "no")))

    ended = _run(office, register, one := submission("no", no))

    assert [reason["reason"] for reason in _result(ended, one)["reasons"]] == ["consent: the file says no to SMS"]
    assert office.sandbox.asked == []  # nobody is left to whom it would matter


def test_the_list_is_read_for_ten_minutes_at_once_and_then_anew(office: Office, register: Register) -> None:
    office.sandbox.opted_out = [f"4000{n:05d}" for n in range(150)]
    asked: list[tuple[int, dict[str, int]]] = []
    for minutes in (0, 5, 4.9, 0.1):
        office.clock += timedelta(minutes=minutes)
        one = submission(str(len(asked)), person(BEN))
        rows = _rows(_run(office, register, one), one)
        asked.append((len(office.sandbox.asked), rows))
        office.sandbox.opted_out = ["491570156"]

    assert asked == [(2, {"accepted": 1}), (2, {"accepted": 1}), (2, {"accepted": 1}), (3, {"opted_out": 1})]


@pytest.mark.parametrize("fault", ["404", "200 array", "200 status false", "503 html", "redirect", "endless"])
def test_without_the_list_deliveries_wait_and_go_when_it_can_be_read(
    office: Office, register: Register, fault: str
) -> None:
    office.sandbox.opted_out = ["491570156"]
    office.sandbox.get_faults.extend([FAULTS[fault]] * 400)
    both = submission("both", person(ANN), person(BEN))
    nobody = submission("nobody", person("12"))

    waiting = _run(office, register, both, nobody)
    office.sandbox.get_faults.clear()
    sent_meanwhile = list(office.sandbox.log)
    back = _run(office, register, both)

    assert (waiting[both.import_id].result, waiting[both.import_id].fault) == (None, None)
    assert waiting[both.import_id].why.startswith(
        "Cellcast's opt-out list could not be read, so that nothing was sent: "
    )
    assert _rows(waiting, nobody) == {"invalid": 1}  # it needs no list
    assert sent_meanwhile == []
    assert _rows(back, both) == {"accepted": 1, "opted_out": 1}
    assert office.sandbox.numbers == [ANN]


def test_a_list_that_breaks_off_half_way_is_no_list(office: Office, register: Register) -> None:
    office.sandbox.opted_out = [*(f"4000{n:05d}" for n in range(150)), "491570156"]
    office.sandbox.get_faults.extend([lambda exchange: exchange.reply(200, _page(office)), FAULTS["404"]])

    ended = _run(office, register, one := submission("one", person(BEN)))

    assert ended[one.import_id].result is None
    assert len(office.sandbox.asked) == 2
    assert office.sandbox.log == []


def _page(office: Office) -> dict[str, Any]:
    entries: Sequence[object] = [{"number": one} for one in office.sandbox.opted_out[:100]]
    return {"status": True, "data": {"data": entries, "total": 151, "totalPages": 2, "hasNextPage": True}}


def test_a_list_that_is_too_old_does_not_stand_in_for_one_that_cannot_be_read(
    office: Office, register: Register
) -> None:
    first, second = submission("first", person(ANN)), submission("second", person(BEN))
    _run(office, register, first)
    office.clock += timedelta(minutes=10)
    office.sandbox.get_faults.extend([FAULTS["404"]] * 3)

    assert _run(office, register, second)[second.import_id].result is None
    assert office.sandbox.numbers == [ANN]


def test_a_key_that_is_not_taken_waits_for_another_one(office: Office, register: Register) -> None:
    office.keys = ["wrong"]
    one, line = submission("one", person(ANN)), office.line()

    ended = _run(office, register, one, line=line)

    assert (ended[one.import_id].result, ended[one.import_id].why) == (None, "Cellcast did not take the API key")
    assert (line.stopped, line.is_failure) == ("Cellcast did not take the API key", True)


def test_cellcasts_own_words_are_not_for_the_log(office: Office, register: Register) -> None:
    def chatty(exchange: Exchange) -> None:
        exchange.reply(400, {"code": 400, "message": "no list for Zebedee", "stack": "x"})

    office.sandbox.get_faults.append(chatty)
    one, line = submission("one", person(ANN)), office.line()

    ended = _run(office, register, one, line=line)

    assert "Zebedee" in ended[one.import_id].why
    assert line.stopped == "Cellcast's opt-out list could not be read by now"


def test_entries_that_nobody_can_read_are_told(office: Office, register: Register) -> None:
    office.sandbox.opted_out = ["STOP"]

    ended = _run(office, register, one := submission("one", person(ANN)))

    assert _result(ended, one)["messages"] == [
        "Cellcast's opt-out list has 1 entries without a number that can be read."
    ]


def test_who_opted_out_while_a_delivery_waited_gets_nothing(office: Office, register: Register) -> None:
    office.seconds, office.patience = 6.0, 0.2
    play_always(office.sandbox, "503 html")
    one = submission("one", person(ANN), person(BEN))
    _run(office, register, one)
    office.sandbox.always = None
    office.sandbox.opted_out = ["491570156"]
    office.clock += timedelta(minutes=10)

    rows = _rows(_run(office, register, one), one)

    assert rows == {"accepted": 1, "opted_out": 1}
    assert office.sandbox.numbers == [ANN]


def test_who_may_be_in_already_is_not_called_left_out_and_is_not_sent_again(office: Office, register: Register) -> None:
    one, line = submission("one", person(ANN), person(BEN)), office.line()
    post = line.post

    def die(*arguments: Any) -> Any:
        post(*arguments)
        raise KeyboardInterrupt

    line.post = die
    _run(office, register, one, line=line)
    office.sandbox.opted_out = ["491570156"]
    office.clock += timedelta(minutes=10)

    rows = _rows(_run(office, register, one), one)

    assert rows == {"accepted": 1, "unknown": 1}
    assert sorted(office.sandbox.numbers) == [ANN, ANN, BEN]


def test_the_batches_of_a_long_delivery_stay_the_same_whoever_is_on_the_list(
    office: Office, register: Register
) -> None:
    """One that is sent in part before, and in part after the list has changed: nobody twice, nobody left."""
    numbers = [f"+614000{n:05d}" for n in range(25)]
    crowd = submission("crowd", *map(person, numbers), cut=CUT.__class__("AU", True, 10, 90_000))
    office.settings["concurrency"] = 1
    office.seconds, office.patience = 6.0, 0.2
    office.sandbox.faults.append(("", Exchange.serve))
    play_always(office.sandbox, "503 html")
    assert _run(office, register, crowd)[crowd.import_id].result is None
    taken = set(office.sandbox.numbers)
    office.sandbox.always = None
    gone = {numbers[3], numbers[13], numbers[23]}
    office.sandbox.opted_out = sorted(gone)
    office.clock += timedelta(minutes=10)

    rows = _rows(_run(office, register, crowd), crowd)

    left_out = gone - taken
    assert 0 < len(taken) < 25
    assert rows == {"accepted": 25 - len(left_out), "opted_out": len(left_out)}
    assert sorted(office.sandbox.numbers) == sorted(set(numbers) - left_out)


def test_no_call_is_made_for_the_list_when_the_time_is_nearly_over(office: Office, register: Register) -> None:
    office.seconds = 0.5

    ended = _run(office, register, one := submission("one", person(ANN)))

    assert ended[one.import_id].result is None
    assert office.sandbox.asked == []


def test_a_clock_that_was_put_back_makes_the_list_be_read_anew(office: Office, register: Register) -> None:
    register.look_up(office.line())
    office.clock -= timedelta(hours=1)
    office.sandbox.opted_out = ["491570156"]

    assert register.look_up(office.line()) == OptOuts(frozenset({BEN}))


def test_a_failure_is_not_remembered_and_holds_up_nobody(office: Office, register: Register) -> None:
    office.sandbox.get_faults.extend([FAULTS["404"]] * 2)

    assert isinstance(register.look_up(office.line()), Unanswered)
    assert isinstance(_register(office).look_up(office.line()), Unanswered)
    assert register.look_up(office.line()) == OptOuts()


def test_a_function_that_starts_cold_has_the_list_that_another_one_read(office: Office, register: Register) -> None:
    office.sandbox.opted_out = ["491570156", "STOP"]
    read = register.look_up(office.line())
    office.clock += timedelta(minutes=9)

    found = _register(office).look_up(office.line())

    assert found == read == OptOuts(frozenset({BEN}), unreadable=1)
    assert len(office.sandbox.asked) == 1


def test_it_is_as_old_as_its_first_page_wherever_it_was_kept(office: Office, register: Register) -> None:
    def slow(exchange: Exchange) -> None:
        office.clock += timedelta(minutes=4)
        exchange.reply(200, {"data": {"data": []}})

    office.sandbox.get_faults.append(slow)
    register.look_up(office.line())
    office.clock += timedelta(minutes=6)

    for one in (_register(office), register):
        one.look_up(office.line())

    assert len(office.sandbox.asked) == 2


def test_one_reads_it_at_a_time_and_the_others_wait_for_some_seconds(office: Office, register: Register) -> None:
    meanwhile = []

    def slow(exchange: Exchange) -> None:
        meanwhile.append(_register(office).look_up(office.line()))
        exchange.reply(200, {"data": {"data": [{"number": "491570156"}]}})

    office.sandbox.get_faults.append(slow)

    assert register.look_up(office.line()) == OptOuts(frozenset({BEN}))
    assert meanwhile == [Unanswered("another function was still reading it")]
    assert len(office.sandbox.asked) == 1


def test_a_reader_that_died_is_not_waited_for_for_ever(office: Office, register: Register) -> None:
    def die(*_arguments: Any) -> Any:
        raise KeyboardInterrupt

    line = office.line()
    line.get = die
    with pytest.raises(KeyboardInterrupt):
        register.look_up(line)

    assert isinstance(_register(office).look_up(office.line()), Unanswered)
    office.clock += timedelta(seconds=office.seconds + 6)
    assert _register(office).look_up(office.line()) == OptOuts()


@pytest.mark.parametrize("doing", ["GetObject", "PutObject"])
def test_where_the_bucket_cannot_keep_it_everybody_reads_it(office: Office, doing: str) -> None:
    def fail(**_: object) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied"}}, doing)

    office.s3.meta.events.register(f"before-call.s3.{doing}", fail)
    found = [_register(office).look_up(office.line()) for _ in range(2)]

    assert found == [OptOuts()] * 2
    assert len(office.sandbox.asked) == 2


@pytest.mark.parametrize("key", [SHARED_OPT_OUTS, READING_OPT_OUTS])
def test_what_another_version_kept_is_read_anew(office: Office, key: str) -> None:
    for body in (b"{}", b"not JSON", b'{"at": 7, "until": 7}'):
        office.s3.put_object(Bucket="contacts", Key=key, Body=body)

        assert _register(office).look_up(office.line()) == OptOuts()
