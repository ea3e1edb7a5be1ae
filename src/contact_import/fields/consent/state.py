"""Recognise headers about the state of a subscription or a number, and the values below them that are good.

An undeliverable number is not sent, and neither is a person who is no longer on the list. The words for these are
endless (`cleaned`, `suspended`, `ported out`): so only good states are listed, and any other is unclear.
"""

from collections.abc import Sequence

from contact_import.fields.consent.words import (
    HOME_AND_WORK_WORDS,
    MOMENT_WORDS,
    NUMBER_WORDS,
    PHONE_WORDS,
    SMS_WORDS,
    STATUS_SUBJECTS,
)

_LIST_WORDS = frozenset("subscriber subscription marketing list mailing audience".split())
_STATE_WORDS = frozenset("status state".split())
_LINE_WORDS = PHONE_WORDS | frozenset("number numbers telephone tel hlr line".split())
_VALIDITY_WORDS = frozenset(
    "valid validity validation validated deliverable deliverability status result lookup check active enabled working "
    "connected reachable usable ok okay capable textable contactable".split()
)
_FAULT_WORDS = frozenset(
    "invalid wrong bad disconnected undeliverable unreachable bounce bounced dead failed incorrect error errors "
    "incapable unable".split()
)
_MEMBERSHIP_WORDS = frozenset("mailing list on in to our the is join joined add added member subscriber".split())
_CLUB_WORDS = frozenset("list lists club group groups member members loyalty vip".split())
_DELIVERY_WORDS = frozenset("delivery last latest send sending dlr".split())
_LINE_FILLERS = frozenset("is has my primary main contact flag a yes y n any".split())
# States that do not say that anything is wrong. Words beside them must be listed too: `Active, in arrears` is unclear.
_GOOD_STATES = frozenset(
    "active subscribed subscriber optin optedin yes y true t 1 on ok okay valid validated verified confirmed sent "
    "received read success successful deliverable delivered reachable working connected live good correct current "
    "enabled accepted granted approved clean mobile cell cellular primary main default preferred trial trialing "
    "paid renewed marketing contact customer member single double explicit express consent consented and to is "
    "still currently fully".split()
)
SUBSCRIBED_STATES = frozenset("subscribed optin optedin".split())
# Values of a column `Mailing list` that are no names of lists.
LIST_STATES = frozenset(
    "active subscribed yes y true t 1 on current no n false f 0 off none never removed inactive bounced cleaned "
    "archived suspended unsubscribed pending unconfirmed cancelled canceled expired lapsed blocked invalid".split()
)


def asks_for_list_state(header: Sequence[str], words: set[str]) -> bool:
    """Return whether a header asks whether the person is on the list: `Subscription status`, but not `Member status`.

    A `Subscription` alone may be a product.
    """
    if words.isdisjoint(_LIST_WORDS) or words.isdisjoint(_STATE_WORDS | {"subscriber"}) or len(header) < 2:
        return False
    return words - _STATE_WORDS - {"is", "active"} <= STATUS_SUBJECTS | SMS_WORDS | PHONE_WORDS | _LIST_WORDS


def asks_for_list_membership(words: set[str]) -> bool:
    """Return whether a header asks for a place on a list: `On mailing list?`, `Join our mailing list`, `Text club`."""
    is_of_sms = not words.isdisjoint(SMS_WORDS) and not words.isdisjoint(_CLUB_WORDS)
    return {"mailing", "list"} <= words <= _MEMBERSHIP_WORDS or is_of_sms


def asks_for_number_state(words: set[str]) -> bool:
    """Return whether a header asks for the state of the contact's mobile: `Phone status`, `Valid mobile`.

    A `Home phone status` is about a number that is rarely sent, and a `Phone type` is no state.
    """
    if words in ({"hlr"}, {"textable"}, {"is", "textable"}) or words >= {"can", "be", "texted"}:
        return True
    if words.isdisjoint(_LINE_WORDS) or words.isdisjoint(_VALIDITY_WORDS - {"check", "lookup"}):
        return False
    rest = words - _LINE_WORDS - _VALIDITY_WORDS - _LINE_FILLERS - SMS_WORDS
    return words.isdisjoint(HOME_AND_WORK_WORDS) and all(map(str.isdecimal, rest))


def asks_for_delivery(words: set[str]) -> bool:
    """Return whether a header asks for the outcome of the last SMS: `SMS delivery status`."""
    is_message = not words.isdisjoint(SMS_WORDS) and not words.isdisjoint(_DELIVERY_WORDS)
    return is_message and not words.isdisjoint({"status", "result"})


def asks_for_number_fault(words: set[str]) -> bool:
    """Return whether any value below a header means an unusable number: `Wrong number`, `SMS undeliverable`."""
    if words - _LINE_FILLERS - MOMENT_WORDS in ({"bounced"}, {"undeliverable"}, {"sms", "not", "delivered"}):
        return True
    if words.isdisjoint(_FAULT_WORDS) or words.isdisjoint(_LINE_WORDS | SMS_WORDS):
        return False
    rest = (
        words
        - _FAULT_WORDS
        - _LINE_WORDS
        - _LINE_FILLERS
        - SMS_WORDS
        - MOMENT_WORDS
        - {"reason", "code"}
        - NUMBER_WORDS
    )
    return all(map(str.isdecimal, rest))


def is_good_state(words: Sequence[str]) -> bool:
    """Return whether all words of a state are good ones: `Active`, `Subscribed (double opt-in)`."""
    return bool(words) and all(word in _GOOD_STATES for word in words)
