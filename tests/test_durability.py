"""Whether the log's server syncs before it answers is asked of a real server."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from onrecord_services.durability import NotDurable, refuse_forgetful, word_on
from onrecord_services.engines import Engines
from onrecord_services.engines.nats import find_program, free_port


@contextmanager
def server(folder: Path, setting: str | None) -> Iterator[str]:
    """A nats-server with one setting of its own, or with no log at all; its monitoring address."""
    port, monitor = free_port(), free_port()
    config = folder / "nats.conf"
    log = f'jetstream {{ store_dir: "{folder / "store"}", {setting} }}\n' if setting else ""
    config.write_text(f'listen: "127.0.0.1:{port}"\nhttp: "127.0.0.1:{monitor}"\n{log}')
    process = subprocess.Popen([find_program(), "-c", str(config)], stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{monitor}"
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder / "store", ignore_errors=True)


def until_answered(monitor: str) -> str:
    give_up_at = time.monotonic() + 10
    while "does not answer" in (said := word_on(monitor)) and time.monotonic() < give_up_at:
        continue
    return said


def test_a_server_that_syncs_always_is_taken(tmp_path: Path) -> None:
    with server(tmp_path, "sync_interval: always") as monitor:
        assert until_answered(monitor) == "the log is on the disk before it answers"


def test_a_server_with_the_default_is_refused(tmp_path: Path) -> None:
    with (
        server(tmp_path, "max_file: 1G") as monitor,
        pytest.raises(NotDurable, match="sync_interval: always"),
    ):
        until_answered(monitor)


def test_a_server_whose_log_is_not_up_yet_is_said_to_be_unchecked(tmp_path: Path) -> None:
    with server(tmp_path, None) as monitor:
        give_up_at = time.monotonic() + 10
        while "JetStream is not up" not in (said := word_on(monitor)) and time.monotonic() < give_up_at:
            continue
    assert said == f"durability of the log not checked: {monitor} does not answer (JetStream is not up)"


def test_a_server_that_cannot_be_asked_is_said_to_be_unchecked() -> None:
    assert "not checked" in word_on(None)
    assert "does not answer" in word_on(f"http://127.0.0.1:{free_port()}")


def test_our_own_server_syncs_always(engines: Engines) -> None:
    refuse_forgetful(f"http://127.0.0.1:{engines.nats.http_port}")
