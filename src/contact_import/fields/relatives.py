"""List the words for the people around a contact: a phone or a remark beside one of them is that person's."""

# A parent or guardian may be the contact of a list: `columns.records.owner_words` decides that.
FAMILY_WORDS = frozenset(
    "spouse husband wife partner fiance fiancee boyfriend girlfriend mother mum mummy mom mommy father dad daddy "
    "parent guardian stepmother stepfather grandmother grandma nanna nana granny grandfather grandpa grandparent son "
    "daughter child kid baby stepson stepdaughter grandson granddaughter grandchild brother sister sibling aunt aunty "
    "auntie uncle niece nephew cousin".split()
)
_COMPANION_WORDS = frozenset("carer caregiver nanny babysitter friend neighbour neighbor flatmate housemate".split())
_PLURALS = frozenset(f"{word}s" for word in FAMILY_WORDS | _COMPANION_WORDS) | {"wives", "children", "grandchildren"}
# `nan` is not in it, although it is a grandmother: programs write it for an empty value.
RELATIVE_WORDS = FAMILY_WORDS | _COMPANION_WORDS | _PLURALS | {"relative", "kin", "nok"}
