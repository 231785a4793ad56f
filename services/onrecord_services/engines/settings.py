"""PostgreSQL's settings, each with its reason: one source, embedded and in production."""

from collections.abc import Mapping
from typing import NamedTuple


class Setting(NamedTuple):
    """One line of the configuration."""

    name: str
    value: str
    reason: str


_ALWAYS = (
    Setting("fsync", "on", "what is committed is on the disk"),
    Setting("synchronous_commit", "on", "a checkpoint may not run ahead of its rows, nor a receipt be lost"),
    Setting("full_page_writes", "on", "a power cut in the middle of a page must not damage it"),
    Setting("password_encryption", "'scram-sha-256'", "no password is stored that could be used as it is"),
    Setting("timezone", "'UTC'", "one zone in storage; people's zones belong to calendars"),
    Setting("log_timezone", "'UTC'", "the same in the server's log"),
    Setting("jit", "off", "our queries are short: compiling them costs more than it gives"),
    Setting("log_statement", "'none'", "statements may carry customers' words"),
    Setting("log_min_error_statement", "'panic'", "so may statements that failed"),
    Setting("log_error_verbosity", "'terse'", "DETAIL quotes the values of the row"),
    Setting("log_parameter_max_length", "0", "parameters are values too"),
    Setting("log_parameter_max_length_on_error", "0", "the same for failed statements"),
    Setting("max_wal_size", "'2GB'", "a rebuild writes much at once; fewer forced checkpoints"),
    Setting("checkpoint_completion_target", "0.9", "spread the writing, so that no reader waits"),
)

EMBEDDED = (
    *_ALWAYS,
    Setting("max_connections", "60", "a handful of services and a test run"),
    Setting("shared_buffers", "'512MB'", "holds the indexes of a million events; taken as it is needed"),
    Setting("unix_socket_permissions", "0700", "nobody but the owner may even try a password"),
    Setting("wal_level", "'minimal'", "no replica: bulk loads into new tables need no log"),
    Setting("max_wal_senders", "0", "asked for by wal_level minimal"),
    Setting(
        "max_parallel_workers_per_gather",
        "0",
        "containers give /dev/shm 64 MB, which parallel queries outgrow",
    ),
)

PRODUCTION = (
    *_ALWAYS,
    Setting("max_connections", "200", "each service holds a pool of at most 20"),
    Setting("shared_buffers", "'2GB'", "a quarter of 8 GB: set it to a quarter of yours"),
    Setting(
        "effective_cache_size",
        "'6GB'",
        "three quarters of the memory: what the planner may hope to find cached",
    ),
    Setting("wal_level", "'replica'", "a standby, and backups to a point in time"),
    Setting("wal_compression", "on", "full page images after each checkpoint shrink well"),
    Setting("ssl", "on", "rows do not travel in clear; server.crt and server.key lie in the data directory"),
)


def production() -> str:
    """`deploy/postgres/postgresql.conf`."""
    return (
        "# PostgreSQL in production. Rendered from onrecord_services/engines/settings.py; a test holds both\n"
        "# together. Include it from the server's own postgresql.conf, or start the server with it.\n"
    ) + render(PRODUCTION, {"listen_addresses": "'*'"})


def render(settings: tuple[Setting, ...], place: Mapping[str, str]) -> str:
    """The configuration file. `place` is where the server listens, which only the caller knows."""
    lines = [f"{name} = {value}" for name, value in place.items()]
    lines += [f"{setting.name} = {setting.value}  # {setting.reason}" for setting in settings]
    return "\n".join(lines) + "\n"
