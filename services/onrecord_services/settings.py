"""Settings: where a service finds its engines and where it listens, from `ONRECORD_*` variables only."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


class SettingMissing(Exception):
    """A service was started without something it needs; the words name the variable."""


@dataclass(frozen=True)
class Settings:
    """What services are told. Each takes what it needs and no more."""

    variables: Mapping[str, str]

    @classmethod
    def from_environment(cls) -> "Settings":
        """The process's own variables."""
        return cls(os.environ)

    @property
    def nats_url(self) -> str:
        """The log, with the service's own user and password."""
        return self._need("ONRECORD_NATS_URL", "nats://user:password@host:4222")

    @property
    def postgres_url(self) -> str:
        """The read models, with the service's own role."""
        return self._need("ONRECORD_POSTGRES_URL", "postgresql://role:password@host/onrecord")

    @property
    def nats_monitor_url(self) -> str | None:
        """Where the log's server says how it stores; optional, `http://host:8222`."""
        return self.variables.get("ONRECORD_NATS_MONITOR_URL")

    @property
    def keys_dir(self) -> Path:
        """The folder of the key store."""
        return Path(self._need("ONRECORD_KEYS_DIR", "/var/lib/onrecord/keys"))

    @property
    def http_host(self) -> str:
        """Where to listen; loopback unless told otherwise."""
        return self.variables.get("ONRECORD_HTTP_HOST", "127.0.0.1")

    def http_port(self, default: int) -> int:
        """The port to listen on."""
        text = self.variables.get("ONRECORD_HTTP_PORT", str(default))
        if not text.isdigit() or not 0 < int(text) < 65_536:  # noqa: PLR2004 (ports are 16 bits)
            raise SettingMissing(f"ONRECORD_HTTP_PORT is {text!r}; it must be a port, 1 to 65535")
        return int(text)

    def _need(self, name: str, example: str) -> str:
        if not (value := self.variables.get(name)):
            raise SettingMissing(f"{name} is not set; for example {name}={example}")
        return value


def without_password(url: str) -> str:
    """An address fit for a log line."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}{parts.path}"
