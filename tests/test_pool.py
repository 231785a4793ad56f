"""The pool of the API: connections made when needed, none left behind."""

from onrecord_services.api.pool import Pool
from onrecord_services.engines import Engines


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
