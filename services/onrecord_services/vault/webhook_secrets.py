"""Webhook secrets: what signs lies sealed in PostgreSQL; the key that opens it lies in a file apart.

AES-256-GCM, bound to tenant and webhook, so that no row's secret can be moved to another row. A dump of
PostgreSQL signs nothing, nor does a copy of the key alone. The file holds 32 random bytes, mode 0600.
"""

import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from onrecord_services.keystore import sync_folder

_KEY_BYTES = 32
_NONCE_BYTES = 12


class BadWebhookKey(Exception):
    """The key file cannot be used; the words say which and what to do."""


class CannotOpen(Exception):
    """A secret was sealed under another key, for another webhook, or was damaged."""


class SecretSealer:
    """Seals and opens under one site's key."""

    def __init__(self, key: bytes) -> None:
        self._key = AESGCM(key)

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """The key of this file, made if there is none. Raises BadWebhookKey."""
        try:
            key = _read_or_make(path)
        except OSError as error:
            raise BadWebhookKey(f"{path} cannot be read or made: {error.strerror}") from None
        if len(key) != _KEY_BYTES:
            raise BadWebhookKey(f"{path} is damaged: put it back from a backup")
        return cls(key)

    def seal(self, tenant: str, webhook: str, secret: str) -> bytes:
        """What PostgreSQL may keep."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._key.encrypt(nonce, secret.encode(), _bound_to(tenant, webhook))

    def open(self, tenant: str, webhook: str, sealed: bytes) -> str:
        """The secret in clear. Raises CannotOpen."""
        nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._key.decrypt(nonce, ciphertext, _bound_to(tenant, webhook)).decode()
        except (InvalidTag, ValueError):
            raise CannotOpen(f"the secret of webhook {webhook} does not open under this key") from None


def _bound_to(tenant: str, webhook: str) -> bytes:
    return f"webhook/{tenant}/{webhook}".encode()


def _read_or_make(path: Path) -> bytes:
    """Whoever comes first makes it, whole before anybody can see it; everybody reads the same."""
    with suppress(FileNotFoundError):
        return path.read_bytes()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    begun = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(begun, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(begun, path)
    finally:
        begun.unlink()
    sync_folder(path.parent)
    return path.read_bytes()
