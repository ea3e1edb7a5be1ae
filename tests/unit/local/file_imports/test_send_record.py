"""What `send` has begun is found again by the same command only."""

from pathlib import Path
from typing import Any

import pytest

from local.file_imports.send_record import open_record

ADDRESS = "https://contacts.example.com"
READING: dict[str, Any] = {"list": ["News"], "dry_run": False}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "june.csv"
    path.write_text("Mobile\n", "utf-8")
    return path


def test_the_same_command_finds_its_ids_until_they_are_forgotten(tmp_path: Path, file: Path) -> None:
    open_record(tmp_path, file, ADDRESS, READING).save(upload_id="1")
    record = open_record(tmp_path, file, ADDRESS, dict(reversed(READING.items())))
    record.save(import_id="2")

    again = open_record(tmp_path, file, ADDRESS, READING)
    assert again.ids == {"upload_id": "1", "import_id": "2"}
    again.forget()
    again.forget()
    assert open_record(tmp_path, file, ADDRESS, READING).ids == {}


def test_another_content_address_or_reading_is_another_import(tmp_path: Path, file: Path) -> None:
    open_record(tmp_path, file, ADDRESS, READING).save(upload_id="1")

    assert open_record(tmp_path, file, "https://other.example.com", READING).ids == {}
    assert open_record(tmp_path, file, ADDRESS, READING | {"dry_run": True}).ids == {}
    assert open_record(tmp_path / "other", file, ADDRESS, READING).ids == {}
    file.write_text("Mobile\n1\n", "utf-8")
    assert open_record(tmp_path, file, ADDRESS, READING).ids == {}
