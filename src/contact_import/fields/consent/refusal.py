"""Find refusals of contact in texts that do not ask about consent: names, labels and remarks.

`Do not contact` below `Notes` is as valid as a no below `SMS consent`. Most texts have no refusal. So cells and whole
files are searched for hints first, and only texts with a hint are read.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from contact_import.domain.consent import Consent
from contact_import.domain.lazy_pattern import compile_lazily
from contact_import.fields.consent.remark_patterns import (
    DISCLOSURE,
    NEGATING_WORDS,
    OTHER_CHANNELS,
    OTHERS_DEATH,
    REFUSAL,
    SMS_CHANNELS,
    WHOLE_REFUSAL,
)

_MAX_REMARK_CHARS = 4_000
_REFUSING_NAMES = tuple("deceased dnc dnd unsubscribed unsub optout blacklisted blocklisted".split())
# As people and programs write them.
REFUSALS = frozenset(
    spelling for word in _REFUSING_NAMES for spelling in (word, word.upper(), word.capitalize(), word.title())
)
# A text without any of these is not a refusal. Searching many texts at once is quick; then the patterns decide.
_HINTS = (
    *("do not", "do_not", "do-not", "donot", "n't", "n\u2019t", "dont ", "never ", "deceased", "passed away", "dnc"),
    *("dnd", "d.n.c", "opted", "opt out", "opt-out", "opt_out", "optout", "unsub", "no sms", "no text", "no contact"),
    *("no more", "no marketing", "no longer", "stop ", "blacklist", "blocklist", "r.i.p", "(rip"),
    *("wrong number", "dec'd", "dec\u2019d", " rip", "estate of"),
)
_REMARK_HINTS = (
    *_HINTS,
    *("not ", "not-", "not_", "stop", "dont", "no further", "no future", "no mms", "no txt", "no promo", "remove"),
    *("off ", "suppress", "alone", "mail only", "post only", "phone only", "calls only", "withdr", "revoke", "refuse"),
    *("decline", "opts out", "opting out", "no call", "no message", "disconnected", "invalid number", "bounced"),
    *(" died ", "left list", "left the list", "left our list", "sms list", "mailing list"),
)
# The same in other languages, of which only whole remarks are read.
_FOREIGN_HINTS = (
    *("keine sms", "keine werbung", "keine anrufe", "nicht kontakt", "abgemeldet", "verstorben", "ne pas contacter"),
    *("pas de sms", "sabonn", "d\u00e9c\u00e9d", "no contactar", "no enviar sms", "fallecid", "non contattare"),
    *("niet contacteren", "geen sms", "uitgeschreven", "overleden"),
    *("请勿联系", "勿扰", "已故", "拒收", "退订", "退訂", "수신거부", "사망", "配信停止", "連絡不可", "死亡"),
)
# In one cell, signs separate labels: `VIP;RIP`.
_CELL_HINTS = (*_REMARK_HINTS, *_FOREIGN_HINTS, ";rip", ",rip")
# The same in the bytes of a file, after signs between words are replaced by blanks and all apostrophes by ASCII ones:
# an apostrophe is 0x92 in Windows-1252, 0xD5 in Mac Roman and E2 80 99 in UTF-8. 0xCA is a blank in Mac Roman.
_FOLDED_BYTES = (
    bytes(range(256)).lower().translate(bytes.maketrans(b'\x92\x99\xd5_-,;"\t\r\n\xa0\xca', b"'''          "))
)
# No hint has a digit, and a third of a file is digits: without them, each search is shorter.
_IGNORED_BYTES = b"\xe2\x80\xc20123456789"
_BYTE_HINTS = (
    hint.replace("_", " ").replace("-", " ").encode().translate(_FOLDED_BYTES, _IGNORED_BYTES)
    for hint in (*_REMARK_HINTS, *_FOREIGN_HINTS)
)
_WORDS_BY_HINT = {hint: sorted(hint.split(), key=len, reverse=True) for hint in _BYTE_HINTS}  # long words are rare
_CONTACT_VERBS = (
    r"(?:contact|text|sms|message|messag|msg|call|ring|phone|use|send|e-?mail|mail|market|disturb|reply|bother)"
)
_APOSTROPHES = str.maketrans("", "", "'\u2019`\u00b4")
_WORD = compile_lazily(r"[^\W_]+")
_LINK = compile_lazily(r"\S+://\S+|\bwww\.\S+")  # every newsletter has one to unsubscribe
_INITIALS = compile_lazily(r"\bd\.? ?n\.? ?([cd])\b", re.IGNORECASE)


@cache
def _get_name_pattern() -> re.Pattern[str]:
    """Return the pattern of a refusal in a name. Compiling it takes 3 ms, and most files do not need it."""
    return re.compile(
        rf"\b(?:do[ _-]?not[ _-]?|(?:do ?n['\u2019]?t|never|stop|no)[ _-])(?:more )?{_CONTACT_VERBS}(?:s|ing)?\b|"
        r"\bno marketing\b|\bno longer\b|\bdeceased\b|\bpassed away\b|\bopted[ _-]?out\b|\bopt[ _-]?out\b|"
        r"\bunsub\w*|\b(?:black|block)list\w*|\br\.i\.p\b|\(rip\)|\bwrong number\b|"
        r"\bdec['\u2019]?d\b|^estate of\b|\w+ \w+ (?-i:RIP)$|"
        r"(?:^|[\W_])(?-i:DNC|DND|D\.N\.C\.?)(?:$|[\W_])",
        re.IGNORECASE,
    )


def find_refusals(columns: Sequence[Sequence[str]]) -> list[int]:
    """Return the indexes of rows whose name refuses contact: `Bo Lee (DO NOT CONTACT)`, `Cy Orr - DECEASED`.

    `columns` are the columns of names. A refusal may continue from one to the next: `Do not` and `contact`.
    """
    if not any(map(_may_refuse, columns)):
        return []
    rows = [(*names, " ".join(names)) for names in zip(*columns, strict=True)]
    return [index for index, names in enumerate(rows) if any(map(is_refusal, names))]


def _may_refuse(names: Sequence[str]) -> bool:
    return not REFUSALS.isdisjoint(names) or _has_hint(_find_longer_names(names), _HINTS)


def _find_longer_names(names: Sequence[str]) -> list[str]:
    """Return the names that have anything besides letters."""
    if "".join(names).isalpha():
        return []
    return [name for name in names if not name.isalpha()]


def is_refusal(name: str) -> bool:
    """Return whether a name refuses contact. A name of one word must be the refusal itself: `Deceased`."""
    if name.isalpha():
        return name in REFUSALS
    return _has_hint((name,), _HINTS) and _get_name_pattern().search(" ".join(name.split())) is not None


def may_hold_refusal(chunk: bytes) -> bool:
    """Return whether bytes of a file may contain a refusal. For UTF-16 and UTF-32 the answer is always True."""
    if b"\0" in chunk:
        return True
    words = chunk.translate(_FOLDED_BYTES, _IGNORED_BYTES).split()
    # Most words of a list are repeated. A hint of several words is in the text only if all of them are among its words.
    vocabulary = b" ".join(set(words))
    hints = [hint for hint, parts in _WORDS_BY_HINT.items() if all(map(vocabulary.__contains__, parts))]
    text = b" %b " % b" ".join(words) if hints else b""
    return any(map(text.__contains__, hints))


def may_have_refusing_remark(cells: Iterable[str]) -> bool:
    """Return whether one of the cells may be a remark that refuses contact; `read_remark` decides."""
    return _has_hint(cells, _CELL_HINTS)


def _has_hint(texts: Iterable[str], hints: Iterable[str]) -> bool:
    folded = f" {' | '.join(texts)} ".casefold()
    if "  " in folded or not folded.isascii():
        folded = f" {' '.join(folded.split())} "
    return any(map(folded.__contains__, hints))


def read_remark(cell: str) -> Consent:
    """Return the verdict of a remark or label: `NO` for a refusal without anything else, else `UNCLEAR` or `SILENT`.

    A longer text with a refusal is `UNCLEAR`: `Do not call before 9am`. Any other text is `SILENT`, as is a refusal of
    e-mail, one about another person (`husband deceased`), and a sentence on how to opt out.
    """
    if not may_have_refusing_remark((cell,)):
        return Consent.SILENT
    text = _LINK.sub(" ", cell[:_MAX_REMARK_CHARS].translate(_APOSTROPHES))
    words = _WORD.findall(_INITIALS.sub(r"dn\1", text).casefold())
    text = " ".join(DISCLOSURE.sub(" ", " ".join(words)).split())
    if WHOLE_REFUSAL.fullmatch(text):
        return Consent.NO
    return Consent.UNCLEAR if any(map(_is_of_person, REFUSAL.finditer(text))) else Consent.SILENT


def read_label(label: str) -> Consent:
    """Return the verdict of a tag or the name of a list, which is a remark. `Removed` and `Bounced` are a no."""
    return Consent.NO if label.casefold() in ("removed", "bounced") else read_remark(label)


def _is_of_person(found: re.Match[str]) -> bool:
    """Return whether a refusal is not negated, not about another person, and not about e-mail alone."""
    before, after = found.string[: found.start()].split()[-3:], found.string[found.end() :].split()[:5]
    if found["left"] and (not NEGATING_WORDS.isdisjoint(before[-2:]) or after[:1] in (["no"], ["false"], ["never"])):
        return False
    if found["death"]:
        is_estate = after[:1] == ["estate"]  # a property for sale
        return not is_estate and not OTHERS_DEATH.fullmatch(found.string[: found.start()].strip())
    channels = [word for word in (*before[-1:], *found[0].split(), *after) if word in OTHER_CHANNELS | SMS_CHANNELS]
    return not channels or not SMS_CHANNELS.isdisjoint(channels)
