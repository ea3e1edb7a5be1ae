"""The state of inference."""

from collections import Counter

from contact_import.columns.inferred_roles import InferredRoles
from contact_import.columns.value_types import ColumnProfile, ValueType
from contact_import.domain.outcomes import RowWarning
from contact_import.domain.roles import Role


def _roles() -> InferredRoles:
    profiles = [
        ColumnProfile(Counter({ValueType.WORD: 2})),
        ColumnProfile(Counter({ValueType.EMAIL: 1})),
        ColumnProfile(),
    ]
    return InferredRoles(["A", "B", "C"], profiles, [Role.PHONE, Role.EMAIL, Role.PHONE])


def test_a_new_role_comes_with_one_warning_however_many_columns_get_it() -> None:
    inferred = _roles()

    inferred.set_role(0, None, "phone_number", "why")
    inferred.set_role(2, None, "phone_number", "why")

    assert inferred.find_indexes(Role.PHONE) == []
    assert list(inferred.warnings) == [RowWarning("phone_number", "why")]


def test_a_role_is_matched_when_one_of_its_columns_holds_such_values() -> None:
    inferred = _roles()

    assert inferred.find_indexes(Role.PHONE) == [0, 2]
    assert inferred.has_matching_column(Role.EMAIL, ValueType.EMAIL)
    assert not inferred.has_matching_column(Role.PHONE, ValueType.MOBILE, ValueType.PHONE)
