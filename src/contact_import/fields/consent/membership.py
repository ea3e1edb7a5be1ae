"""Recognise headers about a place on a list or in a club, and its end: `On list`, `Left list on`, `Club status`.

The consent of a member may be inferred from the membership (Spam Act 2003, schedule 2), so its end makes it unclear.
"""

from collections.abc import Sequence

from contact_import.fields.consent.words import MOMENT_WORDS, PHONE_WORDS, SMS_WORDS, STATUS_SUBJECTS

_LIST_WORDS = frozenset("list lists".split())
_CLUB_WORDS = frozenset("club membership memberships member members".split())
_SMS_GROUPS = _LIST_WORDS | _CLUB_WORDS | frozenset("group groups loyalty vip".split())
_STATUS_WORDS = frozenset("status state standing".split())
_SUBSCRIPTION_WORDS = frozenset("subscriber subscription marketing list mailing audience".split())
_PRESENCE_WORDS = frozenset(
    "on in still is our the your to join joined add added member membership active mailing".split()
)
_MEMBER_WORDS, _NOW_WORDS = frozenset(("member", "members")), frozenset(("active", "current", "still"))
_DEPARTURE_WORDS = frozenset(
    "left leave leaving removed removal taken departed departure resigned resignation quit exit exited dropped lapsed "
    "former ex past cancelled canceled cancellation terminated termination".split()
)
_FILLERS = (
    MOMENT_WORDS
    | SMS_WORDS
    | frozenset(
        "from of off out the our your a is has was been mailing marketing contact reason for y n yes no".split()
    )
)

# Values of a column `Mailing list` that are no names of lists.
_LIST_STATES = frozenset(
    "active subscribed yes y true t 1 on current no n false f 0 off none never removed inactive bounced cleaned "
    "archived suspended unsubscribed pending unconfirmed cancelled canceled expired lapsed blocked invalid left quit "
    "resigned joined member opted in out".split()
)


def asks_for_list_state(header: Sequence[str], words: set[str]) -> bool:
    """Return whether a header asks whether the person is on the list: `Subscription status`, but not `Member status`.

    A `Subscription` alone may be a product.
    """
    if words.isdisjoint(_SUBSCRIPTION_WORDS) or words.isdisjoint(_STATUS_WORDS | {"subscriber"}) or len(header) < 2:
        return False
    return words - _STATUS_WORDS - {"is", "active"} <= STATUS_SUBJECTS | SMS_WORDS | PHONE_WORDS | _SUBSCRIPTION_WORDS


def asks_for_list_membership(words: set[str]) -> bool:
    """Return whether a header asks for a place on a list: `On mailing list?`, `On list`, `Text club`.

    A `Waiting list` is not one of people who get messages, and a `List` alone has names of lists.
    """
    is_of_sms = not words.isdisjoint(SMS_WORDS) and not words.isdisjoint(_SMS_GROUPS)
    is_presence = "list" in words and len(words) > 1 and words <= _PRESENCE_WORDS | {"list"}
    is_member = not words.isdisjoint(_MEMBER_WORDS) and not words.isdisjoint(_NOW_WORDS)
    return is_presence or is_of_sms or (is_member and words <= _MEMBER_WORDS | _NOW_WORDS | {"a", "is", "club"})


def answers_list_membership(header: Sequence[str], value: Sequence[str]) -> bool:
    """Return whether a value below `Mailing list` says who is on the list (`Removed`), instead of naming a list."""
    return asks_for_list_membership(set(header)) and _LIST_STATES.issuperset(value)


def asks_for_departure(words: set[str]) -> bool:
    """Return whether any value below a header means that the person left a list or club: `Left list on`."""
    subjects = _LIST_WORDS | _CLUB_WORDS
    if words.isdisjoint(_DEPARTURE_WORDS) or words.isdisjoint(subjects):
        return False
    return words <= _DEPARTURE_WORDS | subjects | _FILLERS


def asks_for_membership(words: set[str]) -> bool:
    """Return whether a header asks for the status of a membership: `Club status`, `Membership`."""
    has_status = not words.isdisjoint(_CLUB_WORDS) and not words.isdisjoint(_STATUS_WORDS)
    return words == {"membership"} or (has_status and words <= _CLUB_WORDS | _STATUS_WORDS | {"is", "current"})


def is_of_membership(words: set[str]) -> bool:
    """Return whether a header is about a membership, and not about SMS."""
    return not words.isdisjoint(_CLUB_WORDS) and words.isdisjoint(SMS_WORDS)
