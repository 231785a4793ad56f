"""What all tests share: one NATS and one PostgreSQL for the whole run. Tests keep apart by tenant."""

from collections.abc import Iterator

import pytest

from onrecord_services.engines import Engines


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    with Engines.start(tmp_path_factory.mktemp("engines"), ephemeral=True) as running:
        yield running
