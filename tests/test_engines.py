import psycopg

from onrecord_services.engines import Engines


def test_both_engines_answer(engines: Engines) -> None:
    with psycopg.connect(engines.postgres_dsn("onrecord_owner")) as owner:
        assert owner.execute("SELECT current_user, current_database()").fetchone() == (
            "onrecord_owner",
            "onrecord",
        )
