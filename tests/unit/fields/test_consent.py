"""What headers and cells say about SMS. A no that is overlooked is a message to somebody who did not want it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contact_import.columns.header_match import split_words
from contact_import.fields.consent import ConsentKind, classify_consent_header, parse_opt_out


def _cells(text: str) -> list[str]:
    return [cell for line in text.strip().splitlines() for cell in line.strip().split("|")]


@pytest.mark.parametrize(
    "header",
    _cells("""
        Accepted SMS marketing|Promotional Texts|Bulk SMS|Marketing: SMS|Marketing (SMS)|Receive Marketing SMS
        mobile_opt_in|Mobile marketing|Phone marketing consent|Permission to market|Receive promotions|can_text
        Consents to SMS|SMS Enabled|SMS status|Text subscription status|Happy to receive texts?
    """),
)
def test_a_header_that_asks_for_consent(header: str) -> None:
    assert classify_consent_header(split_words(header)) is ConsentKind.CONSENT


@pytest.mark.parametrize(
    "header",
    _cells("""
        SMS Opt Out|Do not allow Text Messages|No Text Messages|SMS Suppression|Decline SMS|Remove from SMS list
        Don't text|Don't contact|Is Unsubscribed|Exclude from marketing|Opted out of marketing|HasOptedOutOfSMS
    """),
)
def test_a_header_under_which_yes_is_a_no(header: str) -> None:
    assert classify_consent_header(split_words(header)) is ConsentKind.OPT_OUT


@pytest.mark.parametrize(
    "header",
    _cells("""
        Mobile|Contact No|Notes|Accepts Email Marketing|Email opt out|WhatsApp consent|SMS notifications
        SMS reminders|Last SMS date|SMS sent|Marketing source|Unsubscribed Mode|Bus stop|Withdrawn
    """),
)
def test_a_header_that_says_nothing_about_sms(header: str) -> None:
    assert classify_consent_header(split_words(header)) is None


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
_SILENT = "|-|unknown|pending|not set|NULL|n/a|bounced"


@pytest.mark.parametrize("cell", _cells(_REFUSED))
def test_a_no_to_consent(cell: str) -> None:
    assert parse_opt_out(cell, ConsentKind.CONSENT) is True


@pytest.mark.parametrize("cell", _cells(_AGREED))
def test_a_yes_to_consent(cell: str) -> None:
    assert parse_opt_out(cell, ConsentKind.CONSENT) is False


@pytest.mark.parametrize(
    "cell",
    _cells("""
        yes|TRUE|1|x|✓|Yes, please|ja|WAHR|2024-01-31|opted out|Unsubscribed|Yes - opted out|STOP|DND|No SMS
        do not contact|No marketing please
    """),
)
def test_a_yes_to_an_opt_out(cell: str) -> None:
    assert parse_opt_out(cell, ConsentKind.OPT_OUT) is True


@pytest.mark.parametrize(
    "cell", _cells("no|FALSE|0|off|opted in|subscribed|not opted out|Not unsubscribed|No - subscribed")
)
def test_a_no_to_an_opt_out(cell: str) -> None:
    assert parse_opt_out(cell, ConsentKind.OPT_OUT) is False


@pytest.mark.parametrize(
    ("cell", "no"), [("Unsubscribed", True), ("Do not contact", True), ("Inactive", False), ("No", False)]
)
def test_a_status_may_be_about_something_else(cell: str, no: bool) -> None:
    assert parse_opt_out(cell, ConsentKind.STATUS) is no


@pytest.mark.parametrize("kind", ConsentKind)
@pytest.mark.parametrize("cell", _cells(_SILENT))
def test_silence_is_not_a_no(cell: str, kind: ConsentKind) -> None:
    assert parse_opt_out(cell, kind) is False


def test_words_that_nobody_knows_are_told() -> None:
    assert parse_opt_out("perhaps", ConsentKind.CONSENT) is None


@given(st.text(max_size=90), st.sampled_from(ConsentKind))
def test_no_cell_breaks_the_judgement(cell: str, kind: ConsentKind) -> None:
    assert parse_opt_out(cell, kind) in (True, False, None)
