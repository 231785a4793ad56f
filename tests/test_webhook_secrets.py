"""What signs webhooks at rest: under a key of its own, in a file that nobody else may read."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from onrecord_services.vault.webhook_secrets import BadWebhookKey, CannotOpen, SecretSealer


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "webhooks.key"


def test_the_key_is_made_once_for_its_owner_alone(path: Path) -> None:
    sealed = SecretSealer.of_file(path).seal("acme", "wh-1", "whsec_AAAA")
    assert SecretSealer.of_file(path).open("acme", "wh-1", sealed) == "whsec_AAAA"
    assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_size) == (0o600, 32)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [file.name for file in path.parent.iterdir()] == ["webhooks.key"]


def test_all_who_come_at_once_get_the_same_key(path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        sealers = list(pool.map(lambda _: SecretSealer.of_file(path), range(32)))
    sealed = sealers[0].seal("acme", "wh-1", "whsec_AAAA")
    assert {sealer.open("acme", "wh-1", sealed) for sealer in sealers} == {"whsec_AAAA"}


def test_the_same_secret_is_never_sealed_alike() -> None:
    sealer = SecretSealer(b"k" * 32)
    assert len({sealer.seal("acme", "wh-1", "whsec_AAAA") for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("key", "tenant", "webhook", "nth"),
    [
        pytest.param(b"x", "acme", "wh-1", None, id="another-key"),
        pytest.param(b"k", "other", "wh-1", None, id="another-tenant"),
        pytest.param(b"k", "acme", "wh-2", None, id="another-webhook"),
        pytest.param(b"k", "acme", "wh-1", 0, id="nonce-damaged"),
        pytest.param(b"k", "acme", "wh-1", -1, id="tag-damaged"),
    ],
)
def test_a_secret_opens_only_where_it_was_sealed(
    key: bytes, tenant: str, webhook: str, nth: int | None
) -> None:
    sealed = bytearray(SecretSealer(b"k" * 32).seal("acme", "wh-1", "whsec_AAAA"))
    if nth is not None:
        sealed[nth] ^= 1
    with pytest.raises(CannotOpen):
        SecretSealer(key * 32).open(tenant, webhook, bytes(sealed))


@pytest.mark.parametrize("sealed", [b"", b"short", b"x" * 27])
def test_what_is_too_short_to_be_sealed_is_refused(sealed: bytes) -> None:
    with pytest.raises(CannotOpen):
        SecretSealer(b"k" * 32).open("acme", "wh-1", sealed)


def test_a_damaged_key_file_is_refused_and_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"x" * 31)
    with pytest.raises(BadWebhookKey, match="damaged"):
        SecretSealer.of_file(path)
    assert path.read_bytes() == b"x" * 31


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadWebhookKey, match="cannot be read"):
        SecretSealer.of_file(tmp_path)
