"""The pages of the sandbox's opt-out list and contacts."""

from typing import Any

from local.sandbox.queries import ACCOUNT, CONTACTS, OPT_OUTS, build_query_response

NUMBERS = [f"6149157000{n}" for n in range(5)]
PEOPLE = [{"phone_number": f"+{number}", "tags": ["VIP"]} for number in NUMBERS]


def _ask(path: str) -> Any:
    return build_query_response(path, "Sandbox", NUMBERS, PEOPLE)


def test_the_pages_of_the_opt_out_list_have_every_number_once() -> None:
    pages = [_ask(f"{OPT_OUTS}?page={page}&size=2")["data"] for page in (1, 2, 3)]

    assert [one["number"] for page in pages for one in page["data"]] == NUMBERS
    assert [page["nextPage"] for page in pages] == [2, 3, None]


def test_contacts_are_found_by_their_tag() -> None:
    first, last = (_ask(f"{CONTACTS}?tagName=VIP&page={page}&limit=3")["data"] for page in (1, 2))

    assert [len(page["items"]) for page in (first, last)] == [3, 2]
    assert (first["next"], last["next"]) == (2, None)
    assert _ask(f"{CONTACTS}?tagName=Other&page=1&limit=3")["data"]["items"] == []


def test_the_account_has_its_name_and_another_path_no_response() -> None:
    assert _ask(ACCOUNT)["data"]["account_name"] == "Sandbox"
    assert _ask("/api/v1/other") is None
