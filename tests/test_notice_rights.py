"""The role of notices in PostgreSQL: reads clocks and events, keeps how far it told whom, and that is all."""

from collections.abc import AsyncIterator

import psycopg
import pytest
from psycopg import sql

from onrecord_projections import generation
from onrecord_services import tenants
from onrecord_services.engines import Engines
from onrecord_services.engines.roles import Role
from telling import Office, office


@pytest.fixture(scope="module")
async def desk(engines: Engines) -> AsyncIterator[Office]:
    async with office(engines) as made:
        yield made


async def test_it_may_read_five_tables_and_write_its_own(desk: Office) -> None:
    """Everything it was granted anywhere, and nothing besides."""
    tables = await desk.fetch(
        "SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type) "
        "FROM information_schema.role_table_grants "
        "WHERE grantee = 'onrecord_notices' AND table_schema IN (%s, 'vault', 'control') GROUP BY table_name",
        desk.name,
    )
    assert dict(tables) == {
        "active": "SELECT",
        "api_keys": "SELECT",
        "cases": "SELECT",
        "checkpoint": "SELECT",
        "mail_addresses": "SELECT",
        "mail_outbox": "DELETE INSERT SELECT",
        "notice_cursors": "INSERT SELECT",
        "policy": "SELECT",
        "sla": "SELECT",
        "timeline": "SELECT",
        "webhook_tries": "DELETE INSERT SELECT",
        "webhooks": "SELECT",
    }
    columns = await desk.fetch(
        "SELECT table_name, string_agg(column_name, ' ' ORDER BY column_name) "
        "FROM information_schema.role_column_grants "
        "WHERE grantee = 'onrecord_notices' AND privilege_type = 'UPDATE' GROUP BY table_name"
    )
    assert dict(columns) == {
        "mail_addresses": "failures last_sent_at next_try_at",
        "mail_outbox": "sent_at",
        "notice_cursors": "position",
        "webhooks": "claimed_by claimed_until disabled_at failing_since failures next_try_at position "
        "previous_sealed previous_until",
    }


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("onrecord_notices", "DELETE FROM timeline"),
        ("onrecord_notices", "UPDATE checkpoint SET position = 0"),
        ("onrecord_notices", "UPDATE sla SET state = 'met'"),
        ("onrecord_notices", "TABLE penalties"),
        ("onrecord_notices", "TABLE findings"),
        ("onrecord_notices", "UPDATE control.active SET generation = 'another'"),
        ("onrecord_notices", "UPDATE vault.webhooks SET url = 'https://elsewhere.example/'"),
        ("onrecord_notices", "UPDATE vault.webhooks SET secret_sealed = ''"),
        ("onrecord_notices", "DELETE FROM vault.webhooks"),
        ("onrecord_notices", "UPDATE vault.mail_addresses SET address = 'me@example.com'"),
        ("onrecord_notices", "UPDATE vault.api_keys SET revoked_at = NULL"),
        ("onrecord_notices", "CREATE SCHEMA mine"),
        ("onrecord_notices", "CREATE TEMPORARY TABLE mine (n int)"),
        ("onrecord_writer", "TABLE vault.webhooks"),
        ("onrecord_writer", "TABLE vault.mail_addresses"),
        ("onrecord_writer", "TABLE vault.api_keys"),
        ("onrecord_writer", "TABLE vault.notice_cursors"),
        ("onrecord_reader", "TABLE vault.webhooks"),
        ("onrecord_reader", "TABLE vault.mail_addresses"),
    ],
)
async def test_what_is_not_its_business_is_refused(
    desk: Office, engines: Engines, role: Role, statement: str
) -> None:
    async with await psycopg.AsyncConnection.connect(engines.postgres_dsn(role)) as connection:
        await generation.enter(connection, desk.log.tenant)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await connection.execute(statement.encode())


async def test_read_models_of_before_it_had_a_role_are_opened_to_it(desk: Office, engines: Engines) -> None:
    schema = sql.Identifier(desk.name)
    for take_back in ("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM {}", "REVOKE ALL ON SCHEMA {} FROM {}"):
        await desk.owner.execute(sql.SQL(take_back).format(schema, sql.Identifier("onrecord_notices")))
    await tenants.prepare(desk.owner)
    async with await psycopg.AsyncConnection.connect(engines.postgres_dsn("onrecord_notices")) as connection:
        await generation.enter(connection, desk.log.tenant)
        for table in ("checkpoint", "timeline", "policy", "cases", "sla"):
            await connection.execute(sql.SQL("TABLE {}").format(sql.Identifier(table)))
