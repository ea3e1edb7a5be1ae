import io
import json
import sys
from datetime import UTC, datetime

import pytest

from contact_import.aws.events import Upload
from contact_import.aws.s3 import encode_json
from contact_import.domain.labels import Labels
from contact_import.fields.birthday import DateOrder
from contact_import.files.table import open_table
from contact_import.ledger.import_config import ImportConfig


@pytest.mark.parametrize(
    "text",
    [
        "First Name,Billing First Name,Mobile\n,Ann,0491570006\n",
        "sep=;\n'Name';'Mobile'\n'Ann';'0491570006'\n",
        '"Phone 1 - Type,Phone 1 - Value"\n"Mobile,0491570006"\n',
    ],
)
def test_what_was_understood_of_a_file_is_the_same_in_a_later_run(text: str) -> None:
    config = _build_config(text)

    assert ImportConfig.from_json(json.loads(encode_json(config.to_json()))) == config


def test_an_import_that_an_older_version_began_keeps_its_commit_groups() -> None:
    value = _build_config("Mobile\n0491570006\n").to_json()
    del value["max_group_chars"]  # the older version limited no group

    assert ImportConfig.from_json(json.loads(encode_json(value))).max_group_chars == sys.maxsize


def _build_config(text: str) -> ImportConfig:
    return ImportConfig(
        upload=Upload("contacts", "incoming/a.csv", "etag", "1", len(text)),
        started_at=datetime(2026, 11, 23, tzinfo=UTC),
        labels=Labels(("one",), ("two",)),
        phone_region="AU",
        mobile_only=True,
        batch_max_contacts=500,
        batch_max_bytes=1000,
        layout=open_table(io.BytesIO(text.encode()), region="AU").layout,
        date_order=DateOrder.MIXED,
    )
