"""What all tests share: one NATS and one PostgreSQL for the whole run. Tests keep apart by tenant."""

import os
import signal
from collections.abc import Iterator

import pytest

from onrecord_services.engines import Engines

os.environ["COLUMNS"] = "300"  # what is printed is looked at by the word: no table may break one
LONG = ("bad_days", "payroll", "walking", "whatif_run", "up", "two_times", "permutations", "fuzzed_bodies")
"""Files that take longest, first: of those that begin last, one process of tests would do the rest alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.stem.removeprefix("test_") not in LONG)


@pytest.fixture(scope="session")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    with Engines.start(tmp_path_factory.mktemp("engines"), ephemeral=True) as running:
        yield running
        for pid in running.pids.values():  # all is thrown away: no need to bring it to the disk first
            os.kill(pid, signal.SIGKILL)
