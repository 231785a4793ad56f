"""The library's ProjectionRunner with a PostgreSQL view doing one upsert an event: what we compare with."""

import time
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate
from eventsourcing.persistence import Tracking, TrackingRecorder
from eventsourcing.postgres import PostgresTrackingRecorder
from eventsourcing.projection import Projection, ProjectionRunner
from persistence import postgres
from psycopg.sql import SQL, Identifier

from onrecord_services.engines import Engines

EVENTS_AN_AGGREGATE = 10


class Stories(Application[UUID]):
    """Where the events are."""


class Counts(TrackingRecorder):
    """How many events each aggregate had."""

    def count(self, aggregate: str, tracking: Tracking) -> None:
        """One more."""
        raise NotImplementedError


class PostgresCounts(PostgresTrackingRecorder, Counts):
    """One upsert and the position, one transaction an event."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.check_identifier_length("counts")
        table = (Identifier(self.datastore.schema), Identifier("counts"))
        self.sql_create_statements.append(
            SQL("CREATE TABLE IF NOT EXISTS {}.{} (aggregate text PRIMARY KEY, n bigint)").format(*table)
        )
        self._upsert = SQL(
            "INSERT INTO {}.{} AS c VALUES (%s, 1) ON CONFLICT (aggregate) DO UPDATE SET n = c.n + 1"
        ).format(*table)

    def count(self, aggregate: str, tracking: Tracking) -> None:
        """One more."""
        with self.datastore.transaction(commit=True) as cursor:
            self._insert_tracking(cursor, tracking)
            cursor.execute(self._upsert, (aggregate,))


class CountsProjection(Projection[Counts]):
    """Every event is an upsert."""

    name = "counts"

    def process_event(self, domain_event: Any, tracking: Tracking) -> None:
        """Count it."""
        self.view.count(str(domain_event.originator_id), tracking)


def events_per_s(engines: Engines, events: int) -> float:
    """How fast the library's runner catches up with so many events."""
    env = postgres(engines)
    with psycopg.connect(engines.postgres_dsn("onrecord_owner"), autocommit=True) as connection:
        connection.execute("DROP SCHEMA eventsourcing CASCADE; CREATE SCHEMA eventsourcing")
    application = Stories(env)
    for _ in range(events // EVENTS_AN_AGGREGATE):
        aggregate = Aggregate()
        for _ in range(EVENTS_AN_AGGREGATE - 1):
            aggregate.trigger_event(Aggregate.Event)
        application.save(aggregate)
    last = application.recorder.max_notification_id()
    began = time.perf_counter()
    with ProjectionRunner(
        application_class=Stories, projection_class=CountsProjection, view_class=PostgresCounts, env=env
    ) as runner:
        runner.wait(last, timeout=600)
        spent_s = time.perf_counter() - began
    application.close()
    return events / spent_s
