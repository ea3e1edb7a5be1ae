"""failed.csv uploaded again, as it is or corrected: Cellcast has what one perfect upload would have given it."""

import csv
import io
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import API_KEY, Importer

REFUSED = "0491 570 313"
HEADER = ("Name", "Mobile", "Birthday", "SMS consent", "Tags")


@dataclass(frozen=True)
class Person:
    """A row of the upload. `fixed` is the row as a person would correct it, None where there is nothing to correct."""

    cells: tuple[str, ...]
    fixed: tuple[str, ...] | None = None


def _build_people(kinds: list[str]) -> list[Person]:
    people: list[Person] = []
    for n, kind in enumerate(kinds):
        number, new = f"0400 100 {n:03}", f"0400 200 {n:03}"
        person = (f"{kind} Moss{n:03}".replace("0", "a").replace("1", "b"), number, "03/04/1990", "Yes", "")
        earlier = [one for one in people if one.cells[1].startswith("0")]
        match kind:
            case "Ann":
                people.append(Person((*person[:2], "12/25/1990", *person[3:4], "VIP; =x")))
            case "Short":
                people.append(Person((person[0], "0491 57", *person[2:]), (person[0], new, *person[2:])))
            case "Empty":
                people.append(Person(("=Zoë, " + person[0], "", *person[2:]), ("=Zoë, " + person[0], new, *person[2:])))
            case "Refused":
                people.append(Person((person[0], REFUSED, *person[2:]), (person[0], new, *person[2:])))
            case "No":
                said = (*person[:3], "no", "")
                people.append(Person(said, (*said[:3], "Yes", "")))
            case "Pending":
                people.append(Person((*person[:3], "Pending", ""), (*person[:3], "Yes", "")))
            case "Deceased":
                people.append(Person((person[0] + " DECEASED", *person[1:]), person))
            case _ if earlier:  # the number of an earlier row, whatever became of that
                same = (person[0], earlier[n % len(earlier)].cells[1].replace(" ", ""), *person[2:])
                people.append(Person(same, (person[0], new, *person[2:])))
    return people


KINDS = st.lists(
    st.sampled_from(["Ann", "Short", "Empty", "Refused", "No", "Pending", "Deceased", "Same", "Same", "Same"]),
    min_size=1,
    max_size=12,
)


@dataclass
class Upload:
    """The labels and settings of an upload."""

    header: tuple[str, ...] | None = HEADER
    preamble: str = ""
    key: str = "incoming/list=Newsletter, weekly/tag=June;VIP/june.csv"
    metadata: dict[str, str] = field(default_factory=dict)

    def write(self, rows: list[tuple[str, ...]]) -> str:
        out = io.StringIO(newline="")
        out.write(self.preamble)
        csv.writer(out).writerows([*([self.header] if self.header else []), *rows])
        return out.getvalue()


UPLOADS = [
    Upload(),
    Upload(None),
    Upload(preamble="Contacts of June\r\n\r\n"),
    Upload(("Wer", "Wohin", "Wann", "Darf", "Was"), metadata={
        "mapping": '{"Wer": "name", "Wohin": "phone_number", "Wann": "birthday", "Darf": "consent", "Was": "tags"}'
    }),
    Upload(("A%2C B", "Mobile", "Birthday", "SMS consent", "Tags"), metadata={"mapping": '{"A%2C B": "name"}'}),
]  # fmt: skip


def _correct(failed: str, people: list[Person], corrected: set[int], *, excel: bool) -> str:
    """Correct some lines of a failed.csv as a person would, perhaps in a spreadsheet."""
    header, *lines = csv.reader(io.StringIO(failed, newline=""))
    rows = {one.cells[0]: (index, one) for index, one in enumerate(people)}
    for line in lines:
        index, person = rows[line[0].removeprefix("'")]
        if index in corrected and person.fixed:
            for place, (old, new) in enumerate(zip(person.cells, person.fixed, strict=True)):
                if old != new:
                    line[place] = new
        if excel:
            line[1] = line[1].replace(" ", "").removeprefix("0")
            line[2] = line[2].replace("03/04/1990", "3/4/1990")
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";" if excel else ",").writerows([header, *lines])
    return out.getvalue()


def _list_union(importer: Importer) -> dict[str, tuple[Any, ...]]:
    """Return the contact of each number in Cellcast. Fail when a number was sent twice with different values."""
    union: dict[str, tuple[Any, ...]] = {}
    accepted = set(importer.sandbox.numbers)
    for request in importer.sandbox.log:
        for contact in request.contacts:
            number = contact["phone_number"]
            known = (tuple(sorted(contact.items())), tuple(sorted(request.tags)), tuple(sorted(request.lists)))
            if number in accepted:
                assert union.setdefault(number, known) == known, (number, union[number], known)
    return union


def _reset(importer: Importer) -> None:
    importer.sandbox.contacts.clear()
    importer.sandbox.log.clear()
    importer.sandbox.refused_numbers = frozenset({"+61" + REFUSED.replace(" ", "")[1:]})


def _import(importer: Importer, body: str, key: str, *, large: bool, **metadata: str) -> dict[str, Any]:
    upload = importer.upload(body.encode(), key, **metadata)
    return importer.run_large(upload) if large else importer.run(upload)


@pytest.mark.parametrize("large", [False, True], ids=["inline", "large"])
@settings(max_examples=10, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kinds=KINDS,
    corrected=st.sets(st.integers(0, 11)),
    upload=st.sampled_from(UPLOADS),
    excel=st.booleans(),
    is_denied=st.booleans(),
)
def test_the_union_is_that_of_one_perfect_upload(
    importer: Importer,
    *,
    large: bool,
    kinds: list[str],
    corrected: set[int],
    upload: Upload,
    excel: bool,
    is_denied: bool,
) -> None:
    people = _build_people(["Ann", *kinds])
    perfect = [one.fixed if index in corrected and one.fixed else one.cells for index, one in enumerate(people)]
    _reset(importer)
    _import(importer, upload.write(perfect), upload.key, large=large, **upload.metadata)
    expected = _list_union(importer)
    _reset(importer)

    importer.api_keys = ["denied"] if is_denied else [API_KEY]
    first = _import(importer, upload.write([one.cells for one in people]), upload.key, large=large, **upload.metadata)
    importer.api_keys = [API_KEY]
    failed = _correct(importer.read_report_file(first, "failed.csv"), people, corrected, excel=excel)
    second = _import(importer, failed, "incoming/failed.csv", large=large)

    assert _list_union(importer) == expected
    assert not [column for column in second["columns"] if column["header"].startswith("_")]
    _import(importer, failed, "incoming/failed again.csv", large=large)
    third = importer.read_report_file(second, "failed.csv")
    _import(importer, third, "incoming/third.csv", large=large)
    assert _list_union(importer) == expected
