"""All that is told of one person: what each value is taken for, the better evidence first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from contact_import.columns.detect import arrange
from contact_import.columns.header_match import is_decoy, is_for_calls, is_second_hand, phone_rank, words_of
from contact_import.columns.header_names import Role
from contact_import.columns.value_types import Look, look_of
from contact_import.domain.person import Detail
from contact_import.webhooks.extraction.field_match import NAMES, REGION, SOMEBODY_ELSE, Clue, OwnMapping, clue_of
from contact_import.webhooks.extraction.flatten import Field
from contact_import.webhooks.extraction.form_answers import folded

_PLACES = (Role.ADDRESS, Role.COUNTRY)
_PERSONS = frozenset(
    "contact customer person lead subscriber member attendee client user profile traits sender billing shipping "
    "billingaddress invitee guest patient student donor current respondent submitter".split()
)


def details_of(fields: Sequence[Field], mapping: Mapping[str, str | None]) -> tuple[Detail, ...]:
    """Details with the better evidence first, those without a meaning last. `mapping` beats every other evidence."""
    ours = OwnMapping(mapping)
    clues = [clue for field in fields if (clue := clue_of(field, ours)) is not None]
    told = {clue.role for clue in clues if clue.strength == 0 and clue.role}
    clues = [clue for clue in clues if clue.strength == 0 or clue.role not in told]
    clues = _with_a_guess(clues, told)
    clues = [_whole_name(clue) for clue in clues]
    clues.sort(key=_rank)
    clues = _without_others_phones(_of_one_name(clues), clues)
    return _arranged(clues)


def _with_a_guess(clues: list[Clue], told: Iterable[Role]) -> list[Clue]:
    """A phone and an e-mail address by their looks alone, where nothing says which and there is only one."""
    for role, look in ((Role.PHONE, Look.MOBILE), (Role.EMAIL, Look.EMAIL)):
        if role in told or any(clue.role is role for clue in clues):
            continue
        found = [clue for clue in clues if clue.role is None and _may_be(clue, look)]
        if len({clue.field.value for clue in found}) == 1:
            clues = [replace(clue, role=role, strength=3) if clue is found[0] else clue for clue in clues]
    return clues


def _may_be(clue: Clue, look: Look) -> bool:
    names = (*clue.field.names, *clue.field.parents[-1:])
    if clue.strength == 0 or any(SOMEBODY_ELSE & set(words_of(name)) for name in names):
        return False
    asked = look is Look.MOBILE and any(is_for_calls(name) for name in clue.field.names if name.strip())
    if not asked and any(is_decoy(name) or folded(name).endswith(("ids", "id")) for name in clue.field.names):
        return False
    if look is Look.EMAIL and " " in clue.field.value.strip():
        return False  # an address in a message may be anybody's
    # 412345678 is more often an id than a mobile without its zero.
    return look_of(clue.field.value, REGION) is look and (look is Look.EMAIL or clue.field.value.lstrip()[0] in "+0(")


def _rank(clue: Clue) -> tuple[object, ...]:
    field = clue.field
    second = is_second_hand(clue.header) or bool({"user", "author"} & set(words_of(" ".join(field.parents))))
    by_kind = phone_rank(clue.header) if clue.role is Role.PHONE else 0
    return clue.strength != 0, second, not field.primary, clue.strength, by_kind


def _of_one_name(clues: list[Clue]) -> list[Clue]:
    """First and last name from the same place: the one with the person's number, else the first."""
    held = [clue for clue in clues if clue.role in NAMES]
    if not held:
        return clues
    reachable = [clue.field.record for clue in clues if clue.role in (Role.PHONE, Role.EMAIL)]
    best = min(held, key=lambda clue: (clue.strength != 0, _is_bare(clue), clue.field.record not in reachable[:1]))
    kept: list[Clue] = []
    if not _is_bare(best) or _is_a_persons(best.field.record, reachable):
        kept = [clue for clue in held if _seat(clue) == _seat(best) or clue.strength == 0]
    if len(roles := {clue.role for clue in kept}) == 1 and Role.FULL_NAME not in roles:  # the other half stands apart
        kept += [clue for clue in held if clue.role not in (*roles, Role.FULL_NAME)]
    chosen = {id(clue) for clue in kept}
    halves = _halved(kept)
    return [halves.get(id(clue), clue) for clue in clues if clue.role not in NAMES or id(clue) in chosen]


