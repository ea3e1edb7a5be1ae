"""The page at `/`: results of hostile names stay text, and no other site's script can read them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.aws.http_api import build_event
from local.serving.local_pages import add_local_pages
from local.serving.recent_imports import RecentImport, RecentImports
from local.serving.start_page import ServerFacts, build_start_page_policy, render_start_page

FACTS = ServerFacts(
    "http://127.0.0.1:8080", "", "Practice run", "/home/ada/inbox", "/home/ada/out", "$(cat out/token)", ("form",)
)
IDENT = "0123456789abcdef01234567"


def _write_result(folder: Path, ident: str = IDENT, **changes: Any) -> dict[str, Any]:
    folder.mkdir(parents=True)
    rows = dict.fromkeys("accepted invalid duplicate opted_out refused unsent unknown".split(), 0) | {"read": 0}
    result = {
        "import_id": ident,
        "status": "completed",
        "dry_run": False,
        "sandbox": True,
        "source": {"kind": "s3", "key": "incoming/june.csv"},
        "started_at": "2026-11-29T00:00:00Z",
        "finished_at": "2026-11-29T00:00:01Z",
        "rows": rows,
        "reasons": [],
        "error": None,
        "verified": None,
    } | changes
    (folder / "result.json").write_text(json.dumps(result), "utf-8")
    (folder / "report.html").write_text("<p>report</p>", "utf-8")
    return result


@given(st.text(), st.text())
def test_no_text_becomes_markup(source: str, sentence: str) -> None:
    hostile = [f"<script>{source}</script>", f'"><img src=x onerror={sentence}>']
    one = RecentImport(IDENT, hostile[0], "failed", False, "2026-11-29T00:00:00Z", hostile[1], Path(), ("report.html",))

    page = render_start_page(FACTS, [one], [hostile[0]], 3)

    assert "<script" not in page
    assert "<img" not in page


def test_the_page_asks_for_nothing_from_outside() -> None:
    page = render_start_page(FACTS, [], [], 0)

    assert re.findall(r"(?:src|href)=", page) == []
    assert "default-src 'none'" in build_start_page_policy()
    assert "unsafe" not in build_start_page_policy()
    assert "Practice run" in page


def test_a_real_account_is_named_and_no_practice_run_claimed() -> None:
    facts = ServerFacts("http://127.0.0.1:1", "https://api.cellcast.com", "", "", "out", "", ("shop",))

    page = render_start_page(facts, [], [], 0)

    assert "https://api.cellcast.com" in page
    assert "Practice run" not in page


def test_earlier_results_are_found_and_damaged_ones_passed_over(tmp_path: Path) -> None:
    _write_result(tmp_path / "june.csv" / IDENT)
    _write_result(tmp_path / ".work" / "results", "f" * 24)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "result.json").write_text("{", "utf-8")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "result.json").write_text('{"import_id": "../../etc"}', "utf-8")
    imports = RecentImports(tmp_path)

    imports.load()

    assert [(one.source, one.files) for one in imports.list_newest()] == [("june.csv", ("report.html",))]


def test_many_deliveries_do_not_push_the_files_off_the_page(tmp_path: Path) -> None:
    imports = RecentImports(tmp_path)
    imports.add(_write_result(tmp_path / "june.csv"), tmp_path / "june.csv")
    for number in range(100):
        folder = tmp_path / f"webhook-{number}"
        source = {"kind": "webhook", "key": "hooks/site"}
        imports.add(_write_result(folder, f"{number:024x}", source=source), folder)

    sources = [one.source for one in imports.list_newest()]

    assert (sources.count("june.csv"), sources.count("hooks/site")) == (1, 20)


def _ask(imports: RecentImports, target: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    handler = add_local_pages(
        lambda _event: {"statusCode": 299, "headers": {}, "body": ""}, imports, lambda: "the page"
    )
    response = handler(build_event("GET", target, (headers or {"Host": "127.0.0.1:8080"}).items()))
    return response["statusCode"], response["body"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost.evil.example:8080"},
        {"Host": "127.0.0.1:8080@evil.example"},
        {"X": "no host"},
        {"Host": "127.0.0.1:8080", "X-Forwarded-For": "203.0.113.9"},
        {"Host": "localhost", "Forwarded": "for=203.0.113.9"},
    ],
)
def test_other_names_and_tunnels_see_no_page_and_no_result(tmp_path: Path, headers: dict[str, str]) -> None:
    imports = RecentImports(tmp_path)
    imports.add(_write_result(tmp_path / "june.csv"), tmp_path / "june.csv")

    assert [_ask(imports, target, headers)[0] for target in ("/", "/server", f"/results/{IDENT}/report.html")] == [
        403,
        403,
        403,
    ]
    assert _ask(imports, "/hooks/site", headers)[0] == 299


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "[::1]:8080"])
def test_this_machine_sees_the_page_and_the_results(tmp_path: Path, host: str) -> None:
    imports = RecentImports(tmp_path)
    imports.add(_write_result(tmp_path / "june.csv"), tmp_path / "june.csv")

    assert _ask(imports, "/server", {"Host": host}) == (200, "the page")
    assert _ask(imports, f"/results/{IDENT}/report.html", {"Host": host})[0] == 200


@given(st.text())
def test_no_path_leads_to_another_file(tail: str) -> None:
    assert _ask(RecentImports(Path("/")), f"/results/{tail}")[0] == 404


@pytest.mark.parametrize(
    "tail", ["token", f"{IDENT}/token", f"{IDENT}/../token", f"{IDENT}/%2e%2e/token", f"{'f' * 24}/report.html"]
)
def test_only_the_files_of_listed_results_are_served(tmp_path: Path, tail: str) -> None:
    (tmp_path / "token").write_text("secret", "utf-8")
    imports = RecentImports(tmp_path)
    imports.add(_write_result(tmp_path / "june.csv"), tmp_path / "june.csv")

    assert _ask(imports, f"/results/{tail}") == (404, "Not found.")


def test_a_link_in_place_of_a_result_is_not_followed(tmp_path: Path) -> None:
    imports = RecentImports(tmp_path)
    imports.add(_write_result(tmp_path / "june.csv"), tmp_path / "june.csv")
    (tmp_path / "secret").write_text("secret", "utf-8")
    report = tmp_path / "june.csv" / "report.html"
    report.unlink()
    report.symlink_to(tmp_path / "secret")

    assert _ask(imports, f"/results/{IDENT}/report.html")[0] == 404
