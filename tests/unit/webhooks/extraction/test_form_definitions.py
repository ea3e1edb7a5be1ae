"""Titles and types of fields that stand beside the answers."""

import json

from contact_import.webhooks.extraction.form_definitions import FieldDefinitions, find_definitions
from contact_import.webhooks.extraction.json_value import parse_json


def test_a_definition_gives_an_id_its_title_and_type() -> None:
    form = {"fields": [{"id": "KoJx", "ref": "who", "title": "Your mobile", "type": "phone_number"}]}
    definitions = find_definitions(parse_json(json.dumps({"form_response": {"definition": form}})))

    assert definitions.describe(("KoJx",), "") == (("Your mobile", "KoJx"), "phone_number")
    assert definitions.describe(("who",), "tel") == (("Your mobile", "who"), "tel")
    assert definitions.describe(("x",), "", ("who",)) == (("Your mobile", "x"), "phone_number")
    assert definitions.describe(("other",), "text") == (("other",), "text")


def test_wufoos_structure_is_json_in_a_text_and_parts_of_a_field_get_its_title() -> None:
    parts = [{"ID": "Field1", "Label": "First"}, {"ID": "Field2", "Label": "Last"}]
    structure = {"Fields": [{"Title": "Name", "Type": "shortname", "SubFields": parts, "ID": "Field1"}]}
    definitions = find_definitions({"Field1": "Ada", "FieldStructure": json.dumps(structure)})

    assert definitions.fields["Field1"] == ("Name First", "shortname")
    assert definitions.fields["Field2"] == ("Name Last", "shortname")


def test_answers_among_the_questions_define_nothing() -> None:
    assert find_definitions({"questions": [{"id": "a", "name": "Mobile", "value": "0491 570 006"}]}).fields == {}
    assert find_definitions(["definition"]) == FieldDefinitions({})
