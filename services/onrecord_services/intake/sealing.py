"""Sealing: personal words become ciphertext before anything is appended.

The keyed digest of the input (`input_mac`) lets a retry be told from a conflict although no two ciphertexts are
equal. Its personal part is keyed by the person's own key: who is forgotten cannot be guessed at through it.
"""

import asyncio
import hmac
import os
from collections.abc import Iterable, Mapping
from datetime import datetime

import msgspec

from onrecord_events import sealed
from onrecord_events.envelope import New
from onrecord_events.intake import Refused
from onrecord_services.intake.parsed import Heard, Parsed, Refusal
from onrecord_services.keystore import KeyStore, PersonKey

_encode = msgspec.json.Encoder(order="deterministic").encode


class Sealer:
    """Seals for one tenant."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._mac_key = hmac.digest(keys.index_key, b"onrecord input mac", "sha256")

    async def keys_for(self, parsed: Iterable[Parsed]) -> Mapping[str, PersonKey]:
        """A key for everybody whose words are to be sealed; new ones are on disk, by one sync, on return."""
        persons = {one.person for one in parsed if isinstance(one, Heard) and one.person}
        if self._keys.has_all(persons):
            return self._keys.keys_of(persons)
        return await asyncio.to_thread(self._keys.keys_of, persons)

    def mac(self, parsed: Parsed, key: bytes | None) -> str:
        """128 bits that equal input reproduces."""
        if isinstance(parsed, Refusal):
            return parsed.digest[:32]
        said = parsed.canonical
        if parsed.clear:
            assert key is not None, "personal words are digested under their person's key"
            said += hmac.digest(key, _encode(parsed.clear), "sha256")
        return hmac.digest(self._mac_key, said, "sha256").hex()[:32]

    def mac_of_known(self, parsed: Parsed) -> str | None:
        """The digest of input that was seen before; None if its person was forgotten since."""
        if isinstance(parsed, Refusal) or not parsed.clear:
            return self.mac(parsed, None)
        assert parsed.person is not None, "personal words belong to somebody"
        key = self._keys.key_if_any(self._keys.id_of(parsed.person))
        return None if key is None else self.mac(parsed, key)

    def seal(self, heard: Heard, keys: Mapping[str, PersonKey]) -> New:
        """The event as the log may have it."""
        key = keys[heard.person] if heard.person else None
        data = heard.data
        if key is not None:
            data = {**data, **{name: self._sealed(heard, name, key) for name in sorted(heard.clear)}}
        return New(
            id=heard.id,
            source=heard.source,
            type=heard.type,
            stream=heard.stream,
            occurred_at=heard.occurred_at,
            data=data,
            actor=heard.actor,
            correlation=heard.correlation,
            causation=heard.causation,
            sequence=heard.sequence,
            version=heard.version,
            input_mac=self.mac(heard, key and key.secret),
            recorded_at=heard.recorded_at,
            captured_at=heard.captured_at,
        )

    def _sealed(self, heard: Heard, name: str, key: PersonKey) -> dict[str, str]:
        field = sealed.seal(
            heard.clear[name],
            key_id=key.id,
            key=key.secret,
            nonce=os.urandom(sealed.NONCE_BYTES),
            place=f"{heard.type}.{name}",
            index_key=self._keys.index_key,
        )
        return dict(field.__dict__)


def refused(refusal: Refusal, *, at: datetime, recorded_at: datetime | None, kept: bool) -> New:
    """A refusal as an event: it happened when it arrived."""
    return New.of(
        Refused(
            publisher=refusal.publisher,
            reason=refusal.reason,
            where=refusal.where,
            digest_sha256=refusal.digest,
            size_bytes=len(refusal.raw),
            kept=kept,
        ),
        id=refusal.digest,
        source=refusal.source,
        stream=f"intake/{refusal.publisher}",
        occurred_at=at,
        input_mac=refusal.digest[:32],
        recorded_at=recorded_at,
    )
