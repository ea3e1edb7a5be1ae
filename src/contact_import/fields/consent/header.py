"""Classify headers about consent to SMS: is a yes below it a consent or an opt-out?"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from contact_import.domain.roles import Role
from contact_import.fields.consent.expiry import END_WORDS, asks_for_expiry
from contact_import.fields.consent.foreign_words import classify_foreign
from contact_import.fields.consent.kinds import ROLE_BY_CONSENT_KIND, ConsentKind
from contact_import.fields.consent.membership import asks_for_departure, asks_for_list_state, asks_for_membership
from contact_import.fields.consent.number_state import (
    asks_for_delivery,
    asks_for_fault_count,
    asks_for_number_fault,
    asks_for_number_note,
    asks_for_number_state,
    has_codes,
)
from contact_import.fields.consent.preference import asks_for_preference, is_wording
from contact_import.fields.consent.words import (
    AGREEMENT_WORDS,
    ALERT_WORDS,
    BETWEEN_WORDS,
    CHANGE_WORDS,
    CONTACT_WORDS,
    MARKETING_WORDS,
    MOMENT_WORDS,
    NEGATIONS,
    ORIGIN_WORDS,
    OTHER_CHANNEL_WORDS,
    OTHER_PURPOSE_WORDS,
    PHONE_WORDS,
    REASON_SUBJECTS,
    REFUSABLE_WORDS,
    REFUSAL_WORDS,
    SMS_THING_WORDS,
    SMS_WORDS,
    STATUS_HEADERS,
    STATUS_SUBJECTS,
    STRONG_AGREEMENT_WORDS,
    STRONG_REFUSAL_WORDS,
    SUBJECT_WORDS,
    UNRELATED_WORDS,
)

_STATUS_KINDS = (ConsentKind.STATUS, ConsentKind.MEMBERSHIP)
_JOINED_WORDS = (
    SMS_WORDS
    | OTHER_CHANNEL_WORDS - {"e"}
    | PHONE_WORDS
    | MARKETING_WORDS
    | REFUSAL_WORDS
    | AGREEMENT_WORDS
    | NEGATIONS
    | CONTACT_WORDS
    | frozenset("do is has can opt opted in out of from to contact status state receive send may".split())
)
_MIN_JOINED_CHARS = 5
_SMS_NAMES = frozenset(("sms", "mms"))  # a `text` may be any text
_MAX_HINT_WORDS = 6
_CONTACT_FILLERS = frozenset("contacted can may be".split())
_SEND_WORDS = frozenset("do not send to list flag any anything messages me us".split())
_REQUEST_WORDS = frozenset("received request requested reply replied keyword".split())
_MESSAGE_WORDS = frozenset("message messages messaging".split())


@lru_cache(maxsize=10_000)
def classify_consent_header(header: tuple[str, ...]) -> ConsentKind | None:
    """Return the kind of a header, given as its words, or None for one that is not about consent to SMS.

    A refusal outranks an agreement in the same header. Headers about e-mail and other channels are unrelated.
    """
    kind = _classify_english(header)
    if kind not in (None, ConsentKind.PREFERENCE):
        return kind
    return classify_foreign(header) or kind or (ConsentKind.HINT if _names_sms(header) else None)


def _names_sms(header: Sequence[str]) -> bool:
    """Return whether a header names SMS beside words that are not known: `Dispoziție SMS`, but not `SMS gateway`."""
    rest = {word for word in header if not word.isdecimal()} - _SMS_NAMES
    if _SMS_NAMES.isdisjoint(header) or not rest or len(header) > _MAX_HINT_WORDS:
        return False
    return rest.isdisjoint(PHONE_WORDS | OTHER_CHANNEL_WORDS | UNRELATED_WORDS | SMS_THING_WORDS)


def _classify_english(header: tuple[str, ...]) -> ConsentKind | None:
    header = tuple("out" if part == "outs" else part for word in header for part in split_joined_word(word))
    words = set(header)
    is_sms = bool(words & SMS_WORDS)
    if {"not", "send"} <= words <= _SEND_WORDS:
        return ConsentKind.OPT_OUT
    if kind := _find_number_kind(words):
        return kind
    is_expiry = asks_for_expiry(words)
    unrelated = words & UNRELATED_WORDS - (END_WORDS if is_expiry or words >= {"opt", "out"} else frozenset())
    if unrelated and "keep" not in words:  # `Keep me updated by SMS`
        return None
    negated = _find_negated_word(header)
    if negated is not None and negated not in REFUSABLE_WORDS | AGREEMENT_WORDS | REFUSAL_WORDS | {"opted", "opt"}:
        return None
    if not is_sms and words & OTHER_CHANNEL_WORDS and negated not in ("call", "phone"):
        return None
    if is_expiry:
        return ConsentKind.EXPIRY
    if asks_for_departure(words):
        return ConsentKind.OPT_OUT
    has_opt = bool(words & {"opt", "opted", "opting"})
    is_refusal = bool(words & REFUSAL_WORDS) or (has_opt and "out" in words)
    is_refusal = is_refusal or (is_sms and not words.isdisjoint({"bounce", "bounced"}))
    if negated is not None or is_refusal:
        return (
            ConsentKind.OPT_OUT
            if _is_opt_out(words, negated, is_sms=is_sms, has_opt=has_opt)
            else _find_state(words, header)
        )
    is_other_purpose = not words.isdisjoint(OTHER_PURPOSE_WORDS) or is_wording(header)
    if not is_other_purpose and _is_consent(words, is_sms=is_sms, has_opt=has_opt):
        return ConsentKind.CONSENT
    return _find_state(words, header)


def _find_number_kind(words: set[str]) -> ConsentKind | None:
    """Return the kind of a header about the number of the contact, or about messages to it."""
    if asks_for_fault_count(words):
        return ConsentKind.FAULT_COUNT
    if asks_for_delivery(words):
        return ConsentKind.LOOKUP
    if asks_for_number_fault(words):
        return ConsentKind.OPT_OUT
    return ConsentKind.NUMBER_NOTE if asks_for_number_note(words) else None


def _is_opt_out(words: set[str], negated: str | None, *, is_sms: bool, has_opt: bool) -> bool:
    if is_sms or negated is not None or words & STRONG_REFUSAL_WORDS or (has_opt and "out" in words):
        return True
    if words & (CONTACT_WORDS | STRONG_AGREEMENT_WORDS | PHONE_WORDS) and not words & {"number", "no"}:
        return True
    rest = words - SUBJECT_WORDS - MOMENT_WORDS - ORIGIN_WORDS - _REQUEST_WORDS
    return rest <= REFUSAL_WORDS - {"withdrawn", "clean", "remove"}


def _is_consent(words: set[str], *, is_sms: bool, has_opt: bool) -> bool:
    is_opt_in = has_opt and "in" in words
    is_agreement = bool(words & AGREEMENT_WORDS - {"opt"}) or is_opt_in or words >= {"can", "text"}
    if words & ORIGIN_WORDS - {"by", "user", "list"}:
        return False
    if is_sms:
        return is_agreement or bool(
            words & (MARKETING_WORDS | ALERT_WORDS | {"status", "state", "can", "may", "preference", "preferences"})
        )
    if words & PHONE_WORDS and (
        words & MARKETING_WORDS or is_opt_in or words & {"consent", "permission", "subscribed"}
    ):
        return True
    if words & {"contact", "contacted", "contactable"} and words <= SUBJECT_WORDS | AGREEMENT_WORDS | _CONTACT_FILLERS:
        return is_agreement or bool(words & {"can", "may"})
    if "opt" in words and words <= {"opt", *SMS_WORDS, "status", "state"}:
        return True
    if is_agreement and words & (MARKETING_WORDS | {"contact", "contacted"}) and not words & {"subscription"}:
        return bool(words & (MARKETING_WORDS | STRONG_AGREEMENT_WORDS)) or is_opt_in
    rest = words - SUBJECT_WORDS - MOMENT_WORDS - CHANGE_WORDS - MARKETING_WORDS - _MESSAGE_WORDS
    rest -= {"by", "opt", "opted", "valid"}
    is_strong = is_opt_in or bool(words & STRONG_AGREEMENT_WORDS - {"subscription"})
    return is_strong and rest <= STRONG_AGREEMENT_WORDS


def _find_state(words: set[str], header: Sequence[str]) -> ConsentKind | None:
    """Return the kind of a header about the state or preference of a person, or about its reason; else None."""
    if tuple(header) in STATUS_HEADERS:
        return ConsentKind.STATUS
    if asks_for_membership(words):
        return ConsentKind.MEMBERSHIP
    if asks_for_list_state(header, words):
        return ConsentKind.STATE
    if asks_for_number_state(header, words):
        return ConsentKind.LOOKUP if has_codes(words) else ConsentKind.STATE
    if asks_for_preference(header, words):
        return ConsentKind.PREFERENCE
    if "status" in words and words - {"status", "is"} <= STATUS_SUBJECTS:
        return ConsentKind.STATUS
    if "reason" in words and words & REASON_SUBJECTS and words - {"reason", "for"} <= REASON_SUBJECTS | STATUS_SUBJECTS:
        return ConsentKind.STATUS
    return None


def _find_negated_word(header: Sequence[str]) -> str | None:
    """Return the negated word (`text` of `Do not text`), "" if none follows, None for a header without a negation."""
    for index, word in enumerate(header):
        is_split = word in ("don", "can", "won") and header[index + 1 : index + 2] == ("t",)  # `don't`
        if word in NEGATIONS or is_split:
            rest = header[index + 1 + is_split :]
            return next((after for after in rest if after not in BETWEEN_WORDS), rest[-1] if rest else "")
    if header[:1] == ("no",):
        after = next((word for word in header[1:] if word not in BETWEEN_WORDS), header[-1])
        is_refused = after in (REFUSABLE_WORDS - {"phone", "call"}) | STRONG_AGREEMENT_WORDS
        return after if is_refused or "marketing" in header else None
    return None


def is_negated(header: tuple[str, ...]) -> bool:
    """Return whether a header has a negation: `(Do Not Modify) Contact`, `Do not e-mail`, `Non-member`."""
    header = tuple(part for word in header for part in split_joined_word(word))
    no_channel = header[:1] == ("no",) and not OTHER_CHANNEL_WORDS.isdisjoint(header[1:])
    return no_channel or _find_negated_word(header) is not None


def find_consent_kind(role: Role, header: Sequence[str]) -> ConsentKind:
    """Return the kind of a column with a consent role. One of the role STATUS may have any other kind."""
    kind = classify_consent_header(tuple(header))
    if role is Role.CONSENT:  # a `Status` has this role if a mailing tool wrote it
        is_status = kind in _STATUS_KINDS or (kind is None and tuple(header[-1:]) == ("status",))
        return ConsentKind.STATE if is_status else ConsentKind.CONSENT
    if role is Role.OPT_OUT:
        return ConsentKind.OPT_OUT
    return kind if kind and ROLE_BY_CONSENT_KIND[kind] is Role.STATUS else ConsentKind.STATUS


def has_moment_word(header: Sequence[str]) -> bool:
    """Return whether a header asks for a moment: `Unsubscribed at`, `Opt-out date`."""
    return not MOMENT_WORDS.isdisjoint(header)


@lru_cache(maxsize=10_000)
def split_joined_word(word: str) -> tuple[str, ...]:
    """Split a word that consists of words about consent: `donotsms` is `do not sms`. Return any other word whole."""
    if len(word) < _MIN_JOINED_CHARS or word in _JOINED_WORDS or not word.isalpha():
        return (word,)
    return next(_split_word(word), (word,))


def _split_word(word: str) -> Iterator[tuple[str, ...]]:
    # Longest words first, with backtracking: `optoutsms` is `optout sms`, not `opt out sms`.
    if not word:
        yield ()
    for end in range(len(word), 1, -1):
        if word[:end] in _JOINED_WORDS:
            for rest in _split_word(word[end:]):
                yield (word[:end], *rest)
