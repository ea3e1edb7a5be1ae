"""When a file is finished in one invocation, and when it is handed over; the journeys are integration tests."""

from contact_import.aws.events import Upload
from contact_import.aws.s3 import Bucket
from contact_import.ledger.ledger import Ledger
from local.sandbox.faults import queue_faults, set_default_fault
from tests.conftest import Importer, build_contacts_csv


def _ledger(importer: Importer, upload: Upload) -> Ledger:
    return Ledger(Bucket(importer.s3, "contacts"), upload.import_id, lambda: importer.clock)


def test_a_large_file_is_handed_over_before_it_is_read(importer: Importer) -> None:
    importer.settings["inline_max_bytes"] = 10
    upload, handed = importer.upload(build_contacts_csv(3)), list[Upload]()

    assert importer.run_or_hand_over(upload, handed.append) is None

    assert handed == [upload]
    assert _ledger(importer, upload).is_handed_over
    assert not _ledger(importer, upload).has_begun


def test_an_endpoint_that_is_unavailable_hands_the_rest_over_and_leaves_it_open(importer: Importer) -> None:
    importer.settings |= {"batch_max_contacts": 2, "concurrency": 1}
    importer.seconds = 3.0
    queue_faults(importer.sandbox, [""])
    set_default_fault(importer.sandbox, "503 html")
    upload, handed = importer.upload(build_contacts_csv(6)), list[Upload]()

    assert importer.run_or_hand_over(upload, handed.append) is None

    assert handed == [upload]
    (settled, *rest) = _ledger(importer, upload).read_group_states([1, 2])
    assert settled is not None
    assert not any(state is not None and getattr(state, "is_partial", None) is False for state in rest)


def test_without_a_state_machine_what_was_not_sent_is_reported_as_unsent(importer: Importer) -> None:
    importer.url, importer.outage_timeout = "http://127.0.0.1:9", 0.0

    result = importer.run(importer.upload(build_contacts_csv(3)))

    assert (result["status"], result["rows"]["unsent"]) == ("failed", 3)


def test_a_denied_key_is_reported_and_not_handed_over(importer: Importer) -> None:
    set_default_fault(importer.sandbox, "401")
    handed: list[Upload] = []

    result = importer.run_or_hand_over(importer.upload(build_contacts_csv(3)), handed.append)

    assert result is not None
    assert (result["status"], handed) == ("failed", [])


def test_the_canary_is_answered_before_any_other_contact_is_sent(importer: Importer) -> None:
    importer.settings |= {"canary_contacts": 2, "batch_max_contacts": 5}

    importer.run(importer.upload(build_contacts_csv(12)))

    assert len(importer.sandbox.log[0].contacts) == 2
    assert len(importer.sandbox.numbers) == 12
