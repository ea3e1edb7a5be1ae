"""Recognise headers about the state of a number: its status, check, faults, or the outcome of the last SMS.

Services that look numbers up name their columns in many ways. So a header needs one word for a number and one for a
state, and all its other words must be unimportant.
"""

from collections.abc import Sequence

from contact_import.fields.consent.words import (
    HOME_AND_WORK_WORDS,
    MOMENT_WORDS,
    NUMBER_WORDS,
    PHONE_WORDS,
    SMS_WORDS,
)

_LINE_WORDS = PHONE_WORDS | frozenset("number numbers telephone tel hlr line sim handset".split())
# Below these a 0 is a no. Below the others it is the code of a lookup that found no fault.
_YES_NO_WORDS = frozenset(
    "valid validated deliverable active enabled working connected reachable usable ok okay capable textable "
    "contactable good works correct current right".split()
)
_STATE_WORDS = _YES_NO_WORDS | frozenset(
    "validity validation deliverability reachability status state result lookup check health quality condition".split()
)
# Words that are about numbers even in a header without one: `Lookup status`, `Valid`, `Validation result`.
_LOOKUP_WORDS = frozenset(
    "lookup valid validity validation reachable reachability deliverable deliverability textable".split()
)
# Alone, these may be about anything: a key, a signature, a period.
_LONE_OTHER_WORDS = ({"lookup"}, {"validation"}, {"validity"}, {"validation", "status"})
_CHECKS = frozenset("check checked lookup".split())
_FAULT_WORDS = frozenset(
    "invalid wrong bad disconnected undeliverable undelivered unreachable bounce bounced dead failed incorrect error "
    "errors incapable unable deactivated reassigned recycled unallocated barred faulty rejected returned".split()
)
# A header with only one of these is about numbers or messages.
_LONE_FAULTS = frozenset("bounced undeliverable undelivered unreachable disconnected".split())
# These are faults of a message as well: `Last message failed`.
_MESSAGE_FAULTS = frozenset("failed undelivered undeliverable bounced rejected returned".split())
_USES = frozenset("use used service connected working valid active reachable current".split())
_DELIVERY_WORDS = frozenset("delivery last latest send sending dlr".split())
_FILLERS = frozenset("is has my primary main contact flag a yes y n any in of the".split())
_BOUNCE_KINDS = frozenset(("soft", "hard"))
_MESSAGE_WORDS = SMS_WORDS | {"message", "messages", "smses"}
_COUNT_WORDS = frozenset("count counts counter number no total times".split())
_PLURAL_FAULTS = frozenset("failures fails bounces errors rejections".split())
_COUNTED_FAULTS = _FAULT_WORDS | _PLURAL_FAULTS | {"failure", "fail", "bounce"}
# A single failure may be a phone without reception. Platforms stop sending after three or more.
MAX_FAULTS = 2
_NOTE_WORDS = frozenset("note notes comment comments remark remarks belongs whose relationship relation".split())


def asks_for_number_state(header: Sequence[str], words: set[str]) -> bool:
    """Return whether a header asks for the state of the contact's mobile: `Phone status`, `Lookup result`.

    A `Home phone status` is about a number that is rarely sent, a `Phone type` is no state, and a `Check number` is
    that of a cheque.
    """
    if words in ({"hlr"}, {"is", "textable"}) or words >= {"can", "be", "texted"}:
        return True
    if words.isdisjoint(_LINE_WORDS):
        is_of_carrier = "carrier" in words and not words.isdisjoint(_CHECKS)
        is_of_lookup = not words.isdisjoint(_LOOKUP_WORDS) and words - _FILLERS not in _LONE_OTHER_WORDS
        return (is_of_carrier or is_of_lookup) and words - {"carrier"} <= _STATE_WORDS | _FILLERS
    if words.isdisjoint(_STATE_WORDS) or (words.isdisjoint(_STATE_WORDS - _CHECKS) and header[-1] not in _CHECKS):
        return False
    rest = words - _LINE_WORDS - _STATE_WORDS - _FILLERS - SMS_WORDS
    is_of_line_item = "line" in words and bool(rest)
    return words.isdisjoint(HOME_AND_WORK_WORDS) and not is_of_line_item and all(map(str.isdecimal, rest))


def is_of_number(header: Sequence[str]) -> bool:
    """Return whether a header is about the state or the faults of a number."""
    words = set(header)
    return asks_for_number_state(header, words) or asks_for_number_fault(words)


def is_unnamed_state(header: Sequence[str]) -> bool:
    """Return whether a header of a state or fault does not name a number: `Valid`, `Undelivered`."""
    words = set(header)
    return is_of_number(header) and words.isdisjoint(_LINE_WORDS | SMS_WORDS)


def has_codes(words: set[str]) -> bool:
    """Return whether a 0 below the header of a state means that there is no fault: `Lookup status`."""
    return words.isdisjoint(_YES_NO_WORDS)


def asks_for_delivery(words: set[str]) -> bool:
    """Return whether a header asks for the outcome of the last SMS: `SMS delivery status`."""
    is_message = not words.isdisjoint(SMS_WORDS) and not words.isdisjoint(_DELIVERY_WORDS)
    return is_message and not words.isdisjoint({"status", "result"})


def asks_for_number_fault(words: set[str]) -> bool:
    """Return whether any value below a header means an unusable number: `Wrong number`, `SMS undeliverable`."""
    bare = words - _FILLERS - MOMENT_WORDS
    if (len(bare) == 1 and bare <= _LONE_FAULTS) or bare in ({"sms", "not", "delivered"}, {"validation", "errors"}):
        return True
    if bare in ({"not", "reachable"}, {"bounce", "reason"}):
        return True
    is_of_message = "message" in words and not words.isdisjoint(_MESSAGE_FAULTS)
    if words.isdisjoint(_LINE_WORDS | SMS_WORDS) and not is_of_message:
        return False
    if {"no", "longer"} <= words or "not" in words:
        faults = _USES | {"no", "longer", "not"}
        has_fault = not words.isdisjoint(_USES) and words.isdisjoint(SMS_WORDS)
    else:
        faults, has_fault = _FAULT_WORDS, not words.isdisjoint(_FAULT_WORDS)
    rest = bare - faults - _LINE_WORDS - _MESSAGE_WORDS - {"reason", "code"} - NUMBER_WORDS - _DELIVERY_WORDS
    return has_fault and all(map(str.isdecimal, rest))


def asks_for_fault_count(words: set[str]) -> bool:
    """Return whether a header counts the messages that failed: `Number of SMS failed`, `Undelivered messages`."""
    if words.isdisjoint(_MESSAGE_WORDS) or words.isdisjoint(_COUNTED_FAULTS):
        return False
    is_count = not words.isdisjoint(_COUNT_WORDS | _PLURAL_FAULTS | {"messages", "texts", "smses"})
    return is_count and words <= _MESSAGE_WORDS | _COUNTED_FAULTS | _COUNT_WORDS | _FILLERS | _BOUNCE_KINDS


def asks_for_number_note(words: set[str]) -> bool:
    """Return whether a header asks for a remark on the number: `Phone note`, `Whose mobile?`."""
    is_note = not words.isdisjoint(PHONE_WORDS | {"number"}) and not words.isdisjoint(_NOTE_WORDS)
    return is_note and words <= PHONE_WORDS | _NOTE_WORDS | _FILLERS | {"number", "to"}
