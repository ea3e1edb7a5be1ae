"""`inspect` describes a webhook delivery."""

import json
from pathlib import Path
from typing import Any

import pytest

from local.delivery_inspection import build_delivery_inspection, find_sender

FIXTURES = Path(__file__).parents[2] / "fixtures" / "webhooks"
DELIVERIES = [path for path in sorted(FIXTURES.glob("*/*.json")) if path.stem != "handshake"]
BODY = {
    "contact": {"name": "Ada Moss", "mobile": "0491 570 006", "sms_consent": "yes", "colour": "blue"},
    "owner": {"name": "Bo Lee", "phone": "0491 570 156"},
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "delivery.json"
    path.write_text(json.dumps(BODY), "utf-8")
    return path


def test_each_value_says_what_it_gave_and_each_other_one_why_not(file: Path) -> None:
    found = build_delivery_inspection(file, None)

    (person,) = found["people"]
    assert (person["status"], found["error"]) == ("sendable", None)
    assert {one["label"]: (one["field"], one["value"]) for one in person["fields"]} == {
        "name": ("name", "A•• M•••"),
        "mobile": ("phone_number", "0••• 5•• 0••"),
        "sms_consent": ("consent", "yes"),
    }
    assert {one["path"]: one["reason"] for one in found["left_out"]} == {
        "contact.colour": "not a field of Cellcast",
        "owner": "about another person, or not about a person",
    }
    assert "Bo" not in json.dumps(found, ensure_ascii=False)


def test_a_person_who_cannot_be_sent_has_the_reason(file: Path) -> None:
    file.write_text(json.dumps({"name": "Ada", "mobile": "12"}), "utf-8")

    (person,) = build_delivery_inspection(file, None)["people"]

    assert person["status"] == "invalid"
    assert person["reason"]


@pytest.mark.parametrize(
    "content",
    [
        {"headers": {"Content-Type": "application/json"}, "body": BODY},
        {"headers": {"content-type": "application/json"}, "body": json.dumps(BODY)},
        {"content_type": "application/x-www-form-urlencoded", "body": BODY["contact"]},
        {"method": "POST", "body": json.dumps(BODY)},
    ],
)
def test_a_body_may_come_with_its_headers(file: Path, content: dict[str, Any]) -> None:
    file.write_text(json.dumps(content), "utf-8")

    (person,) = build_delivery_inspection(file, None)["people"]

    assert person["fields"][0]["label"] in ("name", "mobile", "sms_consent")
    assert person["status"] == "sendable"


def test_a_body_that_cannot_be_read_has_the_line_and_column(file: Path) -> None:
    file.write_text('{"name": "Ada"\n"phone": 1}', "utf-8")

    assert build_delivery_inspection(file, None)["error"] == "The body is not valid JSON (line 2, column 1)."


def test_the_mapping_of_a_sender_counts(file: Path, tmp_path: Path) -> None:
    hooks = tmp_path / "hooks.json"
    sender = {"scheme": "token", "secrets": ["a-long-token"], "mapping": {"colour": "first_name", "owner": None}}
    hooks.write_text(json.dumps({"senders": {"website": sender}}), "utf-8")

    found = build_delivery_inspection(file, find_sender("website", hooks))

    assert ("colour", "first_name") in {(one["label"], one["field"]) for one in found["people"][0]["fields"]}
    assert found["sender"] == "website"


@pytest.mark.parametrize("name", ["typeform", "Typeform", "google-ads", "Gravity Forms"])
def test_a_listed_sender_needs_no_configuration(name: str) -> None:
    assert find_sender(name, None).name == name.lower().replace("-", "_").replace(" ", "_")


def test_an_unknown_sender_is_an_error(tmp_path: Path) -> None:
    hooks = tmp_path / "hooks.json"
    hooks.write_text("{}", "utf-8")

    with pytest.raises(RuntimeError, match="there is no sender 'nobody'"):
        find_sender("nobody", None)
    with pytest.raises(RuntimeError, match="has no sender 'nobody'"):
        find_sender("nobody", hooks)


@pytest.mark.parametrize("path", DELIVERIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_delivery_can_be_inspected(path: Path) -> None:
    expected = json.loads(path.read_text("utf-8"))["people"]

    found = build_delivery_inspection(path, None)

    assert len(found["people"]) >= len(expected)
    assert bool(found["error"]) == (not expected)
    assert all(one["path"] and one["reason"] for one in found["left_out"])
