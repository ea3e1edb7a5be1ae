"""Texts that refuse although nobody asked about consent in them, and those that only look like it."""

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contact_import.domain.consent import Consent
from contact_import.fields.consent.refusal import (
    _CELL_HINTS,
    find_refusals,
    is_refusal,
    may_have_refusing_remark,
    may_hold_refusal,
    read_remark,
)


def _list_cells(text: str) -> list[str]:
    return [cell.strip() for line in text.strip().splitlines() for cell in line.strip().split("|")]


@pytest.mark.parametrize("words", ["never call", "no more sms", "donot use", "do n't text", "stop messaging"])
@pytest.mark.parametrize("form", ["Bo Lee ({})", "{}", "*{}* O'Brien", "Ann-Marie, {}"])
def test_a_refusal_in_other_words_is_found_among_plain_names(words: str, form: str) -> None:
    names = ["Ann", form.format(words), "O'Neill", form.format(words.upper())]

    assert find_refusals([names]) == [1, 3]


REFUSALS = [
    *("do not contact", "do-not-text", "do_not_call", "DONOTCALL", "DO NOT  USE", "do\xa0not\xa0ring", "don't text"),
    *(
        "don\u2019t sms",
        "dont call",
        "never text",
        "no sms",
        "no texts",
        "no more messages",
        "stop calling",
    ),
    *("deceased", "passed away", "(DNC)", "DND", "D.N.C.", "opted out", "opt out", "opt-out", "opt_out", "optout"),
    *("unsubscribed", "unsub", "blacklisted", "blocklist", "R.I.P", "(RIP)", "wrong number", "no marketing"),
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "cp1252", "mac_roman"])
@pytest.mark.parametrize("form", ["Bo Lee,{},x", '"{}";x', "Bo ({})\r\n", "\t{}\t"])
def test_the_bytes_of_a_file_show_each_refusal(encoding: str, form: str) -> None:
    hidden = [
        words
        for words in REFUSALS
        if not may_hold_refusal(f"Name,Mobile\n{form.format(words)}".encode(encoding))
        or not is_refusal(f"Bo ({words})")
    ]

    assert hidden == []


def test_plain_bytes_show_no_refusal() -> None:
    names = "Name,Notes\nNotting Hill,Knott\nZo\u00eb D\u2019Arcy\nAnn Nevers,Gordon Thomas\n"

    assert not may_hold_refusal(names.encode())
    assert not may_hold_refusal(names.encode("cp1252"))


def test_a_refusal_is_found_across_first_and_last_name() -> None:
    assert find_refusals([["Ann", "DO NOT", "Do"], ["Moss", "CONTACT", "Lee"]]) == [1]


_WHOLE = _list_cells("""
    Do not contact|DO NOT CALL!|do_not_contact|Do-Not-Text|donotcontact|don't text|Don\u2019t call|never text|no contact
    No SMS please|NO TEXTS|no calls|No marketing|DNC|dnd|d.n.c.|STOP|Stop all|opted out|OPT OUT|opt-out 31/1/24
    Opted out of SMS|sms-optout|unsubscribed|Unsubscribed from SMS|unsubscribe pls|has unsubscribed|blacklisted
    Suppressed|Deceased|Deceased 2023|passed away|remove|remove me|leave me alone|email only|Post only|replied STOP
    do not call or text|Not to be contacted|Opted-out since March 2024|no more messages please, thanks
    Do not send SMS|dont market|blacklist
""")
_PARTIAL = _list_cells("""
    Do not contact before 9am|Customer asked us to remove her from the list|please remove me from your database
    Cancelled - do not contact|DO NOT CONTACT - legal|Stop texting me|stop sending these messages|wrong number
    Does not want to be contacted|Doesn't want SMS|no longer wishes to receive messages|asked not to be contacted
    Requested no further contact|On do not call register|Take me off your list|client passed away in May
    consent withdrawn 1/2/24|declined marketing|refused SMS|contact by phone only|do not send her any texts
    would like to opt out|wants to unsubscribe|doesn\u2019t consent|Moved to Perth, opted out of texts by phone
    unsubscribed, wife keeps coming|VIP (do not call)|Deceased, daughter called|Deceased - son rang 3/4
    Daughter says deceased|As per son: deceased|Told by wife that client passed away|spoke to son, deceased 2020
""")


