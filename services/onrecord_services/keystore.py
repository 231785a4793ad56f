"""Key store: the keys that make personal fields readable, in one file a tenant, apart from every database.

A file of fixed slots. A slot is written once, overwritten in place when its person is forgotten, and synced
both times: no copy of a key stays behind in a write-ahead log, a dump or a journal of ours. (A snapshot, or a
file system that copies on write, keeps what it kept: put the folder on neither.) A slot of 128 bytes never
straddles a disk sector, so a power cut leaves it old or new, never half.

Slots 0 and 1 hold the tenant's index key and quarantine key. A new key is on disk before its first use.
Several processes may write, one at a time (flock); readers look at the slot itself, so a key that was
destroyed elsewhere is gone here too.
"""

import fcntl
import hashlib
import hmac
import os
import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, Self

from onrecord_events.subjects import tenant_token

SLOT_BYTES = 128
KEY_ID_BYTES = 16
_KEY_BYTES = 32
_CHECKED_BYTES = SLOT_BYTES - hashlib.sha256().digest_size
_EMPTY = bytes(SLOT_BYTES)

_INDEX, _QUARANTINE, _LIVE, _FORGOTTEN = b"INDX", b"QUAR", b"LIVE", b"GONE"
_STATES = frozenset({_INDEX, _QUARANTINE, _LIVE, _FORGOTTEN})


class KeyStoreError(Exception):
    """Base of what the key store raises."""


class GarbledSlot(KeyStoreError):
    """A slot's checksum is wrong: the file was damaged. Until it is restored, personal fields stay closed."""


class NoSuchKey(KeyStoreError):
    """No key of this id: it never was, or its person was forgotten."""


class PersonKey(NamedTuple):
    """One person's key and the id it is known by."""

    id: str
    secret: bytes


