"""The pool of the API: connections made when needed, none left behind."""

import psycopg

from onrecord_projections.queries.view import View
from onrecord_services.api.pool import Pool
from onrecord_services.api.reads import Reads
from onrecord_services.engines import Engines
from projecting import bench


async def test_a_connection_is_used_again(engines: Engines) -> None:
    pool = Pool(engines.postgres_dsn("onrecord_reader"))
    async with pool.connection() as first:
        pass
    async with pool.connection() as second:
        assert second is first
    await pool.close()
    assert first.closed


async def test_one_that_was_left_in_a_transaction_is_thrown_away(engines: Engines) -> None:
    pool = Pool(engines.postgres_dsn("onrecord_reader"))
    async with pool.connection() as held:
        await held.execute("BEGIN")
    assert held.closed
    await pool.close()


async def test_one_that_is_given_back_after_the_close_is_closed(engines: Engines) -> None:
    """As by an answer that streams while the service stops."""
    pool = Pool(engines.postgres_dsn("onrecord_reader"))
    async with pool.connection() as held:
        await pool.close()
        assert not held.closed
    assert held.closed


async def test_after_a_broken_one_connections_are_kept_as_before(engines: Engines) -> None:
    """As when PostgreSQL was started again under a service that goes on."""
    url = engines.postgres_dsn("onrecord_reader")
    pool = Pool(url)
    reads = Reads(pool)

    async def who(view: View) -> int:
        return int((await view.fetch("SELECT pg_backend_pid()"))[0][0])

    async with bench(engines) as made, await psycopg.AsyncConnection.connect(url, autocommit=True) as other:
        tenant = made.log.tenant
        first = await reads.ask(tenant, who)
        await other.execute("SELECT pg_terminate_backend(%s, 5000)", (first,))
        second = await reads.ask(tenant, who)
        assert first != second
        assert await reads.ask(tenant, who) == second
    await pool.close()
