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
from contact_import.fields.consent.header import ConsentKind
from contact_import.fields.consent.remark_patterns import DISCLOSURE
from contact_import.fields.consent.state import SUBSCRIBED_STATES, is_good_state
from contact_import.fields.consent.words import OTHER_CHANNEL_WORDS, SMS_WORDS
from contact_import.fields.moment import Moment, is_zero_moment, read_moment

_MAX_CHARS = 200
_MAX_ANSWER_WORDS = 4  # a longer answer may include a sentence on how to opt out, which is not a refusal
# Words of cells in lower case, with their accents.
_YES_WORDS = frozenset(
    "yes y true t 1 on x checked ticked ja oui si sí sim da да tak はい 是 active granted accepted accepts accept "
    "allow agreed agree confirmed consented consent enabled yep yeah ok okay sure allowed given explicit express "
    "subscribed subscribe optin optedin permitted wahr vrai verdadero ✓ ✔ ✅ ☑".split()
)
_NO_WORDS = frozenset(
    "no n false f 0 off nein non nee não nao nej nei nie нет いいえ 否 never declined denied rejected disabled none "
    "inactive nope nil falsch faux falso refused disagree unchecked unticked nunca jamais ✗ ✘ ❌ ☐".split()
)
_NEGATIONS = frozenset(
    "not dont doesnt didnt wont never cannot cant non nicht refuse refuses decline declines without rather".split()
)
# Words for leaving. In a status they count wherever they are.
_LEAVING_WORDS = frozenset(
    "unsubscribed unsubscribe unsubscribes unsub optout optedout cleaned dnc dnd blacklisted blacklist blocklisted "
    "blocklist blocked suppressed suppression revoked withdrawn stop stopped complained complaint spam deceased dead "
    "died bounced bounce archived redacted abgemeldet désinscrit baja nonsubscribed notsubscribed neversubscribed "
    "donotcontact donotsms donotcall donottext donotsend donotdisturb donotuse dontcontact donttext".split()
)
# In a status, `spam`, `complaint` and `bounce` may be about something else: `Complaint resolved`.
_STATUS_LEAVING_WORDS = _LEAVING_WORDS - {"spam", "complaint", "bounce"} | {"removed", "deleted", "unsubscription"}
_REFUSABLE_WORDS = frozenset(
    "contact sms text texts use send disturb market marketing message messages call phone approach consent subscribed "
    "subscribe optin optedin agree agreed accept want interested allow allowed consented".split()
)
# The person has not decided, or someone has to check: beside a yes they make it unclear.
_UNSURE_WORDS = frozenset(
    "pending unknown tbc tba tbd maybe perhaps unsure ask check sent set expired invalid partial implied".split()
)
# Words beside a yes that do not change it. Any other word makes it unclear: `Yes to calls`.
_FILLER_WORDS = frozenset(
    "i a an we to the by via in on at of for from with and is was has have been please thanks thank you me us my do "
    "verbal verbally phone phoned online website web form store signed written paper double single confirmed opt opted "
    "receive receiving sms text texts texting message messages messaging marketing promotional offers would like happy "
    "contact contacted news updates status am pm t z".split()
)
_UNCONFIRMED_WORDS = frozenset(
    "pending unconfirmed awaiting cancelled canceled removed suspended expired lapsed paused ended invalid "
    "undeliverable".split()
)
# In a status these are of mailing lists only: people who confirmed nothing, or get receipts only.
_STATUS_UNSURE_WORDS = frozenset("unconfirmed transactional".split())
# Below `SMS status` these are about the number, and neither a yes nor a no.
_NUMBER_STATES = frozenset("valid validated verified deliverable".split())
_NOT_APPLICABLE = frozenset("n/a na #n/a".split())  # filled in, so not silent
_MONTH = compile_lazily(r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*")
_SMS_VALUES = SMS_WORDS | frozenset("mobile all any everything message messages textmessage textmessages".split())
# `phone` may mean calls or SMS: it is neither a consent to SMS nor an opt-out from it.
_OTHER_VALUES = OTHER_CHANNEL_WORDS | frozenset(
    "phone phones telephone newsletter newsletters website direct mailing".split()
)
_CHANNEL_FILLERS = frozenset("and by via or the address marketing".split())
_EMPTY_VALUES = frozenset(
    "- -- \u2013 \u2014 . n/a #n/a na null [null] (null) <null> <na> \\n undefined nan (blank) [] {}".split()
)
_SEPARATORS = compile_lazily(r"[\W_]+")
_WORD = compile_lazily(r"[^\W_]+|[✓✔✅☑✗✘❌☐]")
_OPT_OUTS = compile_lazily(r"\bopt ?outs\b", re.IGNORECASE)
_OPTED_IN_OR_OUT = compile_lazily(r"\bopt(?:ed|s|ing)?[\W_]*(in|out)\b")
_APOSTROPHES = str.maketrans("", "", "'\u2019`")
_GUID = compile_lazily(r"[({]?[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}[)}]?")
_NUMBER = compile_lazily(r"[+-]?0*(\d+?)(?:[.,]0+)?")
_LEAVING_PHRASE = compile_lazily(r"\b(?:passed away|no longer (?:subscribed|wants?|interested)|opted? (?:me )?out)\b")
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
    if kind is ConsentKind.CONSENT and text in _NOT_APPLICABLE:
        return _UNCLEAR
    if text in _EMPTY_VALUES or not text or is_zero_moment(text) or _GUID.fullmatch(text):
        return _SILENT
    if moment := read_moment(text, is_serial_allowed=is_moment_column or kind is ConsentKind.OPT_OUT):
        verdicts = {ConsentKind.CONSENT: Consent.YES, ConsentKind.OPT_OUT: Consent.NO}
        return ConsentAnswer(verdicts.get(kind, Consent.SILENT), moment)
    words = _split_value(text)
    if len(words) > _MAX_ANSWER_WORDS:
        words = DISCLOSURE.sub(" ", " ".join(words)).split()
    if kind is ConsentKind.STATE and is_good_state(words):
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
    text = _OPTED_IN_OR_OUT.sub(r"opt\1", text.translate(_APOSTROPHES).replace("_", " "))
    joined = _SEPARATORS.sub("", text)
    if joined in _LEAVING_WORDS:
        return [joined]
    return _WORD.findall(_JOINED_LEAVING.sub("unsubscribed", text) if "not un" not in text else text)


def _has_sign(text: str) -> bool:
    """Return whether a cell without a word has a sign that a person wrote: `?`, an emoji. A dash is not one."""
    return any(not letter.isspace() and letter not in "-\u2013\u2014._" for letter in text)


def _find_sms_among_channels(words: Sequence[str], kind: ConsentKind) -> bool | None:
    """Return whether SMS is among the channels of a value: `Email, SMS`. Return None if it names anything else."""
    named = [word for word in words if word not in _CHANNEL_FILLERS and word != "only"]
    if not named or not all(word in _SMS_VALUES or word in _OTHER_VALUES for word in named):
        return None
    if not _SMS_VALUES.isdisjoint(named):
        return True
    return None if kind is not ConsentKind.CONSENT and "phone" in named else False


def _is_leaving(words: Sequence[str], leaving_words: frozenset[str] = _LEAVING_WORDS) -> bool:
    """Return whether the words, anywhere in a value, mean that the person left or must not be contacted."""
    for index, word in enumerate(words):
        is_negated = _NEGATIONS.union({"no"}).intersection(words[max(0, index - 2) : index])
        if word in leaving_words and not is_negated:
            return True
        if word in _REFUSABLE_WORDS and is_negated and not OTHER_CHANNEL_WORDS.intersection(words[index + 1 :]):
            return True
    return bool(_LEAVING_PHRASE.search(" ".join(words)))


def _read_state(words: Sequence[str]) -> ConsentAnswer:
    """Return the answer of the state of a subscription or number that is not a good one."""
    says_no = bool(words) and (words[0] in _NO_WORDS or not _NEGATIONS.isdisjoint(words))
    return _NO if says_no or _is_leaving(words, _STATUS_LEAVING_WORDS) else _UNCLEAR


def _read_status(words: Sequence[str]) -> ConsentAnswer:
    if _is_leaving(words, _STATUS_LEAVING_WORDS):
        return _NO
    if not _STATUS_UNSURE_WORDS.isdisjoint(words):
        return _UNCLEAR
    return _YES if words and set(words) <= {"subscribed", "optin", "optedin", "sms", "to"} else _SILENT


def _read_preference(words: Sequence[str]) -> ConsentAnswer:
    """Return the answer of a preference. A no counts, whatever the question was about."""
    has_no = bool(words) and (words[0] in _NO_WORDS or not _NEGATIONS.isdisjoint(words))
    if has_no or _is_leaving(words):
        return _NO
    return _UNCLEAR if not _UNCONFIRMED_WORDS.isdisjoint(words) else _read_status(words)


def _is_opposite_of_opt_out(words: Sequence[str]) -> bool:
    """Return whether a value below `Unsubscribed` means the opposite: `No`, `subscribed`, `not opted out`."""
    positives = {"subscribed", "subscribe", "optin", "optedin", "allow", "allowed", "permitted"}
    if not words:
        return False
    if words[0] in ("not", "never", "no") and len(words) > 1 and set(words[1:]) <= _LEAVING_WORDS | positives | {"an"}:
        return words[0] != "not" or not positives.intersection(words)
    return all(word in _NO_WORDS or word in positives for word in words)


def _read_agreement(words: Sequence[str]) -> ConsentAnswer:
    """Return the answer below a header such as `SMS consent`. It is a yes only if every word of it is known."""
    found = set(words)
    says_yes, says_no = bool(found & _YES_WORDS), bool(found & (_NO_WORDS | _NEGATIONS)) or _is_leaving(words)
    if found & _UNSURE_WORDS or (found & {"yes", "y", "true"} and found & {"no", "n", "false"}):
        return _UNCLEAR
    if says_no:
        is_certain = words[0] in _NO_WORDS or _is_leaving(words) or bool(found & _NEGATIONS and "sure" not in found)
        return _NO if is_certain else _UNCLEAR
    if not says_yes:
        return _SILENT if words and _NUMBER_STATES.issuperset(words) else _UNCLEAR
    if "only" in found or OTHER_CHANNEL_WORDS.difference({"web", "e"}) & found:
        return _UNCLEAR
    rest = (word for word in words if word not in _YES_WORDS and word not in _FILLER_WORDS)
    return _YES if all(word.isdecimal() or _MONTH.fullmatch(word) for word in rest) else _UNCLEAR


_READERS = {
    ConsentKind.STATUS: _read_status,
    ConsentKind.PREFERENCE: _read_preference,
    ConsentKind.STATE: _read_state,
}
