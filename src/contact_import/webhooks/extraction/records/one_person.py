"""Choose the values of one person among those of a delivery, by the objects they are in and the prefixes of keys."""

from collections.abc import Iterable, Mapping, Sequence

from contact_import.columns.header_match import split_words
from contact_import.columns.records.owner import Standing, classify_key, classify_owner, settle_standing, split_owner
from contact_import.columns.records.owner_words import USER_WORDS
from contact_import.columns.records.subject import Record, choose_subject, find_lenders, is_same_person
from contact_import.domain.roles import NAME_ROLES, Role
from contact_import.webhooks.extraction.field_match import FieldMatch, resolve_alias
from contact_import.webhooks.extraction.json_value import normalize_key
from contact_import.webhooks.extraction.records.standing import build_record, classify_path

# The path of an object, and the prefix of a key in it: `agent` of `agent__phone`.
type RecordKey = tuple[tuple[str, ...], tuple[str, ...]]


def keep_one_person(matches: Sequence[FieldMatch]) -> tuple[list[FieldMatch], Standing]:
    """Return the values of the one person who is the contact, and that person's standing.

    Values that the sender maps are kept, and so are values that belong to no person, such as an address. Everything
    of another person is left out: `agent.phone` must not go in under the customer's name.
    """
    groups: dict[RecordKey, list[FieldMatch]] = {}
    for match in matches:
        groups.setdefault(find_record_key(match), []).append(match)
    records, subject = _choose(groups, bare_names=False)
    if subject and subject.standing is Standing.OTHER and not subject.names:
        # The only phone is another person's, without a name: {"name": …, "technician_phone": …}. The bare `name` is
        # then a person's too, so that the two are not joined.
        records, subject = _choose(groups, bare_names=True)
    own = [subject.key, *_list_lender_keys(subject, records)] if subject else []
    foreign = [record.key for record in records if record.key not in own and _names_anything(record, groups)]
    distant = [one.key for one in records if subject and subject.has_phone and _is_distant(one, subject)]
    kept_keys = [key for key in groups if key in own or not (key in foreign or _is_inside(key, foreign))]
    kept_keys.sort(key=lambda key: own.index(key) if key in own else len(own))
    kept = [match for key in kept_keys for match in groups[key] if match.role is not Role.PHONE or key not in distant]
    mapped = [match for match in matches if match.is_mapped and find_record_key(match) not in kept_keys]
    of_no_one = Standing.OTHER if any(record.is_person for record in records) else Standing.MAIN
    return [*kept, *mapped], subject.standing if subject else of_no_one


def _choose(
    groups: Mapping[RecordKey, Sequence[FieldMatch]], *, bare_names: bool
) -> tuple[list[Record[RecordKey]], Record[RecordKey] | None]:
    """Return the records and the one that is the contact. `bare_names` says whether a mere `name` is a person's."""
    built = [_build_record(key, group, bare_names=bare_names) for key, group in groups.items()]
    records = _demote_inner_people(built)
    return records, _find_mapped_subject(records, groups) or choose_subject(records)


def _find_mapped_subject(
    records: Sequence[Record[RecordKey]], groups: Mapping[RecordKey, Sequence[FieldMatch]]
) -> Record[RecordKey] | None:
    """Return the record with a name whose phone the sender maps: the sender says that its owner is the contact."""
    for record in records:
        phones = [match for match in groups[record.key] if match.role is Role.PHONE and match.is_mapped]
        if record.names and phones:
            return record
    return None


def _is_distant(record: Record[RecordKey], subject: Record[RecordKey]) -> bool:
    """Return whether a record without a name is in another part of the delivery: the number of a `channel`."""
    path = record.key[0]
    return not (record.names or record.emails or subject.key[0][: len(path)] == path)


def _list_lender_keys(subject: Record[RecordKey], records: Sequence[Record[RecordKey]]) -> list[RecordKey]:
    # Of several names, one with an e-mail address beside it is more reliable than the display name of a caller.
    near = sorted(
        records,
        key=lambda record: (-_count_common(record.key, subject.key), not (record.names and record.emails)),
    )
    return [record.key for record in find_lenders(subject, near)]


def _demote_inner_people(records: Sequence[Record[RecordKey]]) -> list[Record[RecordKey]]:
    """Return the records; a person inside another person's object is another person, unless a key says who it is."""
    named = [record for record in records if record.names and record.standing < Standing.OTHER and not record.key[1]]
    return [
        record._replace(standing=Standing.OTHER)
        if record.standing is Standing.MAIN
        and record.names
        and any(
            one is not record and _is_inside(record.key, [one.key]) and not is_same_person(one, record) for one in named
        )
        else record
        for record in records
    ]


def find_record_key(match: FieldMatch) -> RecordKey:
    """Return the object that a value belongs to, and the owner that its label names."""
    owner = split_owner(match.value.label).owner
    if classify_owner(owner) is Standing.OTHER:
        owner = split_owner(resolve_alias(match.value.label)).owner
    if USER_WORDS.issuperset(owner) and any(not split_owner(name).owner for name in match.value.names):
        owner = ()  # Google's lead forms call their field PHONE_NUMBER `User Phone`
    path = match.value.record
    return _drop_frames(path, len(match.value.owner)), () if classify_owner(owner) is Standing.MAIN else owner


def _drop_frames(path: tuple[str, ...], start: int) -> tuple[str, ...]:
    """Return the path up to its last owner: `user` of `user.custom_fields`, whose fields are the user's."""
    owned = [index for index in range(start, len(path)) if classify_key(path[index]) is not Standing.MAIN]
    return path[: owned[-1] + 1] if owned else path


def _build_record(key: RecordKey, matches: Sequence[FieldMatch], *, bare_names: bool) -> Record[RecordKey]:
    path, owner = key
    start = len(matches[0].value.owner)
    standing = max(classify_path(path[start:]), classify_owner(owner)) if owner else classify_path(path[start:])
    is_reached = any(match.role in (Role.PHONE, Role.EMAIL) for match in matches)
    is_person = bare_names or is_reached or standing not in (Standing.MAIN, Standing.OTHER)
    is_named = any(match.role in NAME_ROLES for match in matches)
    if standing is Standing.RESPONSIBLE and not is_named:
        standing = Standing.OTHER  # `Mother's mobile` on a form about her child
    owner = owner or split_words(path[-1] if path else "")
    return build_record(
        key,
        settle_standing(
            standing, owner, is_named=is_named, has_email=any(match.role is Role.EMAIL for match in matches)
        ),
        ((match.role, match.value.text) for match in matches if is_person or not _is_bare_name(match)),
    )


def _names_anything(record: Record[RecordKey], groups: dict[RecordKey, list[FieldMatch]]) -> bool:
    """Return whether a record is a person, or a thing with a name: the `resource` of a booking."""
    return record.is_person or (
        record.standing is Standing.OTHER and any(match.role in NAME_ROLES for match in groups[record.key])
    )


def _is_bare_name(match: FieldMatch) -> bool:
    return match.role in NAME_ROLES and normalize_key(match.value.label) in ("name", "displayname")


def _count_common(one: RecordKey, other: RecordKey) -> int:
    return next(
        (index for index, (a, b) in enumerate(zip(one[0], other[0], strict=False)) if a != b),
        min(len(one[0]), len(other[0])),
    )


def _is_inside(key: RecordKey, foreign: Iterable[RecordKey]) -> bool:
    return any(path and key[0][: len(path)] == path and not owner for path, owner in foreign)
