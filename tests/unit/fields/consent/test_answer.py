"""Read consent from cells. An overlooked no is a message to a person who refused it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.domain.consent import Consent
from contact_import.fields.consent.answer import find_refusal, read_consent
from contact_import.fields.consent.kinds import ConsentKind


def _cells(text: str) -> list[str]:
    return [cell for line in text.strip().splitlines() for cell in line.strip().split("|")]


_REFUSED = """
    no|NO|n|False|0|0.0|off|No thanks|No, thank you|No (phoned 2023)|nope|Nein|non|Não|нет|いいえ|FALSCH|FAUX
    unsubscribed|UNSUBSCRIBED|Unsubscribed (SMS)|unsubscribed on 2024-01-31|opted out|Opted-out|OPT_OUT|opt-out 31/1/24
    never subscribed|NEVER_SUBSCRIBED|not subscribed|Not opted in|not consented|cleaned|do not contact|Don't text
    I do not agree|I don't consent|disagree|declined|refused|denied|withdrawn|revoked|blocked|STOP|✗|❌|email only
"""
_AGREED = """
    yes|Y|TRUE|1|1.0|x|on|Yes, please|Yes (verbal)|I agree|I consent|agreed|accepted|subscribed|Opted-In|opt in
    double opt-in|Ja|oui|sí|да|はい|WAHR|✓|☑|OK|sure|active|2024-01-31|31/01/2024 10:00
"""


@pytest.mark.parametrize("cell", _cells(_REFUSED))
def test_a_no_to_consent(cell: str) -> None:
    assert read_consent(cell, ConsentKind.CONSENT).verdict is Consent.NO


@pytest.mark.parametrize("cell", _cells(_AGREED))
def test_a_yes_to_consent(cell: str) -> None:
    assert read_consent(cell, ConsentKind.CONSENT).verdict is Consent.YES


@pytest.mark.parametrize(
    "cell",
    _cells("""
        Pending|Unknown|?|maybe|TBC|ask first|see notes|via partner|double opt-in sent|not sure|expired|verbal|yes/no
        2|N/A|INVALID|Partial|implied|Maybe later
        to be confirmed|yes, but only by email|subscribed?? check|not set|perhaps
    """),
)
def test_an_answer_that_is_not_clear(cell: str) -> None:
    assert read_consent(cell, ConsentKind.CONSENT).verdict is Consent.UNCLEAR


@pytest.mark.parametrize(
    "cell",
    _cells("""
        yes|TRUE|1|x|✓|Yes, please|ja|WAHR|2024-01-31|opted out|Unsubscribed|Yes - opted out|STOP|DND|No SMS
        do not contact|No marketing please|asked by phone|J.K.|Campaign 14|no longer wants texts|?|All|SMS|Email, SMS
    """),
)
def test_whatever_is_filled_into_an_opt_out_is_a_no(cell: str) -> None:
    assert read_consent(cell, ConsentKind.OPT_OUT).verdict is Consent.NO


@pytest.mark.parametrize(
    "cell",
    _cells("""
        no|FALSE|0|off|opted in|subscribed|not opted out|Not unsubscribed|No - subscribed|never|none|Email|Allow|
        0000-00-00|0001-01-01T00:00:00Z|1970-01-01|0b1f2a3c-5d6e-ef11-8a6a-000d3a6b1c2d
    """),
)
def test_the_opposite_of_an_opt_out(cell: str) -> None:
    assert read_consent(cell, ConsentKind.OPT_OUT).verdict is Consent.SILENT


_LEAVING = st.sampled_from(
    "unsubscribed|blocklisted|blacklisted|suppressed|bounced|cleaned|complained|deceased|archived|redacted|STOP|"
    "do not use|opted out|do not contact|passed away|no longer subscribed|No consent".split("|")
)


@given(
    _LEAVING, st.sampled_from(["{}", "Contact - {}", "Inactive ({})", "{} 2024", "Customer, {}", "{}: asked by phone"])
)
def test_a_word_for_leaving_counts_wherever_it_is_in_a_status(word: str, form: str) -> None:
    assert read_consent(form.format(word), ConsentKind.STATUS).verdict is Consent.NO


@pytest.mark.parametrize("cell", _cells("Active|Lead|New|Inactive|No|Open - Not Contacted|Marketing contact|VIP|3|WA"))
def test_a_status_may_be_about_something_else(cell: str) -> None:
    assert read_consent(cell, ConsentKind.STATUS).verdict is Consent.SILENT


@pytest.mark.parametrize(
    ("cell", "verdict"),
    [(cell, Consent.YES) for cell in _cells('SMS|Email, SMS|All|sms;post|["email","sms"]|Text message|Mobile')]
    + [(cell, Consent.NO) for cell in _cells('Email|Email;Post|["email"]|Post only|None|email only|Post;Phone')],
)
def test_channels_decide_by_whether_sms_is_among_them(cell: str, verdict: Consent) -> None:
    assert read_consent(cell, ConsentKind.CONSENT).verdict is verdict


@pytest.mark.parametrize("kind", ConsentKind)
@pytest.mark.parametrize("cell", _cells("|-|NULL|[NULL]| |0000-00-00 00:00:00"))
def test_silence_is_not_a_no(cell: str, kind: ConsentKind) -> None:
    assert read_consent(cell, kind).verdict is Consent.SILENT


@given(st.text(max_size=90), st.sampled_from(ConsentKind))
def test_no_cell_breaks_the_validation(cell: str, kind: ConsentKind) -> None:
    assert read_consent(cell, kind).verdict in Consent


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz ", min_size=1, max_size=20))
def test_words_that_are_in_no_list_are_never_a_yes(word: str) -> None:
    assert read_consent(f"zq{word}", ConsentKind.CONSENT).verdict is not Consent.YES
    assert read_consent(f"yes zq{word}", ConsentKind.CONSENT).verdict is not Consent.YES
    assert read_consent(f"zq{word}", ConsentKind.OPT_OUT).verdict is Consent.NO


@pytest.mark.parametrize(
    ("title", "status"),
    [
        ("unsubscribed_email_audience_export_6ab2", "unsubscribed email audience export 6ab2"),
        ("cleaned-members", "cleaned members"),
        ("Opt-outs", "opt out"),
        ("nonsubscribed", "nonsubscribed"),
        ("Do not contact", "Do not contact"),
        ("subscribed", ""),
        ("June", ""),
        ("2024-06-01", ""),
        ("", ""),
    ],
)
def test_a_title_is_a_status_only_where_it_says_no(title: str, status: str) -> None:
    assert find_refusal(title) == status
