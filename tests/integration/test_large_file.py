"""Both paths, one invocation and the state machine, do the same with the same file."""

from dataclasses import asdict
from typing import Any

import pytest

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.errors import EndpointUnavailableError, KeyDeniedError, UnfinishedError
from contact_import.pipelines.large_file.plan import UNIT_GROUPS
from contact_import.pipelines.large_file.unit_store import UnitStore
from contact_import.sending.batches import COMMIT_GROUP_BATCHES
from local.sandbox.endpoint import Sandbox
from local.sandbox.faults import queue_faults, set_default_fault
from tests.conftest import Importer, build_contacts_csv, set_unit_batches

MIXED = (
    build_contacts_csv(30)
    + 'X,Y,\n"Two\nlines",Z,0400000001\nA,B,(02) 5550 1234\n=C,D,0400000200\n'
    + "".join(f"P,{n},04000003{n:02d}\n" for n in range(25))
)
VARYING = {"finished_at", "source", "import_id", "failed_csv", "report_html"}

UNIT_BATCHES = UNIT_GROUPS * COMMIT_GROUP_BATCHES


def _same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert {name: value for name, value in one.items() if name not in VARYING} == {
        name: value for name, value in other.items() if name not in VARYING
    }


def _by_both(
    importer: Importer, body: str | bytes, key: str = "incoming/june.csv"
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the results of both paths, each with an empty account."""
    inline = importer.import_file(body, key)
    numbers = sorted(importer.sandbox.numbers)
    importer.sandbox.contacts.clear()
    importer.sandbox.log.clear()
    upload = importer.upload(body, key)
    large = importer.run_large(upload)
    assert sorted(importer.sandbox.numbers) == numbers
    for name in ("failed.csv", "accepted.csv"):
        assert importer.read_report_file(large, name) == importer.read_report_file(inline, name)
    return inline, large


@pytest.mark.parametrize("size", [1, 3, 400])
@pytest.mark.parametrize("concurrency", [1, 4])
def test_both_paths_give_the_same_files(importer: Importer, size: int, concurrency: int) -> None:
    importer.settings |= {"batch_max_contacts": size, "concurrency": concurrency}
    importer.sandbox.refused_numbers = frozenset({"+61400000007"})

    inline, large = _by_both(importer, MIXED)

    _same(inline, large)
    assert large["rows"]["read"] == 59


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"First name,Mobile\n",
        b"Name,Email\nAnn,a@example.com\n",
        b"%PDF-1.7",
        "Mobile,Tags\n" + "".join(f"0400000{n:03d},{'AB'[n % 2]}\n" for n in range(50)),
        "Name,Mobile,Birthday\nZoë,0400000000,13/05/1990\nAnn,0400000001,05/06/1990\n".encode("cp1252"),
    ],
    ids=["empty", "only a header", "no phones", "a PDF", "other labels", "Windows-1252"],
)
def test_both_paths_say_the_same_of_an_odd_file(importer: Importer, body: bytes) -> None:
    importer.settings["batch_max_contacts"] = 5

    _same(*_by_both(importer, body, "incoming/list=News/june.csv"))


def test_a_dry_run_calls_no_one_on_either_path(importer: Importer) -> None:
    inline, large = _by_both(importer, MIXED, "validate/june.csv")

    _same(inline, large)
    assert importer.sandbox.log == []


@pytest.mark.parametrize("policy", ["resend", "hold"])
@pytest.mark.parametrize("fault", ["503 html", "reset after taking", "counts too low", "413", "429 seconds"])
def test_a_fault_in_the_middle_leaves_the_same_rows_in_the_same_state(
    importer: Importer, fault: str, policy: str
) -> None:
    importer.settings |= {"batch_max_contacts": 10, "concurrency": 1, "on_ambiguous": policy}
    queue_faults(importer.sandbox, ["", fault])
    inline = importer.import_file(build_contacts_csv(50))
    importer.sandbox.contacts.clear()
    queue_faults(importer.sandbox, ["", fault])

    large = importer.run_large(importer.upload(build_contacts_csv(50)))

    _same(inline, large)
    assert importer.read_report_file(large, "failed.csv") == importer.read_report_file(inline, "failed.csv")


def test_a_dead_key_ends_the_large_path_with_a_handful_of_calls(importer: Importer) -> None:
    importer.settings["batch_max_contacts"] = 2
    queue_faults(importer.sandbox, [""] * 5)
    set_default_fault(importer.sandbox, "401")
    count = 2 * UNIT_BATCHES * 4

    result = importer.run_large(importer.upload(build_contacts_csv(count)))

    assert (result["status"], result["rows"]["unsent"]) == ("failed", count - 10)
    assert "API key" in result["error"]
    # Each of the two units stops at its first denial; until then 16 requests of it may be in flight.
    assert len(importer.sandbox.log) <= 5 + 2 * 16
    assert importer.read_report_file(result, "failed.csv").count("\n") == count - 10 + 1


def test_an_endpoint_that_stays_away_for_hours_costs_no_contact(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    importer.settings["batch_max_contacts"] = 10
    importer.outage_timeout = 0.0
    address, importer.url = importer.url, "http://127.0.0.1:9"
    tries: list[str] = []

    def stage(name: str, payload: Any) -> Any:
        tries.append(name)
        if len(tries) > 20:
            importer.url = address
        return Importer.run_stage(importer, name, payload)

    monkeypatch.setattr(importer, "run_stage", stage)
    result = importer.run_large(importer.upload(build_contacts_csv(40)))

    assert (result["status"], result["rows"]["accepted"]) == ("completed", 40)
    assert result["requests"]["possibly_repeated"] == 0
    assert len(tries) > 20


def test_an_endpoint_that_never_comes_back_leaves_every_row_unsent_with_a_report(importer: Importer) -> None:
    importer.settings["batch_max_contacts"] = 10
    importer.outage_timeout = 0.0
    importer.url = "http://127.0.0.1:9"

    result = importer.run_large(importer.upload(build_contacts_csv(40)))

    assert (result["status"], result["rows"]["unsent"]) == ("failed", 40)
    assert "could not be reached" in result["error"]


def test_units_that_never_reported_are_unsent_and_stay_so(importer: Importer) -> None:
    """The execution failed after the first unit: FinishFunction counts from the ledger, and no batch is sent later."""
    importer.settings["batch_max_contacts"] = 1
    upload = importer.upload(build_contacts_csv(UNIT_BATCHES * 2 + 3))
    order = {"import_id": upload.import_id, **asdict(upload)}
    importer.run_stage("Plan", order)
    importer.run_stage("Batch", {**order, "unit": 1})

    result = importer.run_stage("Finish", {**order, "failure": {"Error": "States.Runtime", "Cause": ""}})
    importer.run_stage("Batch", {**order, "unit": 2})

    assert (result["rows"]["accepted"], result["rows"]["unsent"]) == (UNIT_BATCHES, UNIT_BATCHES + 3)
    assert len(importer.sandbox.numbers) == UNIT_BATCHES


def test_a_unit_that_is_tried_again_sends_only_what_is_left(importer: Importer) -> None:
    importer.settings |= {"batch_max_contacts": 1, "concurrency": 1}
    upload = importer.upload(build_contacts_csv(10))
    order = {"import_id": upload.import_id, **asdict(upload), "unit": 1}
    importer.run_stage("Plan", order)
    queue_faults(importer.sandbox, [""] * 4)
    set_default_fault(importer.sandbox, "503 html")
    importer.seconds = 3.0

    with pytest.raises(UnfinishedError):
        importer.run_stage("Batch", order)
    importer.sandbox.default_fault = None
    importer.run_stage("Batch", order)

    assert len(importer.sandbox.numbers) == len(set(importer.sandbox.numbers)) == 10


def test_the_mark_of_a_stop_ends_every_unit_before_its_first_call(importer: Importer) -> None:
    importer.settings |= {"batch_max_contacts": 1, "concurrency": 1}
    upload = importer.upload(build_contacts_csv(UNIT_BATCHES * 2))
    order = {"import_id": upload.import_id, **asdict(upload)}
    importer.run_stage("Plan", order)
    set_default_fault(importer.sandbox, "401")
    with pytest.raises(KeyDeniedError):
        importer.run_stage("Batch", {**order, "unit": 1})
    calls = len(importer.sandbox.log)

    importer.run_stage("Batch", {**order, "unit": 2})

    assert len(importer.sandbox.log) == calls


def test_a_plan_is_made_once_and_from_what_was_decided_first(importer: Importer) -> None:
    upload = importer.upload(build_contacts_csv(20))
    order = asdict(upload)
    importer.run_stage("Plan", order)
    importer.settings["batch_max_contacts"] = 1
    importer.run_stage("Plan", order)

    (batch,) = UnitStore(Bucket(importer.s3, "contacts"), upload.import_id).read_unit(1)

    assert len(batch.contacts) == 20


def test_a_plan_that_runs_out_of_time_is_continued_by_the_state_machine(
    importer: Importer, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_unit_batches(monkeypatch, 1)
    importer.settings |= {"batch_max_contacts": 10, "canary_contacts": 3}
    importer.plan_has_time = lambda: False
    duplicate = "Ann,Lee,0400 000 007\n"

    result = importer.run_large(importer.upload(build_contacts_csv(50) + duplicate))

    assert importer.stages["Plan"] == 7  # six units with contacts, and the end of the file
    assert (result["rows"]["accepted"], result["rows"]["duplicate"]) == (50, 1)
    assert len(importer.sandbox.numbers) == 50


def test_what_one_invocation_began_the_other_path_goes_on_with(importer: Importer, sandbox: Sandbox) -> None:
    importer.settings |= {"batch_max_contacts": 5, "concurrency": 2}
    upload = importer.upload(build_contacts_csv(60))
    handed_over: list[Upload] = []
    queue_faults(sandbox, [""] * 6)
    set_default_fault(sandbox, "503 html")
    importer.seconds = 3.0

    assert importer.run_or_hand_over(upload, handed_over.append) is None
    sandbox.default_fault = None
    result = importer.run_large(upload)

    assert handed_over == [upload]
    assert (result["status"], result["rows"]["accepted"]) == ("completed", 60)
    assert len(sandbox.numbers) == len(set(sandbox.numbers)) == 60
    assert result["requests"]["possibly_repeated"] == 0


@pytest.mark.parametrize(("size", "goes"), [(100, True), (100_000, False)])
def test_only_a_file_above_the_bound_is_handed_over_at_once(importer: Importer, size: int, goes: bool) -> None:
    importer.settings["inline_max_bytes"] = size
    handed_over: list[Upload] = []

    result = importer.run_or_hand_over(importer.upload(build_contacts_csv(60)), handed_over.append)

    assert (result is None) == goes == bool(handed_over)
    assert bool(importer.sandbox.log) != goes


def test_an_import_that_was_handed_over_stays_so_when_its_event_comes_again(importer: Importer) -> None:
    importer.url, importer.outage_timeout = "http://127.0.0.1:9", 0.0
    upload = importer.upload(build_contacts_csv(6))
    handed_over: list[Upload] = []

    importer.run_or_hand_over(upload, handed_over.append)
    importer.run_or_hand_over(upload, handed_over.append)

    assert handed_over == [upload, upload]
    written = importer.s3.list_objects_v2(Bucket="contacts", Prefix="results/")["Contents"]
    assert {found["Key"].rpartition("/")[2] for found in written} == {"progress.json", "report.html"}


def test_a_dead_key_is_reported_at_once_and_not_handed_over(importer: Importer) -> None:
    importer.settings["batch_max_contacts"] = 2
    set_default_fault(importer.sandbox, "401")
    handed_over: list[Upload] = []

    result = importer.run_or_hand_over(importer.upload(build_contacts_csv(50)), handed_over.append)

    assert handed_over == []
    assert result is not None
    assert (result["status"], result["rows"]["unsent"]) == ("failed", 50)


def test_an_endpoint_that_is_away_is_reported_to_the_engine_by_name(importer: Importer) -> None:
    importer.url, importer.outage_timeout = "http://127.0.0.1:9", 0.0
    upload = importer.upload(build_contacts_csv(6))
    order = {"import_id": upload.import_id, **asdict(upload), "unit": 1}
    importer.run_stage("Plan", order)

    with pytest.raises(EndpointUnavailableError, match="could not be reached"):
        importer.run_stage("Batch", order)


def test_the_reports_of_both_paths_link_to_the_import_page(importer: Importer) -> None:
    importer.settings |= {"public_url": "https://api.example.com"}

    for result in _by_both(importer, build_contacts_csv(2)):
        link = f'href="https://api.example.com/#import={result["import_id"]}"'
        assert link in importer.read_report_file(result, "report.html")
