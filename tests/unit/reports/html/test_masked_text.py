from contact_import.reports.html.masked_text import mask_cell, mask_sentence


def test_a_cell_is_masked_whole_and_a_sentence_only_where_it_names_someone() -> None:
    assert mask_cell("Ann Lee").shown == "A\u2022\u2022 \u2022\u2022\u2022"
    assert mask_sentence("0491 570 156 is not valid").shown.endswith(" is not valid")
    assert not mask_sentence("too short").is_masked


def test_the_full_text_has_no_hidden_characters_either() -> None:
    assert mask_cell("\u202egnp.exe").full == "[U+202E]gnp.exe"
