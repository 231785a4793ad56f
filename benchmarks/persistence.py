"""A durable save through our persistence module and through PostgreSQL's: `python benchmarks/persistence.py`.

One application, two persistence modules, the embedded engines as shipped: both sync every commit to the disk.
Rounds are interleaved, so that a busy machine slows both. A save is one new event of an aggregate, and no
thread shares an aggregate. Needs the extra `dev`.
"""

import argparse
import itertools
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from psycopg.conninfo import conninfo_to_dict

from onrecord_services.engines import Engines

EVENTS_AN_AGGREGATE = 10
BAR = 1.0


def jetstream(engines: Engines) -> dict[str, str]:
    return {
        "PERSISTENCE_MODULE": "onrecord_events.persistence",
        "NATS_URL": engines.nats_url("operator"),
    }


def postgres(engines: Engines) -> dict[str, str]:
    """The library's own module, given a schema of its own in our PostgreSQL."""
    dsn = engines.postgres_dsn("onrecord_owner")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS eventsourcing")
        durable = {
            name: connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")
        }
        assert set(durable.values()) == {("on",)}, f"not durable: {durable}"
    known = conninfo_to_dict(dsn)
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": str(known["dbname"]),
        "POSTGRES_HOST": str(known["host"]),
        "POSTGRES_PORT": str(known.get("port", 5432)),
        "POSTGRES_USER": str(known["user"]),
        "POSTGRES_PASSWORD": str(known["password"]),
        "POSTGRES_SCHEMA": "eventsourcing",
        "POSTGRES_POOL_SIZE": "8",
    }


def saves(application: Application[UUID], saves_max: int, durations: list[float]) -> None:
    """One thread's work: a save at a time, each on the disk before the next."""
    aggregate = Aggregate()
    for nth in range(saves_max):
        if nth % EVENTS_AN_AGGREGATE:
            aggregate.trigger_event(Aggregate.Event)
        else:
            aggregate = Aggregate()
        begin = time.perf_counter()
        application.save(aggregate)
        durations.append(time.perf_counter() - begin)


def round_of(application: Application[UUID], threads: int, saves_a_thread: int) -> tuple[float, float]:
    """Saves a second, and the median of one in milliseconds."""
    durations: list[list[float]] = [[] for _ in range(threads)]
    begin = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(saves, application, saves_a_thread, mine) for mine in durations]:
            done.result()
    took_s = time.perf_counter() - begin
    return threads * saves_a_thread / took_s, statistics.median(itertools.chain(*durations)) * 1e3


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rounds", type=int, default=6)
    asked.add_argument("--saves", type=int, default=250, help="a thread and round")
    options = asked.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        Engines.start(Path(folder) / "e", ephemeral=True) as engines,
    ):
        for threads in (1, 4):
            compare(engines, threads, options.rounds, options.saves)


def compare(engines: Engines, threads: int, rounds: int, saves_a_thread: int) -> None:
    """Both modules in turn, and the ratio of their median rates."""
    settings = {"JetStream": jetstream(engines), "PostgreSQL": postgres(engines)}
    applications = {name: Application[UUID](env) for name, env in settings.items()}
    for application in applications.values():
        round_of(application, threads, 20)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in applications}
    for nth in range(rounds):
        for name in sorted(applications, reverse=bool(nth % 2)):
            found[name].append(round_of(applications[name], threads, saves_a_thread))
    for application in applications.values():
        application.close()
    rates = {name: statistics.median(rate for rate, _ in rows) for name, rows in found.items()}
    print(
        f"{threads} thread{'s' * (threads > 1)}, {rounds} rounds of {threads * saves_a_thread} single saves:"
    )
    for name, rows in found.items():
        p50_ms = statistics.median(p50 for _, p50 in rows)
        best = max(rate for rate, _ in rows)
        print(f"  {name:<10} {rates[name]:7,.0f} saves/s (best {best:,.0f}), p50 {p50_ms:.2f} ms")
    ratio = rates["JetStream"] / rates["PostgreSQL"]
    bar = f" (bar {BAR:g}: {'held' if ratio >= BAR else 'MISSED'})" if threads > 1 else ""
    print(f"  ratio      {ratio:.2f}{bar}")


if __name__ == "__main__":
    main()
