"""Describe Formbricks: answers by the ids of their questions.

The answer to some types of question is a bare array in a fixed order.
"""

from contact_import.webhooks.provider import Provider

PROVIDER = Provider(
    "Formbricks",
    answer_parts={
        "contactinfo": ("first name", "last name", "email", "phone", "company"),
        "address": ("address line 1", "address line 2", "city", "state", "postcode", "country"),
    },
)
