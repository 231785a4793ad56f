"""Sealed: a personal field as it is stored, readable only while its person's key exists.

AES-256-GCM (NIST SP 800-38D), 96-bit nonce, the field's place as associated data, so that a ciphertext
cannot be moved to another field or person. The blind index is HMAC-SHA256 under the tenant's index key.
"""

import base64
import hashlib
import hmac
import unicodedata
from typing import Annotated

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel, ConfigDict, StringConstraints

from onrecord_events.errors import EventError

NONCE_BYTES = 12
KEY_BYTES = 32
CLEAR_CHARS_MAX = 4_000
INDEXED_FIELDS = frozenset({"name", "phone"})
"""What somebody is looked up by. Free words get no index: it would only show who said the same."""

_Base64 = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]*={0,2}$", max_length=24_000)]


class Unsealable(EventError):
    """The field cannot be opened: its key is gone (somebody was forgotten) or the bytes were changed."""


class Sealed(BaseModel):
    """Ciphertext of one personal field."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
    """Id of the person's key, in hex."""
    nonce: _Base64
    ciphertext: _Base64
    index: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")] | None = None
    """Blind index of the normalised value: equal values of one tenant, equal index; nothing to be read."""


def seal(clear: str, *, key_id: str, key: bytes, nonce: bytes, place: str, index_key: bytes) -> Sealed:
    """`clear` sealed for `place` (`<type>.<field>`). `nonce` must never repeat under one key."""
    assert len(key) == KEY_BYTES, "a person's key is 256 bits"
    assert len(nonce) == NONCE_BYTES, "GCM's nonce is 96 bits"
    ciphertext = AESGCM(key).encrypt(nonce, clear.encode(), _bound_to(key_id, place))
    return Sealed(
        key=key_id,
        nonce=base64.b64encode(nonce).decode(),
        ciphertext=base64.b64encode(ciphertext).decode(),
        index=blind_index(clear, index_key),
    )


def open_sealed(field: Sealed, *, key: bytes, place: str) -> str:
    """The clear text. Raises Unsealable if key, place or bytes are not the ones it was sealed with."""
    try:
        return (
            AESGCM(key)
            .decrypt(
                base64.b64decode(field.nonce), base64.b64decode(field.ciphertext), _bound_to(field.key, place)
            )
            .decode()
        )
    except InvalidTag:
        raise Unsealable(f"{place}: the key does not open it") from None


def blind_index(clear: str, index_key: bytes) -> str:
    """128 bits that find equal values again: spaces, dashes, case and width do not matter."""
    folded = unicodedata.normalize("NFKC", clear).casefold()
    kept = "".join(char for char in folded if char.isalnum() or char == "+")
    return hmac.new(index_key, (kept or folded).encode(), hashlib.sha256).hexdigest()[:32]


def _bound_to(key_id: str, place: str) -> bytes:
    return f"{key_id}/{place}".encode()
