import pytest

from contact_import.ledger.local_cache import LocalCache


def test_what_is_kept_reads_back_by_its_key() -> None:
    spool = LocalCache()
    spool.save("a", b"1")
    spool.save("b", b"")
    spool.save("a", b"222")

    assert (spool.read("a"), spool.read("b"), spool.read("c")) == (b"222", b"", None)
    assert [key in spool for key in "abc"] == [True, True, False]


def test_a_full_disk_makes_it_forget(monkeypatch: pytest.MonkeyPatch) -> None:
    spool = LocalCache()
    spool.save("a", b"1")

    def full(*_: object) -> int:
        raise OSError

    monkeypatch.setattr("os.pwrite", full)
    spool.save("b", b"2")

    assert (spool.read("a"), spool.read("b")) == (b"1", None)


def test_without_a_disk_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> tuple[int, str]:
        raise OSError

    monkeypatch.setattr("tempfile.mkstemp", none)
    spool = LocalCache()
    spool.save("a", b"1")

    assert spool.read("a") is None
