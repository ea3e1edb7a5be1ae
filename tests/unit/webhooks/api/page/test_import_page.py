"""The import page needs nothing from elsewhere, and its policy allows nothing else."""

import base64
import hashlib
import io
import re

from contact_import.contacts.row_reasons import explain_evidence
from contact_import.domain.consent import Consent, ConsentEvidence
from contact_import.files.table import open_table
from contact_import.reports.summary import get_field_label
from contact_import.webhooks.api.page.import_page import build_import_page

PAGE = build_import_page("https://contacts.s3.ap-southeast-2.amazonaws.com/?x=1")
POLICY = PAGE.headers["content-security-policy"]


def _digest(tag: str) -> str:
    (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", PAGE.body, re.DOTALL)
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_only_the_script_and_the_stylesheet_of_the_page_run() -> None:
    assert f"script-src 'sha256-{_digest('script')}';" in POLICY
    assert f"style-src 'sha256-{_digest('style')}';" in POLICY
    assert "unsafe" not in POLICY
    assert "frame-ancestors 'none'" in POLICY


def test_it_connects_to_the_api_and_to_the_place_of_uploads_only() -> None:
    assert "connect-src 'self' https://contacts.s3.ap-southeast-2.amazonaws.com;" in POLICY
    assert re.findall(r"https?://[^\s\"'`$]+", PAGE.body) == []


def test_no_text_becomes_markup_and_no_token_is_kept_beyond_the_tab() -> None:
    for forbidden in (
        "innerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "localStorage",
        "cookie",
        " style=",
    ):
        assert forbidden not in PAGE.body
    assert not re.search(r"\son\w+=", PAGE.body)


def test_each_sentence_that_the_page_rewords_is_one_that_the_importer_writes() -> None:
    (table,) = re.findall(r"const SETTLE = \[\n(.*?)\n\];", PAGE.body, re.DOTALL)
    phrases = re.findall(r"^  \[(?:/(.+?)\$?/|\"(.+?)\"), ", table, re.MULTILINE)
    files = b"Name,Agent Mobile\nAva,0491570006\nBen,0491570156\n", b"Name,Suburb\nAva,Perth\n"
    sentences = [open_table(io.BytesIO(one), region="AU").summarize().error for one in files]
    sentences.append(explain_evidence(ConsentEvidence(Consent.UNCLEAR, "SMS consent", "Pending")))

    assert len(phrases) == 3
    for pattern, text in phrases:
        assert any(re.search(pattern or re.escape(text), one) for one in sentences), pattern or text


def test_a_field_has_the_same_name_on_the_page_and_in_the_report() -> None:
    labels = dict(re.findall(r'(\w+): "([^"]*)"', PAGE.body.partition("const FIELD_LABELS = {")[2].partition("}")[0]))

    # The select also says what a yes in such a column means.
    without_hints = {field: label.partition(" (yes means")[0] for field, label in labels.items()}
    assert without_hints == {field: get_field_label(field) for field in labels}
    assert {"phone_number", "postal_code", "consent"} <= labels.keys()
