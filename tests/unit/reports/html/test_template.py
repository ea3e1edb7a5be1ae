import base64
import hashlib
import re

import pytest

from contact_import.reports.html.running_page import render_running_page
from contact_import.reports.html.template import format_timestamp

HOSTILE = '"><img src=x onerror="alert(1)">.csv'


def _render(name: str) -> str:
    progress = {
        "stage": "reading",
        "percent": 0.0,
        "rows": {"read": 0, "accepted": 0, "failed": 0},
        "calls": 0,
        "dry_run": False,
        "started_at": "2026-11-25T02:14:58Z",
        "updated_at": "2026-11-25T02:15:02Z",
    }
    return render_running_page(progress, f"incoming/{name}")


@pytest.mark.parametrize("tag", ["style", "script"])
def test_the_policy_allows_exactly_the_pages_own_text(tag: str) -> None:
    html = _render("june.csv")

    (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", html, flags=re.DOTALL)

    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    assert f"{tag}-src 'sha256-{digest}'" in html
    assert "default-src 'none'" in html


def test_text_of_a_file_is_escaped() -> None:
    html = _render(HOSTILE)

    assert HOSTILE not in html
    assert "&gt;&lt;img src=x" in html


def test_the_page_loads_nothing_from_the_network() -> None:
    html = _render("june.csv")

    for word in ("http://", "https://", " src=", "@import", "url("):
        assert word not in html


@pytest.mark.parametrize(
    ("timestamp", "text"),
    [
        ("2026-11-01T00:00:01Z", "1 November 2026, 00:00:01 UTC"),
        ("2026-11-25T12:30:00Z", "25 November 2026, 12:30:00 UTC"),
    ],
)
def test_a_timestamp_is_written_for_people(timestamp: str, text: str) -> None:
    assert format_timestamp(timestamp) == text