class KeyStore:
    """One tenant's keys."""

    def __init__(self, file: int, tenant: str) -> None:
        self._file = file
        self._tenant = tenant
        self._slot_of: dict[bytes, int] = {}
        self._slots_known = 0
        self._threads = threading.RLock()  # flock tells processes apart, not threads
        self._read_new_slots()
        self.index_key = self._key_at(0, _INDEX)
        self.quarantine_key = self._key_at(1, _QUARANTINE)

    @classmethod
    def open(cls, folder: Path, tenant: str) -> Self:
        """The tenant's key store, made if there is none. Raises GarbledSlot, OSError."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{tenant_token(tenant)}.keys"
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            with _locked(file):
                if os.fstat(file).st_size < 2 * SLOT_BYTES:
                    _write(file, 0, _slot(_INDEX, b"", secrets.token_bytes(_KEY_BYTES)))
                    _write(file, 1, _slot(_QUARANTINE, b"", secrets.token_bytes(_KEY_BYTES)))
                    os.fsync(file)
                    sync_folder(folder)
            return cls(file, tenant)
        except BaseException:
            os.close(file)
            raise

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def id_of(self, person: str) -> str:
        """The id of a person's key: says nothing about the person to who lacks the index key."""
        return self._id_of(person).hex()

    def keys_of(self, persons: Iterable[str]) -> dict[str, PersonKey]:
        """Keys to seal with, made where there are none. All new ones are on disk, by one sync, on return."""
        wanted = {person: self._id_of(person) for person in persons}
        with self._threads:
            found = {person: self._live(key_id) for person, key_id in wanted.items()}
            if any(secret is None for secret in found.values()):
                self._make({key_id for person, key_id in wanted.items() if found[person] is None})
                found = {person: self._live(key_id) for person, key_id in wanted.items()}
        return {p: PersonKey(wanted[p].hex(), secret) for p, secret in found.items() if secret is not None}

    def has_all(self, persons: Iterable[str]) -> bool:
        """Whether `keys_of` these would find every key, and so need no sync."""
        with self._threads:
            return all(self._live(self._id_of(person)) is not None for person in persons)

    def key(self, key_id: str) -> bytes:
        """The key of this id, read from disk now. Raises NoSuchKey, GarbledSlot."""
        secret = self.key_if_any(key_id)
        if secret is None:
            raise NoSuchKey(f"tenant {self._tenant} has no key {key_id}")
        return secret

    def key_if_any(self, key_id: str) -> bytes | None:
        """The key of this id unless it never was or was destroyed. Raises GarbledSlot."""
        raw = bytes.fromhex(key_id)
        with self._threads:
            if (secret := self._live(raw)) is not None:
                return secret
            self._read_new_slots()
            return self._live(raw)

    def forget(self, key_id: str) -> bool:
        """Destroy a key; on return the disk holds it no more. False if there was none."""
        raw = bytes.fromhex(key_id)
        with self._threads, _locked(self._file):
            self._read_new_slots()
            if self._live(raw) is None:
                return False
            _write(self._file, self._slot_of[raw], _slot(_FORGOTTEN, raw, bytes(_KEY_BYTES)))
            os.fsync(self._file)
        return True

    def _id_of(self, person: str) -> bytes:
        return hmac.digest(self.index_key, person.encode(), "sha256")[:KEY_ID_BYTES]

    def _make(self, key_ids: set[bytes]) -> None:
        """Append a slot for each id that has no live key."""
        with _locked(self._file):
            self._read_new_slots()
            missing = sorted(key_id for key_id in key_ids if self._live(key_id) is None)
            for nth, key_id in enumerate(missing, start=self._slots_known):
                _write(self._file, nth, _slot(_LIVE, key_id, secrets.token_bytes(_KEY_BYTES)))
            os.fsync(self._file)
            self._read_new_slots()

    def _live(self, key_id: bytes) -> bytes | None:
        """The secret in the slot as it stands on disk now, if it is a live one."""
        nth = self._slot_of.get(key_id)
        if nth is None:
            return None
        state, found, secret = self._read(nth, os.pread(self._file, SLOT_BYTES, nth * SLOT_BYTES))
        return secret if state == _LIVE and found == key_id else None

    def _key_at(self, nth: int, state: bytes) -> bytes:
        found, _, secret = self._read(nth, os.pread(self._file, SLOT_BYTES, nth * SLOT_BYTES))
        if found != state:
            raise GarbledSlot(f"keys of tenant {self._tenant}: slot {nth} holds another kind of key")
        return secret

    def _read_new_slots(self) -> None:
        """Learn the slots appended since. An unfinished last one was never used, and is written over."""
        at = self._slots_known * SLOT_BYTES
        size = os.fstat(self._file).st_size
        if size < at:
            raise GarbledSlot(f"keys of tenant {self._tenant}: the file was cut at slot {size // SLOT_BYTES}")
        raw = os.pread(self._file, size - at, at)
        while len(raw) % SLOT_BYTES or raw[-SLOT_BYTES:] == _EMPTY:
            raw = raw[: (len(raw) - 1) // SLOT_BYTES * SLOT_BYTES]
        for start in range(0, len(raw), SLOT_BYTES):
            _, key_id, _ = self._read(self._slots_known, raw[start : start + SLOT_BYTES])
            self._slot_of[key_id] = self._slots_known
            self._slots_known += 1

    def _read(self, nth: int, raw: bytes) -> tuple[bytes, bytes, bytes]:
        """State, key id and secret of a slot. Raises GarbledSlot."""
        state, key_id, secret = raw[:4], raw[4:20], raw[20:52]
        if hashlib.sha256(raw[:_CHECKED_BYTES]).digest() != raw[_CHECKED_BYTES:] or state not in _STATES:
            raise GarbledSlot(f"keys of tenant {self._tenant}: slot {nth} is damaged; restore the file")
        return state, key_id, secret


def _slot(state: bytes, key_id: bytes, secret: bytes) -> bytes:
    checked = (state + key_id.ljust(KEY_ID_BYTES, b"\0") + secret).ljust(_CHECKED_BYTES, b"\0")
    return checked + hashlib.sha256(checked).digest()


def _write(file: int, nth: int, slot: bytes) -> None:
    written = os.pwrite(file, slot, nth * SLOT_BYTES)
    if written != SLOT_BYTES:
        raise OSError(f"wrote {written} of {SLOT_BYTES} bytes of a key")


@contextmanager
def _locked(file: int) -> Iterator[None]:
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def sync_folder(folder: Path) -> None:
    """A new name in it survives the power."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
