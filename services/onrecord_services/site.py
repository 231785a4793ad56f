"""Site: where everything of one data folder is while `onrecord up` runs on it.

`site.json` in the data folder, mode 0600: it holds passwords, so that commands of the same user find their
way in without asking. It is written when everything is up and removed at the stop.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from onrecord_services.engines import Engines
from onrecord_services.engines.permissions import SERVICES
from onrecord_services.engines.roles import ROLES
from onrecord_services.engines.secrets import write_private

FILE = "site.json"
WEBHOOK_KEY = "webhooks.key"
DEFAULT_DATA = Path("data")


class NothingRuns(Exception):
    """No `onrecord up` runs on this data folder."""


@dataclass(frozen=True)
class Site:
    """Addresses (with passwords: never print one), the key folder, and where the services listen."""

    nats: dict[str, str]
    postgres: dict[str, str]
    keys_dir: str
    intake_url: str
    api_url: str
    monitor_url: str = ""
    desk_url: str = ""
    notices_url: str = ""

    @classmethod
    def of(
        cls, engines: Engines, *, intake_port: int, api_port: int, desk_port: int, notices_port: int = 0
    ) -> "Site":
        """The site of engines that run."""
        return cls(
            nats={user: engines.nats_url(user) for user in SERVICES},
            postgres={role: engines.postgres_dsn(role) for role in ROLES},
            keys_dir=str(engines.data_folder / "keys"),
            intake_url=f"http://127.0.0.1:{intake_port}",
            api_url=f"http://127.0.0.1:{api_port}",
            desk_url=f"http://127.0.0.1:{desk_port}",
            notices_url=f"http://127.0.0.1:{notices_port}" if notices_port else "",
            monitor_url=f"http://127.0.0.1:{engines.nats.http_port}",
        )

    def write(self, data: Path) -> None:
        """Let other commands find it."""
        write_private(data / FILE, json.dumps(asdict(self)).encode())

    @property
    def webhook_key_file(self) -> Path:
        """The key that opens webhooks' secrets; beside the tenants' keys, apart from PostgreSQL."""
        return Path(self.keys_dir) / WEBHOOK_KEY

    @classmethod
    def find(cls, data: Path) -> "Site":
        """The site that runs on a data folder. Raises NothingRuns."""
        try:
            return cls(**json.loads((data / FILE).read_text()))
        except FileNotFoundError:
            raise NothingRuns(
                f"nothing runs on {data}: start it with `onrecord up --data {data}` in another terminal"
            ) from None


def forget(data: Path) -> None:
    """Nothing runs here any more."""
    (data / FILE).unlink(missing_ok=True)
