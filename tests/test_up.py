"""`onrecord up` from outside: it comes up, ends without a trace, goes on, and says why when it cannot."""

import os
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from onrecord_services.commands.up import held_port
from onrecord_services.engines import EngineError, Engines
from site_process import ENGINES, SERVICES, SiteProcess, environment, family, is_alive, site_on, up_argv

REFUSED_S = 40.0
TERMINAL_S = 40.0


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SiteProcess]:
    with site_on(tmp_path_factory.mktemp("up")) as running:
        yield running.start()


def refused(data: Path, *more: str) -> str:
    """Start it where it cannot start: what it says. It ends by itself, with exit code 2, leaving nobody."""
    began_at = time.monotonic()
    ended = subprocess.run(
        up_argv(data, *more),
        capture_output=True,
        text=True,
        timeout=REFUSED_S,
        check=False,
        env=environment(),
    )
    assert ended.returncode == 2, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    assert time.monotonic() - began_at < REFUSED_S
    return " ".join(ended.stderr.split())


def test_everything_is_up_once_it_says_so(site: SiteProcess) -> None:
    assert set(site.pids) == {*ENGINES, *SERVICES}
    with site.client() as api:
        assert api.get("/readyz").status_code == 200
        assert api.get("/v1/clocks").json()["items"] == []
    with site.client(intake=True) as intake:
        assert intake.get("/readyz").status_code == 200


def test_no_password_is_printed(site: SiteProcess) -> None:
    secrets_of_site = [url.rpartition("@")[0].rpartition(":")[2] for url in site.site.nats.values()]
    assert all(secret and secret not in site.said for secret in secrets_of_site)


def test_a_second_one_on_the_same_folder_is_refused(site: SiteProcess) -> None:
    assert f"is in use by process {site.pid}" in refused(site.data)
    assert set(site.pids) == {*ENGINES, *SERVICES}


@pytest.mark.parametrize("option", ["--intake-port", "--api-port"])
def test_a_taken_port_is_refused_by_its_number(tmp_path: Path, option: str) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        assert f"port {port} is taken" in refused(tmp_path / "data", option, port)


def test_two_sites_that_start_at_one_time_do_not_share_a_port() -> None:
    """Nobody listens yet, so looking is not enough."""
    with held_port(0, 0) as first, held_port(0, first) as second:
        assert first != second
        with pytest.raises(EngineError, match=f"port {first} is taken"), held_port(first, 0):
            pass
    with held_port(first, 0) as again:
        assert again == first


def test_a_folder_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "VERSION").write_text("99\n")
    assert "has version 99, this onrecord knows 1" in refused(tmp_path)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    assert "cannot be used" in refused(tmp_path / "file" / "data")


def test_a_command_without_a_running_site_says_how_to_start_one(tmp_path: Path) -> None:
    ended = SiteProcess(tmp_path / "data", tmp_path / "said").command("rebuild", "main")
    assert ended.returncode == 2
    assert "nothing runs on" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_lock_that_names_a_living_stranger_is_no_reason_to_stay_down(engines: Engines) -> None:
    """After a crash PostgreSQL's lock files name a process whose number somebody else may have by now."""
    with tempfile.TemporaryDirectory() as short:  # a socket in a deep folder would lie elsewhere
        folder = Path(short) / "postgres"
        with Engines.start(Path(short)):
            pass
        stranger = f"{engines.pids['postgres']}\n{folder / 'cluster'}\n0\n5432\n{folder / 'run'}\n\n"
        (folder / "run" / ".s.PGSQL.5432.lock").write_text(stranger)
        with Engines.start(Path(short)) as again:
            assert again.postgres.is_ready()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_and_the_next_start_goes_on(
    site: SiteProcess, number: signal.Signals
) -> None:
    key = site.key
    everybody = family(site.pid)
    assert len(everybody) > 10
    os.killpg(site.pid, number)  # as a terminal does: to the whole group
    assert site.stop(number) == 0
    assert not any(map(is_alive, everybody))
    assert not (site.data / "site.json").exists()
    site.start()
    assert site.key == key, "the key is shown at the first start only"
    with site.client() as api:
        assert api.get("/v1/clocks").status_code == 200
