"""Sealing: personal words become ciphertext before anything is appended.

The keyed digest of the input (`input_mac`, BLAKE2b under a key) lets a retry be told from a conflict although
no two ciphertexts are equal. Its personal part is keyed by the person's own key: who is forgotten cannot be
guessed at through it.
"""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from hashlib import blake2b

import msgspec

from onrecord_events.envelope import New
from onrecord_events.intake import Refused
from onrecord_services.intake.field_sealer import FieldSealer, Index
from onrecord_services.intake.parsed import Heard, Parsed, Refusal
from onrecord_services.keystore import KeyStore, PersonKey

_MAC_BYTES = 16

Sealers = Mapping[str, tuple[PersonKey, FieldSealer]]
"""Keys and sealers by person."""

_encode = msgspec.json.Encoder(order="deterministic").encode


class Sealer:
    """Seals for one tenant."""

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._index = Index(keys.index_key)
        self._mac_key = blake2b(b"onrecord input mac", key=keys.index_key, digest_size=32).digest()

    async def sealers_for(self, parsed: Iterable[Parsed]) -> Sealers:
        """One for everybody whose words are to be sealed; new keys are on disk, by one sync, on return."""
        persons = {one.person for one in parsed if isinstance(one, Heard) and one.person}
        if self._keys.has_all(persons):
            keys = self._keys.keys_of(persons)
        else:
            keys = await asyncio.to_thread(self._keys.keys_of, persons)
        return {person: (key, FieldSealer(key, self._index)) for person, key in keys.items()}

    def mac(self, parsed: Parsed, key: bytes | None) -> str:
        """128 bits that equal input reproduces."""
        if isinstance(parsed, Refusal):
            return parsed.digest[: 2 * _MAC_BYTES]
        digest = blake2b(parsed.canonical, key=self._mac_key, digest_size=_MAC_BYTES)
        if parsed.clear:
            assert key is not None, "personal words are digested under their person's key"
            digest.update(blake2b(_encode(parsed.clear), key=key, digest_size=_MAC_BYTES).digest())
        return digest.hexdigest()

    def mac_of_known(self, parsed: Parsed) -> str | None:
        """The digest of input that was seen before; None if its person was forgotten since."""
        if isinstance(parsed, Refusal) or not parsed.clear:
            return self.mac(parsed, None)
        assert parsed.person is not None, "personal words belong to somebody"
        key = self._keys.key_if_any(self._keys.id_of(parsed.person))
        return None if key is None else self.mac(parsed, key)

    def seal(self, heard: Heard, sealers: Sealers) -> New:
        """The event as the log may have it."""
        data, secret = heard.data, None
        if heard.person is not None:
            (_, secret), sealer = sealers[heard.person]
            data = {**data, **sealer.seal(heard.type, heard.clear)}
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
            input_mac=self.mac(heard, secret),
            recorded_at=heard.recorded_at,
            captured_at=heard.captured_at,
        )


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
        input_mac=refusal.digest[: 2 * _MAC_BYTES],
        recorded_at=recorded_at,
    )
