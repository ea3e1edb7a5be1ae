from urllib.parse import parse_qs, urlsplit

from contact_import.reports.mail.links import ResultLinks
from tests.unit.reports.test_notifications import RESULT


def test_signed_links_name_the_import_and_the_file_and_say_how_long_they_open() -> None:
    links = ResultLinks(RESULT, "ap-southeast-2", lambda import_id, name: f"https://api/{import_id}/{name}", 7)

    assert links.build(RESULT["failed_csv"]) == "https://api/3f2a9c0d1e4b5a6978877665/failed.csv"
    assert "without a login for 7 days" in links.note


def test_links_to_the_console_say_that_they_need_a_login() -> None:
    links = ResultLinks(RESULT, "ap-southeast-2")

    link = urlsplit(links.build(RESULT["report_html"]))
    assert link.path == "/s3/object/contacts"
    assert parse_qs(link.query)["prefix"] == [RESULT["report_html"]]
    assert "need a login to your AWS account" in links.note
