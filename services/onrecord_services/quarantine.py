"""Quarantine: what intake could not read, kept sealed under its digest, so that somebody can look into it.

Never in clear, never more than fits: when the tenant's share or the disk is full, nothing is kept, and the
refusal says so (`kept`). One file a body, whole or not at all.
"""

import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from onrecord_events.subjects import tenant_token

FILES_MAX = 20_000
BYTES_MAX = 256_000_000
_NONCE_BYTES = 12


class Unreadable(Exception):
    """The kept bytes are gone, changed, or sealed under another key."""


class Quarantine:
    """One tenant's refused bodies."""

    def __init__(self, folder: Path, tenant: str, key: bytes, *, bytes_max: int = BYTES_MAX) -> None:
        self._folder = folder / tenant_token(tenant)
        self._key = AESGCM(key)
        self._bytes_max = bytes_max
        self._files, self._bytes = self._measure()

    def keep(self, digest: str, raw: bytes) -> bool:
        """Keep `raw` under its SHA-256, in hex. False if it could not be kept."""
        path = self._folder / digest
        try:
            if path.exists():
                return True
            if self._files >= FILES_MAX or self._bytes + len(raw) > self._bytes_max:
                return False
            self._write(path, self._sealed(digest, raw))
        except OSError:
            return False  # a full disk must not keep the sender from its answer
        self._files += 1
        self._bytes += len(raw)
        return True

    def open(self, digest: str) -> bytes:
        """What was kept under this digest. Raises Unreadable."""
        try:
            sealed = (self._folder / digest).read_bytes()
            return self._key.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], digest.encode())
        except (OSError, InvalidTag, ValueError):
            raise Unreadable(f"no readable body is kept under {digest}") from None

    def _sealed(self, digest: str, raw: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._key.encrypt(nonce, raw, digest.encode())

    def _write(self, path: Path, sealed: bytes) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{secrets.token_hex(4)}")
        try:
            with unfinished.open("xb") as file:
                file.write(sealed)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise

    def _measure(self) -> tuple[int, int]:
        try:
            sizes = [entry.stat().st_size for entry in os.scandir(self._folder)]
        except OSError:
            return 0, 0
        return len(sizes), sum(sizes)
