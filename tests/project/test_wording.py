"""Every sentence that people see is found, and none uses words that are known to mislead or to sound translated."""

import re

import pytest

from tests.project.wording import collect_sentences

SENTENCES = dict(collect_sentences())

# Words with a plain replacement. "Drop a file" also means to throw it away; the others sound translated.
BANNED = (
    r"drop(s|ped)? (the|a|it|that|this|your|failed\.csv)\b",
    r"\b(anew|for good|nobody|somebody|make-believe|went in|mend)\b",
    r"\b(is told|tells of|hears? of|told by|all the same|by now|gave up for good)\b",
    r"\b(may be in|is in|not in)(;|\.|,|$)",
    r"\bno (field|file|number|list|JSON|object|path)\b (such|that|as|of)",
    r"\b(stands|lies) (in|there|beside|next)\b",
)


@pytest.mark.parametrize(
    ("area", "sentence"),
    [
        ("Statuses, advice and summaries", "This row has a problem. Fix it in failed.csv and upload that file."),
        ("Rows: reasons and warnings", "too short to be a mobile number"),
        ("Import page and HTTP API", "Choose a file"),
        ("Import page and HTTP API", "Unknown import, or older than 14 days."),
        ("Mails and notifications", "Imported with {…}"),
        ("report.html", "Why {…} {…} imported"),
        ("Webhooks", "The body is empty; send JSON."),
        ("Template", "NotifyEmail: E-mail address to notify after each file. Leave empty for none."),
        (
            "Command line and server: messages",
            "Stopped. What was imported is recorded: run the same command to continue.",
        ),
    ],
)
def test_the_collection_finds_what_people_see(area: str, sentence: str) -> None:
    assert sentence in SENTENCES[area]


def test_every_command_shows_its_help() -> None:
    usages = [text.split()[2] for text in SENTENCES["Command line: help"][1:]]

    assert {"run", "serve", "send", "sam", "inspect", "check"} <= set(usages)


@pytest.mark.parametrize("area", SENTENCES)
def test_no_sentence_uses_a_banned_word(area: str) -> None:
    assert SENTENCES[area]
    banned = re.compile("|".join(f"(?:{pattern})" for pattern in BANNED), re.IGNORECASE)

    assert [text for text in SENTENCES[area] if banned.search(text)] == []


def test_a_description_of_the_template_is_not_cut_off_by_a_comment() -> None:
    """A # behind a blank begins a comment of YAML, and ends a description that is not quoted."""
    cut = [text for text in SENTENCES["Template"] if not text.endswith((".", "'}"))]

    assert cut == []
