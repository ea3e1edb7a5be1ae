"""A preview opens a large file a second time only while there is time to read it."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any, BinaryIO

import pytest

from contact_import.pipelines.preview import PreviewRequest, build_preview
from contact_import.settings import Settings

ROWS = "Name,Mobile,SMS consent\n" + "".join(f"P{n},04{n:08d},{'yes' if n < 300 else 'maybe'}\n" for n in range(400))


class _Bucket:
    name = "contacts"

    def __init__(self, content: str = ROWS) -> None:
        self.opens, self._content = 0, content

    def open(self, _key: str) -> BinaryIO:
        self.opens += 1
        return io.BytesIO(self._content.encode())


def _make_clock(seconds_each: float) -> Callable[[], float]:
    now = 0.0

    def tell_time() -> float:
        nonlocal now
        now += seconds_each
        return now

    return tell_time


@pytest.mark.parametrize(("seconds_each", "opens", "values"), [(0.0, 2, {"yes", "maybe"}), (3.0, 1, {"yes"})])
def test_later_consent_values_are_looked_for_while_there_is_time(
    seconds_each: float, opens: int, values: set[str]
) -> None:
    bucket: Any = _Bucket()
    settings = Settings(bucket="contacts", cellcast_secret="s")

    preview = build_preview(
        PreviewRequest("k"), bucket, settings, today=date(2026, 6, 1), clock=_make_clock(seconds_each)
    )

    (column,) = preview["consent"]["columns"]
    assert bucket.opens == opens
    assert {one["value"] for one in column["values"]} == values
    assert preview["consent"]["is_complete"] is (opens == 2)
    assert (preview["rows"]["read"], preview["is_whole_file"]) == (200, False)


def _preview(content: str) -> dict[str, Any]:
    bucket: Any = _Bucket(content)
    settings = Settings(bucket="contacts", cellcast_secret="s")
    return build_preview(PreviewRequest("k"), bucket, settings, today=date(2026, 6, 1), clock=lambda: 0.0)


def test_a_warning_about_the_file_names_its_field() -> None:
    preview = _preview("Person,Handset\nAnn Lee,0491 570 006\nBo Moss,0491 570 156\n")

    assert [one.split(":")[0] for one in preview["file_warnings"]] == ["phone_number"]


def test_a_field_has_one_name_in_the_select() -> None:
    preview = _preview(ROWS)

    assert "name" in preview["fields"]
    assert "full_name" not in preview["fields"]
    assert set(preview["mapping"].values()) <= {*preview["fields"], None}