def _without_others_phones(clues: list[Clue], before: Sequence[Clue]) -> list[Clue]:
    """A parcel for somebody of another name goes to another phone."""
    mine = {word for clue in clues if clue.role in NAMES for word in words_of(clue.field.value)}
    theirs: dict[object, set[str]] = {}
    for clue in before:
        if clue.role in NAMES and is_second_hand(clue.header):
            theirs.setdefault(clue.field.record, set()).update(words_of(clue.field.value))
    others = {record for record, words in theirs.items() if mine and not mine & words}
    return [
        one
        for one in clues
        if one.role is not Role.PHONE or not (is_second_hand(one.header) and one.field.record in others)
    ]


def _halved(kept: Sequence[Clue]) -> dict[int, Clue]:
    """A `name` beside one half of it: the other half, unless it is the whole again."""
    first, last, full = ([clue for clue in kept if clue.role is role] for role in NAMES)
    if not full or bool(first) == bool(last):
        return {}
    half, other = (first[0], Role.LAST_NAME) if first else (last[0], Role.FIRST_NAME)
    whole = full[0].field.value.casefold()
    if half.field.value.casefold().strip() in whole:
        return {id(half): replace(half, role=None)} if " " in whole.strip() else {}
    return {id(full[0]): replace(full[0], role=other)}


def _whole_name(clue: Clue) -> Clue:
    """`Nome` alone may be the whole of it."""
    is_nome = clue.role is Role.FIRST_NAME and words_of(clue.field.label)[-1:] in (("nome",), ("nombre",))
    return replace(clue, role=Role.FULL_NAME) if is_nome and " " in clue.field.value.strip() else clue


def _seat(clue: Clue) -> tuple[object, ...]:
    return clue.field.record, () if clue.field.kind else clue.field.parents


def _is_bare(clue: Clue) -> bool:
    """Whether it says `name` only, which forms, lists and events have too."""
    return folded(clue.field.label) in ("name", "displayname") and not clue.field.kind


def _is_a_persons(record: tuple[str, ...], reachable: Sequence[tuple[str, ...]]) -> bool:
    """Whether the `name` of an object is a person's: one that can be reached there, or an object that says so."""
    if record in reachable or (record and folded(record[-1]) in _PERSONS):
        return True
    return bool(reachable) and not any(other[: len(record)] == record for other in reachable)


def _without_codes(clues: Sequence[Clue]) -> list[Clue]:
    """`province_code` beside `province`, `country_name` beside `country`: the same thing once."""
    places = {(clue.field.parents, folded(clue.field.label)) for clue in clues if clue.role in _PLACES}
    return [clue for clue in clues if clue.role not in _PLACES or not places & set(_bases(clue.field))]


def _bases(field: Field) -> Iterator[tuple[tuple[str, ...], str]]:
    *front, last = words_of(field.label) or ("",)
    if front and last in ("code", "name", "abbreviation", "iso"):
        yield field.parents, "".join(front)


def _arranged(clues: Sequence[Clue]) -> tuple[Detail, ...]:
    clues = _without_codes(clues)
    places = arrange([clue.header for clue in clues], [clue.role for clue in clues], lambda _: 1)
    phones = [index for index, clue in enumerate(clues) if clue.role is Role.PHONE]
    order = dict(places) | ({Role.PHONE: tuple(phones)} if phones else {})
    country = order.get(Role.COUNTRY, ())
    details = [
        Detail(clues[index].field.label, role, clues[index].field.value)
        for role, indexes in order.items()
        for index in indexes
        if role is not Role.ADDRESS or index not in country
    ]
    used = {index for indexes in order.values() for index in indexes}
    rest = [clue.field for index, clue in enumerate(clues) if index not in used]
    return (*details, *(Detail(field.label, None, field.value) for field in rest))
