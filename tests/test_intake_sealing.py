"""Sealing: the log's own format, a digest that retries reproduce, nothing left of who is forgotten."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onrecord_events.envelope import to_bytes
from onrecord_events.sealed import Sealed, blind_index, open_sealed
from onrecord_services.intake.field_sealer import FieldSealer, Index
from onrecord_services.intake.parsed import Heard
from onrecord_services.intake.sealing import Sealer
from onrecord_services.keystore import KeyStore, PersonKey


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    store = KeyStore.open(tmp_path, "acme")
    yield store
    store.close()


def heard(**over: Any) -> Heard:
    said: dict[str, Any] = {
        "id": "A",
        "source": "crm",
        "type": "complaint.registered",
        "stream": "complaint/A",
        "occurred_at": datetime(2026, 7, 11, tzinfo=UTC),
        "version": 1,
        "data": {"severity": "minor", "customer": "C-1"},
        "clear": {"name": "王小明", "phone": "139 1234-5678"},
        "person": "C-1",
        "canonical": b"[1]",
        "identity": b"i" * 16,
    }
    return Heard(**(said | over))


@given(st.text(max_size=40))
def test_the_index_is_the_logs_own(clear: str) -> None:
    assert Index(b"k" * 32).of(clear) == blind_index(clear, b"k" * 32)


@given(st.text(max_size=100))
def test_what_is_sealed_opens_by_the_logs_own_format(clear: str) -> None:
    key = PersonKey("ab" * 16, b"s" * 32)
    fields = FieldSealer(key, Index(b"k" * 32)).seal("complaint.registered", {"name": clear, "words": "x"})
    field = Sealed.model_validate(fields["name"])
    assert open_sealed(field, key=key.secret, place="complaint.registered.name") == clear
    assert fields["name"]["nonce"] != fields["words"]["nonce"]


async def test_an_event_is_sealed_under_its_persons_key_and_nothing_is_left_in_clear(keys: KeyStore) -> None:
    sealer = Sealer(keys)
    new = sealer.seal(heard(), await sealer.sealers_for([heard()]))
    raw = to_bytes("acme", new)
    assert "王小明".encode() not in raw
    assert b"1234-5678" not in raw  # four digits alone may stand in any digest by chance
    assert b"13912345678" not in raw
    assert new.data["name"]["key"] == keys.id_of("C-1")
    assert new.data["phone"]["index"] == blind_index("13912345678", keys.index_key)
    assert new.data["severity"] == "minor"


async def test_equal_input_has_an_equal_digest_though_ciphertexts_differ(keys: KeyStore) -> None:
    sealer = Sealer(keys)
    sealers = await sealer.sealers_for([heard()])
    first, second = sealer.seal(heard(), sealers), sealer.seal(heard(), sealers)
    assert first.data["name"] != second.data["name"]
    assert first.input_mac == second.input_mac == sealer.mac_of_known(heard())
    other = sealer.seal(heard(clear={"name": "李四", "phone": "139 1234-5678"}), sealers)
    assert other.input_mac != first.input_mac
    assert sealer.seal(heard(canonical=b"[2]"), sealers).input_mac != first.input_mac


async def test_the_digest_of_a_forgotten_person_cannot_be_made_again(keys: KeyStore) -> None:
    sealer = Sealer(keys)
    before = sealer.seal(heard(), await sealer.sealers_for([heard()])).input_mac
    keys.forget(keys.id_of("C-1"))
    assert sealer.mac_of_known(heard()) is None
    assert sealer.seal(heard(), await sealer.sealers_for([heard()])).input_mac != before