@pytest.mark.parametrize("cell", _WHOLE)
def test_a_remark_that_is_a_refusal_is_a_no(cell: str) -> None:
    assert read_remark(cell) is Consent.NO


@pytest.mark.parametrize("cell", _PARTIAL)
def test_a_remark_with_a_refusal_in_it_is_unclear(cell: str) -> None:
    assert read_remark(cell) is Consent.UNCLEAR


@pytest.mark.parametrize(
    "cell",
    _list_cells("""
        likes no sugar|Please call before delivery|no nuts|Do not ring doorbell|Bus stop opposite|stopped smoking
        No comment|never opted out|has not unsubscribed|Unsubscribed: no|Opted out: false|Do not use peanuts|No email
        no longer vegan|text when ready|12 Stop St|do not leave at door|Stop Motion Pty Ltd|STOP the clock|non-smoker
        email-unsubscribed|Unsubscribed from emails|opt out of newsletter|do not email|husband deceased|Mum passed away
        her husband has recently passed away|dog passed away
        deceased estate|remove her stitches|take me to the airport|no contact number given|no message left|Never late
        https://x.example/unsubscribe?u=1|see www.example.com/opt-out
        You can opt out at any time. Reply STOP to unsubscribe.|Sale! Reply STOP to opt out|To opt out text STOP|
        Click here to unsubscribe|Unsubscribe link|one-off order|knot|does not eat meat|Wears no make-up, alone
    """),
)
def test_a_remark_about_anything_else_says_nothing(cell: str) -> None:
    assert read_remark(cell) is Consent.SILENT


_DRESSED = st.tuples(
    st.sampled_from(_WHOLE), st.sampled_from(["{}", "{}.", "\u201c{}\u201d", "* {} *", "{} (3/2/2025)", "<{}>", " {}!"])
)
_AMONG_WORDS = st.tuples(
    st.sampled_from(_PARTIAL), st.sampled_from(["VIP. {}", "likes tea\n{}", "Bo: {}.", "{}, see file"])
)


@given(_DRESSED | _AMONG_WORDS, st.sampled_from([str, str.upper, str.lower]))
def test_no_refusal_is_lost_in_what_is_around_it(case: tuple[str, str], write: Callable[[str], str]) -> None:
    words, form = case
    assert read_remark(write(form.format(words))).is_held_back


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_the_bytes_of_a_file_show_each_refusing_remark(encoding: str) -> None:
    hidden = [cell for cell in _WHOLE + _PARTIAL if not may_hold_refusal(f"Name,Notes\nBo,{cell}\n".encode(encoding))]

    assert hidden == []


_WORDS = (
    "do not don't dont donot never stop no sms text texts contact call more marketing opt out mail only left the list "
    "mailing our rest in peace invalid number of service passed away further future longer wrong"
).split()
_HINTS_OF_WORDS = [hint for hint in _CELL_HINTS if " " in hint.strip()]
_GAPS = ["", " ", "  ", " \t ", "\n", "\xa0", "-", "_", " - "]


@pytest.mark.parametrize("hint", _HINTS_OF_WORDS)
def test_the_words_of_a_hint_may_be_several_blanks_apart(hint: str) -> None:
    assert may_hold_refusal(f"Name,Notes\nBo,{hint.replace(' ', '  ')}\n".encode())


@example("no  sms")
@example("do notcontact")
@example("abgemeldet")
@given(st.lists(st.sampled_from(_WORDS) | st.sampled_from(_GAPS), max_size=5).map("".join))
def test_the_bytes_of_a_file_show_each_cell_that_may_be_a_refusal(cell: str) -> None:
    assert may_hold_refusal(f"Name,Notes\nBo,{cell}\n".encode()) or not may_have_refusing_remark((cell,))


@given(st.text(max_size=90))
def test_no_remark_breaks_the_validation(cell: str) -> None:
    assert read_remark(cell) in Consent
