import pytest

from contact_import.ledger.local_cache import LocalCache


def test_what_is_kept_reads_back_by_its_key() -> None:
    cache = LocalCache()
    cache.save("a", b"1")
    cache.save("b", b"")
    cache.save("a", b"222")

    assert (cache.read("a"), cache.read("b"), cache.read("c")) == (b"222", b"", None)
    assert [cache.read(key) is not None for key in "abc"] == [True, True, False]


def test_a_full_disk_makes_it_forget(monkeypatch: pytest.MonkeyPatch) -> None:
    cache = LocalCache()
    cache.save("a", b"1")

    def full(*_: object) -> int:
        raise OSError

    monkeypatch.setattr("os.pwrite", full)
    cache.save("b", b"2")

    assert (cache.read("a"), cache.read("b")) == (b"1", None)


def test_without_a_disk_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> tuple[int, str]:
        raise OSError

    monkeypatch.setattr("tempfile.mkstemp", none)
    cache = LocalCache()
    cache.save("a", b"1")

    assert cache.read("a") is None
