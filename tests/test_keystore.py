"""The key store: one key a person, on disk before use, gone for good when forgotten, damage noticed."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from onrecord_services.keystore import SLOT_BYTES, GarbledSlot, KeyStore, NoSuchKey
from onrecord_services.quarantine import Quarantine, Unreadable


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    store = KeyStore.open(tmp_path / "keys", "acme")
    yield store
    store.close()


def file_of(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "acme.keys"


def test_a_person_has_one_key_for_ever_and_another_has_another(keys: KeyStore, tmp_path: Path) -> None:
    first = keys.keys_of(["wang", "li"])
    assert keys.keys_of(["wang"])["wang"] == first["wang"]
    assert first["wang"].secret != first["li"].secret
    assert len(first["wang"].secret) == 32
    again = KeyStore.open(tmp_path / "keys", "acme")
    assert again.key(first["wang"].id) == first["wang"].secret
    assert again.index_key == keys.index_key
    again.close()


def test_the_file_names_nobody_and_only_its_owner_reads_it(keys: KeyStore, tmp_path: Path) -> None:
    keys.keys_of(["wang"])
    assert b"wang" not in file_of(tmp_path).read_bytes()
    assert stat.S_IMODE(file_of(tmp_path).stat().st_mode) == 0o600
    assert file_of(tmp_path).stat().st_size == 3 * SLOT_BYTES


def test_a_new_key_is_synced_before_it_is_given_out(
    keys: KeyStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    real = os.fsync

    def watched(file: int) -> None:
        sizes.append(file_of(tmp_path).stat().st_size)
        real(file)

    monkeypatch.setattr(os, "fsync", watched)
    keys.keys_of([f"person-{n}" for n in range(50)])
    keys.keys_of([f"person-{n}" for n in range(50)])
    assert sizes == [52 * SLOT_BYTES]


def test_a_forgotten_key_is_nowhere_on_disk_nor_in_another_process_memory(
    keys: KeyStore, tmp_path: Path
) -> None:
    reader = KeyStore.open(tmp_path / "keys", "acme")
    wang = keys.keys_of(["wang", "li"])["wang"]
    assert reader.key(wang.id) == wang.secret
    assert keys.forget(wang.id)
    assert wang.secret not in file_of(tmp_path).read_bytes()
    with pytest.raises(NoSuchKey):
        reader.key(wang.id)
    assert not keys.forget(wang.id)
    reader.close()


def test_who_comes_back_after_being_forgotten_gets_a_new_key(keys: KeyStore, tmp_path: Path) -> None:
    before = keys.keys_of(["wang"])["wang"]
    keys.forget(before.id)
    after = keys.keys_of(["wang"])["wang"]
    assert after.id == before.id
    assert after.secret != before.secret
    again = KeyStore.open(tmp_path / "keys", "acme")
    assert again.key(after.id) == after.secret
    again.close()


def test_two_writers_give_one_person_one_key(keys: KeyStore, tmp_path: Path) -> None:
    other = KeyStore.open(tmp_path / "keys", "acme")
    ours = keys.keys_of(["wang", "li"])
    theirs = other.keys_of(["li", "zhao", "wang"])
    assert theirs["wang"] == ours["wang"]
    assert theirs["li"] == ours["li"]
    assert keys.keys_of(["zhao"])["zhao"] == theirs["zhao"]
    other.close()


@pytest.mark.parametrize("at", [0, 3, 19, 40, 60, 100, 127])
def test_a_flipped_bit_in_any_part_of_a_slot_is_noticed(keys: KeyStore, tmp_path: Path, at: int) -> None:
    keys.keys_of(["wang", "li"])
    raw = bytearray(file_of(tmp_path).read_bytes())
    raw[2 * SLOT_BYTES + at] ^= 1
    file_of(tmp_path).write_bytes(raw)
    with pytest.raises(GarbledSlot, match="tenant acme: slot 2 is damaged"):
        KeyStore.open(tmp_path / "keys", "acme")


def test_a_slot_cut_off_by_a_power_cut_was_never_used_and_is_written_over(
    keys: KeyStore, tmp_path: Path
) -> None:
    wang = keys.keys_of(["wang"])["wang"]
    with file_of(tmp_path).open("ab") as file:
        file.write(b"LIVE" + bytes(40))
    again = KeyStore.open(tmp_path / "keys", "acme")
    li = again.keys_of(["li"])["li"]
    assert (again.key(wang.id), again.key(li.id)) == (wang.secret, li.secret)
    again.close()
    assert file_of(tmp_path).stat().st_size == 4 * SLOT_BYTES


def test_a_file_that_shrank_under_us_is_noticed(keys: KeyStore, tmp_path: Path) -> None:
    keys.keys_of(["wang"])
    os.truncate(file_of(tmp_path), 2 * SLOT_BYTES)
    with pytest.raises(GarbledSlot):
        keys.keys_of(["li"])


def test_quarantine_keeps_what_it_says_sealed_and_whole(tmp_path: Path) -> None:
    kept = Quarantine(tmp_path, "acme", b"k" * 32)
    assert kept.keep("ab" * 32, "王小明 13912345678".encode())
    (file,) = (tmp_path / "acme").iterdir()
    assert b"13912345678" not in file.read_bytes()
    assert kept.open("ab" * 32).decode() == "王小明 13912345678"
    with pytest.raises(Unreadable):
        Quarantine(tmp_path, "acme", b"x" * 32).open("ab" * 32)


def test_a_full_quarantine_or_disk_keeps_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = Quarantine(tmp_path, "acme", b"k" * 32, bytes_max=100)
    assert kept.keep("01" * 32, b"x" * 60)
    assert not kept.keep("02" * 32, b"x" * 60)
    assert kept.keep("01" * 32, b"x" * 60)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    assert not kept.keep("03" * 32, b"x")
    assert [file.name for file in (tmp_path / "acme").iterdir()] == ["01" * 32]
