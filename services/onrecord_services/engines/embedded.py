"""Engines: both servers started side by side on one data folder, and stopped with us, however we end."""

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg

from onrecord_services.engines import diagnosis, folder, permissions
from onrecord_services.engines.errors import EngineError
from onrecord_services.engines.nats import NatsServer, refuse_taken
from onrecord_services.engines.permissions import Credentials, Service
from onrecord_services.engines.postgres import PostgresServer
from onrecord_services.engines.roles import Role

_READY_SECONDS_MAX = 60.0  # crash recovery of a large folder counts too
_POLL_SECONDS = 0.01
_FREE_BYTES_MIN = 200_000_000  # a fresh folder takes 60 MB; below this a write-ahead log soon finds no room
_PORT_TRIES = 3

Server = NatsServer | PostgresServer


@dataclass
class Engines:
    """A running pair. Use as a context manager, or call `stop`."""

    data_folder: Path
    nats: NatsServer
    postgres: PostgresServer
    _lock: int
    _is_ephemeral: bool

    @classmethod
    def start(cls, data_dir: Path, *, ephemeral: bool = False, nats_port: int = 0) -> Self:
        """Both engines, ready. An ephemeral folder is thrown away at the stop; its durability is the same."""
        data_folder = data_dir.resolve()
        lock = folder.hold(data_folder)
        nats = NatsServer(data_folder / "nats", fixed_port=nats_port)
        postgres = PostgresServer(data_folder / "postgres", data_folder / "postgres-passwords.json")
        engines = cls(data_folder, nats, postgres, lock, ephemeral)
        try:
            refuse_full_disk(data_folder)
            if nats_port:
                refuse_taken(nats_port)
            engines._launch()
        except BaseException:
            engines.stop()
            raise
        return engines

    def nats_url(self, user: Service) -> str:
        """Where a service of ours connects to the log."""
        return self.nats.url(user)

    def postgres_dsn(self, role: Role) -> str:
        """Where a service of ours connects to the read models."""
        return self.postgres.dsn(role)

    def add_publisher(self, tenant: str, publisher: str) -> Credentials:
        """Let a system of this tenant hand in events; the same call gives the same credentials."""
        user = permissions.publisher_user(tenant, publisher)
        self.nats.add_publisher(user)
        return Credentials(self.nats.url(user.name), permissions.inbox_prefix(user), user.publish[0])

    @property
    def pids(self) -> dict[str, int]:
        """The servers' own process ids, by name."""
        return {kept.name: kept.pid for kept in (self.nats.kept, self.postgres.kept) if kept is not None}

    def revive(self) -> list[str]:
        """Start again what has died, with the same ports and passwords; say what was done."""
        said = []
        for server in (self.nats, self.postgres):
            kept = server.kept
            if kept is not None and (code := kept.exit_code()) is not None:
                self._start_one(server)
                _wait_until_ready(server)
                said.append(
                    f"{kept.name} (process {kept.pid}) ended with {code}: started again, nothing is lost"
                )
        return said

    def stop(self) -> None:
        """Stop both, side by side and within a bound. Stopping twice is stopping once."""
        running = [kept for kept in (self.nats.kept, self.postgres.kept) if kept is not None]
        for kept in running:
            kept.ask_to_stop()
        for kept in running:
            kept.stop()
        self.nats.kept = self.postgres.kept = None
        self.postgres.clear()
        if self._is_ephemeral:
            shutil.rmtree(self.data_folder, ignore_errors=True)
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _launch(self) -> None:
        for server in (self.nats, self.postgres):  # NATS first: it comes up while PostgreSQL's folder is made
            self._start_one(server)
        for _ in range(_PORT_TRIES):
            if not _lost_its_port(self.nats):
                break
            self._start_one(self.nats)
        for server in (self.nats, self.postgres):
            _wait_until_ready(server)
        try:
            self.postgres.prepare()
        except psycopg.Error as error:
            raise _failed(self.postgres) from error

    def _start_one(self, server: Server) -> None:
        try:
            server.launch(self._lock)
        except OSError as error:
            raise EngineError(f"{server.name} cannot start: {error.strerror} ({error.filename})") from error


def refuse_full_disk(data_folder: Path) -> None:
    """A log that cannot be written is found out now, not at the first event."""
    free_bytes = shutil.disk_usage(data_folder).free
    if free_bytes < _FREE_BYTES_MIN:
        raise EngineError(
            f"only {free_bytes // 1_000_000} MB are free on the disk of {data_folder}, "
            f"{_FREE_BYTES_MIN // 1_000_000} MB are needed: make room, or choose another folder with --data"
        )


def _wait_until_ready(server: Server) -> None:
    """Return when it answers; raise when it has ended or takes too long."""
    give_up_at = time.monotonic() + _READY_SECONDS_MAX
    while not server.is_ready():
        if server.kept is None or server.kept.exit_code() is not None or time.monotonic() > give_up_at:
            raise _failed(server)
        time.sleep(_POLL_SECONDS)


def _lost_its_port(nats: NatsServer) -> bool:
    """Wait for NATS; True if another program took the port that we had found free."""
    while not nats.is_ready():
        if nats.kept is None or nats.kept.exit_code() is not None:
            return not nats.fixed_port and diagnosis.is_port_taken(nats.log_path, nats.log_from)
        time.sleep(_POLL_SECONDS)
    return False


def _failed(server: Server) -> EngineError:
    return EngineError(f"{server.name} did not start: {diagnosis.explain(server.log_path, server.log_from)}")
