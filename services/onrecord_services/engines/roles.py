"""Who may do what in PostgreSQL: one source for the embedded server and for `deploy/postgres/roles.sql`.

`onrecord_owner` makes schemas and tables and grants rights on them; `onrecord_writer` projects;
`onrecord_reader` answers queries; `onrecord_notices` reads clocks and events, and keeps how far it told whom.
None of them is a superuser, and nothing is open to everybody.
"""

from typing import Literal, get_args

Role = Literal["onrecord_owner", "onrecord_writer", "onrecord_reader", "onrecord_notices"]
ROLES: tuple[Role, ...] = get_args(Role)
DATABASE = "onrecord"

MAKE_ROLES = "\n".join(
    f"""\
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN CREATE ROLE {role}; END IF;
END $$;
ALTER ROLE {role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS;"""
    for role in ROLES
)

FIND_DATABASE = f"SELECT FROM pg_database WHERE datname = '{DATABASE}'"
MAKE_DATABASE = (
    f"CREATE DATABASE {DATABASE} OWNER onrecord_owner TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C'"
)

# In the database itself. Rights on a schema are granted by whoever makes it, so a new one starts closed.
CLOSE_DATABASE = f"""\
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC;
GRANT CONNECT, TEMPORARY ON DATABASE {DATABASE} TO onrecord_owner, onrecord_writer;
GRANT CONNECT ON DATABASE {DATABASE} TO onrecord_reader, onrecord_notices;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE onrecord_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER ROLE onrecord_reader IN DATABASE {DATABASE} SET default_transaction_read_only = on;
ALTER ROLE onrecord_writer IN DATABASE {DATABASE} SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE onrecord_reader IN DATABASE {DATABASE} SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE onrecord_notices IN DATABASE {DATABASE} SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE onrecord_reader IN DATABASE {DATABASE} SET statement_timeout = '30s';
"""


def render_sql() -> str:
    """The same as a script for psql, run once by a superuser; running it again changes nothing."""
    return (
        "-- Rendered from onrecord_services/engines/roles.py; a test holds the two together.\n"
        "-- Passwords are set apart, so that none stands here: \\password onrecord_owner, and so on.\n"
        "\\set ON_ERROR_STOP on\n"
        f"{MAKE_ROLES}\n"
        f"SELECT $make${MAKE_DATABASE}$make$ WHERE NOT EXISTS ({FIND_DATABASE}) \\gexec\n"
        f"\\connect {DATABASE}\n"
        f"{CLOSE_DATABASE}"
    )
