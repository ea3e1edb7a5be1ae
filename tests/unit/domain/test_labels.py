from contact_import.domain.labels import Labels, parse_key_labels, parse_metadata_labels


def test_folders_name_lists_and_tags() -> None:
    labels = parse_key_labels("incoming/list=News letter/tag=VIP/TAG=Perth/list=/june.csv")

    assert labels == Labels(tags=("VIP", "Perth"), lists=("News letter",))


def test_a_file_name_is_no_label() -> None:
    assert parse_key_labels("incoming/list=June.csv") == Labels()


def test_metadata_is_split_at_commas_and_decoded() -> None:
    labels = parse_metadata_labels({"tags": "VIP, Z%C3%BCrich,VIP", "list": "Smith%2C Jones"})

    assert labels == Labels(tags=("VIP", "Zürich"), lists=("Smith, Jones",))


def test_joined_labels_have_each_name_once() -> None:
    assert Labels(("a", "b")) + Labels(("b", "c"), ("l",)) == Labels(("a", "b", "c"), ("l",))
