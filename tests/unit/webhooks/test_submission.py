import json
from dataclasses import replace
from datetime import UTC, datetime

from contact_import.domain.http import HttpRequest
from contact_import.domain.ids import compute_submission_id, is_import_id
from contact_import.domain.labels import Labels
from contact_import.domain.object_keys import make_webhook_prefix
from contact_import.domain.person import Person, PersonField
from contact_import.settings import Settings
from contact_import.webhooks.submission import BatchSettings, Submission

POST = HttpRequest("POST", "/hooks/website", "https://h/hooks/website?a=b", {"x": "y"}, {"a": "b"}, b"\xff\x00body")
WHEN = datetime(2026, 11, 3, 23, 59, 1, 123, tzinfo=UTC)


def _submission(post: HttpRequest = POST) -> Submission:
    people = (Person((PersonField("Mobile", None, "0491 570 006"), PersonField("odd \ud800", None, "x"))),)
    cut = BatchSettings.from_settings(Settings(bucket="b", cellcast_secret="s", batch_max_contacts=7))
    ident = compute_submission_id("hooks/website", "e1")
    return Submission(ident, "hooks/website", WHEN, Labels(("t",), ("l",)), people, "", cut, post)


def test_what_was_kept_is_read_back_as_it_was() -> None:
    one = _submission()

    assert Submission.from_bytes(one.to_bytes()) == one


def test_a_version_that_does_not_know_the_table_cannot_read_a_delivery_whose_claims_are_there() -> None:
    """It would claim in the bucket what was sent already, during an update or after a return to the older version."""
    one = replace(_submission(), delivery_table="deliveries")
    read_by_older_versions = {"import_id", "people", "request"}

    assert Submission.from_bytes(one.to_bytes()) == one
    assert read_by_older_versions <= json.loads(_submission().to_bytes()).keys()
    assert read_by_older_versions & json.loads(one.to_bytes()).keys() == set()


def test_the_same_delivery_is_the_same_import_and_another_is_not() -> None:
    assert is_import_id(compute_submission_id("hooks/website", "e1"))
    assert compute_submission_id("hooks/website", "e1") == compute_submission_id("hooks/website", "e1")
    assert (
        len(
            {
                compute_submission_id("hooks/a", "e1"),
                compute_submission_id("hooks/b", "e1"),
                compute_submission_id("hooks/a", "e2"),
            }
        )
        == 3
    )


def test_an_id_is_nothing_that_leads_elsewhere() -> None:
    good = compute_submission_id("contacts", "k")

    assert not any(is_import_id(bad) for bad in ("", "..", "../" + good[3:], good.upper(), good + "\n", good + "0"))


def test_results_are_under_the_day_on_which_it_came() -> None:
    assert make_webhook_prefix("abc", WHEN) == "results/webhook/2026/11/03/abc/"


def test_a_kept_delivery_can_be_read_by_people() -> None:
    kept = json.loads(_submission(HttpRequest("POST", "/", "https://h/", {}, {}, "Zoë".encode())).to_delivery_json())

    assert (kept["body"], kept["source"], kept["received_at"][:10]) == ("Zoë", "hooks/website", "2026-11-03")
