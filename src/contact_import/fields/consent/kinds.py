"""Define the kinds of questions that headers about consent ask."""

from enum import StrEnum

from contact_import.domain.roles import Role


class ConsentKind(StrEnum):
    """The kind of question that a header asks, which decides how the values below it are read."""

    CONSENT = "consent"  # "Accepts SMS marketing": only a clear yes is one
    OPT_OUT = "opt_out"  # "Unsubscribed": whatever is filled in is a no, unless it says the opposite
    STATUS = "status"  # words: subscribed, unsubscribed, cleaned, or something that is not about SMS at all
    PREFERENCE = "preference"  # `SMS reminders ok?`, `Consent level`: a no counts, and a yes means something else
    STATE = "state"  # `Subscription status`, `Phone status`: what is not clearly good is unclear
    EXPIRY = "expiry"  # `Consent valid until`: a day that has passed is a no
    LOOKUP = "lookup"  # `Lookup status`: a state in which 0 is a code for no fault
    MEMBERSHIP = "membership"  # `Club status`: a word for the end of a membership is unclear
    FAULT_COUNT = "fault_count"  # `Number of SMS failed`: more than a few are unclear
    NUMBER_NOTE = "number_note"  # `Phone note`, `Whose mobile?`: a remark on the number
    HINT = "hint"  # a header that names SMS in unknown words: a no below it is unclear


_ROLES = {ConsentKind.CONSENT: Role.CONSENT, ConsentKind.OPT_OUT: Role.OPT_OUT}
ROLE_BY_CONSENT_KIND = {kind: _ROLES.get(kind, Role.STATUS) for kind in ConsentKind}
