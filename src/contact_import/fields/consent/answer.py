"""Read the answer about SMS in a cell of a consent column: yes, no, unclear, or none.

An empty cell is neither a yes nor a refusal, because the list may come from a form that asked. Australia's Spam Act
2003 allows marketing SMS only to people who consented (acma.gov.au, "Avoid sending spam"): so an answer that cannot be
read is `UNCLEAR`, and its row is never sent.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from contact_import.domain.consent import Consent
from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.fields.consent.answer_words import (
    CHANNEL_FILLERS,
    EMPTY_VALUES,
    ENDED_WORDS,
    FILLER_WORDS,
    GOOD_STATES,
    LEAVING_WORDS,
    MEMBERSHIP_END_WORDS,
    MONTH,
    NEGATIONS,
    NO_WORDS,
    NOT_APPLICABLE,
    NUMBER_FAULT_WORDS,
    NUMBER_STATES,
    OTHER_VALUES,
    REFUSABLE_WORDS,
    SMS_VALUES,
    STATUS_LEAVING_WORDS,
    STATUS_UNSURE_WORDS,
    SUBSCRIBED_STATES,
    UNCONFIRMED_WORDS,
    UNSURE_WORDS,
    YES_WORDS,
)
from contact_import.fields.consent.kinds import ConsentKind
from contact_import.fields.consent.number_state import MAX_FAULTS
from contact_import.fields.consent.remark_patterns import DISCLOSURE
from contact_import.fields.consent.words import OTHER_CHANNEL_WORDS
from contact_import.fields.moment import Moment, is_zero_moment, read_moment
from contact_import.fields.relatives import RELATIVE_WORDS

_MAX_CHARS = 200
_MAX_ANSWER_WORDS = 4  # a longer answer may include a sentence on how to opt out, which is not a refusal
_SEPARATORS = compile_lazily(r"[\W_]+")
_WORD = compile_lazily(r"[^\W_]+|[✓✔✅☑✗✘❌☐👍👎]")
_OPT_OUTS = compile_lazily(r"\bopt ?outs\b", re.IGNORECASE)
_OPTED_IN_OR_OUT = compile_lazily(r"\bopt(?:ed|s|ing)?[\W_]*(in|out)\b")
_APOSTROPHES = str.maketrans("", "", "'\u2019`")
_GUID = compile_lazily(r"[({]?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}[)}]?")
_NUMBER = compile_lazily(r"[+-]?0*(\d+?)(?:[.,]0+)?")
_LEAVING_PHRASE = compile_lazily(
    r"\b(?:passed away|no longer (?:subscribed|wants?|interested)|opted? (?:me )?(?:out|off))\b"
)
_JOINED_LEAVING = compile_lazily(r"(?:un|non|not|never)[\W_]*subscri\w*")


class ConsentAnswer(NamedTuple):
    """The verdict of one cell, and the moment of the answer if the cell is a date."""

    verdict: Consent
    moment: Moment | None = None


_YES, _NO = ConsentAnswer(Consent.YES), ConsentAnswer(Consent.NO)
_UNCLEAR, _SILENT = ConsentAnswer(Consent.UNCLEAR), ConsentAnswer(Consent.SILENT)


def read_consent(cell: str, kind: ConsentKind, *, is_moment_column: bool = False) -> ConsentAnswer:
    """Return the answer about SMS in a cell of a column of this `kind`.

    In an `is_moment_column`, whose header asks for a date, a number may be one of Excel's days.

    Examples: `Yes` is a yes below `SMS consent` and a no below `Unsubscribed`. `2025-03-01` is both, too, with its
    moment. `Pending` is unclear, and `Lead` below `Status` is not an answer.
    """
    text = _normalize(cell)
    if kind is ConsentKind.CONSENT and text in NOT_APPLICABLE:
        return _UNCLEAR
    if text in EMPTY_VALUES or not text or is_zero_moment(text) or _GUID.fullmatch(text):
        return _SILENT
    if moment := read_moment(text, is_serial_allowed=is_moment_column or kind is ConsentKind.OPT_OUT):
        verdicts = {ConsentKind.CONSENT: Consent.YES, ConsentKind.OPT_OUT: Consent.NO}
        return ConsentAnswer(verdicts.get(kind, Consent.SILENT), moment)
    words = _split_value(text)
    if len(words) > _MAX_ANSWER_WORDS:
        words = DISCLOSURE.sub(" ", " ".join(words)).split()
    if kind is ConsentKind.LOOKUP and words == ["0"]:
        return _SILENT
    if kind in (ConsentKind.STATE, ConsentKind.LOOKUP) and words and GOOD_STATES.issuperset(words):
        return _SILENT if SUBSCRIBED_STATES.isdisjoint(words) else _YES
    includes_sms = _find_sms_among_channels(words, kind)
    if kind is ConsentKind.OPT_OUT:
        says_opposite = includes_sms is False or (not words and not _has_sign(text)) or _is_opposite_of_opt_out(words)
        return _SILENT if says_opposite else _NO
    if includes_sms is not None:
        return _YES if includes_sms else _NO
    return _READERS.get(kind, _read_agreement)(words)


def find_refusal(title: str) -> str:
    """Return the title of a list as a status if its people have left: `unsubscribed_members`. Else return "".

    A title such as `subscribed` is not a yes, because it may be about e-mail.
    """
    status = _OPT_OUTS.sub("opt out", " ".join(_SEPARATORS.sub(" ", title).split()))
    return status if read_consent(status, ConsentKind.STATUS).verdict is Consent.NO else ""


def _normalize(cell: str) -> str:
    text = unicodedata.normalize("NFC", cell[:_MAX_CHARS]).strip().strip("'\"").strip().casefold()
    if found := _NUMBER.fullmatch(text):
        return found[1]
    return text


def _split_value(text: str) -> list[str]:
    if text in YES_WORDS or text in NO_WORDS:  # in scripts whose signs for vowels would split the word
        return [text]
    text = _OPTED_IN_OR_OUT.sub(r"opt\1", text.translate(_APOSTROPHES).replace("_", " "))
    joined = _SEPARATORS.sub("", text)
    if joined in LEAVING_WORDS:
        return [joined]
    return _WORD.findall(_JOINED_LEAVING.sub("unsubscribed", text) if "not un" not in text else text)


def _has_sign(text: str) -> bool:
    """Return whether a cell without a word has a sign that a person wrote: `?`, an emoji. A dash is not one."""
    return any(not letter.isspace() and letter not in "-\u2013\u2014._" for letter in text)


def _find_sms_among_channels(words: Sequence[str], kind: ConsentKind) -> bool | None:
    """Return whether SMS is among the channels of a value: `Email, SMS`. Return None if it names anything else."""
    named = [word for word in words if word not in CHANNEL_FILLERS and word != "only"]
    if not named or not all(word in SMS_VALUES or word in OTHER_VALUES for word in named):
        return None
    if not SMS_VALUES.isdisjoint(named):
        return True
    return None if kind is not ConsentKind.CONSENT and "phone" in named else False


def _is_leaving(words: Sequence[str], leaving_words: frozenset[str] = LEAVING_WORDS) -> bool:
    """Return whether the words, anywhere in a value, mean that the person left or must not be contacted."""
    for index, word in enumerate(words):
        is_negated = NEGATIONS.union({"no"}).intersection(words[max(0, index - 2) : index])
        if word in leaving_words and not is_negated:
            return True
        if word in REFUSABLE_WORDS and is_negated and not OTHER_CHANNEL_WORDS.intersection(words[index + 1 :]):
            return True
    return bool(_LEAVING_PHRASE.search(" ".join(words)))


def _read_state(words: Sequence[str]) -> ConsentAnswer:
    """Return the answer of the state of a subscription or number that is not a good one."""
    says_no = bool(words) and (words[0] in NO_WORDS or not NEGATIONS.isdisjoint(words))
    return _NO if says_no or _is_leaving(words, STATUS_LEAVING_WORDS) else _UNCLEAR


def _read_status(words: Sequence[str]) -> ConsentAnswer:
    if _is_leaving(words, STATUS_LEAVING_WORDS):
        return _NO
    if not STATUS_UNSURE_WORDS.isdisjoint(words):
        return _UNCLEAR
    return _YES if words and set(words) <= {"subscribed", "optin", "optedin", "sms", "to"} else _SILENT


def _read_preference(words: Sequence[str]) -> ConsentAnswer:
    """Return the answer of a preference. A no counts, whatever the question was about."""
    has_no = bool(words) and (words[0] in NO_WORDS or not NEGATIONS.isdisjoint(words))
    if has_no or _is_leaving(words):
        return _NO
    return _UNCLEAR if _has_ended(words) else _read_status(words)


def _is_opposite_of_opt_out(words: Sequence[str]) -> bool:
    """Return whether a value below `Unsubscribed` means the opposite: `No`, `subscribed`, `not opted out`."""
    positives = {"subscribed", "subscribe", "optin", "optedin", "allow", "allowed", "permitted"}
    negatable = LEAVING_WORDS | positives | {"an", "listed", "registered"}
    if not words:
        return False
    if words[0] in ("not", "never", "no") and len(words) > 1 and set(words[1:]) <= negatable:
        return words[0] != "not" or not positives.intersection(words)
    return all(word in NO_WORDS or word in positives for word in words)


def _read_agreement(words: Sequence[str]) -> ConsentAnswer:
    """Return the answer below a header such as `SMS consent`. It is a yes only if every word of it is known."""
    found = set(words)
    says_yes, says_no = bool(found & YES_WORDS), bool(found & (NO_WORDS | NEGATIONS)) or _is_leaving(words)
    if found & UNSURE_WORDS or (found & {"yes", "y", "true"} and found & {"no", "n", "false"}):
        return _UNCLEAR
    if says_no:
        is_certain = words[0] in NO_WORDS or _is_leaving(words) or bool(found & NEGATIONS and "sure" not in found)
        return _NO if is_certain else _UNCLEAR
    if not says_yes:
        return _SILENT if words and NUMBER_STATES.issuperset(words) else _UNCLEAR
    if "only" in found or OTHER_CHANNEL_WORDS.difference({"web", "e"}) & found:
        return _UNCLEAR
    rest = (word for word in words if word not in YES_WORDS and word not in FILLER_WORDS)
    return _YES if all(word.isdecimal() or MONTH.fullmatch(word) for word in rest) else _UNCLEAR


def _read_membership(words: Sequence[str]) -> ConsentAnswer:
    """Return the answer of the status of a membership. Another status than an end is a level: `Gold`, `Frozen`."""
    if _is_leaving(words, STATUS_LEAVING_WORDS):
        return _NO
    has_ended = not MEMBERSHIP_END_WORDS.isdisjoint(words) or not ENDED_WORDS.isdisjoint(words[:1])
    return _UNCLEAR if has_ended else _SILENT


def _has_ended(words: Sequence[str]) -> bool:
    return not UNCONFIRMED_WORDS.isdisjoint(words) or not ENDED_WORDS.isdisjoint(words[:1])


def _read_fault_count(words: Sequence[str]) -> ConsentAnswer:
    if words and words[0].isdecimal():
        return _UNCLEAR if int(words[0]) > MAX_FAULTS else _SILENT
    return _SILENT if _is_opposite_of_opt_out(words) else _UNCLEAR


def _read_number_note(words: Sequence[str]) -> ConsentAnswer:
    """Return the answer of a remark on a number. It may be another person's, or out of use."""
    if _is_leaving(words, STATUS_LEAVING_WORDS):
        return _NO
    is_fault = not NUMBER_FAULT_WORDS.isdisjoint(words) or "not in service" in " ".join(words)
    return _UNCLEAR if is_fault or not RELATIVE_WORDS.isdisjoint(words) else _SILENT


def _read_hint(words: Sequence[str]) -> ConsentAnswer:
    says_no = bool(words) and (words[0] in NO_WORDS - {"0", "none", "nil"} or _is_leaving(words))
    return _UNCLEAR if says_no else _SILENT


_READERS = {
    ConsentKind.STATUS: _read_status,
    ConsentKind.PREFERENCE: _read_preference,
    ConsentKind.STATE: _read_state,
    ConsentKind.LOOKUP: _read_state,
    ConsentKind.MEMBERSHIP: _read_membership,
    ConsentKind.FAULT_COUNT: _read_fault_count,
    ConsentKind.NUMBER_NOTE: _read_number_note,
    ConsentKind.HINT: _read_hint,
}
