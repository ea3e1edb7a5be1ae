"""Define the meanings that a column of a file, or a field of a delivery, can have."""

from enum import StrEnum


class Role(StrEnum):
    """A field of Cellcast's contacts, or a piece of such a field.

    The values are stored in import.json and submission.json, and mapping.json names fields by them.
    """

    PHONE = "phone_number"
    PHONE_TYPE = "phone_type"  # "Mobile", "Work Fax" beside a number: Google's `Phone 1 - Type`
    PHONE_COUNTRY = "phone_country"  # the calling code or country beside a number
    AREA_CODE = "area_code"  # beside a number that lacks it
    FIRST_NAME = "first_name"
    LAST_NAME = "last_name"
    FULL_NAME = "full_name"
    EMAIL = "email"
    BIRTHDAY = "birthday"
    BIRTH_YEAR = "birth_year"
    BIRTH_MONTH = "birth_month"
    BIRTH_DAY = "birth_day"
    POSTAL_CODE = "postal_code"
    ADDRESS = "address"  # one part of it; columns/address_columns orders the parts
    COUNTRY = "country"  # also a part of the address
    GENDER = "gender"
    TITLE = "title"  # Mr, Ms: a hint at the gender when the file has no gender column
    PURCHASE = "purchase"
    TAGS = "tags"
    LISTS = "list"
    CONSENT = "consent"  # yes: may be contacted by SMS
    OPT_OUT = "opt_out"  # yes: may not
    STATUS = "subscription_status"  # words: subscribed, unsubscribed, cleaned


NAME_ROLES = (Role.FIRST_NAME, Role.LAST_NAME, Role.FULL_NAME)
CONSENT_ROLES = (Role.CONSENT, Role.OPT_OUT, Role.STATUS)
LABEL_ROLES = (Role.TAGS, Role.LISTS)
