"""NATS's configuration, each setting with its reason: one source, embedded and in `deploy/nats/`."""

from collections.abc import Mapping
from pathlib import Path

from onrecord_services.engines import permissions

PID_FILE = "nats-server.pid"

_SHARED = """\
max_payload: 1MB # an event is a few hundred bytes; this bounds what one sender can make us hold
ping_interval: "20s" # a client that vanished is noticed within a minute,
ping_max: 2 # and so its place is free for the one that comes back
jetstream {{
  store_dir: {store_dir}
  sync_interval: always # acknowledged means on the disk; by default up to two minutes are not
  limits {{
    batch {{ max_msgs: 1000 }} # a decision over several streams, or a page of an import: all or nothing
  }}{more}
}}
"""

_EMBEDDED = """\
# Written by onrecord at every start: edit nothing here.
server_name: "onrecord"
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{http_port}"
pid_file: "{pid_file}" # whoever lets a publisher in asks this process to read its list again
"""

_PRODUCTION = """\
# The log in production. Rendered from onrecord_services/engines/nats_config.py; a test holds both together.
# What differs from place to place stands in the files beside it: tls.conf, cluster.conf, publishers.conf.
# Passwords come from the environment (ONRECORD_NATS_OPERATOR, _INTAKE, _DESK, _CLOCK, _NOTICES, _READER);
# begin them with a letter, or the server reads them as numbers.
server_name: $ONRECORD_NATS_NAME # a node keeps its name, or its streams take it for a stranger
listen: "0.0.0.0:4222"
http: "127.0.0.1:8222" # monitoring knows no passwords: this machine only
max_connections: 1000 # services hold one or two each; the rest is for publishers
write_deadline: "10s" # a client that does not read is cut off, not waited for
lame_duck_duration: "30s" # at a planned stop clients move over first
lame_duck_grace_period: "5s" # and are told this long before
include "./tls.conf"
include "./cluster.conf"
"""

_PRODUCTION_LIMITS = """
  max_memory_store: 1GB # streams live on the disk; consumers of readers take a little memory
  max_file_store: 200GB # below the disk's size: a full disk stops the log in the middle of a write"""


def embedded(port: int, http_port: int, store_folder: Path, passwords: Mapping[str, str]) -> str:
    """For one server on loopback, started by us."""
    quoted = {name: f'"{password}"' for name, password in passwords.items()}
    return (
        _EMBEDDED.format(port=port, http_port=http_port, pid_file=store_folder.parent / PID_FILE)
        + _SHARED.format(store_dir=f'"{store_folder}"', more="")
        + permissions.render_accounts(quoted)
    )


def production() -> str:
    """For servers of one's own: the same streams, rights and durability."""
    variables: dict[str, str] = {name: f"$ONRECORD_NATS_{name.upper()}" for name in permissions.SERVICES}
    return (
        _PRODUCTION
        + _SHARED.format(store_dir='"/var/lib/nats"', more=_PRODUCTION_LIMITS)
        + permissions.render_accounts(variables)
    )
