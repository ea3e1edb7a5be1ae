from contact_import.contacts.validate import Contact
from contact_import.domain.labels import Labels
from contact_import.domain.row import Row
from contact_import.sending.batches import Batch
from contact_import.sending.merged import SubmissionBatchRef, group_batches

NEWS, SHOP = Labels(lists=("News",)), Labels(tags=("Shop",))


def _piece(name: str, *phones: str, labels: Labels = NEWS) -> SubmissionBatchRef:
    contacts = tuple(
        Contact(Row(number, ()), ("", "", phone, *[""] * 6), labels) for number, phone in enumerate(phones, start=1)
    )
    return SubmissionBatchRef(name, Batch(1, 1, labels, contacts))


def _names(pieces: list[SubmissionBatchRef], most: int) -> list[str]:
    return sorted("".join(piece.import_id for piece in bundle) for bundle in group_batches(pieces, most))


def test_pieces_with_equal_labels_go_together_up_to_the_size_of_a_request() -> None:
    pieces = [_piece(name, f"+{n}") for n, name in enumerate("abcde")] + [_piece("x", "+9", labels=SHOP)]

    assert _names(pieces, 2) == ["ab", "cd", "e", "x"]
    assert _names(pieces, 400) == ["abcde", "x"]


def test_pieces_that_share_a_number_stay_together_whatever_their_labels_and_the_bound() -> None:
    pieces = [
        _piece("a", "+1"),
        _piece("b", "+2", labels=SHOP),
        _piece("c", "+3"),
        _piece("d", "+2", "+1", labels=SHOP),
        _piece("e", "+1"),
    ]

    assert _names(pieces, 1) == ["abde", "c"]


def test_every_piece_is_in_one_bundle_also_one_without_contacts() -> None:
    pieces = [_piece(name, *(f"+{n % 3}" for n in range(size))) for size, name in enumerate("abcdefgh")]

    assert sorted("".join(_names(pieces, 4))) == list("abcdefgh")


def test_nothing_is_no_bundle() -> None:
    assert list(group_batches([], 400)) == []
